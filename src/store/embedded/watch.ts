/** Keeps a process running: looks whether it is there, and starts it again, later each time, when it is not. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import { alive, type ProcessId } from './process.ts';

const LOOK_EVERY_MS = 200;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 10_000;
/** One that ran for so long did not fail at its start, so the next time it is started again at once. */
const SETTLED_AFTER_MS = 30_000;

export interface Watcher {
  current(): ProcessId;
  /** Stops looking; answers the last process. A restart that is on its way gets a second. */
  end(): Promise<ProcessId>;
}

/** Looks by pid, not by the child's exit event: a process that was adopted is nobody's child here. */
export function watch(first: ProcessId, { restart, log }: { restart: () => Promise<ProcessId>; log: Log }): Watcher {
  let current = first;
  let ending = false;
  let attempts = 0;
  let lastAttempt = -Infinity;
  let timer: NodeJS.Timeout;
  let round: Promise<void> = Promise.resolve();

  const look = async () => {
    const since = performance.now() - lastAttempt;
    if (since > SETTLED_AFTER_MS) attempts = 0;
    const pause = attempts === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
    if (since >= pause && !alive(current)) await bringBack();
    if (!ending) plan();
  };
  const bringBack = async () => {
    const lost = current.pid;
    attempts += 1;
    try {
      current = await restart();
      log.warn({ lost, pid: current.pid }, 'MongoDB was gone and was started again');
    } catch (err) {
      log.error({ err, lost, attempts }, 'MongoDB is gone and could not be started again');
    }
    lastAttempt = performance.now();
  };
  const plan = () => {
    timer = setTimeout(() => {
      round = look();
    }, LOOK_EVERY_MS);
  };

  plan();
  return {
    current: () => current,
    async end() {
      ending = true;
      clearTimeout(timer);
      await Promise.race([round, delay(1000, undefined, { ref: false })]);
      return current;
    },
  };
}
