/** What is taken away after its time. Every step is small and can be repeated, so it may end anywhere and go on later. */
import type { mongo } from 'mongoose';
import type { Store, TenantScope } from './store.ts';
import { DAY_MS } from '../time.ts';

const AT_ONCE = 5000;

/** Entries of the audit log before an instant, with what is personal about them. */
export async function trimAudit(scope: TenantScope, before: Date): Promise<void> {
  await dropEntries(scope, 'audit', { at: { $lt: before } });
}

/** By age, and for each client by number. */
export async function trimProvisioning(scope: TenantScope, before: Date, most: number): Promise<void> {
  const { tenant, store: { collections: { provisioning, clients } } } = scope;
  await dropEntries(scope, 'provisioning', { at: { $lt: before } });
  for await (const { _id } of clients.find({ t: tenant }, { projection: { _id: 1 } })) {
    const first = await provisioning.find({ t: tenant, client: _id }, { projection: { at: 1 } }).sort({ at: -1, _id: -1 }).skip(most).limit(1).next();
    if (first) await dropEntries(scope, 'provisioning', { client: _id, $or: [{ t: tenant, at: { $lt: first.at } }, { t: tenant, at: first.at, _id: { $lte: first._id } }] });
  }
}

async function dropEntries({ tenant, store }: TenantScope, log: 'audit' | 'provisioning', which: mongo.Document): Promise<void> {
  const entries = store.collections[log].db.collection<{ _id: string; t: string }>(log);
  for (;;) {
    if (store.closing) return;
    const ids = await entries.find({ t: tenant, ...which }, { projection: { _id: 1 } }).limit(AT_ONCE).map(({ _id }) => _id).toArray();
    if (ids.length === 0) return;
    await store.collections.traces.deleteMany({ t: tenant, entry: { $in: ids } });
    await entries.deleteMany({ t: tenant, _id: { $in: ids } });
  }
}

/** Expired ones are refused anyway; a while after nobody asks any more which one it was. */
export async function dropTokens(store: Store, now: Date): Promise<void> {
  await store.collections.tokens.deleteMany({ expires: { $lt: new Date(now.getTime() - 30 * DAY_MS) } });
}

/** Everything of tenants that were deleted, but the audit entry that says so. */
export async function dropTenants(store: Store): Promise<void> {
  const { collections, registry } = store;
  for await (const { _id } of collections.tenants.find({ state: 'deleted' })) {
    const { members, claims, sweeps, hidden, matches, erasures, credentials, links, sessions, outbox, clients, tokens, guards, traces, provisioning, seatDeltas, seats, seatDays, imports, importLines } = collections;
    for (const collection of [tokens, clients, guards, sessions, links, outbox, credentials, members, claims, sweeps, hidden, matches, erasures, traces, provisioning, seatDeltas, seats, seatDays, imports, importLines, ...registry.resourceTypes.map((type) => collections.resources(type))]) {
      if (store.closing) return;
      await collections.tenants.db.collection<{ t: string }>(collection.collectionName).deleteMany({ t: _id });
    }
    await collections.audit.deleteMany({ t: _id, action: { $ne: 'tenant.delete' } });
    await collections.tenants.deleteOne({ _id });
  }
}
