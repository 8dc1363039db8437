/** Every path of the SCIM interface with its operations. `test/http/openapi.test.ts` holds them against the routes that Fastify has. */
import { scopeOf } from '../../resources/context.ts';
import type { Registry } from '../../scim/registry.ts';
import type { ResourceType } from '../../scim/schema.ts';
import { MESSAGE, SCHEMA } from '../../scim/urns.ts';
import { HEADERS, LIST_PARAMETERS, PROJECTION_PARAMETERS } from './messages.ts';
import { objectOf, refToType, refToUrn, safe, type JsonSchema } from './schemas.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathItem = Readonly<Partial<Record<Method, JsonSchema>>>;

interface Operation {
  /** What it is about, and what it does to it: together the operationId. */
  readonly tag: string;
  readonly verb: string;
  readonly summary: string;
  /** What the token must allow; `public` needs no token. */
  readonly scope?: string;
  readonly parameters?: readonly string[];
  readonly body?: JsonSchema;
  /** Undefined for a status without a body. */
  readonly answers: Readonly<Record<number, JsonSchema | undefined>>;
  readonly headers?: readonly string[];
  readonly errors?: readonly number[];
}

export function scimPaths(registry: Registry): Readonly<Record<string, PathItem>> {
  const types = registry.resourceTypes;
  const anyType = listResponse({ anyOf: types.map((type) => refToType(type, 'response')) });
  const paths: [string, PathItem][] = [
    ['/ServiceProviderConfig', { get: read('ServiceProviderConfig', 'What the server can do', refToUrn(SCHEMA.serviceProviderConfig), { scope: 'public', errors: [403] }) }],
    ...discovery('ResourceType', SCHEMA.resourceType),
    ...discovery('Schema', SCHEMA.schema),
    ...types.flatMap(typePaths),
    ['', { get: operation({ tag: 'All', verb: 'list', summary: 'Query all resource types', parameters: LIST_PARAMETERS, answers: { 200: anyType } }) }],
    ['/.search', { post: search('All', 'Query all resource types', anyType) }],
    ['/Me', mePath(registry.type('User'))],
    ['/Bulk', { post: operation({ tag: 'Bulk', verb: 'run', summary: 'Many operations in one request', body: refToUrn(MESSAGE.bulkRequest), answers: { 200: refToUrn(MESSAGE.bulkResponse) } }) }],
  ];
  return Object.fromEntries(paths.map(([url, item]) => [`/scim/v2${url}`, item]));
}

function discovery(name: string, urn: string): [string, PathItem][] {
  return [
    [`/${name}s`, { get: operation({ tag: name, verb: 'list', summary: `Every ${name} that the caller sees`, answers: { 200: listResponse(refToUrn(urn)) } }) }],
    [`/${name}s/{id}`, { get: read(name, `One ${name}`, refToUrn(urn), { parameters: ['id'] }) }],
  ];
}

function typePaths(type: ResourceType): [string, PathItem][] {
  const { endpoint, name } = type;
  const list = listResponse(refToType(type, 'response'));
  const canRead = { scope: scopeOf(type, 'read') };
  return [
    [endpoint, {
      get: operation({ tag: name, verb: 'list', summary: `Query resources of the type ${name}`, ...canRead, parameters: LIST_PARAMETERS, answers: { 200: list } }),
      post: operation({
        tag: name, verb: 'create', summary: `Create a ${name}`, scope: scopeOf(type, 'write'), parameters: PROJECTION_PARAMETERS,
        body: refToType(type, 'request'), answers: { 201: refToType(type, 'response') }, headers: ['ETag', 'Location'], errors: [409],
      }),
    }],
    [`${endpoint}/.search`, { post: search(name, `Query resources of the type ${name}`, list, canRead) }],
    [`${endpoint}/{id}`, itemPath(type, name, ['id'])],
  ];
}

/** RFC 7644 section 3.11. */
function mePath(user: ResourceType): PathItem {
  const refusal = operation({ tag: 'Me', verb: 'create', summary: 'Not possible: a person cannot be created here', answers: {}, errors: [501] });
  return { ...itemPath(user, 'Me', []), post: refusal };
}

function itemPath(type: ResourceType, tag: string, id: readonly string[]): PathItem {
  const resource = refToType(type, 'response');
  const parameters = [...id, ...PROJECTION_PARAMETERS];
  const changes = { tag, scope: scopeOf(type, 'write'), parameters: [...parameters, 'If-Match'], headers: ['ETag'], errors: [409, 412] };
  return {
    get: operation({
      tag, verb: 'read', summary: `Read a ${type.name}`, scope: scopeOf(type, 'read'), parameters: [...parameters, 'filter', 'If-None-Match'],
      answers: { 200: resource, 304: undefined }, headers: ['ETag'],
    }),
    put: operation({ ...changes, verb: 'replace', summary: `Replace a ${type.name}`, body: refToType(type, 'request'), answers: { 200: resource }, headers: ['ETag', 'Location'] }),
    patch: operation({ ...changes, verb: 'patch', summary: `Change a ${type.name}`, body: refToUrn(MESSAGE.patchOp), answers: { 200: resource, 204: undefined } }),
    delete: operation({ ...changes, verb: 'delete', summary: `Delete a ${type.name}`, parameters: [...id, 'If-Match'], answers: { 204: undefined }, headers: [], errors: [412] }),
  };
}

const listResponse = (items: JsonSchema): JsonSchema => ({ allOf: [refToUrn(MESSAGE.listResponse), objectOf({ Resources: { type: 'array', items } })] });

const read = (tag: string, summary: string, answer: JsonSchema, more: Partial<Operation>) => operation({ tag, verb: 'read', summary, answers: { 200: answer }, ...more });

const search = (tag: string, summary: string, answer: JsonSchema, more: Partial<Operation> = {}) =>
  operation({ tag, verb: 'search', summary: `${summary} with a body, which may be long`, body: refToUrn(MESSAGE.searchRequest), answers: { 200: answer }, ...more });

/** What can go wrong wherever a token is needed, and where a body is read. */
const WITH_TOKEN = [400, 401, 403, 404, 429];
const WITH_BODY = [413, 415];
const ALWAYS = [500, 503];

function operation({ tag, verb, summary, scope, parameters = [], body, answers, headers = [], errors = [] }: Operation): JsonSchema {
  const statuses = [...errors, ...(scope === 'public' ? [] : WITH_TOKEN), ...(body ? WITH_BODY : []), ...ALWAYS];
  const answerHeaders = Object.fromEntries(headers.map((name) => [name, HEADERS[name]]));
  return {
    operationId: `${safe(tag)}.${verb}`,
    tags: [tag],
    summary,
    ...(scope === 'public' ? { security: [] } : {}),
    // For a scheme that is not OAuth these are names of rights (OpenAPI 3.1 section 4.8.30).
    ...(scope !== undefined && scope !== 'public' ? { security: [{ bearer: [scope] }] } : {}),
    ...(parameters.length > 0 ? { parameters: parameters.map((name) => ({ $ref: `#/components/parameters/${name}` })) } : {}),
    ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, {
        description: DESCRIPTIONS[status] ?? summary,
        ...(headers.length > 0 ? { headers: answerHeaders } : {}),
        ...(schema ? { content: contentOf(schema) } : {}),
      }])),
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }])),
    },
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = { 200: 'Done', 201: 'Created', 204: 'Done; nothing to say', 304: 'Still that version' };

export const contentOf = (schema: JsonSchema): JsonSchema => ({ 'application/scim+json': { schema }, 'application/json': { schema } });
