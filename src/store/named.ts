/** Finding what a provider refers to by one flat value: our id of it, or its own. */
import type { ResourceType } from '../scim/schema.ts';
import { seenIn } from './audience.ts';
import { decode, type StoredResource } from './codec.ts';
import { findById } from './resources.ts';
import type { TenantScope } from './store.ts';

/** @param client whose externalIds count. @returns undefined where there is none, or where several have this externalId */
export async function findNamed(scope: TenantScope, type: ResourceType, name: string, client: string): Promise<StoredResource | undefined> {
  const byId = await findById(scope, type, name);
  if (byId) return byId;
  const found = await scope.store.collections.resources(type)
    .find({ ...seenIn(scope, type), ext: { $elemMatch: { client, id: name } } }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs }).limit(2).toArray();
  const [only, another] = found;
  return only && !another ? decode(type, only) : undefined;
}
