/**
 * In which order bulk operations run: as sent, but an operation waits for those that make what it refers to (RFC 7644 section 3.7.1), and
 * for an earlier one on the same resource that waits. Circles of POSTs are left for the end and run together.
 */

export interface Orderable {
  readonly index: number;
  /** The resource that is written. */
  readonly key: string;
  /** Keys of resources that this request makes and this operation refers to. */
  readonly needs: ReadonlySet<string>;
  readonly makes: boolean;
}

export function executionOrder<T extends Orderable>(operations: readonly T[]): readonly T[] {
  const unmade = new Set(operations.filter(({ makes }) => makes).map(({ key }) => key));
  const ordered: T[] = [];
  let waiting: T[] = [];
  const waits = (operation: T, ahead: readonly T[]) =>
    ahead.some(({ key }) => key === operation.key) || [...operation.needs].some((key) => key !== operation.key && unmade.has(key));
  const run = (operation: T) => {
    ordered.push(operation);
    if (operation.makes) unmade.delete(operation.key);
  };
  const runReady = () => {
    for (let progress = true; progress; ) {
      const still: T[] = [];
      for (const operation of waiting) if (waits(operation, still)) still.push(operation); else run(operation);
      progress = still.length < waiting.length && still.length > 0;
      waiting = still;
    }
  };
  for (const operation of operations) {
    if (waits(operation, waiting)) waiting.push(operation);
    else {
      run(operation);
      if (operation.makes && waiting.length > 0) runReady();
    }
  }
  // What still waits refers to each other in circles, or to something that does.
  const circle = waiting.filter(({ makes }) => makes);
  waiting = waiting.filter(({ makes }) => !makes);
  circle.forEach(run);
  runReady();
  return [...ordered, ...waiting];
}

/**
 * The longest start of `operations` that may be written together: each resource once, and nothing deleted after something was written, so
 * that the result is the same as one after the other.
 */
export function nextChunk<T extends Orderable & { readonly deletes: boolean }>(operations: readonly T[]): readonly T[] {
  const keys = new Set<string>();
  let written = false;
  for (const [position, operation] of operations.entries()) {
    if (keys.has(operation.key) || (operation.deletes && written)) return operations.slice(0, position);
    keys.add(operation.key);
    if (!operation.deletes) written = true;
  }
  return operations;
}
