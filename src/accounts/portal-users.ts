/** P1 to P4 as an administrator does them: each is one commit, and the same change as one PATCH of the person. */
import { invalidValue, notFound } from '../errors.ts';
import { change } from '../resources/change.ts';
import { make, newId } from '../resources/create.ts';
import type { Context } from '../resources/context.ts';
import { getStored } from '../resources/read.ts';
import type { JsonObject } from '../scim/json.ts';
import type { Attributes } from '../scim/schema.ts';
import { PORTAL_EXTENSION } from '../scim/urns.ts';
import { complexAt, withExtension } from './attributes.ts';
import { bodyOf, getPerson, patchPerson, type NewPerson } from './external-users.ts';
import type { Person } from './people.ts';
import { accessOf, type Access } from './portal-access.ts';
import { userType } from './verbs.ts';

/**
 * A new portal user, whose name to sign in with is the address. Without an invitation the first password comes by "forgot password" (P2, P5).
 * @throws ScimError 400, 403, 409
 */
export async function makePortalUser(context: Context, person: NewPerson, access: Access, { invited, enabled = true }: { readonly invited: boolean; readonly enabled?: boolean }): Promise<Person> {
  const { address = '' } = person;
  if (address.trim() === '') throw invalidValue('address is missing: a portal user signs in with it.');
  const id = newId();
  const inviting: Context = { ...context, principal: { ...context.principal, newcomers: invited ? 'invite' : 'none' } };
  await make(inviting, userType(context), id, { ...bodyOf(person), userName: address, [PORTAL_EXTENSION]: { ...(enabled ? {} : { enabled }), access: [{ ...access }] } });
  return getPerson(context, id);
}

/** P2, P3: gives an access or sets its switch. @throws ScimError 400 invalidValue for an unknown portal or customer (P1), 404 */
export async function setAccess(context: Context, person: string, access: Access): Promise<Person> {
  const isIt = (one: Access) => one.portal === access.portal && one.customer === access.customer;
  await changeAccess(context, person, (held) => (held.some(isIt) ? held.map((one) => (isIt(one) ? access : one)) : [...held, access]));
  return getPerson(context, person);
}

/** @param customer undefined: for whatever customer. @throws ScimError 404 where there is none */
export async function removeAccess(context: Context, person: string, portal: string, customer: string | undefined): Promise<void> {
  const goes = (one: Access) => one.portal === portal && (customer === undefined || one.customer === customer);
  if (!accessOf((await getStored(context, userType(context), person)).attributes).some(goes)) throw notFound('Access');
  await changeAccess(context, person, (held) => held.filter((one) => !goes(one)));
}

/** P3, P4: the switch over all accesses. */
export async function switchPortals(context: Context, person: string, enabled: boolean): Promise<Person> {
  const { attributes } = await getStored(context, userType(context), person);
  if (accessOf(attributes).length === 0) throw notFound('Portal user');
  await patchPerson(context, person, [{ op: 'replace', path: `${PORTAL_EXTENSION}:enabled`, value: enabled }]);
  return getPerson(context, person);
}

export type Portals = NonNullable<Person['portals']>;

/** P2 to P4: switches, accesses that come and accesses that go, in one commit; what somebody else changed meanwhile stays. @throws ScimError 400, 403, 404 */
export function savePortals(context: Context, person: string, before: Portals, after: Portals): Promise<void> {
  const path = `${PORTAL_EXTENSION}:access`;
  const the = ({ portal, customer }: Access) => `${path}[portal eq ${JSON.stringify(portal)} and customer eq ${JSON.stringify(customer)}]`;
  const same = (one: Access) => (other: Access) => one.portal === other.portal && one.customer === other.customer;
  const operations: JsonObject[] = [
    ...(after.enabled === before.enabled ? [] : [{ op: 'replace', path: `${PORTAL_EXTENSION}:enabled`, value: after.enabled }]),
    ...before.access.filter((one) => !after.access.some(same(one))).map((one) => ({ op: 'remove', path: the(one) })),
    ...after.access.flatMap((one): JsonObject[] => {
      const held = before.access.find(same(one));
      if (!held) return [{ op: 'add', path, value: [{ ...one }] }];
      return held.enabled === one.enabled ? [] : [{ op: 'replace', path: `${the(one)}.enabled`, value: one.enabled }];
    }),
  ];
  return operations.length === 0 ? Promise.resolve() : patchPerson(context, person, operations);
}

async function changeAccess(context: Context, person: string, next: (held: readonly Access[]) => readonly Access[]): Promise<void> {
  const want = ({ attributes }: { readonly attributes: Attributes }) => {
    const access = next(accessOf(attributes)).map((one) => ({ ...one }));
    return { attributes: withExtension(attributes, PORTAL_EXTENSION, { ...complexAt(attributes, PORTAL_EXTENSION), access: access.length === 0 ? undefined : access }), members: undefined };
  };
  await change(context, { type: userType(context), id: person, action: 'patch', precondition: 'any', want, named: () => new Set([`${PORTAL_EXTENSION}:access`]) });
}
