/**
 * Cursors of RFC 9865: a place in the order of a list, sealed so that nobody can read or forge it. A cursor is bound to the
 * tenant, the client and all parameters of the query; the server keeps nothing of it.
 */
import { createHash } from 'node:crypto';
import { expiredCursor, invalidCount, invalidCursor } from '../errors.ts';
import type { ListRequest } from '../scim/list-request.ts';
import { seal, unseal } from '../seal.ts';
import type { Place } from '../store/list.ts';
import type { Context } from './context.ts';

export interface Cursor {
  /** Undefined for the start. */
  readonly place: Place | undefined;
  readonly backwards: boolean;
  readonly count: number;
  /** Of the first page, so that it stays the same over the walk. */
  readonly total: number;
}

interface Sealed extends Cursor {
  /** What the cursor may be used for. */
  readonly query: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const PURPOSE = 'cursor';

/** @returns text of the unreserved characters of RFC 3986 only (R-CUR-4) */
export function sealCursor(context: Context, request: ListRequest, endpoint: string, cursor: Cursor): string {
  const sealed: Sealed = { ...cursor, query: fingerprint(context, request, endpoint), expires: context.now().getTime() + context.limits.cursorSeconds * 1000 };
  return seal(context.secretKeys, PURPOSE, JSON.stringify(sealed));
}

/** @throws ScimError 400 invalidCursor for what is not ours or another query's, expiredCursor, invalidCount for another count */
export function openCursor(context: Context, request: ListRequest, endpoint: string, cursor: string): Cursor {
  const sealed = open(context.secretKeys, cursor);
  if (sealed?.query !== fingerprint(context, request, endpoint)) throw invalidCursor('The cursor is not one of this query.');
  if (sealed.expires <= context.now().getTime()) throw expiredCursor('The cursor has expired. Start again with an empty cursor.');
  if (request.askedCount !== undefined && request.count !== sealed.count) throw invalidCount(`The count must stay ${sealed.count} from the first page to the last.`);
  return sealed;
}

function open(secrets: readonly string[], cursor: string): Sealed | undefined {
  const text = unseal(secrets, PURPOSE, cursor);
  // Only what sealCursor wrote opens.
  return text === undefined ? undefined : JSON.parse(text) as Sealed; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}

/** R-CUR-7: the parameters must be the same on every page. */
function fingerprint({ principal }: Context, { filter, sortBy, descending, attributes, excludedAttributes }: ListRequest, endpoint: string): string {
  const parts = [principal.tenant, principal.client, endpoint, filter ?? null, sortBy ?? null, descending, attributes ?? null, excludedAttributes ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
