/** Deletes the edges of group keys that no group has any more: after the answer, and what a crash left at the next start. */
import { edgesOfGroup } from './memberships.ts';
import type { Store, TenantScope } from './store.ts';

const SWEEP_BATCH = 5000;

/** Sweeps in the background; `store.settled()` waits for it. */
export function sweepGroup(scope: TenantScope, groupKey: string): void {
  if (scope.store.dry) return;
  scope.store.background(sweep(scope, groupKey), 'edges of a deleted group are left for the next start');
}

/** Safe with any number of processes: what another one has swept is not there any more. */
export async function sweepLeftovers(store: Store): Promise<void> {
  for await (const { _id, t } of store.collections.sweeps.find({})) await sweep(store.scope(t), _id);
}

async function sweep({ tenant, store }: TenantScope, groupKey: string): Promise<void> {
  const { collections } = store;
  for (;;) {
    if (store.closing) return;
    const batch = await collections.members.find({ _id: edgesOfGroup(groupKey), t: tenant }, { projection: { _id: 1 } }).limit(SWEEP_BATCH).map(({ _id }) => _id).toArray();
    if (batch.length > 0) await collections.members.deleteMany({ _id: { $in: batch }, t: tenant });
    if (batch.length < SWEEP_BATCH) break;
  }
  await collections.sweeps.deleteOne({ _id: groupKey, t: tenant });
}
