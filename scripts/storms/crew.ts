/** Workers in processes of their own. All have the same clock, which stands still while they work; whoever is killed is replaced at once. */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { end, isRunning, start } from './servers.ts';
import type { Turn } from './worker.ts';

export class Crew {
  private readonly workers: (ChildProcess | undefined)[] = [];
  private readonly settings: readonly Readonly<Record<string, string>>[];

  /** @param settings of each worker */
  constructor(settings: readonly Readonly<Record<string, string>>[]) {
    this.settings = settings;
  }

  /** Everybody works until nothing is due at that time. @param tasks those of the server's worker that have their turn */
  async turn(now: Date, tasks: readonly string[]): Promise<void> {
    await Promise.all(this.settings.map((_, at) => this.work(at, { now: now.getTime(), tasks })));
  }

  /** kill -9, wherever it is. @returns whether there was one */
  kill(at: number): boolean {
    const worker = this.workers[at];
    return worker !== undefined && isRunning(worker) && worker.kill('SIGKILL');
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map(async (worker) => {
      if (worker) await end(worker);
    }));
  }

  private async work(at: number, turn: Turn): Promise<void> {
    for (;;) {
      const worker = await this.ready(at);
      const idle = told(worker);
      // Whoever was killed in this moment has no channel any more.
      if (worker.connected) worker.send(turn, () => undefined);
      if (await idle) return;
      checkKilled(worker);
    }
  }

  private async ready(at: number): Promise<ChildProcess> {
    const known = this.workers[at];
    if (known && isRunning(known)) return known;
    for (;;) {
      const worker = start(['--import=tsx', fileURLToPath(new URL('worker.ts', import.meta.url))], this.settings[at] ?? {});
      this.workers[at] = worker;
      if (await told(worker)) return worker;
      checkKilled(worker);
    }
  }
}

function checkKilled({ signalCode, exitCode }: ChildProcess): void {
  if (signalCode !== 'SIGKILL') throw new Error(`a worker ended by itself (${exitCode ?? signalCode ?? ''})`);
}

/** @returns whether it says something before it ends */
function told(worker: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (said: boolean) => {
      worker.off('message', onMessage);
      worker.off('close', onClose);
      resolve(said);
    };
    const onMessage = () => settle(true);
    const onClose = () => settle(false);
    worker.on('message', onMessage);
    worker.on('close', onClose);
  });
}
