/** What each line of an import would do, or has done: as pages, and as a file with the cells as they came, to be mended and sent again. */
import { invalidCursor } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { seal, unseal } from '../seal.ts';
import type { ImportDocument, ImportLineDocument, OutcomeKind } from '../store/import-documents.ts';
import { readLines } from '../store/imports.ts';
import { csvOf, harmless } from './csv-cells.ts';
import { importOf } from './import.ts';

export interface LineView {
  readonly line: number;
  /** Undefined where it was not looked at yet. */
  readonly outcome: OutcomeKind | undefined;
  /** Whether that has happened, or would. */
  readonly ran: boolean;
  readonly person?: string;
  readonly changed?: readonly string[];
  readonly column?: number;
  readonly header?: string;
  readonly reason?: string;
  readonly cells: readonly string[];
}

export interface LinesPage {
  readonly lines: readonly LineView[];
  readonly nextCursor: string | undefined;
}

/** @throws ScimError 400 invalidCursor, 404 */
export async function linesOfImport(context: Context, id: string, { outcome, count, cursor }: { readonly outcome: OutcomeKind | undefined; readonly count: number; readonly cursor: string | undefined }): Promise<LinesPage> {
  const document = await importOf(context, id);
  const purpose = `import ${context.scope.tenant} ${id} ${outcome ?? ''}`;
  const after = cursor === undefined ? 0 : placeIn(unseal(context.secretKeys, purpose, cursor));
  const found = await readLines(context.scope, id, { outcome, after, count: count + 1 });
  const lines = found.slice(0, count);
  const last = lines.at(-1);
  return { lines: lines.map((line) => viewOf(document, line)), nextCursor: found.length > count && last ? seal(context.secretKeys, purpose, String(last.number)) : undefined };
}

function placeIn(text: string | undefined): number {
  if (text === undefined) throw invalidCursor('The cursor is not one of these lines.');
  return Number(text);
}

function viewOf({ columns }: ImportDocument, { line, cells, outcome, ran, person }: ImportLineDocument): LineView {
  const { kind, changed, column, reason } = outcome ?? {};
  const header = column === undefined ? undefined : columns[column - 1]?.header;
  return {
    line, outcome: kind, ran: ran ?? false, ...(person === undefined ? {} : { person }), ...(changed ? { changed } : {}),
    ...(column === undefined ? {} : { column }), ...(header === undefined ? {} : { header }), ...(reason === undefined ? {} : { reason }), cells,
  };
}

const AT_ONCE = 1000;
const HEADS = ['line', 'outcome', 'column', 'reason', 'changed'];

/** Reads as fast as it is read from. @throws ScimError 404; before the first part */
export async function* reportOfImport(context: Context, id: string, outcome: OutcomeKind | undefined): AsyncGenerator<string> {
  const document = await importOf(context, id);
  yield csvOf([[...HEADS, ...document.columns.map(({ header }) => harmless(header))]]);
  for (let after = 0; ;) {
    const found = await readLines(context.scope, id, { outcome, after, count: AT_ONCE });
    const last = found.at(-1);
    if (!last) return;
    yield csvOf(found.map(({ line, outcome: { kind = '', column = '', reason = '', changed = [] } = {}, cells }) => [String(line), kind, String(column), reason, changed.join(' '), ...cells.map(harmless)]));
    after = last.number;
  }
}
