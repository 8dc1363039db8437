/** J7: 200 guesses at one account at once, through two servers. At most three are verified, and the right password among them comes too late. */
import { setTimeout as delay } from 'node:timers/promises';
import { accountOf, makePerson, openPlace, PASSWORD, type Person, type Place, type Storm } from './place.ts';
import { tally, type Report } from './report.ts';
import { ask, send, type Answer } from './send.ts';
import { followSessionsAndLocks, type SessionsAndLocks } from './sessions-and-locks.ts';
import { followVerifications, type Verification } from './verifications.ts';

const GUESSES = 200;
const RIGHT_ONES = 20;
/** `lockoutAttempts` of the default policy. */
const ATTEMPTS = 3;
const LOCKED_WITHIN_MS = 5_000;

interface Parts {
  readonly place: Place;
  readonly report: Report;
  readonly verified: (person: Person) => Promise<readonly Verification[]>;
  readonly written: (person: Person) => Promise<SessionsAndLocks>;
}

export const lockout: Storm = async ({ mongod, report, short }) => {
  const rounds = short ? 3 : 20;
  const verifications = await followVerifications();
  const place = await openPlace(mongod, 'lockout', 2, verifications.preload);
  const order = await followSessionsAndLocks(place);
  const parts = { place, report, verified: (person: Person) => verifications.of(place, person), written: order.of };
  try {
    for (let round = 0; round < rounds; round++) {
      const [guessed, mixed] = await Promise.all(['guessed', 'mixed'].map((kind) => makePerson(place, `${kind}-${round}@people.example`)));
      // Both at once: more for the servers to do between two steps of one sign-in.
      if (guessed && mixed) await Promise.all([guess(parts, guessed), guessAndKnow(parts, mixed)]);
    }
  } finally {
    await order.close();
    await place.close();
  }
};

/** Wrong ones alone: the count is exact. */
async function guess({ place, report, verified }: Parts, person: Person): Promise<void> {
  const answers = await Promise.all(Array.from({ length: GUESSES }, (_, at) => signIn(place, at, person, `guess ${at}`)));
  const { length } = await verified(person);
  report.note(`${person.address}: ${statuses(answers)}; verified ${length}`);
  report.check(length <= ATTEMPTS, `${length} of ${GUESSES} wrong guesses at once were verified, ${ATTEMPTS} may be`);
  report.check(await isLockedOnce(place, person), 'the account is locked, once');
  report.check((await signIn(place, 0, person, PASSWORD)).status === 401, 'the right password does not open it');
  await ask(place.origin(0), 'POST', `/api/v1/users/${person.id}/unlock`, {}, { token: place.manager });
  report.check((await signIn(place, 1, person, PASSWORD)).status === 200, 'it was the right one: after an unlock it does');
}

/** The right one many times among them: whoever comes in does so before the lock, and earns no more than three further attempts. */
async function guessAndKnow({ place, report, verified, written }: Parts, person: Person): Promise<void> {
  const answers = await Promise.all(withRightOnes().map((password, at) => signIn(place, at, person, password)));
  const looked = await verified(person);
  const right = looked.filter((one) => one.right).length;
  // A slow machine has refused most of them unseen, and the last one that was seen may have been right.
  for (let last = 0; last < ATTEMPTS; last++) await signIn(place, last, person, `last guess ${last}`);
  const isLocked = await isLockedOnce(place, person);
  const { lockedAt } = await accountOf(place, person);
  const after = lockedAt === undefined ? 0 : looked.filter(({ began }) => began > Date.parse(lockedAt)).length;
  const { sessions, late } = await written(person);
  const of = `${looked.length - right} wrong and ${right} right ones, ${after} of them begun after the lock`;
  report.note(`${person.address}: ${statuses(answers)}; verified ${of}`);
  report.check(isLocked, `with ${RIGHT_ONES} right ones among them the account is locked, once`);
  const but = late.length === 0 ? '' : `, but ${late.length}: made ${late.join(', ')} ms after it`;
  report.check(late.length === 0, `none of ${sessions} sessions was written after the lock${but}`);
  const most = ATTEMPTS * (1 + sessions);
  report.check(looked.length <= most, `${looked.length} were verified, with ${sessions} good sign-ins ${most} may be`);
}

/** Half of them in turns with the first wrong ones, at either server, for there the lock is made; the others anywhere behind. */
function withRightOnes(): readonly string[] {
  const first = Array.from({ length: RIGHT_ONES }, (_, at) => (at % 4 < 2 ? `first guess ${at}` : PASSWORD));
  const behind = Array.from({ length: GUESSES - RIGHT_ONES / 2 }, (_, at) => `guess ${at}`);
  for (let made = 0; made < RIGHT_ONES / 2; made++) behind.splice(Math.floor(Math.random() * behind.length), 0, PASSWORD);
  return [...first, ...behind];
}

const signIn = ({ origin }: Place, at: number, { address }: Person, password: string): Promise<Answer> =>
  send(origin(at), 'POST', '/api/v1/sign-in', { name: address, password, tenant: 'default' });
const statuses = (answers: readonly Answer[]) => tally(answers.map(({ status }) => status));

/** No guess waits for the lock that it leads to. */
async function isLockedOnce(place: Place, person: Person): Promise<boolean> {
  const { store, tenant } = place;
  const deadline = performance.now() + LOCKED_WITHIN_MS;
  while (performance.now() < deadline && (await accountOf(place, person)).status !== 'locked') await delay(20);
  const times = await store.collections.audit.countDocuments({ t: tenant, 'on.id': person.id, action: 'lock' });
  return (await accountOf(place, person)).status === 'locked' && times === 1;
}
