import t from 'tap';
import { formatDay, formatInstant } from '../../src/locales/dates.ts';

const noon = new Date('2026-07-01T10:05:00Z');

t.test('a moment is written in the language and at the clock of the person', async (t) => {
  t.equal(formatInstant(noon, 'nl', 'Europe/Amsterdam'), '1 juli 2026 om 12:05 CEST');
  t.equal(formatInstant(noon, 'nb', 'Europe/Oslo'), '1. juli 2026 kl. 12:05 CEST');
  t.equal(formatInstant(noon, 'en', 'UTC'), '1 July 2026 at 10:05 UTC');
  t.match(formatInstant(new Date('2026-12-31T23:30:00Z'), 'en', 'Asia/Tokyo'), /^1 January 2027 at 08:30/);
});

t.test('a time zone that is none counts as UTC', async (t) => {
  for (const zone of ['', 'Europe/Nowhere', 'a\nb', 'CET+1']) t.equal(formatInstant(noon, 'en', zone), '1 July 2026 at 10:05 UTC', zone);
});

t.test('a day of the calendar is the same day everywhere', async (t) => {
  t.equal(formatDay('2026-11-27', 'nl'), 'vrijdag 27 november 2026');
  t.equal(formatDay('2026-11-27', 'nb'), 'fredag 27. november 2026');
  t.match(formatDay('2026-11-27', 'en'), /^Friday,? 27 November 2026$/);
  for (const day of ['', '27-11-2026', '2026-13-01', '2026-11-27T10:00:00Z']) t.throws(() => formatDay(day, 'en'), TypeError, day);
});
