/** Everybody, in the order of their ids: for what looks at all people and needs no order of names. */
import { seesAll, type Audience } from './audience.ts';
import { decode } from './codec.ts';
import type { Found } from './search-query.ts';
import type { TenantScope } from './store.ts';

/** @param after the id of the last one before, or empty */
export async function readPeopleById(scope: TenantScope, populations: readonly Audience[], after: string, limit: number): Promise<readonly Found[]> {
  const { tenant, store } = scope;
  const type = store.registry.type('User');
  // One piece of the index for each population, merged in its order. Who sees only the people of some companies sees none here.
  const found = await store.collections.resources(type)
    .find({ t: tenant, p: { $in: populations.filter((one) => seesAll(scope, one)) }, _id: { $gt: after } }, { projection: { k: 0 }, maxTimeMS: store.limits.operationMs })
    .sort({ _id: 1 }).limit(limit).toArray();
  return found.map((document) => decode(type, document));
}
