/**
 * Writes a change of members as a change of edges, in time proportional to what the change names. Counts come from what was really
 * written, so that adding a member twice changes nothing (R-PATCH-22, R-PATCH-23).
 */
import { randomBytes } from 'node:crypto';
import { invalidValue } from '../errors.ts';
import { memberMatches, type MemberDelta } from '../scim/members.ts';
import type { Transaction } from './commit.ts';
import type { EdgeDocument } from './documents.ts';
import { edgeId, edgesOfGroup } from './memberships.ts';
import { touch } from './references.ts';

export interface EdgeCounts {
  readonly added: number;
  readonly removed: number;
  /** The group's key from now on, where dropping the old one with all its edges was cheaper than deleting them one by one. */
  readonly newKey: string | undefined;
}

interface GroupEdges {
  readonly groupId: string;
  readonly groupKey: string;
  readonly count: number;
}

/** Above this many edges a group that is emptied or replaced gets a new key; 400,000 deletions in one transaction took 5.9 s. */
export const SWEEP_ABOVE = 10_000;

/** 72 random bits: short, for it stands in every edge and its indexes, and never used twice. */
export const newGroupKey = () => randomBytes(9).toString('base64url');

/** @throws ScimError 400 invalidValue naming a member that does not exist, or the group itself */
export async function writeEdges(transaction: Transaction, group: GroupEdges, delta: MemberDelta): Promise<EdgeCounts> {
  if (delta.added.has(group.groupId)) throw invalidValue('A group cannot be a member of itself.');
  if (delta.onlyAdded && group.count > SWEEP_ABOVE) return startOver(transaction, group, delta);
  const current = await currentEdges(transaction, group, delta);
  const gone = [...current].filter(([id, type]) => !delta.added.has(id) && isRemoved(delta, id, type)).map(([id]) => id);
  const added = await addEdges(transaction, group.groupKey, [...delta.added.keys()].filter((id) => !current.has(id)));
  const removed = await removeEdges(transaction, group.groupKey, gone);
  return { added, removed, newKey: undefined };
}

async function startOver(transaction: Transaction, group: GroupEdges, delta: MemberDelta): Promise<EdgeCounts> {
  const newKey = newGroupKey();
  const { session, tenant, store: { collections } } = transaction;
  await collections.sweeps.insertOne({ _id: group.groupKey, t: tenant }, { session });
  const added = await addEdges(transaction, newKey, [...delta.added.keys()]);
  return { added, removed: group.count, newKey };
}

function isRemoved(delta: MemberDelta, id: string, type: string): boolean {
  return delta.onlyAdded || delta.removed.has(id) || delta.removedWhere.some((filter) => memberMatches(filter, id, type));
}

/** The edges that the change can touch: those it names, or all where it speaks of all. By member id, with the member's type. */
async function currentEdges({ session, tenant, store: { collections } }: Transaction, { groupKey }: GroupEdges, delta: MemberDelta): Promise<ReadonlyMap<string, string>> {
  const all = delta.onlyAdded || delta.removedWhere.length > 0;
  const named = [...delta.added.keys(), ...delta.removed].map((id) => edgeId(groupKey, id));
  if (!all && named.length === 0) return new Map();
  const found = await collections.members
    .find({ _id: all ? edgesOfGroup(groupKey) : { $in: named }, t: tenant }, { session, projection: { m: 1, ty: 1 } })
    .toArray();
  return new Map(found.map(({ m, ty }) => [m, ty]));
}

async function addEdges(transaction: Transaction, groupKey: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { session, tenant, store: { collections } } = transaction;
  const types = await touch(transaction, ids);
  const edges = ids.map((id): EdgeDocument => {
    const type = types.get(id);
    if (type === undefined) throw invalidValue(`members: there is no user or group with the id ${JSON.stringify(id.slice(0, 100))}.`);
    return { _id: edgeId(groupKey, id), t: tenant, g: groupKey, m: id, ty: type };
  });
  await collections.members.insertMany(edges, { session, ordered: false });
  return edges.length;
}

async function removeEdges({ session, tenant, store: { collections } }: Transaction, groupKey: string, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { deletedCount } = await collections.members.deleteMany({ _id: { $in: ids.map((id) => edgeId(groupKey, id)) }, t: tenant }, { session });
  return deletedCount;
}
