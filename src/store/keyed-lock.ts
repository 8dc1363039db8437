import { unavailable } from '../errors.ts';
import type { Limits } from '../limits.ts';

/** Lets work on the same keys follow one another in this process. Across processes the version and MongoDB's own conflicts decide. */
export class KeyedLock {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly longestWaitMs: number;

  constructor({ lockMs }: Pick<Limits, 'lockMs'>) {
    this.longestWaitMs = lockMs;
  }

  /** Runs `work` when everything that was asked before it for any of `keys` is over. Never deadlocks: all keys are taken at once. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.tails.get(key) ?? []);
    let release = (): void => undefined;
    const tail = new Promise<void>((resolve) => (release = resolve));
    for (const key of keys) this.tails.set(key, tail);
    const previous = Promise.all(before);
    try {
      await inTime(previous, this.longestWaitMs);
      return await work();
    } finally {
      // Who comes next waits for those before us too, should we have given up waiting.
      void previous.then(() => {
        release();
        for (const key of keys) if (this.tails.get(key) === tail) this.tails.delete(key);
      });
    }
  }
}

/** Every request is answered within its own time (design rule 6). */
async function inTime(previous: Promise<unknown>, longestWaitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable()), longestWaitMs);
  });
  try {
    await Promise.race([previous, late]);
  } finally {
    clearTimeout(timer);
  }
}
