/**
 * The resource types this server knows, read from `schemas/` and from an operator's own folder. Validation, filter typing, storage, indexes
 * and discovery all ask the registry; nothing about a schema is written anywhere else.
 */
import { checkType } from './check-type.ts';
import type { ResourceTypeDefinition } from './meta-schema.ts';
import { readSchemaFolder, type SchemaFiles } from './schema-files.ts';
import { buildType } from './resource-type.ts';
import { foldName, type ResourceType, type SchemaDefinition } from './schema.ts';

export interface Registry {
  readonly resourceTypes: readonly ResourceType[];
  /** The wire forms that discovery prints, without `meta`. */
  readonly schemaDefinitions: readonly SchemaDefinition[];
  readonly resourceTypeDefinitions: readonly ResourceTypeDefinition[];
  /** @throws Error where no such type is registered: a mistake of ours, not of a caller */
  readonly type: (name: string) => ResourceType;
  /** What a client sees: everything but the types and extensions that are not switched on for it. @param shown URNs of schemas */
  readonly view: (shown: readonly string[]) => Registry;
}

/** @throws StartError naming the file and the place */
export function loadRegistry(directory: string | URL, custom?: string): Registry {
  return createRegistry(readSchemaFolder(directory, custom));
}

export function createRegistry({ schemas, resourceTypes, storage }: SchemaFiles): Registry {
  const definitions = new Map(schemas.map((definition) => [foldName(definition.id), definition]));
  const types = resourceTypes.map((definition) => buildType(definition, definitions, storage[definition.name]));
  for (const type of types) checkType(type, types);
  return registryOf(types, schemas, resourceTypes);
}

function registryOf(types: readonly ResourceType[], schemas: readonly SchemaDefinition[], definitions: readonly ResourceTypeDefinition[]): Registry {
  const byName = new Map(types.map((type) => [type.name, type]));
  const views = new Map<string, Registry>();
  const registry: Registry = {
    resourceTypes: types,
    schemaDefinitions: schemas,
    resourceTypeDefinitions: definitions,
    type: (name) => {
      const type = byName.get(name);
      if (!type) throw new Error(`no resource type ${name}`);
      return type;
    },
    view: (shown) => {
      const key = shown.toSorted().join(' ');
      const view = views.get(key) ?? viewOf(registry, new Set(shown.map(foldName)));
      views.set(key, view);
      return view;
    },
  };
  return Object.freeze(registry);
}

function viewOf({ resourceTypes, schemaDefinitions, resourceTypeDefinitions }: Registry, shown: ReadonlySet<string>): Registry {
  const isShown = (urn: string, optIn: boolean) => !optIn || shown.has(foldName(urn));
  const types = resourceTypes
    .filter(({ schema, storage }) => isShown(schema.urn, storage.optIn))
    .map((type) => ({ ...type, extensions: type.extensions.filter(({ schema }) => isShown(schema.urn, type.storage.optInExtensions.includes(schema.urn))) }));
  const hidden = new Set(resourceTypes.flatMap((type) => [type, ...type.extensions].map(({ schema }) => schema.urn)));
  for (const type of types) for (const { schema } of [type, ...type.extensions]) hidden.delete(schema.urn);
  const definitions = resourceTypeDefinitions
    .filter(({ schema }) => !hidden.has(schema))
    .map((definition) => ({ ...definition, schemaExtensions: definition.schemaExtensions.filter(({ schema }) => !hidden.has(schema)) }));
  return registryOf(types, schemaDefinitions.filter(({ id }) => !hidden.has(id)), definitions);
}
