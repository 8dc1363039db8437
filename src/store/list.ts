/** Pages of resources, by index or by the key of the page before (keyset), over one resource type or several. */
import type { mongo } from 'mongoose';
import { tooMany } from '../errors.ts';
import { pathName } from '../scim/path.ts';
import type { ResolvedFilter } from '../scim/resolved-filter.ts';
import type { ResourceType } from '../scim/schema.ts';
import { seenIn, seenOf } from './audience.ts';
import { decode, type StoredResource } from './codec.ts';
import { compileFilter, type Query } from './compile-filter.ts';
import type { ResourceDocument } from './documents.ts';
import { lookUpEdges } from './edge-filter.ts';
import { isIndexed, LAST, segmentsOf, sortExpression, type Order, type Segment, type SortKey } from './sort.ts';
import type { TenantScope } from './store.ts';
import { countPeople } from './total-people.ts';

export interface ListQuery extends Order {
  readonly filter: ResolvedFilter | undefined;
}

/** A place in the order, between two resources. */
export interface Place {
  readonly key: SortKey;
  readonly id: string;
  /** Matters in queries over several types without a common order: one type comes after the other there. */
  readonly type: string;
}

export type Window =
  | { readonly kind: 'index'; readonly skip: number; readonly limit: number }
  /** What follows a place, or with `backwards` what comes before it; without a place the start. */
  | { readonly kind: 'keyset'; readonly place: Place | undefined; readonly backwards: boolean; readonly limit: number };

export interface Entry {
  readonly type: ResourceType;
  readonly resource: StoredResource;
}

/** @throws ScimError 400 tooMany where the filter needs more edges than a query can hold, 429; a MongoDB error when time runs out */
export async function countResources(scope: TenantScope, query: ListQuery): Promise<number> {
  const filter = await queryOf(scope, query);
  if (!query.filter && query.type.name === 'User') return countPeople(scope, filter);
  return inScanOrder(scope, query, () => scope.store.collections.resources(query.type).countDocuments(filter, { maxTimeMS: scope.store.limits.operationMs }));
}

/** The resources of one page, in the order of the query whatever way it was read. Throws as `countResources` does. */
export async function readPage(scope: TenantScope, query: ListQuery, window: Window): Promise<readonly Entry[]> {
  if (window.limit === 0) return [];
  const filter = await queryOf(scope, query);
  const documents = await inScanOrder(scope, query, async () => {
    await limitUnindexedSort(scope, query, filter);
    return documentsOf(scope, query, filter, window);
  });
  return inOrder(documents.map((document) => ({ type: query.type, resource: decode(query.type, document) })), window);
}

const isBackwards = (window: Window) => window.kind === 'keyset' && window.backwards;
const inOrder = (entries: readonly Entry[], window: Window) => (isBackwards(window) ? entries.toReversed() : entries);
/** -1 where the greatest comes first. */
const directionOf = ({ descending }: Order, window: Window): 1 | -1 => (descending !== isBackwards(window) ? -1 : 1);

async function queryOf(scope: TenantScope, { type, filter, client }: ListQuery): Promise<Query> {
  if (!filter) return seenIn(scope, type);
  const edge = await lookUpEdges(scope, filter);
  return seenOf(scope, type, compileFilter(filter, { type, tenant: scope.tenant, client, edge }));
}

/** What no index can order is sorted in memory, which has an end (R-QUERY-5). @throws ScimError 400 tooMany */
async function limitUnindexedSort(scope: TenantScope, query: ListQuery, filter: Query): Promise<void> {
  if (isIndexed(query) || !query.sortBy) return;
  const { unindexedSort, operationMs } = scope.store.limits;
  const found = await scope.store.collections.resources(query.type).countDocuments(filter, { limit: unindexedSort + 1, maxTimeMS: operationMs });
  if (found > unindexedSort) throw tooMany(`${pathName(query.sortBy)} has no index: at most ${unindexedSort} results can be sorted by it. Filter first, or sort by another attribute.`);
}

