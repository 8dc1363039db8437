/** User groups: those groups between which the console moves a person (S9). SCIM itself enforces no exclusivity. */
import { conflict, invalidValue, notFound } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { reportResult } from '../resources/write.ts';
import { RIGHTS_EXTENSION } from '../scim/urns.ts';
import { unrestricted } from '../store/audience.ts';
import type { StoredResource } from '../store/codec.ts';
import { commit } from '../store/commit.ts';
import { groupsOf, groupType } from '../store/memberships.ts';
import { findById } from '../store/resources.ts';
import { complexAt } from './attributes.ts';
import { membership } from './roles.ts';
import { userType } from './verbs.ts';

export const isUserGroup = ({ attributes }: StoredResource) => complexAt(attributes, RIGHTS_EXTENSION)['userGroup'] === true;

/**
 * Leaves the other user groups and joins this one in one commit; groups of other kinds stay. Rights follow at the next request.
 * @throws ScimError 400 for a group that is no user group, 403 where rights are gained or lost, 404, 409
 */
export async function moveToGroup(context: Context, person: string, group: string): Promise<void> {
  const scope = unrestricted(context.scope);
  const [found, target] = await Promise.all([findById(context.scope, userType(context), person), findById(scope, groupType(scope), group)]);
  if (!found) throw notFound('Person');
  if (!target || !isUserGroup(target)) throw invalidValue('group must be the id of a user group.');
  const held = ((await groupsOf(scope, [person])).get(person) ?? []).filter(({ group: other, direct }) => direct && isUserGroup(other)).map(({ group: { id } }) => id);
  const moves = [...(held.includes(group) ? [] : [membership(context, group, person, 'join')]), ...held.filter((id) => id !== group).map((id) => membership(context, id, person, 'leave'))];
  const changeSets = (await Promise.all(moves)).flatMap((changeSet) => changeSet ?? []);
  const [first, ...also] = changeSets;
  if (!first) return;
  const result = await commit(scope, { ...first, also });
  if (result.kind === 'conflict') throw conflict('The group was changed or deleted meanwhile: try again.');
  reportResult(context, first, result);
}
