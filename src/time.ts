/** Days and time zones. A day is text like 2026-01-31, whose order is that of the days. */
import { DateTime } from 'luxon';

export const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether a name is one of the IANA list, in whatever case. */
export function isTimeZone(name: unknown): name is string {
  try {
    return typeof name === 'string' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The day on which an instant falls. @param zone as in policies: one of the IANA list */
export const dayIn = (instant: Date, zone: string): string => DateTime.fromJSDate(instant, { zone }).toISODate() ?? '';

/** Whether text is a day that there is. */
export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;

/** @param days may be negative */
export const addDays = (day: string, days: number): string => DateTime.fromISO(day, { zone: 'utc' }).plus({ days }).toISODate() ?? '';

/** From the first to the last, both counted; none where the last is before the first. */
export const daysFrom = (first: string, last: string): number => Math.max(0, DateTime.fromISO(last, { zone: 'utc' }).diff(DateTime.fromISO(first, { zone: 'utc' }), 'days').days + 1);
