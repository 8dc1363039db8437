import t, { type Test } from 'tap';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { dataDirectory, failToStart, freePort, serverOf, startServer, type Ended } from '../helpers/start-server.ts';
import { standaloneMongod } from '../helpers/standalone-mongod.ts';

/** What an operator may be shown: as many sentences as there are faults, and nothing of how the program looks inside. */
function told(t: Test, { code, stderr, stdout }: Ended, ...sentences: RegExp[]) {
  t.equal(code, 1, 'the exit code is not 0');
  const lines = stderr.split('\n').filter((line) => line !== '' && !/^(\{|set-up: |npm (warn|notice))/.test(line));
  t.equal(lines.length, sentences.length, stderr);
  for (const sentence of sentences) t.match(stderr, sentence);
  t.notMatch(stderr, /^\s+at /m, 'no stack');
  t.notMatch(stdout, /ready|token/i, 'nothing says that it is ready');
}

t.test('a second npm start on one folder names the first and leaves it alone', async (t) => {
  const dataDir = await dataDirectory(t);
  const first = await startServer(t, { dataDir, command: 'npm' });
  const pid = await serverOf(dataDir);
  told(t, await failToStart({ dataDir, command: 'npm' }), new RegExp(`Another Rollcall \\(process ${pid}\\).*${dataDir}.*DATA_DIR`));
  t.equal((await fetch(`${first.origin}/readyz`)).status, 200);
  t.equal((await first.stop()).code, 0);
});

t.test('of two first starts at once on one folder exactly one wins', async (t) => {
  const dataDir = await dataDirectory(t);
  const starts = await Promise.allSettled([startServer(t, { dataDir }), startServer(t, { dataDir })]);
  const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const refused = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
  t.equal(started.length, 1);
  t.equal(refused.length, 1);
  t.match(refused[0], /Another Rollcall \(process \d+\)/);
  for (const server of started) t.equal((await server.stop()).code, 0);
});

t.test('a busy port', async (t) => {
  const dataDir = await dataDirectory(t);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  told(t, await failToStart({ dataDir, env: { PORT: String(port) } }), new RegExp(`Port ${port} on 127\\.0\\.0\\.1 is in use.*PORT`));
});

t.test('wrong settings, all at once, and without the secrets in them', async (t) => {
  const dataDir = await dataDirectory(t);
  const env = { PORT: '99999', LOG_LEVEL: 'loud', SECRET_KEY: 'abc-short', ROLLCALL_TOKNE: 'x', MONGODB_URI: 'http://user:pass-word@host' };
  const ended = await failToStart({ dataDir, env });
  told(t, ended, /ROLLCALL_TOKNE/, /PORT must/, /MONGODB_URI must/, /LOG_LEVEL must be one of/, /SECRET_KEY must/);
  t.notMatch(ended.stderr, /abc-short|pass-word/);
});

t.test('a data directory that is none', async (t) => {
  const dataDir = join(await dataDirectory(t), 'file');
  await writeFile(dataDir, '');
  told(t, await failToStart({ dataDir }), /data directory .* cannot be used .*DATA_DIR/);
});

t.test('an unreachable MONGODB_URI', async (t) => {
  const dataDir = await dataDirectory(t);
  const port = await freePort();
  const ended = await failToStart({ dataDir, env: { MONGODB_URI: `mongodb://someone:pass-word@127.0.0.1:${port}/rollcall` } });
  told(t, ended, new RegExp(`MongoDB at 127\\.0\\.0\\.1:${port} cannot be reached .*MONGODB_URI`));
  t.notMatch(ended.stderr, /pass-word/);
});

t.test('a standalone MONGODB_URI', async (t) => {
  const dataDir = await dataDirectory(t);
  const port = await standaloneMongod(t, join(dataDir, 'standalone'));
  const ended = await failToStart({ dataDir, env: { MONGODB_URI: `mongodb://127.0.0.1:${port}/rollcall` } });
  told(t, ended, /is a standalone server, and Rollcall needs transactions.*--replSet/);
});

t.test('a mongod that cannot load names the library and its package', async (t) => {
  const dataDir = await dataDirectory(t);
  const binary = await program(join(dataDir, 'bin'), 'echo "$0: error while loading shared libraries: libcurl.so.4: cannot open shared object file" >&2; exit 127');
  const ended = await failToStart({ dataDir, command: 'npm', env: { MONGOMS_SYSTEM_BINARY: binary } });
  told(t, ended, /needs libcurl\.so\.4.*apt-get install libcurl4/);
});

async function program(folder: string, body: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'mongod');
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}
