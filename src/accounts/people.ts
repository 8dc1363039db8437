/** Lists of people, a page after the other: J1, J2, J3, J4. */
import { createHash } from 'node:crypto';
import { expiredCursor, invalidCursor } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { inTime } from '../resources/list.ts';
import { isComplex, isList, type Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { seal, unseal } from '../seal.ts';
import { invitationMails, type InvitationMails } from '../store/outbox.ts';
import { countFound, MOST_COUNTED, readFound, type SearchPlace } from '../store/search.ts';
import type { Found, SearchQuery } from '../store/search-query.ts';
import { complexAt, textAt } from './attributes.ts';
import { addressOf, factsOf, statusOf, userNameOf, type Status } from './facts.ts';
import { searchOf, type PeopleQuery } from './people-query.ts';

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

export interface PeoplePage {
  readonly people: readonly Person[];
  /** For the page behind; undefined where there is none. */
  readonly cursor: string | undefined;
  /** Of the first page; undefined for more than `moreThan`. */
  readonly total: number | undefined;
  readonly moreThan: number | undefined;
}

/** Results that fill at most so many pages are put in the order of names; more come in the order of the index, which costs the same at any size. */
const SORTED_PAGES = 10;

/** @throws ScimError 400 invalidValue, invalidCursor, expiredCursor */
export async function listPeople(context: Context, query: PeopleQuery, { count, cursor }: { readonly count: number; readonly cursor?: string | undefined }): Promise<PeoplePage> {
  const search = searchOf(context, query);
  const { place, total } = cursor === undefined ? await inTime(startOf(context, search, count)) : openCursor(context, search, cursor);
  const { found, next } = await inTime(readFound(context.scope, search, place, count));
  const people = found.map(personOf);
  const mails = await invitationMails(context.scope, people.flatMap(({ id, invitation }) => (invitation ? [id] : [])));
  return {
    people: people.map((person) => withMail(person, mails.get(person.id))),
    cursor: next && sealCursor(context, search, { place: next, total }),
    total,
    moreThan: total === undefined ? MOST_COUNTED : undefined,
  };
}

const withMail = (person: Person, mails: InvitationMails | undefined): Person => (person.invitation && mails ? { ...person, invitation: { ...person.invitation, mail: mails.last } } : person);

interface Position {
  readonly place: SearchPlace;
  readonly total: number | undefined;
}

async function startOf({ scope }: Context, search: SearchQuery, count: number): Promise<Position> {
  const total = await countFound(scope, search);
  const isSorted = search.terms.length === 0 || (total !== undefined && total <= SORTED_PAGES * count);
  return { place: { order: isSorted ? 'names' : 'keys' }, total };
}

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
  };
}

export function rolesOf({ roles }: Attributes): readonly string[] {
  return (isList(roles) ? roles : []).flatMap((role) => (isComplex(role) && typeof role['value'] === 'string' ? [role['value']] : []));
}

interface Sealed extends Position {
  /** What the cursor may be used for. */
  readonly query: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

const PURPOSE = 'people';

function sealCursor(context: Context, search: SearchQuery, position: Position): string {
  const sealed: Sealed = { ...position, query: fingerprint(context, search), expires: context.now().getTime() + context.limits.cursorSeconds * 1000 };
  return seal(context.secretKeys, PURPOSE, JSON.stringify(sealed));
}

function openCursor(context: Context, search: SearchQuery, cursor: string): Position {
  const text = unseal(context.secretKeys, PURPOSE, cursor);
  // Only what sealCursor wrote opens.
  const sealed = text === undefined ? undefined : JSON.parse(text) as Sealed; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
  if (sealed?.query !== fingerprint(context, search)) throw invalidCursor('The cursor is not one of this query.');
  if (sealed.expires <= context.now().getTime()) throw expiredCursor('The cursor has expired. Start again without one.');
  return { place: sealed.place, total: sealed.total };
}

/** The order is part of it: a policy that is changed meanwhile is another query. */
function fingerprint({ principal: { tenant, actor } }: Context, { audiences, statuses, terms, roles, byInfix }: SearchQuery): string {
  return createHash('sha256').update(JSON.stringify([tenant, actor, audiences, statuses, terms, roles, byInfix])).digest('base64url');
}
