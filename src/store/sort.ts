/**
 * The order of a list: RFC 7644 section 3.4.2.3, with the id behind it so that it is total (R-SORT-7). The same key is defined twice, for
 * MongoDB and for a resource in memory; `test/properties/sort.test.ts` holds them together.
 */
import mongoose, { type mongo } from 'mongoose';
import type { AttributePath } from '../scim/path.ts';
import { isComplex, isList, type ResourceType, type Value } from '../scim/schema.ts';
import { comparable, isPrimary } from '../scim/values.ts';
import type { StoredResource } from './codec.ts';
import { fieldOf } from './fields.ts';

export interface Order {
  readonly type: ResourceType;
  /** Undefined: by id alone, which is the order of creation. */
  readonly sortBy: AttributePath | undefined;
  readonly descending: boolean;
  /** Whose externalId is meant. */
  readonly client: string;
}

/** A comparable value, or undefined for a resource without one: it comes last ascending, first descending (R-SORT-5). */
export type SortKey = string | number | boolean | undefined;

/** A field that every resource has can be sorted by as it stands, and by its index where it has one. */
export function sortField({ type, sortBy }: Order): string | undefined {
  if (!sortBy) return '_id';
  const { attribute, extension, sub } = sortBy;
  if (!extension && attribute.name === 'meta') return sub?.name === 'version' ? 'v' : fieldOf(type, sortBy);
  if (!extension && attribute.name === 'id') return '_id';
  return !extension && attribute.required && !attribute.multiValued && !sub ? fieldOf(type, sortBy) : undefined;
}

/** MongoDB would put what has no value first; this key is behind all others. */
export const LAST = new mongoose.mongo.MaxKey();

/** The key as an aggregation expression. */
export function sortExpression(order: Order): object {
  return { $ifNull: [order.sortBy ? valueExpression(order, order.sortBy) : null, LAST] };
}

function valueExpression({ type, client }: Order, path: AttributePath): mongo.Document | string {
  const { attribute, extension, sub } = path;
  if (!extension && attribute.name === 'externalId') return firstOf({ $filter: { input: '$ext', cond: { $eq: ['$$this.client', { $literal: client }] } } }, 'id');
  if (!extension && attribute.name === 'meta' && sub?.name === 'version') return '$v';
  if (!attribute.multiValued) return `$${fieldOf(type, path)}`;
  const list = { $ifNull: [`$${fieldOf(type, { ...path, sub: undefined })}`, []] };
  if (!sub) return { $first: list };
  // R-SORT-3: the primary element's value, else the first.
  const primary = { $filter: { input: list, cond: { $eq: ['$$this.primary', true] } } };
  return { $ifNull: [firstOf(primary, sub.name), firstOf(list, sub.name)] };
}

const firstOf = (list: mongo.Document, name: string) => ({ $let: { vars: { first: { $first: list } }, in: `$$first.${name}` } });

/** The key of a resource in memory. */
export function sortKeyOf({ sortBy, client }: Order, resource: StoredResource): SortKey {
  if (!sortBy) return resource.id;
  const { attribute, extension, sub } = sortBy;
  if (!extension && attribute.name === 'id') return resource.id;
  if (!extension && attribute.name === 'externalId') return resource.externalIds.find((entry) => entry.client === client)?.id;
  if (!extension && attribute.name === 'meta') return metaKey(resource, sub?.name);
  const holder = extension ? resource.attributes[extension.schema.urn] : resource.attributes;
  const value = isComplex(holder) ? holder[attribute.name] : undefined;
  if (!sub) return scalar(value === undefined ? undefined : comparable(attribute, isList(value) ? (value[0] ?? '') : value));
  if (!isList(value)) return subKey(sub, value);
  return subKey(sub, value.find(isPrimary)) ?? subKey(sub, value[0]);
}

type SubAttribute = NonNullable<AttributePath['sub']>;

const subKey = (sub: SubAttribute, element: Value | undefined): SortKey => {
  const value = isComplex(element) ? element[sub.name] : undefined;
  return scalar(value === undefined ? undefined : comparable(sub, value));
};

const scalar = (value: Value | undefined): SortKey => (typeof value === 'object' ? undefined : value);

function metaKey({ created, lastModified, version }: StoredResource, name: string | undefined): SortKey {
  if (name === 'version') return version;
  return name === 'lastModified' ? lastModified : created;
}
