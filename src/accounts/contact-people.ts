/** The people of companies, in lists: contact persons with what they are as external users (X2, X6), and portal users (P2, P3). */
import type { Context } from '../resources/context.ts';
import { make, newId } from '../resources/create.ts';
import { getStored } from '../resources/read.ts';
import type { Presented } from '../resources/present.ts';
import { patch } from '../resources/patch.ts';
import type { Json, JsonObject } from '../scim/json.ts';
import type { Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, MESSAGE, PORTAL_EXTENSION, SCHEMA } from '../scim/urns.ts';
import { complexAt, textAt } from './attributes.ts';
import { externalOf, type External } from './external.ts';
import { addressOf, nameOf, userNameOf } from './facts.ts';
import { listAll, listPage, quoted, type Page } from './lists.ts';
import { accessOf, type Access } from './portal-access.ts';
import { userType } from './verbs.ts';
import { contactName } from './ways-in.ts';

/** X6: the choices of the list box, in its order. */
export const SHOWN = ['contacts', 'external', 'active', 'inactive', 'others'] as const;
export type Shown = (typeof SHOWN)[number];

export interface ContactPerson extends External {
  readonly id: string;
  readonly name: string;
  readonly address: string | undefined;
  /** Undefined where nobody signs in with it: a contact has a name made by the server. */
  readonly userId: string | undefined;
  readonly companyName: string | undefined;
  readonly access: readonly Access[];
  /** The switch over all accesses (P3). */
  readonly portalsEnabled: boolean;
  readonly attributes: Attributes;
}

export interface ContactPage {
  readonly people: readonly ContactPerson[];
  readonly total: number;
  readonly cursor: string | undefined;
}

const at = (name: string) => `${EXTERNAL_EXTENSION}:${name}`;
const FILTERS: Readonly<Record<Shown, string>> = {
  contacts: `${at('company.value')} pr`,
  external: `${at('registered')} eq true`,
  active: `${at('registered')} eq true and ${at('loginEnabled')} eq true`,
  inactive: `${at('registered')} eq true and ${at('loginEnabled')} eq false`,
  others: `${at('company.value')} pr and not (${at('registered')} eq true)`,
};
const ATTRIBUTES = ['userName', 'name', 'displayName', 'emails', EXTERNAL_EXTENSION, `${ACCOUNT_EXTENSION}:familyNamePrefix`, `${PORTAL_EXTENSION}:access`, `${PORTAL_EXTENSION}:enabled`];
const SEARCHED = ['name.familyName', 'name.givenName', 'displayName', 'userName', 'emails.value'];

export interface ContactQuery {
  /** Undefined: of all companies. */
  readonly company: string | undefined;
  readonly shown: Shown;
  /** The beginning of a name, a user id or an address. */
  readonly search: string;
}

/** @throws ScimError 400, 403 */
export const listContacts = (context: Context, { company, shown, search }: ContactQuery, page: Page): Promise<ContactPage> =>
  listPeople(context, [FILTERS[shown], ...(company === undefined ? [] : [`${at('company.value')} eq ${quoted(company)}`]), ...searching(search)], page);

/** @throws ScimError 400, 403 */
export const listPortalUsers = (context: Context, company: string, search: string, page: Page): Promise<ContactPage> =>
  listPeople(context, [`${PORTAL_EXTENSION}:access.customer eq ${quoted(company)}`, ...searching(search)], page);

const searching = (search: string) => (search.trim() === '' ? [] : [`(${SEARCHED.map((path) => `${path} sw ${quoted(search)}`).join(' or ')})`]);

async function listPeople(context: Context, conditions: readonly string[], page: Page): Promise<ContactPage> {
  const { found, ...rest } = await listPage(context, userType(context), { filter: conditions.join(' and '), sortBy: 'name.familyName', attributes: ATTRIBUTES }, page);
  return { people: found.map(contactOf), ...rest };
}

function contactOf({ id, attributes }: Pick<Presented, 'id' | 'attributes'>): ContactPerson {
  const userName = userNameOf(attributes);
  const address = addressOf(attributes);
  return {
    ...externalOf(attributes), id, address, attributes,
    name: nameOf(attributes) || (address ?? userName),
    userId: userName === contactName(id) ? undefined : userName,
    companyName: textAt(complexAt(complexAt(attributes, EXTERNAL_EXTENSION), 'company'), 'display'),
    access: accessOf(attributes),
    portalsEnabled: complexAt(attributes, PORTAL_EXTENSION)['enabled'] !== false,
  };
}

/** @throws ScimError 404 for one whom the caller does not see */
export const getContact = async (context: Context, id: string): Promise<ContactPerson> => contactOf(await getStored(context, userType(context), id));

