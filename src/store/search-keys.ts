/**
 * What lists find resources by and put them in order by, computed with every write of their attributes from what `storage.json` names under
 * `search`. A key is a role and a phrase: so whoever has a role and a name is found by one entry of an index, and nothing else is looked at.
 */
import { createHash } from 'node:crypto';
import { fold } from '../scim/fold.ts';
import { resolveName, type AttributePath } from '../scim/path.ts';
import { isComplex, isList, type Attributes, type ResourceType, type SearchEntry, type Value } from '../scim/schema.ts';
import { cut, searchable } from '../scim/searchable.ts';

export interface SearchKeys {
  /** The status of the account: `deactivated` whoever is not active, `none` where nothing says otherwise. */
  readonly st: string;
  /** Every role by its key, `ANY_ROLE`, and whose contact person and customer somebody is (`companyKey`). */
  readonly r: readonly string[];
  /** The place in the order of names: "Jan van der Berg" under B; and by the infix, under V. */
  readonly n: string;
  readonly i: string;
  /** Role, phrase and mark. */
  readonly s: readonly string[];
}

export const SEARCH = { status: 'k._search.st', roles: 'k._search.r', keys: 'k._search.s', name: 'k._search.n', infixName: 'k._search.i' } as const;

/** Status and population are fields of their own: as part of each key they would make five patterns of one (docs/decisions.md). */
export const SEARCH_INDEXES = {
  keys: { t: 1, p: 1, [SEARCH.status]: 1, [SEARCH.keys]: 1 },
  name: { t: 1, p: 1, [SEARCH.status]: 1, [SEARCH.roles]: 1, [SEARCH.name]: 1, _id: 1 },
  infixName: { t: 1, p: 1, [SEARCH.status]: 1, [SEARCH.roles]: 1, [SEARCH.infixName]: 1, _id: 1 },
} as const;

/** Neither is a character of a role's key. */
export const ANY_ROLE = '*';
/** Stands in the keys of somebody with more roles than keys are made for: such a key is followed by a look at the roles. */
export const MORE_ROLES = '+';

/** Stands in the keys of somebody with more companies than keys are made for. */
export const MORE_COMPANIES = '#';
const COMPANY = '@';

/** X6: as which of a company's people somebody is listed; P2: as its portal user. */
export const SHOWN = ['contacts', 'external', 'loginEnabled', 'loginDisabled', 'notExternal', 'portal'] as const;
export type Shown = (typeof SHOWN)[number];

/** @param company undefined: of whatever company */
export const companyKey = (shown: Shown, company = '') => `${COMPANY}${digest(`${shown} ${company}`, 11)}`;

/** What bounds the keys of one resource: a name is found by its first words, and addresses beyond so many by none of theirs. */
const MOST_WORDS = 12;
const MOST_TEXTS = 20;
const MOST_KEYED_ROLES = 6;
const MOST_KEYED_COMPANIES = 4;
/** In characters, of a phrase and so of a term. */
export const LONGEST_PHRASE = 256;
const LONGEST_SORTED = 128;

/** Behind a phrase and between the parts of a place in the order: before every character that `searchable` leaves. */
const END = '\u0001';

/** A role is compared as filters compare it, and takes the same room however long it is. */
export const roleKey = (role: string) => digest(fold(role), 11);
const digest = (text: string, length: number) => createHash('sha256').update(text).digest('base64url').slice(0, length);

/** Undefined for a type whose lists nobody searches. */
export function searchKeys(type: ResourceType, attributes: Attributes): SearchKeys | undefined {
  const { search } = type.storage;
  if (!search) return undefined;
  const read = (path: string | undefined) => (path === undefined ? [] : textsAt(type, attributes, path));
  const name = nameOf(search, (path) => read(path)[0] ?? '');
  const names = [...search.names.flatMap(read), name.whole, name.last].map(searchable);
  const texts = search.texts.flatMap(read).slice(0, MOST_TEXTS).map(searchable);
  const roles = [...new Set(read(search.roles).map(roleKey))];
  const phrases = withoutBeginnings([...names.flatMap(wordBeginnings), ...texts].map((phrase) => cut(phrase, LONGEST_PHRASE)).filter((phrase) => phrase !== ''));
  // Marks tell people of one name apart, so that a page can begin after any of them: what is unique about each.
  const mark = digest(texts[0] ?? '', 6);
  const companies = companiesOf(type, attributes, search);
  const parts = [ANY_ROLE, ...(roles.length > MOST_KEYED_ROLES ? [MORE_ROLES] : roles), ...(companies.parts.length > MOST_KEYED_COMPANIES ? [MORE_COMPANIES] : companies.parts)];
  return {
    st: attributes['active'] === false ? 'deactivated' : (read(search.status)[0] ?? 'none'),
    r: [ANY_ROLE, ...roles, ...companies.keys],
    ...orderOf(name, names.find((one) => one !== '') ?? texts[0] ?? ''),
    s: parts.flatMap((part) => phrases.map((phrase) => `${part}${phrase}${END}${mark}`)),
  };
}

