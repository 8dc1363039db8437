/**
 * Where something is stored of a person beside their resource. Whatever ends or exports people goes by this list, so a collection that is missing
 * here would outlive an erasure: a test plants a word everywhere and looks for it in the whole database afterwards.
 */
import type { mongo } from 'mongoose';
import type { Collections, TenantScope } from './store.ts';
import type { Transaction } from './transaction.ts';

export interface Place {
  /** As certificates call it; where it is not said, the collection. */
  readonly name?: string;
  readonly collection: Exclude<keyof Collections, 'resources'>;
  /** Where the person's id stands. */
  readonly field: string;
}

interface OwnPlace extends Place {
  /** Only who had a login has something there. */
  readonly ofLogin: boolean;
  /** There may be more than one transaction can delete. */
  readonly many: boolean;
}

/** Documents that are about one person and end with them. */
export const OWN_PLACES: readonly OwnPlace[] = [
  { collection: 'claims', field: 'owner', ofLogin: false, many: false },
  { collection: 'credentials', field: '_id', ofLogin: true, many: false },
  { collection: 'sessions', field: 'person', ofLogin: true, many: false },
  { collection: 'links', field: 'person', ofLogin: true, many: false },
  { collection: 'outbox', field: 'person', ofLogin: true, many: false },
  { collection: 'matches', field: 'person', ofLogin: false, many: false },
  { collection: 'traces', field: 'person', ofLogin: false, many: true },
  { collection: 'importLines', field: 'person', ofLogin: false, many: true },
];

/** By place. */
export type Counts = Readonly<Record<string, number>>;

export const nameOf = ({ name, collection }: Place): string => name ?? collection;

/** As many documents of one collection are deleted in one transaction: more would make it too long. */
export const AT_ONCE = 10_000;

/** Any collection, as far as these steps look at its documents. */
export const named = (collections: Collections, name: Place['collection']): mongo.Collection<{ _id: string; t: string }> =>
  collections.tenants.db.collection(collections[name].collectionName);

export interface Leaving {
  readonly id: string;
  readonly hadLogin: boolean;
}

/**
 * Deletes what there is of people in documents of their own. What is too much for one transaction, and what came by a way that nobody thought of, is
 * left to the worker: nothing of it can be used without the person.
 * @returns how much of whom
 */
export async function removeOwn(transaction: Transaction, people: readonly Leaving[]): Promise<ReadonlyMap<string, Counts>> {
  const removed = new Map<string, Counts>();
  for (const place of OWN_PLACES) {
    const ids = people.filter(({ hadLogin }) => hadLogin || !place.ofLogin).map(({ id }) => id);
    for (const { id, count } of await removeFrom(transaction, place, ids)) removed.set(id, { ...removed.get(id), [nameOf(place)]: count });
  }
  return removed;
}

interface Counted {
  readonly id: string;
  readonly count: number;
}

async function removeFrom(transaction: Transaction, place: OwnPlace, ids: readonly string[]): Promise<readonly Counted[]> {
  const [id] = ids;
  if (id === undefined) return [];
  if (ids.length === 1 && !place.many) return [{ id, count: await deleteOf(transaction, place, ids) }].filter(({ count }) => count > 0);
  const few = withinLimit(await countOf(transaction, place, ids));
  if (few.length > 0) await deleteOf(transaction, place, few.map((counted) => counted.id));
  return few;
}

async function deleteOf({ session, tenant, store: { collections } }: Transaction, { collection, field }: Place, ids: readonly string[]): Promise<number> {
  return (await named(collections, collection).deleteMany({ t: tenant, [field]: { $in: ids } }, { session })).deletedCount;
}

function countOf({ session, tenant, store: { collections } }: Transaction, { collection, field }: Place, ids: readonly string[]): Promise<Counted[]> {
  const pipeline = [{ $match: { t: tenant, [field]: { $in: ids } } }, { $group: { _id: `$${field}`, count: { $sum: 1 } } }, { $project: { _id: 0, id: '$_id', count: 1 } }];
  return named(collections, collection).aggregate<Counted>(pipeline, { session }).toArray();
}

/** As many of them as are not too much together. */
function withinLimit(counted: readonly Counted[]): readonly Counted[] {
  let left = AT_ONCE;
  return counted.filter(({ count }) => {
    if (count > left) return false;
    left -= count;
    return true;
  });
}

/** What there still is of one person: one command, however many places there are. */
export async function countIn({ tenant, store: { collections } }: TenantScope, places: readonly Place[], id: string): Promise<Counts> {
  const [first, ...others] = places.map((place) => ({
    coll: collections[place.collection].collectionName,
    pipeline: [{ $match: { t: tenant, [place.field]: id } }, { $project: { _id: 0, place: { $literal: nameOf(place) } } }],
  }));
  if (!first) return {};
  const pipeline = [...first.pipeline, ...others.map(($unionWith) => ({ $unionWith })), { $group: { _id: '$place', count: { $sum: 1 } } }];
  const counted = await collections.tenants.db.collection(first.coll).aggregate<{ readonly _id: string; readonly count: number }>(pipeline).toArray();
  return Object.fromEntries(counted.map(({ _id, count }) => [_id, count]));
}