/** `co` and `ew` read an index from end to end: a few at a time, so that they leave the server to the others. @throws ScimError 429 */
function inScanOrder<T>(scope: TenantScope, { filter }: ListQuery, read: () => Promise<T>): Promise<T> {
  return filter && scans(filter) ? scope.store.scans(scope.tenant).run(read) : read();
}

function scans(filter: ResolvedFilter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.nodes.some(scans);
    case 'not':
    case 'element':
      return scans(filter.node);
    case 'compare':
      return filter.operator === 'co' || filter.operator === 'ew';
    case 'present':
    case 'edge':
    case 'constant':
      return false;
  }
}

async function documentsOf(scope: TenantScope, query: ListQuery, filter: Query, window: Window): Promise<ResourceDocument[]> {
  const segments = segmentsOf(query);
  const direction = directionOf(query, window);
  if (segments) return readSegments(scope, query, filter, direction === 1 ? segments : segments.toReversed(), window);
  return scope.store.collections.resources(query.type)
    .aggregate<ResourceDocument>(sortedPipeline([keyed(query, filter)], direction, window), { maxTimeMS: scope.store.limits.operationMs, allowDiskUse: true })
    .toArray();
}

/** One part of the list after the other until the page is full. */
async function readSegments(scope: TenantScope, query: ListQuery, filter: Query, segments: readonly Segment[], window: Window): Promise<ResourceDocument[]> {
  const place = window.kind === 'keyset' ? window.place : undefined;
  const start = place && segments.length > 1 ? segments.findIndex(({ hasKey }) => hasKey === (place.key !== undefined)) : 0;
  let documents: ResourceDocument[] = [];
  let skip = window.kind === 'index' ? window.skip : 0;
  for (const [position, segment] of segments.slice(start).entries()) {
    const limit = window.limit - documents.length;
    if (limit === 0) break;
    const own = segments.length > 1 ? { $and: [filter, segment.condition], t: scope.tenant } : filter;
    const part: Window = window.kind === 'index' ? { ...window, skip, limit } : { ...window, limit, place: position === 0 ? place : undefined };
    const found = await readSegment(scope, query, own, segment, part);
    if (skip > 0 && segments.length > 1) skip = found.length > 0 ? 0 : Math.max(skip - (await scope.store.collections.resources(query.type).countDocuments(own, { maxTimeMS: scope.store.limits.operationMs })), 0);
    documents = [...documents, ...found];
  }
  return documents;
}

function readSegment(scope: TenantScope, query: ListQuery, filter: Query, { field }: Segment, window: Window): Promise<ResourceDocument[]> {
  const direction = directionOf(query, window);
  const sort = field === '_id' ? { _id: direction } as const : { [field]: direction, _id: direction } as const;
  const found = scope.store.collections.resources(query.type)
    .find(afterPlace(scope, filter, field, direction, window), { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs })
    .sort(sort)
    .limit(window.limit);
  return (window.kind === 'index' ? found.skip(window.skip) : found).toArray();
}

function afterPlace({ tenant }: TenantScope, filter: Query, field: string, direction: 1 | -1, window: Window): Query {
  if (window.kind === 'index' || !window.place) return filter;
  const { key, id } = window.place;
  const beyond = direction === 1 ? '$gt' : '$lt';
  if (field === '_id') return { $and: [filter, { _id: { [beyond]: id } }], t: tenant };
  return { $and: [filter, { $or: [{ t: tenant, [field]: { [beyond]: key } }, { t: tenant, [field]: key, _id: { [beyond]: id } }] }], t: tenant };
}

const keyed = (query: ListQuery, filter: Query): mongo.Document[] => [{ $match: filter }, { $set: { s: sortExpression(query), ty: { $literal: query.type.name } } }];

