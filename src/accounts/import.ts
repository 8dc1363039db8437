/**
 * Importing people from a CSV file: uploaded and parsed whole or not at all, its columns mapped, then a report of what each line would do, then the
 * run. The last two are the worker's (`import-run.ts`); here is what people and clients say. Whoever is not in the file is left alone.
 */
import { conflict, invalidValue, notFound, payloadTooLarge } from '../errors.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { newId } from '../resources/create.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { ImportDocument, ImportLineDocument, ImportState, OutcomeCounts } from '../store/import-documents.ts';
import { changeImport, countImports, dropImport, findImport, insertImport, insertLines, lineId, listImports, NO_COUNTS, type ImportChange } from '../store/imports.ts';
import { DAY_MS } from '../time.ts';
import { csvBytes, delimiterOf, readCsv, type Delimiter } from './import-csv.ts';
import { mapColumns, problemsOf, readHeader, usualMatching, withFields } from './import-columns.ts';
import type { Field, Matching } from './import-fields.ts';
import { userType } from './verbs.ts';

export interface ImportOptions {
  /** Recognised in the first line unless given. */
  readonly delimiter?: Delimiter | undefined;
  /** The first of `MATCHING` that there is a column for, unless given. */
  readonly matchBy?: Matching | undefined;
  /** `keep` unless given. */
  readonly empty?: ImportDocument['empty'] | undefined;
}

export interface ImportView {
  readonly id: string;
  readonly created: Date;
  readonly by: ImportDocument['by']['actor'];
  readonly state: ImportState;
  readonly reason?: string;
  readonly delimiter: string;
  readonly columns: readonly { readonly column: number; readonly header: string; readonly field: string | null | undefined }[];
  /** What has to be said before it can be checked, each with its line and column. */
  readonly problems: readonly string[];
  readonly matchBy: string | undefined;
  readonly empty: ImportDocument['empty'];
  readonly lines: number;
  /** Lines that the phase has behind it. */
  readonly position: number;
  readonly planned: OutcomeCounts;
  readonly done: OutcomeCounts;
  /** When it was run first: until then it can be mapped, and what was stopped afterwards can go on. */
  readonly begun?: Date;
  /** When it and its lines are deleted. */
  readonly until: Date;
}

const AT_ONCE = 1000;

/** Stores the file as lines and begins to check them, where nothing has to be said before. @throws ScimError 400 with line and column, 409, 413, 429; then nothing is stored */
export async function beginImport(context: Context, file: AsyncIterable<Uint8Array>, options: ImportOptions = {}): Promise<ImportView> {
  const { scope, limits } = context;
  return scope.store.uploads(scope.tenant).run(async () => {
    // Only so that a tenant does not fill the disk: nothing goes wrong where two servers let in one more.
    if ((await countImports(scope)) >= limits.imports) throw conflict(`There are ${limits.imports} imports already: delete one of them first.`);
    const bytes = csvBytes(await readAll(file, limits.importBytes));
    const id = newId();
    try {
      return await store(context, id, bytes, options);
    } catch (error) {
      await dropImport(scope, id);
      throw error;
    }
  });
}

