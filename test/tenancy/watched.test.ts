/** The watch over commands and over the neighbour: that no test gets by it, and that it sees what it is for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { mongo } from 'mongoose';
import t from 'tap';
import { watchCommands } from '../helpers/commands.ts';
import { Neighbour } from '../helpers/neighbour.ts';
import { openTestStore } from '../helpers/store.ts';
import { insertTenant } from '../../src/tenancy/first-start.ts';
import { transact } from '../../src/store/transaction.ts';

/** Each opens MongoDB past the watch, for a reason. */
const ALLOWED = new Map([
  ['helpers/store.ts', 'it is the one that watches'],
  ['helpers/standalone-mongod.ts', 'a server without a store'],
  ['start/embedded.test.ts', 'databases without a store'],
  ['cli/command-line.ts', 'the operator\'s commands open their own connections, and reach every tenant'],
  ['store/indexes.test.ts', 'a start over a connection whose answers have little time'],
  ['store/migrations.test.ts', 'a database of the version before, and the steps that bring over all tenants of it'],
  ['tenancy/audit.test.ts', 'looks at all tenants beside the store that is watched'],
]);
/** `openStore` and `connect` of the store, and what the driver opens connections by. */
const OPENING = /\bopenStore\s*\(|\bnew Store\s*\(|from '[^']*\/store\/connect\.ts'|\bMongoClient\b|\bcreateConnection\s*\(/;

t.test('every test opens its store where commands are watched', async (t) => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => file.split(sep).join('/')).filter((file) => file.endsWith('.ts') && file !== 'tenancy/watched.test.ts');
  const past = files.filter((file) => OPENING.test(readFileSync(join(root, file), 'utf8')));
  t.ok(files.length > 60 && past.includes('helpers/store.ts'));
  t.same(past.filter((file) => !ALLOWED.has(file)), [], 'use openTestStore or startApp');
  t.same([...ALLOWED.keys()].filter((file) => !past.includes(file)), [], 'no exception that nobody needs');
});

t.test('a command without its tenant is seen, in whatever branch', async (t) => {
  const seen = (command: mongo.Document) => {
    const commands = watchCommands();
    commands.monitor({ commandName: Object.keys(command)[0] ?? '', command } as mongo.CommandStartedEvent);
    return commands.withoutTenant().length === 1;
  };
  for (const command of [
    { find: 'users', filter: {} }, { find: 'users', filter: { _id: 'x' } }, { find: 'users', filter: { t: { $ne: 'x' } } }, { find: 'users', filter: { $or: [{ t: 'x' }] } },
    { find: 'users', filter: { t: 'x', $or: [{ t: 'x', _id: 'a' }, { _id: 'b' }] } }, { find: 'users', filter: { t: 'x', $and: [{ $or: [{ _id: 'a' }] }] } },
    { aggregate: 'users', pipeline: [{ $group: { _id: null } }] }, { aggregate: 'users', pipeline: [{ $match: { t: 'x' } }, { $unionWith: { coll: 'groups', pipeline: [{ $match: { _id: 'x' } }] } }] },
    { count: 'users', query: {} }, { distinct: 'users', key: '_id', query: {} }, { findAndModify: 'users', query: { _id: 'x' } },
    { insert: 'users', documents: [{ _id: 'a', t: 'x' }, { _id: 'b' }] }, { update: 'users', updates: [{ q: { _id: 'x' } }] }, { delete: 'users', deletes: [{ q: { t: 'x' } }, { q: {} }] },
    { mapReduce: 'users' }, { dbHash: 1 },
  ]) t.ok(seen(command), JSON.stringify(command));
  for (const command of [{ find: 'users', filter: { t: 'x', $or: [{ t: 'x', _id: 'a' }] } }, { insert: 'users', documents: [{ _id: 'a', t: 'x' }] }, { ping: 1 }, { find: 'tokens', filter: { _id: 'x' } }]) t.notOk(seen(command), JSON.stringify(command));
});

t.test('a document of the neighbour that is changed, missing or too many is seen', async (t) => {
  const store = await openTestStore(t, import.meta.url);
  const own = 'tenant-own';
  await transact(store, (session) => insertTenant({ ...store.scope(own), session }, { _id: own, name: 'own', created: new Date(), state: 'active', policy: {} }));
  const type = store.registry.type('Group');
  const groups = store.collections.resources(type);
  const group = await groups.findOne({ t: own });
  const neighbour = new Neighbour(store, own);
  await neighbour.copy(type, group?._id ?? '');
  const copy = await groups.findOne({ t: 'tenant-neighbour' });
  t.match(copy, { a: group?.a, t: 'tenant-neighbour' });
  if (!copy) return;
  await neighbour.check();
  const fails = async (change: () => Promise<unknown>, back: () => Promise<unknown>) => {
    await change();
    await t.rejects(neighbour.check(), { message: /another tenant was changed/ });
    await back();
    await neighbour.check();
  };
  const one = { _id: copy._id, t: copy.t };
  await fails(() => groups.updateOne(one, { $inc: { mr: 1 } }), () => groups.updateOne(one, { $inc: { mr: -1 } }));
  await fails(() => groups.deleteOne(one), () => groups.insertOne(copy));
  const { claims } = store.collections;
  await fails(() => claims.insertOne({ _id: 'more', t: copy.t, owner: copy._id }), () => claims.deleteOne({ _id: 'more', t: copy.t }));
});
