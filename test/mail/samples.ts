/** One mail of each kind, with whatever values a test wants to try. */
import * as account from '../../src/mail/account-mails.ts';
import * as administrator from '../../src/mail/administrator-mails.ts';
import { activationAgain, invitation, invitationDraft } from '../../src/mail/invitation.ts';
import type { Content, Letterhead } from '../../src/mail/letter.ts';

export const WHEN = new Date('2026-11-21T12:30:00Z');
export const LINK = 'https://rollcall.example/t/acme/activate?lang=nl&token=Zm9vYmFy-_Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9v';

export const letterhead: Letterhead = {
  organisation: 'Gemeente Utrecht', color: '#1f5f8b', contact: 'Servicedesk, 030 123 45 67', language: 'nl', timeZone: 'Europe/Amsterdam',
};

export interface Values {
  readonly letterhead: Letterhead;
  /** Of whoever reads or is written about, of clients and labels: everything that a person chose. */
  readonly name: string;
}

export function everyMail({ letterhead, name }: Values) {
  const draft = invitationDraft(letterhead.language);
  const invited = { name, link: LINK, until: WHEN };
  const people = [{ name, lastDay: '2026-11-27' }, { name: 'Jan van der Berg', lastDay: '2026-11-30' }];
  return {
    invitation: invitation(letterhead, draft, invited),
    activationAgain: activationAgain(letterhead, draft, invited),
    recovery: account.recovery(letterhead, { name, link: LINK, minutes: 60, until: WHEN }),
    signInElsewhere: account.signInElsewhere(letterhead, { name, link: LINK }),
    addressConfirm: account.addressConfirm(letterhead, { link: LINK, until: WHEN }),
    addressChanged: account.addressChanged(letterhead, { name, when: WHEN }),
    renewalReminder: account.renewalReminder(letterhead, { name, link: LINK, days: 7, until: WHEN }),
    passwordChanged: account.passwordChanged(letterhead, { name, link: LINK, when: WHEN }),
    secondFactorReset: account.secondFactorReset(letterhead, { name, when: WHEN }),
    leaveNotice: administrator.leaveNotice(letterhead, { name, people, link: LINK }),
    tokenExpires: administrator.tokenExpires(letterhead, { name, label: name, client: name, days: 14, until: WHEN, link: LINK }),
    matchHeld: administrator.matchHeld(letterhead, { name, client: name, person: name, link: LINK }),
    guardHeld: administrator.guardHeld(letterhead, { name, client: name, kind: 'changes', limit: 5000, asked: 1250, when: WHEN, link: LINK }),
  } satisfies Record<string, Content>;
}
