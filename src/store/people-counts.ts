/** What a list of people shows around it, in one command: how many there are on each tab and of each status, and the names of roles (J1, J3). */
import type { mongo } from 'mongoose';
import type { Population } from './audience.ts';
import { ANY_ROLE, SEARCH } from './search-keys.ts';
import type { TenantScope } from './store.ts';

export interface PeopleCounts {
  /** Exact, from the counts of seats. */
  readonly billed: number;
  readonly unbilled: number;
  /** Up to the limit and one more. */
  readonly byStatus: ReadonlyMap<string, number>;
  /** By name. */
  readonly roles: readonly string[];
}

/** A dialog with more of them would be of no use. */
const MOST_ROLES = 200;

/** @param most counted of each status */
export async function countPeopleOf({ tenant: t, store }: TenantScope, population: Population, statuses: readonly string[], most: number): Promise<PeopleCounts> {
  const { collections, limits, registry } = store;
  const people = collections.resources(registry.type('User')).collectionName;
  const roles = collections.resources(registry.type('Role')).collectionName;
  const billed = (joined: string) => ({ $add: [`${joined}.joined`, `${joined}.corrected`, { $multiply: [`${joined}.left`, -1] }] });
  const pipeline: mongo.Document[] = [
    { $match: { _id: t, t } },
    { $project: { _id: 0, billed: `$counts.${population}.billed`, unbilled: `$counts.${population}.unbilled` } },
    // What the worker has not added yet.
    { $unionWith: { coll: collections.seatDeltas.collectionName, pipeline: [{ $match: { t, [`changes.${population}`]: { $exists: true } } }, { $project: { _id: 0, billed: billed(`$changes.${population}`), unbilled: `$changes.${population}.unbilled` } }] } },
    { $group: { _id: null, billed: { $sum: '$billed' }, unbilled: { $sum: '$unbilled' } } },
    ...statuses.map((status) => ({ $unionWith: { coll: people, pipeline: [{ $match: { t, p: population, [SEARCH.status]: status, [SEARCH.roles]: ANY_ROLE } }, { $limit: most + 1 }, { $group: { _id: status, count: { $sum: 1 } } }] } })),
    { $unionWith: { coll: roles, pipeline: [{ $match: { t } }, { $sort: { 'k.displayName': 1 } }, { $limit: MOST_ROLES }, { $project: { _id: 0, role: '$a.displayName' } }] } },
  ];
  const found = await collections.seats.aggregate(pipeline, { maxTimeMS: limits.operationMs }).toArray();
  const total = found.find(({ _id }) => _id === null);
  const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);
  return {
    billed: numberOf(total?.['billed']), unbilled: numberOf(total?.['unbilled']),
    byStatus: new Map(statuses.map((status) => [status, numberOf(found.find(({ _id }) => _id === status)?.['count'])])),
    roles: found.flatMap(({ role }) => (typeof role === 'string' ? [role] : [])),
  };
}
