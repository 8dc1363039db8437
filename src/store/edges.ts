/**
 * Writes changes of members as changes of edges, in time proportional to what the changes name. Counts come from what is really there,
 * so that adding a member twice changes nothing (R-PATCH-22, R-PATCH-23).
 */
import { randomBytes } from 'node:crypto';
import { invalidValue, quote, tooMany } from '../errors.ts';
import { asksDisplay, isTakenBack, memberMatches, type MemberDelta, type MemberView } from '../scim/members.ts';
import { unseenIn } from './audience.ts';
import type { EdgeDocument } from './documents.ts';
import { edgeId, edgesOfGroup } from './memberships.ts';
import { touch } from './references.ts';
import type { Transaction } from './transaction.ts';

export interface EdgeChange {
  /** Of the change set. */
  readonly index: number;
  readonly groupId: string;
  readonly groupKey: string;
  /** Members so far. */
  readonly count: number;
  /** A group that is made in this transaction has no edges yet. */
  readonly isNew: boolean;
  readonly delta: MemberDelta;
}

export interface EdgeCounts {
  readonly added: number;
  readonly removed: number;
  /** The group's key from now on, where dropping the old one with all its edges was cheaper than deleting them one by one. */
  readonly newKey: string | undefined;
}

export const UNCHANGED: EdgeCounts = { added: 0, removed: 0, newKey: undefined };

/** Above this many edges a group that is emptied or replaced gets a new key; 400,000 deletions in one transaction took 5.9 s. */
export const SWEEP_ABOVE = 10_000;

/** Hidden resources that are looked for one by one among the members of a large group. */
const MOST_HIDDEN = 1000;

/** 72 random bits: short, for it stands in every edge and its indexes, and never used twice. */
export const newGroupKey = () => randomBytes(9).toString('base64url');

