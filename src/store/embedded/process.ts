/** Processes by pid and time of start: a pid alone may by now be somebody else's. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessId {
  readonly pid: number;
  /** When it began, as the system tells it; equal for the same process alone, across restarts of the machine too. */
  readonly startedAt: string;
}

/** Undefined when no such process runs (one that ended and was not yet waited for does not run). */
export function identify(pid: number): ProcessId | undefined {
  const startedAt = process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function alive({ pid, startedAt }: ProcessId): boolean {
  return identify(pid)?.startedAt === startedAt;
}

/** Never signals a process that took over the pid. Answers whether it runs. */
export function signal(process_: ProcessId, name: 'SIGTERM' | 'SIGKILL'): boolean {
  if (!alive(process_)) return false;
  process.kill(process_.pid, name);
  return true;
}

/** True when it ended in time. */
export async function ended(process_: ProcessId, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (alive(process_)) {
    if (performance.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/** proc(5): the 22nd field of stat, in ticks since the boot that boot_id names; the name in field 2 may hold blanks and parentheses. */
function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (ticks === undefined || (state !== undefined && isGone(state, pid))) return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}

/** A process whose first thread has ended is a zombie while the others still hold its files and its port. */
function isGone(state: string, pid: number): boolean {
  return state === 'X' || (state === 'Z' && readdirSync(`/proc/${pid}/task`).length < 2);
}

function fromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
  } catch {
    return undefined; // ps ends with 1 where there is no such process
  }
}
