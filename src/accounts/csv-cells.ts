/** Rows of a CSV file as they go out (RFC 4180), and what a spreadsheet would run as a formula: made harmless (OWASP, CSV injection), and undone in what comes back. */
import { stringify } from 'csv-stringify/sync';

/** RFC 4180: a cell with a line break of whatever kind is in quotes, also where it is another one than that of the file. */
export const csvOf = (rows: readonly (readonly string[])[]) => stringify(rows.map((row) => [...row]), { record_delimiter: '\r\n', quoted_match: /[\r\n]/ });

/**
 * Such a cell begins with an apostrophe. So does what stands behind a semicolon, a tab or a line break, which another reader takes for the end of
 * the cell.
 */
export const harmless = (text: string) => text.replace(FORMULA, '\'');
const FORMULA = /^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?=[=+\-@＝＋－＠])/g;

/** The text that became harmless in this way. What somebody has written with an apostrophe looks the same: whoever compares does so with `harmless`. */
export const withoutApostrophes = (cell: string) => cell.replace(APOSTROPHE, '');
const APOSTROPHE = /^'(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])'(?=[=+\-@＝＋－＠])/g;
