/** The mails to administrators and managers about others. */
import { formatDay, formatInstant } from '../locales/dates.ts';
import { action, greeting, list, paragraph, wording, write, type Content, type Letterhead } from './letter.ts';

/** More names than this are a list that nobody reads in a mail; the page behind the link has them all. */
const MOST_PEOPLE = 50;

export interface Leaver {
  readonly name: string;
  /** The last day with access, `YYYY-MM-DD`: with policy `leaveDay` = `firstGone` the day before the leave date. */
  readonly lastDay: string;
}

/** J10, some days ahead (policy `leaveNoticeDays`). @param given `link` to the leavers in the console */
export function leaveNotice(letterhead: Letterhead, given: { readonly name: string; readonly people: readonly Leaver[]; readonly link: string }): Content {
  const say = wording(letterhead);
  const shown = given.people.slice(0, MOST_PEOPLE).map(({ name, lastDay }) => say('mail.leaveNotice.person', { name, day: formatDay(lastDay, letterhead.language) }));
  const others = given.people.length - shown.length;
  return write(letterhead, {
    subject: say('mail.leaveNotice.subject', { count: given.people.length }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.leaveNotice.text', { organisation: letterhead.organisation })),
      list(others === 0 ? shown : [...shown, say('mail.leaveNotice.more', { count: others })]),
      paragraph(say('mail.leaveNotice.change')),
      action(say('mail.leaveNotice.button'), given.link),
    ],
  });
}

export interface ExpiringToken {
  /** What the administrator called it; never the token. */
  readonly label: string;
  readonly client: string;
  readonly days: number;
  readonly until: Date;
}

/** @param given `link` to the client in the console */
export function tokenExpires(letterhead: Letterhead, given: ExpiringToken & { readonly name: string; readonly link: string }): Content {
  const say = wording(letterhead);
  const { client, label, days } = given;
  return write(letterhead, {
    subject: say('mail.tokenExpires.subject', { client, count: days }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.tokenExpires.text', { label, client, until: formatInstant(given.until, letterhead.language, letterhead.timeZone) })),
      paragraph(say('mail.tokenExpires.steps')),
      list([say('mail.tokenExpires.issue'), say('mail.tokenExpires.enter'), say('mail.tokenExpires.withdraw')]),
      action(say('mail.tokenExpires.button'), given.link),
    ],
  });
}

export interface Held {
  readonly client: string;
  /** Which limit: of people deactivated and deleted, or of members taken out of groups. */
  readonly kind: 'changes' | 'members';
  readonly limit: number;
  readonly asked: number;
  readonly when: Date;
}

/** A client asked for more at once than it may, and an administrator decides. @param given `link` to what is on hold */
export function guardHeld(letterhead: Letterhead, given: Held & { readonly name: string; readonly link: string }): Content {
  const say = wording(letterhead);
  const { client, kind, limit, asked } = given;
  return write(letterhead, {
    subject: say('mail.guardHeld.subject', { client }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.guardHeld.text', { client, when: formatInstant(given.when, letterhead.language, letterhead.timeZone) })),
      list([say(`mail.guardHeld.${kind}`, { count: limit }), say('mail.guardHeld.asked', { count: asked })]),
      paragraph(say('mail.guardHeld.goesOn')),
      paragraph(say('mail.guardHeld.decide')),
      action(say('mail.guardHeld.button'), given.link),
    ],
  });
}

/** Combinations: the leave date of the last administrator has come. @param given `link` to the console */
export function leaveHeld(letterhead: Letterhead, given: { readonly name: string; readonly person: string; readonly link: string }): Content {
  const say = wording(letterhead);
  const { person } = given;
  return write(letterhead, {
    subject: say('mail.leaveHeld.subject', { person }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.leaveHeld.text', { person, organisation: letterhead.organisation })),
      paragraph(say('mail.leaveHeld.next')),
      action(say('mail.leaveHeld.button'), given.link),
    ],
  });
}

/** L5: a client's POST means somebody who is here already, deactivated. @param given `link` to the question in the console */
export function matchHeld(letterhead: Letterhead, given: { readonly name: string; readonly client: string; readonly person: string; readonly link: string }): Content {
  const say = wording(letterhead);
  const { client, person } = given;
  return write(letterhead, {
    subject: say('mail.matchHeld.subject', { person }),
    blocks: [
      greeting(letterhead, given.name),
      paragraph(say('mail.matchHeld.text', { client, person })),
      list([say('mail.matchHeld.adopt', { client }), say('mail.matchHeld.refuse')]),
      action(say('mail.matchHeld.button'), given.link),
    ],
  });
}
