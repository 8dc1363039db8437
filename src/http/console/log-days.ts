/** From and until, as days of the tenant's own time zone, for the filter of a log. */
import { startOf } from '../../accounts/dates.ts';
import { addDays, isDay } from '../../time.ts';

/** What is no day is as if it were not there: an address may be old. */
export function daysFilter({ from, to }: { readonly from: string; readonly to: string }, timeZone: string): readonly string[] {
  return [
    ...(isDay(from) ? [`at ge "${startOf(from, timeZone)}"`] : []),
    ...(isDay(to) ? [`at lt "${startOf(addDays(to, 1), timeZone)}"`] : []),
  ];
}
