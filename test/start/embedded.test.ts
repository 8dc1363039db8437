import t from 'tap';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { StartError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { keptSecretKey } from '../../src/store/embedded/secret-key.ts';
import { startEmbedded, type EmbeddedOptions } from '../../src/store/embedded/start.ts';
import { chosenMongod } from '../helpers/standalone-mongod.ts';
import { dataDirectory } from '../helpers/start-server.ts';

const log = createLog({ level: 'silent' });
const { mongod: binary, version } = chosenMongod();
const start = (dataDir: string, more: Partial<EmbeddedOptions> = {}) => startEmbedded({ dataDir, binary, version, log, ...more });

async function withDatabase<T>(uri: string, work: (db: mongo.Db) => Promise<T>): Promise<T> {
  const client = await mongo.MongoClient.connect(uri);
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}
const change = async (dataDir: string, what: object) => {
  const file = join(dataDir, 'mongod.json');
  await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), ...what }));
};

t.test('the port is kept; when it is taken the set moves to another one with its data', async (t) => {
  const dataDir = await dataDirectory(t);
  const first = await start(dataDir);
  await withDatabase(first.uri, (db) => db.collection('things').insertOne({ name: 'kept' }));
  await first.stop();
  const second = await start(dataDir);
  t.equal(second.uri, first.uri);
  await second.stop();

  const port = Number(new URL(first.uri.replace('mongodb:', 'http:')).port);
  // One that accepts and stays silent would do as well, after the 30 s that mongod then waits for an answer.
  const other = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const third = await start(dataDir);
  t.not(third.uri, first.uri);
  t.equal(await withDatabase(third.uri, (db) => db.collection('things').countDocuments({ name: 'kept' })), 1);
  await third.stop();
});

t.test('data of a newer MongoDB is not opened with an older one', async (t) => {
  const dataDir = await dataDirectory(t);
  await (await start(dataDir)).stop();
  await change(dataDir, { version: '99.0.0', binary: join(dataDir, 'gone') });
  await t.rejects(start(dataDir), { name: 'StartError', message: /last used with MongoDB 99\.0\.0.* is older.*MONGOMS_SYSTEM_BINARY/ });
});

t.test('the binary used before is used again, unless the operator names another', async (t) => {
  const dataDir = await dataDirectory(t);
  await (await start(dataDir)).stop();
  const named = { binary: '/nowhere/mongod', version: '99.0.0' };
  await (await start(dataDir, named)).stop();
  await t.rejects(start(dataDir, { ...named, named: true }), { name: 'StartError', message: /\/nowhere\/mongod cannot be started/ });
});

t.test('a mongod that does not come up: one sentence with the reason in its log', async (t) => {
  const dataDir = await dataDirectory(t);
  await (await start(dataDir)).stop();
  await rm(join(dataDir, 'mongo', 'mongod.lock'));
  await mkdir(join(dataDir, 'mongo', 'mongod.lock'));
  const error: unknown = await start(dataDir).then(() => undefined, (error: unknown) => error);
  t.ok(error instanceof StartError);
  t.match(String(error), /did not start: .+/);
  t.notMatch(String(error), /\n/);
});

t.test('a mongod that ends at once: its last words', async (t) => {
  const dataDir = await dataDirectory(t);
  const folder = join(dataDir, 'bin');
  await mkdir(folder);
  await writeFile(join(folder, 'mongod'), '#!/bin/sh\necho "error while loading shared libraries: libssl.so.3" >&2\nexit 127\n');
  await chmod(join(folder, 'mongod'), 0o755);
  await t.rejects(start(dataDir, { binary: join(folder, 'mongod') }), { name: 'StartError', message: /did not start: .*libssl\.so\.3/ });
});

t.test('the secret key is made once, for its owner alone', async (t) => {
  const dataDir = await dataDirectory(t);
  const key = keptSecretKey(dataDir);
  t.match(key, /^[\w-]{43}$/);
  t.equal(keptSecretKey(dataDir), key);
  t.equal((await stat(join(dataDir, 'secret.key'))).mode & 0o777, 0o600);
  await writeFile(join(dataDir, 'secret.key'), 'cut');
  t.throws(() => keptSecretKey(dataDir), { name: 'StartError', message: /secret\.key is damaged/ });
});
