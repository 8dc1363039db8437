/**
 * Resources that others point to. Whoever makes an edge or a reference writes to its target in the same transaction (`mr` grows), so a
 * deletion of the target at the same time conflicts instead of leaving an orphan.
 */
import { invalidValue } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { Reference } from './change-set.ts';
import type { Transaction } from './commit.ts';

/** Writes to every resource of `ids` that exists. @returns the resource type of each that does, by id */
export async function touch(transaction: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  for (const type of memberTypes(transaction)) {
    const open = ids.filter((id) => !types.has(id));
    if (open.length === 0) break;
    for (const id of await touchOf(transaction, type, open)) types.set(id, type.name);
  }
  return types;
}

/** People first: almost all members are. */
function memberTypes({ store }: Transaction): readonly ResourceType[] {
  const holdsMembers = (type: ResourceType) => Object.values(type.storage.edges).includes('members');
  const isMember = (type: ResourceType) => Object.values(type.storage.edges).includes('memberOf');
  return [...store.registry.resourceTypes.filter(isMember), ...store.registry.resourceTypes.filter(holdsMembers)];
}

async function touchOf({ session, tenant, store }: Transaction, type: ResourceType, ids: readonly string[]): Promise<readonly string[]> {
  const collection = store.collections.resources(type);
  const [only] = ids;
  if (ids.length === 1 && only !== undefined) {
    const { matchedCount } = await collection.updateOne({ _id: only, t: tenant }, { $inc: { mr: 1 } }, { session });
    return matchedCount === 1 ? ids : [];
  }
  const found = await collection.find({ _id: { $in: [...ids] }, t: tenant }, { session, projection: { _id: 1 } }).map(({ _id }) => _id).toArray();
  if (found.length > 0) await collection.updateMany({ _id: { $in: found }, t: tenant }, { $inc: { mr: 1 } }, { session });
  return found;
}

/** @throws ScimError 400 invalidValue naming the attribute whose target does not exist (decision 5) */
export async function lockReferences({ session, tenant, store }: Transaction, references: readonly Reference[]): Promise<void> {
  for (const { type, id, name } of references) {
    const { matchedCount } = await store.collections.resources(type).updateOne({ _id: id, t: tenant }, { $inc: { mr: 1 } }, { session });
    if (matchedCount === 0) throw invalidValue(`${name}: there is no ${type.name} with the id ${JSON.stringify(id.slice(0, 100))}.`);
  }
}
