/**
 * The second phase of an erasure. The first, in the transaction that removes somebody, takes all that may still be read or used; this one looks some
 * time later in every place, removes what was left or came after, and writes the certificate. Each step counts what it takes in the same transaction,
 * so whoever goes on after another has died goes on counting, and the certificate is written once.
 */
import { writeAudit } from './audit.ts';
import type { ErasureDocument } from './documents.ts';
import { NAMING_PLACES } from './naming-places.ts';
import { countIn, named, nameOf, OWN_PLACES, type Counts } from './person-places.ts';
import type { Store } from './store.ts';
import { transact, type Transaction } from './transaction.ts';

/** Longer than anything takes that is written behind an answer, or by somebody who saw the person before they were gone. */
const ARRIVED_MS = 60_000;
/** Longer than any step takes. */
const LEASE_MS = 60_000;
/** Documents in one step: few enough to be held in memory, where they are changed and not deleted. */
const STEP = 2000;

export interface Erased {
  readonly id: string;
  readonly removed: Counts;
}

/** In the transaction that removes them. */
export async function beginErasures({ session, tenant, store }: Transaction, erased: readonly Erased[], at: Date): Promise<void> {
  if (erased.length === 0) return;
  const due = new Date(at.getTime() + ARRIVED_MS);
  await store.collections.erasures.insertMany(erased.map(({ id, removed }) => ({ _id: id, t: tenant, at, due, removed })), { session });
}

/**
 * Takes the erasure that has waited longest. In all tenants: the worker looks for what is due.
 * @throws a MongoDB error where somebody who died has it open still: at the next turn it is free
 */
export async function claimErasure({ collections, limits }: Store, owner: string, now: Date): Promise<ErasureDocument | undefined> {
  const found = await collections.erasures.findOneAndUpdate(
    { due: { $lte: now }, $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: now } }] },
    { $set: { lease: leaseOf(owner, now) } },
    { sort: { due: 1 }, returnDocument: 'after', maxTimeMS: limits.operationMs },
  );
  return found ?? undefined;
}

const leaseOf = (owner: string, now: Date) => ({ owner, until: new Date(now.getTime() + LEASE_MS) });

const PLACES = [...OWN_PLACES, ...NAMING_PLACES];

/** Removes what is left, in steps that may end anywhere. @returns false where another process has taken over, or this one is to end */
export async function removeLeft(store: Store, { _id, t }: ErasureDocument, owner: string, now: () => Date): Promise<boolean> {
  for (;;) {
    const left = await countIn(store.scope(t), PLACES, _id);
    if (Object.keys(left).length === 0) return true;
    for (const place of PLACES) {
      for (let count = left[nameOf(place)] ?? 0; count > 0; count -= STEP) {
        if (store.closing || !(await step(store, t, _id, place, owner, now()))) return false;
      }
    }
  }
}

/** One transaction, which whoever has no lease any more cannot end. */
function step(store: Store, tenant: string, id: string, place: (typeof PLACES)[number], owner: string, now: Date): Promise<boolean> {
  return transact(store, async (session) => {
    const mine = await store.collections.erasures.updateOne({ _id: id, t: tenant, 'lease.owner': owner }, { $set: { lease: leaseOf(owner, now) } }, { session });
    if (mine.matchedCount === 0) return false;
    const removed = await removeSome({ ...store.scope(tenant), session }, place, id);
    await store.collections.erasures.updateOne({ _id: id, t: tenant }, { $inc: { [`removed.${nameOf(place)}`]: removed } }, { session });
    return true;
  });
}

async function removeSome(transaction: Transaction, place: (typeof PLACES)[number], id: string): Promise<number> {
  const { session, tenant, store: { collections } } = transaction;
  const documents = named(collections, place.collection);
  const ids = await documents.find({ t: tenant, [place.field]: id }, { session, projection: { _id: 1 } }).limit(STEP).map(({ _id }) => _id).toArray();
  if (ids.length === 0) return 0;
  if ('unname' in place) await place.unname(transaction, ids, id);
  else await documents.deleteMany({ _id: { $in: ids }, t: tenant }, { session });
  return ids.length;
}

/** The erasure is over with its certificate, or not at all; whoever comes second finds nothing. */
export async function certify(store: Store, { _id, t }: ErasureDocument, owner: string, now: Date): Promise<void> {
  await transact(store, async (session) => {
    const done = await store.collections.erasures.findOneAndDelete({ _id, t, 'lease.owner': owner }, { session });
    if (!done) return;
    const values = { erased: done.at.toISOString(), completed: now.toISOString(), removed: done.removed, notReached: 'backups that were made before' };
    await writeAudit(store, t, [{ by: { kind: 'system', id: 'rollcall' }, action: 'erase.certificate', on: { type: 'User', id: _id }, request: '', changed: [], values }], now, session);
  });
}
