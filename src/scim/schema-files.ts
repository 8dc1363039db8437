/**
 * Reads the files that define resource types: `resource-types.json`, `storage.json`, and every other `*.json` of a folder as a schema. An
 * operator's folder has the same files; what it says about one of our types is added to what we say.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../errors.ts';
import { checkResourceTypes, checkSchema, checkStorage, type ResourceTypeDefinition, type StorageFile } from './meta-schema.ts';
import { COMMON_ATTRIBUTES, foldName, type AttributeDefinition, type SchemaDefinition, type StorageEntry } from './schema.ts';

export interface SchemaFiles {
  readonly schemas: readonly SchemaDefinition[];
  readonly resourceTypes: readonly ResourceTypeDefinition[];
  readonly storage: Readonly<Record<string, StorageEntry>>;
}

interface Folder {
  readonly name: string;
  readonly schemas: readonly SchemaDefinition[];
  readonly resourceTypes: readonly ResourceTypeDefinition[];
  readonly storage: StorageFile;
}

/** @throws StartError naming the file and the place */
export function readSchemaFolder(directory: string | URL, custom?: string): SchemaFiles {
  const own = readFolder(directory instanceof URL ? fileURLToPath(directory) : directory);
  const added = custom === undefined ? undefined : readFolder(custom);
  return added ? merge(own, added) : { ...own, storage: completed(own.storage) };
}

function readFolder(name: string): Folder {
  if (!existsSync(name)) throw new StartError(`The folder ${name} does not exist: set SCHEMAS_DIR to the one with your schemas, or leave it out.`);
  const read = (file: string, absent: unknown) => (existsSync(join(name, file)) ? parseFile(join(name, file)) : absent);
  return {
    name,
    schemas: schemaFilesIn(name).map((file) => checkNames(join(name, file), checkSchema(join(name, file), parseFile(join(name, file))))),
    resourceTypes: checkResourceTypes(join(name, 'resource-types.json'), read('resource-types.json', [])),
    storage: checkStorage(join(name, 'storage.json'), read('storage.json', {})),
  };
}

const schemaFilesIn = (folder: string) => readdirSync(folder).filter((file) => file.endsWith('.json') && file !== 'resource-types.json' && file !== 'storage.json').sort();

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new StartError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}

/** Names that JavaScript objects have of their own would be found where no value is. RFC 7643 section 2.3.8: complex attributes hold no complex ones. */
function checkNames(file: string, schema: SchemaDefinition): SchemaDefinition {
  checkAttributes(file, '/attributes', schema.attributes, isExempt(schema) ? Infinity : 1);
  return schema;
}

/** What an operator's schema cannot have: a name that every resource has already, and a value that nothing here would keep. */
function checkOperators(folder: string, { schemas, resourceTypes }: Folder): void {
  const isCore = new Set(resourceTypes.map(({ schema }) => foldName(schema)));
  const common = new Set(COMMON_ATTRIBUTES.map(({ name }) => foldName(name)));
  for (const [position, schema] of schemas.entries()) {
    const file = join(folder, schemaFilesIn(folder)[position] ?? '');
    if (schemas.findIndex(({ id }) => foldName(id) === foldName(schema.id)) !== position) throw new StartError(`${file}: the schema ${schema.id} is defined twice.`);
    for (const [index, { name, returned }] of schema.attributes.entries()) {
      const at = `${file}, /attributes/${index}`;
      if (isCore.has(foldName(schema.id)) && common.has(foldName(name))) throw new StartError(`${at}: every resource has ${name}; it cannot be defined again.`);
      if (returned === 'never') throw new StartError(`${at}: ${name} is never returned, and nothing here would keep it.`);
    }
  }
}

/** Erratum 8415: the Schema resource itself is the exception, and it is never stored. */
const isExempt = ({ id }: SchemaDefinition) => id.endsWith(':core:2.0:Schema');

function checkAttributes(file: string, place: string, attributes: readonly AttributeDefinition[], depth: number): void {
  const seen = new Set<string>();
  for (const [index, attribute] of attributes.entries()) {
    const name = foldName(attribute.name);
    const at = `${file}, ${place}/${index}`;
    if (name in {} || attribute.name in {}) throw new StartError(`${at}: an attribute cannot be called ${attribute.name}.`);
    if (seen.has(name)) throw new StartError(`${at}: the attribute ${attribute.name} is defined twice.`);
    seen.add(name);
    if (attribute.type === 'complex' && depth === 0) throw new StartError(`${at}: ${attribute.name} is complex inside a complex attribute.`);
    // A value path means one value per element; several would need another one inside it, which the grammar does not have.
    if (attribute.multiValued && depth === 0) throw new StartError(`${at}: ${attribute.name} is multi-valued inside a complex attribute.`);
    checkAttributes(file, `${place}/${index}/subAttributes`, attribute.subAttributes ?? [], depth - 1);
  }
}

