/**
 * Applies the operations of a PATCH to attributes: RFC 7644 section 3.5.2. In order, each on the result of the one before, all or
 * nothing: values are immutable, so a failure half way leaves the caller's resource as it was.
 */
import { invalidValue, mutability, noTarget } from '../errors.ts';
import { equalValues } from './equal.ts';
import { isArray, isObject, type Json } from './json.ts';
import { match } from './match.ts';
import { targetName, type PatchOperation } from './patch-request.ts';
import { pathName, type AttributePath } from './path.ts';
import { isComplex, isList, type Attribute, type Attributes, type ComplexValue, type Value } from './schema.ts';
import { elementIdentity, isPrimary, type ReadOptions } from './values.ts';

export interface PatchContext extends ReadOptions {
  /** What the resource shows of its read-only attributes, to tell an echo from an attempt to change. */
  readonly readOnly: Attributes;
}

type ValueOperation = Exclude<PatchOperation, { op: 'echo' }>;
type ElementTarget = Extract<ValueOperation['target'], { kind: 'element' }>;

/** @throws ScimError 400 noTarget, mutability or invalidValue; the given attributes are never changed */
export function applyPatch(attributes: Attributes, operations: readonly PatchOperation[], context: PatchContext): Attributes {
  return operations.reduce((current, operation) => {
    if (operation.op === 'echo') return checkEcho(current, operation.attribute, operation.value, context);
    return applyOperation(current, operation, context);
  }, attributes);
}

function checkEcho(attributes: Attributes, attribute: Attribute, value: Json, { readOnly }: PatchContext): Attributes {
  if (!echoes(value, readOnly[attribute.name])) throw mutability(`${attribute.name} is read-only.`);
  return attributes;
}

/** What is sent may be a part of what there is; nothing and an empty list are the same. */
function echoes(sent: Json, own: Value | undefined): boolean {
  if (isArray(sent)) return sent.length === listOf(own).length && sent.every((element, index) => echoes(element, listOf(own)[index]));
  if (!isObject(sent)) return sent === (own ?? null);
  return isComplex(own) && Object.entries(sent).every(([name, value]) => echoes(value, own[name]));
}

function applyOperation(attributes: Attributes, operation: ValueOperation, context: PatchContext): Attributes {
  const { path } = operation.target;
  const before = attributeAt(attributes, path);
  const after = operation.target.kind === 'element'
    ? changeElements(listOf(before), operation, operation.target, context)
    : changeAttribute(before, operation, path, context);
  if (equalValues(before, after)) return attributes;
  checkImmutable(path, before, after, operation.op);
  const sub = operation.target.kind === 'element' ? operation.target.sub : path.sub;
  if (operation.op === 'remove' && sub?.mutability === 'immutable') throw mutability(`${targetName(operation.target)} is immutable: it cannot be removed.`);
  if (keepsPlaces(operation)) checkImmutableElements(path, listOf(before), listOf(after), operation.op);
  if (isList(after) && after.length > context.limits.valuesPerAttribute) throw invalidValue(`${pathName(path)} would have more than ${context.limits.valuesPerAttribute} values.`);
  return withAttribute(attributes, path, after);
}

function attributeAt(attributes: Attributes, { extension, attribute }: AttributePath): Value | undefined {
  const holder = extension ? attributes[extension.schema.urn] : attributes;
  return isComplex(holder) ? holder[attribute.name] : undefined;
}

function withAttribute(attributes: Attributes, { extension, attribute }: AttributePath, value: Value | undefined): Attributes {
  if (!extension) return withKey(attributes, attribute.name, value);
  const urn = extension.schema.urn;
  const holder = attributes[urn];
  const changed = withKey(isComplex(holder) ? holder : {}, attribute.name, value);
  return withKey(attributes, urn, emptyToUndefined(changed));
}

