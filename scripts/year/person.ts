/** Somebody as the model has them, and how they look over SCIM. */
import { isObject, type Json, type JsonObject } from '../../src/scim/json.ts';
import { ACCOUNT } from '../storms/place.ts';

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

export type Owner = 'entra' | 'hr' | 'files';

export interface Person {
  readonly id: string;
  /** The client that made them, and its own name for them. */
  readonly owner: Owner;
  readonly externalId: string;
  readonly userName: string;
  readonly address: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly title: string;
  readonly department: string;
  readonly manager: string | undefined;
  readonly zone: string | undefined;
  readonly active: boolean;
  /** Inactive until the first day. */
  readonly waits: boolean;
  readonly hireDate: string | undefined;
  readonly leaveDate: string | undefined;
  readonly login: 'none' | 'sso' | 'toInvite' | 'invited' | 'activated';
  /** What the HR system said last, which is no assertion when it says it again. */
  readonly said: { readonly active: boolean; readonly leaveDate: string | undefined };
  readonly version: number;
}

export function statusOf({ active, login }: Person): string {
  if (!active) return 'deactivated';
  switch (login) {
    case 'sso':
    case 'activated':
      return 'active';
    case 'invited':
      return 'invited';
    case 'toInvite':
    case 'none':
      return 'none';
  }
}

/** What is to be seen of them, one value for each name. */
export function shownOf(person: Person): ReadonlyMap<string, string> {
  const { userName, address, givenName, familyName, title, department, manager, zone, active, hireDate, leaveDate, version } = person;
  return told({ userName, address, givenName, familyName, title, department, manager, zone, active, hireDate, leaveDate, status: statusOf(person), version });
}

/** The same of what a server says. */
export function seenIn(resource: Json | undefined): ReadonlyMap<string, string> {
  const user = objectOf(resource);
  const name = objectOf(user['name']);
  const enterprise = objectOf(user[ENTERPRISE]);
  const account = objectOf(user[ACCOUNT]);
  const emails = Array.isArray(user['emails']) ? user['emails'] : [];
  const { userName, title, timezone: zone, active } = user;
  const { hireDate, leaveDate } = account;
  // Who never had a login has no extension that would say it.
  const status = account['status'] ?? (active === false ? 'deactivated' : 'none');
  const version = /"(\d+)"/.exec(textOf(objectOf(user['meta'])['version']))?.[1];
  return told({
    userName, address: emails.map((email) => textOf(objectOf(email)['value'])).join(' and '), givenName: name['givenName'], familyName: name['familyName'], title,
    department: enterprise['department'], manager: objectOf(enterprise['manager'])['value'], zone, active, hireDate, leaveDate, status, version,
  });
}

const told = (values: Readonly<Record<string, Json | undefined>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, textOf(value)] as const])));

export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value));

/** What is not as the model has it, for people. */
export function differences(person: Person, resource: Json | undefined): readonly string[] {
  const [expected, seen] = [shownOf(person), seenIn(resource)];
  const names = [...new Set([...expected.keys(), ...seen.keys()])];
  return names.flatMap((name) => (expected.get(name) === seen.get(name) ? [] : [`${name} is ${seen.get(name) ?? 'absent'}, not ${expected.get(name) ?? 'absent'}`]));
}
