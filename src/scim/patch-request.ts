/**
 * The body of PATCH to a list of operations in canonical form: RFC 7644 section 3.5.2. Every operation has a resolved target and a
 * typed value; an operation without path has become one per attribute. What clients write differently is repaired here and only here.
 */
import { invalidPath, invalidSyntax, invalidValue, mutability, noTarget, quote } from '../errors.ts';
import type { FilterOptions } from './filter.ts';
import { isArray, isObject, kindOf, member, type Json, type JsonObject } from './json.ts';
import { idsNamedBy, readMembers, withShortReferences, type MemberChange } from './members.ts';
import { parsePatchPath, type PatchTarget } from './patch-path.ts';
import { pathName, resolveName, type AttributePath } from './path.ts';
import { foldName, type Attribute, type Extension, type ResourceType, type Value } from './schema.ts';
import { MESSAGE } from './urns.ts';
import { isForeignName, isReference, matchNames, readElements, readSingle, readValue } from './values.ts';

export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly target: ValueTarget; readonly value: Value }
  | { readonly op: 'remove'; readonly target: ValueTarget; readonly only?: readonly Value[] }
  /** A read-only attribute sent back without path: harmless if it is what the resource has (decision 15). */
  | { readonly op: 'echo'; readonly attribute: Attribute; readonly value: Json };

type ValueTarget = Exclude<PatchTarget, { kind: 'extension' }>;

export interface PatchRequest {
  readonly operations: readonly PatchOperation[];
  readonly members: readonly MemberChange[];
  /** The attributes that operations with a path name, as `targetName` writes them. */
  readonly named: ReadonlySet<string>;
}

/** @throws ScimError 400 naming the operation's path */
export function readPatch(type: ResourceType, body: Json | undefined, options: FilterOptions): PatchRequest {
  if (!isObject(body)) throw invalidSyntax(`The body must be a JSON object, not ${kindOf(body)}.`);
  checkMessage(body, options);
  const reader = new PatchReader(type, options);
  for (const operation of operationsOf(body, options)) reader.read(operation);
  return { operations: reader.operations, members: reader.members, named: reader.named };
}

function checkMessage(body: JsonObject, { tolerances }: FilterOptions): void {
  const schemas = member(body, 'schemas');
  if (isArray(schemas) && schemas.some((urn) => typeof urn === 'string' && foldName(urn) === foldName(MESSAGE.patchOp))) return;
  if (schemas !== undefined || !tolerances.use('patchWithoutSchemas')) throw invalidSyntax(`"schemas" must name ${MESSAGE.patchOp}.`);
}

function operationsOf(body: JsonObject, { limits, tolerances }: FilterOptions): readonly JsonObject[] {
  const operations = member(body, 'Operations');
  if (!isArray(operations) || operations.length === 0) throw invalidSyntax('"Operations" must be an array of at least one operation.');
  const objects = operations.map((operation, index) => {
    if (isObject(operation)) return operation;
    throw invalidSyntax(`Operations[${index}] must be an object, not ${kindOf(operation)}.`);
  });
  if (objects.length <= limits.patchOperations) return objects;
  const onlyMembers = objects.length <= limits.memberOperations && objects.every(namesMembers);
  if (onlyMembers && tolerances.use('memberOperations')) return objects;
  throw invalidValue(`More than ${limits.patchOperations} operations in one PATCH.`);
}

