/** What a mail is made of before it is text or HTML, and the one place where it becomes both: so the two always say the same. */
import type { Translate } from '../locales/catalogue.ts';
import { translator } from '../locales/translator.ts';
import type { Language } from '../policy.ts';
import { htmlOf } from './html.tsx';
import { oneLine, SUBJECT_MOST } from './line.ts';
import type { Block } from './sheet.ts';
import { textOf } from './text.ts';

/** Who writes, and to whom in which language. From the tenant's policy and the person. */
export interface Letterhead {
  readonly organisation: string;
  /** `#rrggbb`. */
  readonly color: string;
  /** Whom people may ask (policy `contact`); empty: "your administrator". */
  readonly contact: string;
  readonly language: Language;
  readonly timeZone: string;
}

export interface Letter {
  readonly subject: string;
  readonly blocks: readonly Block[];
}

/** A mail as it is sent, but for its recipient. */
export interface Content {
  /** One line of at most 200 characters. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: Language;
}

export const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
export const list = (items: readonly string[]): Block => ({ kind: 'list', items });

/** @param link whole, http or https; anything else is a fault of the caller, for instance `javascript:` */
export function action(label: string, link: string): Block {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || /[^\x21-\x7e]/.test(link)) throw new TypeError('a link in a mail must be a whole http or https address');
  return { kind: 'action', label, link };
}

/** The texts for a mail: every value that is filled in becomes one line, so that no name can add a paragraph or a header. */
export const wording = ({ language }: Letterhead): Translate => translator(language, oneLine);

/** Whom the reader may ask. */
export const contactOf = (letterhead: Letterhead): string => oneLine(letterhead.contact) || wording(letterhead)('mail.contact.administrator');

export const greeting = (letterhead: Letterhead, name: string): Block =>
  paragraph(oneLine(name) === '' ? wording(letterhead)('mail.greeting.nameless') : wording(letterhead)('mail.greeting', { name }));

export function write(letterhead: Letterhead, letter: Letter): Content {
  const subject = oneLine(letter.subject, SUBJECT_MOST);
  const say = wording(letterhead);
  const organisation = oneLine(letterhead.organisation);
  const asking = oneLine(letterhead.contact) === '' ? [] : [say('mail.contact', { contact: letterhead.contact })];
  const sheet = {
    subject,
    organisation,
    color: letterhead.color,
    language: letterhead.language,
    blocks: letter.blocks,
    bareLink: say('mail.bareLink'),
    footer: [...asking, say('mail.footer', { organisation })],
  };
  return Object.freeze({ subject, text: textOf(sheet), html: htmlOf(sheet), language: letterhead.language });
}
