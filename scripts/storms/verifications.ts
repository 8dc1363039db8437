/** What the servers have verified, as `count-verifications.mjs` tells it from inside their processes. */
import type { ChildProcess } from 'node:child_process';
import type { Person, Place } from './place.ts';

export interface Verification {
  readonly hash: string;
  readonly right: boolean;
  /** By the server's clock, in milliseconds. */
  readonly began: number;
}

/** @returns asks for those against the person's own hash until now; what nobody's password is verified against is another */
export function followVerifications({ servers, store, tenant }: Place): (person: Person) => Promise<readonly Verification[]> {
  const seen: Verification[] = [];
  for (const { child } of servers) {
    child.on('message', (told: Partial<Verification>) => {
      if (told.hash !== undefined) seen.push({ hash: told.hash, right: told.right === true, began: told.began ?? 0 });
    });
  }
  return async ({ id }) => {
    const credential = await store.collections.credentials.findOne({ _id: id, t: tenant });
    await Promise.all(servers.map(({ child }) => caughtUp(child)));
    return seen.filter(({ hash }) => hash === credential?.hash);
  };
}

let marks = 0;

function caughtUp(child: ChildProcess): Promise<void> {
  const own = ++marks;
  return new Promise((resolve) => {
    const onMessage = ({ mark }: { readonly mark?: number }) => {
      if (mark !== own) return;
      child.off('message', onMessage);
      resolve();
    };
    child.on('message', onMessage);
    child.send(own);
  });
}
