/** Whose leave date or first day is near, and what was told of it: each mark is written with the mails, so that any number of workers sends one. */
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { seenIn } from './audience.ts';
import type { AccountWrites } from './change-set.ts';
import { decode, type StoredResource } from './codec.ts';
import { fieldOf } from './fields.ts';
import { namedPath } from './models.ts';
import { postMails } from './outbox.ts';
import type { TenantScope } from './store.ts';
import { transact } from './transaction.ts';

type Mails = NonNullable<AccountWrites['mails']>;

/**
 * People in the order of their dates.
 * @param which `leavesAt`: those who have access until then; `hiresAt`: those who wait for it
 * @param until instants as canonical text
 */
export async function* peopleDue(scope: TenantScope, which: 'leavesAt' | 'hiresAt', { after = '', until }: { readonly after?: string; readonly until: string }): AsyncGenerator<StoredResource> {
  const { store } = scope;
  const type = store.registry.type('User');
  const field = fieldOf(type, namedPath(type, `${ACCOUNT_EXTENSION}:${which}`));
  const found = store.collections.resources(type)
    .find({ ...seenIn(scope, type), [field]: { $gt: after, $lte: until }, 'a.active': which === 'leavesAt' ? { $ne: false } : false }, { projection: { k: 0 } }).sort({ [field]: 1 });
  for await (const document of found) yield decode(type, document);
}

/** People who are switched off although their leave date is still to come, in the order of their dates: it was moved after it had acted. @param after canonical text */
export async function* peopleMoved(scope: TenantScope, after: string): AsyncGenerator<StoredResource> {
  const { store } = scope;
  const type = store.registry.type('User');
  const field = fieldOf(type, namedPath(type, `${ACCOUNT_EXTENSION}:leavesAt`));
  const found = store.collections.resources(type).find({ ...seenIn(scope, type), [field]: { $gt: after }, 'a.active': false }, { projection: { k: 0 } }).sort({ [field]: 1 });
  for await (const document of found) yield decode(type, document);
}

/**
 * Marks the people of whom nobody was told yet, or of another date.
 * @param mailsFor makes the mails about those who are marked. @returns how many were
 */
export async function tellOnce({ tenant, store }: TenantScope, people: readonly { readonly id: string; readonly leaveDate: string }[], mailsFor: (ids: ReadonlySet<string>) => Mails, at: Date): Promise<number> {
  let told = 0;
  await transact(store, async (session) => {
    const { credentials } = store.collections;
    const known = await credentials.find({ _id: { $in: people.map(({ id }) => id) }, t: tenant }, { session, projection: { leaveTold: 1 } }).toArray();
    const before = new Map(known.map(({ _id, leaveTold }) => [_id, leaveTold]));
    const fresh = people.filter(({ id, leaveDate }) => before.get(id) !== leaveDate);
    told = fresh.length;
    if (fresh.length === 0) return;
    await credentials.bulkWrite(fresh.map(({ id, leaveDate }) => ({ updateOne: { filter: { _id: id, t: tenant }, update: { $set: { leaveTold: leaveDate } }, upsert: true } })), { session });
    await postMails({ tenant, store, session }, mailsFor(new Set(fresh.map(({ id }) => id))), at);
  });
  return told;
}

/** Of those who could not be deactivated when their date came. @returns whether it is time to try again, and to tell of it: once a day for all workers */
export async function holdAgain({ tenant, store }: TenantScope, person: string, now: Date, again: Date, mails: Mails): Promise<void> {
  await transact(store, async (session) => {
    await store.collections.credentials.updateOne({ _id: person, t: tenant }, { $setOnInsert: { failures: 0 } }, { session, upsert: true });
    const { modifiedCount } = await store.collections.credentials.updateOne({ _id: person, t: tenant, $nor: [{ leaveHeld: { $gt: now } }] }, { $set: { leaveHeld: again } }, { session });
    if (modifiedCount === 1) await postMails({ tenant, store, session }, mails, now);
  });
}

/** Until when nobody tries again, of each who is held. */
export async function heldUntil({ tenant, store }: TenantScope, people: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const found = await store.collections.credentials.find({ _id: { $in: [...people] }, t: tenant, leaveHeld: { $exists: true } }, { projection: { leaveHeld: 1 } }).toArray();
  return new Map(found.flatMap(({ _id, leaveHeld }) => (leaveHeld ? [[_id, leaveHeld] as const] : [])));
}
