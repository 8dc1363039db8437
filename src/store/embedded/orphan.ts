/** A mongod that nobody knows: its server was killed between starting it and writing its name down. It holds the files, and so it must end. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../errors.ts';
import { ended, identify, signal, type ProcessId } from './process.ts';

/** Called by the owner of the directory, when no mongod that was written down runs. @throws StartError where it does not end */
export async function endOrphan(dataDir: string): Promise<void> {
  const orphan = orphanOf(join(dataDir, 'mongo'));
  if (!orphan) return;
  signal(orphan, 'SIGTERM');
  if (!(await ended(orphan, 10_000))) signal(orphan, 'SIGKILL');
  if (!(await ended(orphan, 5_000))) throw new StartError(`A MongoDB that nobody started (process ${orphan.pid}) holds the data and does not end: end it, then start again.`);
}

/** mongod writes its pid into `mongod.lock`; a pid that has passed on to another program does not name our folder. */
function orphanOf(folder: string): ProcessId | undefined {
  const pid = Number(textOf(join(folder, 'mongod.lock')).trim());
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return textOf(`/proc/${pid}/cmdline`).split('\0').includes(folder) ? identify(pid) : undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
