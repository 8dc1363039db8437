/**
 * Which attributes an answer shows: RFC 7644 sections 3.4.2.5 and 3.9 over the `returned` characteristic of RFC 7643 section 7. One plan
 * is made per request and resource type, then applied to each resource.
 */
import { invalidValue } from '../errors.ts';
import { isArray, isObject, member, type Json } from './json.ts';
import { resolveName } from './path.ts';
import { isComplex, isList, type Attribute, type Attributes, type ComplexValue, type ResourceType, type Value } from './schema.ts';
import type { Tolerances } from './tolerances.ts';

export interface ProjectionRequest {
  readonly attributes: readonly string[] | undefined;
  readonly excludedAttributes: readonly string[] | undefined;
}

export interface Projection {
  /** Whether the answer can hold this attribute, so that what is computed is only computed when it is seen. */
  readonly shows: (attribute: string, extension?: string) => boolean;
  readonly apply: (resource: Attributes) => Attributes;
}

/** What is kept of one attribute: all of it, nothing, or some sub-attributes. */
type Kept = 'all' | 'none' | ReadonlyMap<string, true>;
type Plan = ReadonlyMap<string, Kept>;

/**
 * Decision 13: `attributes` and `excludedAttributes` together contradict each other. Names that the schema lacks are ignored (R-ATTR-8).
 * @param supplied names of attributes that a write brought: they are shown even if `returned` is `request` (RFC 7643 section 7)
 * @throws ScimError 400 invalidValue when both lists are given
 */
export function planProjection(type: ResourceType, request: ProjectionRequest, tolerances: Tolerances, supplied: ReadonlySet<string> = new Set()): Projection {
  if (request.attributes && request.excludedAttributes) throw invalidValue('Give either "attributes" or "excludedAttributes", not both.');
  const named = namedAttributes(type, request.attributes ?? request.excludedAttributes ?? [], tolerances);
  const mode = request.attributes ? 'only' : 'except';
  const core = planOf(type.attributes, '', named, mode, supplied);
  const extensions = new Map(type.extensions.map(({ schema }) => [schema.urn, planOf(schema.attributes, `${schema.urn}:`, named, mode, supplied)]));
  return {
    shows: (attribute, extension) => ((extension === undefined ? core : extensions.get(extension))?.get(attribute) ?? 'none') !== 'none',
    apply: (resource) => applyPlans(resource, core, extensions),
  };
}

/**
 * The attributes with `returned: request` that a write names anywhere in its body, as keys or paths: they are answered unasked.
 * @param body of POST, PUT or PATCH
 */
export function suppliedAttributes(type: ResourceType, body: Json | undefined): ReadonlySet<string> {
  const onRequest = [
    ...Array.from(type.attributes.values(), (attribute) => ({ attribute, key: attribute.name })),
    ...type.extensions.flatMap(({ schema }) => Array.from(schema.attributes.values(), (attribute) => ({ attribute, key: `${schema.urn}:${attribute.name}` }))),
  ].filter(({ attribute }) => attribute.returned === 'request');
  if (onRequest.length === 0) return new Set();
  const names = new Set(namesIn(type, body));
  return new Set(onRequest.filter(({ key }) => names.has(key)).map(({ key }) => key));
}

function namesIn(type: ResourceType, body: Json | undefined, prefix = ''): readonly string[] {
  if (!isObject(body)) return [];
  const operations = member(body, 'Operations');
  if (isArray(operations)) {
    return operations.flatMap((operation) => {
      const path = isObject(operation) ? member(operation, 'path') : undefined;
      const value = isObject(operation) ? member(operation, 'value') : undefined;
      if (typeof path !== 'string') return namesIn(type, value);
      const found = resolveName(type, path.split('[', 1)[0] ?? '');
      return found?.kind === 'extension' ? namesIn(type, value, `${found.extension.schema.urn}:`) : keyOf(found);
    });
  }
  return Object.entries(body).flatMap(([key, value]) => {
    const found = resolveName(type, prefix + key);
    return found?.kind === 'extension' ? namesIn(type, value, `${found.extension.schema.urn}:`) : keyOf(found);
  });
}

function keyOf(named: ReturnType<typeof resolveName>): readonly string[] {
  if (named?.kind !== 'attribute') return [];
  const { extension, attribute } = named.path;
  return [extension ? `${extension.schema.urn}:${attribute.name}` : attribute.name];
}

/** Attribute to the sub-attributes named of it; an empty set means the whole attribute. */
type Named = ReadonlyMap<string, ReadonlySet<string>>;

