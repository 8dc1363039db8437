/**
 * Who may see a resource: its audience is `all`, a population of people, or `console` for what is for administrators alone. A scope with an
 * audience reads and refers to nothing else, so that what is hidden is answered as what never was.
 */
import type { mongo } from 'mongoose';
import { isComplex, type ResourceType } from '../scim/schema.ts';
import { PORTAL_GROUP_EXTENSION } from '../scim/urns.ts';
import type { StoredResource } from './codec.ts';
import type { ResourceDocument } from './documents.ts';
import { fieldOf } from './fields.ts';
import { namedPath } from './models.ts';
import { textsAt } from './search-keys.ts';
import type { TenantScope } from './store.ts';

export const POPULATIONS = ['employee', 'external', 'portal', 'contact'] as const;
export type Population = (typeof POPULATIONS)[number];
export const AUDIENCES = [...POPULATIONS, 'all', 'console'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** A population of which only the people of one company are seen: `external@{the company's id}` (X1). */
export const LIMITABLE = ['external', 'contact', 'portal'] as const;
export type Limitable = (typeof LIMITABLE)[number];
export type Seen = Audience | `${Limitable}@${string}`;

export const atCompany = (population: Limitable, company: string): Seen => `${population}@${company}`;

interface Sight {
  readonly whole: readonly Audience[];
  /** The companies whose people are seen, by population. */
  readonly limited: ReadonlyMap<Limitable, readonly string[]>;
}

const taken = new WeakMap<readonly Seen[], Sight>();

/** Taken apart once for each caller. */
function sightOf(audience: readonly Seen[]): Sight {
  const known = taken.get(audience);
  if (known) return known;
  const limited = new Map<Limitable, string[]>();
  for (const one of audience) {
    const population = LIMITABLE.find((name) => one.startsWith(`${name}@`));
    if (population && !audience.includes(population)) limited.set(population, [...(limited.get(population) ?? []), one.slice(population.length + 1)]);
  }
  const sight = { whole: AUDIENCES.filter((one) => audience.includes(one)), limited };
  taken.set(audience, sight);
  return sight;
}

/** Whether the scope sees only the people of some companies. */
export const isLimited = ({ audience }: TenantScope): boolean => audience !== undefined && sightOf(audience).limited.size > 0;

/** The companies that a limited scope sees. */
export const companiesSeen = ({ audience }: TenantScope): readonly string[] => (audience ? [...new Set([...sightOf(audience).limited.values()].flat())] : []);

/** Whether all of a population are seen. */
export const seesAll = ({ audience }: TenantScope, population: Audience) => audience === undefined || audience.includes(population);

/** Of which of these populations somebody at least may be seen. */
export function populationsSeen({ audience }: Pick<TenantScope, 'audience'>, among: readonly Audience[]): readonly Audience[] {
  if (!audience) return among;
  const { whole, limited } = sightOf(audience);
  return among.filter((one) => whole.includes(one) || LIMITABLE.some((population) => population === one && limited.has(population)));
}

/** The tenant, and of its resources only what the scope may see. Part of every query that answers a caller. */
export function seenIn(scope: TenantScope, type: ResourceType): mongo.Filter<ResourceDocument> & { readonly t: string } {
  const { tenant, audience } = scope;
  if (audience === undefined) return { t: tenant };
  const { whole, limited } = sightOf(audience);
  const p = { $in: [...whole] };
  return limited.size === 0 ? { t: tenant, p } : { t: tenant, $and: [{ t: tenant, $or: [{ t: tenant, p, ...ofCompanies(scope, type) }, ...people(scope, type, limited)] }] };
}

/** The same of people who are hidden, of whose companies nothing is kept in an index: a limited scope sees none of them. */
export const hiddenSeenIn = ({ tenant, audience }: TenantScope): { readonly t: string; readonly p?: { readonly $in: Audience[] } } =>
  (audience === undefined ? { t: tenant } : { t: tenant, p: { $in: [...sightOf(audience).whole] } });

/** What the scope may not see. */
export function unseenIn(scope: TenantScope, type: ResourceType): mongo.Filter<ResourceDocument> {
  if (isLimited(scope)) return { t: scope.tenant, $nor: [seenIn(scope, type)] };
  return { t: scope.tenant, p: { $nin: [...scope.audience ?? []] } };
}

/** A query, and what may be seen of what it finds. */
export function seenOf(scope: TenantScope, type: ResourceType, query: mongo.Filter<ResourceDocument>): mongo.Filter<ResourceDocument> {
  const seen = seenIn(scope, type);
  return query.$and && seen.$and ? { ...query, ...seen, $and: [...query.$and, ...seen.$and] } : { ...query, ...seen };
}

/** Where `storage.json` has the company of a contact person and the customers of a portal user. */
const placesIn = (type: ResourceType) => (type.name === 'User' ? type.storage.search?.companies : undefined);

/**
 * All companies of a person must be among them: whoever may set the password of somebody gets in wherever that person gets in.
 */
function people({ tenant }: TenantScope, type: ResourceType, limited: Sight['limited']): readonly mongo.Filter<ResourceDocument>[] {
  const places = placesIn(type);
  if (!places) return [];
  const [contact, customer] = [fieldOf(type, namedPath(type, places.contact)), fieldOf(type, namedPath(type, places.customer))];
  const [, list = '', name = ''] = /^(.*)\.([^.]*)$/.exec(customer) ?? [];
  return Array.from(limited, ([population, companies]) => {
    const ids = [...companies];
    const own = population === 'portal' ? customer : contact;
    return { t: tenant, p: population, [own]: { $in: ids }, $nor: [{ t: tenant, [list]: { $elemMatch: { [name]: { $nin: ids } } } }, { t: tenant, [contact]: { $exists: true, $nin: ids } }] };
  });
}

/** A limited scope sees its own companies, and of groups none that stands for another one's portal. */
function ofCompanies(scope: TenantScope, type: ResourceType): mongo.Filter<ResourceDocument> {
  const companies = [...companiesSeen(scope)];
  if (type.name === 'Company') return { _id: { $in: companies } };
  const portals = type.storage.extensions[PORTAL_GROUP_EXTENSION];
  return portals === undefined ? {} : { [`k.${portals}.companyId`]: { $in: [...companies, null] } };
}

/** The same of what was read. */
export function isSeen(scope: TenantScope, type: ResourceType, { id, audience: own, attributes }: Pick<StoredResource, 'id' | 'audience' | 'attributes'>): boolean {
  if (scope.audience === undefined) return true;
  const { whole, limited } = sightOf(scope.audience);
  if (limited.size === 0) return whole.some((one) => one === own);
  const companies = companiesSeen(scope);
  if (whole.some((one) => one === own)) {
    if (type.name === 'Company') return companies.includes(id);
    const portal = attributes[PORTAL_GROUP_EXTENSION];
    const stands = isComplex(portal) && type.storage.extensions[PORTAL_GROUP_EXTENSION] !== undefined ? portal['companyId'] : undefined;
    return typeof stands !== 'string' || companies.includes(stands);
  }
  const places = placesIn(type);
  const among = LIMITABLE.some((one) => one === own) ? limited.get(LIMITABLE.find((one) => one === own) ?? 'contact') : undefined;
  if (!places || !among) return false;
  const [contact, customers] = [textsAt(type, attributes, places.contact), textsAt(type, attributes, places.customer)];
  return (own === 'portal' ? customers : contact).length > 0 && [...contact, ...customers].every((company) => among.includes(company));
}

/** The same tenant with nothing hidden: for rules that hold whoever asks. How much may be taken away is as before. */
export const unrestricted = ({ tenant, store, guard }: TenantScope): TenantScope => store.scope(tenant, undefined, guard);

/** Where nothing else is said: an employee, or the first population that the maker sees. */
export function usualAudience(type: ResourceType, scope: Pick<TenantScope, 'audience'> = {}): Audience {
  if (type.name !== 'User') return 'all';
  return populationsSeen(scope, POPULATIONS)[0] ?? 'employee';
}
