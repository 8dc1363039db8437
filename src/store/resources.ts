/** Reading resources: by id, and by filter in one stable order. */
import mongoose, { type mongo } from 'mongoose';
import type { AttributePath } from '../scim/path.ts';
import type { ResolvedFilter } from '../scim/resolve.ts';
import type { ResourceType } from '../scim/schema.ts';
import { decode, type StoredResource } from './codec.ts';
import { compileFilter, type Query } from './compile-filter.ts';
import type { ResourceDocument } from './documents.ts';
import { lookUpEdges } from './edge-filter.ts';
import { fieldOf } from './fields.ts';
import type { TenantScope } from './store.ts';

/** The resource, or undefined: for an id that never was, was deleted, or is another tenant's (R-READ-2). */
export function findById(scope: TenantScope, type: ResourceType, id: string): Promise<StoredResource | undefined> {
  return scope.store.byId.read(scope.tenant, type, id);
}

/** Those of `ids` that exist, by id. */
export async function findMany(scope: TenantScope, type: ResourceType, ids: readonly string[]): Promise<ReadonlyMap<string, StoredResource>> {
  if (ids.length === 0) return new Map();
  const found = await scope.store.collections.resources(type)
    .find({ _id: { $in: [...ids] }, t: scope.tenant }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs })
    .toArray();
  return new Map(found.map((document) => [document._id, decode(type, document)]));
}

export interface ListQuery {
  readonly type: ResourceType;
  readonly filter: ResolvedFilter | undefined;
  readonly sortBy: AttributePath | undefined;
  readonly descending: boolean;
  /** 0-based. */
  readonly skip: number;
  readonly limit: number;
  /** Whose externalId a filter or sort means. */
  readonly client: string;
}

export interface Page {
  readonly total: number;
  readonly entries: readonly { readonly type: ResourceType; readonly resource: StoredResource }[];
}

/** @throws ScimError 400 tooMany where the filter needs more edges than a query can hold; a MongoDB error when time runs out */
export async function listResources(scope: TenantScope, query: ListQuery): Promise<Page> {
  const filter = await toQuery(scope, query);
  if (query.limit === 0) return { total: await count(scope, query, filter), entries: [] };
  const documents = await readPage(scope, query, filter);
  // A page that is not full knows the total without counting.
  const isLast = documents.length < query.limit && (documents.length > 0 || query.skip === 0);
  const total = isLast ? query.skip + documents.length : await count(scope, query, filter);
  return { total, entries: documents.map((document) => ({ type: query.type, resource: decode(query.type, document) })) };
}

/** The same over several types at once, in one common order. All queries have the same page, sort name and direction. */
export async function listSorted(scope: TenantScope, queries: readonly ListQuery[]): Promise<Page> {
  const [first] = queries;
  if (!first) return { total: 0, entries: [] };
  const filters = await Promise.all(queries.map((query) => toQuery(scope, query)));
  const counts = await Promise.all(queries.map((query, index) => count(scope, query, filters[index] ?? { t: scope.tenant })));
  const direction = first.descending ? -1 : 1;
  const [own = [], ...others] = queries.map((query, index) => [
    { $match: filters[index] },
    { $set: { s: sortKey(query), ty: { $literal: query.type.name } } },
  ]);
  const pipeline = [
    ...own,
    ...others.map((stages, index) => ({ $unionWith: { coll: queries[index + 1]?.type.storage.collection, pipeline: stages } })),
    { $sort: { s: direction, _id: direction } },
    { $skip: first.skip },
    { $limit: Math.max(first.limit, 1) },
    { $unset: ['k', 's'] },
  ];
  const documents = await scope.store.collections.resources(first.type)
    .aggregate<ResourceDocument & { ty: string }>(pipeline, { maxTimeMS: scope.store.limits.operationMs, allowDiskUse: true })
    .toArray();
  const entries = documents.slice(0, first.limit).map((document) => {
    const type = scope.store.registry.type(document.ty);
    return { type, resource: decode(type, document) };
  });
  return { total: counts.reduce((sum, own) => sum + own, 0), entries };
}

async function toQuery(scope: TenantScope, { type, filter, client }: ListQuery): Promise<Query> {
  if (!filter) return { t: scope.tenant };
  const edge = await lookUpEdges(scope, filter);
  return compileFilter(filter, { type, tenant: scope.tenant, client, edge });
}

function count(scope: TenantScope, { type }: ListQuery, filter: Query): Promise<number> {
  return scope.store.collections.resources(type).countDocuments(filter, { maxTimeMS: scope.store.limits.operationMs });
}

function readPage(scope: TenantScope, query: ListQuery, filter: Query): Promise<ResourceDocument[]> {
  const collection = scope.store.collections.resources(query.type);
  const direction = query.descending ? -1 : 1;
  const { operationMs: maxTimeMS } = scope.store.limits;
  const field = query.sortBy ? indexedSortField(query.type, query.sortBy) : '_id';
  if (field !== undefined) {
    const sort = field === '_id' ? { _id: direction } as const : { [field]: direction, _id: direction } as const;
    return collection.find(filter, { projection: { k: 0 }, maxTimeMS }).sort(sort).skip(query.skip).limit(query.limit).toArray();
  }
  const pipeline = [
    { $match: filter },
    { $set: { s: sortKey(query) } },
    { $sort: { s: direction, _id: direction } },
    { $skip: query.skip },
    { $limit: query.limit },
    { $unset: ['k', 's'] },
  ];
  return collection.aggregate<ResourceDocument>(pipeline, { maxTimeMS, allowDiskUse: true }).toArray();
}

/** A field that every resource has can be sorted by as it stands, and by its index where it has one. */
function indexedSortField(type: ResourceType, path: AttributePath): string | undefined {
  const { attribute, extension, sub } = path;
  if (!extension && attribute.name === 'meta') return sub?.name === 'version' ? 'v' : fieldOf(type, path);
  if (!extension && attribute.name === 'id') return '_id';
  return !extension && attribute.required && !attribute.multiValued && !sub ? fieldOf(type, path) : undefined;
}

/** R-SORT-5: what has no value comes last ascending. MongoDB would put it first, so it gets the key behind all others. */
function sortKey({ type, sortBy, client }: ListQuery): object {
  return { $ifNull: [sortBy ? sortValue(type, sortBy, client) : null, new mongoose.mongo.MaxKey()] };
}

function sortValue(type: ResourceType, path: AttributePath, client: string): mongo.Document | string {
  const { attribute, extension, sub } = path;
  if (!extension && attribute.name === 'externalId') return firstOf({ $filter: { input: '$ext', cond: { $eq: ['$$this.client', { $literal: client }] } } }, 'id');
  if (!attribute.multiValued) return `$${fieldOf(type, path)}`;
  const list = { $ifNull: [`$${fieldOf(type, { ...path, sub: undefined })}`, []] };
  if (!sub) return { $first: list };
  // R-SORT-3: the primary element's value, else the first.
  const primary = { $filter: { input: list, cond: { $eq: ['$$this.primary', true] } } };
  return { $ifNull: [firstOf(primary, sub.name), firstOf(list, sub.name)] };
}

const firstOf = (list: mongo.Document, name: string) => ({ $let: { vars: { first: { $first: list } }, in: `$$first.${name}` } });
