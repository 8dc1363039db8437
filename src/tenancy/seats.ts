/** How many people a tenant is billed for, now and day by day (J1). */
import { invalidValue, quote, unavailable } from '../errors.ts';
import { POPULATIONS, seesAll, type Population } from '../store/audience.ts';
import { foldDeltas, readBooks, type SeatBooks } from '../store/seat-counts.ts';
import type { ByPopulation, DayChange, SeatCount } from '../store/seat-documents.ts';
import { netOf, NO_CHANGE, NO_COUNT } from '../store/seats.ts';
import { inSnapshot } from '../store/snapshot.ts';
import type { TenantScope } from '../store/store.ts';
import { addDays, dayIn, daysFrom, isDay } from '../time.ts';
import type { Doing } from './doing.ts';
import { getTenant } from './tenants.ts';

/** Of the populations that the caller sees. */
export interface SeatHistory {
  /** The first day that is known of. */
  readonly since: string;
  /** In which days begin and end. */
  readonly timeZone: string;
  readonly now: ByPopulation<SeatCount>;
  readonly days: readonly SeatDay[];
}

/** `billed` and `unbilled` at the end of the day; of today, now. */
export interface SeatDay {
  readonly day: string;
  readonly billed: ByPopulation<number>;
  readonly unbilled: ByPopulation<number>;
  /** The highest count of billed ones, that at the beginning of the day among them. */
  readonly highest: ByPopulation<number>;
  readonly joined: ByPopulation<number>;
  readonly left: ByPopulation<number>;
  /** On days on which a recount set the counts right. */
  readonly corrected?: ByPopulation<number>;
}

export interface AskedDays {
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const MOST_DAYS = 400;
/** Where nothing is asked for. */
const USUAL_DAYS = 30;

/** Days before the first known and after today are left out. @throws ScimError 400 naming the day, 404 */
export async function seatHistory({ tenant: id, ...doing }: Doing & { readonly tenant: string }, asked: AskedDays): Promise<SeatHistory> {
  const { policy: { timeZone }, created } = await getTenant(doing, id);
  const today = dayIn(doing.now(), timeZone);
  const { from, to } = rangeOf(asked, today);
  const scope = doing.store.scope(id, doing.sees);
  await foldBacklog(scope);
  const books = await inSnapshot(doing.store, (snapshot) => readBooks(scope, snapshot, { from, timeZone }));
  const since = books.since ?? dayIn(created, timeZone);
  const seen = POPULATIONS.filter((population) => seesAll(scope, population));
  const days = daysOf(books, { from: from < since ? since : from, to: to > today ? today : to }, seen);
  return { since, timeZone, now: each(seen, (population) => books.counts[population] ?? NO_COUNT), days };
}

function rangeOf({ from, to }: AskedDays, today: string): { readonly from: string; readonly to: string } {
  for (const [name, value] of Object.entries({ from, to })) if (value !== undefined && !isDay(value)) throw invalidValue(`${name} must be a day like 2026-01-31, not ${quote(value)}.`);
  const last = to ?? today;
  const first = from ?? addDays(last, 1 - USUAL_DAYS);
  if (first > last) throw invalidValue(`from is ${first}, which is after ${to === undefined ? 'today' : 'to'}, ${last}.`);
  if (daysFrom(first, last) > MOST_DAYS) throw invalidValue(`from ${first} to ${last} are more than ${MOST_DAYS} days: ask for fewer at a time.`);
  return { from: first, to: last };
}

/** More than the worker leaves within seconds: where it stands still, a reader takes over what would make reading long. */
const MOST_WAITING = 5000;
const FOLDS_AT_ONCE = 20;

/** @throws ScimError 503 where even that is not enough; the next one goes on from there */
async function foldBacklog(scope: TenantScope): Promise<void> {
  const { tenant, store: { collections, limits } } = scope;
  const isLong = async () => (await collections.seatDeltas.countDocuments({ t: tenant }, { limit: MOST_WAITING + 1, maxTimeMS: limits.operationMs })) > MOST_WAITING;
  if (!(await isLong())) return;
  for (let fold = 0; fold < FOLDS_AT_ONCE; fold++) await foldDeltas(scope);
  if (await isLong()) throw unavailable();
}

/** From the last day to the first, for the counts of a day are those of now without what came after it. */
function daysOf({ counts, days }: SeatBooks, { from, to }: { readonly from: string; readonly to: string }, seen: readonly Population[]): readonly SeatDay[] {
  const at = new Map(seen.map((population) => [population, counts[population] ?? NO_COUNT]));
  const changeOf = (day: string, population: Population): DayChange => days.get(day)?.[population] ?? { ...NO_CHANGE, rise: 0 };
  const takeBack = (day: string) => {
    for (const [population, { billed, unbilled }] of at) {
      const change = changeOf(day, population);
      at.set(population, { billed: billed - netOf(change), unbilled: unbilled - change.unbilled });
    }
  };
  for (const day of days.keys()) if (day > to) takeBack(day);
  const told: SeatDay[] = [];
  for (let day = to; day >= from; day = addDays(day, -1)) {
    const closing = new Map(at);
    takeBack(day);
    const corrected = each(seen, (population) => changeOf(day, population).corrected);
    told.push({
      day,
      billed: each(seen, (population) => closing.get(population)?.billed ?? 0),
      unbilled: each(seen, (population) => closing.get(population)?.unbilled ?? 0),
      highest: each(seen, (population) => (at.get(population)?.billed ?? 0) + changeOf(day, population).rise),
      joined: each(seen, (population) => changeOf(day, population).joined),
      left: each(seen, (population) => changeOf(day, population).left),
      ...(Object.values(corrected).some((count) => count !== 0) ? { corrected } : {}),
    });
  }
  return told.toReversed();
}

const each = <T>(seen: readonly Population[], value: (population: Population) => T): ByPopulation<T> => Object.fromEntries(seen.map((population) => [population, value(population)]));
