/** The real server as a process of its own, on a free port and data of its own, for tests of what happens around a process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { alive, ended, identify, signal, type ProcessId } from '../../src/store/embedded/process.ts';

const root = join(import.meta.dirname, '..', '..');
const READY_WITHIN_MS = 90_000;
const ENDED_WITHIN_MS = 60_000;

export type Env = Record<string, string>;
export type Command = 'node' | 'npm';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface Started {
  readonly origin: string;
  /** Of the SCIM interface. */
  readonly base: string;
  /** As printed; undefined when this start made none. */
  readonly token: string | undefined;
  /** Of the process that was spawned: npm itself with `command: 'npm'`. */
  readonly pid: number;
  readonly dataDir: string;
  readonly stdout: () => string;
  readonly exited: Promise<Ended>;
  /** SIGTERM, and how it ended. */
  readonly stop: () => Promise<Ended>;
}
interface Test {
  teardown(work: () => Promise<unknown>): void;
}

/** A folder that is removed when the test ends, after every process that still works in it was ended. */
export async function dataDirectory(t: Test): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-start-'));
  t.teardown(async () => {
    const mongod = await mongodOf(dataDir);
    if (mongod !== undefined && signal(mongod, 'SIGKILL')) await ended(mongod, 5_000);
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  return dataDir;
}

/** Starts and waits for the line that says ready. Throws with its output when it ends before. */
export async function startServer(t: Test, options: { dataDir: string; env?: Env; command?: Command }): Promise<Started> {
  const port = options.env?.['PORT'] ?? String(await freePort());
  const { child, output, exited } = launch({ ...options, env: { PORT: port, ...options.env } });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await waitFor(() => output.stdout.includes('Rollcall is ready.') || child.exitCode !== null, READY_WITHIN_MS);
  if (child.exitCode !== null) throw new Error(`the server did not start:\n${output.stdout}${output.stderr}`);
  return {
    origin: `http://127.0.0.1:${port}`,
    base: `http://127.0.0.1:${port}/scim/v2`,
    token: /^Bearer token +(\S+)$/m.exec(output.stdout)?.[1],
    pid: child.pid ?? 0,
    dataDir: options.dataDir,
    stdout: () => output.stdout,
    exited,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** For a start that must fail: runs it to its end. */
export async function failToStart(options: { dataDir: string; env?: Env; command?: Command }): Promise<Ended> {
  const { child, exited } = launch({ ...options, env: { PORT: String(await freePort()), ...options.env } });
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDED_WITHIN_MS);
  return exited.finally(() => clearTimeout(timer));
}

function launch({ dataDir, env, command = 'node' }: { dataDir: string; env: Env; command?: Command | undefined }): {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  exited: Promise<Ended>;
} {
  const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const [program, args] =
    command === 'npm' ? ['npm', ['start', '--silent']] : [process.execPath, [`--import=${tsx}`, join('src', 'main.ts')]];
  const child = spawn(program, args, { cwd: root, env: { ...inherited(), DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...env } });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')));
  const exited = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...output }));
  return { child, output, exited };
}

/** Nothing of the shell that runs the tests, nor of the runner, may set up the server. */
function inherited(): Env {
  const kept = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR', 'LANG'];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

export async function mongodOf(dataDir: string): Promise<ProcessId | undefined> {
  const text = await readFile(join(dataDir, 'mongod.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { process: ProcessId }).process;
}

/** The pid of the server itself, whichever way it was started. */
export async function serverOf(dataDir: string): Promise<number> {
  const newest = (await readdir(dataDir)).filter((name) => /^owner\.\d+\.json$/.test(name)).sort(byNumber).at(-1);
  return (JSON.parse(await readFile(join(dataDir, newest ?? ''), 'utf8')) as ProcessId).pid;
}
const byNumber = (one: string, other: string) => Number(/\d+/.exec(one)?.[0]) - Number(/\d+/.exec(other)?.[0]);

/** kill -9, and gone when this settles. */
export async function kill(pid: number): Promise<void> {
  const found = identify(pid);
  if (found !== undefined && signal(found, 'SIGKILL')) await ended(found, 5_000);
}
export { alive, identify };

export async function waitFor(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
