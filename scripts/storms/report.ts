/** What a storm has measured, for people to read; and what must be so, which counts. */

export class Report {
  private passed = 0;
  private failed = 0;

  /** A number that decides nothing. */
  note(text: string): void {
    console.log(`       ${text}`);
  }

  check(ok: boolean, text: string): void {
    if (ok) this.passed++;
    else this.failed++;
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${text}`);
  }

  /** The last line of the run. @returns whether everything was as it must be, and something was looked at */
  close(): boolean {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0;
  }
}

/** How often each value came: `401 x 87, 503 x 113`. */
export function tally(values: readonly (string | number)[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const sorted = [...counts].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  return sorted.map(([value, count]) => `${value} x ${count}`).join(', ');
}
