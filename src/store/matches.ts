/** POSTs of people who are here already, deactivated, and wait for an administrator (L5): one document for each client and person, however often it asks. */
import { writeAudit, type AuditEntry } from './audit.ts';
import type { AccountWrites } from './change-set.ts';
import type { MatchDocument } from './documents.ts';
import { isDuplicateKey } from './mongo-errors.ts';
import { postMails } from './outbox.ts';
import type { TenantScope } from './store.ts';
import { transact, type Transaction } from './transaction.ts';

/** Who is asked about. */
export type Held = Pick<MatchDocument, 'client' | 'person' | 'by' | 'externalId'>;

export interface Asking {
  /** Its audit entry and the mails to administrators, for the first time. */
  readonly audit: AuditEntry;
  readonly mails: () => Promise<NonNullable<AccountWrites['mails']>>;
  readonly id: string;
  readonly at: Date;
}

/** The first time it is stored with its audit entry and its mails, in one transaction; after that the repetitions are counted. @returns the match as it is now */
export function holdMatch(scope: TenantScope, held: Held, asking: Asking): Promise<MatchDocument> {
  return scope.store.lock.run([`match|${held.client}|${held.person}`], async () => (await askAgain(scope, held, asking.at)) ?? (await askFirst(scope, held, asking)));
}

const which = ({ tenant }: TenantScope, { client, person }: Pick<Held, 'client' | 'person'>) => ({ t: tenant, client, person });

async function askAgain(scope: TenantScope, held: Held, at: Date): Promise<MatchDocument | undefined> {
  const { by, externalId } = held;
  const now = { last: at, by, ...(externalId === undefined ? {} : { externalId }) };
  // A match that was adopted is behind somebody who has left again since.
  const found = await scope.store.collections.matches.findOneAndUpdate({ ...which(scope, held), state: { $ne: 'adopted' } }, { $set: now, $inc: { times: 1 } }, { returnDocument: 'after' });
  return found ?? undefined;
}

async function askFirst(scope: TenantScope, held: Held, { audit, mails, id, at }: Asking): Promise<MatchDocument> {
  const { tenant, store } = scope;
  const document: MatchDocument = { _id: id, t: tenant, ...held, state: 'open', at, last: at, times: 1 };
  const written = await mails();
  try {
    await transact(store, async (session) => {
      await store.collections.matches.deleteOne({ ...which(scope, held), state: 'adopted' }, { session });
      await store.collections.matches.insertOne(document, { session });
      await writeAudit(store, tenant, [audit], at, session);
      await postMails({ ...scope, session }, written, at);
    });
    return document;
  } catch (error) {
    // Another process has asked in this moment.
    if (!isDuplicateKey(error)) throw error;
    return (await askAgain(scope, held, at)) ?? document;
  }
}

export async function findMatch({ tenant, store }: TenantScope, which: { readonly id: string } | Pick<Held, 'client' | 'person'>): Promise<MatchDocument | undefined> {
  const found = await store.collections.matches.findOne('id' in which ? { _id: which.id, t: tenant } : { t: tenant, client: which.client, person: which.person }, { maxTimeMS: store.limits.operationMs });
  return found ?? undefined;
}

export interface MatchPlace {
  readonly at: string;
  readonly id: string;
}

/** The newest first. @param place of the last one of the page before */
export async function listMatches({ tenant: t, store }: TenantScope, place: MatchPlace | undefined, limit: number): Promise<readonly MatchDocument[]> {
  const after = place ? { $or: [{ t, at: { $lt: new Date(place.at) } }, { t, at: new Date(place.at), _id: { $lt: place.id } }] } : {};
  return store.collections.matches.find({ t, ...after }, { maxTimeMS: store.limits.operationMs }).sort({ at: -1, _id: -1 }).limit(limit).toArray();
}

/** In the transaction that takes the record over. @returns false where somebody else was faster */
export async function settleMatch({ session, tenant, store: { collections } }: Transaction, match: NonNullable<AccountWrites['match']>, at: Date): Promise<boolean> {
  const which = { _id: match.id, t: tenant };
  if (match.becomes === 'used') return (await collections.matches.deleteOne(which, { session })).deletedCount === 1;
  const { matchedCount } = await collections.matches.updateOne({ ...which, state: { $ne: 'adopted' } }, { $set: { state: 'adopted', decided: { at, by: match.by } } }, { session });
  return matchedCount === 1;
}

/** @returns false where it was decided otherwise meanwhile */
export async function refuseHeld(scope: TenantScope, id: string, audit: AuditEntry, at: Date): Promise<boolean> {
  const { tenant, store } = scope;
  return transact(store, async (session) => {
    const { matchedCount } = await store.collections.matches.updateOne({ _id: id, t: tenant, state: 'open' }, { $set: { state: 'refused', decided: { at, by: audit.by } } }, { session });
    if (matchedCount === 0) return false;
    await writeAudit(store, tenant, [audit], at, session);
    return true;
  });
}
