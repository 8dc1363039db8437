/** When a mail that could not be delivered is tried again. */

const MINUTE = 60_000;
/** Minutes after the first failure, the second and so on; the last one goes on. */
const WAITS = [0.5, 2, 10, 30, 60, 120, 240];
/** RFC 5321 section 4.5.4.1 asks for four to five days; no link of ours lives longer than three. */
const GIVEN_UP = 3 * 24 * 60;
/** So that mails which failed together do not come back together. */
const JITTER = 0.2;

/**
 * @param attempt how many have failed, 1 or more
 * @param random from 0 to 1
 * @returns when to try again, or nothing once the waits together exceed three days
 */
export function nextAttempt(attempt: number, now: Date, random: number): Date | undefined {
  const waited = Array.from({ length: attempt }, (_, failure) => waitAfter(failure + 1)).reduce((sum, wait) => sum + wait, 0);
  if (waited > GIVEN_UP) return undefined;
  const factor = 1 + JITTER * (2 * random - 1);
  return new Date(now.getTime() + Math.round(waitAfter(attempt) * factor * MINUTE));
}

const waitAfter = (failure: number): number => WAITS[Math.min(failure, WAITS.length) - 1] ?? 0;
