/** When a password must be renewed: S7, and J8 where the administrator asked for it. */
import type { Context } from '../resources/context.ts';
import { DAY_MS } from '../time.ts';
import type { Facts } from './facts.ts';

/** @returns undefined where nothing expires: by policy, without a password, or for who signs in elsewhere */
export function passwordExpiresAt({ tenant: { policy } }: Pick<Context, 'tenant'>, { passwordChangedAt, signInMethod, mustChangePassword }: Facts): string | undefined {
  if (passwordChangedAt === undefined || signInMethod !== 'password') return undefined;
  if (mustChangePassword) return passwordChangedAt;
  return policy.passwordDays === 0 ? undefined : new Date(Date.parse(passwordChangedAt) + policy.passwordDays * DAY_MS).toISOString();
}

export function mustRenew(context: Pick<Context, 'tenant' | 'now'>, facts: Facts): boolean {
  const expires = passwordExpiresAt(context, facts);
  return expires !== undefined && context.now().getTime() >= Date.parse(expires);
}
