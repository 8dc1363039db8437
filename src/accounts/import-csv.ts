/**
 * A CSV file as records (RFC 4180), in UTF-8. The parser is csv-parse; what it does not say is worked out beside it: on which line a record begins,
 * where a quote was opened that nobody closes, and how long a record may become before somebody must say stop. Faults name line and column.
 */
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { invalidValue, payloadTooLarge, type ScimError } from '../errors.ts';
import type { Limits } from '../limits.ts';

export const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t' } as const;
export type Delimiter = keyof typeof DELIMITERS;
export const DELIMITER_NAMES = ['comma', 'semicolon', 'tab'] as const satisfies readonly Delimiter[];

export interface CsvRecord {
  /** On which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

type CsvLimits = Pick<Limits, 'importLines' | 'importColumns' | 'importLineBytes'>;

/** @param column counted in cells, from 1 */
export const faultAt = (line: number, column: number, text: string): ScimError => invalidValue(`Line ${line}, column ${column}: ${text}`);

const [CR, LF, QUOTE, NUL] = [0x0d, 0x0a, 0x22, 0];
const UTF8_BOM = Buffer.from('\ufeff');

/** The file without the mark of UTF-8. @throws ScimError 400 for UTF-16 and for a file with nothing in it */
export function csvBytes(file: Buffer): Buffer {
  const [first, second] = file;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || (file.length > 1 && (first === NUL) !== (second === NUL));
  if (isUtf16) throw faultAt(1, 1, 'the file is in UTF-16. Save it as "CSV UTF-8".');
  const bytes = file.subarray(0, UTF8_BOM.length).equals(UTF8_BOM) ? file.subarray(UTF8_BOM.length) : file;
  if (!bytes.some((byte) => byte !== CR && byte !== LF)) throw faultAt(1, 1, 'the file is empty: its first line must name the columns.');
  return bytes;
}

/** The one that stands most often in the first line. */
export function delimiterOf(bytes: Buffer): Delimiter {
  const counts = new Map<number, number>();
  let quoted = false;
  for (const byte of bytes.subarray(0, FIRST_BYTES)) {
    if (byte === QUOTE) quoted = !quoted;
    else if (!quoted && (byte === CR || byte === LF) && counts.size > 0) break;
    else if (!quoted) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  const often = (name: Delimiter) => counts.get(DELIMITERS[name].charCodeAt(0)) ?? 0;
  return [...DELIMITER_NAMES].sort((a, b) => often(b) - often(a))[0] ?? 'comma';
}

const FIRST_BYTES = 65_536;
const SLICE = 65_536;

/** Reads the file a slice at a time, so that other requests have their turn. @throws ScimError 400 with line and column, 413 */
export async function* readCsv(bytes: Buffer, delimiter: Delimiter, limits: CsvLimits): AsyncGenerator<CsvRecord> {
  if (!isUtf8(bytes)) throw await encodingFault(bytes, delimiter, limits);
  const course = new Course(DELIMITERS[delimiter], limits);
  let records = 0;
  for await (const cells of parsed<string>(course, bytes, 'utf8')) {
    const line = course.starts[records++] ?? 0;
    // Spreadsheets leave such lines behind the last one.
    if (cells.some((cell) => cell !== '')) yield { line, cells };
  }
}

/** The records before whatever is wrong, and then what is wrong. */
async function* parsed<Cell>(course: Course, bytes: Buffer, encoding: 'utf8' | null): AsyncGenerator<readonly Cell[]> {
  const parser = parse({ encoding, delimiter: course.delimiter, record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: true, skip_empty_lines: true });
  const records: AsyncIterable<readonly Cell[]> = Readable.from(slices(bytes, course)).pipe(parser);
  try {
    yield* records;
  } catch (error) {
    throw error instanceof CsvError ? (quoteFault(error, course) ?? course.fault ?? error) : error;
  }
  if (course.fault) throw course.fault;
}

/** Ends before what the course finds wrong. */
async function* slices(bytes: Buffer, course: Course): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length && !course.fault; start += SLICE) {
    const slice = bytes.subarray(start, start + SLICE);
    const end = course.pass(slice);
    if (end > 0) yield slice.subarray(0, end);
    await turn();
  }
  course.end();
}

