/**
 * Reads who is found by terms in the order of the index, which costs the same on every page however many there are. Somebody may have several
 * keys that match, of two words or two roles; the first of them is their place, and where another one is met they are passed over.
 */
import { compareCodePoints } from '../scim/fold.ts';
import type { Audience } from './audience.ts';
import type { ResourceDocument } from './documents.ts';
import { SEARCH, SEARCH_INDEXES } from './search-keys.ts';
import { allParts, also, audiencesOf, beginnings, foundIn, keyOf, keysOf, patternsOf, projectionOf, withRoles, type Found, type Query, type SearchQuery } from './search-query.ts';
import type { TenantScope } from './store.ts';

/** Behind somebody: population, status, and of their keys the first that matches. */
export interface KeyPlace {
  readonly audience: string;
  readonly status: string;
  readonly key: string;
  /** Who was read with just this key; almost always one, for keys carry a mark. */
  readonly ids: readonly string[];
}

interface Row {
  readonly found: Found;
  readonly place: KeyPlace;
}

/** One query reads the page, and one more for each stretch that it goes beyond. */
export async function readByKey(scope: TenantScope, query: SearchQuery, after: KeyPlace | undefined, limit: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const stretch of stretchesOf(scope, query, after)) {
    for (const document of await documentsOf(scope, query, stretch, limit - rows.length)) {
      rows.push({ found: foundIn(query, document), place: placeOf(query, document, rows.at(-1)?.place ?? after) });
    }
    if (rows.length === limit) break;
  }
  return rows;
}

/** A part of the order that is read by one query, in the order of its index. */
interface Stretch {
  readonly audiences: readonly Audience[];
  readonly statuses: readonly string[];
  /** Where it begins; undefined: with the first. */
  readonly from: KeyPlace | undefined;
}

/** Behind a place: the rest of its status, of its audience, and of all. */
function stretchesOf(scope: TenantScope, query: SearchQuery, after: KeyPlace | undefined): readonly Stretch[] {
  const audiences = audiencesOf(scope, query).toSorted();
  const statuses = query.statuses.toSorted();
  if (!after) return [{ audiences, statuses, from: undefined }];
  const here = audiences.filter((one) => one === after.audience);
  return [
    { audiences: here, statuses: [after.status], from: after },
    { audiences: here, statuses: statuses.filter((status) => status > after.status), from: undefined },
    { audiences: audiences.filter((one) => one > after.audience), statuses, from: undefined },
  ].filter((stretch) => stretch.audiences.length > 0 && stretch.statuses.length > 0);
}

/** Not sorted: the index that the hint names is read from its beginning to its end, and meets nobody twice. */
function documentsOf(scope: TenantScope, query: SearchQuery, { audiences, statuses, from }: Stretch, limit: number): Promise<ResourceDocument[]> {
  const { collections, limits } = scope.store;
  const $in = patternsOf(beginnings(query, allParts(query)));
  const filter: Query = {
    t: scope.tenant, p: { $in: [...audiences] }, [SEARCH.status]: { $in: [...statuses] },
    // Of an array each bound could be met by another element. Who has an earlier key has been read.
    [SEARCH.keys]: from ? { $elemMatch: { $gte: from.key, $in }, $not: { $elemMatch: { $lt: from.key, $in } } } : { $elemMatch: { $in } },
    ...(from ? { _id: { $nin: [...from.ids] } } : {}),
    ...also(scope, query, withRoles(query)),
  };
  return collections.resources(query.type)
    .find(filter, { projection: projectionOf(query, SEARCH.status, SEARCH.keys), hint: { ...SEARCH_INDEXES.keys }, limit, batchSize: limit, maxTimeMS: limits.operationMs })
    .toArray();
}

function placeOf(query: SearchQuery, document: ResourceDocument, before: KeyPlace | undefined): KeyPlace {
  const own = beginnings(query, allParts(query));
  const [key = ''] = keysOf(document).filter((one) => own.some((beginning) => one.startsWith(beginning))).sort(compareCodePoints);
  const place = { audience: document.p, status: keyOf(document, 'st'), key };
  const same = before?.audience === place.audience && before.status === place.status && before.key === key ? before.ids : [];
  return { ...place, ids: [...same, document._id] };
}
