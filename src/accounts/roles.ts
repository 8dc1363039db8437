/**
 * Roles that are tied to a group: whoever gets the role joins the group in the same commit, and leaves it with the role. The check is on the
 * effect: a role whose group gives rights needs `admin.grant`, like the membership itself.
 */
import type { Behaviour } from '../resources/behaviours.ts';
import { prepareChange } from '../resources/change.ts';
import type { Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import type { MemberDelta } from '../scim/members.ts';
import { isComplex, isList, type Attributes } from '../scim/schema.ts';
import { unrestricted } from '../store/audience.ts';
import type { ChangeSet } from '../store/change-set.ts';
import { groupType } from '../store/memberships.ts';
import { findById, findManyBy } from '../store/resources.ts';
import { complexAt, textAt } from './attributes.ts';
import { externalOf } from './external.ts';
import { checkGivesNoRights } from './rights.ts';

export const roleBehaviour: Behaviour = {
  beforeWrite: async (context, { before, after }) => {
    const group = groupOf(after);
    if (group !== undefined && group !== groupOf(before?.attributes ?? {})) {
      const target = await findById(unrestricted(context.scope), groupType(context.scope), group);
      if (target) await checkGivesNoRights(context, target, 'To tie a role to a group with rights');
    }
    return {};
  },
};

const groupOf = (role: Attributes) => textAt(complexAt(role, 'group'), 'value');

/** Folded, as roles are compared. */
function rolesOf(attributes: Attributes): ReadonlySet<string> {
  const { roles } = attributes;
  const named = (isList(roles) ? roles.filter(isComplex) : []).flatMap((role) => textAt(role, 'value') ?? []);
  return new Set([...named, externalOf(attributes).role ?? ''].filter((name) => name !== '').map(fold));
}

/** Any value may be a role; only one that equals a Role with a group has an effect. @throws ScimError 403 */
export async function membershipsByRoles(context: Context, person: string, before: Attributes, after: Attributes): Promise<readonly ChangeSet[]> {
  const [old, now] = [rolesOf(before), rolesOf(after)];
  const moved = [...old, ...now].filter((role) => !old.has(role) || !now.has(role));
  if (moved.length === 0) return [];
  const scope = unrestricted(context.scope);
  const known = await findManyBy(scope, scope.store.registry.type('Role'), 'displayName', [...new Set([...moved, ...now])]);
  const groupsOfRoles = (names: ReadonlySet<string>) => new Set(known.filter(({ attributes }) => names.has(fold(textAt(attributes, 'displayName') ?? ''))).flatMap(({ attributes }) => groupOf(attributes) ?? []));
  const [left, joined] = [groupsOfRoles(old), groupsOfRoles(now)];
  const changes = [
    ...[...joined].filter((group) => !left.has(group)).map((group) => membership(context, group, person, 'join')),
    ...[...left].filter((group) => !joined.has(group)).map((group) => membership(context, group, person, 'leave')),
  ];
  return (await Promise.all(changes)).flatMap((changeSet) => changeSet ?? []);
}

/** A membership as part of another commit. @throws ScimError 403 where the group gives rights that the caller cannot give, 404 */
export function membership(context: Context, group: string, person: string, change: 'join' | 'leave'): Promise<ChangeSet | undefined> {
  const type = groupType(context.scope);
  const delta: MemberDelta = {
    onlyAdded: false, removedWhere: [],
    added: new Map(change === 'join' ? [[person, { id: person, type: undefined, behind: 0 }]] : []),
    removed: new Set(change === 'leave' ? [person] : []),
  };
  const scopes = new Set(['*', ...[...context.principal.scopes].filter((scope) => scope === 'admin.grant')]);
  const own = { ...context, scope: unrestricted(context.scope), principal: { ...context.principal, scopes } };
  return prepareChange(own, { type, id: group, action: 'patch', precondition: 'any', want: (current) => ({ attributes: current.attributes, members: delta }) });
}
