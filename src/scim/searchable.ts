/**
 * The form in which people are searched and put in order: folded, without accents, blanks as one. Looser than `fold`, and never what decides
 * whether two names are the same.
 */
import { fold } from './fold.ts';

/** Letters of Latin names that are no letter with a mark, so that no decomposition leads to what people type instead. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['æ', 'ae'], ['œ', 'oe'], ['ø', 'o'], ['ß', 'ss'], ['ł', 'l'], ['đ', 'd'], ['ð', 'd'], ['þ', 'th'], ['ħ', 'h'], ['ŧ', 't'], ['ŋ', 'n'], ['ı', 'i'], ['ə', 'e'],
  // The same letter at the end of a word, where a word that goes on has the other.
  ['ς', 'σ'],
  ['’', '\''], ['‘', '\''], ['ʼ', '\''], ['‐', '-'], ['–', '-'], ['—', '-'],
]);
const LETTERS = new RegExp(`[${[...PLAIN.keys()].join('')}]`, 'g');

/** Combining marks of Latin, Greek and Cyrillic. Not \p{M}: in Devanagari or Thai that would take the vowels. */
// eslint-disable-next-line no-misleading-character-class -- each mark is meant by itself
const ACCENTS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
/** Format characters, such as a soft hyphen, and halves of a character. */
const UNSEEN = /[\p{Cf}\p{Cs}]/gu;
/** Commas part terms, so they can stand in none: "Berg, Jan" is searched as "berg jan". */
const GAPS = /[\s\p{Z}\p{Cc},]+/gu;

export function searchable(text: string): string {
  // Most are: a fifth of the time.
  if (/^[ -~]*$/.test(text)) return text.toLowerCase().replace(/[ ,]+/g, ' ').trim();
  const folded = fold(text.replace(UNSEEN, ''));
  return folded.normalize('NFD').replace(ACCENTS, '').normalize('NFC').replace(LETTERS, (letter) => PLAIN.get(letter) ?? letter).replace(GAPS, ' ').trim();
}

/** The first characters, never half of one. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : Array.from(text.slice(0, 2 * length)).slice(0, length).join('');
}
