/** Tenants: the organisations that share a server. Only its operator makes, suspends and deletes them. */
import { v7 as uuid } from 'uuid';
import { invalidValue, notFound, uniqueness } from '../errors.ts';
import { wordsFaults } from '../mail/invitation.ts';
import { POLICY, policyOf, type Policy } from '../policy.ts';
import { changeSettings, type Stored } from '../settings.ts';
import { writeAudit } from '../store/audit.ts';
import type { TenantDocument } from '../store/documents.ts';
import { isDuplicateKey } from '../store/mongo-errors.ts';
import { transact } from '../store/transaction.ts';
import type { Doing } from './doing.ts';
import { insertTenant } from './first-start.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly state: TenantDocument['state'];
  readonly created: Date;
  readonly policy: Policy;
}

export const tenantOf = ({ _id, name, state, created, policy }: TenantDocument): Tenant => ({ id: _id, name, state, created, policy: policyOf(policy) });

/** It stands in paths: lower case, so that nobody must know how it was written. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** @throws ScimError 400 invalidValue for a name that cannot stand in a path, 409 uniqueness */
export async function createTenant(doing: Doing, name: string, policy: Stored = {}): Promise<Tenant> {
  if (!NAME.test(name)) throw invalidValue('name must be 1 to 63 of a-z, 0-9 and -, and neither begin nor end with -.');
  const { stored, changed } = changeSettings(POLICY, {}, policy);
  checkPolicy(policyOf(stored));
  const document: TenantDocument = { _id: uuid(), name, created: doing.now(), state: 'active', policy: stored };
  try {
    await transact(doing.store, async (session) => {
      await insertTenant({ ...doing.store.scope(document._id), session }, document);
      await writeAudit(doing.store, document._id, [entry(doing, 'tenant.create', document._id, ['name', ...changed], { name, ...stored })], doing.now(), session);
    });
  } catch (error) {
    if (isDuplicateKey(error)) throw uniqueness('name is already taken.');
    throw error;
  }
  return tenantOf(document);
}

/** All that are not deleted, by name. */
export async function listTenants({ store }: Doing): Promise<readonly Tenant[]> {
  const found = await store.collections.tenants.find({ state: { $ne: 'deleted' } }).sort({ name: 1 }).toArray();
  return found.map(tenantOf);
}

/** @throws ScimError 404 */
export async function findTenant({ store }: Doing, name: string): Promise<Tenant> {
  const found = await store.collections.tenants.findOne({ name, state: { $ne: 'deleted' } });
  if (!found) throw notFound('Tenant');
  return tenantOf(found);
}

/** @throws ScimError 404 */
export async function getTenant({ store }: Doing, id: string): Promise<Tenant> {
  const found = await store.collections.tenants.findOne({ _id: id, state: { $ne: 'deleted' } });
  if (!found) throw notFound('Tenant');
  return tenantOf(found);
}

/** Suspended: every token, session and link is refused from the next request on; nothing is lost. @throws ScimError 404 */
export async function setTenantState(doing: Doing, id: string, state: 'active' | 'suspended'): Promise<void> {
  await changeTenant(doing, id, (current) => {
    if (current.state === 'deleted') throw notFound('Tenant');
    return current.state === state ? undefined : { set: { state }, audit: entry(doing, state === 'active' ? 'tenant.resume' : 'tenant.suspend', id, ['state'], { state }) };
  });
}

/**
 * Nobody gets in from now on, the name is free, and the worker takes away what the tenant held.
 * @param name again, so that nobody deletes the wrong one. @throws ScimError 400, 404
 */
export async function deleteTenant(doing: Doing, id: string, name: string): Promise<void> {
  await changeTenant(doing, id, (current) => {
    if (current.state === 'deleted') throw notFound('Tenant');
    if (current.name !== name) throw invalidValue(`To delete the tenant, repeat its name: ${current.name}.`);
    return { set: { state: 'deleted', name: `${current.name} ${id}` }, audit: entry(doing, 'tenant.delete', id, ['state'], { name }) };
  });
}

/** @param change `null` takes a policy back to its default. @returns the policies afterwards. @throws ScimError 400 naming the policy, 404 */
export async function changePolicy(doing: Doing, id: string, change: Stored): Promise<Policy> {
  let after: Stored = {};
  await changeTenant(doing, id, (current) => {
    if (current.state === 'deleted') throw notFound('Tenant');
    const { stored, changed } = changeSettings(POLICY, current.policy, change);
    checkPolicy(policyOf(stored));
    after = stored;
    return changed.length === 0 ? undefined : { set: { policy: stored }, audit: entry(doing, 'tenant.policy', id, changed, Object.fromEntries(changed.map((name) => [name, stored[name] ?? null]))) };
  });
  return policyOf(after);
}

/** What no policy can say for itself. */
function checkPolicy(policy: Policy): void {
  if (!policy.languages.includes(policy.language)) throw invalidValue('language must be one of the languages on offer.');
  const [fault] = wordsFaults(policy);
  if (!fault) return;
  const wrong = [...fault.unknown.map((one) => `${one} is no placeholder here`), ...fault.missing.map((one) => `${one} is missing`)];
  throw invalidValue(`${fault.setting} (${fault.language}): ${wrong.join(', ')}.`);
}

interface Changed {
  readonly set: Partial<TenantDocument>;
  readonly audit: ReturnType<typeof entry>;
}

/** Reads, decides and writes in one transaction, so that two changes at once are one after the other. */
async function changeTenant(doing: Doing, id: string, decide: (current: TenantDocument) => Changed | undefined): Promise<void> {
  const { tenants } = doing.store.collections;
  await transact(doing.store, async (session) => {
    const current = await tenants.findOne({ _id: id }, { session });
    if (!current) throw notFound('Tenant');
    const change = decide(current);
    if (!change) return;
    await tenants.updateOne({ _id: id }, { $set: change.set }, { session });
    await writeAudit(doing.store, id, [change.audit], doing.now(), session);
  });
  doing.changed();
}

const entry = ({ by, request, from }: Doing, action: string, id: string, changed: readonly string[], values: Stored) =>
  ({ by, action, on: { type: 'Tenant', id }, request, ...(from === undefined ? {} : { from }), changed, values });
