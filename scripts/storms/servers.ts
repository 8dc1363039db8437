/** Real server processes on one database, started as an operator starts them, and ended by their ids whatever becomes of the run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { send } from './send.ts';

const root = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 60_000;
/** The server promises 10 s. */
const ENDED_WITHIN_MS = 12_000;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** A Node process that does not outlive this one. @param settings all that it inherits of the environment besides PATH and HOME */
export function start(args: readonly string[], settings: Readonly<Record<string, string>>): ChildProcess {
  const { PATH = '', HOME = '', TMPDIR = tmpdir() } = process.env;
  const child = spawn(process.execPath, args, { cwd: root, env: { PATH, HOME, TMPDIR, ...settings }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

export const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

export async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  if ((await Promise.race([closed, delay(ENDED_WITHIN_MS, 'late', { ref: false })])) === 'late') child.kill('SIGKILL');
  await closed;
}

export interface Server {
  readonly origin: string;
  readonly child: ChildProcess;
}

/** What the server's processes load before their own. */
export interface Preload {
  /** Relative to this file. */
  readonly module: string;
  /** Its own. */
  readonly settings: Readonly<Record<string, string>>;
}

export async function startServer(settings: Readonly<Record<string, string>>, preload?: Preload): Promise<Server> {
  const port = await freePort();
  const observed = preload === undefined ? [] : [`--import=${new URL(preload.module, import.meta.url).href}`];
  const own = { PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'fatal', ROLLCALL_ROLE: 'api', TRUST_PROXY: 'true' };
  const child = start([...observed, 'dist/main.js'], { ...own, ...settings, ...preload?.settings });
  const origin = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && isRunning(child)) {
    const answer = await send(origin, 'GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) return { origin, child };
    await delay(50);
  }
  await end(child);
  throw new Error(`a server did not start (${child.exitCode ?? 'it was not ready in time'})`);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
