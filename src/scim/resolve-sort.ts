/** What a list is sorted by: RFC 7644 section 3.4.2.3. */
import { invalidValue, quote } from '../errors.ts';
import { pathName, resolveName, type AttributePath } from './path.ts';
import type { ResolveOptions } from './resolve.ts';
import type { ResourceType } from './schema.ts';

/**
 * Resolves `sortBy` (RFC 7644 section 3.4.2.3). A multi-valued complex attribute means its `value`.
 * @throws ScimError 400 invalidValue for names the type lacks, complex attributes, and what cannot be ordered
 */
export function resolveSort(type: ResourceType, text: string, options: ResolveOptions): AttributePath | undefined {
  const named = resolveName(type, text, { searchExtensions: () => options.tolerances.use('unqualifiedExtension') });
  if (named === undefined && options.unknown === 'valueless') return undefined;
  if (named?.kind !== 'attribute') throw invalidValue(`sortBy: ${type.name} has no attribute ${quote(text)}.`);
  const path = named.path;
  const value = path.attribute.multiValued && !path.sub ? path.attribute.subAttributes.get('value') : path.sub;
  const sorted = value ?? path.attribute;
  if (sorted.type === 'complex') throw invalidValue(`sortBy: ${pathName(path)} is complex: name one of its sub-attributes.`);
  if (sorted.returned === 'never' || path.attribute.source !== 'stored' || sorted.source !== 'stored' || path.attribute.name === 'schemas') throw invalidValue(`sortBy: ${pathName(path)} cannot be sorted by.`);
  return value ? { ...path, sub: value } : path;
}
