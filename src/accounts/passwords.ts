/** Passwords: argon2id with 19 MiB, t=2, p=1 (OWASP), and one core left for everybody else (docs/decisions.md). */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { invalidValue } from '../errors.ts';
import { Gate } from '../gate.ts';

const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** argon2 reads all of it, but nobody types more, and a longer one is an attack on the processor. */
const MOST_BYTES = 1024;

/**
 * Less than all cores: another tenant kept 0.27 of its rate under a queue of sign-ins on two cores, and 0.45 with one of them left alone (`npm run
 * storms`). More libuv threads would make it worse: eight hashes in flight cut other requests to 0.2 of their rate (measured).
 */
const AT_ONCE = Math.max(1, availableParallelism() - 1);

/** At 16 ms each, fifty in the queue are a wait of less than a second. */
const MOST_WAITING = 50;

const limits = { status: 503, what: 'passwords to check' } as const;
const gate = new Gate({ ...limits, atOnce: AT_ONCE, waiting: MOST_WAITING });

/** In front of all that belongs to one sign-in: who finds the queue full has cost the database nothing. */
export const signInGate = new Gate({ ...limits, atOnce: AT_ONCE + MOST_WAITING, waiting: 0 });

/**
 * @returns a PHC string
 * @throws ScimError 400 invalidValue for a password that cannot be one, 503 when too many are waiting
 */
export async function hashPassword(password: string): Promise<string> {
  const prepared = preparePassword(password);
  return gate.run(() => argon2.hash(prepared, PARAMETERS));
}

/** @throws ScimError 503 when too many are waiting */
export async function verifyPassword(hash: string, password: string): Promise<boolean> {
  const prepared = canBePassword(password) ? preparePassword(password) : '';
  return gate.run(() => argon2.verify(hash, prepared));
}

let nobodys: Promise<string> | undefined;

/** Takes as long as a wrong password of somebody who exists. */
export async function verifyNothing(password: string): Promise<false> {
  nobodys ??= hashPassword(randomBytes(32).toString('base64url'));
  await verifyPassword(await nobodys, password);
  return false;
}

/** Whether it was hashed with weaker parameters than those of today. */
export const isOutdated = (hash: string) => argon2.needsRehash(hash, PARAMETERS);

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
