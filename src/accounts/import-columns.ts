/** The header of an import: which column holds what, by our own names in three languages, by usual names of other systems, or as somebody says. */
import { invalidValue, quote } from '../errors.ts';
import { translator } from '../locales/translator.ts';
import { LANGUAGES } from '../policy.ts';
import type { ImportColumn, ImportDocument } from '../store/import-documents.ts';
import { COLUMN_NAMES } from './export-csv.ts';
import { FIELD_NAMES, FIELDS, isField, kindOf, MATCHING, type Field, type Matching } from './import-fields.ts';

/** "E-mail address", "e_mail address" and "EMAILADDRESS" are one. */
const plain = (header: string) => header.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const KNOWN: ReadonlyMap<string, Field> = new Map([
  ...FIELD_NAMES.flatMap((field) => [field, ...FIELDS[field].names].map((name) => [plain(name), field] as const)),
  ...LANGUAGES.flatMap((language) => COLUMN_NAMES.map((column) => [plain(translator(language)(`csv.${column}`)), column] as const)),
]);

const LONGEST_HEADER = 200;

/** @throws ScimError 400 for a header that nobody can mean */
export function readHeader(cells: readonly string[], line: number): readonly ImportColumn[] {
  return cells.map((cell, index) => {
    const header = cell.trim();
    if (header.length > LONGEST_HEADER) throw invalidValue(`Line ${line}, column ${index + 1}: the name of a column has at most ${LONGEST_HEADER} characters.`);
    const field = KNOWN.get(plain(header));
    return { header, ...(field ? { field } : {}) };
  });
}

/**
 * Says what columns hold, by their headers or numbers; null leaves one out.
 * @throws ScimError 400 for a column or a field that there is none of
 */
export function mapColumns(columns: readonly ImportColumn[], mapping: Readonly<Record<string, unknown>>): readonly ImportColumn[] {
  const wanted = new Map(Object.entries(mapping).flatMap(([name, field]) => columnsNamed(columns, name).map((index) => [index, readField(name, field)] as const)));
  return columns.map((column, index) => (wanted.has(index) ? { header: column.header, field: wanted.get(index) ?? null } : column));
}

/** One for each column: headers may be the same, or numbers. @throws ScimError 400 */
export function withFields(columns: readonly ImportColumn[], fields: readonly (Field | null)[]): readonly ImportColumn[] {
  if (fields.length !== columns.length) throw invalidValue(`The file has ${columns.length} columns, and these are ${fields.length} fields.`);
  return columns.map(({ header }, index) => ({ header, field: fields[index] ?? null }));
}

function columnsNamed(columns: readonly ImportColumn[], name: string): readonly number[] {
  const byHeader = columns.flatMap(({ header }, index) => (header === name ? [index] : []));
  if (byHeader.length > 0) return byHeader;
  const number = /^\d{1,4}$/.test(name) ? Number(name) : 0;
  if (number < 1 || number > columns.length) throw invalidValue(`There is no column ${quote(name)} in the file.`);
  return [number - 1];
}

function readField(name: string, field: unknown): Field | null {
  if (field === null) return null;
  if (typeof field !== 'string' || !isField(field)) throw invalidValue(`mapping: ${quote(name)} cannot be ${typeof field === 'string' ? quote(field) : 'that'}; it is null, or one of ${FIELD_NAMES.join(', ')}.`);
  return field;
}

const isMapped = (columns: readonly ImportColumn[]) => (field: Field) => columns.some((column) => column.field === field);

/** Where nobody says it: the first of those that there are. */
export const usualMatching = (columns: readonly ImportColumn[]): Matching | undefined => MATCHING.find(isMapped(columns));

/** Why it cannot be checked yet, each with its line and column. */
export function problemsOf({ columns, headerLine, matchBy, by }: Pick<ImportDocument, 'columns' | 'headerLine' | 'matchBy' | 'by'>): readonly string[] {
  const at = (index: number) => `Line ${headerLine}, column ${index + 1}`;
  const unknown = columns.flatMap(({ header, field }, index) => {
    if (field !== undefined) return [];
    return [header === '' ? `${at(index)}: the column has no name. Say what it holds, or null to leave it out.` : `${at(index)}: nobody knows what ${quote(header)} holds. Say it, or null to leave it out.`];
  });
  const twice = columns.flatMap(({ field }, index) => {
    const first = columns.findIndex((other) => other.field === field);
    return field === undefined || field === null || first === index ? [] : [`${at(index)}: ${field} is in column ${first + 1} already.`];
  });
  const external = columns.findIndex(({ field }) => field === 'externalId');
  const foreign = external >= 0 && by.actor.kind !== 'client' ? [`${at(external)}: an externalId is a provisioning client's own name for somebody, so only its own imports have it.`] : [];
  const mapped = isMapped(columns);
  const matching = MATCHING.find((field) => field === matchBy);
  const missing = matching && mapped(matching) ? [] : [`Line ${headerLine}: there is no column ${matchBy ?? `that says whom a line is about: one of ${MATCHING.join(', ')}`}.`];
  return [...unknown, ...twice, ...foreign, ...missing];
}

/** The columns that hold something, by field. */
export interface Table {
  readonly matchBy: Matching;
  readonly width: number;
  readonly indexes: ReadonlyMap<Field, number>;
  readonly fields: ReadonlySet<string>;
  readonly clears: boolean;
}

export function tableOf({ columns, matchBy, empty }: Pick<ImportDocument, 'columns' | 'matchBy' | 'empty'>): Table {
  const indexes = new Map(columns.flatMap(({ field }, index) => (typeof field === 'string' && isField(field) ? [[field, index] as const] : [])));
  return { matchBy: MATCHING.find((field) => field === matchBy) ?? 'userName', width: columns.length, indexes, fields: new Set(indexes.keys()), clears: empty === 'clear' };
}

/** The number of the column that an error is about: the one whose attribute its text names. */
export function columnOf({ indexes, fields }: Table, text: string): number | undefined {
  const named = [...indexes].filter(([field]) => new RegExp(`(?<![\\w.:])${escaped(kindOf(field, fields).path)}(?![\\w])`).test(text));
  return named[0] && named[0][1] + 1;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
