/**
 * Which server owns a data directory: the highest `owner.N.json`. It is made by a hard link, which happens whole and for one process
 * alone, and the highest is never removed. So of two starts exactly one follows a dead owner: both would make the same N + 1.
 */
import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../errors.ts';
import { alive, identify, type ProcessId } from './process.ts';
import { processIdOf } from './record.ts';

/** Throws a `StartError` when another server runs on this directory. */
export function claimOwnership(dataDir: string): void {
  const self = identify(process.pid);
  if (self === undefined) throw new StartError('The system does not tell when this process started, so DATA_DIR cannot be kept to one server.');
  const draft = join(dataDir, `owner.draft-${process.pid}`);
  writeFileSync(draft, JSON.stringify(self));
  try {
    claim(dataDir, draft, self);
  } finally {
    rmSync(draft, { force: true });
  }
}

function claim(dataDir: string, draft: string, self: ProcessId): void {
  for (;;) {
    const numbers = ownerNumbers(dataDir);
    const highest = Math.max(0, ...numbers);
    const owner = highest === 0 ? undefined : readOwner(fileOf(dataDir, highest));
    if (owner !== undefined && owner.pid !== self.pid && alive(owner)) throw inUse(dataDir, owner);
    if (link(draft, fileOf(dataDir, highest + 1))) {
      for (const number of numbers) rmSync(fileOf(dataDir, number), { force: true });
      return;
    }
  }
}

const inUse = (dataDir: string, { pid }: ProcessId) =>
  new StartError(`Another Rollcall (process ${pid}) runs on the data directory ${dataDir}: stop it, or give this one another DATA_DIR.`);

const fileOf = (dataDir: string, number: number) => join(dataDir, `owner.${number}.json`);

function ownerNumbers(dataDir: string): number[] {
  return readdirSync(dataDir).flatMap((name) => {
    const number = /^owner\.(\d+)\.json$/.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function link(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(file: string): ProcessId | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // removed by one who is ahead of us: the next look finds that one
  }
  return processIdOf(JSON.parse(text));
}
