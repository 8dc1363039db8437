/**
 * Rule 10 of the design: the last administrator stays. Asked inside the transaction that might take the last one away, whatever the change is and
 * however it was prepared: what was true when it was prepared may not be true when it is written.
 */
import { v7 as uuid } from 'uuid';
import { RIGHTS, type Right } from '../rights.ts';
import { ACCOUNT_EXTENSION, RIGHTS_EXTENSION } from '../scim/urns.ts';
import type { ChangeSet, Write } from './change-set.ts';
import { fieldOf, shortKey } from './fields.ts';
import { edgeId, groupType } from './memberships.ts';
import { namedPath } from './models.ts';
import type { TenantScope } from './store.ts';
import type { Transaction } from './transaction.ts';

export interface Staked {
  readonly index: number;
  readonly write: Write;
  readonly changeSet: Pick<ChangeSet, 'account'>;
  readonly stored: { readonly gk?: string; readonly mr: number } | undefined;
}

const PEOPLE_AT_ONCE = 1000;

/** The first of the writes that may end somebody's right to give rights, or undefined: then there is nothing to ask afterwards. */
export async function atStake(transaction: Transaction, entries: readonly Staked[]): Promise<Staked | undefined> {
  const able = entries.filter(mayTakeAway);
  if (able.length === 0) return undefined;
  const keys = await keysWithGrant(transaction);
  const group = able.find(({ stored }) => stored?.gk !== undefined && keys.has(stored.gk));
  if (group || keys.size === 0) return group;
  const edges = able.flatMap(({ write }) => Array.from(keys, (key) => edgeId(key, write.id)));
  const { session, tenant, store: { collections } } = transaction;
  const found = await collections.members.findOne({ _id: { $in: edges }, t: tenant }, { session, projection: { m: 1 } });
  return found ? able.find(({ write }) => write.id === found.m) : undefined;
}

/** Who never was in a group gives no rights; a group loses what it has by its members, its rights and its end. */
function mayTakeAway({ write, changeSet, stored }: Staked): boolean {
  const isGroup = stored?.gk !== undefined;
  switch (write.kind) {
    case 'insert':
      return false;
    case 'remove':
      return isGroup || (stored?.mr ?? 0) > 0;
    case 'update':
      if (!isGroup) return (stored?.mr ?? 0) > 0 && (write.attributes?.['active'] === false || changeSet.account?.removesCredential === true);
      return write.attributes !== undefined || (write.members !== undefined && (write.members.onlyAdded || write.members.removed.size > 0 || write.members.removedWhere.length > 0));
  }
}

/**
 * Whether somebody is left who can give rights: a person who is not deactivated and whose login was not taken away, in a group with `admin.grant` or in a group inside it. Two
 * transactions that ask at the same time would each see the other's administrator, so they write to the same document and one is repeated.
 */
export async function hasAdministrator(transaction: Transaction): Promise<boolean> {
  const { session, tenant, store: { collections, registry } } = transaction;
  await collections.tenants.updateOne({ _id: tenant }, { $inc: { administrators: 1 } }, { session });
  const type = registry.type('User');
  const people = collections.resources(type);
  const keys = [...(await keysWithGrant(transaction))];
  let found: string[] = [];
  for await (const { m } of collections.members.find({ t: tenant, g: { $in: keys }, ty: 'User' }, { session, projection: { _id: 0, m: 1 } })) {
    found.push(m);
    if (found.length < PEOPLE_AT_ONCE) continue;
    if (await anyActive(found)) return true;
    found = [];
  }
  return anyActive(found);

  async function anyActive(ids: readonly string[]): Promise<boolean> {
    return ids.length > 0 && (await people.findOne({ _id: { $in: [...ids] }, t: tenant, 'a.active': { $ne: false }, [`a.${shortKey(type, ACCOUNT_EXTENSION)}.status`]: { $ne: 'none' } }, { session, projection: { _id: 1 } })) !== null;
  }
}

/** Everybody who can give rights, the deactivated too. */
export async function administratorIds(scope: TenantScope): Promise<readonly string[]> {
  const keys = [...(await keysWithGrant(scope))];
  return scope.store.collections.members.find({ t: scope.tenant, g: { $in: keys }, ty: 'User' }, { projection: { _id: 0, m: 1 } }).map(({ m }) => m).toArray();
}

type Within = TenantScope & Partial<Pick<Transaction, 'session'>>;
const keysWithGrant = (scope: Within) => keysWithRights(scope, ['admin.grant']);

/** Of the groups with one of the rights and of those inside them, which may contain each other: whoever is a member of one has it. */
export async function keysWithRights(scope: Within, rights: readonly Right[]): Promise<ReadonlySet<string>> {
  const { tenant, store: { collections } } = scope;
  const within = scope.session ? { session: scope.session } : {};
  const type = groupType(scope);
  const groups = collections.resources(type);
  const keys = new Set<string>();
  let frontier = await groups.find({ t: tenant, [fieldOf(type, namedPath(type, `${RIGHTS_EXTENSION}:rights`))]: { $in: [...rights] } }, { ...within, projection: { gk: 1 } }).map(({ gk }) => gk ?? '').toArray();
  while (frontier.length > 0) {
    for (const key of frontier) keys.add(key);
    const nested = await collections.members.find({ t: tenant, ty: type.name, g: { $in: frontier } }, { ...within, projection: { _id: 0, m: 1 } }).map(({ m }) => m).toArray();
    const inside = nested.length === 0 ? [] : await groups.find({ _id: { $in: nested }, t: tenant }, { ...within, projection: { gk: 1 } }).map(({ gk }) => gk ?? '').toArray();
    frontier = inside.filter((key) => !keys.has(key));
  }
  return keys;
}

/** The built-in group with all rights, which no client without `admin.grant` sees (J6). */
export function administratorsGroup(scope: TenantScope, now: Date): ChangeSet {
  const type = groupType(scope);
  const id = uuid();
  const attributes = { displayName: 'Administrators', [RIGHTS_EXTENSION]: { rights: [...RIGHTS] } };
  return {
    write: { kind: 'insert', type, id, audience: 'console', at: now.toISOString(), attributes, externalId: undefined, claims: [], members: undefined, references: [] },
    audit: { by: { kind: 'system', id: 'rollcall' }, action: 'create', on: { type: type.name, id }, request: '', changed: Object.keys(attributes) },
  };
}
