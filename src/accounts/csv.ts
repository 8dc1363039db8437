/** Lists as CSV: UTF-8 with CRLF (RFC 4180), streamed, harmless in a spreadsheet, with one entry in the audit log. */
import type { en } from '../locales/en.ts';
import { translator } from '../locales/translator.ts';
import type { Language } from '../policy.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { completeAudit, writeAudit } from '../store/audit.ts';
import { csvOf, harmless } from './csv-cells.ts';
import { userType } from './verbs.ts';

export interface CsvFormat {
  /** Of the header. */
  readonly language: Language;
  /** Some spreadsheets take a file without one for something else than UTF-8. */
  readonly bom: boolean;
}

/** The text of a column's head. */
export type ColumnKey = Extract<keyof typeof en, `csv.${string}`>;

export interface CsvFile<Row> extends CsvFormat {
  readonly columns: readonly ColumnKey[];
  readonly cells: (row: Row) => readonly (string | undefined)[];
  /** For the audit log: what it is of, and by what it was filtered. Never what was searched: that may be somebody's name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Asked once there is room, before anything is written. */
  readonly batches: () => Promise<AsyncIterable<readonly Row[]>>;
}

/**
 * Reads as fast as it is read from. The audit entry is written before the first row leaves, and says afterwards how many there were.
 * @throws ScimError 400, 429; before the first part
 */
export async function* csvFile<Row>(context: Context, { columns, cells, values, batches, ...format }: CsvFile<Row>): AsyncGenerator<string> {
  const { store, tenant } = context.scope;
  const leave = await store.exports(tenant).enter();
  try {
    const read = await batches();
    const [entry = ''] = await writeAudit(store, tenant, [{ ...auditOf(context, 'export', userType(context), '', []), on: { type: 'Tenant', id: tenant }, values }], context.now());
    let rows = 0;
    let complete = false;
    try {
      let head = headOf(columns, format);
      for await (const batch of read) {
        rows += batch.length;
        yield head + rowsOf(batch, cells);
        head = '';
      }
      if (head !== '') yield head;
      complete = true;
    } finally {
      await completeAudit(store, tenant, entry, { rows, complete });
    }
  } finally {
    leave();
  }
}

/** A file that is small enough to be held as a whole. */
export const csvText = <Row>(rows: readonly Row[], { columns, cells, ...format }: Omit<CsvFile<Row>, 'values' | 'batches'>): string => headOf(columns, format) + rowsOf(rows, cells);

const rowsOf = <Row>(rows: readonly Row[], cells: CsvFile<Row>['cells']) => csvOf(rows.map((row) => cells(row).map((cell) => harmless(cell ?? ''))));

function headOf(columns: readonly ColumnKey[], { language, bom }: CsvFormat): string {
  const translate = translator(language);
  return (bom ? '\ufeff' : '') + csvOf([columns.map((column) => translate(column))]);
}
