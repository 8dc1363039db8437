/**
 * Syntax tree to typed tree: every name becomes an attribute of the schema, every literal the comparable form of that attribute's type.
 * After this step a filter cannot fail any more, and it holds no text of the client but values (R-FILT-20, R-FILT-27).
 */
import { invalidFilter, quote } from '../errors.ts';
import { fold } from './fold.ts';
import type { FilterNode, Literal, Operator } from './filter.ts';
import { match } from './match.ts';
import { pathName, resolveName, type AttributePath } from './path.ts';
import type { Comparable, ResolvedFilter } from './resolved-filter.ts';
import { COMMON_ATTRIBUTES, type Attribute, type ResourceType } from './schema.ts';
import type { Tolerances } from './tolerances.ts';
import { canonicalDateTime, isFolded } from './values.ts';

export interface ResolveOptions {
  readonly tolerances: Tolerances;
  /** On a query over several types a name that this type lacks has no value; on one type it is an error (decision 10). */
  readonly unknown?: 'refuse' | 'valueless';
}

/** @throws ScimError 400 invalidFilter naming the attribute */
export function resolveFilter(type: ResourceType, node: FilterNode, options: ResolveOptions): ResolvedFilter {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { kind: node.kind, nodes: node.nodes.map((part) => resolveFilter(type, part, options)) };
    case 'not':
      return { kind: 'not', node: resolveFilter(type, node.node, options) };
    case 'present': {
      const path = resolvePath(type, node.path, options);
      return path ? present(path) : { kind: 'constant', value: false };
    }
    case 'compare': {
      const path = resolvePath(type, node.path, options);
      return path ? settled(type, compare(path, node.operator, node.value, options)) : { kind: 'constant', value: (node.operator === 'ne') !== (node.value === null) };
    }
    case 'element': {
      const path = resolvePath(type, node.path, options);
      return path ? element(path, node.node, options) : { kind: 'constant', value: false };
    }
  }
}

/** Resolves the value filter of a PATCH path, whose elements are in memory: every sub-attribute can be asked there. */
export function resolveElementFilter(attribute: Attribute, node: FilterNode, options: ResolveOptions): ResolvedFilter {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { kind: node.kind, nodes: node.nodes.map((part) => resolveElementFilter(attribute, part, options)) };
    case 'not':
      return { kind: 'not', node: resolveElementFilter(attribute, node.node, options) };
    case 'present':
      return { kind: 'present', path: subPath(attribute, node.path) };
    case 'compare':
      return typedComparison(subPath(attribute, node.path), node.operator, node.value, options);
    case 'element':
      throw invalidFilter('A value path cannot stand inside another one.');
  }
}

const SCHEMAS_ATTRIBUTE = COMMON_ATTRIBUTES.find(({ name }) => name === 'schemas');

/** `meta.resourceType` is the same for every resource of a type, so the comparison is settled before the query. */
function settled(type: ResourceType, filter: ResolvedFilter): ResolvedFilter {
  if (filter.kind === 'compare' && isSchemas(filter.path)) return amongSchemas(type, filter);
  if (filter.kind !== 'compare' || filter.path.attribute.name !== 'meta' || filter.path.sub?.name !== 'resourceType') return filter;
  return { kind: 'constant', value: match(filter, { meta: { resourceType: type.name } }) };
}

const isSchemas = ({ attribute }: AttributePath) => attribute === SCHEMAS_ATTRIBUTE;

/**
 * The base schema is always there, so what it fulfils is settled. The others are asked for one by one, only those that the caller sees:
 * that a resource has an extension which is hidden must not show by being found.
 */
function amongSchemas(type: ResourceType, filter: Extract<ResolvedFilter, { kind: 'compare' }>): ResolvedFilter {
  const fulfils = (urn: string) => match(filter, { schemas: [urn] });
  if (fulfils(type.schema.urn)) return { kind: 'constant', value: true };
  const urns = type.extensions.map(({ schema }) => schema.urn).filter(fulfils);
  return { kind: 'or', nodes: urns.map((urn) => ({ ...filter, operator: 'eq', value: fold(urn) })) };
}

