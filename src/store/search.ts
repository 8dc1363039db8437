/**
 * Lists of people by names, addresses, roles and statuses: about as many documents are looked at as are found. Pages go on from the place of the
 * last one, so that nobody who stays as they are comes twice or not at all.
 */
import type { ResourceDocument } from './documents.ts';
import { SEARCH } from './search-keys.ts';
import { counting, foundIn, indexFor, keyOf, matching, projectionOf, type Found, type Query, type SearchQuery } from './search-query.ts';
import { readByKey, type KeyPlace } from './search-walk.ts';
import type { TenantScope } from './store.ts';

/** Between two of them, in the order of names or in that of the keys by which they are found. */
export type SearchPlace =
  | { readonly order: 'names'; readonly after?: NamePlace }
  | { readonly order: 'keys'; readonly after?: KeyPlace };

interface NamePlace {
  readonly name: string;
  /** Undefined: behind everybody of that name. */
  readonly id: string | undefined;
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
  const found = await collections.resources(query.type).countDocuments(counting(scope, query), { limit: MOST_COUNTED + 1, hint: indexFor(query), maxTimeMS: limits.operationMs });
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
  const [last, beyond] = documents.slice(count - 1);
  const nameIn = (document: ResourceDocument) => keyOf(document, query.byInfix ? 'i' : 'n');
  return {
    found: documents.slice(0, count).map((document) => foundIn(query, document)),
    next: last && beyond ? { order: 'names', after: { name: nameIn(last), id: nameIn(last) === nameIn(beyond) ? last._id : undefined } } : undefined,
  };
}

const nameField = ({ byInfix }: SearchQuery) => (byInfix ? SEARCH.infixName : SEARCH.name);
const byName = (query: SearchQuery) => ({ [nameField(query)]: 1, _id: 1 }) as const;

/** Without terms the index has this order; with terms MongoDB sorts what it finds, which is for few. */
async function readByName(scope: TenantScope, query: SearchQuery, after: NamePlace | undefined, limit: number): Promise<ResourceDocument[]> {
  const { collections, limits } = scope.store;
  const found: ResourceDocument[] = [];
  for (const { condition, order = byName(query) } of beyondName(scope, query, after)) {
    const rest = limit - found.length;
    found.push(...await collections.resources(query.type)
      .find({ ...matching(scope, query), ...condition }, { projection: projectionOf(query, nameField(query)), hint: indexFor(query), limit: rest, batchSize: rest, maxTimeMS: limits.operationMs })
      .sort(order)
      .toArray());
    if (found.length === limit) break;
  }
  return found;
}

interface Beyond {
  readonly condition: Query;
  readonly order?: Record<string, 1>;
}

/** The rest of those of one name, of whom there may be thousands, and everybody behind them: each a stretch of the index, where it has the names. */
function beyondName({ tenant: t }: TenantScope, query: SearchQuery, after: NamePlace | undefined): readonly Beyond[] {
  if (!after) return [{ condition: {} }];
  const field = nameField(query);
  const behind = { [field]: { $gt: after.name } };
  if (after.id === undefined) return [{ condition: behind }];
  const ofOneName = { [field]: after.name, _id: { $gt: after.id } };
  // Of one name the order is that of ids; by both MongoDB would not merge the pieces of the index, but sort.
  return query.terms.length === 0 ? [{ condition: ofOneName, order: { _id: 1 } }, { condition: behind }] : [{ condition: { $or: [{ t, ...ofOneName }, { t, ...behind }] } }];
}

/** In one round trip: so much is held of a list without an end. */
const BATCH = 100;

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
