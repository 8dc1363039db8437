import t from 'tap';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { alive, identify } from '../../src/store/embedded/process.ts';
import { startServer, dataDirectory } from '../helpers/start-server.ts';

t.test('a mongod that its killed server had not written down yet is ended by the next start', async (t) => {
  const dataDir = await dataDirectory(t);
  const first = await startServer(t, { dataDir });
  const mongod = identify(Number((await readFile(join(dataDir, 'mongo', 'mongod.lock'), 'utf8')).trim()));
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  await rm(join(dataDir, 'mongod.json'));
  if (!mongod) throw new Error('mongod.lock names no process');
  t.ok(alive(mongod));

  const second = await startServer(t, { dataDir });
  t.notOk(alive(mongod));
  t.equal(second.token, undefined, 'the data is there: no new secrets');
  t.equal((await second.stop()).code, 0);
});
