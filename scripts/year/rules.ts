/** What a change makes of somebody, worked out beside the server: `active` and the dates (workflows L1 to L5, J10). Instants are milliseconds. */
import { DateTime } from 'luxon';
import type { Person } from './person.ts';

/** The tenant's: decides for whoever has none, and when a day of seats ends. */
export const TENANT_ZONE = 'Europe/Amsterdam';

const startOf = (day: string, zone: string | undefined) => DateTime.fromISO(day, { zone: zone ?? TENANT_ZONE }).startOf('day');
/** The leave date is the last day with access. */
export const leavesAt = ({ leaveDate, zone }: Person): number | undefined => (leaveDate === undefined ? undefined : startOf(leaveDate, zone).plus({ days: 1 }).startOf('day').toMillis());
export const hiresAt = ({ hireDate, zone }: Person): number | undefined => (hireDate === undefined ? undefined : startOf(hireDate, zone).toMillis());
export const dayIn = (at: number, zone: string | undefined): string => DateTime.fromMillis(at, { zone: zone ?? TENANT_ZONE }).toISODate() ?? '';
export const daysAfter = (day: string, days: number): string => DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toISODate() ?? '';

const isAhead = (instant: number | undefined, now: number) => instant !== undefined && instant > now;

/** L1: somebody new, who waits where the first day is ahead, and is invited on it. */
export function joined(person: Person, invites: boolean, now: number): Person {
  const waits = isAhead(hiresAt(person), now);
  const login = invites ? (waits ? 'toInvite' : 'invited') : person.login;
  return { ...person, active: !waits, waits, login };
}

/** L3, L5: a PATCH that names `active`, or a verb. */
export function switched(person: Person, active: boolean): Person {
  if (active === person.active) return active ? person : { ...person, waits: false };
  return active ? { ...person, active, leaveDate: undefined } : { ...person, active };
}

/** L4: a date that is over acts at once; one that is not revives nobody. */
export function withLeaveDate(person: Person, leaveDate: string | undefined, now: number): Person {
  const dated = { ...person, leaveDate };
  return dated.active && leaveDate !== person.leaveDate && !isAhead(leavesAt(dated) ?? Infinity, now) ? { ...dated, active: false } : dated;
}

export interface Record_ {
  readonly active: boolean;
  readonly hireDate: string | undefined;
  readonly leaveDate: string | undefined;
}

/** L2, L4, L5: a PUT of the HR system. What it has said before is no assertion. */
export function replaced(person: Person, { active, hireDate, leaveDate }: Record_, now: number): Person {
  const { said } = person;
  let after: Person = { ...person, said: { active, leaveDate } };
  const waited = person.waits;
  if (active !== said.active) after = waited ? (active ? after : switched(after, false)) : switched(after, active);
  const isRepeated = leaveDate !== undefined && leaveDate === said.leaveDate;
  const asked = isRepeated ? person.leaveDate : leaveDate;
  after = { ...after, hireDate };
  if (asked !== person.leaveDate) after = withLeaveDate(after, asked, now);
  if (waited && after.waits && !isAhead(hiresAt(after), now)) after = hired(after);
  return after;
}

/** L5: a POST of somebody who has left. Whoever has a login keeps it, whoever has none gets what the client says; a date of which it says nothing stays. */
export function cameBack(person: Person, { hireDate = person.hireDate }: Record_, now: number): Person {
  const back: Person = { ...person, hireDate, leaveDate: undefined, said: { active: true, leaveDate: undefined } };
  const waits = isAhead(hiresAt(back), now);
  const login = back.login === 'none' ? (waits ? 'toInvite' : 'invited') : back.login;
  return { ...back, active: !waits, waits, login };
}

/** L1: who was to be invited is invited on the first day. */
export const hired = (person: Person): Person => ({ ...person, active: true, waits: false, login: person.login === 'toInvite' ? 'invited' : person.login });

export const isLeaving = (person: Person, now: number): boolean => person.active && person.leaveDate !== undefined && !isAhead(leavesAt(person), now);
export const isStarting = (person: Person, now: number): boolean => person.waits && !isAhead(hiresAt(person), now);
