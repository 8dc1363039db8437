/**
 * The order of a list: RFC 7644 section 3.4.2.3, with the id behind it so that it is total (R-SORT-7). The same key is defined twice, for
 * MongoDB and for a resource in memory; `test/properties/sort.test.ts` holds them together.
 */
import mongoose, { type mongo } from 'mongoose';
import { resolveName, type AttributePath } from '../scim/path.ts';
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

/**
 * A part of a list that MongoDB can read in order as it stands: the resources that have a value, and those that have none. Together they
 * are the list; undefined where the key must be computed.
 */
export interface Segment {
  readonly field: string;
  readonly condition: object;
  /** Whether the field tells its resources apart; where they have no value only the id does. */
  readonly hasKey: boolean;
}

/** In ascending order: what has no value comes last (R-SORT-5). */
export function segmentsOf({ type, sortBy }: Order): readonly Segment[] | undefined {
  if (!sortBy) return [{ field: '_id', condition: {}, hasKey: false }];
  const { attribute, extension, sub } = sortBy;
  const leaf = sub ?? attribute;
  if (!extension && attribute.name === 'id') return [{ field: '_id', condition: {}, hasKey: false }];
  if (!extension && attribute.name === 'externalId') return undefined;
  if (!extension && attribute.name === 'meta') return metaSegments(sub?.name);
  const field = fieldOf(type, sortBy);
  if (attribute.multiValued) return undefined;
  if (!extension && !sub && attribute.required) return [{ field, condition: {}, hasKey: true }];
  // Only with its type named does a condition on presence become bounds of the index.
  if (leaf.type !== 'string' && leaf.type !== 'reference' && leaf.type !== 'dateTime') return undefined;
  return [{ field, condition: { [field]: { $gte: '' } }, hasKey: true }, { field: '_id', condition: { [field]: null }, hasKey: false }];
}

function metaSegments(name: string | undefined): readonly Segment[] | undefined {
  if (name === 'resourceType') return undefined;
  return [{ field: name === 'version' ? 'v' : (name ?? 'created'), condition: {}, hasKey: true }];
}

/** Whether the order can be read from an index; what is in no index is sorted in memory. */
export function isIndexed({ type, sortBy }: Order): boolean {
  if (!sortBy) return true;
  if (!segmentsOf({ type, sortBy, descending: false, client: '' })) return false;
  const field = fieldOf(type, sortBy);
  const indexed = [...type.storage.indexes, ...type.storage.unique].some(({ path }) => sameField(type, path, field));
  return indexed || field === '_id';
}

function sameField(type: ResourceType, path: string, field: string): boolean {
  const named = resolveName(type, path);
  return named?.kind === 'attribute' && fieldOf(type, named.path) === field;
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
  if (!extension && attribute.name === 'meta' && sub?.name === 'resourceType') return { $literal: type.name };
  if (!attribute.multiValued) return `$${fieldOf(type, path)}`;
  const list = { $ifNull: [`$${fieldOf(type, { ...path, sub: undefined })}`, []] };
  if (!sub) return { $first: list };
  // R-SORT-3: the primary element's value, else the first.
  const primary = { $filter: { input: list, cond: { $eq: ['$$this.primary', true] } } };
  return { $ifNull: [firstOf(primary, sub.name), firstOf(list, sub.name)] };
}

const firstOf = (list: mongo.Document, name: string) => ({ $let: { vars: { first: { $first: list } }, in: `$$first.${name}` } });

/** The key of a resource in memory; undefined too where the order is by id alone. */
export function sortKeyOf({ type, sortBy, client }: Order, resource: StoredResource): SortKey {
  if (!sortBy) return undefined;
  const { attribute, extension, sub } = sortBy;
  if (!extension && attribute.name === 'id') return resource.id;
  if (!extension && attribute.name === 'externalId') return resource.externalIds.find((entry) => entry.client === client)?.id;
  if (!extension && attribute.name === 'meta') return metaKey(type, resource, sub?.name);
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

function metaKey(type: ResourceType, { created, lastModified, version }: StoredResource, name: string | undefined): SortKey {
  if (name === 'resourceType') return type.name;
  if (name === 'version') return version;
  return name === 'lastModified' ? lastModified : created;
}
