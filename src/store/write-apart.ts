/** Writes about a login that change no attribute: one transaction with its audit entry, and no new version of the person. */
import { notFound } from '../errors.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { shortKey } from './fields.ts';
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
export async function writeApart(scope: TenantScope, write: WriteApart): Promise<void> {
  if (!(await writeWhere(scope, write, {}))) throw notFound('Person');
}

/**
 * Writes what a right password leads to. It and a lock write the person's document both, so one comes before the other: nobody who is locked is
 * signed in, and no lock is undone by a password that was under way.
 * @returns false where the person is locked, deactivated or gone; then nothing is written. @throws ScimError 409 where a link was used
 */
export const writeWhileOpen = (scope: TenantScope, write: WriteApart): Promise<boolean> => {
  const account = shortKey(scope.store.registry.type('User'), ACCOUNT_EXTENSION);
  return writeWhere(scope, write, { 'a.active': { $ne: false }, [`a.${account}.lockedAt`]: { $exists: false } });
};

async function writeWhere(scope: TenantScope, { person, at, account, audit }: WriteApart, where: Readonly<Record<string, object>>): Promise<boolean> {
  const { tenant, store } = scope;
  const type = store.registry.type('User');
  return transact(store, async (session) => {
    // Written, not read: so that the person cannot be deleted at the same time and leave a link behind.
    const { matchedCount } = await store.collections.resources(type).updateOne({ _id: person, t: tenant, ...where }, { $inc: { cr: 1 } }, { session });
    if (matchedCount === 0) return false;
    const write = { kind: 'remove', type, id: person, at: at.toISOString(), version: undefined } as const;
    await writeAccounts({ ...scope, session }, [{ index: 0, write, account }], (_index, cause) => (cause instanceof Error ? cause : new Error(String(cause))));
    await writeAudit(store, tenant, [audit], at, session);
    return true;
  });
}