/** The tenant's list of roles, by name (X3). @throws ScimError 403 */
export async function rolesToChoose(context: Context): Promise<readonly string[]> {
  const found = await listAll(context, context.scope.store.registry.type('Role'), { filter: undefined, sortBy: 'displayName', attributes: ['displayName'] });
  return found.flatMap(({ attributes }) => textAt(attributes, 'displayName') ?? []);
}

export interface NewContact {
  readonly givenName: string;
  readonly infix: string;
  readonly familyName: string;
  readonly address: string;
}

function bodyOf({ givenName, infix, familyName, address }: NewContact): JsonObject {
  const name = { ...(givenName === '' ? {} : { givenName }), ...(familyName === '' ? {} : { familyName }) };
  return {
    schemas: [SCHEMA.user], active: true,
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(address === '' ? {} : { emails: [{ value: address, type: 'work', primary: true }] }),
    ...(infix === '' ? {} : { [ACCOUNT_EXTENSION]: { familyNamePrefix: infix } }),
  };
}

/** A contact person without a login. @throws ScimError 400, 403 */
export const makeContact = (context: Context, company: string, person: NewContact): Promise<string> =>
  making(context, (id) => ({ ...bodyOf(person), userName: contactName(id), [EXTERNAL_EXTENSION]: { companyId: company } }));

/** P2: without a password; the invitation, if there is to be one, is part of the commit. @throws ScimError 400, 403, 409 uniqueness */
export function makePortalUser(context: Context, person: NewContact, access: Access, { enabled, invited }: { readonly enabled: boolean; readonly invited: boolean }): Promise<string> {
  const inviting: Context = { ...context, principal: { ...context.principal, newcomers: invited ? 'invite' : 'none' } };
  return making(inviting, () => ({ ...bodyOf(person), userName: person.address, [PORTAL_EXTENSION]: { enabled, access: [{ ...access }] } }));
}

async function making(context: Context, body: (id: string) => JsonObject): Promise<string> {
  const id = newId();
  await context.report.watch({ action: 'create', type: 'User' }, make(context, userType(context), id, body(id)));
  return id;
}

export interface Registration {
  readonly userId: string;
  /** Empty: as it is. */
  readonly password: string;
  /** Empty: none. */
  readonly role: string;
  readonly loginEnabled: boolean;
}

/** X3: all of it in one commit. @throws ScimError 400, 403, 404, 409 uniqueness */
export const register = (context: Context, person: string, { userId, password, role, loginEnabled }: Registration): Promise<void> => patchPerson(context, person, [
  set(at('registered'), true), set('userName', userId),
  ...(password === '' ? [] : [set('password', password)]),
  role === '' ? { op: 'remove', path: at('role') } : set(at('role'), role),
  set(at('loginEnabled'), loginEnabled),
]);

/** X4. @throws ScimError 403, 404 */
export const removeRegistration = (context: Context, person: string): Promise<void> => patchPerson(context, person, [set(at('registered'), false)]);

/** X5. @throws ScimError 403, 404 */
export const removeLogin = (context: Context, person: string): Promise<void> => patchPerson(context, person, [set(at('loginEnabled'), false)]);

export interface AccessChange {
  readonly enabled: boolean;
  /** Those that stay or come, with their switches. */
  readonly access: readonly Access[];
}

/** P2 to P4: switches, accesses that come and accesses that go, in one commit; what somebody else changed meanwhile stays. @throws ScimError 400, 403, 404 */
export function changeAccess(context: Context, { id, access: held, portalsEnabled }: ContactPerson, { enabled, access }: AccessChange): Promise<void> {
  const path = `${PORTAL_EXTENSION}:access`;
  const the = ({ portal, customer }: Access) => `${path}[portal eq ${quoted(portal)} and customer eq ${quoted(customer)}]`;
  const same = (one: Access) => (other: Access) => one.portal === other.portal && one.customer === other.customer;
  const operations = [
    ...(enabled === portalsEnabled ? [] : [set(`${PORTAL_EXTENSION}:enabled`, enabled)]),
    ...held.filter((one) => !access.some(same(one))).map((one) => ({ op: 'remove', path: the(one) })),
    ...access.flatMap((one) => {
      const before = held.find(same(one));
      if (!before) return [{ op: 'add', path, value: [{ ...one }] }];
      return before.enabled === one.enabled ? [] : [set(`${the(one)}.enabled`, one.enabled)];
    }),
  ];
  return operations.length === 0 ? Promise.resolve() : patchPerson(context, id, operations);
}

const set = (path: string, value: Json): JsonObject => ({ op: 'replace', path, value });
const patchPerson = (context: Context, person: string, operations: readonly JsonObject[]): Promise<void> =>
  patch(context, userType(context), person, { schemas: [MESSAGE.patchOp], Operations: operations }, 'any');
