/** How seats are kept: what each commit did to them, until the worker has added it to the tenant's counts and to those of the day. */
import type { Population } from './audience.ts';

export type ByPopulation<T> = { readonly [Name in Population]?: T };

/** People of one population. */
export interface SeatCount {
  /** Not deactivated (J1): without an account, invited, locked, active. */
  readonly billed: number;
  readonly unbilled: number;
}

/** What became of the seats of one population, in a commit or on a day. */
export interface SeatChange {
  /** Billed from now on: made, reactivated, or come from another population. */
  readonly joined: number;
  /** No longer billed: deactivated, deleted, or gone to another population. */
  readonly left: number;
  /** More of those who are not billed, or fewer. */
  readonly unbilled: number;
  /** More billed ones, or fewer, by a recount: nobody came or went. */
  readonly corrected: number;
}

/** What one commit changed, written with it and never touched by another: counts that all commits update would make them wait for each other. */
export interface SeatDeltaDocument {
  /** UUIDv7: the order in which they happened. */
  readonly _id: string;
  readonly t: string;
  /** Decides the day, in the tenant's time zone. */
  readonly at: Date;
  readonly changes: ByPopulation<SeatChange>;
}

/** The counts of a tenant, without the deltas that wait. A tenant without one has had none yet. */
export interface SeatsDocument {
  /** The tenant. */
  readonly _id: string;
  readonly t: string;
  readonly counts: ByPopulation<SeatCount>;
  /** The first day with counts, where that is not the tenant's own. */
  readonly since?: string;
  /** How often a recount has set them right, so that no two do it for the same difference. */
  readonly mends?: number;
}

/**
 * A day with changes. Relative to its opening count, so that a delta that comes late writes to its own day alone: counts of days follow from the
 * present ones by taking back what came after.
 */
export interface SeatDayDocument {
  /** `tenant|day` */
  readonly _id: string;
  readonly t: string;
  /** Like 2026-01-31. */
  readonly day: string;
  readonly changes: DayChanges;
}

export type DayChanges = ByPopulation<DayChange>;
export interface DayChange extends SeatChange {
  /** By how much the highest count of the day is above the opening one. */
  readonly rise: number;
}
