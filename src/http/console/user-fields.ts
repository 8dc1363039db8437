/** The fields of a user's form (S8): what each stands for, what is there, and which of them a connection manages (L2). */
import { complexAt, textAt } from '../../accounts/attributes.ts';
import { rolesOf } from '../../accounts/people.ts';
import type { PersonView } from '../../accounts/person-view.ts';
import { ACCOUNT_EXTENSION, SCHEMA } from '../../scim/urns.ts';
import type { Given } from './forms.ts';

/** Paths of SCIM. */
const PATHS = {
  givenName: 'name.givenName', familyName: 'name.familyName', infix: `${ACCOUNT_EXTENSION}:familyNamePrefix`,
  displayName: 'displayName', title: 'title', language: 'preferredLanguage', timeZone: 'timezone',
  department: `${SCHEMA.enterpriseUser}:department`, employeeNumber: `${SCHEMA.enterpriseUser}:employeeNumber`,
  hireDate: `${ACCOUNT_EXTENSION}:hireDate`, leaveDate: `${ACCOUNT_EXTENSION}:leaveDate`, roles: 'roles',
} as const;

export type UserField = keyof typeof PATHS;
export const USER_FIELDS = Object.keys(PATHS).filter((name): name is UserField => name in PATHS);

/** As the form shows it; empty where there is nothing. */
export function thereIn({ stored: { attributes }, facts: { dates } }: PersonView, field: UserField): string {
  if (field === 'roles') return rolesOf(attributes).join(', ');
  if (field === 'hireDate' || field === 'leaveDate') return dates[field] ?? '';
  const attribute = attributeOf(field);
  const name = PATHS[field].slice(attribute.length + 1);
  return (name === '' ? textAt(attributes, attribute) : textAt(complexAt(attributes, attribute), name)) ?? '';
}

/** The connection that manages the field. What Rollcall itself keeps of a login is nobody else's. */
export function managerOf({ managed }: PersonView, field: UserField): string | undefined {
  const attribute = attributeOf(field);
  return attribute === ACCOUNT_EXTENSION ? undefined : managed.get(attribute);
}

/** Of an extension its URN. */
function attributeOf(field: UserField): string {
  const path = PATHS[field];
  return path.startsWith('urn:') ? path.slice(0, path.lastIndexOf(':')) : (path.split('.')[0] ?? path);
}

/** Those whose value is another one than what is there. */
export const changedFields = (view: PersonView, given: Given): readonly UserField[] => USER_FIELDS.filter((field) => typed(given, field) !== thereIn(view, field));

/** A PATCH of what the fields stand for; an empty one takes the value away. */
export const operationsOf = (given: Given, fields: readonly UserField[]) => fields.map((field) => {
  const value = typed(given, field);
  if (value === '') return { op: 'remove', path: PATHS[field] };
  return { op: 'replace', path: PATHS[field], value: field === 'roles' ? value.split(', ').map((role) => ({ value: role })) : value };
});

function typed(given: Given, field: UserField): string {
  const value = given.value(field).trim();
  return field === 'roles' ? [...new Set(value.split(',').map((role) => role.trim()).filter((role) => role !== ''))].join(', ') : value;
}
