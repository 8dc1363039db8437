/**
 * Two records of one person become one: what others know of the second leads to the first, whose id, attributes, login and version go on. The second is
 * erased. All of it is one transaction, so nothing that refers to either is lost on the way.
 */
import { conflict, invalidValue, notFound, ScimError, unavailable } from '../errors.ts';
import { AS_READ, prepareChange } from '../resources/change.ts';
import { auditOf, timestamp, type Context } from '../resources/context.ts';
import { reportResult } from '../resources/write.ts';
import { fold } from '../scim/fold.ts';
import { isComplex, isList, type Attributes, type ComplexValue } from '../scim/schema.ts';
import { PORTAL_EXTENSION } from '../scim/urns.ts';
import { unrestricted } from '../store/audience.ts';
import type { ChangeSet } from '../store/change-set.ts';
import type { StoredResource } from '../store/codec.ts';
import { commitAll } from '../store/commit.ts';
import { groupsOf } from '../store/memberships.ts';
import { attributeAt, targetOf, withoutAttribute } from '../store/reference-attributes.ts';
import { countReferring } from '../store/referring.ts';
import { findMany } from '../store/resources.ts';
import { complexAt, textAt, withExtension } from './attributes.ts';
import { factsOf, userNameOf } from './facts.ts';
import { accessOf, openAccess } from './portal-access.ts';
import { checkRightsOf } from './rights.ts';
import { membership } from './roles.ts';
import { actorNames } from './sources.ts';
import { userType } from './verbs.ts';

/** What one transaction moves: more takes it too long. */
const MOST_GROUPS = 200;
const MOST_REFERRING = 1000;
const ATTEMPTS = 5;

type ExternalIds = readonly { readonly client: { readonly id: string; readonly name: string | undefined }; readonly id: string }[];

export interface Merged {
  readonly id: string;
  /** The id that is gone. */
  readonly other: string;
  /** What the person has now that they had not before. */
  readonly took: {
    readonly externalIds: ExternalIds;
    readonly groups: readonly { readonly id: string; readonly name: string | undefined }[];
    readonly roles: readonly string[];
    readonly portals: readonly { readonly portal: string; readonly customer: string; readonly enabled: boolean }[];
    /** How many refer to the person now who referred to the other. */
    readonly references: number;
  };
  /** Clients that have a name for both: theirs for the other is gone. */
  readonly lost: ExternalIds;
}

interface Pair {
  readonly kept: StoredResource;
  readonly other: StoredResource;
}

/** @param preview looks and checks as if it were done, and writes nothing. @throws ScimError 400, 403 where the other had rights, 404, 409 where both have a login or there is too much */
export async function merge(context: Context, id: string, otherId: string, preview: boolean): Promise<Merged> {
  if (id === otherId) throw invalidValue('other is the same record.');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const pair = await getBoth(context, id, otherId);
    try {
      return await mergeAsRead(context, pair, preview);
    } catch (error) {
      // Somebody has changed one of them: they are read again, and gone if they are gone.
      if (!(error instanceof ScimError) || error.status !== 409 || !(await isChanged(context, pair))) throw error;
    }
  }
  throw unavailable();
}

async function mergeAsRead(context: Context, pair: Pair, preview: boolean): Promise<Merged> {
  const changeSets = await prepare(context, pair);
  const merged = await outcomeOf(context, pair);
  if (preview) return merged;
  const { results, fault } = await commitAll(unrestricted(context.scope), changeSets);
  if (fault) throw fault.cause;
  changeSets.forEach((changeSet, index) => {
    const result = results[index];
    if (result?.kind === 'refused') throw result.error;
    if (result && result.kind !== 'skipped') reportResult(context, changeSet, result);
  });
  return merged;
}

async function getBoth({ scope }: Context, id: string, otherId: string): Promise<Pair> {
  const found = await findMany(scope, userType({ scope }), [id, otherId]);
  const [kept, other] = [found.get(id), found.get(otherId)];
  if (!kept || !other) throw notFound('Person');
  return { kept, other };
}

async function isChanged(context: Context, { kept, other }: Pair): Promise<boolean> {
  const now = await findMany(context.scope, userType(context), [kept.id, other.id]);
  return [kept, other].some(({ id, version }) => now.get(id)?.version !== version);
}

async function prepare(context: Context, pair: Pair): Promise<readonly ChangeSet[]> {
  const { kept, other } = pair;
  checkLogins(pair);
  await checkRightsOf(context, other, 'To merge the record');
  await checkSize(context, pair);
  const change = await prepareChange(context, {
    type: userType(context), id: kept.id, action: 'merge', precondition: AS_READ, named: () => new Set(), account: {},
    want: (current) => {
      if (current.version !== kept.version) throw conflict('Somebody has changed one of them meanwhile: try again.');
      return { attributes: withoutReferenceTo(context, withTaken(current.attributes, other.attributes), other.id), members: undefined };
    },
  });
  if (change?.write.kind !== 'update') throw unavailable();
  const byRoles = change.also ?? [];
  const joins = await Promise.all((await newGroups(context, pair)).filter((group) => byRoles.every(({ write }) => write.id !== group.id)).map((group) => membership(context, group.id, kept.id, 'join')));
  const inherits = { externalIds: takenNames(pair), said: other.said.filter(({ client }) => kept.said.every((one) => one.client !== client)) };
  const at = timestamp(context);
  return [
    { ...change, write: { ...change.write, inherits }, also: [...byRoles, ...joins.flatMap((join) => join ?? [])], audit: { ...change.audit, values: { other: other.id } }, together: true },
    {
      write: { kind: 'remove', type: userType(context), id: other.id, at, version: other.version, heir: kept.id },
      audit: { ...auditOf(context, 'merge.into', userType(context), other.id, []), values: { into: kept.id } }, together: true,
    },
  ];
}

