/**
 * The resource types this server knows, read from `schemas/`. Validation, filter typing, storage, indexes and discovery all ask the
 * registry; nothing about a schema is written anywhere else.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { StartError } from '../errors.ts';
import { checkResourceTypes, checkSchema, checkStorage, type ResourceTypeDefinition } from './meta-schema.ts';
import { resolveName } from './path.ts';
import {
  attributeMap, attributeOf, COMMON_ATTRIBUTES, foldName,
  type Attribute, type AttributeDefinition, type Extension, type ResourceType, type Schema, type SchemaDefinition, type Source, type StorageEntry,
} from './schema.ts';

export interface Registry {
  readonly resourceTypes: readonly ResourceType[];
  /** The wire forms that discovery prints, without `meta`. */
  readonly schemaDefinitions: readonly SchemaDefinition[];
  readonly resourceTypeDefinitions: readonly ResourceTypeDefinition[];
  /** @throws Error where no such type is registered: a mistake of ours, not of a caller */
  readonly type: (name: string) => ResourceType;
}

/**
 * Reads `resource-types.json`, `storage.json` and every other `*.json` of a folder as a schema.
 * @throws StartError naming the file and the place
 */
export function loadRegistry(directory: string | URL): Registry {
  const folder = directory instanceof URL ? directory.pathname : directory;
  const read = (file: string) => parseFile(join(folder, file));
  const resourceTypeDefinitions = checkResourceTypes('resource-types.json', read('resource-types.json'));
  const storage = checkStorage('storage.json', read('storage.json'));
  const schemaDefinitions = readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file !== 'resource-types.json' && file !== 'storage.json')
    .sort()
    .map((file) => checkSchema(file, read(file)));
  return createRegistry(schemaDefinitions, resourceTypeDefinitions, storage);
}

export function createRegistry(
  schemaDefinitions: readonly SchemaDefinition[],
  resourceTypeDefinitions: readonly ResourceTypeDefinition[],
  storage: Readonly<Record<string, StorageEntry>>,
): Registry {
  const definitions = new Map(schemaDefinitions.map((definition) => [definition.id.toLowerCase(), definition]));
  const types = new Map(resourceTypeDefinitions.map((definition) => [definition.name, buildType(definition, definitions, storage[definition.name])]));
  return Object.freeze({
    resourceTypes: [...types.values()],
    schemaDefinitions,
    resourceTypeDefinitions,
    type: (name: string) => {
      const type = types.get(name);
      if (!type) throw new Error(`no resource type ${name}`);
      return type;
    },
  });
}

function buildType(definition: ResourceTypeDefinition, definitions: ReadonlyMap<string, SchemaDefinition>, storage: StorageEntry | undefined): ResourceType {
  if (!storage) throw new StartError(`storage.json has no entry for the resource type ${definition.name}.`);
  const find = (urn: string) => {
    const found = definitions.get(urn.toLowerCase());
    if (!found) throw new StartError(`resource-types.json: ${definition.name} names the schema ${urn}, which no file defines.`);
    return found;
  };
  const schema = buildSchema(find(definition.schema), storage, '');
  const extensions = definition.schemaExtensions.map((extension): Extension => {
    const wire = find(extension.schema);
    if (!storage.extensions[wire.id]) throw new StartError(`storage.json: ${definition.name} has no short key for ${wire.id}.`);
    return { schema: buildSchema(wire, storage, `${wire.id}:`), required: extension.required };
  });
  const type: ResourceType = Object.freeze({
    name: definition.name,
    endpoint: definition.endpoint,
    schema,
    extensions,
    attributes: attributeMap([...schema.attributes.values(), ...COMMON_ATTRIBUTES]),
    storage,
  });
  checkPaths(type);
  return type;
}

function buildSchema(definition: SchemaDefinition, storage: StorageEntry, prefix: string): Schema {
  const attributes = definition.attributes.map((attribute) => buildAttribute(attribute, storage, prefix + attribute.name));
  return Object.freeze({ urn: definition.id, name: definition.name, attributes: attributeMap(attributes) });
}

/** `storage.json` says where a value comes from: edges are rows of their own, and what a reference shows of its target is computed. */
function buildAttribute(definition: AttributeDefinition, storage: StorageEntry, path: string): Attribute {
  const source: Source = storage.edges[path] ? 'edge' : 'stored';
  const attribute = attributeOf(definition, source);
  const reference = storage.references.find((candidate) => foldName(candidate.path) === foldName(path));
  // A stored {$ref} is a DBRef to MongoDB; only a reference, whose $ref is computed, can have one.
  if (!reference && source === 'stored' && attribute.subAttributes.has('$ref')) throw new StartError(`storage.json: ${path} has a $ref, so "references" must name what it refers to.`);
  if (!reference) return attribute;
  const subAttributes = Array.from(attribute.subAttributes.values(), (sub) =>
    sub.name === '$ref' || sub.name === reference.display ? Object.freeze({ ...sub, source: 'computed' as const }) : sub);
  return Object.freeze({ ...attribute, subAttributes: attributeMap(subAttributes) });
}

function checkPaths(type: ResourceType): void {
  const { storage } = type;
  for (const { path } of [...storage.unique, ...storage.claims, ...storage.indexes, ...storage.references]) {
    if (resolveName(type, path)?.kind !== 'attribute') throw new StartError(`storage.json: ${type.name} has no attribute ${path}.`);
  }
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new StartError(`${basename(file)} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
