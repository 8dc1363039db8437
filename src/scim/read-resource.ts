/** The body of POST and PUT to attributes: RFC 7644 sections 3.3 and 3.5.1. */
import { invalidSyntax, invalidValue, quote } from '../errors.ts';
import { isArray, isObject, kindOf, member, type Json, type JsonObject } from './json.ts';
import { foldName, isComplex, isList, type Attribute, type Attributes, type ComplexValue, type Extension, type ResourceType, type Value } from './schema.ts';
import { readValue, type ReadOptions } from './values.ts';

/**
 * Reads a whole resource. Read-only attributes are ignored (R-CREATE-2), so are computed ones; null, [] and {} mean unassigned.
 * @throws ScimError 400 invalidSyntax for what is no such resource, invalidValue naming the attribute
 */
export function readResource(type: ResourceType, body: Json | undefined, options: ReadOptions): Attributes {
  if (!isObject(body)) throw invalidSyntax(`The body must be a JSON object, not ${kindOf(body)}.`);
  checkSchemas(type, body, options);
  const attributes = readAttributes(type, body, options);
  checkRequired(type, attributes);
  return attributes;
}

/** R-MODEL-12. Extension data without its URN is accepted (decision 3), foreign URNs are a tolerance (Q21). */
function checkSchemas(type: ResourceType, body: JsonObject, { tolerances }: ReadOptions): void {
  const schemas = member(body, 'schemas');
  if (schemas === undefined || schemas === null) {
    if (tolerances.use('withoutSchemas')) return;
    throw invalidSyntax('"schemas" is missing.');
  }
  if (!isArray(schemas) || !schemas.every((urn) => typeof urn === 'string')) throw invalidSyntax('"schemas" must be an array of URNs.');
  const known = new Set([type.schema.urn, ...type.extensions.map(({ schema }) => schema.urn)].map(foldName));
  const given = schemas.map(foldName);
  const foreign = schemas.find((urn) => !known.has(foldName(urn)));
  if (foreign !== undefined && !tolerances.use('foreignSchemas')) throw invalidValue(`"schemas" names ${quote(foreign)}, which ${type.name} does not have.`);
  if (new Set(given).size < given.length && !tolerances.use('foreignSchemas')) throw invalidValue('"schemas" names a URN twice.');
  if (!given.includes(foldName(type.schema.urn)) && !tolerances.use('withoutSchemas')) throw invalidValue(`"schemas" must name ${type.schema.urn}.`);
}

function readAttributes(type: ResourceType, body: JsonObject, options: ReadOptions): Attributes {
  const entries = new Map<string, Value>();
  const seen = new Set<string>();
  for (const key of Object.keys(body)) {
    const target = writable(type, key, options);
    if (!target) continue;
    const name = target.kind === 'extension' ? target.extension.schema.urn : target.attribute.name;
    if (seen.has(name)) throw invalidSyntax(`${name} is given twice.`);
    seen.add(name);
    const value = target.kind === 'extension' ? readExtension(target.extension, body[key], options) : readValue(target.attribute, body[key], name, options);
    if (value !== undefined) entries.set(name, value);
  }
  return Object.fromEntries(entries);
}

type Writable = { kind: 'extension'; extension: Extension } | { kind: 'attribute'; attribute: Attribute };

function writable(type: ResourceType, key: string, { tolerances }: ReadOptions): Writable | undefined {
  const name = foldName(key);
  if (name === 'schemas') return undefined;
  const extension = type.extensions.find(({ schema }) => foldName(schema.urn) === name);
  if (extension) return { kind: 'extension', extension };
  const attribute = type.attributes.get(name);
  if (attribute) return attribute.mutability === 'readOnly' ? undefined : { kind: 'attribute', attribute };
  // Decision 7: ignored unless the client is strict.
  if (tolerances.use('unknownAttributes')) return undefined;
  throw invalidSyntax(`${type.name} has no attribute ${quote(key)}.`);
}

function readExtension(extension: Extension, json: Json | undefined, options: ReadOptions): Attributes | undefined {
  const urn = extension.schema.urn;
  if (json === null || json === undefined) return undefined;
  if (!isObject(json)) throw invalidValue(`${urn} must be an object, not ${kindOf(json)}.`);
  const entries = new Map<string, Value>();
  for (const key of Object.keys(json)) {
    const attribute = extension.schema.attributes.get(foldName(key));
    if (!attribute) {
      if (options.tolerances.use('unknownAttributes')) continue;
      throw invalidSyntax(`${urn} has no attribute ${quote(key)}.`);
    }
    if (attribute.mutability === 'readOnly') continue;
    if (entries.has(attribute.name)) throw invalidSyntax(`${urn}:${attribute.name} is given twice.`);
    const value = readValue(attribute, json[key], `${urn}:${attribute.name}`, options);
    if (value !== undefined) entries.set(attribute.name, value);
  }
  return entries.size === 0 ? undefined : Object.fromEntries(entries);
}

/**
 * The whole result must satisfy the schema, however it came about (R-PATCH-6, R-DISC-11).
 * @throws ScimError 400 invalidValue
 */
export function checkRequired(type: ResourceType, attributes: Attributes): void {
  checkAttributes(type.schema.attributes, attributes, '');
  for (const { schema, required } of type.extensions) {
    const extension = attributes[schema.urn];
    if (isComplex(extension)) checkAttributes(schema.attributes, extension, `${schema.urn}:`);
    else if (required) throw invalidValue(`${schema.urn} is required.`);
  }
}

function checkAttributes(schema: ReadonlyMap<string, Attribute>, values: ComplexValue, prefix: string): void {
  for (const attribute of schema.values()) {
    const value = values[attribute.name];
    if (isMissing(attribute, value)) throw invalidValue(`${prefix}${attribute.name} is required.`);
    if (attribute.type !== 'complex' || value === undefined) continue;
    for (const element of isList(value) ? value : [value]) {
      if (isComplex(element)) checkAttributes(attribute.subAttributes, element, `${prefix}${attribute.name}.`);
    }
  }
}

/** What the server fills in itself is not the client's to give. */
const isMissing = (attribute: Attribute, value: Value | undefined) =>
  attribute.required && attribute.mutability !== 'readOnly' && attribute.source === 'stored' && (value === undefined || value === '');

/** The URNs of a resource: the base one, and each extension that has data (R-MODEL-17, R-MODEL-18). */
export function schemasOf(type: ResourceType, attributes: Attributes): readonly string[] {
  return [type.schema.urn, ...type.extensions.map(({ schema }) => schema.urn).filter((urn) => attributes[urn] !== undefined)];
}
