/**
 * Resources that others point to. Whoever makes an edge or a reference writes to its target in the same transaction (`mr` grows), so a
 * deletion of the target at the same time conflicts instead of leaving an orphan.
 */
import { invalidValue, quote } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import { seenIn } from './audience.ts';
import type { Reference } from './change-set.ts';
import type { Transaction } from './transaction.ts';

/** Writes to every member of `ids` that exists. @returns the resource type of each that does, by id */
export async function touch(transaction: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  for (const type of memberTypes(transaction)) {
    const open = ids.filter((id) => !types.has(id));
    for (const id of await touchOf(transaction, type, open)) types.set(id, type.name);
  }
  return types;
}

/** People first: almost all members are. */
function memberTypes({ store }: Transaction): readonly ResourceType[] {
  const holds = (kind: 'members' | 'memberOf') => store.registry.resourceTypes.filter(({ storage }) => Object.values(storage.edges).includes(kind));
  return [...new Set([...holds('memberOf'), ...holds('members')])];
}

async function touchOf(transaction: Transaction, type: ResourceType, ids: readonly string[]): Promise<readonly string[]> {
  const { session, tenant, store } = transaction;
  const collection = store.collections.resources(type);
  const [only] = ids;
  if (only === undefined) return [];
  if (ids.length === 1) {
    const { matchedCount } = await collection.updateOne({ _id: only, ...seenIn(transaction, type) }, { $inc: { mr: 1 } }, { session });
    return matchedCount === 1 ? ids : [];
  }
  const found = await collection.find({ _id: { $in: [...ids] }, ...seenIn(transaction, type) }, { session, projection: { _id: 1 } }).map(({ _id }) => _id).toArray();
  if (found.length > 0) await collection.updateMany({ _id: { $in: found }, t: tenant }, { $inc: { mr: 1 } }, { session });
  return found;
}

interface Referring {
  readonly index: number;
  readonly write: { readonly references: readonly Reference[] };
}

/** Throws `fault` with a ScimError 400 invalidValue naming the attribute whose target does not exist (decision 5). */
export async function lockReferences(transaction: Transaction, entries: readonly Referring[], fault: (index: number, cause: unknown) => Error): Promise<void> {
  const references = entries.flatMap(({ index, write }) => write.references.map((reference) => ({ index, ...reference })));
  for (const type of new Set(references.map((reference) => reference.type))) {
    const ofType = references.filter((reference) => reference.type === type);
    const found = new Set(await touchOf(transaction, type, [...new Set(ofType.map(({ id }) => id))]));
    const missing = ofType.find(({ id }) => !found.has(id));
    if (missing) throw fault(missing.index, invalidValue(`${missing.name}: there is no ${type.name} with the id ${quote(missing.id)}.`));
  }
}
