/** Resource to document and back. The only place that knows both shapes. */
import { fold } from '../scim/fold.ts';
import { schemasOf } from '../scim/read-resource.ts';
import { isComplex, type Attribute, type Attributes, type ComplexValue, type ResourceType, type Value } from '../scim/schema.ts';
import { comparable } from '../scim/values.ts';
import type { ResourceDocument } from './documents.ts';
import { shortKey } from './fields.ts';
import type { SourceOf } from './sources.ts';
import { searchKeys } from './search-keys.ts';

/** A resource as the use cases see it: what is stored of it, nothing computed. */
export interface StoredResource {
  readonly id: string;
  readonly version: number;
  readonly created: string;
  readonly lastModified: string;
  readonly attributes: Attributes;
  readonly externalIds: ResourceDocument['ext'];
  /** What clients asserted last. */
  readonly said: NonNullable<ResourceDocument['said']>;
  /** Who set each attribute last; nothing of what was written before that was noted. */
  readonly sources: readonly SourceOf[];
  /** Whether it ever was a member of a group: if not, its computed `groups` have always been empty. */
  readonly wasMember: boolean;
  /** Who may see it: an `Audience`. */
  readonly audience: string;
  /** Groups only. */
  readonly groupKey: string | undefined;
  readonly memberCount: number;
}

/** The part of a document that a change of attributes writes. @param type as registered, not as a client sees it: all extensions count */
export function encodeAttributes(type: ResourceType, attributes: Attributes): Pick<ResourceDocument, 'a' | 'k'> {
  return { a: withShortKeys(type, attributes), k: comparableForm(type, attributes) };
}

function withShortKeys(type: ResourceType, attributes: Attributes): ComplexValue {
  return renameKeys(attributes, new Map(Object.entries(type.storage.extensions)));
}

function renameKeys(attributes: Attributes, names: ReadonlyMap<string, string>): ComplexValue {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [names.get(name) ?? name, value]));
}

function comparableForm(type: ResourceType, attributes: Attributes): ComplexValue {
  const entries: [string, Value][] = [['schemas', schemasOf(type, attributes).map(fold)], ...comparableEntries(type.schema.attributes, attributes)];
  for (const { schema } of type.extensions) {
    const extension = attributes[schema.urn];
    if (isComplex(extension)) entries.push([shortKey(type, schema.urn), Object.fromEntries(comparableEntries(schema.attributes, extension))]);
  }
  const keys = searchKeys(type, attributes);
  return { ...Object.fromEntries(entries), ...(keys ? { _search: { ...keys } } : {}) };
}

function comparableEntries(attributes: ReadonlyMap<string, Attribute>, values: ComplexValue): [string, Value][] {
  const entries: [string, Value][] = [];
  for (const attribute of attributes.values()) {
    const value = values[attribute.name];
    if (value !== undefined) entries.push([attribute.name, comparable(attribute, value)]);
  }
  return entries;
}

/** @param stored the attributes as they are stored, or some of them */
export function decodeAttributes(type: ResourceType, stored: ComplexValue): Attributes {
  return renameKeys(stored, new Map(Object.entries(type.storage.extensions).map(([urn, key]) => [key, urn])));
}

export function decode(type: ResourceType, document: ResourceDocument): StoredResource {
  return {
    id: document._id,
    version: document.v,
    created: document.created,
    lastModified: document.lastModified,
    attributes: decodeAttributes(type, document.a),
    externalIds: document.ext,
    said: document.said ?? [],
    sources: document.src ?? [],
    wasMember: document.mr > 0,
    audience: document.p,
    groupKey: document.gk,
    memberCount: document.mc ?? 0,
  };
}