/** Sorts by a computed key, over one collection or the union of several. */
function sortedPipeline([own = [], ...unions]: readonly mongo.Document[][], direction: 1 | -1, window: Window): mongo.Document[] {
  return [
    ...own,
    ...unions.flat(),
    ...(window.kind === 'keyset' && window.place ? [{ $match: { $expr: beyond(window.place, direction) } }] : []),
    { $sort: { s: direction, _id: direction } },
    ...(window.kind === 'index' ? [{ $skip: window.skip }] : []),
    { $limit: window.limit },
    { $unset: ['k', 's'] },
  ];
}

/** `$expr` compares across types, which the key behind all others needs. */
function beyond({ key, id }: Place, direction: 1 | -1): object {
  const operator = direction === 1 ? '$gt' : '$lt';
  const value = { $literal: key ?? LAST };
  return { $or: [{ [operator]: ['$s', value] }, { $and: [{ $eq: ['$s', value] }, { [operator]: ['$_id', { $literal: id }] }] }] };
}

/** A page over several types in one common order. All queries sort by the same name in the same direction. */
export async function readSortedPage(scope: TenantScope, queries: readonly ListQuery[], window: Window): Promise<readonly Entry[]> {
  const [first] = queries;
  if (!first || window.limit === 0) return [];
  return inScanOrder(scope, first, () => sortedPage(scope, first, queries, window));
}

async function sortedPage(scope: TenantScope, first: ListQuery, queries: readonly ListQuery[], window: Window): Promise<readonly Entry[]> {
  const filters = await Promise.all(queries.map((query) => queryOf(scope, query)));
  // Nothing orders a union but memory.
  await Promise.all(queries.map((query, index) => limitUnion(scope, query, filters[index] ?? { t: scope.tenant })));
  const stages = queries.map((query, index) => keyed(query, filters[index] ?? { t: scope.tenant }));
  const [own = [], ...others] = stages;
  const unions = others.map((pipeline, index) => [{ $unionWith: { coll: queries[index + 1]?.type.storage.collection, pipeline } }]);
  const documents = await scope.store.collections.resources(first.type)
    .aggregate<ResourceDocument & { ty: string }>(sortedPipeline([own, ...unions], directionOf(first, window), window), { maxTimeMS: scope.store.limits.operationMs, allowDiskUse: true })
    .toArray();
  // The types as the caller sees them, not as they are registered.
  const types = new Map(queries.map(({ type }) => [type.name, type]));
  const entries = documents.flatMap((document) => {
    const type = types.get(document.ty);
    return type ? [{ type, resource: decode(type, document) }] : [];
  });
  return inOrder(entries, window);
}

async function limitUnion(scope: TenantScope, { type }: ListQuery, filter: Query): Promise<void> {
  const { unindexedSort, operationMs } = scope.store.limits;
  const found = await scope.store.collections.resources(type).countDocuments(filter, { limit: unindexedSort + 1, maxTimeMS: operationMs });
  if (found > unindexedSort) throw tooMany(`A query over several types can sort at most ${unindexedSort} results of each. Ask for one type, or filter.`);
}

/** A page over several types, one type after the other: what is cheap when nobody asks for an order. */
export async function readPageByType(scope: TenantScope, queries: readonly ListQuery[], window: Window): Promise<readonly Entry[]> {
  const backwards = isBackwards(window);
  const inTurn = backwards ? queries.toReversed() : queries;
  const start = window.kind === 'keyset' && window.place ? inTurn.findIndex(({ type }) => type.name === window.place?.type) : 0;
  let entries: readonly Entry[] = [];
  let skip = window.kind === 'index' ? window.skip : 0;
  for (const [position, query] of inTurn.slice(Math.max(start, 0)).entries()) {
    const limit = window.limit - entries.length;
    if (limit === 0) break;
    const part: Window = window.kind === 'index' ? { ...window, skip, limit } : { ...window, limit, place: position === 0 ? window.place : undefined };
    const found = await readPage(scope, query, part);
    if (window.kind === 'index' && skip > 0) skip = found.length > 0 ? 0 : Math.max(skip - (await countResources(scope, query)), 0);
    entries = backwards ? [...found, ...entries] : [...entries, ...found];
  }
  return entries;
}
