/** Passwords: what can be one, and how many are hashed at once (docs/decisions.md). */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { invalidValue } from '../errors.ts';
import { Gate } from '../gate.ts';
import type { Log } from '../log.ts';
import { HashingChild } from './hashing-child.ts';
import { hashHere, type Hasher } from './hashing.ts';

/** argon2 reads all of it, but nobody types more, and a longer one is an attack on the processor. */
const MOST_BYTES = 1024;

/** Less than all cores, and no more than threads that hash: another tenant kept 0.27 of its rate with a hash on each of two cores (docs/decisions.md). */
const AT_ONCE = Math.min(4, Math.max(1, availableParallelism() - 1));

/** At 16 ms each, fifty in the queue are a wait of less than a second; of some seconds where others want the processor. */
const MOST_WAITING = 50;

const limits = { status: 503, what: 'passwords to check' } as const;
const gate = new Gate({ ...limits, atOnce: AT_ONCE, waiting: MOST_WAITING });

/** In front of all that belongs to one sign-in: who finds the queue full has cost the database nothing. */
export const signInGate = new Gate({ ...limits, atOnce: AT_ONCE + MOST_WAITING, waiting: 0 });

/** In this process, as the command line does it and most tests. */
let hasher: Hasher = hashHere;

/** From now on in a process of lower priority. @returns ends that process */
export function hashApart(log: Log): HashingChild {
  const child = new HashingChild(log);
  hasher = child.hash;
  return child;
}

/**
 * @returns a PHC string
 * @throws ScimError 400 invalidValue for a password that cannot be one, 503 when too many are waiting
 */
export async function hashPassword(password: string): Promise<string> {
  const prepared = preparePassword(password);
  return String(await gate.run(() => hasher({ password: prepared })));
}

/** @throws ScimError 503 when too many are waiting */
export async function verifyPassword(against: string, password: string): Promise<boolean> {
  const prepared = canBePassword(password) ? preparePassword(password) : '';
  return (await gate.run(() => hasher({ password: prepared, against }))) === true;
}

let nobodys: Promise<string> | undefined;

/** Takes as long as a wrong password of somebody who exists. */
export async function verifyNothing(password: string): Promise<false> {
  nobodys ??= hashPassword(randomBytes(32).toString('base64url')).catch((error: unknown) => {
    nobodys = undefined;
    throw error;
  });
  await verifyPassword(await nobodys, password);
  return false;
}

function canBePassword(password: string): boolean {
  return password !== '' && Buffer.byteLength(password) <= MOST_BYTES && !/\p{Cc}/u.test(password);
}

/**
 * RFC 8265 section 4.2, the profile OpaqueString: what is typed on two keyboards is one password, and no letter loses its case.
 * @throws ScimError 400 invalidValue
 */
export function preparePassword(password: string): string {
  if (password === '') throw invalidValue('password must not be empty.');
  if (Buffer.byteLength(password) > MOST_BYTES) throw invalidValue(`password is longer than ${MOST_BYTES} bytes.`);
  if (/\p{Cc}/u.test(password)) throw invalidValue('password must not hold control characters.');
  return password.replace(/\p{Zs}/gu, ' ').normalize('NFC');
}
