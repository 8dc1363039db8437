/**
 * Whether a filter holds for a resource in memory. This is the definition: what MongoDB returns for the compiled filter must be
 * what `match` keeps, and `test/properties/filter-contract.test.ts` says so for random filters and documents.
 */
import { compareCodePoints } from './fold.ts';
import type { Operator } from './filter.ts';
import type { AttributePath } from './path.ts';
import type { Comparable, ResolvedFilter } from './resolved-filter.ts';
import { isComplex, isList, type Attribute, type ComplexValue, type Value } from './schema.ts';
import { comparable } from './values.ts';

/** Answers the `edge` nodes: whether this resource has such an edge. Filters on elements have none. */
export type EdgeTest = (edge: Extract<ResolvedFilter, { kind: 'edge' }>) => boolean;

export function match(filter: ResolvedFilter, attributes: ComplexValue, hasEdge: EdgeTest = () => false): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.nodes.every((node) => match(node, attributes, hasEdge));
    case 'or':
      return filter.nodes.some((node) => match(node, attributes, hasEdge));
    case 'not':
      return !match(filter.node, attributes, hasEdge);
    case 'present':
      return isPresent(valueAt(attributes, filter.path));
    case 'compare':
      return compareAny(comparableAt(attributes, filter.path), filter.operator, filter.value);
    case 'element':
      return listOf(valueAt(attributes, filter.path)).some((element) => isComplex(element) && match(filter.node, element, hasEdge));
    case 'edge':
      return hasEdge(filter);
    case 'constant':
      return filter.value;
  }
}

/** What a path leads to: a value, or one entry per element of a multi-valued attribute. */
type Found = Value | undefined | readonly (Value | undefined)[];

/** The value at a path; for a sub-attribute of a multi-valued attribute the list with one entry per element, undefined where it has none. */
function valueAt(attributes: ComplexValue, { extension, attribute, sub }: AttributePath): Found {
  const holder = extension ? attributes[extension.schema.urn] : attributes;
  const value = isComplex(holder) ? holder[attribute.name] : undefined;
  if (!sub || value === undefined) return value;
  if (isList(value)) return value.map((element) => (isComplex(element) ? element[sub.name] : undefined));
  return isComplex(value) ? value[sub.name] : undefined;
}

const isMany = (value: Found): value is readonly (Value | undefined)[] => Array.isArray(value);
const listOf = (value: Found): readonly (Value | undefined)[] => (value === undefined ? [] : isMany(value) ? value : [value]);

/** RFC 7644 table 3 "pr": non-empty; a complex value has some non-empty node. Empty text is allowed but not present (decision 25). */
function isPresent(value: Found): boolean {
  if (value === undefined || value === '') return false;
  if (isMany(value)) return value.some(isPresent);
  return isComplex(value) ? Object.values(value).some(isPresent) : true;
}

function comparableAt(attributes: ComplexValue, path: AttributePath): readonly (Value | undefined)[] {
  const leaf: Attribute = path.sub ?? path.attribute;
  return listOf(valueAt(attributes, path)).map((value) => (value === undefined ? undefined : comparable(leaf, value)));
}

/** Any element will do (R-FILT-11); `ne` also holds where there is no value (decision 11). */
function compareAny(values: readonly (Value | undefined)[], operator: Operator, literal: Comparable): boolean {
  if (values.length === 0) return operator === 'ne';
  return values.some((value) => compareOne(value, operator, literal));
}

function compareOne(value: Value | undefined, operator: Operator, literal: Comparable): boolean {
  switch (operator) {
    case 'eq':
      return value === literal;
    case 'ne':
      return value !== literal;
    case 'co':
      return typeof value === 'string' && value.includes(String(literal));
    case 'sw':
      return typeof value === 'string' && value.startsWith(String(literal));
    case 'ew':
      return typeof value === 'string' && value.endsWith(String(literal));
    case 'gt':
      return order(value, literal, (difference) => difference > 0);
    case 'ge':
      return order(value, literal, (difference) => difference >= 0);
    case 'lt':
      return order(value, literal, (difference) => difference < 0);
    case 'le':
      return order(value, literal, (difference) => difference <= 0);
  }
}

function order(value: Value | undefined, literal: Comparable, holds: (difference: number) => boolean): boolean {
  if (typeof value === 'number' && typeof literal === 'number') return holds(value - literal);
  return typeof value === 'string' && typeof literal === 'string' && holds(compareCodePoints(value, literal));
}