function resolvePath(type: ResourceType, text: string, { tolerances, unknown }: ResolveOptions): AttributePath | undefined {
  const named = resolveName(type, text, {
    searchExtensions: () => tolerances.use('unqualifiedExtension'),
    dotAfterUrn: () => tolerances.use('dotAfterUrn'),
  });
  if (named?.kind === 'attribute') return filterable(named.path);
  if (unknown === 'valueless') return undefined;
  throw invalidFilter(`${type.name} has no attribute ${quote(text)}.`);
}

/** What is computed for an answer cannot be searched, and what is never returned must not leak by being found (R-FILT-26). */
function filterable(path: AttributePath): AttributePath {
  const { attribute, sub } = path;
  if (attribute.returned === 'never' || sub?.returned === 'never') throw invalidFilter(`${pathName(path)} cannot be used in a filter.`);
  return path;
}

function refuseComputed(path: AttributePath): void {
  if (path.attribute.source === 'computed' || path.sub?.source === 'computed') throw invalidFilter(`${pathName(path)} is computed and cannot be used in a filter.`);
}

function subPath(attribute: Attribute, name: string): AttributePath {
  const sub = attribute.subAttributes.get(name.toLowerCase());
  if (!sub) throw invalidFilter(`${attribute.name} has no sub-attribute ${quote(name)}.`);
  return { extension: undefined, attribute: sub, sub: undefined };
}

function present(path: AttributePath): ResolvedFilter {
  if (path.attribute.source === 'edge') return anyEdge(path);
  // A computed $ref is there exactly when the value is that it is made from.
  const value = path.sub?.name === '$ref' ? path.attribute.subAttributes.get('value') : undefined;
  if (value) return { kind: 'present', path: { ...path, sub: value } };
  refuseComputed(path);
  // Every resource has an id, its meta and a schema.
  if (COMMON_ATTRIBUTES.includes(path.attribute) && path.attribute.name !== 'externalId') return { kind: 'constant', value: true };
  return { kind: 'present', path };
}

function compare(path: AttributePath, operator: Operator, value: Literal, options: ResolveOptions): ResolvedFilter {
  refuseComputed(path);
  if (path.attribute.source === 'edge') return edgeComparison(path, operator, value);
  return typedComparison(withDefaultValue(path, options.tolerances), operator, value, options);
}

/** A multi-valued complex attribute means its `value` (R-FILT-13); a singular one does so only for clients that say it that way (Q34). */
function withDefaultValue(path: AttributePath, tolerances: Tolerances): AttributePath {
  const { attribute, sub } = path;
  if (sub || attribute.type !== 'complex') return path;
  const value = attribute.subAttributes.get('value');
  if (value && (attribute.multiValued || tolerances.use('complexAsValue'))) return { ...path, sub: value };
  throw invalidFilter(`${pathName(path)} is complex: name one of its sub-attributes.`);
}

function typedComparison(path: AttributePath, operator: Operator, literal: Literal, { tolerances }: ResolveOptions): ResolvedFilter {
  const attribute = path.sub ?? path.attribute;
  if (literal === null) return nullComparison(path, operator);
  const comparable = comparableLiteral(attribute, literal, tolerances);
  if (comparable === undefined) throw invalidFilter(`${pathName(path)} is of type ${attribute.type}: the value does not fit.`);
  if (!operatorFits(attribute, operator) || (isVersion(path) && operator !== 'eq' && operator !== 'ne')) throw invalidFilter(`Operator ${operator} is not defined for ${pathName(path)}, which is of type ${attribute.type}.`);
  // What is no tag of ours is no resource's version.
  if (isVersion(path) && versionIn(String(comparable)) === undefined) return { kind: 'constant', value: operator === 'ne' };
  return { kind: 'compare', path, operator, value: comparable };
}

/** The number in a version tag as Rollcall writes it, `W/"12"`; undefined for any other text. */
export function versionIn(tag: string): number | undefined {
  const [, digits = ''] = /^W\/"(\d{1,15})"$/.exec(tag) ?? [];
  return digits !== '' && String(Number(digits)) === digits ? Number(digits) : undefined;
}

/** A version is a tag: it can be the same or another one, and nothing else (RFC 7644 section 3.14). */
const isVersion = ({ attribute, sub }: AttributePath) => attribute.name === 'meta' && sub?.name === 'version';

