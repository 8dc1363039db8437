/**
 * Reading edges. A group is read before its edges, so that an answer never shows fewer members than its version stands for. Edges of a
 * group that is gone are skipped: they are waiting to be swept.
 */
import type { ResourceType } from '../scim/schema.ts';
import { seenIn } from './audience.ts';
import { decode, type StoredResource } from './codec.ts';
import type { EdgeDocument } from './documents.ts';
import type { TenantScope } from './store.ts';

/** All edges of one group key, as a range of `_id`: "|" is followed by "}". */
export const edgesOfGroup = (key: string) => ({ $gte: `${key}|`, $lt: `${key}}` });
export const edgeId = (key: string, member: string) => `${key}|${member}`;

/** The resource type that has members. */
export function groupType(scope: TenantScope): ResourceType {
  const found = scope.store.registry.resourceTypes.find(({ storage }) => Object.values(storage.edges).includes('members'));
  if (!found) throw new Error('no resource type has members');
  return found;
}

export interface EdgeTo {
  readonly id: string;
  readonly type: string;
}

/** The members of a group in the order of their ids, in batches: a large group is never in memory as a whole. */
export async function* readEdges(scope: TenantScope, groupKey: string, batchSize = 1000): AsyncGenerator<readonly EdgeTo[]> {
  const { collections, limits } = scope.store;
  let after = `${groupKey}|`;
  for (;;) {
    const edges = await collections.members
      .find({ _id: { $gt: after, $lt: `${groupKey}}` }, t: scope.tenant }, { projection: { m: 1, ty: 1 }, maxTimeMS: limits.operationMs })
      .sort({ _id: 1 })
      .limit(batchSize)
      .toArray();
    if (edges.length > 0) yield edges.map(({ m, ty }) => ({ id: m, type: ty }));
    const last = edges.at(-1);
    if (!last || edges.length < batchSize) return;
    after = last._id;
  }
}

/** One page of the members of a group, in the order of their ids. @param after the id of the last one of the page before; empty: from the start */
export async function readEdgesAfter({ store: { collections, limits }, tenant }: TenantScope, groupKey: string, after: string, count: number): Promise<readonly EdgeTo[]> {
  const edges = await collections.members
    .find({ _id: { $gt: edgeId(groupKey, after), $lt: `${groupKey}}` }, t: tenant }, { projection: { m: 1, ty: 1 }, maxTimeMS: limits.operationMs })
    .sort({ _id: 1 })
    .limit(count)
    .toArray();
  return edges.map(({ m, ty }) => ({ id: m, type: ty }));
}

/** @returns undefined for who is no member of the group itself */
export async function readEdge({ store: { collections, limits }, tenant }: TenantScope, groupKey: string, member: string): Promise<EdgeTo | undefined> {
  const edge = await collections.members.findOne({ _id: edgeId(groupKey, member), t: tenant }, { projection: { m: 1, ty: 1 }, maxTimeMS: limits.operationMs });
  return edge ? { id: edge.m, type: edge.ty } : undefined;
}

/** The members of several groups at once, by group key. */
export async function readEdgesOf(scope: TenantScope, groupKeys: readonly string[]): Promise<ReadonlyMap<string, readonly EdgeTo[]>> {
  const byKey = new Map<string, EdgeTo[]>(groupKeys.map((key) => [key, []]));
  if (groupKeys.length === 0) return byKey;
  const { collections, limits } = scope.store;
  const query = { t: scope.tenant, $or: groupKeys.map((key) => ({ t: scope.tenant, _id: edgesOfGroup(key) })) };
  const edges = await collections.members.find(query, { maxTimeMS: limits.operationMs }).sort({ _id: 1 }).toArray();
  for (const { g, m, ty } of edges) byKey.get(g)?.push({ id: m, type: ty });
  return byKey;
}

export interface GroupOf {
  readonly group: StoredResource;
  readonly direct: boolean;
}

/**
 * The groups of each of `ids`, direct and through nested groups (R-USER-5). One round of two reads per level of nesting for all of them
 * together; groups that contain each other are visited once (R-GRP-4).
 */
