/** Texts that are nearly filters and nearly paths: from a grammar, then damaged. Its own generator of random numbers, for speed. */
const ATTRIBUTES = [
  'userName', 'name.givenName', 'emails', 'emails.type', 'EMAILS.VALUE', 'active', 'meta.created', 'x509Certificates.value', 'groups', 'groups.$ref', 'password', 'nope', '$where', 'not', 'and', 'pr',
  'urn:ietf:params:scim:schemas:core:2.0:User:userName', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'a.b.c',
  'constructor', '__proto__', 'toString.length',
];
const LISTS = ['emails', 'addresses', 'phoneNumbers', 'x509Certificates', 'groups', 'userName', 'urn:ietf:params:scim:schemas:core:2.0:User:emails'];
const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le', 'EQ', 'regex'];
const LITERALS = ['"a"', '""', '"\\u00e9"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\"\\\\"', '"\\x"', 'true', 'false', 'null', '5', '-1.5e3', '1e999', '01', 'bob', "'x'", '"2026-01-05T09:00:00Z"', '"', '"a', '\u{1f600}', '"\0"'];
const CHARACTERS = ['"', '\\', '(', ')', '[', ']', '.', ' ', '\t', '\n', '\0', "'", '$', ':', ',', '-', '5', 'a', '\u{1f600}', '\ud83d', 'é', '{', '}', '%', '\u2028'];

export type Random = () => number;

/** mulberry32: small, fast, and the same for the same seed. @returns numbers from 0 to below 1 */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = (random: Random, from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';

export function randomFilter(random: Random): string {
  return damaged(random, expression(random, 4));
}

export function randomPath(random: Random): string {
  const choice = random();
  if (choice < 0.3) return damaged(random, pick(random, ATTRIBUTES));
  const sub = random() < 0.5 ? `.${pick(random, ['type', 'value', '$ref', 'nope', 'primary', 'value.x'])}` : '';
  return damaged(random, `${pick(random, LISTS)}[${expression(random, 3)}]${sub}`);
}

function expression(random: Random, depth: number): string {
  const choice = depth > 0 ? random() : 1;
  if (choice < 0.2) return `${expression(random, depth - 1)} ${pick(random, ['and', 'or', 'AND'])} ${expression(random, depth - 1)}`;
  if (choice < 0.3) return `(${expression(random, depth - 1)})`;
  if (choice < 0.4) return `${pick(random, ['not', 'not ', 'NOT '])}(${expression(random, depth - 1)})`;
  if (choice < 0.5) return `${pick(random, LISTS)}[${expression(random, depth - 1)}]`;
  if (choice < 0.6) return `${pick(random, ATTRIBUTES)} pr`;
  return `${pick(random, ATTRIBUTES)} ${pick(random, OPERATORS)} ${pick(random, LITERALS)}`;
}

/** Up to three times a character is put in, taken out or written over, or a part is cut, doubled or moved. A third stays as it is. */
function damaged(random: Random, text: string): string {
  const times = Math.max(Math.floor(random() * 5) - 1, 0);
  let result = text;
  for (let i = 0; i < times; i++) result = damagedOnce(random, result);
  return result;
}

function damagedOnce(random: Random, text: string): string {
  const at = Math.floor(random() * (text.length + 1));
  const end = at + Math.floor(random() * 8);
  switch (Math.floor(random() * 6)) {
    case 0:
      return text.slice(0, at) + pick(random, CHARACTERS) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + pick(random, CHARACTERS) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + text.slice(end);
    case 4:
      return text.slice(0, end) + text.slice(at);
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

/** Texts of a given length that grow where a careless parser would take more than linear time. */
export const GROWING: Readonly<Record<string, (length: number) => string>> = {
  'open parentheses': (length) => '('.repeat(length),
  'nested groups': (length) => `${'('.repeat(length / 3)}a pr${')'.repeat(length / 3)}`,
  'not of not': (length) => 'not ('.repeat(length / 5),
  'many terms': (length) => Array.from({ length: length / 14 }, () => 'title eq "abc"').join(' or '),
  'one long text': (length) => `title eq "${'a'.repeat(length)}"`,
  'an open text': (length) => `title eq "${'\\"'.repeat(length / 2)}`,
  'many escapes': (length) => `title eq "${'\\u00e9'.repeat(length / 6)}"`,
  blanks: (length) => `title${' '.repeat(length)}eq "a"`,
  'blanks at the end': (length) => `title pr${' '.repeat(length)}`,
  'a long name': (length) => `${'a'.repeat(length)} pr`,
  dots: (length) => `a${'.a'.repeat(length / 2)} pr`,
  'a long URN': (length) => `urn${':a'.repeat(length / 2)} pr`,
  digits: (length) => `title eq ${'1'.repeat(length)}`,
  'single quotes': (length) => `title eq '${'a'.repeat(length)}`,
  'open brackets': (length) => 'emails['.repeat(length / 7),
  'value paths': (length) => Array.from({ length: length / 28 }, () => 'emails[type eq "work"]').join(' and '),
};