interface EdgePlan {
  readonly change: EdgeChange;
  readonly newKey: string | undefined;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * @param admit is told, by index of the change set, how many members would go, before any does
 * @returns what was done, by index of the change set; throws `fault` for a member that does not exist, or the group itself
 */
export async function writeEdges(
  transaction: Transaction, changes: readonly EdgeChange[], fault: (index: number, cause: unknown) => Error, admit?: (removals: ReadonlyMap<number, number>) => Promise<void>,
): Promise<ReadonlyMap<number, EdgeCounts>> {
  if (changes.length === 0) return new Map();
  const tooLarge = changes.find(({ delta, count }) => delta.removedWhere.length > 0 && !delta.onlyAdded && count > SWEEP_ABOVE);
  if (tooLarge) throw fault(tooLarge.index, tooMany(`The group has more than ${SWEEP_ABOVE} members: name those to remove by their ids.`));
  const current = await currentEdges(transaction, changes);
  const names = await displayNames(transaction, changes, current);
  const { registry } = transaction.store;
  const view = (value: string, type: string): MemberView => ({ value, type, $ref: `${registry.type(type).endpoint}/${value}`, ...names.get(value) });
  const startAnew = await mayStartAnew(transaction, changes);
  const planned = changes.map((change) => planOf(change, current.get(change.groupKey) ?? new Map(), view));
  if (!startAnew) throw fault(changes.find(startsOver)?.index ?? 0, tooMany('Too many members of the group cannot be seen by this client: name those to remove by their ids.'));
  const plans = await keepHidden(transaction, planned);
  if (admit) await admit(await removalsOf(transaction, plans));
  const added = await addEdges(transaction, plans, view, fault);
  await removeEdges(transaction, plans);
  return new Map(plans.map(({ change, newKey, removed }) => [
    change.index,
    { added: added.get(newKey ?? change.groupKey) ?? 0, removed: newKey === undefined ? removed.length : change.count, newKey },
  ]));
}

/** A client that cannot see somebody cannot end a membership of theirs: not by naming them, nor by replacing the list. */
async function keepHidden(transaction: Transaction, plans: readonly EdgePlan[]): Promise<readonly EdgePlan[]> {
  const { session, store, audience } = transaction;
  const ids = plans.flatMap(({ removed }) => removed);
  if (!audience || ids.length === 0) return plans;
  const hidden = new Set<string>();
  for (const type of store.registry.resourceTypes) {
    for await (const { _id } of store.collections.resources(type).find({ _id: { $in: ids }, ...unseenIn(transaction, type) }, { session, projection: { _id: 1 } })) hidden.add(_id);
  }
  return hidden.size === 0 ? plans : plans.map((plan) => ({ ...plan, removed: plan.removed.filter((id) => !hidden.has(id)) }));
}

/** Where a new key drops all edges, those who are in the group again have not gone. */
async function removalsOf({ session, tenant, store: { collections } }: Transaction, plans: readonly EdgePlan[]): Promise<ReadonlyMap<number, number>> {
  const removals = new Map(plans.map(({ change, removed }) => [change.index, removed.length]));
  for (const { change: { index, groupKey, count }, added } of plans.filter(({ newKey }) => newKey !== undefined)) {
    const stay = added.length === 0 ? 0 : await collections.members.countDocuments({ _id: { $in: added.map((id) => edgeId(groupKey, id)) }, t: tenant }, { session });
    removals.set(index, count - stay);
  }
  return removals;
}

/** A new key drops all edges without looking at them, so nobody hidden may be among the members. */
async function mayStartAnew(transaction: Transaction, changes: readonly EdgeChange[]): Promise<boolean> {
  const { session, tenant, store, audience } = transaction;
  const keys = changes.filter(startsOver).map(({ groupKey }) => groupKey);
  if (!audience || keys.length === 0) return true;
  for (const type of store.registry.resourceTypes) {
    const hidden = await store.collections.resources(type)
      .find(unseenIn(transaction, type), { session, projection: { _id: 1 } }).limit(MOST_HIDDEN + 1).map(({ _id }) => _id).toArray();
    const edges = keys.flatMap((key) => hidden.map((id) => edgeId(key, id)));
    if (hidden.length > MOST_HIDDEN || (edges.length > 0 && (await store.collections.members.findOne({ _id: { $in: edges }, t: tenant }, { session, projection: { _id: 1 } })))) return false;
  }
  return true;
}

/** Member id to member type. */
type Members = ReadonlyMap<string, string>;
type ViewOf = (id: string, type: string) => MemberView;

/** The names of members by id, read only where a filter asks for them. */
async function displayNames(
  { session, tenant, store }: Transaction, changes: readonly EdgeChange[], current: ReadonlyMap<string, Members>,
): Promise<ReadonlyMap<string, { display: string }>> {
  const names = new Map<string, { display: string }>();
  const ids = changes.filter(({ delta }) => asksDisplay(delta)).flatMap(({ groupKey, delta }) => [...(current.get(groupKey)?.keys() ?? []), ...delta.added.keys()]);
  if (ids.length === 0) return names;
  for (const type of store.registry.resourceTypes) {
    for await (const { _id, a } of store.collections.resources(type).find({ _id: { $in: ids }, t: tenant }, { session, projection: { 'a.displayName': 1 } })) {
      if (typeof a['displayName'] === 'string') names.set(_id, { display: a['displayName'] });
    }
  }
  return names;
}

/** Whether all edges of the group must be known, or only those that the change names. */
const readsAll = ({ isNew, delta, ...change }: EdgeChange) => !isNew && !startsOver({ ...change, isNew, delta }) && (delta.onlyAdded || delta.removedWhere.length > 0);
/** The same number may be the same members, which is no change. */
const startsOver = ({ delta, count }: EdgeChange) => delta.onlyAdded && count > SWEEP_ABOVE && delta.added.size !== count;

/** The edges that the changes can touch, by group key: member id to member type. One query for the named, one per group for all. */
async function currentEdges({ session, tenant, store: { collections } }: Transaction, changes: readonly EdgeChange[]): Promise<ReadonlyMap<string, Members>> {
  const named = changes
    .filter((change) => !change.isNew && !readsAll(change) && !startsOver(change))
    .flatMap(({ groupKey, delta }) => [...delta.added.keys(), ...delta.removed].map((id) => edgeId(groupKey, id)));
  const queries = [...(named.length > 0 ? [{ $in: named }] : []), ...changes.filter(readsAll).map(({ groupKey }) => edgesOfGroup(groupKey))];
  const byGroup = new Map<string, Map<string, string>>();
  for (const _id of queries) {
    for await (const { g, m, ty } of collections.members.find({ _id, t: tenant }, { session, projection: { _id: 0, g: 1, m: 1, ty: 1 } })) {
      byGroup.set(g, (byGroup.get(g) ?? new Map<string, string>()).set(m, ty));
    }
  }
  return byGroup;
}

function planOf(change: EdgeChange, current: Members, view: ViewOf): EdgePlan {
  const { delta } = change;
  if (startsOver(change)) return { change, newKey: newGroupKey(), added: [...delta.added.keys()], removed: [] };
  const added = [...delta.added.keys()].filter((id) => !current.has(id));
  const removed = [...current].filter(([id, type]) => isRemoved(delta, view(id, type))).map(([id]) => id);
  return { change, newKey: undefined, added, removed };
}

function isRemoved(delta: MemberDelta, view: MemberView): boolean {
  const added = delta.added.get(view.value);
  if (added) return isTakenBack(added, delta, view);
  return delta.onlyAdded || delta.removed.has(view.value) || delta.removedWhere.some((filter) => memberMatches(filter, view));
}

async function addEdges(transaction: Transaction, plans: readonly EdgePlan[], view: ViewOf, fault: (index: number, cause: unknown) => Error): Promise<ReadonlyMap<string, number>> {
  const types = await touch(transaction, [...new Set(plans.flatMap(({ added }) => added))]);
  const edges = plans.flatMap(({ change, newKey, added }) => added.flatMap((id): EdgeDocument[] => {
    if (id === change.groupId) throw fault(change.index, invalidValue('A group cannot be a member of itself.'));
    const type = types.get(id);
    if (type === undefined) throw fault(change.index, invalidValue(`members: there is no user or group with the id ${quote(id)}.`));
    const key = newKey ?? change.groupKey;
    const member = change.delta.added.get(id);
    return member && isTakenBack(member, change.delta, view(id, type)) ? [] : [{ _id: edgeId(key, id), t: transaction.tenant, g: key, m: id, ty: type }];
  }));
  const { session, store: { collections } } = transaction;
  if (edges.length > 0) await collections.members.insertMany(edges, { session });
  return countBy(edges.map(({ g }) => g));
}

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

async function removeEdges({ session, tenant, store: { collections } }: Transaction, plans: readonly EdgePlan[]): Promise<void> {
  const ids = plans.flatMap(({ change, removed }) => removed.map((id) => edgeId(change.groupKey, id)));
  if (ids.length > 0) await collections.members.deleteMany({ _id: { $in: ids }, t: tenant }, { session });
  const dead = plans.filter(({ newKey }) => newKey !== undefined).map(({ change }) => ({ _id: change.groupKey, t: tenant }));
  if (dead.length > 0) await collections.sweeps.insertMany(dead, { session });
}
