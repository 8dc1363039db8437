/** The `path` of a PATCH operation: RFC 7644 section 3.5.2 figure 7, an attribute path or a value path with an optional sub-attribute. */
import { invalidPath, quote, ScimError } from '../errors.ts';
import { parseValueFilter, type FilterNode, type FilterOptions } from './filter.ts';
import { resolveName, type AttributePath } from './path.ts';
import { resolveElementFilter } from './resolve.ts';
import type { Comparable, ResolvedFilter } from './resolved-filter.ts';
import type { Attribute, ComplexValue, Extension, ResourceType } from './schema.ts';

export type PatchTarget =
  | { readonly kind: 'extension'; readonly extension: Extension }
  | { readonly kind: 'attribute'; readonly path: AttributePath }
  | {
      readonly kind: 'element';
      readonly path: AttributePath;
      readonly filter: ResolvedFilter;
      readonly sub: Attribute | undefined;
      /** The element that the filter describes if it is made of `eq` terms only: what an add without a match creates. */
      readonly described: ComplexValue | undefined;
    };

/** @throws ScimError 400 invalidPath, or invalidFilter where the value filter does not fit the schema */
export function parsePatchPath(type: ResourceType, text: string, options: FilterOptions): PatchTarget {
  if (text.length > options.limits.filterLength) throw invalidPath(`The path is longer than ${options.limits.filterLength} characters.`);
  const bracket = text.indexOf('[');
  return bracket < 0 ? attributeTarget(type, text, options) : elementTarget(type, text, bracket, options);
}

function attributeTarget(type: ResourceType, text: string, { tolerances }: FilterOptions): Exclude<PatchTarget, { kind: 'element' }> {
  const named = resolveName(type, text, {
    searchExtensions: () => tolerances.use('unqualifiedExtension'),
    dotAfterUrn: () => tolerances.use('dotAfterUrn'),
  });
  if (!named) throw invalidPath(`${type.name} has no attribute ${quote(text)}.`);
  return named;
}

function elementTarget(type: ResourceType, text: string, bracket: number, options: FilterOptions): PatchTarget {
  const named = attributeTarget(type, text.slice(0, bracket), options);
  if (named.kind === 'extension' || named.path.sub || !named.path.attribute.multiValued || named.path.attribute.type !== 'complex') {
    throw invalidPath(`${text.slice(0, bracket)} takes no value filter: it is not multi-valued and complex.`);
  }
  const { node, end } = bracketFilter(text, bracket + 1, options);
  const { attribute } = named.path;
  return {
    kind: 'element',
    path: named.path,
    filter: resolveElementFilter(attribute, node, options),
    sub: subAttribute(attribute, text, end),
    described: describedElement(resolveElementFilter(attribute, node, options), node),
  };
}

/** What is wrong with the text between the brackets is wrong with the path (R-PATCH-4). */
function bracketFilter(text: string, start: number, options: FilterOptions): { node: FilterNode; end: number } {
  try {
    return parseValueFilter(text, start, options);
  } catch (cause) {
    if (cause instanceof ScimError && cause.scimType === 'invalidFilter') throw invalidPath(`Path: ${cause.message}`);
    throw cause;
  }
}

function subAttribute(attribute: Attribute, text: string, end: number): Attribute | undefined {
  if (end === text.length) return undefined;
  const sub = text.charAt(end) === '.' ? attribute.subAttributes.get(text.slice(end + 1).toLowerCase()) : undefined;
  if (!sub) throw invalidPath(`Path, position ${end + 1}: ${attribute.name} has no sub-attribute ${quote(text)}.`);
  return sub;
}

/** Reads `type eq "work" and primary eq true` as the element {type: "work", primary: true}, with the text as the client wrote it. */
function describedElement(resolved: ResolvedFilter, node: FilterNode): ComplexValue | undefined {
  const terms = resolved.kind === 'and' ? resolved.nodes : [resolved];
  const sources = node.kind === 'and' ? node.nodes : [node];
  const entries: [string, Comparable][] = [];
  for (const [index, term] of terms.entries()) {
    const source = sources[index];
    if (term.kind !== 'compare' || term.operator !== 'eq' || source?.kind !== 'compare') return undefined;
    entries.push([term.path.attribute.name, typeof term.value === 'string' && typeof source.value === 'string' ? source.value : term.value]);
  }
  return Object.fromEntries(entries);
}
