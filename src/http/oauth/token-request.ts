/** What a client sends to the token endpoint (RFC 6749 section 4.4.2), and how it says who it is (section 2.3.1). */
import { invalidClient, invalidRequest } from './errors.ts';

export type Form = ReadonlyMap<string, string>;

export interface Credentials {
  readonly id: string;
  readonly secret: string;
}

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/** RFC 8707 section 2 lets a client name several resources; ours are one, so they are not looked at. */
const REPEATABLE = 'resource';

/** @throws OAuthError invalid_request for another media type, or where a parameter is repeated (section 3.2) */
export function readForm(contentType: string | undefined, body: unknown): Form {
  if (!FORM.test(contentType ?? '') || typeof body !== 'string') throw invalidRequest('Send the parameters as application/x-www-form-urlencoded.');
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (form.has(name) && name !== REPEATABLE) throw invalidRequest('A parameter is sent twice.');
    form.set(name, value);
  }
  // Section 3.1: without a value it counts as left out.
  return new Map([...form].filter(([, value]) => value !== ''));
}

/** @throws OAuthError invalid_client where there are none, invalid_request where there are two */
export function credentialsOf(authorization: string | undefined, form: Form): Credentials {
  const id = form.get('client_id');
  const secret = form.get('client_secret');
  if (authorization === undefined) {
    if (id === undefined || secret === undefined) throw invalidClient();
    return { id, secret };
  }
  const basic = readBasic(authorization);
  if (!basic) throw invalidClient();
  // Many clients send their id in the body as well: that alone is no second way to authenticate.
  const isTwice = secret !== undefined || (id !== undefined && id !== basic.id);
  if (isTwice) throw invalidRequest('The client must authenticate in the Authorization header or in the body, not in both.');
  return basic;
}

function readBasic(authorization: string): Credentials | undefined {
  const [, encoded = ''] = BASIC.exec(authorization) ?? [];
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  const id = decodeForm(text.slice(0, colon));
  const secret = decodeForm(text.slice(colon + 1));
  return id !== undefined && secret !== undefined ? { id, secret } : undefined;
}

/** Id and secret are form-encoded before they are joined. */
function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
