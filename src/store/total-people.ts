/** How many people there are in all: to count a million of them takes as long as an operation may (measured), and the counts of seats know. */
import type { mongo } from 'mongoose';
import { isLimited, POPULATIONS, seesAll } from './audience.ts';
import type { Query } from './compile-filter.ts';
import type { TenantScope } from './store.ts';

/**
 * @param query finds whoever the scope sees
 * @returns exact: seats are counted in the transaction of every change
 */
export async function countPeople(scope: TenantScope, query: Query): Promise<number> {
  const { store: { collections, registry, limits: { operationMs: maxTimeMS, countedPeople } } } = scope;
  const people = collections.resources(registry.type('User'));
  const found = await people.countDocuments(query, { limit: countedPeople + 1, maxTimeMS });
  if (found <= countedPeople) return found;
  const seats = isLimited(scope) ? 0 : await seatsOf(scope);
  // Whoever has just come from a version without counts, or sees some companies only, has them counted.
  return seats > countedPeople ? seats : people.countDocuments(query, { maxTimeMS });
}

async function seatsOf(scope: TenantScope): Promise<number> {
  const { tenant: t, store: { collections, registry, limits: { operationMs: maxTimeMS } } } = scope;
  const seen = POPULATIONS.filter((population) => seesAll(scope, population));
  const sum = (...paths: readonly string[]): mongo.Document => ({ $sum: seen.flatMap((population) => paths.map((path) => path.replace('*', population))) });
  const pipeline: mongo.Document[] = [
    { $match: { _id: t, t } },
    { $project: { people: sum('$counts.*.billed', '$counts.*.unbilled') } },
    // What the worker has not added yet.
    { $unionWith: { coll: collections.seatDeltas.collectionName, pipeline: [{ $match: { t } }, { $project: { people: { $subtract: [sum('$changes.*.joined', '$changes.*.corrected', '$changes.*.unbilled'), sum('$changes.*.left')] } } }] } },
    { $group: { _id: null, people: { $sum: '$people' } } },
  ];
  const [[counted], administrators] = await Promise.all([
    collections.seats.aggregate<{ people: number }>(pipeline, { maxTimeMS }).toArray(),
    // Accounts of the console alone take no seat.
    seesAll(scope, 'console') ? collections.resources(registry.type('User')).countDocuments({ t, p: 'console' }, { maxTimeMS }) : 0,
  ]);
  return (counted?.people ?? 0) + administrators;
}
