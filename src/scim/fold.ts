/**
 * How text is compared. Values are stored as sent; comparison, order and uniqueness look at a folded form, the same in
 * `match`, in MongoDB and in unique indexes. Never `toUpperCase` (it maps a dotless i to i), never a collation (it equates
 * "a" and "a\0"): RFC 7644 sections 5 and 7.8, docs/decisions.md.
 */

/** The form in which text with `caseExact: false` is compared: full-width, composed and upper-case variants become one. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/**
 * Orders text by code point, as MongoDB orders the UTF-8 bytes. `<` on JavaScript strings goes by UTF-16 unit and puts an emoji
 * before U+FF01.
 * @returns a negative number, 0 or a positive number
 */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y);
  }
  return a.length - b.length;
}

const surrogatesLast = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Control, format, private and unassigned characters: two names that look alike would differ by them. */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/** Says why `text` cannot be somebody's name for good, or nothing. RFC 8265 section 3, in the words an administrator understands. */
export function identifierFault(text: string): string | undefined {
  if (text.trim() !== text) return 'must not begin or end with a blank';
  if (invisible.test(text)) return 'must not hold control or invisible characters';
  const folded = fold(text);
  if (folded === '' || fold(folded) !== folded || folded.trim() !== folded) return 'cannot be compared reliably; use plain letters';
  return undefined;
}
