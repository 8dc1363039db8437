/** The parameters of a query, from the URL (RFC 7644 section 3.4.2) or a SearchRequest (section 3.4.3): the same meaning, one form. */
import { invalidFilter, invalidSyntax, invalidValue } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { isArray, isObject, kindOf, member, type Json } from './json.ts';
import type { ProjectionRequest } from './project.ts';
import { foldName } from './schema.ts';
import { MESSAGE } from './urns.ts';

export interface ListRequest extends ProjectionRequest {
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly descending: boolean;
  /** 1-based. */
  readonly startIndex: number;
  readonly count: number;
  /** The count as asked, before it was brought within bounds; undefined where none was. */
  readonly askedCount: number | undefined;
  /** RFC 9865: undefined for pages by index, empty for the first page by cursor. */
  readonly cursor: string | undefined;
}

/** Query parameters by lower-cased name, each with all its values (Q38: `startindex`). */
export type Parameters = ReadonlyMap<string, readonly string[]>;

/** Decodes a query string once (R-HTTP-10); `+` is a blank (Q35). @throws ScimError 400 invalidValue for a broken percent escape */
export function parseQuery(query: string): Parameters {
  const parameters = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = foldName(decode(equals < 0 ? part : part.slice(0, equals)));
    const values = parameters.get(name) ?? [];
    values.push(equals < 0 ? '' : decode(part.slice(equals + 1)));
    parameters.set(name, values);
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    if (cause instanceof URIError) throw invalidValue('The query string holds a broken percent escape.');
    throw cause;
  }
}

export function readProjection(parameters: Parameters): ProjectionRequest {
  return { attributes: nameList(parameters.get('attributes')), excludedAttributes: nameList(parameters.get('excludedattributes')) };
}

/** Unknown parameters are ignored (R-HTTP-6); one that we know twice is refused. */
export function readListParameters(parameters: Parameters, limits: Limits): ListRequest {
  const filter = single(parameters, 'filter');
  const count = integerOf('count', single(parameters, 'count'));
  const startIndex = integerOf('startIndex', single(parameters, 'startindex'));
  return checked(startIndex, {
    ...readProjection(parameters),
    filter,
    sortBy: single(parameters, 'sortby') || undefined,
    descending: isDescending(single(parameters, 'sortorder')),
    startIndex: readIndex(startIndex),
    count: readCount(count, limits),
    askedCount: count,
    cursor: single(parameters, 'cursor'),
  });
}

/** @throws ScimError 400 invalidSyntax for what is no SearchRequest, invalidValue naming the member */
export function readSearchRequest(body: Json | undefined, limits: Limits): ListRequest {
  if (!isObject(body)) throw invalidSyntax(`The body must be a JSON object, not ${kindOf(body)}.`);
  const schemas = member(body, 'schemas');
  if (!isArray(schemas) || !schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(MESSAGE.searchRequest))) {
    throw invalidSyntax(`"schemas" must name ${MESSAGE.searchRequest}.`);
  }
  const text = (name: string) => optional(member(body, name), name, 'a string', (json) => typeof json === 'string');
  const integer = (name: string) => optional(member(body, name), name, 'an integer', (json) => Number.isInteger(json));
  const count = integer('count');
  const startIndex = integer('startIndex');
  return checked(startIndex, {
    attributes: names(member(body, 'attributes'), 'attributes'),
    excludedAttributes: names(member(body, 'excludedAttributes'), 'excludedAttributes'),
    filter: text('filter'),
    sortBy: text('sortBy'),
    descending: isDescending(text('sortOrder')),
    startIndex: readIndex(startIndex),
    count: readCount(count, limits),
    askedCount: count,
    cursor: text('cursor'),
  });
}

function checked(startIndex: number | undefined, request: ListRequest): ListRequest {
  // Decision 23: two methods of paging at once contradict each other.
  if (request.cursor !== undefined && startIndex !== undefined) throw invalidValue('Give either "cursor" or "startIndex", not both.');
  if (request.filter?.trim() === '') throw invalidFilter('The filter is empty.');
  return request;
}

function optional<T extends string | number>(json: Json | undefined, name: string, expected: string, fits: (json: Json) => json is T): T | undefined;
function optional(json: Json | undefined, name: string, expected: string, fits: (json: Json) => boolean): number | undefined;
function optional(json: Json | undefined, name: string, expected: string, fits: (json: Json) => boolean): Json | undefined {
  if (json === undefined || json === null) return undefined;
  if (!fits(json)) throw invalidValue(`"${name}" must be ${expected}, not ${kindOf(json)}.`);
  return json;
}

function names(json: Json | undefined, name: string): readonly string[] | undefined {
  if (json === undefined || json === null) return undefined;
  if (!isArray(json) || !json.every((entry) => typeof entry === 'string')) throw invalidValue(`"${name}" must be an array of strings.`);
  return json;
}

/** R-ATTR-5: separated by commas, blanks trimmed, the parameter may be repeated. */
function nameList(values: readonly string[] | undefined): readonly string[] | undefined {
  const listed = values?.flatMap((value) => value.split(',')).map((name) => name.trim()).filter((name) => name !== '');
  return listed?.length ? listed : undefined;
}

function single(parameters: Parameters, name: string): string | undefined {
  const values = parameters.get(name);
  if (values && values.length > 1) throw invalidValue(`The parameter ${name} is given ${values.length} times.`);
  return values?.[0];
}

function integerOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw invalidValue(`${name} must be an integer.`);
  return Number(text);
}

function isDescending(order: string | undefined): boolean {
  const folded = order?.toLowerCase() ?? 'ascending';
  if (folded !== 'ascending' && folded !== 'descending') throw invalidValue('sortOrder must be ascending or descending.');
  return folded === 'descending';
}

/** R-PAGE-1. Nothing has more resources than MongoDB can skip. */
const readIndex = (index: number | undefined) => Math.min(Math.max(index ?? 1, 1), 2 ** 31 - 1);

/** R-PAGE-2 and R-PAGE-4: a negative count is none, and the page has an upper bound. */
const readCount = (count: number | undefined, limits: Limits) => Math.min(Math.max(count ?? limits.pageSize, 0), limits.maxPageSize);
