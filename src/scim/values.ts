/**
 * One JSON value to one value of an attribute: RFC 7643 section 2.3. This is the only place that checks types and the only place that
 * repairs what clients write wrongly; what comes out is canonical. Errors name the attribute and the expected type, never the value.
 */
import { invalidSyntax, invalidValue, quote } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { isArray, isObject, kindOf, member, type Json, type JsonObject } from './json.ts';
import { foldName, isComplex, isList, type Attribute, type ComplexValue, type Value } from './schema.ts';
import { fold, identifierFault } from './fold.ts';
import type { Tolerances } from './tolerances.ts';

export interface ReadOptions {
  readonly limits: Limits;
  readonly tolerances: Tolerances;
}

/**
 * Reads the value of an attribute, all elements where it is multi-valued.
 * @param name how errors call the attribute, for instance `emails` or `urn:...:User:manager`
 * @returns the canonical value, or undefined for what means "unassigned": null, [], {} (RFC 7643 section 2.5)
 * @throws ScimError 400 invalidValue
 */
export function readValue(attribute: Attribute, json: Json | undefined, name: string, options: ReadOptions): Value | undefined {
  if (json === null || json === undefined) return undefined;
  if (!attribute.multiValued) return readSingle(attribute, unwrapSingle(attribute, json, options), name, options);
  const elements = readElements(attribute, json, name, options);
  return elements.length === 0 ? undefined : elements;
}

/** Reads the elements of a multi-valued attribute, without duplicates and with at most one primary (R-MODEL-14, R-MODEL-15). */
export function readElements(attribute: Attribute, json: Json, name: string, options: ReadOptions): readonly Value[] {
  const list = isArray(json) ? json : wrapInList(attribute, json, name, options);
  // Members are edges, not elements of a document: they have no such limit, only that of the request's size.
  if (attribute.source !== 'edge' && list.length > options.limits.valuesPerAttribute) {
    throw invalidValue(`${name} has more than ${options.limits.valuesPerAttribute} values.`);
  }
  const elements = list.flatMap((element, index) => {
    const read = readSingle(attribute, element, `${name}[${index}]`, options);
    if (read === undefined && attribute.source === 'edge') throw invalidValue(`${name}[${index}] needs a "value": the id of what it refers to.`);
    return read ?? [];
  });
  return onePrimary(withoutDuplicates(attribute, elements), name, options.tolerances);
}

function wrapInList(attribute: Attribute, json: Json, name: string, { tolerances }: ReadOptions): readonly Json[] {
  if (isObject(json) ? tolerances.use('singleForMany') : attribute.type !== 'complex' || tolerances.use('bareMember')) return [json];
  throw invalidValue(`${name} is multi-valued: an array is expected, not ${kindOf(json)}.`);
}

/** Q16: Entra sends the manager as `[{"value": ...}]`. */
function unwrapSingle(attribute: Attribute, json: Json, { tolerances }: ReadOptions): Json | undefined {
  if (isArray(json) && json.length === 1 && attribute.subAttributes.has('value') && tolerances.use('bareReference')) return json[0];
  return json;
}

/** Reads one value, or one element of a multi-valued attribute. */
export function readSingle(attribute: Attribute, json: Json | undefined, name: string, options: ReadOptions): Value | undefined {
  if (json === null || json === undefined) return undefined;
  if (attribute.type === 'complex') return readComplex(attribute, json, name, options);
  return readSimple(attribute, json, name, options);
}

function readComplex(attribute: Attribute, json: Json, name: string, options: ReadOptions): ComplexValue | undefined {
  const object = withReferencedId(attribute, objectOf(attribute, json, name, options));
  const entries: [string, Value][] = [];
  for (const [sub, value] of matchNames(object, attribute.subAttributes, name, options)) {
    const read = readValue(sub, value, `${name}.${sub.name}`, options);
    if (read !== undefined) entries.push([sub.name, read]);
  }
  const complex = Object.fromEntries(entries);
  if (complex['value'] === '' && isReference(attribute) && options.tolerances.use('emptyReference')) return undefined;
  return entries.length === 0 ? undefined : complex;
}

