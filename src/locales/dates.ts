/** Days and moments as people write them in their language, in their time zone. */
import type { Language } from '../policy.ts';
import { isTimeZone } from '../time.ts';

/** "en" alone would mean the order of the United States, 11/21; here 21 November. */
const LOCALES: Readonly<Record<Language, string>> = { nl: 'nl-NL', nb: 'nb-NO', en: 'en-GB' };

/**
 * "21 November 2026 at 13:30 CET".
 * @param timeZone of the IANA list; one that is not counts as UTC: SCIM's `timezone` is stored as sent
 */
export function formatInstant(instant: Date, language: Language, timeZone: string): string {
  const format = { year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
  return new Intl.DateTimeFormat(LOCALES[language], { ...format, timeZone: isTimeZone(timeZone) ? timeZone : 'UTC' }).format(instant);
}

/** "21 Nov 2026, 13:30": for tables, beside others of the same time zone. */
export function formatMoment(instant: Date, language: Language, timeZone: string): string {
  const format = { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(LOCALES[language], { ...format, timeZone: isTimeZone(timeZone) ? timeZone : 'UTC' }).format(instant);
}

/** "Friday 27 November 2026". @param day a day of the calendar, `YYYY-MM-DD`: the same for everybody, so no time zone counts */
export function formatDay(day: string, language: Language): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(date.getTime())) throw new TypeError('a day is written YYYY-MM-DD');
  return new Intl.DateTimeFormat(LOCALES[language], { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' }).format(date);
}
