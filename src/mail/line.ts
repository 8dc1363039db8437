/** Somebody's text made fit for one line: a subject, a header, a sentence of a mail. */

/** Controls, separators of lines and paragraphs, and what turns the direction of writing: with those a name rewrites the text around it. */
const breaking = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Names, organisations, labels: longer ones are no names. */
export const VALUE_MOST = 200;
/** What a subject is cut to. RFC 5322 section 2.1.1 allows more, mail programs show less. */
export const SUBJECT_MOST = 200;

/** @param most characters as people count them: no pair of surrogates and no emoji is cut in two */
export function oneLine(text: string, most = VALUE_MOST): string {
  const line = text.toWellFormed().replace(breaking, ' ').replace(/\s+/gu, ' ').trim();
  if (line.length <= most) return line;
  let cut = '';
  for (const { segment } of new Intl.Segmenter().segment(line.slice(0, most))) {
    if (cut.length + segment.length > most - 1) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}

/** Somebody's text of several lines: line breaks stay, at most one empty line in a row. */
export function severalLines(text: string, most: number): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n').map((line) => oneLine(line, most));
  return lines.join('\n').replace(/\n{3,}/g, '\n\n').slice(0, most).toWellFormed().trim();
}
