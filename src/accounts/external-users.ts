/** X2 to X5 as an administrator does them: each is one commit, and the same change as one PATCH of the person. */
import { invalidValue, notFound } from '../errors.ts';
import { make, newId } from '../resources/create.ts';
import { patch } from '../resources/patch.ts';
import type { Context } from '../resources/context.ts';
import { getStored } from '../resources/read.ts';
import type { JsonObject } from '../scim/json.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, MESSAGE, SCHEMA } from '../scim/urns.ts';
import { checkAddress } from '../mail/address.ts';
import { externalOf } from './external.ts';
import { personOf, type Person } from './people.ts';
import { userType } from './verbs.ts';
import { contactName } from './ways-in.ts';

export interface Registration {
  readonly userName?: string;
  /** Needed the first time; left out or empty: it stays as it is. */
  readonly password?: string;
  /** `null` or empty takes it away. */
  readonly role?: string | null;
  readonly loginEnabled?: boolean;
}

export interface NewPerson {
  readonly givenName?: string;
  readonly familyNamePrefix?: string;
  readonly familyName?: string;
  readonly address?: string;
  readonly language?: string;
}

export async function getPerson(context: Context, id: string): Promise<Person> {
  const { audience, attributes } = await getStored(context, userType(context), id);
  return personOf({ id, audience, attributes });
}

/** A new contact person of a company, who is registered at once where a user id comes with it. @throws ScimError 400, 403, 409 */
export async function makeContact(context: Context, person: NewPerson, company: string, registration: Registration): Promise<Person> {
  const { userName, password, role, loginEnabled } = registration;
  const registers = Object.values(registration).some((value) => value !== undefined);
  if (registers && !given(userName)) throw invalidValue('userName is needed when somebody is registered as an external user.');
  const id = newId();
  await make(context, userType(context), id, {
    ...bodyOf(person), userName: userName ?? contactName(id),
    ...(given(password) ? { password: password ?? '' } : {}),
    [EXTERNAL_EXTENSION]: { companyId: company, ...(registers ? { registered: true, ...(role ? { role } : {}), ...(loginEnabled === undefined ? {} : { loginEnabled }) } : {}) },
  });
  return getPerson(context, id);
}

/** X3. @throws ScimError 400 where something is missing the first time, 404, 409 for a user id that is taken */
export async function register(context: Context, person: string, { userName, password, role, loginEnabled }: Registration): Promise<Person> {
  const isFirst = !externalOf((await getStored(context, userType(context), person)).attributes).registered;
  if (isFirst && !given(userName)) throw invalidValue('userName is needed when somebody is registered as an external user.');
  await patchPerson(context, person, [
    { op: 'replace', path: at('registered'), value: true },
    ...(userName === undefined ? [] : [{ op: 'replace', path: 'userName', value: userName }]),
    ...(given(password) ? [{ op: 'replace', path: 'password', value: password ?? '' }] : []),
    ...(role === undefined ? [] : [given(role) ? { op: 'replace', path: at('role'), value: role } : { op: 'remove', path: at('role') }]),
    ...(loginEnabled === undefined ? [] : [{ op: 'replace', path: at('loginEnabled'), value: loginEnabled }]),
  ]);
  return getPerson(context, person);
}

/** X4. @throws ScimError 404 for who is none */
export async function removeRegistration(context: Context, person: string): Promise<void> {
  await getRegistered(context, person);
  await patchPerson(context, person, [{ op: 'replace', path: at('registered'), value: false }]);
}

/** X5: the same end state as an inactive login. @throws ScimError 404 for who is no external user */
export async function removeLogin(context: Context, person: string): Promise<void> {
  await getRegistered(context, person);
  await patchPerson(context, person, [{ op: 'replace', path: at('loginEnabled'), value: false }]);
}

async function getRegistered(context: Context, person: string): Promise<void> {
  const { attributes } = await getStored(context, userType(context), person);
  if (!externalOf(attributes).registered) throw notFound('External user');
}

/** @throws ScimError 400 for an address that is none */
export function bodyOf({ givenName, familyNamePrefix, familyName, address, language }: NewPerson): JsonObject {
  const wrong = given(address) ? checkAddress(address ?? '') : undefined;
  if (wrong !== undefined) throw invalidValue(`address ${wrong}.`);
  const name = { ...(given(givenName) ? { givenName: givenName ?? '' } : {}), ...(given(familyName) ? { familyName: familyName ?? '' } : {}) };
  return {
    schemas: [SCHEMA.user],
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(given(address) ? { emails: [{ value: address ?? '', type: 'work', primary: true }] } : {}),
    ...(given(language) ? { preferredLanguage: language ?? '' } : {}),
    ...(given(familyNamePrefix) ? { [ACCOUNT_EXTENSION]: { familyNamePrefix: familyNamePrefix ?? '' } } : {}),
  };
}

const given = (text: string | null | undefined) => text !== undefined && text !== null && text.trim() !== '';
const at = (name: string) => `${EXTERNAL_EXTENSION}:${name}`;

export const patchPerson = (context: Context, person: string, operations: JsonObject[]): Promise<void> =>
  patch(context, userType(context), person, { schemas: [MESSAGE.patchOp], Operations: operations }, 'any');
