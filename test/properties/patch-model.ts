/**
 * PATCH as RFC 7644 section 3.5.2 says it, written for reading: mutable, slow, one rule after the other. It gets operations taken apart,
 * so it parses no paths. The whole request is understood before any of it is applied; that decides which of two faults is told.
 */
import type { ScimType } from '../../src/errors.ts';
import { isObject, type Json, type JsonObject } from '../../src/scim/json.ts';
import type { Attribute, Extension, ResourceType } from '../../src/scim/schema.ts';

export class Refusal extends Error {
  /** All that is wrong with the operation: which of two faults is told is the server's choice. */
  readonly scimTypes: readonly ScimType[];

  constructor(...scimTypes: readonly ScimType[]) {
    super(scimTypes.join());
    this.scimTypes = scimTypes;
  }
}

/** Faults of an operation on a list, collected while it is done. */
type Faults = Set<ScimType>;

const refuse = (scimType: ScimType): never => {
  throw new Refusal(scimType);
};

/** A value filter taken apart. */
export type Test =
  | { readonly kind: 'eq' | 'ne' | 'sw'; readonly sub: Attribute; readonly literal: string | boolean }
  | { readonly kind: 'pr'; readonly sub: Attribute }
  | { readonly kind: 'and' | 'or'; readonly tests: readonly Test[] }
  | { readonly kind: 'not'; readonly test: Test };

export interface Place {
  readonly extension: Extension | undefined;
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
  readonly test: Test | undefined;
  /** An extension's attribute named without its URN. */
  readonly unqualified: boolean;
}

export type Target =
  | { readonly kind: 'none' }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'extension'; readonly extension: Extension }
  | { readonly kind: 'wrong'; readonly scimType: ScimType };

export interface Step {
  readonly op: string;
  readonly target: Target;
  readonly value: Json | undefined;
  /** Without a path: what each key of the value names. */
  readonly keys: ReadonlyMap<string, Target>;
}

type Op = 'add' | 'replace' | 'remove';
// The model's values are plain mutable JSON.
type State = Record<string, Mutable>;
type Mutable = string | number | boolean | Mutable[] | { [name: string]: Mutable };
type Element = Record<string, Mutable>;

type Move =
  | { readonly kind: 'echo'; readonly attribute: Attribute; readonly value: Json }
  | { readonly kind: 'change'; readonly op: Op; readonly place: Place; readonly value: Mutable | undefined; readonly listed: Mutable[] | undefined };

export function patchNaively(type: ResourceType, before: object, steps: readonly Step[], tolerant: boolean, readOnly: Readonly<Record<string, Json>>): object {
  const state = structuredClone(before) as State;
  const moves = steps.flatMap((step) => understand(step, tolerant));
  for (const move of moves) {
    if (move.kind === 'echo') checkEcho(move, readOnly);
    else applyMove(state, move, tolerant);
  }
  checkRequired(type, state);
  return state;
}

// ---- what an operation means

function understand(step: Step, tolerant: boolean): Move[] {
  const op = operatorOf(step.op, tolerant);
  if (op !== 'remove' && step.value === undefined) refuse('invalidValue');
  if (step.target.kind !== 'none') return movesTo(op, step.target, step.value, tolerant);
  if (op === 'remove') return refuse('noTarget');
  if (!isObject(step.value)) return refuse('invalidValue');
  return Object.entries(step.value).flatMap(([key, value]) => movesOfKey(op, step.keys.get(key) ?? { kind: 'wrong', scimType: 'invalidPath' }, value, tolerant));
}

function operatorOf(text: string, tolerant: boolean): Op {
  const op = tolerant ? text.toLowerCase() : text;
  return op === 'add' || op === 'replace' || op === 'remove' ? op : refuse('invalidSyntax');
}

