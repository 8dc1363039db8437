/**
 * J10, L4: many leave dates that come at the same moment, three workers, and kill -9 of one of them again and again: before, where managers are told,
 * and when the dates act. Everybody is deactivated once, with one audit entry, and no mail is sent twice or to somebody who has left.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Crew } from './crew.ts';
import { startBadMailServer, type Message } from './mail-server.ts';
import { ACCOUNT, openPlace, personBody, type Place, type Storm } from './place.ts';
import { tally, type Report } from './report.ts';
import { ask, eachOf } from './send.ts';

const WORKERS = 3;
const MANAGERS = 20;
/** Of a worker that comes again at once, where the server's waits a minute. */
const TURNS = 10;
const DAY_MS = 24 * 60 * 60 * 1000;
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

interface Leaver {
  readonly id: string;
  readonly manager: string;
  /** A mail with a link waits for them, which must not go out any more. */
  readonly isInvited: boolean;
}

export const leavers: Storm = async ({ mongod, report, short }) => {
  const [people, kills] = short ? [200, 3] : [1000, 5];
  const place = await openPlace(mongod, 'leavers', 1);
  const server = await startBadMailServer(WORKERS, () => ({ outcome: 'taken' }), () => undefined);
  await server.open();
  const crew = new Crew(server.ports.map((port) => ({ MONGODB_URI: place.uri, SMTP_URL: `smtp://127.0.0.1:${port}`, LOG_LEVEL: 'fatal' })));
  try {
    const lastDay = new Date(Date.now() + 3 * DAY_MS).toISOString().slice(0, 10);
    const [managers, leaving] = await makePeople(place, people, lastDay);
    const killed: string[] = [];
    const turn = async (now: Date, tasks: readonly string[], progress: () => Promise<number>, isDone: () => Promise<boolean>, targets: readonly number[]) => {
      const working = new AbortController();
      const killing = killAt(crew, progress, targets, working.signal);
      await crew.turn(now, tasks);
      working.abort();
      killed.push(...(await killing));
      // What those who were killed have left: MongoDB keeps it locked for some seconds, so the worker comes to it at one of its next turns.
      for (let turns = 0; turns === 0 || (turns < TURNS && !(await isDone())); turns++) await crew.turn(now, tasks);
    };
    const { outbox, audit, credentials } = place.store.collections;
    const told = () => outbox.countDocuments({ t: place.tenant, kind: 'leaveNotice' });
    const left = () => audit.countDocuments({ t: place.tenant, action: 'leave' });
    const areTold = async () => (await credentials.countDocuments({ t: place.tenant, leaveTold: lastDay })) === people;
    const haveLeft = async () => (await left()) === people;
    const before = kills > 3 ? 2 : 1;
    await turn(new Date(), ['tell of leavers'], told, areTold, Array.from({ length: before }, (_, at) => at * MANAGERS * 2));
    const after = new Date(Date.parse(lastDay) + DAY_MS);
    await turn(after, ['act on dates', 'fold seats', 'tell of leavers'], left, haveLeft, Array.from({ length: kills - before }, (_, at) => Math.floor((people * (at + 1)) / (kills - before + 2))));
    report.check(killed.length === kills, `${killed.length} workers were killed: ${killed.join('; ')}`);
    // Behind the lease of whoever might have had a mail.
    for (const minutes of [0, 5]) await crew.turn(new Date(after.getTime() + minutes * 60_000), ['send mail']);
    await lookAtPeople(place, report, leaving);
    await lookAtSeats(place, report, managers.length, people);
    await lookAtMails(place, report, leaving, server.messages);
  } finally {
    await crew.end();
    await server.close();
    await place.close();
  }
};

/** Their notice is of today, their last day the same for all. A few have been invited and were not mailed yet. */
async function makePeople({ origin, manager: token, client, tenant }: Place, people: number, leaveDate: string): Promise<readonly [readonly string[], readonly Leaver[]]> {
  const inviting = await client(tenant, 'inviting', { signInMethod: 'invite' });
  const make = async (address: string, attributes: Parameters<typeof personBody>[1], by = token) =>
    (await ask(origin(0), 'POST', '/scim/v2/Users', personBody(address, attributes), { token: by }) as { readonly id: string }).id;
  const managers: string[] = [];
  await eachOf(MANAGERS, 8, async (at) => {
    managers[at] = await make(`manager-${at}@people.example`, {});
  });
  const leaving: Leaver[] = [];
  await eachOf(people, 8, async (at) => {
    const manager = managers[at % MANAGERS] ?? '';
    const isInvited = at % 10 === 0;
    const id = await make(`leaver-${at}@people.example`, { timezone: 'UTC', [ENTERPRISE]: { manager: { value: manager } }, [ACCOUNT]: { leaveDate } }, isInvited ? inviting : token);
    leaving[at] = { id, manager, isInvited };
  });
  return [managers, leaving];
}

