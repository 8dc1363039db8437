/** Rule 10 of the design: the last administrator stays. Asked inside the transaction that might take the last one away. */
import { RIGHTS_EXTENSION } from '../scim/urns.ts';
import { fieldOf } from './fields.ts';
import { groupType } from './memberships.ts';
import { namedPath } from './models.ts';
import type { Transaction } from './transaction.ts';

const PEOPLE_AT_ONCE = 1000;

/**
 * Whether somebody is left who can give rights: a person who is not deactivated, in a group with `admin.grant` or in a group inside it. Two
 * transactions that ask at the same time would each see the other's administrator, so they write to the same document and one is repeated.
 */
export async function hasAdministrator(transaction: Transaction): Promise<boolean> {
  const { session, tenant, store: { collections, registry } } = transaction;
  await collections.tenants.updateOne({ _id: tenant }, { $inc: { administrators: 1 } }, { session });
  const people = collections.resources(registry.type('User'));
  let found: string[] = [];
  for await (const { m } of collections.members.find({ t: tenant, g: { $in: await keysWithGrant(transaction) }, ty: 'User' }, { session, projection: { _id: 0, m: 1 } })) {
    found.push(m);
    if (found.length < PEOPLE_AT_ONCE) continue;
    if (await anyActive(found)) return true;
    found = [];
  }
  return anyActive(found);

  async function anyActive(ids: readonly string[]): Promise<boolean> {
    return ids.length > 0 && (await people.findOne({ _id: { $in: [...ids] }, t: tenant, 'a.active': { $ne: false } }, { session, projection: { _id: 1 } })) !== null;
  }
}

/** Of the groups with `admin.grant` and of those inside them, which may contain each other. */
async function keysWithGrant(transaction: Transaction): Promise<string[]> {
  const { session, tenant, store: { collections } } = transaction;
  const type = groupType(transaction);
  const groups = collections.resources(type);
  const field = fieldOf(type, namedPath(type, `${RIGHTS_EXTENSION}:rights`));
  const keys = new Set<string>();
  let frontier = await groups.find({ t: tenant, [field]: 'admin.grant' }, { session, projection: { gk: 1 } }).map(({ gk }) => gk ?? '').toArray();
  while (frontier.length > 0) {
    for (const key of frontier) keys.add(key);
    const nested = await collections.members.find({ t: tenant, ty: type.name, g: { $in: frontier } }, { session, projection: { _id: 0, m: 1 } }).map(({ m }) => m).toArray();
    const inside = await groups.find({ _id: { $in: nested }, t: tenant }, { session, projection: { gk: 1 } }).map(({ gk }) => gk ?? '').toArray();
    frontier = inside.filter((key) => !keys.has(key));
  }
  return [...keys];
}
