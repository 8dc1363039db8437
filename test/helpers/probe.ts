/** The shipped schemas and two more, whose attributes have the characteristics that no shipped one has. */
import { readFileSync } from 'node:fs';
import { createRegistry, type Registry } from '../../src/scim/registry.ts';
import { readSchemaFolder } from '../../src/scim/schema-files.ts';
import type { SchemaDefinition, StorageEntry } from '../../src/scim/schema.ts';
import { SCHEMAS } from './app.ts';

const read = (file: string) => JSON.parse(readFileSync(new URL(`../data/schemas/${file}`, import.meta.url), 'utf8')) as SchemaDefinition;
const user = read('probe-user.json');
const group = read('probe-group.json');

export const PROBE = user.id;
export const PROBE_GROUP = group.id;

/**
 * @param groupRequired whether every group must carry the extension
 * @param uniqueSerial whether `serial` is unique by an index
 */
export function probedRegistry({ groupRequired = false, uniqueSerial = false } = {}): Registry {
  const shipped = readSchemaFolder(SCHEMAS);
  const added: Record<string, { urn: string; required: boolean; unique: StorageEntry['unique'] }> = {
    User: { urn: PROBE, required: false, unique: uniqueSerial ? [{ path: `${PROBE}:serial` }] : [] },
    Group: { urn: PROBE_GROUP, required: groupRequired, unique: [] },
  };
  const resourceTypes = shipped.resourceTypes.map((definition) => {
    const extra = added[definition.name];
    return extra ? { ...definition, schemaExtensions: [...definition.schemaExtensions, { schema: extra.urn, required: extra.required }] } : definition;
  });
  const storage = Object.entries(shipped.storage).map(([name, storage]): [string, StorageEntry] => {
    const extra = added[name];
    return [name, extra ? { ...storage, extensions: { ...storage.extensions, [extra.urn]: 'probe' }, unique: [...storage.unique, ...extra.unique] } : storage];
  });
  return createRegistry({ schemas: [...shipped.schemas, user, group], resourceTypes, storage: Object.fromEntries(storage) });
}