/** A reference may come by its URI alone; the API version in it means nothing (R-MODEL-19). */
function withReferencedId(attribute: Attribute, object: JsonObject): JsonObject {
  const uri = object['$ref'];
  if (!isReference(attribute) || typeof uri !== 'string' || uri === '' || member(object, 'value') !== undefined) return object;
  return { ...object, value: uri.slice(uri.lastIndexOf('/') + 1) };
}

export const isReference = (attribute: Attribute) => attribute.subAttributes.has('$ref') && attribute.subAttributes.has('value');

function objectOf(attribute: Attribute, json: Json, name: string, { tolerances }: ReadOptions): JsonObject {
  if (isObject(json)) return unpack(json, tolerances);
  const textual = typeof json === 'string' || typeof json === 'number';
  const tolerance = attribute.multiValued ? 'bareMember' : 'bareReference';
  if (textual && attribute.subAttributes.has('value') && tolerances.use(tolerance)) return unpack({ value: json }, tolerances);
  throw invalidValue(`${name} must be an object, not ${kindOf(json)}.`);
}

/** Q18: Entra's AppRoleAssignmentsComplex writes the whole role as JSON text into `value`. */
function unpack(object: JsonObject, tolerances: Tolerances): JsonObject {
  const text = object['value'];
  if (typeof text !== 'string' || !text.startsWith('{')) return object;
  const packed = parsedObject(text);
  if (!packed || typeof packed['value'] !== 'string' || !tolerances.use('packedValue')) return object;
  const { value, displayName } = packed;
  return { ...object, value, ...(typeof displayName === 'string' ? { display: displayName } : {}) };
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    // JSON.parse says `any`; Json is what it returns.
    const parsed = JSON.parse(text) as Json; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Pairs the keys of an object with the attributes they name, in any case; the same name twice is refused (R-MODEL-1). */
export function* matchNames(
  object: JsonObject,
  attributes: ReadonlyMap<string, Attribute>,
  name: string,
  { tolerances }: ReadOptions,
): Generator<[Attribute, Json | undefined]> {
  const seen = new Set<Attribute>();
  for (const key of Object.keys(object)) {
    const attribute = attributes.get(foldName(key));
    if (!attribute) {
      if (isForeignName(key) && tolerances.use('unknownAttributes')) continue;
      throw invalidSyntax(`${name} has no sub-attribute ${quote(key)}.`);
    }
    if (seen.has(attribute)) throw invalidSyntax(`${name}.${attribute.name} is given twice.`);
    seen.add(attribute);
    if (attribute.source !== 'computed' && attribute.mutability !== 'readOnly') yield [attribute, object[key]];
  }
}

/** What another system may call an attribute. Names that begin with `$` are operators of a database, not attributes. */
export const isForeignName = (name: string) => !name.startsWith('$');

function readSimple(attribute: Attribute, json: Json, name: string, options: ReadOptions): Value {
  switch (attribute.type) {
    case 'boolean':
      return readBoolean(json, name, options.tolerances);
    case 'integer':
      if (!Number.isSafeInteger(json)) throw wrongType(name, 'an integer', json);
      return Number(json);
    case 'decimal':
      if (typeof json !== 'number' || !Number.isFinite(json)) throw wrongType(name, 'a number', json);
      return json;
    case 'dateTime':
      return readDateTime(json, name);
    case 'binary':
      if (typeof json !== 'string' || !BASE64.test(json)) throw wrongType(name, 'base64 text', json);
      return json;
    case 'string':
    case 'reference':
      return readText(attribute, json, name, options);
    case 'complex':
      throw invalidValue(`${name} cannot hold another complex attribute.`);
  }
}

/** Both alphabets of RFC 4648; padding may be omitted (RFC 7643 section 2.3.6). */
const BASE64 = /^(?:[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2})$/;

const wrongType = (name: string, expected: string, json: Json) => invalidValue(`${name} must be ${expected}, not ${kindOf(json)}${typeof json === 'string' || typeof json === 'number' ? ' of another form' : ''}.`);

function readBoolean(json: Json, name: string, tolerances: Tolerances): boolean {
  if (typeof json === 'boolean') return json;
  const text = typeof json === 'string' ? json.toLowerCase() : '';
  if ((text === 'true' || text === 'false') && tolerances.use('booleanText')) return text === 'true';
  throw wrongType(name, 'true or false', json);
}

function readText(attribute: Attribute, json: Json, name: string, { limits, tolerances }: ReadOptions): string {
  const text = typeof json === 'number' && isExact(json) && tolerances.use('numberAsText') ? String(json) : json;
  if (typeof text !== 'string') throw wrongType(name, 'a string', json);
  if (text.length > limits.stringLength) throw invalidValue(`${name} is longer than ${limits.stringLength} characters.`);
  if (!text.isWellFormed() || text.includes('\0')) throw invalidValue(`${name} is not valid Unicode text.`);
  if (text === '' && attribute.required) throw invalidValue(`${name} must not be empty.`);
  const fault = attribute.uniqueness === 'server' && !attribute.caseExact ? identifierFault(text) : undefined;
  if (fault) throw invalidValue(`${name} ${fault}.`);
  return text;
}

/** A number that JSON.parse may have rounded is not what the client wrote. */
const isExact = (number: number) => Number.isSafeInteger(number) || (Number.isFinite(number) && Math.abs(number) < 1e15);

const DATE_TIME = /^(-?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/;

/**
 * xsd:dateTime (RFC 7643 section 2.3.5) to UTC text with milliseconds, whose order as text is the order in time. Finer fractions
 * are cut off: milliseconds are what we store (decision "dateTime").
 */
function readDateTime(json: Json, name: string): string {
  const instant = typeof json === 'string' ? canonicalDateTime(json) : undefined;
  if (instant === undefined) throw wrongType(name, 'a dateTime such as 2026-01-31T09:30:00Z', json);
  return instant;
}

export function canonicalDateTime(text: string): string | undefined {
  const [, seconds, fraction = '', zone = 'Z'] = DATE_TIME.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const instant = new Date(`${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  if (Number.isNaN(instant.getTime())) return undefined;
  const canonical = instant.toISOString();
  // Years outside 0000..9999 get a sign and would no longer sort as text. Date rolls 30 February over: refuse that too.
  const day = new Date(`${seconds}Z`).toISOString().slice(0, 10);
  return canonical.length === 24 && seconds.startsWith(day) ? canonical : undefined;
}

function withoutDuplicates(attribute: Attribute, elements: readonly Value[]): readonly Value[] {
  if (elements.length < 2) return elements;
  const byIdentity = new Map<unknown, Value>();
  for (const element of elements) {
    const identity = elementIdentity(attribute, element);
    if (!byIdentity.has(identity)) byIdentity.set(identity, element);
  }
  return [...byIdentity.values()];
}

/** Two elements with the same value and type are one element (RFC 7643 section 2.4). Elements without a value are told apart by all they hold. */
export function elementIdentity(attribute: Attribute, element: Value): string {
  if (!isComplex(element)) return JSON.stringify(comparable(attribute, element));
  const { value, type } = comparableComplex(attribute, element);
  return JSON.stringify(value === undefined ? Object.entries(element).sort() : [value, attribute.source === 'edge' ? undefined : type]);
}

function onePrimary(elements: readonly Value[], name: string, tolerances: Tolerances): readonly Value[] {
  const primaries = elements.filter(isPrimary);
  if (primaries.length < 2) return elements;
  if (!tolerances.use('manyPrimaries')) throw invalidValue(`${name} has more than one element with "primary": true.`);
  return elements.map((element) => (isComplex(element) && isPrimary(element) && element !== primaries[0] ? { ...element, primary: false } : element));
}

export const isPrimary = (element: Value) => isComplex(element) && element['primary'] === true;

/** The form in which a value is compared, ordered and indexed: text folded where `caseExact` is false, all else as it is. */
export function comparable(attribute: Attribute, value: Value): Value {
  if (isList(value)) return value.map((element) => comparable(attribute, element));
  if (isComplex(value)) return comparableComplex(attribute, value);
  return typeof value === 'string' && isFolded(attribute) ? fold(value) : value;
}

/** dateTime is canonical already; everything else that is text follows `caseExact` (RFC 7643 section 2.2). */
export const isFolded = (attribute: Attribute) => !attribute.caseExact && (attribute.type === 'string' || attribute.type === 'reference');

function comparableComplex(attribute: Attribute, value: ComplexValue): ComplexValue {
  const entries: [string, Value][] = [];
  for (const sub of attribute.subAttributes.values()) {
    const part = value[sub.name];
    if (part !== undefined) entries.push([sub.name, comparable(sub, part)]);
  }
  return Object.fromEntries(entries);
}
