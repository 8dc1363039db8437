/** Whether the indexes that the server makes at its start are there: without one of them a query may take minutes. */
import { indexes } from '../../store/indexes.ts';
import { groupType } from '../../store/memberships.ts';
import type { Store } from '../../store/store.ts';
import type { Opened } from '../open.ts';
import { fail, ok, type Check } from './check.ts';

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
export function expectedIndexes({ connection, store }: Pick<Opened, 'connection' | 'store'>): Readonly<Record<string, readonly string[]>> {
  const ofTypes = Object.values(connection.models).map((model): [string, string[]] => [
    model.collection.collectionName,
    model.schema.indexes().map(([fields]) => nameOf(fields)),
  ]);
  const others = indexes(groupType(store.scope('')).name).map(({ collection, fields }): [string, string] => [collection, nameOf(fields)]);
  const byCollection = Object.fromEntries(others.map(([collection]) => [collection, others.filter(([other]) => other === collection).map(([, name]) => name)]));
  return { ...byCollection, ...Object.fromEntries(ofTypes) };
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
