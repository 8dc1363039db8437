/** What a tenant has from its first moment, and what the first start on an empty database makes besides: all in one transaction. */
import { v7 as uuid } from 'uuid';
import { administratorsGroup } from '../store/administrators.ts';
import { POPULATIONS } from '../store/audience.ts';
import type { TenantDocument } from '../store/documents.ts';
import { isDuplicateKey } from '../store/mongo-errors.ts';
import type { Store } from '../store/store.ts';
import { labelOf, tokenHash } from '../store/tokens.ts';
import { transact, type Transaction } from '../store/transaction.ts';
import { writeBatch } from '../store/write-batch.ts';
import { TOKEN_DAYS } from './tokens.ts';
import { DAY_MS } from '../time.ts';


/** The tenant and its built-in group with all rights, which no client without `admin.grant` sees (J6). */
export async function insertTenant(transaction: Transaction, document: TenantDocument): Promise<void> {
  await transaction.store.collections.tenants.insertOne(document, { session: transaction.session });
  await writeBatch(transaction, [administratorsGroup(transaction, document.created)], []);
}

/**
 * The tenant `default` with the bootstrap client: all scopes of SCIM, all populations, schemas of the RFCs only.
 * @returns the tenant's id; undefined when there is one already, be it that another process made it in this moment
 */
export async function makeFirstTenant(store: Store, token: string, now: Date): Promise<string | undefined> {
  const { system, tenants, clients, tokens } = store.collections;
  // Once for a database: where its last tenant was deleted, nobody gets a new one by a restart.
  if ((await system.findOne({ _id: 'firstStart' })) ?? (await tenants.findOne({}, { projection: { _id: 1 } }))) return undefined;
  const tenant = uuid();
  const client = uuid();
  try {
    await transact(store, async (session) => {
      await system.insertOne({ _id: 'firstStart', at: now }, { session });
      await insertTenant({ ...store.scope(tenant), session }, { _id: tenant, name: 'default', created: now, state: 'active', policy: {} });
      await clients.insertOne({ _id: client, t: tenant, name: 'bootstrap', scopes: ['*'], settings: { populations: [...POPULATIONS] }, created: now }, { session });
      await tokens.insertOne({ _id: tokenHash(token), t: tenant, client, use: 'bearer', label: labelOf(token), created: now, expires: new Date(now.getTime() + TOKEN_DAYS * DAY_MS) }, { session });
    });
    return tenant;
  } catch (error) {
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
}

/** Whether any token is the one given. */
export async function tokenExists(store: Store, token: string): Promise<boolean> {
  return (await store.collections.tokens.countDocuments({ _id: tokenHash(token) }, { limit: 1 })) > 0;
}
