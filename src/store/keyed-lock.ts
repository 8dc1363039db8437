/** Lets work on the same keys follow one another in this process. Across processes the version and MongoDB's own conflicts decide. */
export class KeyedLock {
  private readonly tails = new Map<string, Promise<void>>();

  /** Runs `work` when everything that was asked before it for any of `keys` is over. Never deadlocks: all keys are taken at once. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.flatMap((key) => this.tails.get(key) ?? []);
    let release = (): void => undefined;
    const tail = new Promise<void>((resolve) => (release = resolve));
    for (const key of keys) this.tails.set(key, tail);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      release();
      for (const key of keys) if (this.tails.get(key) === tail) this.tails.delete(key);
    }
  }
}
