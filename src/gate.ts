/** Lets a few pieces of work run at once and a few more wait. */
import { ScimError } from './errors.ts';

export interface GateOptions {
  readonly atOnce: number;
  readonly waiting: number;
  /** What is refused is told with it: 429 for one client's own doing, 503 for a server that is busy. */
  readonly status: 429 | 503;
  /** What there are too many of, for the error text. */
  readonly what: string;
}

export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly options: GateOptions;

  constructor(options: GateOptions) {
    this.options = options;
  }

  /** @throws ScimError when as many are waiting as may */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** For work that ends elsewhere. @returns what to call once when it has ended. @throws as `run` does */
  async enter(): Promise<() => void> {
    if (this.running >= this.options.atOnce) await this.turn();
    else this.running++;
    return () => {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    };
  }

  private turn(): Promise<void> {
    const { waiting, status, what } = this.options;
    if (this.waiting.length >= waiting) throw new ScimError(status, `Too many ${what} at once. Try again in a moment.`, { headers: { 'retry-after': '2' } });
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
