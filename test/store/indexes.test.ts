/** Indexes at start: what a new version brings is built for as long as it takes, though every other command has its time. */
import t from 'tap';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import mongoose, { type mongo } from 'mongoose';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createLog } from '../../src/log.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { openStore } from '../../src/store/store.ts';
import { SCHEMAS } from '../helpers/store.ts';

const SOCKET_MS = 2000;

t.test('a start waits for an index that takes longer to build than an answer may', async (t) => {
  const location = new URL(process.env['ROLLCALL_TEST_MONGODB_URI'] ?? '');
  location.pathname = `/indexes-${randomBytes(6).toString('hex')}`;
  const client = await new mongoose.mongo.MongoClient(location.href, { monitorCommands: true }).connect();
  const db = client.db();
  t.teardown(async () => {
    await db.dropDatabase();
    await client.close();
  });
  location.searchParams.set('socketTimeoutMS', String(SOCKET_MS));
  const open = (monitor?: (event: mongo.CommandStartedEvent) => void) =>
    openStore({ uri: location.href, registry: loadRegistry(SCHEMAS), limits: DEFAULT_LIMITS, log: createLog({ level: 'silent' }), ...(monitor ? { monitor } : {}) });
  await (await open()).close();
  const indexes = async () => (await db.collection('users').indexes()).map(({ name }) => name);
  const before = await indexes();
  await db.collection('users').dropIndex('t_1_p_1__id_1');

  // An open transaction with a write keeps MongoDB from beginning to build.
  const session = client.startSession();
  session.startTransaction();
  await db.collection<{ _id: string }>('users').insertOne({ _id: 'somebody' }, { session });
  const asked = new EventTarget();
  const building = open(({ commandName, command }) => {
    if (commandName === 'createIndexes' && command['createIndexes'] === 'users') asked.dispatchEvent(new Event('build'));
  });
  await Promise.race([once(asked, 'build'), building]);
  // As long as the socket of any other command would have waited, by the clock of the driver: its timer was set before this one.
  await new Promise((resolve) => void setTimeout(resolve, SOCKET_MS + 500));
  await session.abortTransaction();
  await session.endSession();
  const store = await building;
  t.teardown(() => store.close());
  t.same((await indexes()).toSorted(), before.toSorted());
});
