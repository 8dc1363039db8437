/** Reads that belong together: all of them see the database as it was at the first one. They hold nobody up, and may take longer than a transaction. */
import type { mongo } from 'mongoose';
import type { Store } from './store.ts';

/** Given to every read. */
export type Snapshot = Readonly<Required<Pick<mongo.FindOptions, 'session' | 'readConcern'>>>;

export async function inSnapshot<T>(store: Store, read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const session = store.startSession({ snapshot: true });
  try {
    return await read({ session, readConcern: { level: 'snapshot' } });
  } finally {
    await session.endSession();
  }
}
