/** Who has a value that must be unique, where the caller cannot see them (S2u, docs/decisions.md): the error says so and names nobody. */
import type { mongo } from 'mongoose';
import type { ResourceType } from '../scim/schema.ts';
import { isSeen } from './audience.ts';
import { decode } from './codec.ts';
import type { ResourceDocument } from './documents.ts';
import type { TenantScope } from './store.ts';

/** Where the holder of the value is found: by the claim, or by the field of the unique index. */
export type Held =
  | { readonly kind: 'claim'; readonly claims: readonly string[] }
  | { readonly kind: 'field'; readonly type: ResourceType; readonly filter: mongo.Filter<ResourceDocument> };

export async function isHeldUnseen(scope: TenantScope, held: Held): Promise<boolean> {
  const { store, tenant, audience } = scope;
  if (!audience) return false;
  if (held.kind === 'field') return isUnseen(scope, held.type, held.filter);
  const claim = await store.collections.claims.findOne({ _id: { $in: held.claims.map((name) => `${tenant}|${name}`) }, t: tenant });
  if (!claim) return false;
  const found = await Promise.all(store.registry.resourceTypes.map((type) => isUnseen(scope, type, { _id: claim.owner })));
  return found.includes(true);
}

async function isUnseen(scope: TenantScope, type: ResourceType, filter: mongo.Filter<ResourceDocument>): Promise<boolean> {
  const holder = await scope.store.collections.resources(type).findOne({ ...filter, t: scope.tenant }, { projection: { k: 0 } });
  return holder !== null && !isSeen(scope, type, decode(type, holder));
}

/** Who holds claims now, by `kind|value`: a look beforehand, which decides nothing. */
export async function holdersOf({ store, tenant }: TenantScope, claims: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (claims.length === 0) return new Map();
  const found = await store.collections.claims.find({ _id: { $in: claims.map((claim) => `${tenant}|${claim}`) }, t: tenant }, { maxTimeMS: store.limits.operationMs }).toArray();
  return new Map(found.map(({ _id, owner }) => [_id.slice(tenant.length + 1), owner]));
}
