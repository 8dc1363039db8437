/** Writes about a login that change no attribute: one transaction with its audit entry, and no new version of the person. */
import { notFound } from '../errors.ts';
import { writeAudit, type AuditEntry } from './audit.ts';
import type { AccountWrites } from './change-set.ts';
import type { TenantScope } from './store.ts';
import { transact } from './transaction.ts';
import { writeAccounts } from './write-accounts.ts';

export interface WriteApart {
  readonly person: string;
  readonly at: Date;
  readonly account: AccountWrites;
  readonly audit: AuditEntry;
}

/** @throws ScimError 404 where the person is gone meanwhile, 409 where a link was used */
export async function writeApart(scope: TenantScope, { person, at, account, audit }: WriteApart): Promise<void> {
  const { tenant, store } = scope;
  const type = store.registry.type('User');
  await transact(store, async (session) => {
    // Written, not read: so that the person cannot be deleted at the same time and leave a link behind.
    const { matchedCount } = await store.collections.resources(type).updateOne({ _id: person, t: tenant }, { $inc: { cr: 1 } }, { session });
    if (matchedCount === 0) throw notFound('Person');
    const write = { kind: 'remove', type, id: person, at: at.toISOString(), version: undefined } as const;
    await writeAccounts({ ...scope, session }, [{ index: 0, write, account }], (_index, cause) => (cause instanceof Error ? cause : new Error(String(cause))));
    await writeAudit(store, tenant, [audit], at, session);
  });
}
