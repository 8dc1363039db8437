/** Lists of people, a page after the other: J1, J2, J3, J4. */
import type { Context } from '../resources/context.ts';
import { isComplex, isList, type Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import type { Found } from '../store/search-query.ts';
import { complexAt, textAt } from './attributes.ts';
import { externalOf, type External } from './external.ts';
import { addressOf, factsOf, statusOf, userNameOf, type Status } from './facts.ts';
import { readPage, type FoundPage, type Page } from './found-pages.ts';
import { searchOf, type PeopleQuery } from './people-query.ts';
import { accessOf, type Access } from './portal-access.ts';

export interface Person {
  readonly id: string;
  readonly userName: string;
  readonly givenName: string | undefined;
  readonly familyNamePrefix: string | undefined;
  readonly familyName: string | undefined;
  readonly displayName: string | undefined;
  readonly address: string | undefined;
  readonly status: Status;
  readonly roles: readonly string[];
  readonly population: string;
  readonly leaveDate: string | undefined;
  /** Of contact persons and portal users, in the lists of companies. */
  readonly external?: External;
  readonly portals?: { readonly enabled: boolean; readonly access: readonly Access[] };
}

export interface PeoplePage extends Omit<FoundPage, 'found'> {
  readonly people: readonly Person[];
}

/** @throws ScimError 400 invalidValue, invalidCursor, expiredCursor */
export async function listPeople(context: Context, query: PeopleQuery, page: Page): Promise<PeoplePage> {
  const { found, ...rest } = await readPage(context, searchOf(context, query), page);
  return { people: found.map(personOf), ...rest };
}

export function personOf({ id, audience, attributes }: Found): Person {
  const name = complexAt(attributes, 'name');
  const account = complexAt(attributes, ACCOUNT_EXTENSION);
  return {
    id,
    userName: userNameOf(attributes),
    givenName: textAt(name, 'givenName'),
    familyNamePrefix: textAt(account, 'familyNamePrefix'),
    familyName: textAt(name, 'familyName'),
    displayName: textAt(attributes, 'displayName'),
    address: addressOf(attributes),
    status: statusOf(factsOf(attributes)),
    roles: rolesOf(attributes),
    population: audience,
    leaveDate: textAt(account, 'leaveDate'),
    ...(attributes[EXTERNAL_EXTENSION] === undefined ? {} : { external: externalOf(attributes) }),
    ...(attributes[PORTAL_EXTENSION] === undefined ? {} : { portals: { enabled: complexAt(attributes, PORTAL_EXTENSION)['enabled'] !== false, access: accessOf(attributes) } }),
  };
}

function rolesOf({ roles }: Attributes): readonly string[] {
  return (isList(roles) ? roles : []).flatMap((role) => (isComplex(role) && typeof role['value'] === 'string' ? [role['value']] : []));
}
