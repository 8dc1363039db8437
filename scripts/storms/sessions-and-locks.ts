/** Sessions and locks in the order in which MongoDB has committed them: the clocks of two processes could tell another one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Person, Place } from './place.ts';

interface Written {
  readonly what: 'session' | 'lock' | 'mark';
  /** The person, or the mark. */
  readonly of: string;
  readonly at: Date;
}

/** What of it a storm looks at, of documents of three collections. */
interface Inserted {
  readonly _id: string;
  readonly person?: string;
  readonly created?: Date;
  readonly on?: { readonly id: string };
  readonly action?: string;
  readonly at?: Date;
}

export interface SessionsAndLocks {
  readonly sessions: number;
  /** Of those that were written after the lock: how many milliseconds after it they were made, by the servers' clocks. */
  readonly late: readonly number[];
}

export async function followSessionsAndLocks({ store }: Place) {
  const { db } = store.collections.tenants;
  const marks = db.collection<{ _id: string }>('marks');
  const stream = db.watch([{ $match: { operationType: 'insert', 'ns.coll': { $in: ['sessions', 'audit', 'marks'] } } }]);
  const seen: Written[] = [];
  stream.on('change', (change) => {
    if (change.operationType !== 'insert') return;
    const { _id, person = '', created = new Date(0), on, action, at = new Date(0) } = change.fullDocument as Inserted;
    if (change.ns.coll === 'sessions') seen.push({ what: 'session', of: person, at: created });
    else if (change.ns.coll === 'marks') seen.push({ what: 'mark', of: _id, at });
    else if (action === 'lock') seen.push({ what: 'lock', of: on?.id ?? '', at });
  });
  let made = 0;
  const caughtUp = async () => {
    const first = made + 1;
    // Again and again: the stream begins at a moment of its own.
    while (!seen.some(({ what, of }) => what === 'mark' && Number(of) >= first)) {
      await marks.insertOne({ _id: String(++made) });
      await delay(10);
    }
  };
  await caughtUp();
  return {
    of: async ({ id }: Person): Promise<SessionsAndLocks> => {
      await caughtUp();
      const own = seen.filter(({ of }) => of === id);
      const lock = own.findIndex(({ what }) => what === 'lock');
      const locked = own[lock]?.at.getTime() ?? 0;
      return {
        sessions: own.filter(({ what }) => what === 'session').length,
        late: lock < 0 ? [] : own.slice(lock).flatMap(({ what, at }) => (what === 'session' ? [at.getTime() - locked] : [])),
      };
    },
    close: async () => {
      await stream.close();
    },
  };
}
