/** Reading resources by id. */
import type { ResourceType } from '../scim/schema.ts';
import { isSeen, seenIn } from './audience.ts';
import { decode, type StoredResource } from './codec.ts';
import { fieldOf } from './fields.ts';
import { namedPath } from './models.ts';
import type { TenantScope } from './store.ts';

/** The resource, or undefined: for an id that never was, was deleted, is another tenant's (R-READ-2), or is not for the caller to see. */
export async function findById(scope: TenantScope, type: ResourceType, id: string): Promise<StoredResource | undefined> {
  const found = await scope.store.byId.read(scope.tenant, type, id);
  return found && isSeen(scope, type, found) ? found : undefined;
}

/** Those of `ids` that exist, by id. */
export async function findMany(scope: TenantScope, type: ResourceType, ids: readonly string[]): Promise<ReadonlyMap<string, StoredResource>> {
  if (ids.length === 0) return new Map();
  const found = await scope.store.collections.resources(type)
    .find({ _id: { $in: [...ids] }, ...seenIn(scope, type) }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs })
    .toArray();
  return new Map(found.map((document) => [document._id, decode(type, document)]));
}

/** The one resource with this value of a unique attribute. @param value folded */
export async function findByUnique(scope: TenantScope, type: ResourceType, path: string, value: string): Promise<StoredResource | undefined> {
  const found = await scope.store.collections.resources(type)
    .findOne({ ...seenIn(scope, type), [fieldOf(type, namedPath(type, path))]: value }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs });
  return found ? decode(type, found) : undefined;
}

/** Those with one of these values of an indexed attribute. @param values folded @param most of all together; 0: every one */
export async function findManyBy(scope: TenantScope, type: ResourceType, path: string, values: readonly string[], most = 0): Promise<readonly StoredResource[]> {
  const found = await scope.store.collections.resources(type)
    .find({ ...seenIn(scope, type), [fieldOf(type, namedPath(type, path))]: { $in: [...values] } }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs }).limit(most).toArray();
  return found.map((document) => decode(type, document));
}

/** The one resource that claims a value. @param value folded */
export async function findByClaim(scope: TenantScope, type: ResourceType, kind: string, value: string): Promise<StoredResource | undefined> {
  const claim = await scope.store.collections.claims.findOne({ _id: `${scope.tenant}|${kind}|${value}`, t: scope.tenant }, { maxTimeMS: scope.store.limits.operationMs });
  return claim ? findById(scope, type, claim.owner) : undefined;
}
