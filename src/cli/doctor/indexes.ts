/** Whether the indexes that the server makes at its start are there: without one of them a query may take minutes. */
import type { Store } from '../../store/store.ts';
import type { Opened } from '../open.ts';
import { fail, ok, type Check } from './check.ts';

/** Those of `Store.createIndexes` that follow from no schema; a test holds the two to each other. */
const INDEXES: Readonly<Record<string, readonly string[]>> = {
  members: ['t_1_m_1_g_1', 't_1_g_1_m_1'],
  sweeps: ['t_1'],
  claims: ['t_1_owner_1'],
  links: ['t_1_person_1', 'expires_1'],
  sessions: ['t_1_person_1', 'expires_1'],
  outbox: ['state_1_due_1', 't_1_person_1_created_-1'],
  audit: ['t_1_at_-1__id_-1', 't_1_on.id_1_at_-1__id_-1', 't_1_by.id_1_at_-1__id_-1'],
  traces: ['t_1_person_1', 't_1_entry_1'],
  provisioning: ['t_1_client_1_at_-1__id_-1'],
  tokens: ['t_1_client_1', 'expires_1'],
  tenants: ['name_1'],
  clients: ['t_1_name_1'],
};

export async function indexCheck(opened: Pick<Opened, 'store' | 'connection'>): Promise<Check> {
  const expected = Object.entries(expectedIndexes(opened));
  const missing = await Promise.all(expected.map(async ([collection, names]) => {
    const found = await indexesOf(opened.store, collection);
    return names.filter((name) => !found.has(name)).map((name) => `${collection}.${name}`);
  }));
  const told = missing.flat();
  if (told.length === 0) return ok('indexes', `all ${expected.flatMap(([, names]) => names).length} are there`);
  return fail('indexes', `${told.join(', ')} missing: start the server once more, which makes them.`);
}

/** By collection, with those that follow from the schemas. */
export function expectedIndexes({ connection }: Pick<Opened, 'connection'>): Readonly<Record<string, readonly string[]>> {
  const ofTypes = Object.values(connection.models).map((model): [string, string[]] => [
    model.collection.collectionName,
    model.schema.indexes().map(([fields]) => nameOf(fields)),
  ]);
  return { ...INDEXES, ...Object.fromEntries(ofTypes) };
}

/** As MongoDB names an index that is given no name. */
const nameOf = (fields: object) => Object.entries(fields).map(([field, order]) => `${field}_${String(order)}`).join('_');

/** A collection that is not there has none. */
async function indexesOf({ collections }: Store, collection: string): Promise<ReadonlySet<unknown>> {
  try {
    const found = await collections.tenants.db.collection(collection).indexes();
    return new Set(found.map(({ name }) => name));
  } catch {
    return new Set();
  }
}
