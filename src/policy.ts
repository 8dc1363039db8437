/** The policies of a tenant: what its administrators decide. The rows are those of the manuals' workflows. */
import { choice, color, flag, identifier, integer, line, listOf, oneOf, text, textsBy, timeZone, valuesOf, type Stored, type ValuesOf } from './settings.ts';

export const LANGUAGES = ['nl', 'nb', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export const POLICY = {
  displayName: text('', 100, "The organisation's name on pages and in mails; empty: the tenant's own name."),
  color: color('#1f5f8b', 'The colour of pages and mails.'),
  contact: text('', 200, 'Whom people may ask about rights and accounts (S12).'),
  language: oneOf('en', LANGUAGES, 'The language of pages and mails for people who have chosen none.'),
  languages: listOf<Language>(LANGUAGES, choice(LANGUAGES), 3, 'The languages on offer.'),
  timeZone: timeZone('UTC', 'The time zone of people who have none: decides when a leave date acts (J10).'),
  vocabulary: oneOf('smp', ['smp', 'injixo', 'superoffice', 'outsmart'], 'Whose words the console speaks where the manuals differ.'),

  passwordLength: integer(12, { least: 8, most: 128 }, 'Characters that a password has at least (S4).'),
  syncedPasswordLength: integer(8, { least: 8, most: 128 }, "The same for a password that a provisioning client sets (L7): where it comes from has rules of its own."),
  passwordClasses: integer(1, { least: 1, most: 4 }, 'How many of lower case, upper case, digits and others a password needs; 1 asks for none, as NIST SP 800-63B does.'),
  passwordWords: listOf<string>([], line(64), 200, "Words of the organisation's own that no password may contain."),
  passwordHistory: integer(1, { least: 0, most: 24 }, 'How many earlier passwords cannot be set again; the present one counts (S7).'),
  passwordDays: integer(90, { least: 0, most: 3650 }, 'After how many days a password must be renewed; 0: never (S7).'),
  renewalReminders: listOf<number>([14, 7, 1], integer(1, { least: 1, most: 90 }, ''), 10, 'How many days before a renewal a mail says so (S7).'),

  lockoutAttempts: integer(3, { least: 3, most: 100 }, 'How many wrong passwords lock an account (J7).'),
  resetUnlocks: flag(true, 'Whether a reset by mail also unlocks (J9).'),

  applications: listOf<string>([], identifier(200), 100, 'The applications that people can sign in to with tokens, as `audience` and the claim `aud` name them.'),
  refreshIdleMinutes: integer(30, { least: 10, most: 129_600 }, 'For how many minutes a refresh token lives that is not used.'),
  refreshHours: integer(12, { least: 1, most: 8760 }, 'For how many hours after a sign-in its tokens can be refreshed.'),

  invitationHours: integer(72, { least: 1, most: 720 }, 'How long the link of an invitation lives (S4).'),
  invitationSubjects: textsBy(LANGUAGES, { most: 200, lines: 1 }, 'What the subject of an invitation begins as, by language; none: as shipped (S3).'),
  invitationTexts: textsBy(LANGUAGES, { most: 10_000, lines: 200 }, 'What its text begins as, with the placeholders {{name}}, {{organisation}}, {{until}} and {{link}}, which must be in it (S3).'),
  recoveryMinutes: integer(60, { least: 5, most: 1440 }, 'How long the link of a recovery lives (S6).'),
  confirmAddress: flag(true, 'Whether a new address counts only after its link was followed (S10); false: at once (J5).'),
  addressUnique: oneOf('accounts', ['accounts', 'people'], 'Who claims an address: people who can sign in or are invited, or everybody (S2u).'),

  infixSorting: oneOf('familyName', ['familyName', 'infix'], '"Jan van der Berg" under B, or under V as in Belgium (S2).'),
  leaveDay: oneOf('last', ['last', 'firstGone'], 'Whether a leave date is the last day with access or the first without (J10).'),
  leaveNoticeDays: integer(7, { least: 0, most: 90 }, 'How many days before a leave date manager and administrators are told; 0: not.'),

  hiddenDays: integer(30, { least: 1, most: 3650 }, 'For how many days somebody who was hidden can be restored (L6).'),
  importDays: integer(30, { least: 1, most: 365 }, 'For how many days an import and its lines are kept.'),
  auditDays: integer(730, { least: 30, most: 36_500 }, 'For how many days the audit log is kept.'),
  provisioningLogDays: integer(30, { least: 1, most: 730 }, 'For how many days the provisioning log is kept.'),
  provisioningLogEntries: integer(100_000, { least: 100, most: 10_000_000 }, 'How many entries of the provisioning log are kept for each client.'),
} as const;

export type Policy = ValuesOf<typeof POLICY>;

const known = new WeakMap<Stored, Policy>();

/** @param stored what the tenant has decided; everything else is as shipped. Read once for each copy of it. */
export function policyOf(stored: Stored): Policy {
  const policy = known.get(stored) ?? valuesOf(POLICY, stored);
  known.set(stored, policy);
  return policy;
}
