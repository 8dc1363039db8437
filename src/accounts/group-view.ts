/** Groups as administrators look at them: their rights, their members, and what all of them give (S12). */
import { notFound } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { read } from '../resources/read.ts';
import { isRight, type Right } from '../rights.ts';
import { isList, type Attributes } from '../scim/schema.ts';
import { RIGHTS_EXTENSION } from '../scim/urns.ts';
import { unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import { groupsInside, groupType, readEdge, readEdgesAfter, type EdgeTo } from '../store/memberships.ts';
import { findMany } from '../store/resources.ts';
import { complexAt, textAt } from './attributes.ts';
import { addressOf, nameOf, userNameOf } from './facts.ts';
import { listAll, listPage, quoted, type Page } from './lists.ts';
import { rightsThrough } from './rights.ts';
import { userType } from './verbs.ts';

export interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly members: number;
  /** Its own, without those of the groups that it is in. */
  readonly rights: readonly Right[];
  readonly isUserGroup: boolean;
}

export interface GroupPage {
  readonly groups: readonly GroupRow[];
  readonly total: number;
  readonly cursor: string | undefined;
}

const SHOWN = ['displayName', RIGHTS_EXTENSION];

/** @param search the beginning of a name. @throws ScimError 400, 403 */
export async function listGroups(context: Context, search: string, page: Page): Promise<GroupPage> {
  const filter = search.trim() === '' ? undefined : `displayName sw ${quoted(search)}`;
  const { found, ...rest } = await listPage(context, groupType(context.scope), { filter, sortBy: 'displayName', attributes: SHOWN }, page);
  return { groups: found.map(rowOf), ...rest };
}

const rowOf = ({ id, memberCount, attributes }: { readonly id: string; readonly memberCount: number; readonly attributes: Attributes }): GroupRow => {
  const extension = complexAt(attributes, RIGHTS_EXTENSION);
  const { rights } = extension;
  return {
    id, name: textAt(attributes, 'displayName') ?? '', members: memberCount, isUserGroup: extension['userGroup'] === true,
    rights: isList(rights) ? rights.flatMap((right) => (typeof right === 'string' && isRight(right) ? [right] : [])) : [],
  };
};

export interface GroupDetail extends GroupRow {
  readonly stored: StoredResource;
  /** Those that its members have because it is in other groups. */
  readonly inherited: readonly Right[];
  /** The built-in group of administrators (J6). */
  readonly isAdministrators: boolean;
}

/** @throws ScimError 403, 404 */
export async function viewGroup(context: Context, id: string): Promise<GroupDetail> {
  const stored = await read(context, groupType(context.scope), id);
  return detailOf(context, stored);
}

async function detailOf({ scope }: Context, stored: StoredResource): Promise<GroupDetail> {
  const row = rowOf(stored);
  const inherited = [...(await rightsThrough(scope, stored))].filter((right) => !row.rights.includes(right));
  return { ...row, stored, inherited, isAdministrators: stored.audience === 'console' };
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly address: string | undefined;
  readonly isGroup: boolean;
}

export interface MemberPage {
  readonly members: readonly Member[];
  /** The id behind which the next page begins. */
  readonly next: string | undefined;
}

/** Those whom the caller sees, in the order in which they were made. @param after the id of the last one of the page before */
export async function membersOf(context: Context, { groupKey }: StoredResource, { count, after }: { readonly count: number; readonly after: string | undefined }): Promise<MemberPage> {
  if (groupKey === undefined) return { members: [], next: undefined };
  const edges = await readEdgesAfter(context.scope, groupKey, after ?? '', count + 1);
  const shown = edges.slice(0, count);
  return { members: await named(context, shown), next: edges.length > count ? shown.at(-1)?.id : undefined };
}

/** @throws ScimError 404 for who is no member */
export async function memberOf(context: Context, { groupKey }: StoredResource, id: string): Promise<Member> {
  const edge = groupKey === undefined ? undefined : await readEdge(context.scope, groupKey, id);
  const [member] = edge ? await named(context, [edge]) : [];
  if (!member) throw notFound('Member');
  return member;
}

async function named({ scope }: Context, edges: readonly EdgeTo[]): Promise<readonly Member[]> {
  const [people, groups] = await Promise.all([userType({ scope }), groupType(scope)].map((type) => findMany(scope, type, edges.filter((edge) => edge.type === type.name).map(({ id }) => id))));
  return edges.flatMap(({ id }): readonly Member[] => {
    const [person, group] = [people?.get(id), groups?.get(id)];
    if (person) return [{ id, name: nameOf(person.attributes) || userNameOf(person.attributes), address: addressOf(person.attributes), isGroup: false }];
    return group ? [{ id, name: textAt(group.attributes, 'displayName') ?? '', address: undefined, isGroup: true }] : [];
  });
}

/** S12: the groups that give rights, those inside them, and the user groups, by name. */
export async function rightsOfGroups(context: Context): Promise<readonly GroupDetail[]> {
  const { scope } = context;
  const type = groupType(scope);
  const found = await listAll(context, type, { filter: `${RIGHTS_EXTENSION}:rights pr or ${RIGHTS_EXTENSION}:userGroup eq true`, sortBy: 'displayName', attributes: SHOWN });
  const giving = found.filter((group) => rowOf(group).rights.length > 0);
  const inside = (await Promise.all(giving.map(({ id }) => groupsInside(unrestricted(scope), id)))).flat();
  const stored = await findMany(scope, type, [...new Set([...found, ...inside].map(({ id }) => id))]);
  const details = await Promise.all(Array.from(stored.values(), (group) => detailOf(context, group)));
  return details.sort((one, other) => one.name.localeCompare(other.name));
}
