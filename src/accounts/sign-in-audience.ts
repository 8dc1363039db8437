/**
 * What a sign-in can be for, other than our own pages: an application that the tenant names, and at a portal that portal. Whoever signs in for
 * one gets tokens for it in place of a cookie. This is the one place that knows which there are.
 */
import { invalidValue, quote } from '../errors.ts';
import type { Policy } from '../policy.ts';
import type { Context } from '../resources/context.ts';
import type { Entry } from '../store/account-documents.ts';

/** Whether people who sign in by this entry can have tokens for it now. Who comes to a portal has nothing to do with the organisation's own applications. */
export const isAudience = ({ applications }: Policy, audience: string, { portal }: Pick<Entry, 'portal'> = {}): boolean => (portal === undefined ? applications.includes(audience) : audience === portal);

/** @param portal the id of the portal at which. @throws ScimError 400 invalidValue naming it */
export function checkAudience({ tenant: { policy }, publicUrl, baseUrl }: Pick<Context, 'tenant' | 'publicUrl' | 'baseUrl'>, audience: string, portal: string | undefined): void {
  // Nobody's application may pass for Rollcall itself, whatever a policy says.
  const isOurs = audience === publicUrl || audience === baseUrl;
  if (isOurs || !isAudience(policy, audience, portal === undefined ? {} : { portal })) throw invalidValue(`audience ${quote(audience)} is no application that people can sign in to here.`);
}
