/**
 * F7, F8: many mails through a mail server that is away for a minute, sends every fifth message back for later and cuts the connection after DATA
 * for one in twenty, while workers are killed. Nothing is lost; a second copy comes of a cut or of a kill between DATA and the mark alone.
 */
import { startBadMailServer, type Fate, type Message } from './mail-server.ts';
import { Crew } from './crew.ts';
import { openPlace, personBody, type Place, type Storm } from './place.ts';
import { tally, type Report } from './report.ts';
import { ask, eachOf } from './send.ts';

const WORKERS = 3;
const MINUTE_MS = 60_000;
/** The workers' own rhythm is two seconds; no wait between two attempts is near to this. */
const STEP_MS = 5_000;
const KILLS = ['before the answer', 'after the answer', 'a moment later'] as const;

export const mail: Storm = async (parts) => {
  const [mails, kills] = parts.short ? [150, 3] : [1000, 10];
  const place = await openPlace(parts.mongod, 'mail', 1);
  const killed: number[] = [];
  const server = await startBadMailServer(WORKERS, planOf(mails, kills), (worker) => {
    if (crew.kill(worker)) killed.push(worker);
  });
  const crew = new Crew(server.ports.map((port) => ({ MONGODB_URI: place.uri, SMTP_URL: `smtp://127.0.0.1:${port}`, LOG_LEVEL: 'fatal' })));
  try {
    await invite(place, mails);
    const began = Date.now();
    const { ended, left } = await sendAll(place, crew, began, server.open);
    const minutes = Math.round((ended - began) / MINUTE_MS);
    parts.report.note(`${mails} mails, the last one sent after ${minutes} minutes of the workers' clock`);
    parts.report.note(`the mail server has read ${server.messages.length} messages: ${tally(server.messages.map(({ outcome }) => outcome))}`);
    parts.report.check(killed.length === kills, `${killed.length} workers were killed, which left ${left.length} mails with nobody`);
    await look(place, parts.report, { mails, messages: server.messages, left });
  } finally {
    await crew.end();
    await server.close();
    await place.close();
  }
};

/** Counted in messages that were read. Kills come at even distances, each in another gap. */
function planOf(mails: number, kills: number): (message: number) => Fate {
  const distance = Math.floor(mails / kills / 20) * 20;
  return (message) => {
    if (message % 5 === 4) return { outcome: 'later' };
    if (message % 20 === 7) return { outcome: 'cut' };
    const turn = (message - 3) / distance;
    const kill = Number.isInteger(turn) && turn < kills ? KILLS[turn % KILLS.length] : undefined;
    return { outcome: 'taken', ...(kill ? { kill } : {}) };
  };
}

/** Each is the invitation of a person whom a client creates. */
async function invite(place: Place, mails: number): Promise<void> {
  const token = await place.client(place.tenant, 'inviting', { signInMethod: 'invite' });
  await eachOf(mails, 8, async (at) => {
    await ask(place.origin(0), 'POST', '/scim/v2/Users', personBody(`mailed-${at}@people.example`), { token });
  });
}

interface Sent {
  /** By the workers' clock. */
  readonly ended: number;
  /** The mails that somebody killed had taken, once for each time. */
  readonly left: readonly string[];
}

async function sendAll({ store }: Place, crew: Crew, began: number, open: () => Promise<void>): Promise<Sent> {
  const { outbox } = store.collections;
  const left = new Map<string, string>();
  let isOpen = false;
  for (let now = began; ; ) {
    if (!isOpen && now >= began + MINUTE_MS) {
      await open();
      isOpen = true;
    }
    await crew.turn(new Date(now), ['send mail']);
    const waiting = await outbox.find({ state: 'waiting' }, { projection: { due: 1, lease: 1 } }).toArray();
    if (waiting.length === 0) return { ended: now, left: [...left.values()] };
    // Nobody is at work: who still has a mail is dead.
    for (const { _id, lease } of waiting) if (lease) left.set(`${_id} ${lease.owner}`, _id);
    const next = Math.min(...waiting.map(({ due, lease }) => (lease?.until ?? due).getTime()));
    now = Math.max(now + STEP_MS, isOpen ? next : Math.min(next, began + MINUTE_MS));
  }
}

interface Seen {
  readonly mails: number;
  readonly messages: readonly Message[];
  readonly left: readonly string[];
}

async function look({ store }: Place, report: Report, { mails, messages, left }: Seen): Promise<void> {
  const stored = await store.collections.outbox.find({}).toArray();
  const faults = { lost: [] as string[], others: [] as string[], repeated: [] as string[] };
  let again = 0;
  for (const { _id, to } of stored) {
    const own = messages.filter((message) => message.to === to.address);
    const copies = own.filter(({ outcome }) => outcome !== 'later').length;
    // As often as nobody could know whether it had arrived.
    const unknown = own.filter(({ outcome }) => outcome === 'cut').length + left.filter((id) => id === _id).length;
    if (copies === 0) faults.lost.push(_id);
    if (own.some(({ id }) => id !== `<${_id}@storm.example>`)) faults.others.push(_id);
    if (copies > 1 + unknown) faults.repeated.push(_id);
    again += Math.max(0, copies - 1);
  }
  report.check(stored.length === mails && faults.lost.length === 0, `all ${mails} mails have arrived${listed(faults.lost)}`);
  const repeated = listed(faults.repeated);
  report.check(repeated === '', `${again} copies came again: after a cut, or a kill between DATA and the mark${repeated}`);
  report.check(faults.others.length === 0, `each under one Message-ID however often${listed(faults.others)}`);
  const isDone = stored.every(({ state, lease, text }) => state === 'sent' && lease === undefined && text === '');
  report.check(isDone, `no mail is due, and none taken: ${tally(stored.map(({ state }) => state))}`);
}

const listed = (ids: readonly string[]) => (ids.length === 0 ? '' : `, but ${ids.length}: ${ids.slice(0, 5).join(' ')}`);
