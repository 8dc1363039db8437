/** The rules for passwords (S4): each has a key, so that a page can name those that are broken, in its own language. */
import type { Policy } from '../policy.ts';
import { fold } from '../scim/fold.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';

export const RULES = ['length', 'tooLong', 'control', 'classes', 'common', 'ownWords', 'history'] as const;
export type RuleKey = (typeof RULES)[number];

const MOST_BYTES = 1024;
/** Shorter words stand in too many passwords by chance. */
const LEAST_WORD = 4;

/** Those that hold for everybody of the tenant, in the order in which they are shown. */
export const shownRules = ({ passwordClasses, passwordHistory }: Policy): readonly RuleKey[] =>
  ['length', ...(passwordClasses > 1 ? (['classes'] as const) : []), 'common', 'ownWords', ...(passwordHistory > 0 ? (['history'] as const) : [])];

/** All that the password breaks, but for `history`, which takes a verification. @param words of the person and the organisation */
export function brokenRules(password: string, policy: Policy, words: readonly string[]): readonly RuleKey[] {
  const folded = fold(password);
  const broken: Record<Exclude<RuleKey, 'history'>, boolean> = {
    // As it will be hashed: an accent typed apart is no character of its own.
    length: Array.from(password.normalize('NFC')).length < policy.passwordLength,
    tooLong: Buffer.byteLength(password) > MOST_BYTES,
    // RFC 8265 section 4.2: half a character is none, and nobody could type it.
    control: /\p{Cc}/u.test(password) || !password.isWellFormed(),
    classes: classesOf(password) < policy.passwordClasses,
    common: COMMON_PASSWORDS.has(folded) || isOneCharacter(folded),
    ownWords: words.flatMap(partsOf).some((word) => folded.includes(word)),
  };
  return RULES.filter((rule) => rule !== 'history' && broken[rule]);
}

/** For a client, in the language of errors. Continues a sentence that begins with "password". */
export function ruleText(rule: string, { passwordLength, passwordClasses, passwordHistory }: Policy): string {
  switch (rule) {
    case 'length':
      return `must have at least ${passwordLength} characters`;
    case 'tooLong':
      return `must not be longer than ${MOST_BYTES} bytes`;
    case 'control':
      return 'must not hold control characters';
    case 'classes':
      return `must hold ${passwordClasses} of lower case, upper case, digits and others`;
    case 'common':
      return 'is one of the first that anybody would try';
    case 'ownWords':
      return "must not hold the person's own name or address, nor words of the organisation";
    default:
      return `must not be one of the last ${passwordHistory}`;
  }
}

const classesOf = (password: string) => [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u].filter((kind) => kind.test(password)).length;
const isOneCharacter = (text: string) => new Set(text).size === 1;

/** "Jan van der Berg" is three words; an address is its name and its host. */
const partsOf = (word: string) => fold(word).split(/[^\p{L}\p{N}]+/u).filter((part) => part.length >= LEAST_WORD);