const namesMembers = (operation: JsonObject) => {
  const path = member(operation, 'path');
  return typeof path === 'string' && /^(urn:[^[]*:)?members\b/i.test(path);
};

class PatchReader {
  readonly operations: PatchOperation[] = [];
  readonly members: MemberChange[] = [];
  readonly named = new Set<string>();
  private readonly type: ResourceType;
  private readonly options: FilterOptions;

  constructor(type: ResourceType, options: FilterOptions) {
    this.type = type;
    this.options = options;
  }

  read(operation: JsonObject): void {
    const op = this.operator(operation);
    const path = this.path(operation);
    const value = member(operation, 'value');
    if (op !== 'remove' && value === undefined) throw invalidValue(`${op} of ${path ?? 'the resource'} needs a value.`);
    if (path === undefined) this.withoutPath(op, value);
    else this.withPath(op, parsePatchPath(this.type, path, this.options), value);
  }

  private withPath(op: 'add' | 'replace' | 'remove', target: PatchTarget, value: Json | undefined): void {
    if (target.kind !== 'extension') this.named.add(targetName(target));
    this.target(op, target, value);
  }

  private operator(operation: JsonObject): 'add' | 'replace' | 'remove' {
    const given = member(operation, 'op');
    const op = typeof given === 'string' && given !== given.toLowerCase() && this.options.tolerances.use('operationCase') ? given.toLowerCase() : given;
    if (op === 'add' || op === 'replace' || op === 'remove') return op;
    throw invalidSyntax('"op" must be add, remove or replace.');
  }

  private path(operation: JsonObject): string | undefined {
    const path = member(operation, 'path');
    if (path === undefined || (path === null && this.options.tolerances.use('nullPath'))) return undefined;
    if (typeof path !== 'string' || path === '') throw invalidPath('"path" must be text that names an attribute.');
    return path;
  }

  /** Sections 3.5.2.1 and 3.5.2.3: the value's attributes are each added or replaced. */
  private withoutPath(op: 'add' | 'replace' | 'remove', value: Json | undefined): void {
    if (op === 'remove') throw noTarget('remove needs a path.');
    if (!isObject(value)) throw invalidValue(`Without a path the value must be an object, not ${kindOf(value)}.`);
    for (const key of Object.keys(value)) this.key(op, key, value[key] ?? null);
  }

  private key(op: 'add' | 'replace', key: string, value: Json): void {
    if (foldName(key) === 'schemas') return;
    const named = resolveName(this.type, key, { dotAfterUrn: () => this.options.tolerances.use('dotAfterUrn') });
    if (!named) this.unknownKey(op, key, value);
    else if (named.kind === 'attribute' && named.path.attribute.mutability === 'readOnly') this.echo(named.path.attribute, value);
    else if (named.kind === 'attribute' && named.path.sub && !this.options.tolerances.use('dottedKeys')) throw invalidPath(`${key} is a path, not an attribute: send it as "path".`);
    else this.target(op, named, value);
  }

  /** Q05: a key may be a whole path. Q20: what no schema has is ignored, but a path into nothing is a mistake of the client. */
  private unknownKey(op: 'add' | 'replace', key: string, value: Json): void {
    const { tolerances } = this.options;
    if (key.includes('[') && tolerances.use('dottedKeys')) {
      this.target(op, parsePatchPath(this.type, key, this.options), value);
      return;
    }
    const head = /^urn:/i.test(key) || this.type.attributes.has(foldName(key.split('.', 1)[0] ?? '')) || !key.includes('.');
    if (head && isForeignName(key) && tolerances.use('unknownAttributes')) return;
    throw invalidPath(`${this.type.name} has no attribute ${quote(key)}.`);
  }

  private echo(attribute: Attribute, value: Json): void {
    if (attribute.name !== 'id' && this.options.tolerances.use('readOnlyEcho')) return;
    this.operations.push({ op: 'echo', attribute, value });
  }

  private target(op: 'add' | 'replace' | 'remove', target: PatchTarget, value: Json | undefined): void {
    if (target.kind === 'extension') {
      this.extension(op, target.extension, value);
      return;
    }
    const { attribute } = target.path;
    refuseReadOnly(target);
    if (attribute.source === 'edge') this.member(op, target, value);
    else if (op === 'remove') this.remove(target, value);
    else this.set(op, target, value ?? null);
  }

  private extension(op: 'add' | 'replace' | 'remove', extension: Extension, value: Json | undefined): void {
    const { attributes, urn } = extension.schema;
    if (op === 'remove') {
      for (const attribute of attributes.values()) if (attribute.mutability !== 'readOnly') this.remove({ kind: 'attribute', path: { extension, attribute, sub: undefined } }, undefined);
      return;
    }
    if (!isObject(value)) throw invalidValue(`${urn} must be an object, not ${kindOf(value)}.`);
    for (const [attribute, json] of matchNames(value, attributes, urn, this.options)) {
      if (attribute.mutability !== 'readOnly') this.target(op, { kind: 'attribute', path: { extension, attribute, sub: undefined } }, json);
    }
  }

  private set(op: 'add' | 'replace', target: ValueTarget, json: Json): void {
    const name = targetName(target);
    if (target.kind === 'element') {
      const value = target.sub ? readValue(target.sub, json, name, this.options) : readSingle(target.path.attribute, json, name, this.options);
      this.assign(op, target, value);
      return;
    }
    const { attribute, sub } = target.path;
    if (sub?.name === '$ref' && isReference(attribute)) this.set(op, { kind: 'attribute', path: { ...target.path, sub: undefined } }, { $ref: json });
    else if (sub?.name === 'value' && json === '' && isReference(attribute)) this.set(op, { kind: 'attribute', path: { ...target.path, sub: undefined } }, { value: json });
    else if (sub) this.assign(op, target, readValue(sub, json, name, this.options));
    else if (attribute.type === 'complex' && !attribute.multiValued) this.complex(op, target.path, json);
    else this.assign(op, target, readValue(attribute, oneOrMany(op, attribute, json), name, this.options));
  }

  /** Decision 18: a singular complex attribute is merged; a sub-attribute given as null is cleared. */
  private complex(op: 'add' | 'replace', path: AttributePath, json: Json): void {
    const value = readValue(path.attribute, json, pathName(path), this.options);
    if (value !== undefined) this.operations.push({ op, target: { kind: 'attribute', path }, value });
    else if (unassigns(op, json, path.attribute)) this.remove({ kind: 'attribute', path }, undefined);
    if (!isObject(json)) return;
    for (const [sub, part] of matchNames(json, path.attribute.subAttributes, pathName(path), this.options)) {
      if (part === null && op === 'replace') this.operations.push({ op: 'remove', target: { kind: 'attribute', path: { ...path, sub } } });
    }
  }

  /** RFC 7643 section 2.5: replacing with null or [] clears; adding nothing changes nothing. */
  private assign(op: 'add' | 'replace', target: ValueTarget, value: Value | undefined): void {
    if (value !== undefined) this.operations.push({ op, target, value });
    else if (op === 'replace') this.remove(target, undefined);
  }

  private remove(target: ValueTarget, value: Json | undefined): void {
    const { attribute, sub } = target.path;
    if (attribute.returned === 'never') throw mutability(`${targetName(target)} cannot be removed, only set anew.`);
    if (target.kind === 'attribute' && (sub ?? attribute).required) throw mutability(`${targetName(target)} is required and cannot be removed.`);
    const listed = value === undefined || value === null || target.kind === 'element' || sub || !attribute.multiValued ? undefined : this.listed(attribute, value);
    this.operations.push({ op: 'remove', target, ...(listed ? { only: listed } : {}) });
  }

  /** Q11: a value on remove is not in the RFC. It never means "remove all": either only what it lists goes, or the request is refused. */
  private listed(attribute: Attribute, value: Json): readonly Value[] {
    if (!this.options.tolerances.use('removeByValue')) throw invalidValue(`remove takes no value; name the elements in the path: ${attribute.name}[value eq "..."].`);
    const wrapped = isObject(value) ? member(value, attribute.name) : undefined;
    const list = wrapped ?? value;
    return readElements(attribute, isArray(list) ? list : [list], attribute.name, this.options);
  }

  private member(op: 'add' | 'replace' | 'remove', target: ValueTarget, value: Json | undefined): void {
    const { attribute, sub } = target.path;
    if (sub || (target.kind === 'element' && (op !== 'remove' || target.sub))) throw mutability(`${attribute.name} can be added and removed, not changed.`);
    if (target.kind === 'element') {
      const filter = withShortReferences(target.filter);
      const ids = idsNamedBy(filter);
      this.members.push(ids ? { kind: 'remove', ids } : { kind: 'removeWhere', filter });
      if (this.members.filter(({ kind }) => kind === 'removeWhere').length > this.options.limits.patchOperations) throw invalidValue(`More than ${this.options.limits.patchOperations} filters on ${attribute.name} in one PATCH.`);
    } else if (op === 'remove') {
      const listed = value === undefined || value === null ? undefined : this.listed(attribute, value);
      this.members.push(listed ? { kind: 'remove', ids: readMembers(listed).map(({ id }) => id) } : { kind: 'replace', members: [] });
    } else {
      const elements = value === null || value === undefined ? [] : readElements(attribute, oneOrMany(op, attribute, value), attribute.name, this.options);
      if (elements.length > this.options.limits.valuesPerOperation) throw invalidValue(`${attribute.name} has more than ${this.options.limits.valuesPerOperation} values in one operation.`);
      this.members.push({ kind: op, members: readMembers(elements) });
    }
  }
}

/** Section 3.5.2.1: what is added to a multi-valued attribute may be one element or an array (R-PATCH-20). */
const oneOrMany = (op: 'add' | 'replace', attribute: Attribute, json: Json): Json => (op === 'add' && attribute.multiValued && json !== null && !isArray(json) ? [json] : json);

/** What reads as "no value": null on replace, and for a reference an empty id (Q17). */
function unassigns(op: 'add' | 'replace', json: Json, attribute: Attribute): boolean {
  if (json === '' || (isObject(json) && member(json, 'value') === '')) return true;
  return op === 'replace' && (json === null || (isReference(attribute) && isObject(json) && member(json, 'value') === null));
}

function refuseReadOnly(target: ValueTarget): void {
  const sub = target.kind === 'element' ? target.sub : target.path.sub;
  if (target.path.attribute.mutability === 'readOnly' || sub?.mutability === 'readOnly') throw mutability(`${targetName(target)} is read-only.`);
}

export const targetName = (target: ValueTarget) => pathName(target.kind === 'element' && target.sub ? { ...target.path, sub: target.sub } : target.path);
