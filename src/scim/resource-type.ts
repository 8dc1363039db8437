/** One resource type from its definition, its schemas and its storage entry: the frozen maps that everything else asks. */
import { StartError } from '../errors.ts';
import type { ResourceTypeDefinition } from './meta-schema.ts';
import {
  attributeMap, attributeOf, COMMON_ATTRIBUTES, foldName,
  type Attribute, type AttributeDefinition, type Extension, type ResourceType, type Schema, type SchemaDefinition, type Source, type StorageEntry,
} from './schema.ts';

/** @throws StartError naming what does not fit */
export function buildType(definition: ResourceTypeDefinition, definitions: ReadonlyMap<string, SchemaDefinition>, storage: StorageEntry | undefined): ResourceType {
  if (!storage?.collection) throw new StartError(`storage.json: the resource type ${definition.name} needs an entry with its "collection".`);
  const find = (urn: string) => {
    const found = definitions.get(foldName(urn));
    if (!found) throw new StartError(`resource-types.json: ${definition.name} names the schema ${urn}, which no file defines.`);
    return found;
  };
  const schema = buildSchema(find(definition.schema), storage, '');
  const extensions = definition.schemaExtensions.map((extension): Extension => {
    const wire = find(extension.schema);
    if (!storage.extensions[wire.id]) throw new StartError(`storage.json: ${definition.name} has no short key for ${wire.id}.`);
    return { schema: buildSchema(wire, storage, `${wire.id}:`), required: extension.required };
  });
  return Object.freeze({
    name: definition.name,
    endpoint: definition.endpoint,
    schema,
    extensions,
    attributes: attributeMap([...schema.attributes.values(), ...COMMON_ATTRIBUTES]),
    storage,
  });
}

function buildSchema(definition: SchemaDefinition, storage: StorageEntry, prefix: string): Schema {
  const attributes = definition.attributes.map((attribute) => buildAttribute(attribute, storage, prefix + attribute.name));
  return Object.freeze({ urn: definition.id, name: definition.name, attributes: attributeMap(attributes) });
}

function sourceOf(storage: StorageEntry, path: string): Source {
  if (storage.edges[path]) return 'edge';
  return storage.computed.includes(path) ? 'computed' : 'stored';
}

/** `storage.json` says where a value comes from: edges are rows of their own, and what a reference shows of its target is computed. */
function buildAttribute(definition: AttributeDefinition, storage: StorageEntry, path: string): Attribute {
  const source = sourceOf(storage, path);
  const attribute = attributeOf(definition, source);
  const reference = storage.references.find((candidate) => foldName(candidate.path) === foldName(path));
  // A stored {$ref} is a DBRef to MongoDB; only a reference, whose $ref is computed, can have one.
  if (!reference && source === 'stored' && attribute.subAttributes.has('$ref')) throw new StartError(`storage.json: ${path} has a $ref, so "references" must name what it refers to.`);
  const isComputed = ({ name }: Attribute) => storage.computed.includes(`${path}.${name}`) || (reference !== undefined && (name === '$ref' || name === reference.display));
  if (!Array.from(attribute.subAttributes.values()).some(isComputed)) return attribute;
  const subAttributes = Array.from(attribute.subAttributes.values(), (sub) => (isComputed(sub) ? Object.freeze({ ...sub, source: 'computed' as const }) : sub));
  return Object.freeze({ ...attribute, subAttributes: attributeMap(subAttributes) });
}
