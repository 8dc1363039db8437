/** What each client asserted last of a person (L5): remembered without a new version, for it is nothing that anybody is shown. */
import type { ResourceType } from '../scim/schema.ts';
import type { SaidBy } from './change-set.ts';
import type { StoredResource } from './codec.ts';
import type { TenantScope } from './store.ts';

/** @returns undefined where the client has said the same before */
export function newlySaid({ said }: StoredResource, now: SaidBy): SaidBy | undefined {
  const before = said.find(({ client }) => client === now.client);
  return before?.active === now.active && before?.leaveDate === now.leaveDate ? undefined : now;
}

/** For an assertion that changes nothing else. */
export async function noteSaid({ tenant, store }: TenantScope, type: ResourceType, id: string, said: SaidBy): Promise<void> {
  const resources = store.collections.resources(type);
  await resources.bulkWrite([
    { updateOne: { filter: { _id: id, t: tenant }, update: { $pull: { said: { client: said.client } } } } },
    { updateOne: { filter: { _id: id, t: tenant }, update: { $push: { said } } } },
  ]);
}
