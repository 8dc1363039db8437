/**
 * S4, S6: one link used twenty times at once, through two servers, each time with another password. One use wins, and its password counts.
 * An activation is possible once by its nature; nothing but the link itself keeps a recovery from being repeated.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openPlace, personBody, type Person, type Place, type Storm } from './place.ts';
import { tally } from './report.ts';
import { ask, send } from './send.ts';

const USES = 20;
const MAIL_WITHIN_MS = 10_000;

interface Used {
  readonly successes: number;
  readonly refused: readonly number[];
  /** What should not be so, or nothing. */
  readonly fault: string;
}

export const links: Storm = async (parts) => {
  const rounds = parts.short ? 10 : 100;
  const place = await openPlace(parts.mongod, 'links', 2);
  const activations: Used[] = [];
  const recoveries: Used[] = [];
  try {
    const inviting = await place.client(place.tenant, 'inviting', { signInMethod: 'invite' });
    for (let round = 0; round < rounds; round++) {
      const address = `linked-${round}@people.example`;
      const { id } = await ask(place.origin(round), 'POST', '/scim/v2/Users', personBody(address), { token: inviting }) as { id: string };
      activations.push(await useAtOnce(place, { id, address }, 'invitation', 'activate'));
      if (round % 4 > 0) continue;
      await ask(place.origin(round), 'POST', '/api/v1/recover', { name: address });
      recoveries.push(await useAtOnce(place, { id, address }, 'recovery', 'recover'));
    }
  } finally {
    await place.close();
  }
  for (const [what, used] of [['activation', activations], ['recovery', recoveries]] as const) {
    const refused = used.flatMap((one) => one.refused);
    const faults = used.map(({ fault }) => fault).filter((fault) => fault !== '');
    const successes = used.map((one) => one.successes);
    const isTold = refused.every((status) => [409, 410, 503].includes(status));
    const uses = `${used.length} links, ${USES} uses at once of each`;
    parts.report.check(successes.every((count) => count === 1), `${what}: ${uses}: successes for a link ${tally(successes)}`);
    parts.report.check(isTold, `${what}: every other use is told that the link is gone, or that the server is busy: ${tally(refused)}`);
    parts.report.check(faults.length === 0, [`${what}: the password is the winner's, and was set once`, ...faults.slice(0, 5)].join('; '));
  }
};

async function useAtOnce(place: Place, person: Person, kind: string, action: string): Promise<Used> {
  const token = await tokenOf(place, person, kind);
  const passwordOf = (at: number) => `${action}: ${at} kites over the lake`;
  const use = (at: number) => send(place.origin(at), 'POST', '/api/v1/password', { token, password: passwordOf(at) });
  const signIn = (at: number) => send(place.origin(at), 'POST', '/api/v1/sign-in', { name: person.address, password: passwordOf(at) });
  const answers = await Promise.all(Array.from({ length: USES }, (_, at) => use(at)));
  const [winner = 0] = answers.flatMap(({ status }, at) => (status === 200 ? [at] : []));
  // A recovery that was asked for is in the log too, but made no version.
  const times = await place.store.collections.audit.countDocuments({ t: place.tenant, 'on.id': person.id, action, version: { $exists: true } });
  const own = await signIn(winner);
  const another = await signIn((winner + 1) % USES);
  const told = `set ${times} times, the winner's password ${own.status}, another's ${another.status}`;
  return {
    successes: answers.filter(({ status }) => status === 200).length,
    refused: answers.map(({ status }) => status).filter((status) => status !== 200),
    fault: told === "set 1 times, the winner's password 200, another's 401" ? '' : `${person.address}: ${told}`,
  };
}

/** Nobody waits for the mail of a recovery. */
async function tokenOf({ store, tenant }: Place, { id }: Person, kind: string): Promise<string> {
  const deadline = performance.now() + MAIL_WITHIN_MS;
  while (performance.now() < deadline) {
    const mail = await store.collections.outbox.findOne({ t: tenant, person: id, kind });
    const token = /[?&]token=([\w-]{43})/.exec(mail?.text ?? '')?.[1];
    if (token !== undefined) return token;
    await delay(20);
  }
  throw new Error(`no mail with a link came: ${kind}`);
}
