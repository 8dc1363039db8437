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
  const { terms, statuses } = query;
  const own: Query = { t: scope.tenant, p: { $in: audiencesOf(scope, query) }, [SEARCH.status]: { $in: [...statuses] } };
  const all = withRoles(query);
  const [first = { [SEARCH.roles]: { $in: [ANY_ROLE] } }, ...others] = all;
  if (terms.length === 0) return { ...own, ...first, ...also(scope, query, others) };
  return { ...own, [SEARCH.keys]: { $in: patternsOf(beginnings(query, terms)) }, ...also(scope, query, all) };
}

export function indexFor({ terms, byInfix }: SearchQuery): Record<string, 1> {
  if (terms.length > 0) return { ...SEARCH_INDEXES.keys };
  return { ...(byInfix ? SEARCH_INDEXES.infixName : SEARCH_INDEXES.name) };
}

export const audiencesOf = (scope: TenantScope, { audiences }: SearchQuery): Audience[] => [...populationsSeen(scope, audiences)];

/** What an index does not decide: further roles, and companies that a limited scope does not see. */
export function also(scope: TenantScope, { type }: SearchQuery, conditions: readonly Query[]): Query {
  const all = [...conditions, ...(isLimited(scope) ? [seenIn(scope, type)] : [])];
  return all.length === 0 ? {} : { $and: all };
}


/** What the keys of those who match one of the terms begin with. */
export function beginnings({ roles, listed }: SearchQuery, terms: readonly string[]): readonly string[] {
  const parts = listed && listed.companies.length > 0 ? [...listed.companies.map((company) => companyKey(listed.shown === 'portal' ? 'portal' : 'contacts', company)), MORE_COMPANIES]
    : roles.length === 0 ? [ANY_ROLE] : [...roles.map(roleKey), MORE_ROLES];
  return terms.flatMap((term) => parts.map((part) => part + term));
}

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
