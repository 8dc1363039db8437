/** What argon2 does with a password: argon2id with 19 MiB, t=2, p=1 (OWASP). Loaded by the server and by its process for passwords. */
import argon2 from 'argon2';

const PARAMETERS = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** To hash a password, or to verify it against a hash. */
export interface Hashing {
  readonly password: string;
  /** A PHC string. */
  readonly against?: string;
}

/** @returns a PHC string, or whether it is the password of `against` */
export type Hasher = (hashing: Hashing) => Promise<string | boolean>;

export const hashHere: Hasher = ({ password, against }) =>
  (against === undefined ? argon2.hash(password, PARAMETERS) : argon2.verify(against, password));

/** Whether it was hashed with weaker parameters than those of today. */
export const isOutdated = (hash: string) => argon2.needsRehash(hash, PARAMETERS);
