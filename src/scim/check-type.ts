/** Whether what `storage.json` says about a resource type can be done: every path leads somewhere, every default has its type. */
import { StartError } from '../errors.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { equalValues } from './equal.ts';
import { resolveName, type AttributePath } from './path.ts';
import { foldName, type ResourceType, type Value } from './schema.ts';
import { strictTolerances } from './tolerances.ts';
import { readValue } from './values.ts';

/** @throws StartError naming the type and what does not fit */
export function checkType(type: ResourceType, types: readonly ResourceType[]): void {
  const { storage } = type;
  for (const { path } of [...storage.unique, ...storage.claims, ...storage.indexes]) pathOf(type, path);
  for (const path of storage.computed) pathOf(type, path);
  for (const path of searchedPaths(type)) pathOf(type, path);
  checkExtensions(type);
  checkDefaults(type);
  checkReferences(type, types);
}

function searchedPaths({ storage: { search } }: ResourceType): readonly string[] {
  if (!search) return [];
  const { name, names, texts, roles, status, companies } = search;
  return [...(name ? Object.values(name) : []), ...names, ...texts, roles, status, ...(companies ? Object.values(companies) : [])].filter((path) => path !== undefined);
}

function pathOf(type: ResourceType, path: string): AttributePath {
  const named = resolveName(type, path);
  if (named?.kind !== 'attribute') throw new StartError(`storage.json: ${type.name} has no attribute ${path}.`);
  return named.path;
}

/** A slip in a URN would silently not count; for `optInExtensions` it would show the extension to everybody. */
function checkExtensions({ name, attributes, extensions, storage }: ResourceType): void {
  const known = new Set(extensions.map(({ schema }) => schema.urn));
  const unknown = [...Object.keys(storage.extensions), ...storage.optInExtensions].find((urn) => !known.has(urn));
  if (unknown !== undefined) throw new StartError(`storage.json: ${name} has no extension ${unknown}.`);
  if (known.size < extensions.length) throw new StartError(`resource-types.json: ${name} names the extension ${duplicateOf(extensions.map(({ schema }) => schema.urn))} twice.`);
  // Short keys stand beside the core attributes in a document.
  const taken = Object.values(storage.extensions).find((key) => attributes.has(foldName(key)));
  if (taken !== undefined) throw new StartError(`storage.json: the short key ${taken} of ${name} is the name of one of its attributes.`);
}

const duplicateOf = (urns: readonly string[]) => urns.find((urn, index) => urns.indexOf(urn) !== index) ?? '';

function checkDefaults({ name, schema, storage }: ResourceType): void {
  for (const kept of storage.keptWhenOmitted) if (!schema.attributes.has(foldName(kept))) throw new StartError(`storage.json: keptWhenOmitted of ${name} names ${kept}, which it does not have.`);
  for (const [key, value] of Object.entries(storage.defaults)) {
    const attribute = schema.attributes.get(foldName(key));
    if (attribute?.name !== key) throw new StartError(`storage.json: defaults of ${name} names ${key}, which it does not have.`);
    if (!isReadAs(value, () => readValue(attribute, value, key, { limits: DEFAULT_LIMITS, tolerances: strictTolerances() }))) throw new StartError(`storage.json: the default of ${key} of ${name} is not of its type.`);
  }
}

function isReadAs(value: Value, read: () => Value | undefined): boolean {
  try {
    return equalValues(read(), value);
  } catch {
    return false;
  }
}

function checkReferences(type: ResourceType, types: readonly ResourceType[]): void {
  for (const { path, type: targetName, display, shows = display } of type.storage.references) {
    const { attribute, sub } = pathOf(type, path);
    const target = types.find(({ name }) => name === targetName);
    if (!target) throw new StartError(`storage.json: the reference ${path} of ${type.name} is to ${targetName}, which is no resource type.`);
    if (sub || attribute.multiValued || !attribute.subAttributes.has('value')) throw new StartError(`storage.json: ${path} of ${type.name} cannot be a reference: it must be complex, with one "value".`);
    if (!attribute.subAttributes.has(foldName(display)) || !target.attributes.has(foldName(shows))) throw new StartError(`storage.json: the reference ${path} of ${type.name} shows ${shows}, which it or ${targetName} does not have.`);
  }
}
