/** One mail of each kind with made-up values, for who wants to see what people are sent. */
import * as account from './account-mails.ts';
import * as administrator from './administrator-mails.ts';
import { activationAgain, invitation, usualInvitation } from './invitation.ts';
import type { Content, Letterhead } from './letter.ts';
import type { Policy } from '../policy.ts';

export const MAIL_KINDS = [
  'invitation', 'activationAgain', 'recovery', 'signInElsewhere', 'addressConfirm', 'addressChanged', 'renewalReminder', 'passwordChanged', 'secondFactorReset',
  'leaveNotice', 'leaveHeld', 'tokenExpires', 'guardHeld',
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

export interface SampleValues {
  /** The reader, somebody else, and a connection. */
  readonly name: string;
  readonly person: string;
  readonly client: string;
  readonly when: Date;
}

/** A name that never leads anywhere: RFC 2606 section 2. */
const LINK = 'https://link.example/';

export function sampleMail(letterhead: Letterhead, policy: Policy, kind: MailKind, { name, person, client, when }: SampleValues): Content {
  const day = when.toISOString().slice(0, 10);
  switch (kind) {
    case 'invitation':
      return invitation(letterhead, usualInvitation(policy, letterhead.language), { name, link: LINK, until: when });
    case 'activationAgain':
      return activationAgain(letterhead, usualInvitation(policy, letterhead.language), { name, link: LINK, until: when });
    case 'recovery':
      return account.recovery(letterhead, { name, link: LINK, minutes: 60, until: when });
    case 'signInElsewhere':
      return account.signInElsewhere(letterhead, { name, link: LINK });
    case 'addressConfirm':
      return account.addressConfirm(letterhead, { link: LINK, until: when });
    case 'addressChanged':
      return account.addressChanged(letterhead, { name, when });
    case 'renewalReminder':
      return account.renewalReminder(letterhead, { name, link: LINK, days: 7, until: when });
    case 'passwordChanged':
      return account.passwordChanged(letterhead, { name, link: LINK, when });
    case 'secondFactorReset':
      return account.secondFactorReset(letterhead, { name, when });
    case 'leaveNotice':
      return administrator.leaveNotice(letterhead, { name, people: [{ name: person, lastDay: day }], link: LINK });
    case 'leaveHeld':
      return administrator.leaveHeld(letterhead, { name, person, link: LINK });
    case 'tokenExpires':
      return administrator.tokenExpires(letterhead, { name, label: 'rc_a1b2c3', client, days: 14, until: when, link: LINK });
    case 'guardHeld':
      return administrator.guardHeld(letterhead, { name, client, kind: 'changes', limit: 5000, asked: 5200, when, link: LINK });
  }
}
