/** The body of POST /Bulk: RFC 7644 section 3.7. A fault of the envelope fails the request, a fault of one operation only that one. */
import { invalidSyntax, invalidValue, payloadTooLarge, quote, ScimError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { isArray, isObject, kindOf, member, type Json, type JsonObject } from './json.ts';
import type { Registry } from './registry.ts';
import { foldName, type ResourceType } from './schema.ts';
import { MESSAGE } from './urns.ts';

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface BulkOperation {
  readonly index: number;
  readonly method: BulkMethod;
  readonly type: ResourceType;
  /** Undefined for POST; `bulkId:x` where the path says so. */
  readonly id: string | undefined;
  readonly bulkId: string | undefined;
  /** Acts as If-Match (R-BULK-15). */
  readonly version: string | undefined;
  readonly data: Json | undefined;
}

/** An operation that cannot be understood is answered in its place. */
export interface BrokenOperation {
  readonly index: number;
  readonly method: string;
  readonly bulkId: string | undefined;
  readonly error: ScimError;
}

export interface BulkRequest {
  readonly operations: readonly (BulkOperation | BrokenOperation)[];
  /** Stop after so many errors; infinite where the request does not say. */
  readonly failOnErrors: number;
}

export const isBroken = (operation: BulkOperation | BrokenOperation): operation is BrokenOperation => 'error' in operation;

/** @throws ScimError 400 invalidSyntax, 413 naming maxOperations */
export function readBulk(registry: Registry, body: Json | undefined, limits: Limits): BulkRequest {
  if (!isObject(body)) throw invalidSyntax(`The body must be a JSON object, not ${kindOf(body)}.`);
  const schemas = member(body, 'schemas');
  if (!isArray(schemas) || !schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(MESSAGE.bulkRequest))) {
    throw invalidSyntax(`"schemas" must name ${MESSAGE.bulkRequest}.`);
  }
  const operations = member(body, 'Operations');
  if (!isArray(operations)) throw invalidSyntax('"Operations" must be an array.');
  if (operations.length > limits.bulkOperations) throw payloadTooLarge('maxOperations', limits.bulkOperations);
  const failOnErrors = member(body, 'failOnErrors') ?? Infinity;
  if (failOnErrors !== Infinity && (!Number.isInteger(failOnErrors) || Number(failOnErrors) < 1)) throw invalidValue('"failOnErrors" must be an integer of at least 1.');
  const bulkIds = new Set<string>();
  return { failOnErrors: Number(failOnErrors), operations: operations.map((operation, index) => readOperation(registry, operation, index, bulkIds)) };
}

function readOperation(registry: Registry, json: Json, index: number, bulkIds: Set<string>): BulkOperation | BrokenOperation {
  const object = isObject(json) ? json : {};
  const method = member(object, 'method');
  const bulkId = member(object, 'bulkId');
  try {
    return understood(registry, json, index, bulkIds);
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return { index, method: typeof method === 'string' ? method : '', bulkId: typeof bulkId === 'string' ? bulkId : undefined, error };
  }
}

function understood(registry: Registry, json: Json, index: number, bulkIds: Set<string>): BulkOperation {
  if (!isObject(json)) throw invalidSyntax(`Operations[${index}] must be an object, not ${kindOf(json)}.`);
  const method = readMethod(json);
  const bulkId = textOf(json, 'bulkId');
  if (method === 'POST' && !bulkId) throw invalidValue('POST needs a "bulkId".');
  if (bulkId !== undefined && bulkIds.has(bulkId)) throw invalidValue(`The bulkId ${quote(bulkId)} is used twice.`);
  if (bulkId !== undefined) bulkIds.add(bulkId);
  const { type, id } = readPath(registry, json, method);
  const data = member(json, 'data');
  if (method !== 'DELETE' && data === undefined) throw invalidValue(`${method} needs "data".`);
  return { index, method, type, id, bulkId, version: textOf(json, 'version'), data };
}

function readMethod(json: JsonObject): BulkMethod {
  const method = textOf(json, 'method')?.toUpperCase();
  if (method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE') return method;
  throw invalidSyntax('"method" must be POST, PUT, PATCH or DELETE.');
}

function readPath(registry: Registry, json: JsonObject, method: BulkMethod): { type: ResourceType; id: string | undefined } {
  const path = textOf(json, 'path') ?? '';
  const [, endpoint = '', id] = /^(\/[^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  const type = registry.resourceTypes.find((candidate) => candidate.endpoint === endpoint);
  if (!type) throw invalidValue(`"path" must be a resource type's endpoint, with an id but for POST, not ${quote(path)}.`);
  if ((method === 'POST') !== (id === undefined)) throw invalidValue(`${method} ${method === 'POST' ? 'goes to the endpoint alone' : 'needs an id in the path'}.`);
  return { type, id: id === undefined ? undefined : decoded(id) };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw invalidValue('"path" holds a broken percent escape.');
  }
}

function textOf(json: JsonObject, name: string): string | undefined {
  const value = member(json, name);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidValue(`"${name}" must be a string, not ${kindOf(value)}.`);
  return value;
}

const REFERENCE = /^bulkId:(.*)$/s;
/** Inside a PATCH path: `members[value eq "bulkId:x"]`. */
const IN_PATH = /"bulkId:([^"]*)"/g;

/** The bulkIds that an operation refers to. */
export function bulkReferences({ id, data }: BulkOperation): ReadonlySet<string> {
  const found = new Set<string>();
  substitute([id ?? null, data ?? null], (bulkId) => {
    found.add(bulkId);
    return '';
  });
  return found;
}

/** Puts real ids in the place of `bulkId:x`, wherever a value can stand. */
export function withIds({ id, data, ...operation }: BulkOperation, idOf: (bulkId: string) => string): BulkOperation {
  const resolved = id === undefined ? undefined : substitute(id, idOf);
  return { ...operation, id: typeof resolved === 'string' ? resolved : undefined, data: data === undefined ? undefined : substitute(data, idOf) };
}

function substitute(json: Json, idOf: (bulkId: string) => string): Json {
  if (typeof json === 'string') {
    const [, bulkId] = REFERENCE.exec(json) ?? [];
    return bulkId === undefined ? json.replace(IN_PATH, (_, inner: string) => JSON.stringify(idOf(inner))) : idOf(bulkId);
  }
  if (isArray(json)) return json.map((element) => substitute(element, idOf));
  if (isObject(json)) return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, substitute(value, idOf)]));
  return json;
}