/** Without a path: unknown names are ignored for tolerant clients, read-only ones may come back unchanged, dotted ones are Q05. */
function movesOfKey(op: Op, target: Target, value: Json, tolerant: boolean): Move[] {
  if (target.kind === 'wrong') return tolerant ? [] : refuse('invalidPath');
  if (target.kind === 'place' && target.place.attribute.mutability === 'readOnly') {
    const { attribute } = target.place;
    return tolerant && attribute.name !== 'id' ? [] : [{ kind: 'echo', attribute, value }];
  }
  if (target.kind === 'place' && target.place.sub && !tolerant) refuse('invalidPath');
  return movesTo(op, target, value, tolerant);
}

function movesTo(op: Op, target: Target, value: Json | undefined, tolerant: boolean): Move[] {
  if (target.kind === 'wrong') return refuse(target.scimType);
  if (target.kind === 'extension') return movesOfExtension(op, target.extension, value, tolerant);
  if (target.kind === 'none') return [];
  const { place } = target;
  if (place.unqualified && !tolerant) refuse('invalidPath');
  if (place.attribute.mutability === 'readOnly' || place.sub?.mutability === 'readOnly') refuse('mutability');
  return op === 'remove' ? [removal(place, value, tolerant)] : assignment(op, place, value ?? null, tolerant);
}

function movesOfExtension(op: Op, extension: Extension, value: Json | undefined, tolerant: boolean): Move[] {
  const placeOf = (attribute: Attribute): Place => ({ extension, attribute, sub: undefined, test: undefined, unqualified: false });
  // What only the server writes is left alone: clients send back all that they have read of an extension.
  if (op === 'remove') return [...extension.schema.attributes.values()].filter(({ mutability }) => mutability !== 'readOnly').map((attribute) => removal(placeOf(attribute), undefined, tolerant));
  if (!isObject(value)) return refuse('invalidValue');
  return Object.entries(value).flatMap(([key, json]) => {
    const attribute = extension.schema.attributes.get(key.toLowerCase());
    if (!attribute) return tolerant ? [] : refuse('invalidSyntax');
    if (attribute.mutability === 'readOnly') return [];
    return assignment(op, placeOf(attribute), json, tolerant);
  });
}

function removal(place: Place, value: Json | undefined, tolerant: boolean): Move {
  const { attribute, sub, test } = place;
  if (!test && (sub ?? attribute).required) refuse('mutability');
  // A secret can be set anew; "no password" is no state that a client may ask for.
  if (attribute.returned === 'never') refuse('mutability');
  const lists = value !== undefined && value !== null && !test && !sub && attribute.multiValued;
  if (!lists) return { kind: 'change', op: 'remove', place, value: undefined, listed: undefined };
  // R-PATCH-41: never everything. Strict clients are told, the others get what they listed.
  if (!tolerant) refuse('invalidValue');
  const listed = (Array.isArray(value) ? value as Json[] : [value]).flatMap((element) => readOne(attribute, element, tolerant) ?? []);
  readPrimaries(listed, tolerant);
  return { kind: 'change', op: 'remove', place, value: undefined, listed };
}

function assignment(op: Op, place: Place, json: Json, tolerant: boolean): Move[] {
  const { attribute, sub, test } = place;
  const move = (value: Mutable | undefined): Move[] => {
    if (value !== undefined) return [{ kind: 'change', op, place, value, listed: undefined }];
    return op === 'replace' ? [removal(place, undefined, tolerant)] : [];
  };
  if (sub) return move(read(sub, json, tolerant, op));
  if (test) return move(readOne(attribute, json, tolerant));
  if (attribute.type === 'complex' && !attribute.multiValued) return complexAssignment(op, place, json, tolerant);
  return move(read(attribute, json, tolerant, op));
}

