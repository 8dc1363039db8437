/**
 * Rights come from groups, those of a group also to the members of the groups inside it. The check is on the effect (design rule 10): whoever
 * lets somebody gain or lose a right needs `admin.grant`, by whatever route, and the last administrator stays.
 */
import { forbidden, invalidValue, quote } from '../errors.ts';
import { covers, isRight, RIGHTS, type Right } from '../rights.ts';
import type { Behaviour } from '../resources/behaviours.ts';
import type { Context } from '../resources/context.ts';
import { equalValues } from '../scim/equal.ts';
import type { MemberDelta } from '../scim/members.ts';
import { isComplex, isList, type Attributes } from '../scim/schema.ts';
import { RIGHTS_EXTENSION } from '../scim/urns.ts';
import { unrestricted, type Seen } from '../store/audience.ts';
import type { Reference } from '../store/change-set.ts';
import { LIMITABLE_RIGHTS, limitedTo, MOST_COMPANIES, REACHED } from '../store/managed.ts';
import type { StoredResource } from '../store/codec.ts';
import { groupsInside, groupsOf, readEdges, type EdgeTo } from '../store/memberships.ts';
import { findMany } from '../store/resources.ts';
import type { TenantScope } from '../store/store.ts';

/** All rights of a person, through all groups. Read anew for each request: a right that is taken away is gone with the next one. */
export async function rightsOfPerson(scope: TenantScope, id: string): Promise<ReadonlySet<Right>> {
  return (await rightsOfPeople(scope, [id])).get(id) ?? new Set();
}

