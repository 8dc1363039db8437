/**
 * Reads who is found by a term in the order of the index, which costs the same on every page however many there are. Somebody may have several
 * keys that match, of two words or two roles; the first of them is their place, and where another one is met they are passed over.
 */
import { compareCodePoints } from '../scim/fold.ts';
import { SEARCH, SEARCH_INDEXES } from './search-keys.ts';
import { also, audiencesOf, beginnings, foundIn, keyOf, keysOf, patternsOf, projectionOf, withRoles, type Found, type Query, type SearchQuery } from './search-query.ts';
import type { Audience } from './audience.ts';
import type { ResourceDocument } from './documents.ts';
import type { TenantScope } from './store.ts';

/** Behind somebody: their place is the term that finds them first, and of their keys the first that it finds. */
export interface KeyPlace {
  /** Its position among the terms. */
  readonly term: number;
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

export async function readByKey(scope: TenantScope, query: SearchQuery, after: KeyPlace | undefined, limit: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let before = after;
  for (const stretch of stretchesOf(scope, query, after)) {
    for await (const document of documentsOf(scope, query, stretch, limit - rows.length)) {
      const place = placeOf(query, stretch, document, before);
      if (!place) continue;
      rows.push({ found: foundIn(query, document), place });
      if (rows.length === limit) return rows;
      before = place;
    }
  }
  return rows;
}

/** A part of the order that is read by one query, in the order of its index. */
interface Stretch {
  readonly term: number;
  readonly audiences: readonly Audience[];
  readonly statuses: readonly string[];
  /** Where it begins; undefined: with the first. */
  readonly from: KeyPlace | undefined;
}

/** One for each term; the one in which the place lies is the rest of its status, of its audience, and of all. */
function stretchesOf(scope: TenantScope, query: SearchQuery, after: KeyPlace | undefined): readonly Stretch[] {
  const audiences = audiencesOf(scope, query).toSorted();
  const statuses = query.statuses.toSorted();
  return query.terms.flatMap((_, term): Stretch[] => {
    const whole = { term, audiences, statuses, from: undefined };
    if (!after || term > after.term) return [whole];
    if (term < after.term) return [];
    const here = audiences.filter((one) => one === after.audience);
    return [
      { ...whole, audiences: here, statuses: [after.status], from: after },
      { ...whole, audiences: here, statuses: statuses.filter((status) => status > after.status) },
      { ...whole, audiences: audiences.filter((one) => one > after.audience) },
    ];
  }).filter((stretch) => stretch.audiences.length > 0 && stretch.statuses.length > 0);
}

/** Not sorted: the index that the hint names is read from its beginning to its end. */
function documentsOf(scope: TenantScope, query: SearchQuery, { term, audiences, statuses, from }: Stretch, batchSize: number): AsyncIterable<ResourceDocument> {
  const { collections, limits } = scope.store;
  const $in = patternsOf(beginnings(query, query.terms.slice(term, term + 1)));
  const filter: Query = {
    t: scope.tenant, p: { $in: [...audiences] }, [SEARCH.status]: { $in: [...statuses] },
    // Of an array each bound could be met by another element.
    [SEARCH.keys]: { $elemMatch: from ? { $gte: from.key, $in } : { $in } },
    ...also(scope, query, withRoles(query)),
  };
  return collections.resources(query.type).find(filter, { projection: projectionOf(query, SEARCH.status, SEARCH.keys), hint: { ...SEARCH_INDEXES.keys }, batchSize, maxTimeMS: limits.operationMs });
}

/** Undefined for whom another place comes first, or who was read already. */
function placeOf(query: SearchQuery, { term, from }: Stretch, document: ResourceDocument, before: KeyPlace | undefined): KeyPlace | undefined {
  const keys = keysOf(document);
  const earlier = beginnings(query, query.terms.slice(0, term));
  if (keys.some((key) => earlier.some((beginning) => key.startsWith(beginning)))) return undefined;
  const own = beginnings(query, query.terms.slice(term, term + 1));
  const [key] = keys.filter((one) => own.some((beginning) => one.startsWith(beginning))).sort(compareCodePoints);
  if (key === undefined || (from && compareCodePoints(key, from.key) < 0)) return undefined;
  const place = { term, audience: document.p, status: keyOf(document, 'st'), key };
  const same = before?.term === term && before.audience === place.audience && before.status === place.status && before.key === key ? before.ids : [];
  return same.includes(document._id) ? undefined : { ...place, ids: [...same, document._id] };
}
