/** The mails to people about their own account, ready for the outbox: whose, in which language, to which stored address. */
import { v7 as uuid } from 'uuid';
import { chooseLanguage } from '../locales/language.ts';
import { checkAddress } from '../mail/address.ts';
import { addressChanged, addressConfirm, passwordChanged, recovery, secondFactorReset, signInElsewhere } from '../mail/account-mails.ts';
import { activationAgain, invitation, type Draft } from '../mail/invitation.ts';
import type { Content, Letterhead } from '../mail/letter.ts';
import type { Language } from '../policy.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes } from '../scim/schema.ts';
import type { AccountWrites } from '../store/change-set.ts';
import { isTimeZone } from '../time.ts';
import { addressOf, nameOf, userNameOf } from './facts.ts';
import { linkAddress, type NewLink } from './links.ts';

export type Mail = NonNullable<AccountWrites['mails']>[number];
export type Mailing = Pick<Context, 'tenant' | 'publicUrl' | 'now'>;

export function languageOf({ tenant: { policy } }: Pick<Context, 'tenant'>, { preferredLanguage }: Attributes): Language {
  return chooseLanguage({ preferred: typeof preferredLanguage === 'string' ? preferredLanguage : undefined, policy });
}

export function letterhead(context: Mailing, attributes: Attributes): Letterhead {
  const { name, policy } = context.tenant;
  const { timezone } = attributes;
  // It is stored as it was sent, so it may be none.
  return { organisation: policy.displayName || name, color: policy.color, contact: policy.contact, language: languageOf(context, attributes), timeZone: isTimeZone(timezone) ? timezone : policy.timeZone };
}

/** @returns undefined where the address is none to which mail can go */
export function mailTo({ now }: Mailing, kind: string, person: string, attributes: Attributes, address: string | undefined, { subject, text, html, language }: Content, link?: NewLink): Mail | undefined {
  if (address === undefined || checkAddress(address) !== undefined) return undefined;
  return { _id: uuid(), person, kind, to: { name: nameOf(attributes), address }, subject, text, html, language, created: now(), ...(link ? { link: link.document._id } : {}) };
}

export interface LinkMail {
  readonly person: string;
  readonly attributes: Attributes;
  readonly link: NewLink;
}

const nameFor = (attributes: Attributes) => nameOf(attributes) || userNameOf(attributes);

/** S3, S5. */
export function invitationMail(context: Mailing, { person, attributes, link }: LinkMail, draft: Draft, again: boolean): Mail | undefined {
  const content = (again ? activationAgain : invitation)(letterhead(context, attributes), draft, { name: nameFor(attributes), link: linkAddress(context, 'activate', link.token), until: link.document.expires });
  return mailTo(context, again ? 'activationAgain' : 'invitation', person, attributes, addressOf(attributes), content, link);
}

/** S6, J9, P5. */
export function recoveryMail(context: Mailing, { person, attributes, link }: LinkMail): Mail | undefined {
  const content = recovery(letterhead(context, attributes), { name: nameFor(attributes), link: linkAddress(context, 'reset', link.token), minutes: context.tenant.policy.recoveryMinutes, until: link.document.expires });
  return mailTo(context, 'recovery', person, attributes, addressOf(attributes), content, link);
}

export function signInElsewhereMail(context: Mailing, person: string, attributes: Attributes): Mail | undefined {
  return mailTo(context, 'signInElsewhere', person, attributes, addressOf(attributes), signInElsewhere(letterhead(context, attributes), { name: nameFor(attributes), link: `${context.publicUrl}/sign-in` }));
}

/** S10, to the new address. */
export function addressConfirmMail(context: Mailing, { person, attributes, link }: LinkMail, address: string): Mail | undefined {
  const content = addressConfirm(letterhead(context, attributes), { link: linkAddress(context, 'confirm-email', link.token), until: link.document.expires });
  return mailTo(context, 'addressConfirm', person, attributes, address, content, link);
}

/** S10, to the old address. */
export function addressChangedMail(context: Mailing, person: string, attributes: Attributes, old: string): Mail | undefined {
  return mailTo(context, 'addressChanged', person, attributes, old, addressChanged(letterhead(context, attributes), { name: nameFor(attributes), when: context.now() }));
}

/** To whoever has just chosen one, or did not. */
export function passwordChangedMail(context: Mailing, person: string, attributes: Attributes): Mail | undefined {
  const content = passwordChanged(letterhead(context, attributes), { name: nameFor(attributes), link: `${context.publicUrl}/forgot`, when: context.now() });
  return mailTo(context, 'passwordChanged', person, attributes, addressOf(attributes), content);
}

export function secondFactorResetMail(context: Mailing, person: string, attributes: Attributes): Mail | undefined {
  return mailTo(context, 'secondFactorReset', person, attributes, addressOf(attributes), secondFactorReset(letterhead(context, attributes), { name: nameFor(attributes), when: context.now() }));
}

export const mailsOf = (...mails: readonly (Mail | undefined)[]): readonly Mail[] => mails.filter((mail) => mail !== undefined);
