/** What is asked of a list, as MongoDB is asked: one entry of the index that `search-keys.ts` describes decides on a resource. */
import mongoose, { type mongo } from 'mongoose';
import { isComplex, isList, type Attributes, type ResourceType } from '../scim/schema.ts';
import { isLimited, populationsSeen, seenIn, type Audience } from './audience.ts';
import { decodeAttributes } from './codec.ts';
import { escapePattern } from './compile-filter.ts';
import type { ResourceDocument } from './documents.ts';
import { ANY_ROLE, companyKey, MORE_COMPANIES, MORE_ROLES, roleKey, SEARCH, SEARCH_INDEXES, type Shown } from './search-keys.ts';
import type { TenantScope } from './store.ts';

export interface SearchQuery {
  readonly type: ResourceType;
  /** What the scope does not see of them is not found. */
  readonly audiences: readonly Audience[];
  readonly statuses: readonly string[];
  /** In the form of `searchable`, at most as long as a phrase. One of them is enough; none: everybody. */
  readonly terms: readonly string[];
  /** One of them is enough; none: everybody. */
  readonly roles: readonly string[];
  /** As which they are listed, of these companies or of any; undefined: whoever they are. */
  readonly listed?: { readonly shown: Shown; readonly companies: readonly string[] } | undefined;
  /** Whether "van der Berg" stands under V. */
  readonly byInfix: boolean;
  /** What is read of everybody: names of attributes, URNs of extensions. */
  readonly attributes: readonly string[];
}

export interface Found {
  readonly id: string;
  readonly audience: string;
  readonly attributes: Attributes;
}

export type Query = mongo.Filter<ResourceDocument>;

/** As many pieces of an index MongoDB merges into one order (`internalQueryMaxScansToExplode`); beyond that it would sort in memory. */
export const MOST_PIECES = 200;

export function matching(scope: TenantScope, query: SearchQuery): Query {
  const { terms } = query;
  const all = withRoles(query);
  const [first = { [SEARCH.roles]: { $in: [ANY_ROLE] } }, ...others] = all;
  if (terms.length === 0) return { ...whose(scope, query), ...first, ...also(scope, query, others) };
  return { ...whose(scope, query), ...keyed(query, allParts(query)), ...also(scope, query, all) };
}

/** The same people, to be counted: on whom their key decides, nobody looks at. */
export function counting(scope: TenantScope, query: SearchQuery): Query {
  const { decided, others } = partsOf(query);
  if (query.terms.length === 0 || decided.length === 0 || isLimited(scope)) return matching(scope, query);
  const own = whose(scope, query);
  const by = [{ ...own, ...keyed(query, decided) }, ...(others.length === 0 ? [] : [{ ...own, ...keyed(query, others), ...also(scope, query, withRoles(query)) }])];
  return { t: scope.tenant, $or: by };
}

export function indexFor({ terms, byInfix }: SearchQuery): Record<string, 1> {
  if (terms.length > 0) return { ...SEARCH_INDEXES.keys };
  return { ...(byInfix ? SEARCH_INDEXES.infixName : SEARCH_INDEXES.name) };
}

const whose = (scope: TenantScope, query: SearchQuery): Query => ({ t: scope.tenant, p: { $in: audiencesOf(scope, query) }, [SEARCH.status]: { $in: [...query.statuses] } });
const keyed = (query: SearchQuery, parts: readonly string[]): Query => ({ [SEARCH.keys]: { $in: patternsOf(beginnings(query, parts)) } });

export const audiencesOf = (scope: TenantScope, { audiences }: SearchQuery): Audience[] => [...populationsSeen(scope, audiences)];

/** What an index does not decide: further roles, and companies that a limited scope does not see. */
export function also(scope: TenantScope, { type }: SearchQuery, conditions: readonly Query[]): Query {
  const all = [...conditions, ...(isLimited(scope) ? [seenIn(scope, type)] : [])];
  return all.length === 0 ? {} : { $and: all };
}

/** With which part the keys begin of those who match: whose key says all that is asked, and at whom has to be looked besides. */
function partsOf({ roles, listed }: SearchQuery): { readonly decided: readonly string[]; readonly others: readonly string[] } {
  if (!listed) return roles.length === 0 ? { decided: [ANY_ROLE], others: [] } : { decided: roles.map(roleKey), others: [MORE_ROLES] };
  const { shown, companies } = listed;
  if (companies.length === 0) return { decided: [], others: roles.length === 0 ? [ANY_ROLE] : [...roles.map(roleKey), MORE_ROLES] };
  const keys = companies.map((company) => companyKey(shown === 'portal' ? 'portal' : 'contacts', company));
  const isAll = roles.length === 0 && (shown === 'portal' || shown === 'contacts');
  return isAll ? { decided: keys, others: [MORE_COMPANIES] } : { decided: [], others: [...keys, MORE_COMPANIES] };
}

export function allParts(query: SearchQuery): readonly string[] {
  const { decided, others } = partsOf(query);
  return [...decided, ...others];
}

/** What the keys of those who match one of the terms begin with. */
export const beginnings = ({ terms }: SearchQuery, parts: readonly string[]): readonly string[] => terms.flatMap((term) => parts.map((part) => part + term));

/** Says nothing new of those whose key holds it, and decides on those with more roles or companies than keys. The first is the one that fewest have. */
export function withRoles({ roles, listed }: SearchQuery): readonly Query[] {
  const keys = listed && (listed.companies.length === 0 ? [companyKey(listed.shown)] : listed.companies.map((company) => companyKey(listed.shown, company)));
  return [...(keys ? [keys] : []), ...(roles.length === 0 ? [] : [roles.map(roleKey)])].map((some) => ({ [SEARCH.roles]: { $in: [...some] } }));
}

/** Anchored patterns: a range would end at "\uffff" and lose emoji. */
export const patternsOf = (texts: readonly string[]) => texts.map((text) => new mongoose.mongo.BSONRegExp(`^${escapePattern(text)}`));

/** @param fields beside the attributes */
export function projectionOf({ type, attributes }: SearchQuery, ...fields: readonly string[]): Record<string, 1> {
  return Object.fromEntries(['p', ...fields, ...attributes.map((name) => `a.${type.storage.extensions[name] ?? name}`)].map((field) => [field, 1]));
}

export const foundIn = ({ type }: SearchQuery, { _id, p, a }: ResourceDocument): Found => ({ id: _id, audience: p, attributes: decodeAttributes(type, a) });

/** The status of a document, its keys, or its place in the order of names, as far as they were read. */
export function keyOf({ k }: ResourceDocument, part: 'st' | 'n' | 'i'): string {
  const value = isComplex(k['_search']) ? k['_search'][part] : undefined;
  return typeof value === 'string' ? value : '';
}

export function keysOf({ k }: ResourceDocument): readonly string[] {
  const keys = isComplex(k['_search']) ? k['_search']['s'] : undefined;
  return isList(keys) ? keys.filter((key) => typeof key === 'string') : [];
}
