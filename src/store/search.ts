/**
 * Lists of people by names, addresses, roles and statuses: about as many documents are looked at as are found. Pages go on from the place of the
 * last one, so that nobody who stays as they are comes twice or not at all.
 */
import type { ResourceDocument } from './documents.ts';
import { SEARCH } from './search-keys.ts';
import { foundIn, indexFor, keyOf, matching, projectionOf, type Found, type SearchQuery } from './search-query.ts';
import { readByKey, type KeyPlace } from './search-walk.ts';
import type { TenantScope } from './store.ts';

/** Between two of them, in the order of names or in that of the keys by which they are found. */
export type SearchPlace =
  | { readonly order: 'names'; readonly after?: NamePlace }
  | { readonly order: 'keys'; readonly after?: KeyPlace };

interface NamePlace {
  readonly name: string;
  readonly id: string;
}

export interface SearchPage {
  readonly found: readonly Found[];
  /** Undefined behind the last one. */
  readonly next: SearchPlace | undefined;
}

/** Up to here they are counted. */
export const MOST_COUNTED = 1000;

/** Undefined for more than `MOST_COUNTED`. */
export async function countFound(scope: TenantScope, query: SearchQuery): Promise<number | undefined> {
  const { collections, limits } = scope.store;
  const found = await collections.resources(query.type).countDocuments(matching(scope, query), { limit: MOST_COUNTED + 1, hint: indexFor(query), maxTimeMS: limits.operationMs });
  return found > MOST_COUNTED ? undefined : found;
}

/** @param place the one where the page before ended; without `after` the start. The order of keys needs terms */
export async function readFound(scope: TenantScope, query: SearchQuery, place: SearchPlace, count: number): Promise<SearchPage> {
  if (place.order === 'keys') {
    const rows = await readByKey(scope, query, place.after, count + 1);
    const last = rows[count - 1];
    return { found: rows.slice(0, count).map(({ found }) => found), next: rows.length > count && last ? { order: 'keys', after: last.place } : undefined };
  }
  const documents = await readByName(scope, query, place.after, count + 1);
  const last = documents[count - 1];
  return {
    found: documents.slice(0, count).map((document) => foundIn(query, document)),
    next: documents.length > count && last ? { order: 'names', after: { name: keyOf(last, query.byInfix ? 'i' : 'n'), id: last._id } } : undefined,
  };
}

const nameField = ({ byInfix }: SearchQuery) => (byInfix ? SEARCH.infixName : SEARCH.name);
const byName = (query: SearchQuery) => ({ [nameField(query)]: 1, _id: 1 }) as const;

/** Without terms the index has this order; with terms MongoDB sorts what it finds, which is for few. */
function readByName(scope: TenantScope, query: SearchQuery, after: NamePlace | undefined, limit: number): Promise<ResourceDocument[]> {
  const { collections, limits } = scope.store;
  const field = nameField(query);
  const beyond = after && {
    // A bound of the index, where the names are in it; there the other condition is for those of one name alone.
    ...(query.terms.length === 0 ? { [field]: { $gte: after.name } } : {}),
    $or: [{ t: scope.tenant, [field]: { $gt: after.name } }, { t: scope.tenant, [field]: after.name, _id: { $gt: after.id } }],
  };
  return collections.resources(query.type)
    .find({ ...matching(scope, query), ...beyond }, { projection: projectionOf(query, field), hint: indexFor(query), maxTimeMS: limits.operationMs })
    .sort(byName(query))
    .limit(limit)
    .toArray();
}

/** In one round trip: so much is held of a list without an end. */
const BATCH = 500;

/** Everybody who matches, in batches of one cursor, in the order of names or of the index. */
export async function* readAllFound(scope: TenantScope, query: SearchQuery, order: SearchPlace['order']): AsyncGenerator<readonly Found[]> {
  const { collections, limits } = scope.store;
  const cursor = collections.resources(query.type).find(matching(scope, query), { projection: projectionOf(query), hint: indexFor(query), batchSize: BATCH, maxTimeMS: limits.exportMs });
  let batch: Found[] = [];
  for await (const document of order === 'names' ? cursor.sort(byName(query)) : cursor) {
    batch.push(foundIn(query, document));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
