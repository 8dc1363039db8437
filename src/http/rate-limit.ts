/** Token buckets: how many requests a second somebody may send, in bursts of twice as many. Counted in this process alone. */

export class RateLimit {
  private readonly buckets = new Map<string, { level: number; at: number }>();
  private readonly now: () => Date;

  constructor(now: () => Date) {
    this.now = now;
  }

  /** Takes one. @returns 0 where it may pass, else the seconds until one may */
  take(key: string, perSecond: number): number {
    const at = this.now().getTime();
    const burst = Math.max(LEAST_BURST, perSecond * 2);
    const known = this.buckets.get(key);
    const level = known ? Math.min(burst, known.level + (Math.max(0, at - known.at) / 1000) * perSecond) : burst;
    if (!known && this.buckets.size >= MOST_BUCKETS) this.forgetFull(at);
    this.buckets.set(key, { level: level < 1 ? level : level - 1, at });
    return level < 1 ? (1 - level) / perSecond : 0;
  }

  /** Who has not asked for a while has a full bucket, which is what a new one is too. */
  private forgetFull(at: number): void {
    for (const [key, bucket] of this.buckets) if (at - bucket.at > FULL_AFTER_MS) this.buckets.delete(key);
    // An attacker with that many addresses gets as many new buckets; memory has an end.
    if (this.buckets.size >= MOST_BUCKETS) this.buckets.clear();
  }
}

/** Who may send less than two and a half a second may still send some at once. */
const LEAST_BURST = 5;
const MOST_BUCKETS = 100_000;
/** The slowest bucket is full again after that. */
const FULL_AFTER_MS = 60_000;

