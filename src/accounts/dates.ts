/**
 * Hire and leave dates (J10, L1, L4): days in the person's own time zone, else the tenant's. A leave date is the last day with access, so it acts
 * at the start of the next one; where the tenant's policy says `firstGone` it acts at its own start.
 */
import { DateTime } from 'luxon';
import { invalidValue, quote } from '../errors.ts';
import type { Policy } from '../policy.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { isTimeZone } from '../time.ts';
import type { Dates } from './facts.ts';

const DAY = /^(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * L4: a day, the same with an offset, or a dateTime, which is converted to `zone`; clients that never send null clear with "" or 9999-12-31.
 * @returns `YYYY-MM-DD`, or undefined for none. @throws ScimError 400 invalidValue
 */
export function readDay(name: 'hireDate' | 'leaveDate', text: string | undefined, zone: string): string | undefined {
  const given = text?.trim() ?? '';
  if (given === '' || given.startsWith('9999-12-31')) return undefined;
  const [, day] = DAY.exec(given) ?? [];
  const read = DateTime.fromISO(day ?? given, { zone });
  if (!read.isValid || (day === undefined && !/T\d/i.test(given)) || read.year < 1900) throw invalidValue(`${ACCOUNT_EXTENSION}:${name} must be a day like 2030-12-31 or a dateTime, not ${quote(given)}.`);
  return read.toISODate();
}

export const zoneOf = ({ timezone }: Attributes, policy: Policy): string => (isTimeZone(timezone) ? timezone : policy.timeZone);

/** The instant, as canonical text, from which on the person has access. */
export const startOf = (day: string, zone: string): string => instant(DateTime.fromISO(day, { zone }));

/** The instant, as canonical text, from which on the person has no access. */
export const endOf = (day: string, { leaveDay }: Policy, zone: string): string => {
  const start = DateTime.fromISO(day, { zone });
  return instant(leaveDay === 'last' ? start.plus({ days: 1 }) : start);
};

/** The start of the day: where the clock is put forward at midnight, that is 01:00. */
const instant = (day: DateTime): string => new Date(day.startOf('day').toMillis()).toISOString();

/** The last day with access, whatever the policy calls the date. */
export const lastDayOf = (leaveDate: string, { leaveDay }: Policy): string =>
  leaveDay === 'last' ? leaveDate : (DateTime.fromISO(leaveDate, { zone: 'utc' }).minus({ days: 1 }).toISODate() ?? leaveDate);

/** The instants follow from the days, the zone and the policy. A person who does not wait for the first day has none for it. */
export function withInstants({ hireDate, leaveDate, hiresAt }: Dates, attributes: Attributes, policy: Policy): Dates {
  const zone = zoneOf(attributes, policy);
  return {
    hireDate, leaveDate,
    hiresAt: hiresAt === undefined || hireDate === undefined ? undefined : startOf(hireDate, zone),
    leavesAt: leaveDate === undefined ? undefined : endOf(leaveDate, policy, zone),
  };
}