function quoteFault({ code, records, column }: CsvError, { starts }: Course): ScimError | undefined {
  const line = starts[Number(records)] ?? 0;
  const cell = Number(column) + 1;
  switch (code) {
    case 'INVALID_OPENING_QUOTE':
      return faultAt(line, cell, 'a quote stands inside a cell that does not begin with one. Put the whole cell in quotes, and double the quote.');
    case 'CSV_INVALID_CLOSING_QUOTE':
      return faultAt(line, cell, 'behind the closing quote of a cell there is more text. A quote inside a cell is written twice.');
    default:
      return undefined;
  }
}

async function encodingFault(bytes: Buffer, delimiter: Delimiter, limits: CsvLimits): Promise<ScimError> {
  const course = new Course(DELIMITERS[delimiter], limits);
  let records = 0;
  for await (const cells of parsed<Buffer>(course, bytes, null)) {
    const line = course.starts[records++] ?? 0;
    const column = cells.findIndex((cell) => !isUtf8(cell));
    const byte = cells[column]?.find((_one, index, cell) => index + 1 >= firstWrong(cell));
    if (column >= 0) return faultAt(line, column + 1, `the byte 0x${(byte ?? 0).toString(16).toUpperCase().padStart(2, '0')} is not UTF-8. Save the file as "CSV UTF-8".`);
  }
  return faultAt(1, 1, 'the file is not in UTF-8. Save it as "CSV UTF-8".');
}

/** How many bytes it takes until the cell is wrong. */
function firstWrong(cell: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let end = 0; end < cell.length; end++) {
    try {
      decoder.decode(cell.subarray(end, end + 1), { stream: true });
    } catch {
      return end + 1;
    }
  }
  return cell.length;
}

/** Where the reading is: it looks at quotes, delimiters and line breaks alone, so what it counts is right until the parser finds a fault. */
class Course {
  /** Of each record the line on which it begins. */
  readonly starts: number[] = [];
  readonly delimiter: string;
  fault: ScimError | undefined;
  private readonly limits: CsvLimits;
  private line = 1;
  private column = 1;
  /** Of the present record. */
  private bytes = 0;
  private quoted = false;
  private opened = { line: 1, column: 1 };
  private afterCr = false;

  constructor(delimiter: string, limits: CsvLimits) {
    this.delimiter = delimiter;
    this.limits = limits;
  }

  /** @returns how many of the bytes are before a fault */
  pass(slice: Buffer): number {
    const delimiter = this.delimiter.charCodeAt(0);
    for (let index = 0; index < slice.length; index++) {
      this.step(slice[index] ?? 0, delimiter);
      if (this.fault) return index;
    }
    return slice.length;
  }

  end(): void {
    if (this.quoted) this.fault ??= faultAt(this.opened.line, this.opened.column, 'a quote is opened here that nothing closes.');
  }

  private step(byte: number, delimiter: number): void {
    const isBreak = byte === CR || byte === LF;
    const isSecond = byte === LF && this.afterCr;
    this.afterCr = byte === CR;
    if (isBreak && !this.quoted) {
      if (!isSecond) this.line++;
      this.column = 1;
      this.bytes = 0;
      return;
    }
    if (this.bytes++ === 0) this.begin();
    if (isBreak && !isSecond) this.line++;
    else if (byte === QUOTE) this.toggle();
    else if (byte === delimiter && !this.quoted) this.column++;
    else if (byte === NUL) this.fault ??= faultAt(this.line, this.column, 'there is a NUL character, which no text has.');
    if (this.column > this.limits.importColumns) this.fault ??= faultAt(this.line, this.column, `there are more than ${this.limits.importColumns} columns.`);
    if (this.bytes > this.limits.importLineBytes) this.fault ??= this.tooLong();
  }

  private begin(): void {
    this.starts.push(this.line);
    // One more than the lines: the header.
    if (this.starts.length > this.limits.importLines + 1) this.fault ??= payloadTooLarge('importLines', this.limits.importLines);
  }

  private toggle(): void {
    this.quoted = !this.quoted;
    if (this.quoted) this.opened = { line: this.line, column: this.column };
  }

  private tooLong(): ScimError {
    const what = `is longer than ${this.limits.importLineBytes} bytes`;
    return this.quoted ? faultAt(this.opened.line, this.opened.column, `the line ${what}: is the quote that is opened here closed?`) : faultAt(this.starts.at(-1) ?? this.line, 1, `the line ${what}.`);
  }
}
