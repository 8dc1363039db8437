/** Text for people: tables, and names with their values. */

export type Cell = string | number | boolean | Date | readonly string[] | undefined;

/** A row of headings and a row for each; `none` where there are none. */
export function table<Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => Cell>>, none: string): string[] {
  if (rows.length === 0) return [none];
  const cells = rows.map((row) => Object.values(columns).map((column) => text(column(row))));
  return aligned([Object.keys(columns), ...cells]);
}

/** A line for each name, its value beside it. */
export const facts = (values: Readonly<Record<string, Cell>>) => aligned(Object.entries(values).map(([name, value]) => [name, text(value)]));

export const instant = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');

function text(cell: Cell): string {
  if (cell === undefined) return '-';
  if (cell instanceof Date) return instant(cell);
  return typeof cell === 'object' ? cell.join(' ') || '-' : String(cell);
}

/** @param rows all of the same length */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ').trimEnd());
}