/** Given sub-attributes are set, those given as null are cleared by replace, the rest stays (decision 18). */
function complexAssignment(op: Op, place: Place, json: Json, tolerant: boolean): Move[] {
  const { attribute } = place;
  const value = readSingular(attribute, json, tolerant);
  const emptied = attribute.subAttributes.has('$ref') && tolerant && (json === '' || (isObject(json) && json['value'] === ''));
  const cleared = op === 'replace' && (json === null || (attribute.subAttributes.has('$ref') && isObject(json) && json['value'] === null));
  const moves: Move[] = [];
  if (value !== undefined) moves.push({ kind: 'change', op, place, value, listed: undefined });
  else if (emptied || cleared) moves.push(removal(place, undefined, tolerant));
  if (op === 'replace' && isObject(json)) {
    for (const [name, part] of Object.entries(json)) {
      const sub = attribute.subAttributes.get(name.toLowerCase());
      if (part === null && sub?.source === 'stored' && sub.mutability !== 'readOnly') moves.push({ kind: 'change', op: 'remove', place: { ...place, sub }, value: undefined, listed: undefined });
    }
  }
  return moves;
}

// ---- values

function read(attribute: Attribute, json: Json, tolerant: boolean, op: Op): Mutable | undefined {
  if (json === null) return undefined;
  if (!attribute.multiValued) return attribute.type === 'complex' ? readSingular(attribute, json, tolerant) : readOne(attribute, json, tolerant);
  const list = listFrom(attribute, json, tolerant, op);
  const elements: Mutable[] = [];
  for (const element of list.flatMap((one) => readOne(attribute, one, tolerant) ?? [])) {
    if (!elements.some((known) => isSame(attribute, known, element))) elements.push(element);
  }
  readPrimaries(elements, tolerant);
  return elements.length === 0 ? undefined : elements;
}

/** R-PATCH-20: add takes one element or an array of them. */
function listFrom({ type }: Attribute, json: Json, tolerant: boolean, op: Op): readonly Json[] {
  if (Array.isArray(json)) return json as Json[];
  const single = isObject(json) ? op === 'add' || tolerant : type !== 'complex' || tolerant;
  return single ? [json] : refuse('invalidValue');
}

/** Q16: a reference may come as a list of one. */
function readSingular(attribute: Attribute, json: Json, tolerant: boolean): Mutable | undefined {
  const isListOfOne = Array.isArray(json) && json.length === 1 && attribute.subAttributes.has('value') && tolerant;
  return readOne(attribute, isListOfOne ? (json[0] as Json) : json, tolerant);
}

function readOne(attribute: Attribute, json: Json, tolerant: boolean): Mutable | undefined {
  if (json === null) return undefined;
  if (attribute.type !== 'complex') return readSimple(attribute, json, tolerant);
  const element: Element = {};
  for (const [name, part] of Object.entries(objectFrom(attribute, json, tolerant))) {
    const sub = attribute.subAttributes.get(name.toLowerCase());
    if (!sub && !tolerant) refuse('invalidSyntax');
    // R-CHAR-2: what the server alone writes is ignored.
    if (!sub || sub.source === 'computed' || sub.mutability === 'readOnly') continue;
    const value = read(sub, part, tolerant, 'replace');
    if (value !== undefined) element[sub.name] = value;
  }
  if (tolerant && element['value'] === '' && attribute.subAttributes.has('$ref')) return undefined;
  return Object.keys(element).length === 0 ? undefined : element;
}

function objectFrom(attribute: Attribute, json: Json, tolerant: boolean): JsonObject {
  if (isObject(json)) return json;
  const isBare = typeof json === 'string' || typeof json === 'number';
  return isBare && tolerant && attribute.subAttributes.has('value') ? { value: json } : refuse('invalidValue');
}