/** In a number of queries that does not depend on how many they are. */
export async function rightsOfPeople(scope: TenantScope, ids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<Right>>> {
  const groups = await groupsOf(unrestricted(scope), ids);
  return new Map(Array.from(groups, ([id, ofPerson]) => [id, new Set(ofPerson.flatMap(({ group }) => ownRights(group.attributes)))]));
}

/** What members of the group have by it: its own rights and those of the groups that it is in. */
export async function rightsThrough(scope: TenantScope, group: StoredResource): Promise<ReadonlySet<Right>> {
  const above = group.wasMember ? ((await groupsOf(unrestricted(scope), [group.id])).get(group.id) ?? []) : [];
  return new Set([group, ...above.map((entry) => entry.group)].flatMap(({ attributes }) => ownRights(attributes)));
}

export function ownRights(attributes: Attributes): readonly Right[] {
  const extension = attributes[RIGHTS_EXTENSION];
  const rights = isComplex(extension) ? extension['rights'] : undefined;
  return isList(rights) ? rights.flatMap((right) => (typeof right === 'string' && isRight(right) ? [right] : [])) : [];
}

export const mayGrant = ({ principal }: Context) => covers(principal.scopes, 'admin.grant');
const needsGrant = (what: string) => forbidden(`${what} needs the right admin.grant.`);

export const groupRights: Behaviour = {
  beforeWrite: async (context, change) => {
    const { before, after, members } = change;
    checkRightNames(after);
    const references = companiesNamed(context, before?.attributes ?? {}, after);
    const changed = !equalValues(before?.attributes[RIGHTS_EXTENSION], after[RIGHTS_EXTENSION]);
    if (changed && !mayGrant(context)) throw needsGrant('To change what a group gives the right to');
    const held = before ? await rightsThrough(context.scope, before) : new Set(ownRights(after));
    if (members && held.size > 0 && !mayGrant(context) && (await changesMembers(context.scope, before, members))) throw needsGrant('To change the members of a group with rights');
    return references.length > 0 ? { references } : {};
  },
  beforeRemove: async (context, { stored }) => {
    const held = await rightsThrough(context.scope, stored);
    if (!mayGrant(context) && (held.size > 0 || (await holdsGroupWithRights(context.scope, stored)))) throw needsGrant('To delete a group with rights');
  },
};

/** @param what would let somebody gain rights: "To tie a role to a group with rights". @throws ScimError 403 */
export async function checkGivesNoRights(context: Context, group: StoredResource, what: string): Promise<void> {
  if (!mayGrant(context) && (await rightsThrough(context.scope, group)).size > 0) throw needsGrant(what);
}

/** X1: whom somebody reaches by the rights to manage external and portal users, each for all companies where one of its groups names none. */
export async function seenByRights(scope: TenantScope, id: string): Promise<readonly Seen[]> {
  const groups = ((await groupsOf(unrestricted(scope), [id])).get(id) ?? []).map(({ group }) => group.attributes);
  return LIMITABLE_RIGHTS.flatMap((right) => {
    const giving = groups.filter((attributes) => ownRights(attributes).includes(right)).map(ownCompanies);
    if (giving.length === 0) return [];
    return limitedTo(REACHED[right], giving.some((companies) => companies.length === 0) ? [] : [...new Set(giving.flat())]);
  });
}

function ownCompanies(attributes: Attributes): readonly string[] {
  const extension = attributes[RIGHTS_EXTENSION];
  const companies = isComplex(extension) ? extension['companies'] : undefined;
  return isList(companies) ? companies.filter((one) => typeof one === 'string') : [];
}

/** Those that are new must exist; while a group names a company it is not deleted, for a right without companies is one for all. @throws ScimError 400 */
function companiesNamed({ scope }: Context, before: Attributes, after: Attributes): readonly Reference[] {
  const [old, now] = [ownCompanies(before), ownCompanies(after)];
  const name = `${RIGHTS_EXTENSION}:companies`;
  if (now.length > MOST_COMPANIES) throw invalidValue(`${name} names at most ${MOST_COMPANIES} companies.`);
  return now.filter((id) => !old.includes(id)).map((id) => ({ type: scope.store.registry.type('Company'), id, name }));
}

/** @throws ScimError 400 invalidValue: a misspelt right would silently give nothing */
function checkRightNames(attributes: Attributes): void {
  const extension = attributes[RIGHTS_EXTENSION];
  const rights = isComplex(extension) ? extension['rights'] : undefined;
  const unknown = isList(rights) ? rights.find((right) => typeof right === 'string' && !isRight(right)) : undefined;
  if (typeof unknown === 'string') throw invalidValue(`${RIGHTS_EXTENSION}:rights: there is no right ${quote(unknown)}; there are ${RIGHTS.join(', ')}.`);
}

/** A client that replaces a list of members by the same list changes nobody's rights. */
async function changesMembers(scope: TenantScope, group: StoredResource | undefined, delta: MemberDelta): Promise<boolean> {
  if (delta.removedWhere.length > 0) return true;
  const current = new Set<string>();
  // Only those whom the client sees: the others stay whatever it sends.
  if (group?.groupKey !== undefined) for await (const edges of readEdges(scope, group.groupKey)) for (const { id } of await seen(scope, edges)) current.add(id);
  const adds = [...delta.added.keys()].some((id) => !current.has(id));
  const removes = delta.onlyAdded ? [...current].some((id) => !delta.added.has(id)) : [...delta.removed].some((id) => current.has(id));
  return adds || removes;
}

async function seen(scope: TenantScope, edges: readonly EdgeTo[]): Promise<readonly EdgeTo[]> {
  if (!scope.audience) return edges;
  const { registry } = scope.store;
  const found = await Promise.all(registry.resourceTypes.map((type) => findMany(scope, type, edges.filter((edge) => edge.type === type.name).map(({ id }) => id))));
  return edges.filter(({ id }) => found.some((ofType) => ofType.has(id)));
}

/** Who may not see a group with rights could not put back what holds it. */
async function holdsGroupWithRights(scope: TenantScope, { id, memberCount }: StoredResource): Promise<boolean> {
  if (memberCount === 0) return false;
  return (await groupsInside(unrestricted(scope), id)).some(({ attributes }) => ownRights(attributes).length > 0);
}

/**
 * Whoever can sign in as somebody with rights has those rights, so the check is on the effect here too: their password, their address and their
 * second factor need `admin.grant`. @param what of theirs: "To set the password"
 */
export async function checkRightsOf(context: Context, person: StoredResource | undefined, what: string): Promise<void> {
  if (mayGrant(context) || !person?.wasMember) return;
  if ((await rightsOfPerson(context.scope, person.id)).size > 0) throw needsGrant(`${what} of a person with rights`);
}
