/** What is asked of a list, as MongoDB is asked: one entry of the index that `search-keys.ts` describes decides on a resource. */
import mongoose, { type mongo } from 'mongoose';
import { isComplex, isList, type Attributes, type ResourceType } from '../scim/schema.ts';
import type { Audience } from './audience.ts';
import { decodeAttributes } from './codec.ts';
import { escapePattern } from './compile-filter.ts';
import type { ResourceDocument } from './documents.ts';
import { ANY_ROLE, MORE_ROLES, roleKey, SEARCH, SEARCH_INDEXES } from './search-keys.ts';
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
  const { terms, roles, statuses } = query;
  const own: Query = { t: scope.tenant, p: { $in: audiencesOf(scope, query) }, [SEARCH.status]: { $in: [...statuses] } };
  if (terms.length === 0) return { ...own, [SEARCH.roles]: { $in: roles.length === 0 ? [ANY_ROLE] : roles.map(roleKey) } };
  return { ...own, [SEARCH.keys]: { $in: patternsOf(beginnings(query, terms)) }, ...withRoles(query) };
}

export function indexFor({ terms, byInfix }: SearchQuery): Record<string, 1> {
  if (terms.length > 0) return { ...SEARCH_INDEXES.keys };
  return { ...(byInfix ? SEARCH_INDEXES.infixName : SEARCH_INDEXES.name) };
}

export const audiencesOf = ({ audience }: TenantScope, { audiences }: SearchQuery): Audience[] => audiences.filter((one) => !audience || audience.includes(one));

/** What the keys of those who match one of the terms begin with. */
export function beginnings({ roles }: SearchQuery, terms: readonly string[]): readonly string[] {
  const parts = roles.length === 0 ? [ANY_ROLE] : [...roles.map(roleKey), MORE_ROLES];
  return terms.flatMap((term) => parts.map((part) => part + term));
}

/** Says nothing new of those whose key holds their role, and decides on those with more roles than keys. */
export const withRoles = ({ roles }: SearchQuery): Query => (roles.length === 0 ? {} : { [SEARCH.roles]: { $in: roles.map(roleKey) } });

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