async function readAll(file: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of file) {
    size += part.length;
    if (size > most) throw payloadTooLarge('importBytes', most);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** A file that is wrong further down leaves nothing behind; should the server end meanwhile, the worker takes away what there is. */
async function store(context: Context, id: string, bytes: Buffer, { delimiter = delimiterOf(bytes), matchBy, empty = 'keep' }: ImportOptions): Promise<ImportView> {
  const { scope, limits, now } = context;
  let header: Pick<ImportDocument, 'columns' | 'headerLine'> | undefined;
  let lines: Omit<ImportLineDocument, 't'>[] = [];
  let number = 0;
  const common = { _id: id, created: now(), turn: now(), by: makerOf(context), delimiter, empty, position: 0, planned: NO_COUNTS, done: NO_COUNTS };
  for await (const { line, cells } of readCsv(bytes, delimiter, limits)) {
    if (!header) {
      header = { columns: readHeader(cells, line), headerLine: line };
      await insertImport(scope, { ...common, ...header, lines: 0, state: 'loading' });
      continue;
    }
    number++;
    lines.push({ _id: lineId(id, number), import: id, number, line, cells });
    if (lines.length < AT_ONCE) continue;
    await insertLines(scope, lines);
    lines = [];
  }
  if (!header || number === 0) throw invalidValue(`Line ${header?.headerLine ?? 1}: there is nobody in the file below the names of the columns.`);
  await insertLines(scope, lines);
  const by = matchBy ?? usualMatching(header.columns);
  const set = { ...header, by: common.by, lines: number, ...(by === undefined ? {} : { matchBy: by }) };
  return move(context, id, 'import.upload', ['loading'], { set: { ...set, state: readyState(set) } });
}

const makerOf = ({ principal }: Context): ImportDocument['by'] => ({ actor: principal.actor, scopes: [...principal.scopes] });
const readyState = (document: Parameters<typeof problemsOf>[0]): ImportState => (problemsOf(document).length > 0 ? 'mapping' : 'checking');

export interface Mapping {
  /** The same by position, one for each column. */
  readonly fields?: readonly (Field | null)[];
  /** Fields by header or number of the column; null leaves one out. */
  readonly columns?: Readonly<Record<string, unknown>> | undefined;
  readonly matchBy?: Matching | undefined;
  readonly empty?: ImportDocument['empty'] | undefined;
}

/** Says what columns hold, and checks the lines again. @throws ScimError 400, 404, 409 once it has been run */
export async function mapImport(context: Context, id: string, { columns = {}, fields, matchBy, empty }: Mapping): Promise<ImportView> {
  const document = await importOf(context, id);
  if (document.begun) throw conflict('The import has been run already: upload the file again.');
  const mapped = mapColumns(fields ? withFields(document.columns, fields) : document.columns, columns);
  const by = matchBy ?? (document.matchBy === undefined || Object.keys(columns).length > 0 || fields ? usualMatching(mapped) : document.matchBy);
  const set = { columns: mapped, headerLine: document.headerLine, by: makerOf(context), ...(by === undefined ? {} : { matchBy: by }), ...(empty === undefined ? {} : { empty }) };
  return move(context, id, 'import.map', ['mapping', 'checking', 'checked', 'stopped'], { set: { ...set, state: readyState(set), position: 0, planned: NO_COUNTS }, unset: ['lease', 'reason', 'finished'] });
}

/** Does what the report says, and goes on where it was stopped. @throws ScimError 404, 409 while another import of the tenant runs, or where this one is not checked */
export async function runImport(context: Context, id: string): Promise<ImportView> {
  const document = await importOf(context, id);
  const goesOn = document.begun !== undefined;
  const set = { state: 'running' as const, by: makerOf(context), ...(goesOn ? {} : { begun: context.now(), position: 0, done: NO_COUNTS }) };
  return move(context, id, 'import.run', goesOn ? ['stopped'] : ['checked'], { set, unset: ['lease', 'reason', 'finished'] });
}

/** What is done stays; the rest can be run later. @throws ScimError 404, 409 */
export function cancelImport(context: Context, id: string): Promise<ImportView> {
  return move(context, id, 'import.cancel', ['checking', 'running'], { set: { state: 'stopped', reason: 'It was cancelled.', finished: context.now() }, unset: ['lease'] });
}

/** Its lines are gone for everybody at once; the worker takes them away. @throws ScimError 404, 409 */
export async function deleteImport(context: Context, id: string): Promise<void> {
  await move(context, id, 'import.delete', ['mapping', 'checked', 'done', 'stopped'], { set: { state: 'dropped' } });
}

/** @throws ScimError 404 */
export const getImport = async (context: Context, id: string): Promise<ImportView> => viewOf(context, await importOf(context, id));

/** The last one first. */
export const listOfImports = async (context: Context): Promise<readonly ImportView[]> => (await listImports(context.scope, makerIn(context))).map((document) => viewOf(context, document));

/** Whoever does not see everybody sees no lines of others, which may be about whom they do not see. */
const makerIn = ({ scope, principal }: Context) => (scope.audience === undefined ? undefined : principal.actor.id);

/** @throws ScimError 404 */
export async function importOf(context: Context, id: string): Promise<ImportDocument> {
  const document = await findImport(context.scope, id, makerIn(context));
  if (!document) throw notFound('Import');
  return document;
}

const WORDS: Readonly<Record<ImportState, string>> = { loading: 'being uploaded', mapping: 'waiting for its columns to be mapped', checking: 'being checked', checked: 'checked', running: 'running', done: 'done', stopped: 'stopped', dropped: 'deleted' };

async function move(context: Context, id: string, action: string, from: readonly ImportState[], change: ImportChange): Promise<ImportView> {
  const at = context.now();
  const before = action === 'import.upload' ? undefined : await importOf(context, id);
  const moved = await changeImport(context.scope, { id, from, at, audit: entryOf(context, action, id, change) }, change);
  if (moved === 'busy') throw conflict('Another import of this organisation is running: wait for its end, or cancel it.');
  if (moved) return viewOf(context, moved);
  throw conflict(`This is not possible while the import is ${WORDS[(await findImport(context.scope, id))?.state ?? before?.state ?? 'dropped']}.`);
}

function entryOf(context: Context, action: string, id: string, { set = {} }: ImportChange): AuditEntry {
  const values = { ...(set.lines === undefined ? {} : { lines: set.lines }), ...(set.columns ? { columns: set.columns.flatMap(({ field }) => field ?? []) } : {}) };
  return { ...auditOf(context, action, userType(context), id, []), on: { type: 'Import', id }, ...(Object.keys(values).length > 0 ? { values } : {}) };
}

function viewOf({ tenant }: Context, document: ImportDocument): ImportView {
  const { _id: id, created, by, state, reason, delimiter, columns, matchBy, empty, lines, position, planned, done, begun } = document;
  return {
    id, created, by: by.actor, state, ...(reason === undefined ? {} : { reason }), delimiter,
    columns: columns.map(({ header, field }, index) => ({ column: index + 1, header, field })),
    problems: state === 'mapping' ? problemsOf(document) : [],
    matchBy, empty, lines, position, planned, done, ...(begun ? { begun } : {}),
    until: new Date(created.getTime() + tenant.policy.importDays * DAY_MS),
  };
}

