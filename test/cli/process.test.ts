import t, { type Test } from 'tap';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { alive, dataDirectory, mongodOf, startServer, waitFor } from '../helpers/start-server.ts';
import { commandLine, runWith, type Env } from './command-line.ts';

const root = join(import.meta.dirname, '..', '..');
const TSX = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
const MISSING = '/nowhere/at/all';

function start(t: Test, env: Env, words: readonly string[]) {
  const kept = Object.fromEntries(['PATH', 'HOME', 'TMPDIR'].map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [`--import=${TSX}`, join('src', 'cli.ts'), ...words], { cwd: root, env: { ...kept, ...env } });
  const ended = { code: null as number | null, out: '', err: '' };
  child.stdout.on('data', (part: Buffer) => (ended.out += part.toString()));
  child.stderr.on('data', (part: Buffer) => (ended.err += part.toString()));
  const closed = once(child, 'close').then(([code]) => Object.assign(ended, { code: code as number | null }));
  t.teardown(() => child.kill('SIGKILL'));
  return { child, closed };
}
const rollcall = (t: Test, env: Env, ...words: string[]) => start(t, env, words).closed;
const traces = async (dataDir: string) => (await readdir(dataDir)).filter((name) => name.startsWith('visitor.'));

t.test('the process: its exit codes, and what goes to which stream', async (t) => {
  const { env } = await commandLine(t);
  const [done, failed, wrong] = await Promise.all([
    rollcall(t, env, 'tenant', 'list'),
    rollcall(t, env, 'tenant', 'show', 'nobody'),
    rollcall(t, env, 'tenants'),
  ]);
  t.match(done, { code: 0, out: /^default +active/m, err: /^$/ });
  t.match(failed, { code: 1, out: /^$/, err: /^There is no tenant "nobody".*\n$/ });
  t.match(wrong, { code: 2, out: /^$/, err: /^Unknown command 'tenants' \(Did you mean tenant\?\); see "rollcall --help"\.\n$/ });
});

t.test('help, version, and errors in JSON', async (t) => {
  const { env } = await commandLine(t);
  const rows: [number, RegExp, RegExp, ...string[]][] = [
    [0, /^\d+\.\d+\.\d+\n$/, /^$/, '--version'],
    [0, /^Usage: rollcall token issue .*--tenant/s, /^$/, 'token', 'issue', '--help'],
    [0, /Examples:\n {2}rollcall client create/, /^$/, 'help', 'client'],
    [1, /^$/, /^\{"error":"There is no tenant \\"nobody\\".*"\}\n$/, 'tenant', 'show', 'nobody', '--json'],
    [2, /^$/, /^\{"error":"Missing required argument 'name'; see \\"rollcall tenant create --help\\"\."\}\n$/, 'tenant', 'create', '--json'],
    [2, /^$/, /^Usage: rollcall token .*Examples:/s, 'token'],
    [2, /^$/, /^Usage: rollcall .*Examples:/s],
  ];
  for (const [code, out, err, ...words] of rows) t.match(await runWith(env, words), { code, out, err }, words.join(' '));
});

t.test('a reader that has seen enough is no fault', async (t) => {
  const { env } = await commandLine(t);
  const { child, closed } = start(t, env, ['tenant', 'policy', 'default']);
  child.stdout.destroy();
  t.match(await closed, { code: 0, err: '' });
});

t.test('a data directory that has never been used stays unused', async (t) => {
  const dataDir = await dataDirectory(t);
  const env = { DATA_DIR: dataDir };
  t.match(await runWith(env, ['tenant', 'list']), { code: 1, out: '', err: /^The data directory .* has never been used: start the server once with "npm start".*\n$/ });
  t.match(await runWith({ DATA_DIR: MISSING }, ['doctor']), { code: 1, out: /^FAIL +mongodb +The data directory \/nowhere.* has never been used/m, err: '' });
  t.same(await readdir(dataDir), []);
});

t.test('the embedded MongoDB: as a guest of the server, and without one', async (t) => {
  const dataDir = await dataDirectory(t);
  const env = { DATA_DIR: dataDir };
  const server = await startServer(t, { dataDir });
  const mongod = await mongodOf(dataDir);
  const issued = await runWith(env, ['token', 'issue', 'bootstrap', '--quiet']);
  t.match(issued, { code: 0, err: '' });
  const headers = { authorization: `Bearer ${issued.out.trim()}` };
  t.equal((await fetch(`${server.base}/Users`, { headers })).status, 200, 'the server takes the token that the command made');
  t.match(await runWith(env, ['keys', 'rotate']), { code: 0, out: /^The key 2 is made/ });
  t.equal(mongod !== undefined && alive(mongod), true, 'the guest left the MongoDB of the server alone');
  t.equal((await server.stop()).code, 0);

  // Both at once: one of them starts MongoDB, the other one waits until it is gone.
  const commands = await Promise.all([rollcall(t, env, 'tenant', 'list'), rollcall(t, env, 'doctor')]);
  for (const { code, err } of commands) t.match({ code, err }, { code: 0, err: '' });
  t.match(commands[1].out, /^ok +secret key +SECRET_KEY opens every signing key \(2\)$/m);
  t.equal(await isMongodAlive(dataDir), false, 'it ended with the commands');
  t.same(await traces(dataDir), []);

  const { child, closed } = start(t, env, ['tenant', 'list']);
  await waitFor(() => isMongodAlive(dataDir), 10_000);
  t.equal((await traces(dataDir)).length, 1);
  child.kill('SIGKILL');
  await closed;
  t.match(await runWith(env, ['tenant', 'list']), { code: 0, err: '', out: /^default +active/m }, "a command that was killed is in nobody's way");
  t.equal(await isMongodAlive(dataDir), false);
  t.same(await traces(dataDir), []);
});

async function isMongodAlive(dataDir: string): Promise<boolean> {
  const mongod = await mongodOf(dataDir);
  return mongod !== undefined && alive(mongod);
}

/** Of every command that does something. */
const pathsOf = (command: Command): string[] => command.commands.flatMap((inner) => (inner.commands.length === 0 ? [inner.name()] : pathsOf(inner).map((rest) => `${inner.name()} ${rest}`)));

t.test('docs/command-line.md and the image have every command', async (t) => {
  const page = await readFile(join(root, 'docs', 'command-line.md'), 'utf8');
  const program = buildProgram({ io: { out: () => undefined, err: () => undefined }, tell: () => undefined, onDatabase: () => () => Promise.resolve() }, {});
  t.ok(pathsOf(program).length > 15);
  for (const path of pathsOf(program)) t.match(page, new RegExp(`^\\$ .*rollcall ${path}\\b`, 'm'), path);
  t.match(await readFile(join(root, 'Dockerfile'), 'utf8'), /^COPY scripts\/rollcall\.mjs .*^RUN ln -s \/app\/scripts\/rollcall\.mjs \/usr\/local\/bin\/rollcall$/ms);
});
