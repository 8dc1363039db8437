/**
 * Cursors of RFC 9865: a place in the order of a list, sealed with AES-256-GCM so that nobody can read or forge it. A cursor is bound to the
 * tenant, the client and all parameters of the query; the server keeps nothing of it.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { expiredCursor, invalidCount, invalidCursor } from '../errors.ts';
import type { ListRequest } from '../scim/list-request.ts';
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

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** @returns text of the unreserved characters of RFC 3986 only (R-CUR-4) */
export function sealCursor(context: Context, request: ListRequest, endpoint: string, cursor: Cursor): string {
  const [secret = ''] = context.secretKeys;
  const sealed: Sealed = { ...cursor, query: fingerprint(context, request, endpoint), expires: context.now().getTime() + context.limits.cursorSeconds * 1000 };
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), iv);
  const text = Buffer.concat([cipher.update(JSON.stringify(sealed)), cipher.final()]);
  return Buffer.concat([iv, text, cipher.getAuthTag()]).toString('base64url');
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
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== cursor) return undefined;
  for (const secret of secrets) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      // Only what sealCursor wrote opens.
      return JSON.parse(text.toString()) as Sealed; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
    } catch {
      // Sealed with another key, or by nobody.
    }
  }
  return undefined;
}

const keyOf = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', 'rollcall cursor', 32));

/** R-CUR-7: the parameters must be the same on every page. */
function fingerprint({ principal }: Context, { filter, sortBy, descending, attributes, excludedAttributes }: ListRequest, endpoint: string): string {
  const parts = [principal.tenant, principal.client, endpoint, filter ?? null, sortBy ?? null, descending, attributes ?? null, excludedAttributes ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
