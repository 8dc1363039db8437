/** Filters on `members` and `groups`: the edges are asked first, and their answer becomes a condition on the resource. */
import { tooMany } from '../errors.ts';
import type { ResolvedFilter } from '../scim/resolved-filter.ts';
import { unseenIn } from './audience.ts';
import { among, type Query } from './compile-filter.ts';
import { groupKeysBelow, groupType } from './memberships.ts';
import { findById } from './resources.ts';
import type { TenantScope } from './store.ts';

type EdgeFilter = Extract<ResolvedFilter, { kind: 'edge' }>;

/** How many people a filter on their groups may stand for before it is refused: they travel to MongoDB as a list. */
const MAX_IDS = 20_000;

/** Looks up every edge node of a filter. @throws ScimError 400 tooMany */
export async function lookUpEdges(scope: TenantScope, filter: ResolvedFilter): Promise<(edge: EdgeFilter) => Query> {
  const edges = edgesIn(filter);
  const answers = new Map(await Promise.all(edges.map(async (edge) => [edge, await lookUp(scope, edge)] as const)));
  const ids = Array.from(answers.values()).reduce((sum, query) => sum + idsIn(query), 0);
  if (ids > MAX_IDS) throw tooManyMembers();
  return (edge) => answers.get(edge) ?? among('_id', []);
}

const idsIn = ({ _id, gk }: Query) => [_id, gk].reduce((sum, condition) => sum + (isAmong(condition) ? condition.$in.length : 0), 0);
const isAmong = (condition: unknown): condition is { $in: readonly unknown[] } => typeof condition === 'object' && condition !== null && '$in' in condition && Array.isArray(condition.$in);
const tooManyMembers = () => tooMany(`The filter stands for more than ${MAX_IDS} members. Read the group itself, or narrow the filter.`);

/** The parts of a filter that are about edges. */
export function edgesIn(filter: ResolvedFilter): readonly EdgeFilter[] {
  switch (filter.kind) {
    case 'edge':
      return [filter];
    case 'and':
    case 'or':
      return filter.nodes.flatMap(edgesIn);
    case 'not':
      return edgesIn(filter.node);
    case 'compare':
    case 'present':
    case 'element':
    case 'constant':
      return [];
  }
}

async function lookUp(scope: TenantScope, { attribute, value }: EdgeFilter): Promise<Query> {
  const holdsMembers = scope.store.registry.resourceTypes.some(({ storage }) => storage.edges[attribute.name] === 'members');
  if (holdsMembers && value === undefined) return { mc: { $gt: 0 }, ...(await withoutHiddenOnly(scope)) };
  if (holdsMembers && value !== undefined) return among('gk', await groupKeysOf(scope, value));
  const keys = value === undefined ? undefined : await groupKeysBelow(scope, value);
  return among('_id', await memberIds(scope, keys));
}

async function groupKeysOf(scope: TenantScope, member: string): Promise<string[]> {
  const { collections, limits } = scope.store;
  if (scope.audience && !(await isSeen(scope, member))) return [];
  return collections.members.find({ t: scope.tenant, m: member }, { projection: { _id: 0, g: 1 }, maxTimeMS: limits.operationMs }).map(({ g }) => g).toArray();
}

/** Whether the caller sees a resource with this id: a filter must not tell of another. */
async function isSeen(scope: TenantScope, id: string): Promise<boolean> {
  const found = await Promise.all(scope.store.registry.resourceTypes.map((type) => findById(scope, type, id)));
  return found.some((resource) => resource !== undefined);
}

/** Groups whose members the caller sees none of have no members for them. Looked for among as many hidden people as one query can name. */
async function withoutHiddenOnly(scope: TenantScope): Promise<Query> {
  const { collections, limits, registry } = scope.store;
  if (!scope.audience) return {};
  const holders = registry.resourceTypes.filter(({ storage }) => Object.keys(storage.edges).length > 0);
  const hidden = await Promise.all(holders.map((type) => collections.resources(type)
    .find({ ...unseenIn(scope, type), mr: { $gt: 0 } }, { projection: { _id: 1 }, maxTimeMS: limits.operationMs }).limit(MAX_IDS).map(({ _id }) => _id).toArray()));
  const counts = new Map<string, number>();
  for await (const { g } of collections.members.find({ t: scope.tenant, m: { $in: hidden.flat() } }, { projection: { _id: 0, g: 1 }, maxTimeMS: limits.operationMs })) counts.set(g, (counts.get(g) ?? 0) + 1);
  if (counts.size === 0) return {};
  const groups = await collections.resources(groupType(scope)).find({ t: scope.tenant, gk: { $in: [...counts.keys()] } }, { projection: { gk: 1, mc: 1 }, maxTimeMS: limits.operationMs }).toArray();
  const empty = groups.flatMap(({ gk = '', mc = 0 }) => (mc <= (counts.get(gk) ?? 0) ? [gk] : []));
  return empty.length === 0 ? {} : { gk: { $nin: empty } };
}

/** Keys of the groups that the caller does not see: few, for almost all are for all. */
function hiddenKeys(scope: TenantScope): Promise<string[]> {
  const { collections, limits } = scope.store;
  return collections.resources(groupType(scope)).find({ t: scope.tenant, p: 'console' }, { projection: { gk: 1 }, maxTimeMS: limits.operationMs }).map(({ gk }) => gk ?? '').toArray();
}

async function memberIds(scope: TenantScope, keys: readonly string[] | undefined): Promise<string[]> {
  const { collections, limits } = scope.store;
  if (keys?.length === 0) return [];
  const hidden = keys || !scope.audience ? [] : await hiddenKeys(scope);
  const match = keys ? { t: scope.tenant, $or: keys.map((key) => ({ t: scope.tenant, _id: { $gte: `${key}|`, $lt: `${key}}` } })) } : { t: scope.tenant, ...(hidden.length > 0 ? { g: { $nin: hidden } } : {}) };
  const found = await collections.members
    .aggregate<{ _id: string }>([{ $match: match }, { $group: { _id: '$m' } }, { $limit: MAX_IDS + 1 }], { maxTimeMS: limits.operationMs })
    .toArray();
  if (found.length > MAX_IDS) throw tooManyMembers();
  return found.map(({ _id }) => _id);
}
