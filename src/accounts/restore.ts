/**
 * Bringing back somebody who was hidden (L6): under the same id, with the groups that still exist and the references whose target does. Without a login:
 * what they signed in with, and all that was given out, ended when they were hidden. Who signs in elsewhere still does.
 */
import { forbidden, notFound, uniqueness } from '../errors.ts';
import { auditOf, timestamp, type Context } from '../resources/context.ts';
import { claimsOf, newReferences } from '../resources/write.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import { AUDIENCES, unrestricted, type Audience } from '../store/audience.ts';
import type { ChangeSet, Reference } from '../store/change-set.ts';
import type { StoredResource } from '../store/codec.ts';
import { commitAll } from '../store/commit.ts';
import { findHidden, type HiddenPerson } from '../store/hidden.ts';
import { groupType } from '../store/memberships.ts';
import { withAttribute } from '../store/reference-attributes.ts';
import { findByClaim, findMany } from '../store/resources.ts';
import { complexAt, withExtension } from './attributes.ts';
import { externalOf } from './external.ts';
import { factsOf, withFacts } from './facts.ts';
import { accessOf } from './portal-access.ts';
import { mayGrant, rightsThrough } from './rights.ts';
import { membership } from './roles.ts';
import { happen } from './state.ts';
import { userType } from './verbs.ts';

export interface Restored {
  readonly id: string;
  /** The ids of those that the person is in again. */
  readonly groups: readonly string[];
  /** How many of them are gone meanwhile. */
  readonly groupsGone: number;
}

/** @throws ScimError 403 where the groups give rights, 404, 409 where userName or address was taken meanwhile; then nothing has changed */
export async function restore(context: Context, id: string): Promise<Restored> {
  const { hidden, groups } = await getHidden(context, id);
  await checkRightsThrough(context, groups, 'To restore a person to a group with rights');
  const attributes = withoutLogin(await withEntries(context, await withReferences(context, hidden)));
  await checkClaims(context, hidden);
  const joins = await Promise.all(groups.map((group) => membership(context, group.id, id, 'join')));
  const { results, fault } = await commitAll(context.scope, [comeBack(context, hidden, attributes), ...joins.flatMap((changeSet) => changeSet ?? [])]);
  if (fault) throw fault.cause;
  // A group that was deleted in this moment is no conflict for the others.
  const joined = groups.filter((_group, index) => results[index + 1]?.kind === 'done');
  return { id, groups: joined.map((group) => group.id), groupsGone: hidden.groups.length - joined.length };
}

/** Somebody hidden, and those of their groups that there still are, whoever may see them. @throws ScimError 404 */
export async function getHidden({ scope }: Context, id: string): Promise<{ readonly hidden: HiddenPerson; readonly groups: readonly StoredResource[] }> {
  const hidden = await findHidden(scope, id);
  if (!hidden) throw notFound('Hidden person');
  return { hidden, groups: [...(await findMany(unrestricted(scope), groupType(scope), hidden.groups)).values()] };
}

/** Design rule 10: whoever lets somebody gain rights needs `admin.grant`. @throws ScimError 403 */
export async function checkRightsThrough(context: Context, groups: readonly StoredResource[], what: string): Promise<void> {
  if (mayGrant(context)) return;
  for (const group of groups) if ((await rightsThrough(context.scope, group)).size > 0) throw forbidden(`${what} needs the right admin.grant.`);
}

async function withReferences({ scope }: Context, { stored, references }: HiddenPerson): Promise<Attributes> {
  const type = userType({ scope });
  let { attributes } = stored;
  for (const { path, id, value } of references) {
    const target = type.storage.references.find((reference) => reference.path === path)?.type;
    const found = target === undefined ? undefined : (await findMany(scope, scope.store.registry.type(target), [id])).get(id);
    if (found) attributes = withAttribute(type, attributes, path, value);
  }
  return attributes;
}

/** X3, P1: no entry without its company, or its portal and customer. Whoever was registered with a company that is gone is a contact again (X4). */
async function withEntries({ scope }: Context, attributes: Attributes): Promise<Attributes> {
  const { registry } = scope.store;
  const access = accessOf(attributes);
  const [portals, companies] = await Promise.all([
    findMany(unrestricted(scope), registry.type('Portal'), access.map(({ portal }) => portal)),
    findMany(unrestricted(scope), registry.type('Company'), access.map(({ customer }) => customer)),
  ]);
  const left = access.filter(({ portal, customer }) => portals.has(portal) && companies.has(customer));
  const known = left.length === access.length ? attributes : withExtension(attributes, PORTAL_EXTENSION, { ...complexAt(attributes, PORTAL_EXTENSION), access: left.length === 0 ? undefined : left.map((one) => ({ ...one })) });
  const lostCompany = complexAt(known, EXTERNAL_EXTENSION)['companyId'] !== undefined && externalOf(known).company === undefined;
  return lostCompany ? asContact(known) : known;
}

function asContact(attributes: Attributes): Attributes {
  const account = complexAt(attributes, ACCOUNT_EXTENSION);
  const others = withExtension(attributes, EXTERNAL_EXTENSION, {});
  return account['population'] === 'external' ? withExtension(others, ACCOUNT_EXTENSION, { ...account, population: 'contact' }) : others;
}

function withoutLogin(attributes: Attributes): Attributes {
  const facts = factsOf(attributes);
  return withFacts(attributes, happen(facts, { kind: 'changeMethod', to: facts.signInMethod === 'sso' ? 'sso' : 'none' }).facts);
}

/** Without a login nobody claims an address, so nothing but this look refuses it: the one who had it alone does not get it back (S2u). */
async function checkClaims(context: Context, { stored }: HiddenPerson): Promise<void> {
  const type = userType(context);
  for (const { kind, value } of claimsOf(context, type, stored.attributes)) {
    if (await findByClaim(unrestricted(context.scope), type, kind, value)) throw uniqueness(`The ${kind} of the person was taken meanwhile.`);
  }
}

function comeBack(context: Context, { stored }: HiddenPerson, attributes: Attributes): ChangeSet {
  const type = userType(context);
  const { id, version, created, externalIds, said, sources } = stored;
  return {
    write: {
      kind: 'insert', type, id, at: timestamp(context), audience: audienceOf(stored, attributes), attributes, externalId: undefined, members: undefined,
      claims: claimsOf(context, type, attributes),
      references: [...newReferences(context, type, {}, attributes), ...entriesOf(context, attributes)],
      restores: { version, created, externalIds, said, sources },
    },
    audit: auditOf(context, 'restore', type, id, []),
  };
}

/** One that there is no more is nobody's but the administrators'. */
function audienceOf({ audience }: StoredResource, attributes: Attributes): Audience {
  if (audience === 'external' && !externalOf(attributes).registered) return 'contact';
  return AUDIENCES.find((one) => one === audience) ?? 'console';
}

/** They go on existing while the person comes back. */
function entriesOf({ scope: { store: { registry } } }: Context, attributes: Attributes): readonly Reference[] {
  const path = (name: string) => `${PORTAL_EXTENSION}:access.${name}`;
  return accessOf(attributes).flatMap(({ portal, customer }) => [{ type: registry.type('Portal'), id: portal, name: path('portal') }, { type: registry.type('Company'), id: customer, name: path('customer') }]);
}