/** @returns those that are parts of keys, and all of them */
function companiesOf(type: ResourceType, attributes: Attributes, { companies }: SearchEntry): { readonly parts: readonly string[]; readonly keys: readonly string[] } {
  if (!companies) return { parts: [], keys: [] };
  const [company] = textsAt(type, attributes, companies.contact);
  const customers = [...new Set(textsAt(type, attributes, companies.customer))];
  const [registered, enabled] = [valuesAt(type, attributes, companies.registered)[0] === true, valuesAt(type, attributes, companies.login)[0] === true];
  const shown: readonly Shown[] = registered ? ['contacts', 'external', enabled ? 'loginEnabled' : 'loginDisabled'] : ['contacts', 'notExternal'];
  const asContact = company === undefined && !registered ? [] : shown;
  return {
    parts: [...(company === undefined ? [] : [companyKey('contacts', company)]), ...customers.map((customer) => companyKey('portal', customer))],
    keys: [
      ...asContact.flatMap((one) => [companyKey(one), ...(company === undefined ? [] : [companyKey(one, company)])]),
      ...(customers.length > 0 ? [companyKey('portal')] : []), ...customers.map((customer) => companyKey('portal', customer)),
    ],
  };
}

interface Name {
  readonly given: string;
  readonly infix: string;
  readonly core: string;
  /** Infix and family name. */
  readonly last: string;
  readonly whole: string;
}

function nameOf({ name }: SearchEntry, read: (path: string | undefined) => string): Name {
  const given = read(name?.given);
  const infix = read(name?.infix);
  const core = withoutInfix(read(name?.family), infix);
  const join = (...parts: string[]) => parts.filter((part) => part !== '').join(' ');
  return { given, infix, core, last: core === '' ? '' : join(infix, core), whole: join(given, infix, core) };
}

/** S2: an infix that a source has put into the family name as well is not repeated. */
export function withoutInfix(family: string, infix: string): string {
  const words = family.trim().split(/\s+/);
  const count = infix.trim().split(/\s+/).length;
  const begins = infix.trim() !== '' && words.length > count && searchable(words.slice(0, count).join(' ')) === searchable(infix);
  return begins ? words.slice(count).join(' ') : family.trim();
}

/** By family name and given name; whoever has no family name by what they are called. @param called searchable */
function orderOf({ given, infix, core }: Name, called: string): { readonly n: string; readonly i: string } {
  const place = (...parts: string[]) => parts.map((part) => cut(part, LONGEST_SORTED)).join(END);
  if (searchable(core) === '') return { n: place(called, ''), i: place(called, '') };
  return { n: place(searchable(core), searchable(given)), i: place(searchable(`${infix} ${core}`), searchable(given)) };
}

/** A blank, or what is no letter or digit, and then a word: "de vries-jansen" is found by "jansen". */
const WORD = /(?<= )[^ ]|(?<=[^\p{L}\p{N}\p{M}])[\p{L}\p{N}\p{M}]/gu;

/** J2: the name, and each end of it that begins with a word. */
function wordBeginnings(name: string): readonly string[] {
  const starts = [0, ...Array.from(name.matchAll(WORD), ({ index }) => index)];
  return [...new Set(starts)].slice(0, MOST_WORDS).map((start) => name.slice(start));
}

/** A phrase that another one begins with finds nothing more. */
function withoutBeginnings(phrases: readonly string[]): readonly string[] {
  const sorted = [...new Set(phrases)].sort();
  return sorted.filter((phrase, index) => !sorted[index + 1]?.startsWith(phrase));
}

/** Paths are looked up once for each type. */
const paths = new WeakMap<ResourceType, Map<string, AttributePath | undefined>>();

function pathOf(type: ResourceType, path: string): AttributePath | undefined {
  const known = paths.get(type) ?? new Map<string, AttributePath | undefined>();
  paths.set(type, known);
  if (!known.has(path)) {
    const named = resolveName(type, path);
    known.set(path, named?.kind === 'attribute' ? named.path : undefined);
  }
  return known.get(path);
}

export const textsAt = (type: ResourceType, attributes: Attributes, path: string): readonly string[] => valuesAt(type, attributes, path).filter((text) => typeof text === 'string').filter((text) => text !== '');

function valuesAt(type: ResourceType, attributes: Attributes, path: string): readonly (Value | undefined)[] {
  const named = pathOf(type, path);
  const holder = named?.extension ? attributes[named.extension.schema.urn] : attributes;
  const value = named && isComplex(holder) ? holder[named.attribute.name] : undefined;
  const elements = isList(value) ? value : value === undefined ? [] : [value];
  return elements.map((element) => (named?.sub ? partOf(element, named.sub.name) : element));
}

const partOf = (element: Value, name: string): Value | undefined => (isComplex(element) ? element[name] : undefined);
