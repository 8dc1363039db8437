/** The outbox: mails that wait, and what became of them. */
import type { AccountWrites } from './change-set.ts';
import type { OutboxDocument } from './account-documents.ts';
import type { Store, TenantScope } from './store.ts';
import type { Transaction } from './transaction.ts';

type Mails = NonNullable<AccountWrites['mails']>;

/** Written in the transaction of what the mails tell of. */
export async function postMails({ tenant, store, session }: Transaction, mails: Mails, at: Date): Promise<void> {
  if (mails.length > 0) await store.collections.outbox.insertMany(mails.map((mail) => ({ ...mail, t: tenant, state: 'waiting', attempts: 0, due: at })), { session });
}

/** Longer than any delivery takes, so that a mail is not sent by two at once. */
const LEASE_MS = 120_000;

/** Takes the mail that has waited longest. In all tenants: the worker looks for what is due. */
export async function claimMail({ collections }: Store, owner: string, now: Date): Promise<OutboxDocument | undefined> {
  const found = await collections.outbox.findOneAndUpdate(
    { state: 'waiting', due: { $lte: now }, $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: now } }] },
    { $set: { lease: { owner, until: new Date(now.getTime() + LEASE_MS) } } },
    { sort: { due: 1 }, returnDocument: 'after' },
  );
  return found ?? undefined;
}

/** Nothing is sent to people meanwhile deactivated, of tenants that are not active, or with a link that is dead. */
export async function isStillMeant({ collections, registry }: Store, { t, person, link, kind }: OutboxDocument, now: Date): Promise<boolean> {
  if (!(await collections.tenants.findOne({ _id: t, state: 'active' }, { projection: { _id: 1 } }))) return false;
  if (person === undefined) return true;
  const found = await collections.resources(registry.type('User')).findOne({ _id: person, t }, { projection: { 'a.active': 1 } });
  if (!found || (found.a['active'] === false && kind !== 'addressChanged')) return false;
  return link === undefined || (await collections.links.findOne({ _id: link, t, used: { $exists: false }, expires: { $gt: now } }, { projection: { _id: 1 } })) !== null;
}

/** Only whoever has the lease says what became of it. What is done carries its text no longer: it holds a link. */
export async function settleMail({ collections }: Store, { _id, t }: OutboxDocument, owner: string, result: Partial<OutboxDocument>): Promise<void> {
  const isDone = result.done !== undefined;
  await collections.outbox.updateOne({ _id, t, 'lease.owner': owner }, {
    $set: { ...result, ...(isDone ? { text: '', html: '' } : {}) },
    $unset: { lease: 1 },
  });
}

/** The newest first: delivery states for a person's page, or the mailbox where there is no mail server. */
export async function listMails({ tenant, store }: TenantScope, person?: string, most = 100): Promise<readonly OutboxDocument[]> {
  return store.collections.outbox.find({ t: tenant, ...(person === undefined ? {} : { person }) }).sort({ created: -1 }).limit(most).toArray();
}

export interface InvitationMails {
  readonly first: Date;
  readonly count: number;
  /** What became of the last one. */
  readonly last: Pick<OutboxDocument, 'created' | 'state'> & { readonly answer?: string };
}

/** The mails with an activation link of each who was sent one, for many at once. */
export async function invitationMails({ tenant, store }: TenantScope, people: readonly string[]): Promise<ReadonlyMap<string, InvitationMails>> {
  if (people.length === 0) return new Map();
  const found = await store.collections.outbox.aggregate<{ readonly _id: string; readonly first: Date; readonly count: number; readonly created: Date; readonly state: OutboxDocument['state']; readonly answer: string | null }>([
    { $match: { t: tenant, person: { $in: [...people] }, kind: { $in: [...INVITATION_KINDS] } } },
    { $sort: { created: 1, _id: 1 } },
    { $group: { _id: '$person', first: { $first: '$created' }, count: { $sum: 1 }, created: { $last: '$created' }, state: { $last: '$state' }, answer: { $last: '$answer' } } },
  ], { maxTimeMS: store.limits.operationMs }).toArray();
  return new Map(found.map(({ _id, first, count, created, state, answer }) => [_id, { first, count, last: { created, state, ...(answer === null ? {} : { answer }) } }]));
}

const INVITATION_KINDS = ['invitation', 'activationAgain'];
