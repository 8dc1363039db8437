/** Where the comparable form of an attribute stands in a document. */
import type { AttributePath } from '../scim/path.ts';
import type { ResourceType } from '../scim/schema.ts';

/** The field of a path, for instance `k.emails.value`; `externalId` and `meta.version` have no field of their own and are handled apart. */
export function fieldOf(type: ResourceType, { extension, attribute, sub }: AttributePath): string {
  if (!extension && attribute.name === 'id') return '_id';
  if (!extension && attribute.name === 'meta') return sub?.name ?? 'created';
  const holder = extension ? `k.${shortKey(type, extension.schema.urn)}` : 'k';
  return sub ? `${holder}.${attribute.name}.${sub.name}` : `${holder}.${attribute.name}`;
}

/** The registry has checked that every extension has one. */
export function shortKey(type: ResourceType, urn: string): string {
  const key = type.storage.extensions[urn];
  if (key === undefined) throw new Error(`no short key for ${urn}`);
  return key;
}
