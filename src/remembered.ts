/** What was found for a key, kept for a second: a busy caller costs no query per request, and a change elsewhere is seen soon after. */

/** By how much a change in another process may be outlived; in this one `forget` is called. */
const KEPT_MS = 1000;
const MOST_KEPT = 10_000;

export class Remembered<T> {
  private readonly kept = new Map<string, { readonly until: number; readonly found: Promise<T> }>();
  private readonly find: (key: string) => Promise<T>;

  /** @param find asked where nothing is kept; a failure is not kept */
  constructor(find: (key: string) => Promise<T>) {
    this.find = find;
  }

  /** @param time milliseconds since 1970 */
  get(key: string, time: number): Promise<T> {
    const known = this.kept.get(key);
    // A clock that was set back does not keep anything for longer.
    if (known && known.until > time && known.until <= time + KEPT_MS) return known.found;
    if (this.kept.size >= MOST_KEPT) this.kept.clear();
    const found = this.find(key);
    this.kept.set(key, { until: time + KEPT_MS, found });
    found.catch(() => this.kept.delete(key));
    return found;
  }

  /** One key, or all of them. */
  forget(key?: string): void {
    if (key === undefined) this.kept.clear();
    else this.kept.delete(key);
  }
}
