/** Lists of people, a page after the other: J1, J2, J3, J4. */
import type { Context } from '../resources/context.ts';
import { isComplex, isList, type Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import { invitationMails, type InvitationMails } from '../store/outbox.ts';
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
  /** Of those who are invited and have not come yet. */
  readonly invitation: Invitation | undefined;
}

export interface Invitation {
  readonly sentAt: string;
  /** When the link ends, or ended. */
  readonly expiresAt: string;
  /** What became of the last mail; undefined where there was none, and in exports. */
  readonly mail?: InvitationMails['last'];
}

export interface PeoplePage extends Omit<FoundPage, 'found'> {
  readonly people: readonly Person[];
}

/** Without what became of the mails of those who are invited. @throws ScimError 400 invalidValue, invalidCursor, expiredCursor */
export async function findPeople(context: Context, query: PeopleQuery, page: Page): Promise<PeoplePage> {
  const { found, ...rest } = await readPage(context, searchOf(context, query), page);
  return { people: found.map(personOf), ...rest };
}

/** @throws ScimError 400 invalidValue, invalidCursor, expiredCursor */
export async function listPeople(context: Context, query: PeopleQuery, page: Page): Promise<PeoplePage> {
  const { people, ...rest } = await findPeople(context, query, page);
  const mails = await invitationMails(context.scope, people.flatMap(({ id, invitation }) => (invitation ? [id] : [])));
  return { people: people.map((person) => withMail(person, mails.get(person.id))), ...rest };
}

const withMail = (person: Person, mails: InvitationMails | undefined): Person => (person.invitation && mails ? { ...person, invitation: { ...person.invitation, mail: mails.last } } : person);

export function personOf({ id, audience, attributes }: Found): Person {
  const name = complexAt(attributes, 'name');
  const account = complexAt(attributes, ACCOUNT_EXTENSION);
  const facts = factsOf(attributes);
  const status = statusOf(facts);
  return {
    id,
    userName: userNameOf(attributes),
    givenName: textAt(name, 'givenName'),
    familyNamePrefix: textAt(account, 'familyNamePrefix'),
    familyName: textAt(name, 'familyName'),
    displayName: textAt(attributes, 'displayName'),
    address: addressOf(attributes),
    status,
    roles: rolesOf(attributes),
    population: audience,
    leaveDate: textAt(account, 'leaveDate'),
    invitation: status === 'invited' ? facts.invitation : undefined,
    ...(attributes[EXTERNAL_EXTENSION] === undefined ? {} : { external: externalOf(attributes) }),
    ...(attributes[PORTAL_EXTENSION] === undefined ? {} : { portals: { enabled: complexAt(attributes, PORTAL_EXTENSION)['enabled'] !== false, access: accessOf(attributes) } }),
  };
}

export function rolesOf({ roles }: Attributes): readonly string[] {
  return (isList(roles) ? roles : []).flatMap((role) => (isComplex(role) && typeof role['value'] === 'string' ? [role['value']] : []));
}