/** Kills one worker after the other, each as soon as so much is done, and while they work. @returns what was done then */
async function killAt(crew: Crew, progress: () => Promise<number>, targets: readonly number[], over: AbortSignal): Promise<readonly string[]> {
  const killed: string[] = [];
  for (const [at, target] of targets.entries()) {
    let done = 0;
    // A busy MongoDB that does not answer is asked again.
    while (!over.aborted && (done = await progress().catch(() => 0)) <= target) await delay(10);
    if (over.aborted) break;
    if (crew.kill(at % WORKERS)) killed.push(`at ${done} done`);
  }
  return killed;
}

async function lookAtPeople({ store, tenant, origin, manager }: Place, report: Report, leaving: readonly Leaver[]): Promise<void> {
  const entries = await store.collections.audit.find({ t: tenant, action: 'leave' }).toArray();
  const times = new Map<string, number>();
  for (const { on } of entries) times.set(on.id, (times.get(on.id) ?? 0) + 1);
  const off = await ask(origin(0), 'GET', `/scim/v2/Users?count=0&filter=${encodeURIComponent('active eq false')}`, undefined, { token: manager }) as { readonly totalResults: number };
  report.check(off.totalResults === leaving.length, `${off.totalResults} of ${leaving.length} leavers are deactivated`);
  const wrong = leaving.filter(({ id }) => times.get(id) !== 1);
  report.check(entries.length === leaving.length && wrong.length === 0, `${entries.length} audit entries, for a person ${tally(leaving.map(({ id }) => times.get(id) ?? 0))}`);
  const versions = await store.collections.resources(store.registry.type('User')).find({ t: tenant, _id: { $in: leaving.map(({ id }) => id) } }, { projection: { v: 1 } }).toArray();
  report.check(versions.every(({ v }) => v === 2), `each is in their second version: ${tally(versions.map(({ v }) => v))}`);
}

async function lookAtSeats({ origin, client, tenant }: Place, report: Report, staying: number, leaving: number): Promise<void> {
  const token = await client(tenant, 'counting', {});
  const { now } = await ask(origin(0), 'GET', '/api/v1/seats', undefined, { token }) as { readonly now: { readonly employee: { readonly billed: number; readonly unbilled: number } } };
  const { billed, unbilled } = now.employee;
  report.check(billed === staying && unbilled === leaving, `${billed} seats are billed and ${unbilled} are not`);
}

async function lookAtMails({ store, tenant }: Place, report: Report, leaving: readonly Leaver[], messages: readonly Message[]): Promise<void> {
  const mails = await store.collections.outbox.find({ t: tenant }).toArray();
  const notices = mails.filter(({ kind }) => kind === 'leaveNotice');
  const told = new Map<string, number>();
  for (const { person, about = [] } of notices) for (const leaver of about) told.set(`${person ?? ''} ${leaver}`, (told.get(`${person ?? ''} ${leaver}`) ?? 0) + 1);
  const times = leaving.map(({ id, manager }) => told.get(`${manager} ${id}`) ?? 0);
  report.check(times.every((count) => count === 1) && told.size === leaving.length, `of each leaver the manager was told once: ${tally(times)}, in ${notices.length} mails`);
  const copies = notices.map(({ _id }) => messages.filter(({ id }) => id === `<${_id}@storm.example>`).length);
  report.check(copies.every((count) => count === 1), `each of these mails has arrived once: ${tally(copies)}`);
  const invitations = mails.filter(({ kind }) => kind === 'invitation');
  const isDropped = invitations.every(({ state }) => state === 'dropped') && invitations.length === leaving.filter(({ isInvited }) => isInvited).length;
  report.check(isDropped && messages.length === notices.length, `${invitations.length} invitations to people who have left: ${tally(invitations.map(({ state }) => state))}, nothing else was sent`);
}