export async function groupsOf(scope: TenantScope, ids: readonly string[]): Promise<ReadonlyMap<string, readonly GroupOf[]>> {
  const parents = new Map<string, readonly string[]>();
  const groups = new Map<string, StoredResource>();
  let frontier: readonly string[] = ids;
  while (frontier.length > 0) {
    const edges = await edgesTo(scope, frontier);
    const found = await groupsByKey(scope, [...new Set(edges.map(({ g }) => g))]);
    for (const id of frontier) parents.set(id, edges.flatMap(({ m, g }) => (m === id ? (found.get(g)?.id ?? []) : [])));
    for (const group of found.values()) groups.set(group.id, group);
    // Most groups never were in another one, and know it.
    frontier = Array.from(found.values()).filter(({ id, wasMember }) => wasMember && !parents.has(id)).map(({ id }) => id);
  }
  return new Map(ids.map((id) => [id, reachable(id, parents, groups)]));
}

function reachable(id: string, parents: ReadonlyMap<string, readonly string[]>, groups: ReadonlyMap<string, StoredResource>): readonly GroupOf[] {
  const direct = new Set(parents.get(id));
  const seen = new Set(direct);
  for (const groupId of seen) for (const parent of parents.get(groupId) ?? []) seen.add(parent);
  return Array.from(seen).flatMap((groupId) => {
    const group = groups.get(groupId);
    return group ? [{ group, direct: direct.has(groupId) }] : [];
  });
}

function edgesTo(scope: TenantScope, members: readonly string[]): Promise<Pick<EdgeDocument, 'm' | 'g'>[]> {
  const { collections, limits } = scope.store;
  return collections.members
    .find({ t: scope.tenant, m: { $in: [...members] } }, { projection: { _id: 0, m: 1, g: 1 }, maxTimeMS: limits.operationMs })
    .sort({ m: 1, g: 1 })
    .toArray();
}

async function groupsByKey(scope: TenantScope, keys: readonly string[]): Promise<ReadonlyMap<string, StoredResource>> {
  if (keys.length === 0) return new Map();
  const type = groupType(scope);
  const found = await scope.store.collections.resources(type)
    .find({ gk: { $in: [...keys] }, ...seenIn(scope, type) }, { projection: { k: 0 }, maxTimeMS: scope.store.limits.operationMs })
    .toArray();
  return new Map(found.map((document) => [document.gk ?? '', decode(type, document)]));
}

/** All groups inside a group, at whatever depth. */
export async function groupsInside(scope: TenantScope, id: string): Promise<readonly StoredResource[]> {
  const keys = await groupKeysBelow(scope, id);
  return [...(await groupsByKey(scope, keys)).values()].filter((group) => group.id !== id);
}

/** The keys of a group and of all groups inside it: whoever is in one of them is in the group. Empty for an unknown id. */
export async function groupKeysBelow(scope: TenantScope, id: string): Promise<readonly string[]> {
  const { collections, limits } = scope.store;
  const type = groupType(scope);
  const seen = new Map<string, string>();
  let frontier: readonly string[] = [id];
  while (frontier.length > 0) {
    const groups = await collections.resources(type)
      .find({ _id: { $in: [...frontier] }, ...seenIn(scope, type) }, { projection: { gk: 1 }, maxTimeMS: limits.operationMs })
      .toArray();
    const keys = groups.map((group) => group.gk ?? '');
    groups.forEach((group) => seen.set(group._id, group.gk ?? ''));
    const nested = keys.length === 0 ? [] : await collections.members
      .find({ t: scope.tenant, ty: type.name, g: { $in: keys } }, { projection: { _id: 0, m: 1 }, maxTimeMS: limits.operationMs })
      .toArray();
    frontier = [...new Set(nested.map(({ m }) => m))].filter((nestedId) => !seen.has(nestedId));
  }
  return [...seen.values()];
}

/** The people who are members of one of the groups, in the order of their ids. @param after the id of the last one before, or empty */
export async function peopleIn({ tenant, store: { collections, limits } }: TenantScope, groupKeys: readonly string[], after: string, limit: number): Promise<readonly string[]> {
  const found = new Set<string>();
  for (let start = 0; start < groupKeys.length; start += KEYS_AT_ONCE) {
    const lists = await Promise.all(groupKeys.slice(start, start + KEYS_AT_ONCE).map((key) => collections.members
      .find({ _id: { $gt: edgeId(key, after), $lt: `${key}}` }, t: tenant, ty: 'User' }, { projection: { _id: 0, m: 1 }, maxTimeMS: limits.operationMs }).sort({ _id: 1 }).limit(limit).toArray()));
    for (const { m } of lists.flat()) found.add(m);
  }
  return [...found].sort().slice(0, limit);
}

const KEYS_AT_ONCE = 20;