function readSimple({ type, required }: Attribute, json: Json, tolerant: boolean): Mutable {
  switch (type) {
    case 'boolean':
      if (tolerant && typeof json === 'string' && /^(true|false)$/i.test(json)) return json.toLowerCase() === 'true';
      return typeof json === 'boolean' ? json : refuse('invalidValue');
    case 'integer':
      return typeof json === 'number' && Number.isInteger(json) ? json : refuse('invalidValue');
    case 'decimal':
      return typeof json === 'number' ? json : refuse('invalidValue');
    case 'dateTime':
      return typeof json === 'string' && json.includes('T') && !Number.isNaN(Date.parse(json)) ? new Date(json).toISOString() : refuse('invalidValue');
    case 'binary':
      return typeof json === 'string' && /^[A-Za-z0-9+/]+=*$|^[A-Za-z0-9_-]+=*$/.test(json) ? json : refuse('invalidValue');
    case 'string':
    case 'reference':
    case 'complex': {
      const text = typeof json === 'number' && tolerant ? String(json) : json;
      return typeof text === 'string' && !(required && text === '') ? text : refuse('invalidValue');
    }
  }
}

/** R-MODEL-14; Q60: the first keeps it. */
function readPrimaries(elements: readonly Mutable[], tolerant: boolean): void {
  const primaries = elements.filter(isPrimary);
  if (primaries.length > 1 && !tolerant) refuse('invalidValue');
  for (const other of primaries.slice(1)) if (isElement(other)) other['primary'] = false;
}

const isElement = (value: Mutable | undefined): value is Element => typeof value === 'object' && !Array.isArray(value);
const isPrimary = (value: Mutable) => isElement(value) && value['primary'] === true;
const foldText = (attribute: Attribute | undefined, value: Mutable | undefined) =>
  typeof value === 'string' && attribute && !attribute.caseExact && (attribute.type === 'string' || attribute.type === 'reference') ? value.toLowerCase() : value;

/** One value of an attribute is the same as another by value and type (RFC 7643 section 2.4), without a value by all they hold. */
function isSame(attribute: Attribute, a: Mutable, b: Mutable): boolean {
  if (!isElement(a) || !isElement(b)) return foldText(attribute, a) === foldText(attribute, b);
  if (a['value'] === undefined || b['value'] === undefined) return isEqual(a, b);
  return ['value', 'type'].every((name) => foldText(attribute.subAttributes.get(name), a[name]) === foldText(attribute.subAttributes.get(name), b[name]));
}

function isEqual(a: Mutable | undefined, b: Mutable | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((element, index) => isEqual(element, b[index]));
  if (!isElement(a) || !isElement(b)) return a === b;
  return [...Object.keys(a), ...Object.keys(b)].every((name) => isEqual(a[name], b[name]));
}

// ---- doing it

function checkEcho({ attribute, value }: Extract<Move, { kind: 'echo' }>, readOnly: Readonly<Record<string, Json>>): void {
  const own = readOnly[attribute.name];
  const same = isObject(value) ? isObject(own) && Object.keys(value).every((name) => value[name] === own[name]) : value === own;
  if (!same) refuse('mutability');
}

function applyMove(state: State, move: Extract<Move, { kind: 'change' }>, tolerant: boolean): void {
  const { extension, attribute } = move.place;
  const urn = extension?.schema.urn;
  const holder = urn === undefined ? state : ((state[urn] ??= {}) as Element);
  const before = structuredClone(holder[attribute.name]);
  const after = changed(move, holder[attribute.name], tolerant);
  if (after === undefined) Reflect.deleteProperty(holder, attribute.name);
  else holder[attribute.name] = after;
  if (!attribute.multiValued) checkImmutable(attribute, before, after);
  if (urn !== undefined && Object.keys(holder).length === 0) Reflect.deleteProperty(state, urn);
}

function checkImmutable(attribute: Attribute, before: Mutable | undefined, after: Mutable | undefined): void {
  if (attribute.mutability === 'immutable' && before !== undefined && !isEqual(before, after)) refuse('mutability');
  for (const sub of attribute.subAttributes.values()) {
    const own = isElement(before) ? before[sub.name] : undefined;
    if (sub.mutability === 'immutable' && own !== undefined && !isEqual(own, isElement(after) ? after[sub.name] : undefined)) refuse('mutability');
  }
}

