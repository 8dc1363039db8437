/** From a line of an import to what it says: whom it is about, and what they should be. */
import { ScimError } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { fold } from '../scim/fold.ts';
import type { Attributes } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import type { ImportLineDocument } from '../store/import-documents.ts';
import { harmless, withoutApostrophes } from './csv-cells.ts';
import type { Table } from './import-columns.ts';
import { FIELD_NAMES, kindOf, MATCHING, namesIn, type Field, type Wish } from './import-fields.ts';
import { personOf } from './people.ts';

/** What a line is refused for. */
export class LineFault extends Error {
  /** From 1; undefined where it is the line as a whole. */
  readonly column: number | undefined;

  constructor(reason: string, column?: number) {
    super(reason);
    this.column = column;
  }
}

export interface Asked {
  readonly wishes: readonly Wish[];
  readonly changed: readonly Field[];
}

type Line = Pick<ImportLineDocument, 'cells'>;

/** @throws LineFault where it has not the cells of the header */
export function checkLine({ width }: Table, { cells }: Line): void {
  if (cells.length !== width) throw new LineFault(`The line has ${cells.length} cells, and the header ${width}.`, Math.min(cells.length, width) + 1);
}

const CONTROL = /[^\P{Cc}\t\r\n]/u;

export function textIn({ indexes }: Table, { cells }: Line, field: Field): string {
  const index = indexes.get(field);
  return index === undefined ? '' : withoutApostrophes(cells[index] ?? '').trim();
}

/** As it stands, and as it was before an export made it harmless: both may be somebody's name. */
export function spellings({ indexes }: Table, { cells }: Line, field: Field): readonly string[] {
  const cell = cells[indexes.get(field) ?? -1] ?? '';
  const both = [withoutApostrophes(cell), cell];
  return [...new Set([...both.map((text) => text.trim()), ...both])].filter((text) => text.trim() !== '');
}

/** What tells people apart: no two lines may have the same. */
export function keysOf(table: Table, line: Line): readonly string[] {
  const names = MATCHING.filter((field) => field !== 'email' || table.matchBy === 'email');
  return names.flatMap((field) => {
    const text = textIn(table, line, field);
    return text === '' ? [] : [`${field}|${field === 'externalId' || field === 'id' ? text : fold(text)}`];
  });
}

const NO_ATTRIBUTES: Attributes = {};
/** They say whom a line is about, or what is read elsewhere. */
const APART: ReadonlySet<Field> = new Set<Field>(['id', 'groups', 'status']);

/** @param person undefined for somebody new. @throws LineFault naming the column */
export function askedOf(context: Context, table: Table, line: Line, person: StoredResource | undefined): Asked {
  const asked = FIELD_NAMES.filter((field) => !APART.has(field)).map((field) => ({ field, wishes: wishesOf(context, table, line, field, person) })).filter(({ wishes }) => wishes.length > 0);
  return { wishes: asked.flatMap(({ wishes }) => wishes), changed: asked.map(({ field }) => field) };
}

function wishesOf(context: Context, { indexes, fields, clears }: Table, { cells }: Line, field: Field, person: StoredResource | undefined): readonly Wish[] {
  const index = indexes.get(field);
  if (index === undefined) return [];
  const kind = kindOf(field, fields);
  const attributes = person?.attributes ?? NO_ATTRIBUTES;
  const cell = cells[index] ?? '';
  const shown = person ? shownOf(context, field, person, kind.shown) : '';
  const text = withoutApostrophes(cell).trim();
  if (cell === harmless(shown) || text === shown.trim()) return [];
  if (text === '') return clears ? (kind.clear ?? []) : [];
  if (CONTROL.test(text)) throw new LineFault('There is a control character in the cell.', index + 1);
  try {
    // A day may be written in several ways.
    return kind.read(text, attributes, context).filter(({ value }) => value !== shown);
  } catch (error) {
    throw error instanceof ScimError ? new LineFault(error.message, index + 1) : error;
  }
}

/** An externalId is this client's own, and no attribute. */
function shownOf({ principal }: Context, field: Field, person: StoredResource, shown: ReturnType<typeof kindOf>['shown']): string {
  if (field === 'externalId') return person.externalIds.find(({ client }) => client === principal.client)?.id ?? '';
  return shown(personOf(person), person.attributes);
}

export const groupsAsked = (table: Table, line: Line): readonly string[] => namesIn(textIn(table, line, 'groups'));
