/** Runs work in a transaction with a deadline of its own: the driver's `withTransaction` would go on trying for two minutes. */
import mongoose, { type mongo } from 'mongoose';
import { unavailable } from '../errors.ts';
import { duplicateOf, isDuplicateKey } from './mongo-errors.ts';
import type { Store, TenantScope } from './store.ts';

const { MongoError, MongoErrorLabel } = mongoose.mongo;

/** Inside one transaction. */
export interface Transaction extends TenantScope {
  readonly session: mongo.ClientSession;
}

const DEADLINE_MS = 5000;
const LONGEST_PAUSE_MS = 50;

/** Read and write concern are set here again: a transaction does not inherit them from a single operation (Jepsen, MongoDB 4.2.6). */
export const OPTIONS: mongo.TransactionOptions = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', journal: true }, readPreference: 'primary' };

/**
 * Runs `work`, again where MongoDB says that another try may succeed. `work` must be repeatable: it is rolled back before.
 * @throws what `work` throws; ScimError 503 when the deadline passes; a MongoDB error where the outcome is unknown
 */
export async function transact<T>(store: Store, work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
  if (store.dry) return store.dry.transact(work);
  const deadline = Date.now() + DEADLINE_MS;
  const session = store.startSession();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        session.startTransaction(OPTIONS);
        const result = await work(session);
        await commitTransaction(session, deadline);
        return result;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
        if (!mayRepeat(error)) throw error;
        if (Date.now() >= deadline) throw unavailable(error);
        await pause(attempt);
      }
    }
  } finally {
    await session.endSession();
  }
}

/** Whether the commit arrived is unknown after a network error; repeating it is safe, repeating the work would not be. */
async function commitTransaction(session: mongo.ClientSession, deadline: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const unknown = error instanceof MongoError && error.hasErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult);
      if (!unknown || Date.now() >= deadline) throw error;
    }
  }
}

export function mayRepeat(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  // Another process has just made the same edge: next time it is there to be seen.
  if (isDuplicateKey(error)) return duplicateOf(error).collection === 'members';
  return error.hasErrorLabel(MongoErrorLabel.TransientTransactionError);
}

export const pause = (attempt: number) => new Promise((resolve) => setTimeout(resolve, Math.min(2 ** attempt, LONGEST_PAUSE_MS) * Math.random()));
