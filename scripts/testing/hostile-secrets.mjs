/** What the people of hostile lines know: passwords, and the codes of their authenticators (RFC 6238). */
import { setTimeout as delay } from 'node:timers/promises';
import { Secret, TOTP } from 'otpauth';

/** Breaks no rule, and holds nobody's name. */
export const GOOD = 'twelve grey geese over Utrecht';
export const OTHER = 'nine brown owls in a barn';
/** bcrypt looks at 72 bytes alone. */
export const LONG = `${'a'.repeat(72)}RIGHT tail`;

const STEP_MS = 30_000;
/** Not at the end of a step: the server would be in the next one when it looks. */
const MARGIN_MS = 2000;

const now = (target) => target.now?.().getTime() ?? Date.now();
const totpAt = (secret, timestamp) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });

/**
 * The next code that nobody has used, of a time step that a server takes: where those are used up it waits. The clock of a test does not move by itself.
 * @param totp {secret, last}: the step of the last one. @param shift in steps
 */
export async function nextCode(target, totp, shift = 0) {
  if (!target.now && STEP_MS - (now(target) % STEP_MS) < MARGIN_MS) await delay(MARGIN_MS + 100);
  const present = Math.floor(now(target) / STEP_MS);
  const step = Math.max(present + shift, (totp.last ?? 0) + 1);
  if (step > present + 1 && !target.now) await delay((step - present - 1) * STEP_MS - (now(target) % STEP_MS) + 100);
  totp.last = step;
  return totpAt(totp.secret, step * STEP_MS);
}

/** A code of five minutes later. */
export const farCode = (target, { secret }) => totpAt(secret, now(target) + 10 * STEP_MS);
