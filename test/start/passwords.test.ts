/** The process for passwords lives and ends with its server, however that ends. */
import { readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { ended, type ProcessId } from '../../src/store/embedded/process.ts';
import { alive, dataDirectory, identify, startServer, type Started } from '../helpers/start-server.ts';

const WITHIN_MS = 10_000;
const PASSWORD = 'a canary among passwords';

t.test('it ends with a server that is told to end, and with one that is killed', async (t) => {
  const dataDir = await dataDirectory(t);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const server = await startServer(t, { dataDir, env: { LOG_LEVEL: 'trace' } });
    t.same(hashing(server.pid), [], 'nobody has needed it yet');
    t.equal(await signIn(server), 401);
    const [process_, ...others] = hashing(server.pid);
    if (process_ === undefined) throw new Error('no process hashes');
    t.same(others, []);
    // As Ctrl-C tells it: the server first finishes what it has.
    process.kill(process_.pid, 'SIGINT');
    t.equal(await signIn(server), 401);
    t.same(hashing(server.pid), [process_], 'it goes on');
    t.notMatch(commandOf(process_.pid), PASSWORD);
    process.kill(server.pid, signal);
    const { code, stdout, stderr } = await server.exited;
    t.equal(code, signal === 'SIGTERM' ? 0 : null);
    t.ok(await ended(process_, WITHIN_MS), `it does not outlive ${signal}`);
    t.notMatch(stdout + stderr, PASSWORD);
    t.notMatch(stderr, /process for passwords/, 'and its end is nothing to tell');
  }
});

async function signIn({ origin }: Started): Promise<number> {
  const body = JSON.stringify({ name: 'nobody@people.example', password: PASSWORD });
  return (await fetch(`${origin}/api/v1/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
}

/** Children of a server that hash passwords. */
function hashing(server: number): readonly ProcessId[] {
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number) : listed();
  return pids.filter((pid) => parentOf(pid) === server && commandOf(pid).includes('hashing-process')).flatMap((pid) => identify(pid) ?? []).filter(alive);
}

const ps = (...args: readonly string[]) => execFileSync('ps', args, { encoding: 'utf8' });
const listed = () => ps('-A', '-o', 'pid=').trim().split(/\s+/).map(Number);

function parentOf(pid: number): number {
  return read(() => Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]), () => Number(ps('-o', 'ppid=', '-p', String(pid)))) ?? 0;
}

function commandOf(pid: number): string {
  return read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), () => ps('-o', 'command=', '-p', String(pid))) ?? '';
}

/** Undefined for one that has ended meanwhile. */
function read<T>(onLinux: () => T, elsewhere: () => T): T | undefined {
  try {
    return process.platform === 'linux' ? onLinux() : elsewhere();
  } catch {
    return undefined;
  }
}