const hasLogin = ({ attributes }: StoredResource) => factsOf(attributes).signInMethod === 'password';

/** One credential: nobody's password is thrown away unasked. */
function checkLogins({ kept, other }: Pair): void {
  const [name, otherName] = [userNameOf(kept.attributes), userNameOf(other.attributes)];
  if (hasLogin(kept) && hasLogin(other)) throw conflict(`Both records have a login, ${name} and ${otherName}: take the one away that is not used any more.`);
  if (hasLogin(other)) throw conflict(`Only ${otherName} has a login: merge ${name} into that record.`);
}

async function checkSize({ scope }: Context, { other }: Pair): Promise<void> {
  const [groups, references] = [((await groupsOf(unrestricted(scope), [other.id])).get(other.id) ?? []).filter(({ direct }) => direct).length, await countReferences(scope, other.id)];
  if (groups > MOST_GROUPS || references > MOST_REFERRING) {
    throw conflict(`The other is in ${groups} groups and ${references} others refer to it; at most ${MOST_GROUPS} and ${MOST_REFERRING} can be moved at once. Move some of them first.`);
  }
}

async function countReferences(scope: Context['scope'], id: string): Promise<number> {
  const paths = scope.store.registry.resourceTypes.flatMap((type) => type.storage.references.filter((reference) => reference.type === 'User').map(({ path }) => countReferring(scope, type.name, `${path}.value`, id)));
  return (await Promise.all(paths)).reduce((sum, count) => sum + count, 0);
}

async function newGroups({ scope }: Context, { kept, other }: Pair): Promise<readonly StoredResource[]> {
  const groups = await groupsOf(unrestricted(scope), [kept.id, other.id]);
  const direct = (id: string) => (groups.get(id) ?? []).filter((entry) => entry.direct).map(({ group }) => group);
  const held = new Set(direct(kept.id).map(({ id }) => id));
  return direct(other.id).filter(({ id }) => !held.has(id));
}

const takenNames = ({ kept, other }: Pair) => other.externalIds.filter(({ client }) => kept.externalIds.every((one) => one.client !== client));

const roleOf = (role: ComplexValue) => fold(textAt(role, 'value') ?? '');
const rolesIn = ({ roles }: Attributes): readonly ComplexValue[] => (isList(roles) ? roles.filter(isComplex) : []);

function newRoles(kept: Attributes, other: Attributes): readonly ComplexValue[] {
  const held = new Set(rolesIn(kept).map(roleOf));
  // There is one primary at most, and it is the kept record's.
  return rolesIn(other).filter((role) => !held.has(roleOf(role))).map((role) => Object.fromEntries(Object.entries(role).filter(([name]) => name !== 'primary')));
}

/** As open as they were: the switch over all is the kept record's from now on. */
function newAccess(kept: Attributes, other: Attributes) {
  const isSame = (a: { readonly portal: string; readonly customer: string }) => (b: typeof a) => a.portal === b.portal && a.customer === b.customer;
  const held = accessOf(kept);
  return accessOf(other).filter((one) => !held.some(isSame(one))).map(({ portal, customer }) => ({ portal, customer, enabled: openAccess(other).some(isSame({ portal, customer })) }));
}

function withTaken(kept: Attributes, other: Attributes): Attributes {
  const [roles, access] = [newRoles(kept, other), newAccess(kept, other)];
  const withRoles = roles.length === 0 ? kept : { ...kept, roles: [...rolesIn(kept), ...roles] };
  if (access.length === 0) return withRoles;
  return withExtension(withRoles, PORTAL_EXTENSION, { ...complexAt(kept, PORTAL_EXTENSION), access: [...accessOf(kept), ...access].map((one) => ({ ...one })) });
}

/** Nobody is their own manager. */
function withoutReferenceTo(context: Context, attributes: Attributes, id: string): Attributes {
  const type = userType(context);
  return type.storage.references.reduce((left, { path }) => (targetOf(attributeAt(type, left, path)) === id ? withoutAttribute(type, left, path) : left), attributes);
}

async function outcomeOf(context: Context, pair: Pair): Promise<Merged> {
  const { kept, other } = pair;
  const taken = takenNames(pair);
  const names = await actorNames(context, other.externalIds.map(({ client: id }) => ({ kind: 'client', id })));
  const shown = (externalIds: StoredResource['externalIds']): ExternalIds => externalIds.map(({ client, id }) => ({ client: { id: client, name: names.get(client) }, id }));
  return {
    id: kept.id, other: other.id,
    took: {
      externalIds: shown(taken),
      groups: (await newGroups(context, pair)).map(({ id, attributes }) => ({ id, name: textAt(attributes, 'displayName') })),
      roles: newRoles(kept.attributes, other.attributes).flatMap((role) => textAt(role, 'value') ?? []),
      portals: newAccess(kept.attributes, other.attributes),
      references: await countReferences(context.scope, other.id),
    },
    lost: shown(other.externalIds.filter((entry) => !taken.includes(entry))),
  };
}
