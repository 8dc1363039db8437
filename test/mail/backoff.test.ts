import t from 'tap';
import { nextAttempt } from '../../src/mail/backoff.ts';

const now = new Date('2026-11-21T12:00:00Z');
const minutes = (attempt: number, random = 0.5) => {
  const next = nextAttempt(attempt, now, random);
  return next && (next.getTime() - now.getTime()) / 60_000;
};

t.test('30 s, 2 min, 10 min, 30 min, 1 h, 2 h, then every 4 h', async (t) => {
  t.same([1, 2, 3, 4, 5, 6, 7, 8, 20].map((attempt) => minutes(attempt)), [0.5, 2, 10, 30, 60, 120, 240, 240, 240]);
});

t.test('20 % earlier or later', async (t) => {
  t.equal(minutes(3, 0), 8);
  t.equal(minutes(3, 1), 12);
});

t.test('given up after three days', async (t) => {
  let attempt = 1;
  let waited = 0;
  for (let wait = minutes(attempt); wait !== undefined; wait = minutes(++attempt)) waited += wait;
  t.ok(waited > 72 * 60 - 240 && waited <= 72 * 60, `${waited} minutes, ${attempt} attempts`);
  t.equal(nextAttempt(1_000, now, 0.5), undefined);
});
