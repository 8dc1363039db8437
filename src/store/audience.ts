/**
 * Who may see a resource: its audience is `all`, a population of people, or `console` for what is for administrators alone. A scope with an
 * audience reads and refers to nothing else, so that what is hidden is answered as what never was.
 */
import type { ResourceType } from '../scim/schema.ts';
import type { TenantScope } from './store.ts';

export const POPULATIONS = ['employee', 'external', 'portal', 'contact'] as const;
export type Population = (typeof POPULATIONS)[number];
export const AUDIENCES = [...POPULATIONS, 'all', 'console'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** The tenant, and of its resources only what the scope may see. Part of every query that answers a caller. */
export function seenIn({ tenant, audience }: TenantScope): { readonly t: string; readonly p?: { readonly $in: Audience[] } } {
  return audience === undefined ? { t: tenant } : { t: tenant, p: { $in: [...audience] } };
}

export const isSeenIn = ({ audience }: TenantScope, seen: string) => audience === undefined || audience.some((one) => one === seen);

/** The same tenant with nothing hidden: for rules that hold whoever asks. How much may be taken away is as before. */
export const unrestricted = ({ tenant, store, guard }: TenantScope): TenantScope => store.scope(tenant, undefined, guard);

/** Where nothing else is said: an employee, or the first population that the maker sees. */
export function usualAudience(type: ResourceType, { audience }: Pick<TenantScope, 'audience'> = {}): Audience {
  if (type.name !== 'User') return 'all';
  return audience && !audience.includes('employee') ? (audience.find((one) => POPULATIONS.some((population) => population === one)) ?? 'employee') : 'employee';
}
