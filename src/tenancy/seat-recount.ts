/** Whether the counts of seats are those of the people, and what sets them right where they are not. */
import { conflict } from '../errors.ts';
import { POPULATIONS, type Population } from '../store/audience.ts';
import { writeAudit } from '../store/audit.ts';
import { isDuplicateKey } from '../store/mongo-errors.ts';
import { countPeople, readBooks } from '../store/seat-counts.ts';
import type { ByPopulation, SeatChange, SeatCount } from '../store/seat-documents.ts';
import { insertDelta, NO_CHANGE, NO_COUNT } from '../store/seats.ts';
import { inSnapshot } from '../store/snapshot.ts';
import { transact } from '../store/transaction.ts';
import type { Doing } from './doing.ts';

/** What was counted among the people, and what is kept of them, at the same moment. */
export interface Recount {
  readonly people: Readonly<Record<Population, SeatCount>>;
  readonly kept: Readonly<Record<Population, SeatCount>>;
  readonly differs: boolean;
  /** How often the counts had been set right when they were read. */
  readonly mends: number | undefined;
}

export async function recountSeats({ store }: Pick<Doing, 'store'>, tenant: string): Promise<Recount> {
  const scope = store.scope(tenant);
  return inSnapshot(store, async (snapshot) => {
    const { counts, mends } = await readBooks(scope, snapshot);
    const counted = await countPeople(scope, snapshot);
    return { people: ofAll(counted), kept: ofAll(counts), differs: Object.keys(differences(counted, counts)).length > 0, mends };
  });
}

function ofAll(counts: ByPopulation<SeatCount>): Recount['kept'] {
  const { employee = NO_COUNT, external = NO_COUNT, portal = NO_COUNT, contact = NO_COUNT } = counts;
  return { employee, external, portal, contact };
}

function differences(people: ByPopulation<SeatCount>, kept: ByPopulation<SeatCount>): ByPopulation<SeatChange> {
  return Object.fromEntries(POPULATIONS.flatMap((population) => {
    const { billed, unbilled } = people[population] ?? NO_COUNT;
    const was = kept[population] ?? NO_COUNT;
    if (billed === was.billed && unbilled === was.unbilled) return [];
    return [[population, { ...NO_CHANGE, corrected: billed - was.billed, unbilled: unbilled - was.unbilled }]];
  }));
}

/**
 * Adds the difference as a delta of today. What others change meanwhile changes people and counts alike, so the difference stays what it is.
 * @throws ScimError 409 where somebody else has mended since the recount
 */
export async function mendSeats({ store, by, now, request, from }: Doing, tenant: string, { people, kept, mends }: Recount): Promise<void> {
  const changes = differences(people, kept);
  const names = Object.keys(changes);
  if (names.length === 0) return;
  const values = Object.fromEntries(Object.entries(changes).map(([population, { corrected, unbilled }]) => [population, { billed: corrected, unbilled }]));
  await transact(store, async (session) => {
    try {
      await store.collections.seats.updateOne({ _id: tenant, t: tenant, mends: mends ?? { $exists: false } }, { $inc: { mends: 1 }, $setOnInsert: { counts: {} } }, { session, upsert: true });
    } catch (error) {
      if (isDuplicateKey(error)) throw conflict('The counts were set right by somebody else meanwhile: recount them once more.');
      throw error;
    }
    await insertDelta({ ...store.scope(tenant), session }, changes, now());
    await writeAudit(store, tenant, [{ by, action: 'seats.mend', on: { type: 'Tenant', id: tenant }, request, ...(from === undefined ? {} : { from }), changed: names, values }], now(), session);
  });
}
