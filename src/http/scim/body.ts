/**
 * Request bodies of the SCIM scope. Fastify's own parser takes text/plain, repairs broken UTF-8 and lets the last of two equal keys win;
 * here each of these is an error that says what is wrong, found before any schema is asked (R-HTTP-3, R-HTTP-4, design rule 7).
 */
import { invalidSyntax, quote, ScimError, unsupportedMediaType } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { Json } from '../../scim/json.ts';
import type { Tolerances } from '../../scim/tolerances.ts';

const JSON_TYPES = new Set(['application/scim+json', 'application/json']);
const UNTYPED = new Set(['', 'text/plain']);

/** @throws ScimError 415 for anything that is not JSON in UTF-8 */
export function checkMediaType(contentType: string | undefined, contentEncoding: string | undefined, tolerances: Tolerances): void {
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity') throw unsupportedMediaType('Send the body without Content-Encoding.');
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') throw unsupportedMediaType('Send the body in UTF-8.');
  if (JSON_TYPES.has(type) || (UNTYPED.has(type) && tolerances.use('anyJsonType'))) return;
  throw unsupportedMediaType('Send the body as application/scim+json.');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @returns undefined for an empty body. @throws ScimError 400 invalidSyntax naming the place */
export function parseBody(bytes: Buffer, limits: Limits): Json | undefined {
  const text = decode(bytes);
  if (text.trim() === '') return undefined;
  checkStructure(text, limits.jsonDepth);
  try {
    // JSON.parse says `any`; Json is what it returns.
    return JSON.parse(text) as Json; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
  } catch (cause) {
    // V8's message quotes the body, which may be somebody's data.
    const [, position] = /at position (\d+)/.exec(cause instanceof Error ? cause.message : '') ?? [];
    throw invalidSyntax(`The body is not valid JSON${position === undefined ? '' : `: see position ${position}`}.`);
  }
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new ScimError(400, 'The body is not valid UTF-8.', { scimType: 'invalidSyntax', cause });
  }
}

/** Depth, equal keys and `__proto__`, in one pass over the text. Text that is no JSON passes here and fails in JSON.parse. */
function checkStructure(text: string, maxDepth: number): void {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    switch (text.charAt(i)) {
      case '"': {
        const end = closingQuote(text, i);
        const keys = open.at(-1);
        if (keys && isKey(text, end)) checkKey(keys, text.slice(i, end + 1));
        i = end;
        break;
      }
      case '{':
      case '[':
        if (open.length >= maxDepth) throw invalidSyntax(`The body is nested deeper than ${maxDepth} levels.`);
        open.push(text.charAt(i) === '{' ? new Set() : undefined);
        break;
      case '}':
      case ']':
        open.pop();
        break;
    }
  }
}

function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charAt(end - 1 - backslashes) === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

function isKey(text: string, end: number): boolean {
  let next = end + 1;
  while (' \t\r\n'.includes(text.charAt(next)) && next < text.length) next++;
  return text.charAt(next) === ':';
}

function checkKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes('\\') ? unescaped(quoted) : quoted.slice(1, -1);
  if (key === '__proto__') throw invalidSyntax('The body has a key "__proto__", which no schema can have.');
  if (keys.has(key)) throw invalidSyntax(`The body has the key ${quote(key)} twice in one object.`);
  keys.add(key);
}

function unescaped(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
