/**
 * The blast-radius guard of a provisioning client: past its limit deactivations, deletions and member removals are refused, its administrators
 * are told once, and one of them decides. `guarded.ts` asks it in every commit; `guard-window.ts` counts.
 */
import { writeAudit, type AuditEntry } from './audit.ts';
import { seenIn } from './audience.ts';
import type { AccountWrites } from './change-set.ts';
import type { GuardAmount, GuardDocument, GuardHold } from './documents.ts';
import { NOTHING, peopleOf, take, type GuardLimits, type Reservation } from './guard-window.ts';
import { isTimeLimit } from './mongo-errors.ts';
import { postMails } from './outbox.ts';
import type { TenantScope } from './store.ts';
import { transact, type Transaction } from './transaction.ts';

/** Of the client that asks. People and the server itself have none. */
export interface Guard {
  /** The client's id. */
  readonly client: string;
  readonly limits: GuardLimits;
  /** What tells administrators of a hold, ready for the outbox. */
  readonly mails: (hold: GuardHold) => Promise<NonNullable<AccountWrites['mails']>>;
}

/** Takes what fits. How many people there are is looked up only where the number alone does not do. */
export async function reserve(scope: TenantScope, { client, limits }: Guard, amounts: readonly GuardAmount[], at: Date): Promise<Reservation> {
  const first = await take(scope, { client, limits, amounts, at });
  const isShort = amounts.some(({ changes }, index) => changes > 0 && first.granted[index] === false);
  if (!isShort || limits.share === 0 || first.document.hold?.state === 'refused' || peopleOf(first.document, at) !== undefined) return first;
  const rest = amounts.map((amount, index) => (first.granted[index] === true ? NOTHING : amount));
  const second = await take(scope, { client, limits, amounts: rest, at, people: await countPeople(scope) });
  return {
    ...second,
    granted: amounts.map((_, index) => first.granted[index] === true || second.granted[index] === true),
    window: plus(first.window, second.window), extra: plus(first.extra, second.extra),
  };
}

export const plus = (a: GuardAmount, b: GuardAmount): GuardAmount => ({ changes: a.changes + b.changes, members: a.members + b.members });

/** Where counting takes too long the number alone counts: whoever has so many people wants one. */
export async function countPeople(scope: TenantScope): Promise<number> {
  const { collections, registry, limits, log } = scope.store;
  const type = registry.type('User');
  try {
    return await collections.resources(type).countDocuments(seenIn(scope, type), { maxTimeMS: limits.operationMs });
  } catch (err) {
    if (!isTimeLimit(err)) throw err;
    log.warn({ err, tenant: scope.tenant }, 'the people of a tenant cannot be counted in time: the share of its clients\' guards does not count');
    return 0;
  }
}

export interface Refused {
  readonly about: NonNullable<GuardHold['about']>;
  /** How many changes. */
  readonly count: number;
  /** What the audit log says of the first of them. */
  readonly audit: AuditEntry;
  readonly at: Date;
}

/** The first refusal makes the hold, its audit entry and the mails, in one transaction; the others are counted. One at a time in this process. */
export function noteRefused(scope: TenantScope, guard: Guard, refused: Refused): Promise<void> {
  return scope.store.lock.run([`guard|${guard.client}`], () => note(scope, guard, refused));
}

async function note(scope: TenantScope, { client, mails }: Guard, { about, count, audit, at }: Refused): Promise<void> {
  const { tenant, store } = scope;
  const { guards } = store.collections;
  const which = { _id: client, t: tenant };
  const again = { $inc: { 'hold.refusals': count }, $max: { 'hold.last': at } };
  const { matchedCount: known } = await guards.updateOne({ ...which, hold: { $exists: true } }, again);
  if (known > 0) return;
  const hold: GuardHold = { state: 'open', since: at, about, refusals: count, last: at };
  const written = await mails(hold);
  await transact(store, async (session) => {
    const { matchedCount: isFirst } = await guards.updateOne({ ...which, hold: { $exists: false } }, { $set: { hold } }, { session });
    if (isFirst === 0) {
      await guards.updateOne(which, again, { session });
      return;
    }
    await writeAudit(store, tenant, [{ ...audit, action: 'guard.hold', on: { type: 'Client', id: client }, changed: [], values: about }], at, session);
    await postMails({ ...scope, session }, written, at);
  });
}

/** As it is now: what is counted is not waited for until a majority has it. */
export async function readGuard({ tenant, store }: TenantScope, client: string): Promise<GuardDocument> {
  return (await store.collections.guards.findOne({ _id: client, t: tenant }, { readConcern: { level: 'local' }, maxTimeMS: store.limits.operationMs })) ?? { _id: client, t: tenant };
}

/** What an administrator decides: it takes the place of what was decided before. */
export type Decision =
  | { readonly kind: 'release'; readonly released: NonNullable<GuardDocument['released']> | undefined }
  | { readonly kind: 'refuse' };

/** Written with its audit entry, inside a transaction. */
export async function decide({ tenant, store, session }: Transaction, client: string, decision: Decision, audit: AuditEntry, at: Date): Promise<void> {
  const { guards } = store.collections;
  const which = { _id: client, t: tenant };
  if (decision.kind === 'release') {
    const { released } = decision;
    await guards.updateOne(which, { $unset: { hold: 1, ...(released ? {} : { released: 1 }) }, ...(released ? { $set: { released } } : {}) }, { session, upsert: true });
  } else {
    await guards.updateOne(which, [
      { $set: { hold: { $mergeObjects: [{ since: at, refusals: 0, last: at }, '$hold', { state: 'refused' }] } } },
      { $unset: 'released' },
    ], { session, upsert: true });
  }
  await writeAudit(store, tenant, [audit], at, session);
}