function changed(move: Extract<Move, { kind: 'change' }>, current: Mutable | undefined, tolerant: boolean): Mutable | undefined {
  const { op, place: { attribute, sub, test }, value } = move;
  if (attribute.multiValued) {
    const faults: Faults = new Set();
    const list = changedList(move, Array.isArray(current) ? current : [], tolerant, faults);
    if (faults.size > 0) throw new Refusal(...faults);
    return list.length === 0 ? undefined : list;
  }
  if (test) return current;
  if (sub) {
    const element: Element = isElement(current) ? { ...current } : {};
    if (value === undefined) Reflect.deleteProperty(element, sub.name);
    else element[sub.name] = value;
    return Object.keys(element).length === 0 ? undefined : element;
  }
  if (op === 'remove') return undefined;
  return isElement(current) && isElement(value) ? { ...current, ...value } : value;
}

function changedList(move: Extract<Move, { kind: 'change' }>, list: Mutable[], tolerant: boolean, faults: Faults): Mutable[] {
  const { op, place: { attribute, sub, test }, value, listed } = move;
  if (test) return changedMatches(move, list, test, tolerant, faults);
  if (sub) {
    if (value === undefined) return withoutSub(attribute, list, list, sub, faults);
    if (list.length === 0) return [{ [sub.name]: value }];
    for (const element of list) setIn(attribute, element, { [sub.name]: value }, faults);
    return onePrimary(list, sub.name === 'primary' ? list.filter(isPrimary) : [], tolerant, faults);
  }
  if (op === 'remove') return listed ? list.filter((element) => !listed.some((one) => isListed(attribute, one, element))) : [];
  const given = Array.isArray(value) ? value : [];
  return op === 'replace' ? given : appended(attribute, list, given, tolerant, faults);
}

/** Q11: by value and type, or by value alone where the client gives no type. */
function isListed(attribute: Attribute, one: Mutable, element: Mutable): boolean {
  if (isSame(attribute, one, element)) return true;
  if (!isElement(one) || !isElement(element) || one['type'] !== undefined || one['value'] === undefined) return false;
  const value = attribute.subAttributes.get('value');
  return foldText(value, one['value']) === foldText(value, element['value']);
}

function appended(attribute: Attribute, list: Mutable[], given: readonly Mutable[], tolerant: boolean, faults: Faults): Mutable[] {
  const result = [...list];
  const primaries: Mutable[] = [];
  for (const value of given) {
    const known = list.findLast((element) => isSame(attribute, element, value));
    if (known === undefined) result.push(value);
    else if (isElement(known) && isElement(value)) setIn(attribute, known, others(value), faults);
    if (isPrimary(value)) primaries.push(known ?? value);
  }
  return onePrimary(result, primaries, tolerant, faults);
}

/** R-PATCH-22: value and type are there already, however they are spelled. */
function others(value: Element): Element {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'value' && name !== 'type'));
}

function changedMatches(move: Extract<Move, { kind: 'change' }>, list: Mutable[], test: Test, tolerant: boolean, faults: Faults): Mutable[] {
  const { op, place: { attribute, sub }, value } = move;
  const matches = list.filter((element) => isElement(element) && holds(test, element));
  if (op === 'remove') return sub ? withoutSub(attribute, list, matches, sub, faults) : list.filter((element) => !matches.includes(element));
  if (matches.length === 0) return created(move, list, test, tolerant, faults);
  for (const match of matches) {
    if (sub) setIn(attribute, match, { [sub.name]: value ?? '' }, faults);
    else if (isElement(match) && isElement(value)) replaceOrMerge(op, attribute, match, value, faults);
  }
  const touchesPrimary = sub ? sub.name === 'primary' : true;
  return onePrimary(list, touchesPrimary ? matches.filter(isPrimary) : [], tolerant, faults);
}

