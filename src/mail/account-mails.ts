/** The mails to somebody about their own account, but for the invitation. Each is sent in that person's language. */
import { formatInstant } from '../locales/dates.ts';
import { action, contactOf, greeting, paragraph, wording, write, type Content, type Letterhead } from './letter.ts';

const moment = (letterhead: Letterhead, instant: Date) => formatInstant(instant, letterhead.language, letterhead.timeZone);

/** S6, J9, P5: a link to choose a new password. @param given `minutes` that the link lives, which ends at `until` */
export function recovery(letterhead: Letterhead, given: { readonly name: string; readonly link: string; readonly minutes: number; readonly until: Date }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.recovery.subject'),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.recovery.text', { organisation: letterhead.organisation })),
      action(say('mail.recovery.button'), given.link),
      paragraph(say('mail.recovery.until', { count: given.minutes, until: moment(letterhead, given.until) })),
      paragraph(say('mail.recovery.notYou')),
    ],
  });
}

/** Recovery asked for by somebody who signs in with a provider of their own. @param given `link` to the sign-in page */
export function signInElsewhere(letterhead: Letterhead, given: { readonly name: string; readonly link: string }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.signInElsewhere.subject', { organisation: letterhead.organisation }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.signInElsewhere.text', { organisation: letterhead.organisation })),
      action(say('mail.signInElsewhere.button'), given.link),
      paragraph(say('mail.signInElsewhere.forgotten', { contact: contactOf(letterhead) })),
      paragraph(say('mail.signInElsewhere.notYou')),
    ],
  });
}

/** S10, to the new address. It may be a stranger's, if somebody mistyped it: so neither name nor old address. */
export function addressConfirm(letterhead: Letterhead, given: { readonly link: string; readonly until: Date }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.addressConfirm.subject'),
    blocks: [
      paragraph(say('mail.greeting.nameless')),
      paragraph(say('mail.addressConfirm.text', { organisation: letterhead.organisation })),
      action(say('mail.addressConfirm.button'), given.link),
      paragraph(say('mail.addressConfirm.until', { until: moment(letterhead, given.until) })),
      paragraph(say('mail.addressConfirm.notYou')),
    ],
  });
}

/** S10, to the old address. It does not name the new one: whoever reads the old one's mail may no longer be the person. */
export function addressChanged(letterhead: Letterhead, given: { readonly name: string; readonly when: Date }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.addressChanged.subject'),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.addressChanged.text', { organisation: letterhead.organisation, when: moment(letterhead, given.when) })),
      paragraph(say('mail.addressChanged.notYou', { contact: contactOf(letterhead) })),
    ],
  });
}

/** S7, some days before the password must be renewed. @param given `days` left, as policy `renewalReminders` has them */
export function renewalReminder(letterhead: Letterhead, given: { readonly name: string; readonly link: string; readonly days: number; readonly until: Date }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.renewalReminder.subject', { count: given.days }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.renewalReminder.text', { organisation: letterhead.organisation, until: moment(letterhead, given.until) })),
      action(say('mail.renewalReminder.button'), given.link),
      paragraph(say('mail.renewalReminder.later')),
    ],
  });
}

/** The person changed it, or somebody in their name. @param given `link` to the page that sends a recovery link */
export function passwordChanged(letterhead: Letterhead, given: { readonly name: string; readonly link: string; readonly when: Date }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.passwordChanged.subject'),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.passwordChanged.text', { organisation: letterhead.organisation, when: moment(letterhead, given.when) })),
      paragraph(say('mail.passwordChanged.notYou', { contact: contactOf(letterhead) })),
      action(say('mail.passwordChanged.button'), given.link),
    ],
  });
}

/** J5: an administrator took the second factor away, for instance because the telephone was lost. */
export function secondFactorReset(letterhead: Letterhead, given: { readonly name: string; readonly when: Date }): Content {
  const say = wording(letterhead);
  return write(letterhead, {
    subject: say('mail.secondFactorReset.subject'),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.secondFactorReset.text', { organisation: letterhead.organisation, when: moment(letterhead, given.when) })),
      paragraph(say('mail.secondFactorReset.next')),
      paragraph(say('mail.secondFactorReset.notYou', { contact: contactOf(letterhead) })),
    ],
  });
}
