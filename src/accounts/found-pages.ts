/** Pages of what is found by names, a page after the other, whatever the list is of. */
import { createHash } from 'node:crypto';
import { expiredCursor, invalidCursor } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { inTime } from '../resources/list.ts';
import { seal, unseal } from '../seal.ts';
import { countFound, MOST_COUNTED, readFound, type SearchPlace } from '../store/search.ts';
import type { Found, SearchQuery } from '../store/search-query.ts';

export interface Page {
  readonly count: number;
  readonly cursor?: string | undefined;
}

export interface FoundPage {
  readonly found: readonly Found[];
  /** For the page behind; undefined where there is none. */
  readonly cursor: string | undefined;
  /** Of the first page; undefined for more than `moreThan`. */
  readonly total: number | undefined;
  readonly moreThan: number | undefined;
}

/** Results that fill at most so many pages are put in the order of names; more come in the order of the index, which costs the same at any size. */
const SORTED_PAGES = 10;

/** @throws ScimError 400 invalidCursor, expiredCursor, tooMany */
export async function readPage(context: Context, search: SearchQuery, { count, cursor }: Page): Promise<FoundPage> {
  const { place, total } = cursor === undefined ? await inTime(startOf(context, search, count)) : openCursor(context, search, cursor);
  const { found, next } = await inTime(readFound(context.scope, search, place, count));
  return { found, cursor: next && sealCursor(context, search, { place: next, total }), total, moreThan: total === undefined ? MOST_COUNTED : undefined };
}

interface Position {
  readonly place: SearchPlace;
  readonly total: number | undefined;
}

async function startOf({ scope }: Context, search: SearchQuery, count: number): Promise<Position> {
  const total = await countFound(scope, search);
  const isSorted = search.terms.length === 0 || (total !== undefined && total <= SORTED_PAGES * count);
  return { place: { order: isSorted ? 'names' : 'keys' }, total };
}

interface Sealed extends Position {
  /** What the cursor may be used for. */
  readonly query: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const PURPOSE = 'people';

function sealCursor(context: Context, search: SearchQuery, position: Position): string {
  const sealed: Sealed = { ...position, query: fingerprint(context, search), expires: context.now().getTime() + context.limits.cursorSeconds * 1000 };
  return seal(context.secretKeys, PURPOSE, JSON.stringify(sealed));
}

function openCursor(context: Context, search: SearchQuery, cursor: string): Position {
  const text = unseal(context.secretKeys, PURPOSE, cursor);
  // Only what sealCursor wrote opens.
  const sealed = text === undefined ? undefined : JSON.parse(text) as Sealed; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
  if (sealed?.query !== fingerprint(context, search)) throw invalidCursor('The cursor is not one of this query.');
  if (sealed.expires <= context.now().getTime()) throw expiredCursor('The cursor has expired. Start again without one.');
  return { place: sealed.place, total: sealed.total };
}

/** The order is part of it: a policy that is changed meanwhile is another query. */
function fingerprint({ principal: { tenant, actor } }: Context, { type, audiences, statuses, terms, roles, listed, byInfix }: SearchQuery): string {
  return createHash('sha256').update(JSON.stringify([tenant, actor, type.name, audiences, statuses, terms, roles, listed, byInfix])).digest('base64url');
}
