/** S5: who was invited and has not activated the account yet: since when, after how many mails, and whether the last one arrived. */
import type { Context } from '../resources/context.ts';
import { invitationMails, type InvitationMails } from '../store/outbox.ts';
import { listPeople, type Person } from './people.ts';
import { LISTED, type PeopleQuery } from './people-query.ts';

export interface NotActivated extends Pick<Person, 'id' | 'userName' | 'givenName' | 'familyNamePrefix' | 'familyName' | 'displayName' | 'address' | 'population' | 'invitation'> {
  /** When the first mail was made. */
  readonly since: string | undefined;
  /** How many there were, of all invitations. */
  readonly mails: number;
  readonly lastMail: InvitationMails['last'] | undefined;
}

export interface NotActivatedPage {
  readonly people: readonly NotActivated[];
  readonly cursor: string | undefined;
  readonly total: number | undefined;
  readonly moreThan: number | undefined;
}

/** In the order of names, from the index of the lists. @throws ScimError 400 invalidValue, invalidCursor, expiredCursor */
export async function listNotActivated(context: Context, { populations = LISTED }: Pick<PeopleQuery, 'populations'>, page: { readonly count: number; readonly cursor?: string | undefined }): Promise<NotActivatedPage> {
  const { people, ...rest } = await listPeople(context, { populations, statuses: ['invited'] }, page);
  const mails = await invitationMails(context.scope, people.map(({ id }) => id));
  return { people: people.map((person) => rowOf(person, mails.get(person.id))), ...rest };
}

function rowOf({ id, userName, givenName, familyNamePrefix, familyName, displayName, address, population, invitation }: Person, mails: InvitationMails | undefined): NotActivated {
  return {
    id, userName, givenName, familyNamePrefix, familyName, displayName, address, population, invitation,
    since: mails?.first.toISOString() ?? invitation?.sentAt, mails: mails?.count ?? 0, lastMail: mails?.last,
  };
}