function withKey(object: ComplexValue, key: string, value: Value | undefined): ComplexValue {
  if (value !== undefined) return { ...object, [key]: value };
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

const emptyToUndefined = (object: ComplexValue) => (Object.keys(object).length === 0 ? undefined : object);
const listOf = (value: Value | undefined): readonly Value[] => (isList(value) ? value : []);
const nonEmpty = (list: readonly Value[]): Value | undefined => (list.length === 0 ? undefined : list);

/** R-PATCH-14: an immutable value may be set once; R-PATCH-15 is the reader's business. */
function checkImmutable(path: AttributePath, before: Value | undefined, after: Value | undefined, op: string): void {
  if (path.attribute.mutability === 'immutable' && before !== undefined) throw mutability(`${pathName(path)} is immutable: ${op} cannot change it.`);
  for (const sub of path.attribute.subAttributes.values()) {
    if (sub.mutability !== 'immutable' || !isComplex(before) || before[sub.name] === undefined) continue;
    if (!equalValues(before[sub.name], isComplex(after) ? after[sub.name] : undefined)) throw mutability(`${pathName({ ...path, sub })} is immutable: ${op} cannot change it.`);
  }
}

/** Whether each element is still where it was, so that before and after can be compared one by one. */
const keepsPlaces = ({ op, target }: ValueOperation) => op === 'add' || (op === 'replace' && (target.kind === 'element' || target.path.sub !== undefined));

function checkImmutableElements(path: AttributePath, before: readonly Value[], after: readonly Value[], op: string): void {
  for (const sub of path.attribute.subAttributes.values()) {
    if (sub.mutability !== 'immutable') continue;
    const changed = before.some((element, index) => isComplex(element) && element[sub.name] !== undefined && !equalValues(element[sub.name], subAt(after[index], sub)));
    if (changed) throw mutability(`${pathName({ ...path, sub })} is immutable: ${op} cannot change it.`);
  }
}

const subAt = (element: Value | undefined, sub: Attribute) => (isComplex(element) ? element[sub.name] : undefined);

function changeAttribute(before: Value | undefined, operation: ValueOperation, path: AttributePath, context: PatchContext): Value | undefined {
  const { attribute, sub } = path;
  if (sub) return changeSubAttribute(before, operation, attribute, sub, context);
  switch (operation.op) {
    case 'remove':
      return operation.only && isList(before) ? nonEmpty(without(attribute, before, operation.only)) : undefined;
    case 'add':
      if (attribute.multiValued) return append(attribute, listOf(before), listOf(operation.value), context);
      return merge(before, operation.value);
    case 'replace':
      return attribute.multiValued ? operation.value : merge(before, operation.value);
  }
}

/** Decision 18: sub-attributes that are not mentioned stay (RFC 7644 section 3.5.2.3). */
const merge = (before: Value | undefined, value: Value): Value => (isComplex(before) && isComplex(value) ? { ...before, ...value } : value);

function changeSubAttribute(before: Value | undefined, operation: ValueOperation, attribute: Attribute, sub: Attribute, context: PatchContext): Value | undefined {
  const value = operation.op === 'remove' ? undefined : operation.value;
  if (!attribute.multiValued) return emptyToUndefined(withKey(isComplex(before) ? before : {}, sub.name, joined(before, operation, sub)));
  const elements = listOf(before);
  if (elements.length === 0) return value === undefined ? undefined : [{ [sub.name]: value }];
  const changed = new Set(elements.keys());
  return nonEmpty(settlePrimary(withSub(elements, changed, sub, value), changed, attribute, sub, context).filter(isFilled));
}

/** A multi-valued sub-attribute is appended to by add, like any multi-valued attribute. */
function joined(before: Value | undefined, operation: ValueOperation, sub: Attribute): Value | undefined {
  if (operation.op === 'remove') return undefined;
  const own = isComplex(before) ? before[sub.name] : undefined;
  if (operation.op === 'replace' || !sub.multiValued || !isList(own)) return operation.value;
  return [...own, ...listOf(operation.value).filter((value) => !own.includes(value))];
}

/** Section 3.5.2.1: what is there already is not added again; an element of the same value and type takes the new sub-attributes. */
function append(attribute: Attribute, before: readonly Value[], added: readonly Value[], context: PatchContext): Value {
  const elements = [...before];
  const places = new Map(before.map((element, index) => [elementIdentity(attribute, element), index]));
  const touched = new Set<number>();
  for (const value of added) {
    const place = places.get(elementIdentity(attribute, value));
    const own = place === undefined ? undefined : elements[place];
    const index = place ?? elements.length;
    elements[index] = own === undefined ? value : enriched(own, value);
    if (isPrimary(value)) touched.add(index);
  }
  return settlePrimary(elements, touched, attribute, attribute.subAttributes.get('primary'), context);
}

/** The spelling of what is there stays; only what it lacks or has otherwise is taken. */
function enriched(own: Value, added: Value): Value {
  if (!isComplex(own) || !isComplex(added)) return own;
  const { value, type } = own;
  return { ...own, ...added, ...(value === undefined ? {} : { value }), ...(type === undefined ? {} : { type }) };
}

function without(attribute: Attribute, before: readonly Value[], listed: readonly Value[]): readonly Value[] {
  const identities = new Set(listed.map((value) => elementIdentity(attribute, value)));
  // Clients list members and roles by value alone; the type of the stored element does not matter then.
  const bare = new Set(listed.flatMap((value) => (isComplex(value) && value['value'] !== undefined && value['type'] === undefined ? [elementIdentity(attribute, value)] : [])));
  const untyped = (element: Value) => (isComplex(element) ? elementIdentity(attribute, withKey(element, 'type', undefined)) : '');
  return before.filter((element) => !identities.has(elementIdentity(attribute, element)) && !bare.has(untyped(element)));
}

function changeElements(before: readonly Value[], operation: ValueOperation, target: ElementTarget, context: PatchContext): Value | undefined {
  const matched = new Set(Array.from(before.entries()).flatMap(([index, element]) => (isComplex(element) && match(target.filter, element) ? [index] : [])));
  if (operation.op === 'remove') return nonEmpty(removeMatched(before, matched, target.sub));
  if (matched.size === 0) return create(before, operation.op, operation.value, target, context);
  const { attribute } = target.path;
  if (target.sub) return settlePrimary(withSub(before, matched, target.sub, operation.value), matched, attribute, target.sub, context);
  const changed = before.map((element, index) => {
    if (!matched.has(index)) return element;
    return operation.op === 'add' ? merge(element, operation.value) : replaceElement(attribute, element, operation.value);
  });
  return settlePrimary(changed, matched, attribute, attribute.subAttributes.get('primary'), context);
}

/** R-PATCH-40: removing what is not there is success. R-PATCH-39: an element left empty disappears. */
function removeMatched(before: readonly Value[], matched: ReadonlySet<number>, sub: Attribute | undefined): readonly Value[] {
  if (!sub) return before.filter((_, index) => !matched.has(index));
  return withSub(before, matched, sub, undefined).filter(isFilled);
}

const isFilled = (element: Value) => !isComplex(element) || Object.keys(element).length > 0;

/** Decision 17: add makes the element that the filter describes; replace does so for clients that expect it (Q08), else it has no target. */
function create(before: readonly Value[], op: 'add' | 'replace', value: Value, target: ElementTarget, { tolerances }: PatchContext): Value {
  const { described, sub } = target;
  if (!described || (op === 'replace' && !tolerances.use('createOnReplace'))) throw noTarget(`${targetName(target)}: no element matches the filter.`);
  const created = sub ? { ...described, [sub.name]: value } : { ...described, ...(isComplex(value) ? value : {}) };
  const others = isPrimary(created) ? before.map(notPrimary) : before;
  return [...others, created];
}

/** Decision 19: the whole element is replaced, but its immutable parts must stay what they are. */
function replaceElement(attribute: Attribute, before: Value, value: Value): Value {
  if (!isComplex(before) || !isComplex(value)) return value;
  const kept: [string, Value][] = [];
  for (const sub of attribute.subAttributes.values()) {
    const own = before[sub.name];
    if (sub.mutability !== 'immutable' || own === undefined) continue;
    if (value[sub.name] !== undefined && !equalValues(own, value[sub.name])) throw mutability(`${attribute.name}.${sub.name} is immutable.`);
    kept.push([sub.name, own]);
  }
  return { ...Object.fromEntries(kept), ...value };
}

function withSub(elements: readonly Value[], chosen: ReadonlySet<number>, sub: Attribute, value: Value | undefined): readonly Value[] {
  return elements.map((element, index) => (chosen.has(index) && isComplex(element) ? withKey(element, sub.name, value) : element));
}

/** R-PATCH-8: the element that an operation makes primary is the only one; two in one operation contradict each other (Q60). */
function settlePrimary(elements: readonly Value[], touched: ReadonlySet<number>, attribute: Attribute, sub: Attribute | undefined, { tolerances }: PatchContext): readonly Value[] {
  if (sub?.name !== 'primary') return elements;
  const chosen = Array.from(elements.keys()).filter((index) => touched.has(index) && isPrimary(elements[index] ?? ''));
  if (chosen.length === 0) return elements;
  if (chosen.length > 1 && !tolerances.use('manyPrimaries')) throw invalidValue(`${attribute.name} would have more than one element with "primary": true.`);
  return elements.map((element, index) => (index === chosen[0] ? element : notPrimary(element)));
}

const notPrimary = (element: Value): Value => (isComplex(element) && isPrimary(element) ? { ...element, primary: false } : element);
