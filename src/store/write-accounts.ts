/** Writes what changes of people's logins, inside the transaction of the change: passwords, what they end, links and mails. */
import { conflict } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { AccountWrites, SessionsOf, Write } from './change-set.ts';
import type { CredentialDocument, LinkPurpose } from './account-documents.ts';
import { settleMatch } from './matches.ts';
import { postMails } from './outbox.ts';
import type { Transaction } from './transaction.ts';

export interface AccountEntry {
  readonly index: number;
  readonly write: Write;
  readonly account: AccountWrites;
}

/** Throws `fault` where a link was used, or a session ended, by somebody else in this moment. */
export async function writeAccounts(transaction: Transaction, entries: readonly AccountEntry[], fault: (index: number, cause: unknown) => Error): Promise<void> {
  for (const { index, write, account } of entries) {
    const at = new Date(write.at);
    if (account.uses !== undefined && !(await useLink(transaction, account.uses, at))) throw fault(index, conflict('The link has been used.'));
    if (account.needsFailures !== undefined && !(await hasFailures(transaction, write.id, account.needsFailures))) throw fault(index, conflict('Somebody has signed in meanwhile.'));
    if (account.endsSession !== undefined && !(await endSession(transaction, write.id, account.endsSession))) throw fault(index, conflict('The session has ended.'));
    if (account.match && !(await settleMatch(transaction, account.match, at))) throw fault(index, conflict('The match was decided meanwhile.'));
    if (account.endsAll || account.removesCredential) await endAll(transaction, write.id);
    else if (account.endsPurpose) await endLinks(transaction, write.id, account.endsPurpose);
    await endSessionsOf(transaction, account.endsSessions ?? []);
    await writeCredential(transaction, write.id, account, at);
    await insertGivenOut(transaction, write.id, account, at);
  }
  await touchPeople(transaction, entries);
}

async function useLink({ session, tenant, store }: Transaction, id: string, at: Date): Promise<boolean> {
  const { matchedCount } = await store.collections.links.updateOne({ _id: id, t: tenant, used: { $exists: false }, expires: { $gt: at } }, { $set: { used: at } }, { session });
  return matchedCount === 1;
}

async function hasFailures({ session, tenant, store }: Transaction, id: string, least: number): Promise<boolean> {
  return (await store.collections.credentials.findOne({ _id: id, t: tenant, failures: { $gte: least } }, { session, projection: { _id: 1 } })) !== null;
}

async function endSession({ session, tenant, store: { collections } }: Transaction, person: string, id: string): Promise<boolean> {
  const { deletedCount } = await collections.sessions.deleteOne({ _id: id, t: tenant, person }, { session });
  return deletedCount === 1;
}

/** Links that were used stay for a while: a page must be able to say so. */
async function endAll({ session, tenant, store: { collections } }: Transaction, person: string): Promise<void> {
  await collections.sessions.deleteMany({ t: tenant, person }, { session });
  await collections.links.deleteMany({ t: tenant, person, used: { $exists: false } }, { session });
}

async function endSessionsOf({ session, tenant, store: { collections } }: Transaction, ended: readonly SessionsOf[]): Promise<void> {
  for (const { person, except, ...entry } of ended) {
    const where = Object.entries(entry).map(([name, value]) => [`entry.${name}`, value] as const);
    await collections.sessions.deleteMany({ t: tenant, ...(person === undefined ? {} : { person }), ...(except === undefined ? {} : { _id: { $ne: except } }), ...Object.fromEntries(where) }, { session });
  }
}

async function endLinks({ session, tenant, store: { collections } }: Transaction, person: string, purpose: LinkPurpose): Promise<void> {
  await collections.links.deleteMany({ t: tenant, person, purpose, used: { $exists: false } }, { session });
}

async function writeCredential({ session, tenant, store: { collections } }: Transaction, id: string, account: AccountWrites, at: Date): Promise<void> {
  const { password, endsAll, resetsFailures, removesCredential, secondFactor, nextFactor, invitation, session: begun } = account;
  const set: Partial<CredentialDocument> = {
    ...(password ? { hash: password.hash, changed: at, earlier: password.earlier } : {}),
    ...(resetsFailures || removesCredential ? { failures: 0 } : {}),
    ...(secondFactor ? { secondFactor } : {}),
    ...(nextFactor ? { nextFactor } : {}),
    ...(invitation ? { invitation } : {}),
    ...(begun ? { lastSignIn: begun.created } : {}),
  };
  const ends = endsAll || removesCredential;
  // A password that comes with the change is the new login's.
  const unset = [...(ends || secondFactor !== undefined ? ['nextFactor'] : []), ...(removesCredential ? [...(password ? [] : ['hash', 'changed', 'earlier']), 'secondFactor'] : []), ...(password || removesCredential ? ['reminded'] : []), ...(password || removesCredential || invitation === null ? ['invitation'] : []), ...(secondFactor === null ? ['secondFactor'] : [])];
  if (Object.keys(set).length === 0 && unset.length === 0 && !ends) return;
  await collections.credentials.updateOne({ _id: id, t: tenant }, {
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((name) => [name, 1])) } : {}),
    ...(ends ? { $inc: { epoch: 1 } } : {}),
  }, { session, upsert: true });
}

/** New links carry the epoch as it is after the change, so that the change which ends the old ones does not end its own. */
async function insertGivenOut(transaction: Transaction, person: string, { links = [], mails = [], session: begun }: AccountWrites, at: Date): Promise<void> {
  const { session, tenant, store: { collections } } = transaction;
  if (links.length > 0) {
    const credential = await collections.credentials.findOne({ _id: person, t: tenant }, { session, projection: { epoch: 1 } });
    const epoch = credential?.epoch ?? 0;
    await collections.links.insertMany(links.map((link) => ({ epoch, ...link, t: tenant, person })), { session });
  }
  if (begun) await collections.sessions.insertOne({ ...begun, t: tenant, person }, { session });
  await postMails(transaction, mails, at);
}

/** Written with it, so that the account cannot be deleted at the same time and leave a password behind. */
async function touchPeople({ session, tenant, store }: Transaction, entries: readonly AccountEntry[]): Promise<void> {
  const byType = new Map<ResourceType, string[]>();
  for (const { write } of entries) if (write.kind === 'update') byType.set(write.type, [...(byType.get(write.type) ?? []), write.id]);
  for (const [type, ids] of byType) await store.collections.resources(type).updateMany({ _id: { $in: ids }, t: tenant }, { $inc: { cr: 1 } }, { session });
}