/** "Unassigned" and null are the same state (RFC 7643 section 2.5). */
function nullComparison(path: AttributePath, operator: Operator): ResolvedFilter {
  if (operator === 'ne') return present(path);
  if (operator === 'eq') return { kind: 'not', node: present(path) };
  throw invalidFilter(`Operator ${operator} cannot compare ${pathName(path)} with null.`);
}

function comparableLiteral(attribute: Attribute, literal: string | number | boolean, tolerances: Tolerances): Comparable | undefined {
  switch (attribute.type) {
    case 'string':
    case 'reference':
    case 'binary':
      if (typeof literal !== 'string') return undefined;
      return checkLength(isFolded(attribute) ? fold(literal) : literal);
    case 'boolean':
      return booleanLiteral(literal, tolerances);
    case 'integer':
    case 'decimal':
      return typeof literal === 'number' ? literal : undefined;
    case 'dateTime':
      return typeof literal === 'string' ? canonicalDateTime(literal) : undefined;
    case 'complex':
      return undefined;
  }
}

/** One letter can fold to eighteen; MongoDB takes no pattern of more than 32,764 bytes. */
const MOST_LITERAL = 8000;

function checkLength(text: string): string {
  if (Buffer.byteLength(text) > MOST_LITERAL) throw invalidFilter(`A value in the filter is longer than ${MOST_LITERAL} bytes when it is prepared for comparison.`);
  return text;
}

function booleanLiteral(literal: string | number | boolean, tolerances: Tolerances): boolean | undefined {
  if (typeof literal === 'boolean') return literal;
  const text = String(literal).toLowerCase();
  return (text === 'true' || text === 'false') && tolerances.use('booleanText') ? text === 'true' : undefined;
}

/** RFC 7644 table 3: order is not defined for boolean and binary; substrings are a matter of text. */
function operatorFits(attribute: Attribute, operator: Operator): boolean {
  switch (operator) {
    case 'eq':
    case 'ne':
      return true;
    case 'co':
    case 'sw':
    case 'ew':
      return attribute.type === 'string' || attribute.type === 'reference' || attribute.type === 'binary';
    case 'gt':
    case 'ge':
    case 'lt':
    case 'le':
      return attribute.type !== 'boolean' && attribute.type !== 'binary';
  }
}

function element(path: AttributePath, node: FilterNode, options: ResolveOptions): ResolvedFilter {
  if (!path.attribute.multiValued || path.attribute.type !== 'complex' || path.sub) throw invalidFilter(`${pathName(path)} is not multi-valued: it takes no value path.`);
  refuseComputed(path);
  if (path.attribute.source === 'edge') return edgeElement(path.attribute, node);
  const resolved = resolveElementFilter(path.attribute, node, options);
  return { kind: 'element', path, node: resolved };
}

/** `members` and `groups` are edges: they can be asked for an id, or whether there are any. Other questions would read them all. */
const edgeFault = (attribute: Attribute) => invalidFilter(`${attribute.name} can be filtered by "value eq" and "pr" only.`);

function edgeComparison({ attribute, sub }: AttributePath, operator: Operator, value: Literal): ResolvedFilter {
  if (value === null && operator === 'ne') return anyEdge({ attribute, sub });
  if (value === null && operator === 'eq') return { kind: 'not', node: anyEdge({ attribute, sub }) };
  if (operator !== 'eq' || typeof value !== 'string' || (sub && sub.name !== 'value')) throw edgeFault(attribute);
  return { kind: 'edge', attribute, value };
}

/** What every edge has, it has where there is an edge at all. A display name it may lack. */
function anyEdge({ attribute, sub }: Pick<AttributePath, 'attribute' | 'sub'>): ResolvedFilter {
  if (sub && sub.name !== 'value' && sub.name !== '$ref' && sub.name !== 'type') throw edgeFault(attribute);
  return { kind: 'edge', attribute, value: undefined };
}

function edgeElement(attribute: Attribute, node: FilterNode): ResolvedFilter {
  if (node.kind === 'present') return present({ extension: undefined, attribute, sub: subPath(attribute, node.path).attribute });
  if (node.kind !== 'compare') throw edgeFault(attribute);
  return edgeComparison({ extension: undefined, attribute, sub: subPath(attribute, node.path).attribute }, node.operator, node.value);
}
