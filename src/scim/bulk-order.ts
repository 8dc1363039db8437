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
    (!operation.makes && ahead.some(({ key }) => key === operation.key)) || [...operation.needs].some((key) => unmade.has(key) && !(operation.makes && key === operation.key));
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
  for (const circle of circles(waiting.filter(({ makes }) => makes))) circle.forEach(run);
  waiting = waiting.filter(({ makes }) => !makes);
  runReady();
  return [...ordered, ...waiting];
}

/** Operations that need each other stand together, and behind what they need: Tarjan's strongly connected components. */
function circles<T extends Orderable>(operations: readonly T[]): readonly (readonly T[])[] {
  const byKey = new Map(operations.map((operation) => [operation.key, operation]));
  const order = new Map<T, number>();
  const stack: T[] = [];
  const found: T[][] = [];
  const visit = (operation: T): number => {
    const own = order.size;
    order.set(operation, own);
    stack.push(operation);
    let low = own;
    for (const key of operation.needs) {
      const needed = byKey.get(key);
      if (!needed) continue;
      if (!order.has(needed)) low = Math.min(low, visit(needed));
      else if (stack.includes(needed)) low = Math.min(low, order.get(needed) ?? low);
    }
    if (low === own) found.push(stack.splice(stack.indexOf(operation)).sort((a, b) => a.index - b.index));
    return low;
  };
  for (const operation of operations) if (!order.has(operation)) visit(operation);
  return found;
}

/**
 * The longest start of `operations` that may be written together, so that the result is the same as one after the other: each resource
 * once, and deletions, which change other resources too, apart from everything else. One that names a version comes first.
 */
export function nextChunk<T extends Orderable & { readonly deletes: boolean; readonly named: boolean }>(operations: readonly T[]): readonly T[] {
  const keys = new Set<string>();
  const [first] = operations;
  for (const [position, operation] of operations.entries()) {
    if (keys.has(operation.key) || operation.deletes !== first?.deletes || (position > 0 && operation.deletes && operation.named)) return operations.slice(0, position);
    keys.add(operation.key);
  }
  return operations;
}