/** Decision 19: replace takes the whole element, but what is immutable stays. */
function replaceOrMerge(op: Op, attribute: Attribute, element: Mutable, value: Element, faults: Faults): void {
  if (op === 'replace' && isElement(element)) {
    for (const name of Object.keys(element)) {
      const isKept = attribute.subAttributes.get(name.toLowerCase())?.mutability === 'immutable';
      if (!isKept) Reflect.deleteProperty(element, name);
    }
  }
  setIn(attribute, element, value, faults);
}

/** Decision 17: what the filter describes is made by add, and by replace for clients that expect it (Q08). */
function created({ op, place: { sub }, value }: Extract<Move, { kind: 'change' }>, list: Mutable[], test: Test, tolerant: boolean, faults: Faults): Mutable[] {
  const terms = test.kind === 'and' ? test.tests : [test];
  const element: Element = {};
  for (const term of terms) {
    if (term.kind !== 'eq') return refuse('noTarget');
    element[term.sub.name] = term.literal;
  }
  if (op === 'replace' && !tolerant) refuse('noTarget');
  if (sub) element[sub.name] = value ?? '';
  else if (isElement(value)) Object.assign(element, value);
  return onePrimary([...list, element], isPrimary(element) ? [element] : [], tolerant, faults);
}

function setIn(attribute: Attribute, element: Mutable, values: Element, faults: Faults): void {
  if (!isElement(element)) return;
  for (const [name, value] of Object.entries(values)) {
    const own = element[name];
    if (attribute.subAttributes.get(name.toLowerCase())?.mutability === 'immutable' && own !== undefined && !isEqual(own, value)) faults.add('mutability');
    element[name] = value;
  }
}

/** R-PATCH-39: an element left empty disappears. */
function withoutSub(attribute: Attribute, list: readonly Mutable[], chosen: readonly Mutable[], sub: Attribute, faults: Faults): Mutable[] {
  for (const element of chosen) {
    if (!isElement(element) || element[sub.name] === undefined) continue;
    if (attribute.subAttributes.get(sub.name.toLowerCase())?.mutability === 'immutable') faults.add('mutability');
    Reflect.deleteProperty(element, sub.name);
  }
  return list.filter((element) => !isElement(element) || Object.keys(element).length > 0);
}

/** R-PATCH-8: what the operation made primary is the only one. */
function onePrimary(list: Mutable[], made: readonly Mutable[], tolerant: boolean, faults: Faults): Mutable[] {
  const chosen = list.filter((element) => made.includes(element));
  if (chosen.length > 1 && !tolerant) faults.add('invalidValue');
  if (chosen.length === 0) return list;
  for (const element of list) if (element !== chosen[0] && isElement(element) && isPrimary(element)) element['primary'] = false;
  return list;
}

function holds(test: Test, element: Element): boolean {
  switch (test.kind) {
    case 'and':
      return test.tests.every((part) => holds(part, element));
    case 'or':
      return test.tests.some((part) => holds(part, element));
    case 'not':
      return !holds(test.test, element);
    case 'pr':
      return element[test.sub.name] !== undefined && element[test.sub.name] !== '';
    case 'eq':
      return foldText(test.sub, element[test.sub.name]) === foldText(test.sub, test.literal);
    case 'ne':
      return foldText(test.sub, element[test.sub.name]) !== foldText(test.sub, test.literal);
    case 'sw':
      return startsWith(foldText(test.sub, element[test.sub.name]), foldText(test.sub, test.literal));
  }
}

const startsWith = (value: Mutable | undefined, start: Mutable | undefined) => typeof value === 'string' && typeof start === 'string' && value.startsWith(start);

/** R-PATCH-6: only the whole result has to be complete. */
function checkRequired(type: ResourceType, state: State): void {
  for (const attribute of type.schema.attributes.values()) {
    const value = state[attribute.name];
    if (attribute.required && (value === undefined || value === '')) refuse('invalidValue');
    if (!isElement(value)) continue;
    for (const sub of attribute.subAttributes.values()) if (sub.required && value[sub.name] === undefined) refuse('invalidValue');
  }
}
