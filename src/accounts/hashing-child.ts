/**
 * The server's side of the process for passwords (`hashing-process.ts`). The first password starts it, and the next one after it has died; what
 * was under way then is done once more by the new one, for hashing changes nothing.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ScimError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Hasher, Hashing } from './hashing.ts';
import type { Asked, Told } from './hashing-process.ts';

/** TypeScript in tests, JavaScript where it was built. */
const SCRIPT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './hashing-process.ts' : './hashing-process.js', import.meta.url));

/** A hash takes 16 ms, and hundreds on a machine that has nothing left for it. After so long the process hangs. */
const HASHED_WITHIN_MS = 10_000;
const ENDED_WITHIN_MS = 1_000;

type Settle = (outcome: Told | Died) => void;
interface Running {
  readonly child: ChildProcess;
  readonly waiting: Map<number, Settle>;
}

/** Before it had answered. */
class Died extends Error {}

export class HashingChild {
  private running: Running | undefined;
  private asked = 0;
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  /** @throws ScimError 503 where two in a row died of it */
  readonly hash: Hasher = async (hashing) => {
    const told = await this.ask(hashing).catch(() => this.ask(hashing)).catch((cause: unknown) => {
      throw new ScimError(503, 'Passwords cannot be checked now. Try again in a moment.', { headers: { 'retry-after': '2' }, cause });
    });
    if ('failed' in told) throw new Error(told.failed);
    return told.result;
  };

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.running?.child.pid;
  }

  /** Passwords that it has been given and has not answered. */
  get underWay(): number {
    return this.running?.waiting.size ?? 0;
  }

  /** The process is gone when this settles. Another password would start another one. */
  async close(): Promise<void> {
    const child = this.running?.child;
    this.running = undefined;
    if (!child) return;
    const ended = once(child, 'exit');
    if (child.connected) child.disconnect();
    if ((await Promise.race([ended, delay(ENDED_WITHIN_MS, 'late', { ref: false })])) === 'late') child.kill('SIGKILL');
    await ended;
  }

  /** @throws Died */
  private ask(hashing: Hashing): Promise<Told> {
    const { child, waiting } = (this.running ??= this.start());
    const asked: Asked = { id: ++this.asked, ...hashing };
    return new Promise((resolve, reject) => {
      // Also keeps this process alive until there is an answer: the child itself does not.
      const hangs = setTimeout(() => child.kill('SIGKILL'), HASHED_WITHIN_MS);
      waiting.set(asked.id, (outcome) => {
        clearTimeout(hangs);
        waiting.delete(asked.id);
        if (outcome instanceof Died) reject(outcome);
        else resolve(outcome);
      });
      // One that cannot be told anything is dead, or soon will be.
      child.send(asked, (error) => error && child.kill('SIGKILL'));
    });
  }

  private start(): Running {
    // A debugger's port is taken by this process.
    const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--inspect'));
    const child = fork(SCRIPT, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const running: Running = { child, waiting: new Map() };
    child.unref();
    child.channel?.unref();
    child.on('message', (told: Told) => running.waiting.get(told.id)?.(told));
    child.once('error', (error) => this.ended(running, error.message));
    child.once('exit', (code, signal) => this.ended(running, signal ?? `code ${code}`));
    return running;
  }

  private ended(running: Running, how: string): void {
    if (this.running === running) {
      this.running = undefined;
      this.log.error({ pid: running.child.pid, how, underWay: running.waiting.size }, 'the process for passwords has ended, the next password starts another one');
    }
    for (const settle of [...running.waiting.values()]) settle(new Died(how));
  }
}
