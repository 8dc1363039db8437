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
  const [only, another] = await findByExternalId(scope, type, client, name);
  return another ? undefined : only;
}

/** Two at most: more are as ambiguous. */
export async function findByExternalId(scope: TenantScope, type: ResourceType, client: string, externalId: string): Promise<readonly StoredResource[]> {
  const found = await scope.store.collections.resources(type)
    .find({ ...seenIn(scope, type), ext: { $elemMatch: { client, id: externalId } } }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs }).limit(2).toArray();
  return found.map((document) => decode(type, document));
}

/** Those with one of these externalIds of a client. */
export async function findManyByExternalId(scope: TenantScope, type: ResourceType, client: string, ids: readonly string[]): Promise<readonly StoredResource[]> {
  const found = await scope.store.collections.resources(type)
    .find({ ...seenIn(scope, type), ext: { $elemMatch: { client, id: { $in: [...ids] } } } }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs }).toArray();
  return found.map((document) => decode(type, document));
}
