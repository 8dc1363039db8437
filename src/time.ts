/** Days and time zones. */

export const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether a name is one of the IANA list, in whatever case. */
export function isTimeZone(name: unknown): name is string {
  try {
    return typeof name === 'string' && new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
