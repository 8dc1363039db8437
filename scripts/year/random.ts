/** Random numbers that come again with the same seed (mulberry32): a year that failed can be lived again. */

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends among them. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  isOnce(in_: number): boolean {
    return this.next() * in_ < 1;
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.next() * values.length)];
  }

  /** How often something happens that happens so often on average. */
  times(average: number): number {
    const whole = Math.floor(average * 2 * this.next());
    return whole + (this.next() < average * 2 - Math.floor(average * 2) && whole === 0 ? 1 : 0);
  }
}
