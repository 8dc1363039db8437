/**
 * The mail with an activation link (S3), and the one that repeats it (S5). Whoever invites may edit subject and text for this one mail; they
 * hold placeholders, which are filled in as the mail is written.
 */
import { formatInstant } from '../locales/dates.ts';
import { translator } from '../locales/translator.ts';
import type { Language, Policy } from '../policy.ts';
import { action, paragraph, wording, write, type Content, type Letterhead } from './letter.ts';
import { oneLine, severalLines } from './line.ts';
import type { Block } from './sheet.ts';

/** Subject and text as they are edited: plain text with placeholders. */
export interface Draft {
  readonly subject: string;
  readonly text: string;
}

export interface Invited {
  /** Not empty: the userName where somebody has no name. */
  readonly name: string;
  readonly link: string;
  readonly until: Date;
}

export interface PlaceholderFaults {
  /** What stands in braces and is no placeholder, as it was typed. */
  readonly unknown: readonly string[];
  readonly missing: readonly string[];
}

/** The characters of a text; longer ones are cut. */
export const DRAFT_MOST = 10_000;
/** A name that never leads anywhere: RFC 2606 section 2. */
const PREVIEW_LINK = 'https://link.example/activate';

/** Not the link: subjects are kept in logs of mail servers and shown on locked screens. */
const IN_SUBJECT: readonly string[] = ['name', 'organisation', 'until'];
const IN_TEXT: readonly string[] = [...IN_SUBJECT, 'link'];
const placeholder = /\{\{\s*([a-z]+)\s*\}\}/g;

/** What the form begins with, in the person's language (S3): the organisation's own words, where it has some. */
export function usualInvitation({ invitationSubjects, invitationTexts }: Words, language: Language): Draft {
  const { subject, text } = invitationDraft(language);
  return { subject: invitationSubjects[language] ?? subject, text: invitationTexts[language] ?? text };
}

type Words = Pick<Policy, 'invitationSubjects' | 'invitationTexts'>;

/** What is wrong with an organisation's own words, each by its setting and language. */
export const wordsFaults = ({ invitationSubjects = {}, invitationTexts = {} }: Partial<Words>): readonly (PlaceholderFaults & { readonly setting: keyof Words; readonly language: string })[] =>
  ([['invitationSubjects', invitationSubjects, 'subject'], ['invitationTexts', invitationTexts, 'text']] as const).flatMap(([setting, words, part]) =>
    Object.entries(words).flatMap(([language, text]) => {
      const faults = checkPlaceholders(text, part);
      return faults ? [{ ...faults, setting, language }] : [];
    }));

/** As shipped. */
export function invitationDraft(language: Language): Draft {
  const say = translator(language);
  const themselves = { name: '{{name}}', link: '{{link}}', organisation: '{{organisation}}', until: '{{until}}' };
  return { subject: say('mail.invitation.subject', themselves), text: say('mail.invitation.text', themselves) };
}

/** @returns what is wrong with the placeholders of an edited text, or nothing. A text needs `{{link}}`, a subject may not have it */
export function checkPlaceholders(text: string, part: keyof Draft = 'text'): PlaceholderFaults | undefined {
  const known = part === 'text' ? IN_TEXT : IN_SUBJECT;
  const used = [...text.matchAll(placeholder)].map(([whole, name = '']) => ({ whole, name }));
  const rest = text.replace(placeholder, (whole, name: string) => (known.includes(name) ? '' : whole));
  // Whatever has two braces was meant to be one: {{Name}}, {{ }}, {{name}.
  const unknown = [...new Set(rest.match(/\{\{[^{}\n]{0,40}\}{0,2}|\}\}/g) ?? [])];
  const missing = part === 'text' && !used.some(({ name }) => name === 'link') ? ['{{link}}'] : [];
  return unknown.length === 0 && missing.length === 0 ? undefined : { unknown, missing };
}

export function invitation(letterhead: Letterhead, draft: Draft, invited: Invited): Content {
  return write(letterhead, { subject: fill(draft.subject, letterhead, invited), blocks: blocksOf(draft, letterhead, invited) });
}

/** S5: the text of the invitation once more, with a new link; the old one is dead. */
export function activationAgain(letterhead: Letterhead, draft: Draft, invited: Invited): Content {
  const blocks = [...blocksOf(draft, letterhead, invited), paragraph(wording(letterhead)('mail.invitation.again'))];
  return write(letterhead, { subject: fill(draft.subject, letterhead, invited), blocks });
}

/** The mail as it will look, with a link that leads nowhere. */
export const previewInvitation = (letterhead: Letterhead, draft: Draft, { name, until }: Pick<Invited, 'name' | 'until'>): Content =>
  invitation(letterhead, draft, { name, until, link: PREVIEW_LINK });

/** The link becomes a button wherever it stands; the rest becomes paragraphs, divided at empty lines. The draft is divided before it is filled in. */
function blocksOf(draft: Draft, letterhead: Letterhead, invited: Invited): Block[] {
  const button = action(wording(letterhead)('mail.invitation.button'), invited.link);
  const pieces = severalLines(draft.text, DRAFT_MOST).split(/\{\{\s*link\s*\}\}/);
  // A mail without its link would be of no use, whoever forgot to ask checkPlaceholders.
  if (pieces.length === 1) pieces.push('');
  return pieces.flatMap((piece, at) => {
    const paragraphs = piece.split(/\n{2,}/).map((text) => text.trim()).filter((text) => text !== '');
    return [...(at === 0 ? [] : [button]), ...paragraphs.map((text) => paragraph(fill(text, letterhead, invited)))];
  });
}

/** In one pass, so that a name like "{{until}}" stays a name. */
function fill(text: string, { organisation, language, timeZone }: Letterhead, { name, until }: Invited): string {
  const values = new Map([
    ['name', oneLine(name)],
    ['organisation', oneLine(organisation)],
    ['until', formatInstant(until, language, timeZone)],
  ]);
  return text.replace(placeholder, (whole, key: string) => values.get(key) ?? whole);
}
