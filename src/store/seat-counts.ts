/** The counts of seats: deltas are folded into them by the worker, and whoever reads adds those that wait, so that a count is exact at once. */
import { policyOf } from '../policy.ts';
import { dayIn } from '../time.ts';
import { POPULATIONS } from './audience.ts';
import type { ByPopulation, DayChange, DayChanges, SeatChange, SeatCount, SeatDeltaDocument } from './seat-documents.ts';
import { isDuplicateKey } from './mongo-errors.ts';
import { addChange, addToCount, netOf, NO_COUNT, seatOf } from './seats.ts';
import { inSnapshot, type Snapshot } from './snapshot.ts';
import type { Store, TenantScope } from './store.ts';
import { transact } from './transaction.ts';

const AT_ONCE = 1000;

/** Of every tenant that has deltas. Any number of processes may do it at the same time. */
export async function foldSeats(store: Store): Promise<void> {
  for (const tenant of await store.collections.seatDeltas.distinct('t')) {
    while (!store.closing && (await foldDeltas(store.scope(tenant))) === AT_ONCE);
  }
}

/**
 * Takes the oldest deltas away and adds them to the counts of the tenant and of their days, in one transaction: each delta counts once, also where
 * somebody else folds the same ones or this process ends half-way.
 * @returns how many they were
 */
export async function foldDeltas({ tenant, store }: TenantScope): Promise<number> {
  const { seatDeltas, seats, seatDays, tenants } = store.collections;
  return transact(store, async (session) => {
    const deltas = await seatDeltas.find({ t: tenant }, { session }).sort({ _id: 1 }).limit(AT_ONCE).toArray();
    if (deltas.length === 0) return 0;
    await seatDeltas.deleteMany({ t: tenant, _id: { $in: deltas.map(({ _id }) => _id) } }, { session });
    const owner = await tenants.findOne({ _id: tenant, state: { $ne: 'deleted' } }, { session, projection: { policy: 1 } });
    // What a tenant that was deleted left behind.
    if (!owner) return deltas.length;
    const perDay = byDay(deltas, policyOf(owner.policy).timeZone);
    await seats.updateOne({ _id: tenant, t: tenant }, { $inc: increments(deltas) }, { session, upsert: true });
    const ids = Array.from(perDay.keys(), (day) => `${tenant}|${day}`);
    const known = new Map((await seatDays.find({ t: tenant, _id: { $in: ids } }, { session }).toArray()).map(({ day, changes }) => [day, changes]));
    await seatDays.bulkWrite(Array.from(perDay, ([day, ofDay]) => ({
      replaceOne: { filter: { _id: `${tenant}|${day}`, t: tenant }, replacement: { t: tenant, day, changes: ofDay.reduce(addToDay, known.get(day) ?? {}) }, upsert: true },
    })), { session });
    return deltas.length;
  });
}

type Changes = ByPopulation<SeatChange>;

function byDay(deltas: readonly SeatDeltaDocument[], zone: string): ReadonlyMap<string, readonly Changes[]> {
  const days = new Map<string, Changes[]>();
  for (const { at, changes } of deltas) {
    const day = dayIn(at, zone);
    const ofDay = days.get(day) ?? [];
    ofDay.push(changes);
    days.set(day, ofDay);
  }
  return days;
}

function increments(deltas: readonly SeatDeltaDocument[]): Record<string, number> {
  const counts = deltas.reduce<ByPopulation<SeatCount>>((sum, { changes }) => addToCounts(sum, changes), {});
  return Object.fromEntries(Object.entries(counts).flatMap(([population, { billed, unbilled }]) => [[`counts.${population}.billed`, billed], [`counts.${population}.unbilled`, unbilled]]));
}

function addToCounts(counts: ByPopulation<SeatCount>, changes: Changes): ByPopulation<SeatCount> {
  return { ...counts, ...mapped(changes, (change, population) => addToCount(counts[population], change)) };
}

/** In their order, for the highest count of a day is that after one of its commits. */
function addToDay(day: DayChanges, changes: Changes): DayChanges {
  return { ...day, ...mapped(changes, (change, population): DayChange => {
    const sum = addChange(day[population], change);
    return { ...sum, rise: Math.max(day[population]?.rise ?? 0, netOf(sum)) };
  }) };
}

function mapped<From, To>(values: ByPopulation<From>, map: (value: From, population: (typeof POPULATIONS)[number]) => To): ByPopulation<To> {
  return Object.fromEntries(POPULATIONS.flatMap((population) => (values[population] === undefined ? [] : [[population, map(values[population], population)]])));
}

export interface SeatBooks {
  /** With everything that was committed. */
  readonly counts: ByPopulation<SeatCount>;
  /** Days with changes, in no order. */
  readonly days: ReadonlyMap<string, DayChanges>;
  readonly since: string | undefined;
  readonly mends: number | undefined;
}

/** @param asked the first of the days that are asked for, if any are */
export async function readBooks({ tenant, store }: TenantScope, snapshot: Snapshot, asked?: { readonly from: string; readonly timeZone: string }): Promise<SeatBooks> {
  const { seatDeltas, seats, seatDays } = store.collections;
  const total = await seats.findOne({ _id: tenant, t: tenant }, { ...snapshot });
  const days = new Map<string, DayChanges>();
  if (asked) for await (const { day, changes } of seatDays.find({ t: tenant, day: { $gte: asked.from } }, { ...snapshot })) days.set(day, changes);
  let counts = total?.counts ?? {};
  for await (const { at, changes } of seatDeltas.find({ t: tenant }, { ...snapshot, sort: { _id: 1 } })) {
    counts = addToCounts(counts, changes);
    if (!asked) continue;
    const day = dayIn(at, asked.timeZone);
    if (day >= asked.from) days.set(day, addToDay(days.get(day) ?? {}, changes));
  }
  return { counts, days, since: total?.since, mends: total?.mends };
}

/** The people themselves, one by one. */
export async function countPeople({ tenant, store }: TenantScope, snapshot: Snapshot): Promise<ByPopulation<SeatCount>> {
  const counts: Partial<Record<(typeof POPULATIONS)[number], { billed: number; unbilled: number }>> = {};
  const people = store.collections.resources(store.registry.type('User'));
  for await (const { p, a } of people.find({ t: tenant }, { ...snapshot, projection: { _id: 0, p: 1, 'a.active': 1 } })) {
    const seat = seatOf(p, a['active']);
    if (!seat) continue;
    const count = (counts[seat.population] ??= { ...NO_COUNT });
    count[seat.isBilled ? 'billed' : 'unbilled']++;
  }
  return counts;
}

/** For a tenant that has people and no counts. Whoever is first counts: nobody changes a seat before the counts are there. */
export async function openBooks(scope: TenantScope, since: string): Promise<void> {
  const { tenant, store } = scope;
  const counts = await inSnapshot(store, (snapshot) => countPeople(scope, snapshot));
  try {
    await store.collections.seats.insertOne({ _id: tenant, t: tenant, counts, since });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}
