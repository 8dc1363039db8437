/**
 * The process that hashes passwords for a server (`hashing-child.ts`), at a lower priority: whoever queues to sign in leaves the processor to
 * everybody else. Passwords come through a pipe and stand in no argument and no log. It ends when the server does, however that ends.
 */
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { hashHere, type Hashing } from './hashing.ts';

export interface Asked extends Hashing {
  readonly id: number;
}
export type Told = { readonly id: number } & ({ readonly result: string | boolean } | { readonly failed: string });

/** As nice(1) counts: from a core that others want too it gets a tenth, so that a busy server still signs people in (docs/decisions.md). */
const LOWER_BY = 10;
const LOWEST = 19;

// Ctrl-C and a service manager tell all processes of the server. It finishes the requests that it has, and needs this one for them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
lowerPriority();
process.on('message', (asked: Asked) => void answer(asked));

/** On Linux a priority is one thread's, and those that hash have been started before this line: they read the modules. */
function lowerPriority(): void {
  const priority = Math.min(LOWEST, getPriority() + LOWER_BY);
  for (const thread of threads()) {
    try {
      setPriority(thread, priority);
    } catch {
      // It has just ended, or a sandbox forbids it: hashed all the same, at the cost of the others.
    }
  }
}

function threads(): readonly number[] {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
}

async function answer({ id, ...hashing }: Asked): Promise<void> {
  const told: Told = await hashHere(hashing).then((result) => ({ id, result }), (error: unknown) => ({ id, failed: String(error) }));
  // What cannot be told has nobody to be told to: the server has gone, and this process goes too.
  if (process.connected) process.send?.(told);
}