function namedAttributes(type: ResourceType, names: readonly string[], tolerances: Tolerances): Named {
  const named = new Map<string, Set<string>>();
  const whole = new Set<string>();
  for (const name of names) {
    const bracket = name.indexOf('[');
    const text = bracket >= 0 && tolerances.use('bracketsInProjection') ? name.slice(0, bracket) : name;
    const found = resolveName(type, text, { dotAfterUrn: () => tolerances.use('dotAfterUrn') });
    if (!found) continue;
    if (found.kind === 'extension') {
      for (const attribute of found.extension.schema.attributes.values()) whole.add(`${found.extension.schema.urn}:${attribute.name}`);
      continue;
    }
    const { extension, attribute, sub } = found.path;
    const key = extension ? `${extension.schema.urn}:${attribute.name}` : attribute.name;
    if (sub) named.set(key, (named.get(key) ?? new Set()).add(sub.name));
    else whole.add(key);
  }
  return new Map([...named, ...Array.from(whole, (key) => [key, new Set<string>()] as const)]);
}

function planOf(attributes: ReadonlyMap<string, Attribute>, prefix: string, named: Named, mode: 'only' | 'except', supplied: ReadonlySet<string>): Plan {
  return new Map(Array.from(attributes.values(), (attribute) => {
    const key = prefix + attribute.name;
    return [attribute.name, keptOf(attribute, named.get(key), mode, supplied.has(key))];
  }));
}

function keptOf(attribute: Attribute, subs: ReadonlySet<string> | undefined, mode: 'only' | 'except', supplied: boolean): Kept {
  if (attribute.returned === 'never') return 'none';
  const wholly = subs?.size === 0;
  if (attribute.type !== 'complex') return isShown(attribute, subs !== undefined, mode, supplied) ? 'all' : 'none';
  if (mode === 'only' && subs === undefined) return keptSubs(attribute, (sub) => attribute.returned === 'always' || sub.returned === 'always');
  if (mode === 'only') return keptSubs(attribute, (sub) => sub.returned !== 'never' && (subs?.has(sub.name) === true || sub.returned === 'always' || (wholly && sub.returned === 'default')));
  if (!isShown(attribute, wholly, mode, supplied)) return keptSubs(attribute, (sub) => wholly && sub.returned === 'always');
  return keptSubs(attribute, (sub) => isShown(sub, subs?.has(sub.name) === true, mode, supplied));
}

function isShown(attribute: Attribute, named: boolean, mode: 'only' | 'except', supplied: boolean): boolean {
  switch (attribute.returned) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'default':
      return mode === 'only' ? named : !named;
    case 'request':
      return mode === 'only' ? named : supplied && !named;
  }
}

function keptSubs(attribute: Attribute, keep: (sub: Attribute) => boolean): Kept {
  const subs = [...attribute.subAttributes.values()];
  const kept = subs.filter(keep);
  if (kept.length === subs.length) return 'all';
  return kept.length === 0 ? 'none' : new Map(kept.map((sub) => [sub.name, true]));
}

function applyPlans(resource: Attributes, core: Plan, extensions: ReadonlyMap<string, Plan>): Attributes {
  const entries: [string, Value][] = [];
  for (const [name, value] of Object.entries(resource)) {
    const extension = extensions.get(name);
    const kept = extension && isComplex(value) ? nonEmpty(applyPlan(value, extension)) : keepOf(value, core.get(name) ?? 'none');
    if (kept !== undefined) entries.push([name, kept]);
  }
  return Object.fromEntries(entries);
}

function applyPlan(object: ComplexValue, plan: Plan): ComplexValue {
  const entries: [string, Value][] = [];
  for (const [name, value] of Object.entries(object)) {
    const kept = keepOf(value, plan.get(name) ?? 'none');
    if (kept !== undefined) entries.push([name, kept]);
  }
  return Object.fromEntries(entries);
}

function keepOf(value: Value, kept: Kept): Value | undefined {
  if (kept === 'all') return value;
  if (kept === 'none') return undefined;
  if (isList(value)) {
    const elements = value.flatMap((element) => keepOf(element, kept) ?? []);
    return elements.length === 0 ? undefined : elements;
  }
  return isComplex(value) ? nonEmpty(Object.fromEntries(Object.entries(value).filter(([name]) => kept.has(name)))) : value;
}

const nonEmpty = (object: ComplexValue) => (Object.keys(object).length === 0 ? undefined : object);
