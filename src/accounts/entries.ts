/**
 * By what somebody may sign in: as staff, as an external user, or at a portal. Each entry has its own switch, all of them share one credential,
 * and a session carries the one that it is by (P3, P4, X5; workflows.md, "Words"). A company or a portal that is closed switches off all of its own.
 */
import { isComplex } from '../scim/schema.ts';
import { PORTAL_EXTENSION, PORTAL_GROUP_EXTENSION } from '../scim/urns.ts';
import type { Entry } from '../store/account-documents.ts';
import { unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import { groupsOf } from '../store/memberships.ts';
import { findMany } from '../store/resources.ts';
import type { TenantScope } from '../store/store.ts';
import { complexAt, textAt } from './attributes.ts';
import { externalOf } from './external.ts';
import { accessOf, type Access } from './portal-access.ts';

const STAFF: Entry = { kind: 'staff' };
const isStaff = ({ audience }: StoredResource) => audience === 'employee' || audience === 'console';

/** @param portal at which somebody signs in; undefined: at none. @returns undefined where there is no way in that is open */
export async function entryOf(scope: TenantScope, person: StoredResource, portal: string | undefined): Promise<Entry | undefined> {
  if (portal !== undefined) return (await portalEntries(scope, person)).find((entry) => entry.portal === portal);
  return isStaff(person) ? STAFF : externalEntry(scope, person);
}

/** Whether there is any way in: who has none is sent no mail to get in with (Combinations). */
export async function hasEntry(scope: TenantScope, person: StoredResource): Promise<boolean> {
  return (await entryOf(scope, person, undefined)) !== undefined || (await portalEntries(scope, person)).length > 0;
}

/** Whether a session by this entry may go on. */
export async function isOpen(scope: TenantScope, person: StoredResource, entry: Entry): Promise<boolean> {
  switch (entry.kind) {
    case 'staff':
      return isStaff(person);
    case 'external':
      return (await externalEntry(scope, person)) !== undefined;
    case 'portal':
      return (await portalEntries(scope, person)).some(({ portal, company }) => portal === entry.portal && company === entry.company);
  }
}

async function externalEntry(scope: TenantScope, { attributes }: StoredResource): Promise<Entry | undefined> {
  const { registered, loginEnabled, company } = externalOf(attributes);
  if (!registered || !loginEnabled) return undefined;
  if (company === undefined) return { kind: 'external' };
  return (await activeOf(scope, 'Company', [company])).has(company) ? { kind: 'external', company } : undefined;
}

async function portalEntries(scope: TenantScope, person: StoredResource): Promise<readonly Entry[]> {
  return (await accessesOf(scope, person)).filter(({ open }) => open).map(({ portal, customer }) => ({ kind: 'portal', portal, company: customer }));
}

/** Every access of the person's own and by groups, of portals and customers that there are; whether it can be used now. */
export async function accessesOf(scope: TenantScope, person: StoredResource): Promise<readonly (Access & { readonly open: boolean })[]> {
  const isOn = complexAt(person.attributes, PORTAL_EXTENSION)['enabled'] !== false;
  const access = [...accessOf(person.attributes), ...(await accessByGroups(scope, person))];
  if (access.length === 0) return [];
  const [portals, companies] = await Promise.all([activeOf(scope, 'Portal', access.map(({ portal }) => portal)), activeOf(scope, 'Company', access.map(({ customer }) => customer))]);
  return access.map((one) => ({ ...one, open: isOn && one.enabled && portals.has(one.portal) && companies.has(one.customer) }));
}

/** Membership of a group that stands for a portal is an access. */
async function accessByGroups(scope: TenantScope, { id, wasMember }: StoredResource): Promise<readonly Access[]> {
  if (!wasMember) return [];
  const groups = (await groupsOf(unrestricted(scope), [id])).get(id) ?? [];
  return groups.flatMap(({ group: { attributes } }) => {
    const extension = attributes[PORTAL_GROUP_EXTENSION];
    const [portal, customer] = isComplex(extension) ? [textAt(extension, 'portalId'), textAt(extension, 'companyId')] : [];
    return portal === undefined || customer === undefined ? [] : [{ portal, customer, enabled: true }];
  });
}

async function activeOf(scope: TenantScope, type: 'Portal' | 'Company', ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await findMany(unrestricted(scope), scope.store.registry.type(type), [...new Set(ids)]);
  return new Set(Array.from(found.values()).filter(({ attributes }) => attributes['active'] !== false).map(({ id }) => id));
}
