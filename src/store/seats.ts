/** Seats, by which a tenant is billed (J1, S11): what a commit does to them, as one small document of its own in the same transaction. */
import { v7 as uuid } from 'uuid';
import type { Value } from '../scim/schema.ts';
import { POPULATIONS, type Population } from './audience.ts';
import type { Write } from './change-set.ts';
import type { ResourceDocument } from './documents.ts';
import type { ByPopulation, SeatChange, SeatCount } from './seat-documents.ts';
import type { Transaction } from './transaction.ts';

export interface Seat {
  readonly population: Population;
  readonly isBilled: boolean;
}

/** S11: whoever is deactivated is no active account, and nobody else. @returns undefined for whoever takes no seat: accounts of the console alone */
export function seatOf(audience: string, active: Value | undefined): Seat | undefined {
  const population = POPULATIONS.find((one) => one === audience);
  return population && { population, isBilled: active !== false };
}

/** A write that was done, with what was stored before it. */
export interface Seated {
  readonly write: Write;
  readonly stored: Pick<ResourceDocument, 'p' | 'a'> | undefined;
}

/** What changes no seat writes nothing. */
export async function writeSeatDelta(transaction: Transaction, entries: readonly Seated[]): Promise<void> {
  const changes = changesOf(entries.filter(({ write }) => write.type.name === 'User'));
  const [first] = entries;
  if (first && Object.keys(changes).length > 0) await insertDelta(transaction, changes, new Date(first.write.at));
}

export async function insertDelta({ session, tenant, store }: Transaction, changes: ByPopulation<SeatChange>, at: Date): Promise<void> {
  await store.collections.seatDeltas.insertOne({ _id: uuid(), t: tenant, at, changes }, { session });
}

function changesOf(entries: readonly Seated[]): ByPopulation<SeatChange> {
  const changes: Partial<Record<Population, SeatChange>> = {};
  const add = ({ population }: Seat, change: Partial<SeatChange>) => (changes[population] = addChange(changes[population], { ...NO_CHANGE, ...change }));
  for (const { write, stored } of entries) {
    const before = stored && seatOf(stored.p, stored.a['active']);
    const after = seatAfter(write, stored);
    if (before?.population === after?.population && before?.isBilled === after?.isBilled) continue;
    if (before) add(before, before.isBilled ? { left: 1 } : { unbilled: -1 });
    if (after) add(after, after.isBilled ? { joined: 1 } : { unbilled: 1 });
  }
  return changes;
}

function seatAfter(write: Write, stored: Seated['stored']): Seat | undefined {
  switch (write.kind) {
    case 'insert':
      return seatOf(write.audience, write.attributes['active']);
    case 'update':
      return stored && seatOf(write.audience ?? stored.p, (write.attributes ?? stored.a)['active']);
    case 'remove':
      return undefined;
  }
}

export const NO_CHANGE: SeatChange = { joined: 0, left: 0, unbilled: 0, corrected: 0 };
export const NO_COUNT: SeatCount = { billed: 0, unbilled: 0 };

export const addChange = (a: SeatChange = NO_CHANGE, b: SeatChange): SeatChange =>
  ({ joined: a.joined + b.joined, left: a.left + b.left, unbilled: a.unbilled + b.unbilled, corrected: a.corrected + b.corrected });

/** By how much the number of those who are billed has changed. */
export const netOf = ({ joined, left, corrected }: SeatChange): number => joined - left + corrected;

export const addToCount = (count: SeatCount = NO_COUNT, change: SeatChange): SeatCount =>
  ({ billed: count.billed + netOf(change), unbilled: count.unbilled + change.unbilled });
