/** What the first start on an empty database makes: a tenant, a provisioning client and its token, all in one transaction. */
import { v7 as uuid } from 'uuid';
import { isDuplicateKey } from './mongo-errors.ts';
import type { Store } from './store.ts';
import { tokenHash } from './tokens.ts';
import { transact } from './transaction.ts';

export interface FirstStart {
  readonly token: string;
  readonly scopes: readonly string[];
  readonly now: Date;
  readonly tokenDays: number;
}

/** @returns false when there is a tenant already, be it that another process made it in this moment */
export async function makeFirstTenant(store: Store, { token, scopes, now, tokenDays }: FirstStart): Promise<boolean> {
  const { tenants, clients, tokens } = store.collections;
  if (await tenants.findOne({}, { projection: { _id: 1 } })) return false;
  const tenant = uuid();
  const client = uuid();
  const expires = new Date(now.getTime() + tokenDays * 24 * 60 * 60 * 1000);
  try {
    await transact(store, async (session) => {
      await tenants.insertOne({ _id: tenant, name: 'default', created: now }, { session });
      await clients.insertOne({ _id: client, t: tenant, name: 'bootstrap', scopes, refusedTolerances: [], patchAnswer: 'resource', created: now }, { session });
      await tokens.insertOne({ _id: tokenHash(token), t: tenant, client, label: token.slice(0, 7), created: now, expires }, { session });
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Whether any token is the one given. */
export async function tokenExists(store: Store, token: string): Promise<boolean> {
  return (await store.collections.tokens.countDocuments({ _id: tokenHash(token) }, { limit: 1 })) > 0;
}
