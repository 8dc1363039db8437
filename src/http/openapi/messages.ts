/** What the protocol itself says: query parameters, headers, messages and errors, each written once (RFC 7644, RFC 9865). */
import type { Limits } from '../../limits.ts';
import { MESSAGE } from '../../scim/urns.ts';
import { componentOf, objectOf, refToUrn, type JsonSchema } from './schemas.ts';

const TEXT = { type: 'string' };
const INTEGER = { type: 'integer' };
const TEXTS = { type: 'array', items: TEXT };
const ANYTHING = {};

/** In the query string of a list, and in a SearchRequest. */
const listMembers = (limits: Limits): Readonly<Record<string, JsonSchema>> => ({
  filter: { ...TEXT, description: 'RFC 7644 section 3.4.2.2', maxLength: limits.filterLength, examples: ['userName eq "bjensen"'] },
  sortBy: { ...TEXT, description: 'The attribute to sort by' },
  sortOrder: { ...TEXT, description: 'ascending or descending', enum: ['ascending', 'descending'], default: 'ascending' },
  startIndex: { ...INTEGER, description: 'The first resource of the page, from 1; not together with cursor', default: 1 },
  count: { ...INTEGER, description: `Resources on a page; more than ${limits.maxPageSize} counts as that`, default: limits.pageSize },
  cursor: { ...TEXT, description: 'RFC 9865: empty for the first page, then the nextCursor or previousCursor of an answer' },
});
const PROJECTION: Readonly<Record<string, JsonSchema>> = {
  attributes: { ...TEXTS, description: 'Answer these attributes alone, and those that are always returned' },
  excludedAttributes: { ...TEXTS, description: 'Answer the default attributes but these' },
};

export const PROJECTION_PARAMETERS = Object.keys(PROJECTION);
export const LIST_PARAMETERS = ['filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'cursor', ...PROJECTION_PARAMETERS];

export function parameterComponents(limits: Limits): Readonly<Record<string, JsonSchema>> {
  const query = Object.entries({ ...listMembers(limits), ...PROJECTION }).map(([name, { description, ...schema }]): [string, JsonSchema] =>
    [name, { name, in: 'query', description, schema, ...(schema['type'] === 'array' ? { style: 'form', explode: false } : {}) }]);
  return {
    ...Object.fromEntries(query),
    id: { name: 'id', in: 'path', required: true, description: 'The id of the resource', schema: TEXT },
    'If-Match': { name: 'If-Match', in: 'header', description: 'Change only this version, as ETag told it', schema: TEXT },
    'If-None-Match': { name: 'If-None-Match', in: 'header', description: 'Answer 304 without a body if it still is this version', schema: TEXT },
  };
}

export const HEADERS: Readonly<Record<string, JsonSchema>> = {
  ETag: { description: 'The version, as in meta.version', schema: TEXT },
  Location: { description: 'Where the resource is', schema: { type: 'string', format: 'uri' } },
  'WWW-Authenticate': { description: 'The scheme to authenticate by', schema: TEXT },
  'Retry-After': { description: 'Seconds to wait before the request is repeated', schema: INTEGER },
};

/** What each status means, with the headers that come along. */
export const ERRORS: Readonly<Record<number, { readonly description: string; readonly headers?: readonly string[] }>> = {
  400: { description: 'The request cannot be understood or holds a wrong value; scimType and detail say which' },
  401: { description: 'No valid bearer token', headers: ['WWW-Authenticate'] },
  403: { description: 'Not allowed, or not possible here' },
  404: { description: 'There is no such resource or path, or none that the caller may know of' },
  409: { description: 'A value that must be unique is taken' },
  412: { description: 'The resource has another version than If-Match names' },
  413: { description: 'The request is larger than a limit; detail names it' },
  415: { description: 'The body is not JSON in UTF-8' },
  429: { description: 'More than the client may, of requests or of people and members taken away: detail says which', headers: ['Retry-After'] },
  500: { description: 'A fault of the server' },
  501: { description: 'Not implemented' },
  503: { description: 'The database did not answer in time; repeating the request is safe', headers: ['Retry-After'] },
};

export function messageComponents(limits: Limits): Readonly<Record<string, JsonSchema>> {
  const operationPath = { ...TEXT, description: 'RFC 7644 section 3.5.2; may be left out where value is an object of attributes' };
  const messages: Readonly<Record<string, readonly [members: Readonly<Record<string, unknown>>, ...required: string[]]>> = {
    [MESSAGE.error]: [{ status: TEXT, scimType: TEXT, detail: TEXT }, 'status'],
    [MESSAGE.searchRequest]: [{ ...listMembers(limits), ...PROJECTION }],
    [MESSAGE.listResponse]: [
      { totalResults: INTEGER, startIndex: INTEGER, itemsPerPage: INTEGER, nextCursor: TEXT, previousCursor: TEXT, Resources: { type: 'array', items: { type: 'object' } } },
      'totalResults', 'itemsPerPage', 'Resources',
    ],
    [MESSAGE.patchOp]: [{ Operations: listOf(objectOf({ op: { ...TEXT, enum: ['add', 'remove', 'replace'] }, path: operationPath, value: ANYTHING }, ['op']), limits.memberOperations) }, 'Operations'],
    [MESSAGE.bulkRequest]: [
      {
        failOnErrors: { ...INTEGER, minimum: 1 },
        Operations: listOf(objectOf({ method: { ...TEXT, enum: ['POST', 'PUT', 'PATCH', 'DELETE'] }, path: TEXT, bulkId: TEXT, version: TEXT, data: { type: 'object' } }, ['method', 'path']), limits.bulkOperations),
      },
      'Operations',
    ],
    [MESSAGE.bulkResponse]: [{ Operations: listOf(objectOf({ method: TEXT, bulkId: TEXT, location: TEXT, version: TEXT, status: TEXT, response: refToUrn(MESSAGE.error) }, ['method', 'status'])) }, 'Operations'],
  };
  return Object.fromEntries(Object.entries(messages).map(([urn, [members, ...required]]) =>
    [componentOf(urn), objectOf({ schemas: { ...TEXTS, contains: { const: urn } }, ...members }, ['schemas', ...required])]));
}

const listOf = (items: JsonSchema, maxItems?: number): JsonSchema => ({ type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) });