function merge(own: Folder, added: Folder): SchemaFiles {
  const known = new Set(own.schemas.map(({ id }) => foldName(id)));
  const twice = added.schemas.find(({ id }) => known.has(foldName(id)));
  if (twice) throw new StartError(`${added.name}: the schema ${twice.id} is already defined.`);
  const schemas = [...own.schemas, ...added.schemas];
  checkOperators(added.name, added);
  const withEdges = Object.keys(added.storage).find((name) => Object.keys(added.storage[name]?.edges ?? {}).length > 0);
  if (withEdges !== undefined) throw new StartError(`${join(added.name, 'storage.json')}: ${withEdges} cannot have edges; only groups have members.`);
  const searched = Object.keys(added.storage).find((name) => added.storage[name]?.search !== undefined);
  if (searched !== undefined) throw new StartError(`${join(added.name, 'storage.json')}: ${searched} cannot have a search; only lists of Rollcall itself look for keys.`);
  const resourceTypes = mergeTypes(own, added);
  const storage = completed(mergeStorage(own.storage, added.storage));
  const orphan = Object.keys(added.storage).find((name) => !resourceTypes.some((type) => type.name === name));
  if (orphan !== undefined) throw new StartError(`${join(added.name, 'storage.json')}: there is no resource type ${orphan}.`);
  checkClashes(added.name, resourceTypes, storage);
  return { schemas, resourceTypes, storage };
}

/** An entry for one of our types adds its extensions to it. */
function mergeTypes(own: Folder, added: Folder): readonly ResourceTypeDefinition[] {
  const extended = own.resourceTypes.map((type) => {
    const more = added.resourceTypes.find(({ name }) => name === type.name);
    if (more && (more.endpoint !== type.endpoint || more.schema !== type.schema)) throw new StartError(`${join(added.name, 'resource-types.json')}: ${type.name} can be given extensions, not another endpoint or schema.`);
    return more ? { ...type, schemaExtensions: [...type.schemaExtensions, ...more.schemaExtensions] } : type;
  });
  return [...extended, ...added.resourceTypes.filter(({ name }) => !own.resourceTypes.some((type) => type.name === name))];
}

function mergeStorage(own: StorageFile, added: StorageFile): StorageFile {
  const extended = Object.entries(own).map(([name, entry]) => {
    const more = added[name];
    if (!more) return [name, entry] as const;
    const both = <T>(a: readonly T[] = [], b: readonly T[] = []) => [...a, ...b];
    return [name, {
      ...entry,
      extensions: { ...entry.extensions, ...more.extensions },
      unique: both(entry.unique, more.unique),
      indexes: both(entry.indexes, more.indexes),
      references: both(entry.references, more.references),
      optInExtensions: both(entry.optInExtensions, more.optInExtensions),
    }] as const;
  });
  return { ...added, ...Object.fromEntries(extended) };
}

/** Where the paths and collections of Rollcall itself are, a resource type cannot be. */
const RESERVED_ENDPOINTS = ['/bulk', '/me', '/schemas', '/resourcetypes', '/serviceproviderconfig'];
const RESERVED_COLLECTIONS = ['members', 'claims', 'sweeps', 'credentials', 'audit', 'traces', 'provisioning', 'tenants', 'clients', 'tokens', 'links', 'sessions', 'outbox', 'guards', 'keys', 'system', 'seatDeltas', 'seats', 'seatDays', 'counters'];

function checkClashes(folder: string, types: readonly ResourceTypeDefinition[], storage: Readonly<Record<string, StorageEntry>>): void {
  const endpoints = new Set(RESERVED_ENDPOINTS);
  const collections = new Set(RESERVED_COLLECTIONS);
  for (const { name, endpoint } of types) {
    const collection = storage[name]?.collection ?? '';
    if (endpoints.has(endpoint.toLowerCase())) throw new StartError(`${join(folder, 'resource-types.json')}: the endpoint ${endpoint} of ${name} is taken.`);
    if (collections.has(collection)) throw new StartError(`${join(folder, 'storage.json')}: the collection ${collection} of ${name} is taken.`);
    endpoints.add(endpoint.toLowerCase());
    collections.add(collection);
    const keys = Object.values(storage[name]?.extensions ?? {});
    if (new Set(keys).size < keys.length) throw new StartError(`${join(folder, 'storage.json')}: two extensions of ${name} have the same short key.`);
  }
}

function completed(storage: StorageFile): Readonly<Record<string, StorageEntry>> {
  return Object.fromEntries(Object.entries(storage).map(([name, entry]) => [name, {
    collection: '', extensions: {}, unique: [], claims: [], indexes: [], edges: {}, computed: [], references: [], defaults: {}, keptWhenOmitted: [], optIn: false, optInExtensions: [], search: undefined,
    ...entry,
  }]));
}
