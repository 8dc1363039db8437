/** What is read of people's logins for many at once. */
import type { TenantScope } from './store.ts';

/** The last good sign-in of each who has signed in. */
export async function lastSignIns({ tenant, store }: TenantScope, people: readonly string[]): Promise<ReadonlyMap<string, Date>> {
  const found = await store.collections.credentials.find({ _id: { $in: [...people] }, t: tenant }, { projection: { lastSignIn: 1 } }).toArray();
  return new Map(found.flatMap(({ _id, lastSignIn }) => (lastSignIn ? [[_id, lastSignIn] as const] : [])));
}

/** S10: the address that waits for its link, of each who has asked for one that is still good. */
export async function pendingAddresses({ tenant, store }: TenantScope, people: readonly string[], now: Date): Promise<ReadonlyMap<string, string>> {
  const { links, credentials } = store.collections;
  const waiting = await links.find({ t: tenant, person: { $in: [...people] }, purpose: 'confirmAddress', used: { $exists: false }, expires: { $gt: now } }).sort({ created: 1 }).toArray();
  if (waiting.length === 0) return new Map();
  const epochs = new Map((await credentials.find({ _id: { $in: waiting.map(({ person }) => person) }, t: tenant }, { projection: { epoch: 1 } }).toArray()).map(({ _id, epoch }) => [_id, epoch ?? 0]));
  return new Map(waiting.flatMap(({ person, address, epoch }) => (address !== undefined && (epochs.get(person) ?? 0) === epoch ? [[person, address] as const] : [])));
}
