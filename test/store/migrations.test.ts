/** A database of the version before is brought over once, and works; a new one has nothing to be brought over. */
import t, { type Test } from 'tap';
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { Keyring } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/store.ts';
import { tokenHash } from '../../src/store/tokens.ts';
import { makeFirstTenant } from '../../src/tenancy/first-start.ts';
import { recountSeats } from '../../src/tenancy/seat-recount.ts';
import { seatHistory } from '../../src/tenancy/seats.ts';
import { addDays, dayIn } from '../../src/time.ts';
import { ACCOUNT } from '../accounts/world.ts';
import { GROUP, patchBody, SCHEMAS, USER } from '../helpers/app.ts';
import { send } from '../tenancy/support.ts';

const log = createLog({ level: 'silent' });
const registry = loadRegistry(SCHEMAS);
const config = loadConfig({ SECRET_KEY: 'a key for tests of at least 32 characters', PUBLIC_URL: 'https://scim.example' });
const now = () => new Date('2026-01-05T09:00:00.000Z');
const TOKENS = { tolerant: 'rc_tolerant', strict: 'rc_strict' };

/** An empty database; it is dropped afterwards. */
async function database(test: Test) {
  const location = new URL(process.env['ROLLCALL_TEST_MONGODB_URI'] ?? '');
  location.pathname = `/migrations-${randomBytes(6).toString('hex')}`;
  const client = new mongoose.mongo.MongoClient(location.href);
  const db = client.db();
  test.teardown(async () => {
    await db.dropDatabase();
    await client.close();
  });
  const everything = async () => {
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).toSorted();
    return JSON.stringify(await Promise.all(names.map(async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()])));
  };
  return { uri: location.href, db, everything, open: () => openStore({ uri: location.href, registry, limits: config.limits, log }) };
}

type Document = Record<string, unknown> & { readonly _id: string };

/** As the version before tenancy wrote it: without states, audiences, uses and settings. */
async function writeAsBefore(db: mongoose.mongo.Db): Promise<void> {
  const created = now().toISOString();
  const stamps = { t: 't1', v: 1, created, lastModified: created, ext: [{ client: 'c1', id: 'from-c1' }], mr: 0 };
  const insert = (name: string, ...documents: Document[]) => db.collection<Document>(name).insertMany(documents);
  await insert('tenants', { _id: 't1', name: 'default', created: now() });
  await insert('clients',
    { _id: 'c1', t: 't1', name: 'bootstrap', scopes: ['*'], refusedTolerances: [], patchAnswer: 'empty', created: now() },
    { _id: 'c2', t: 't1', name: 'strict', scopes: ['users:read', 'users:write'], refusedTolerances: ['operationCase'], patchAnswer: 'resource', shows: ['urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:Portal'], person: 'u1', created: now() });
  const token = { t: 't1', label: 'rc_', created: now(), expires: new Date(now().getTime() + 86_400_000) };
  await insert('tokens', { _id: tokenHash(TOKENS.tolerant), client: 'c1', ...token }, { _id: tokenHash(TOKENS.strict), client: 'c2', ...token });
  await insert('users', { _id: 'u1', ...stamps, mr: 1, a: { userName: 'Ada', active: true }, k: { schemas: [USER.toLowerCase()], userName: 'ada', active: true } });
  await insert('groups', { _id: 'g1', ...stamps, a: { displayName: 'Team' }, k: { schemas: [GROUP.toLowerCase()], displayName: 'team' }, gk: 'keyOfTeam123', mc: 1 });
  await insert('members', { _id: 'keyOfTeam123|u1', t: 't1', g: 'keyOfTeam123', m: 'u1', ty: 'User' });
  await insert('claims', { _id: 't1|groupName|team', t: 't1', owner: 'g1' });
  await insert('audit', { _id: '01a0', t: 't1', at: now(), by: { kind: 'client', id: 'c1' }, action: 'create', on: { type: 'User', id: 'u1' }, request: 'r', changed: ['userName'], version: 1 });
}

async function serve(test: Test, store: Awaited<ReturnType<typeof openStore>>) {
  const app = buildApp({ config, store, registry, keyring: new Keyring(store, () => config.secretKeys, now), log, now });
  test.teardown(() => app.close());
  await app.ready();
  return (method: string, path: string, token: string, body?: Parameters<typeof send>[3]) => send(app, method, path, body, { token });
}

t.test('a database of the version before works as it did', async (t) => {
  const { db, open } = await database(t);
  await writeAsBefore(db);
  const store = await open();
  t.teardown(() => store.close());
  const ask = await serve(t, store);

  t.match((await ask('GET', '/scim/v2/Users', TOKENS.tolerant)).body, { totalResults: 1, Resources: [{ id: 'u1', userName: 'Ada', externalId: 'from-c1', groups: [{ value: 'g1' }] }] });
  t.match((await ask('GET', '/scim/v2/Groups/g1', TOKENS.tolerant)).body, { displayName: 'Team', members: [{ value: 'u1' }], meta: { version: 'W/"1"' } });
  t.equal((await ask('PATCH', '/scim/v2/Users/u1', TOKENS.tolerant, patchBody({ op: 'Replace', path: 'title', value: 'x' }))).status, 204, 'answers PATCH as it was set');
  t.equal((await ask('PATCH', '/scim/v2/Users/u1', TOKENS.strict, patchBody({ op: 'Replace', path: 'title', value: 'y' }))).status, 400, 'refuses what it was set to refuse');
  t.equal((await ask('GET', '/scim/v2/Me', TOKENS.strict)).body.id, 'u1', 'is bound to whom it was');
  t.equal((await ask('POST', '/scim/v2/Users', TOKENS.tolerant, { schemas: [USER], userName: 'ADA' })).status, 409);
  t.equal((await ask('POST', '/scim/v2/Groups', TOKENS.tolerant, { schemas: [GROUP], displayName: 'TEAM' })).status, 409);
  t.equal((await ask('GET', '/t/default/scim/v2/Users', TOKENS.tolerant)).status, 200);

  const clients = await db.collection<Document>('clients').find().sort({ _id: 1 }).toArray();
  t.match(clients[0]?.['settings'], { refusedTolerances: [], patchAnswer: 'empty' });
  t.match(clients[1], { settings: { refusedTolerances: ['operationCase'], patchAnswer: 'resource', shows: [/rollcallPortal/] }, person: 'u1', scopes: ['users:read', 'users:write'] });
  for (const client of clients) t.same(['refusedTolerances', 'patchAnswer', 'shows'].filter((name) => name in client), [], 'nothing is left at the top');
  t.match(await db.collection<Document>('tenants').findOne({ _id: 't1' }), { state: 'active', policy: {} });
  t.equal(await db.collection('tokens').countDocuments({ use: 'bearer' }), 2);
  t.same([await db.collection('users').countDocuments({ p: 'employee' }), await db.collection('groups').countDocuments({ p: 'all' })], [1, 1]);
});

t.test('a tenant of the version before has its group of administrators too', async (t) => {
  const { db, open } = await database(t);
  await writeAsBefore(db);
  await (await open()).close();
  t.match(await db.collection('groups').findOne({ t: 't1', p: 'console' }), { a: { displayName: 'Administrators', rights: { rights: ['users.manage', 'externalUsers.manage', 'portalUsers.manage', 'admin.grant', 'audit.read', 'clients.manage'] } } });
  await (await open()).close();
  t.equal(await db.collection('groups').countDocuments({ t: 't1', p: 'console' }), 1, 'once');
});

t.test('whoever never had a login is found by their status', async (t) => {
  const { db, open } = await database(t);
  await writeAsBefore(db);
  const person = { t: 't1', v: 3, created: now().toISOString(), lastModified: now().toISOString(), ext: [], mr: 0, p: 'employee' };
  await db.collection<Document>('users').insertOne({ _id: 'gone', ...person, a: { userName: 'Gone', active: false }, k: { schemas: [USER.toLowerCase()], userName: 'gone', active: false } });
  await db.collection<Document>('clients').updateOne({ _id: 'c1' }, { $set: { shows: [ACCOUNT] } });
  const store = await open();
  t.teardown(() => store.close());
  const ask = await serve(t, store);
  const found = async (filter: string) => (await ask('GET', `/scim/v2/Users?filter=${encodeURIComponent(filter)}`, TOKENS.tolerant)).body.Resources.map(({ id }: { id: string }) => id);
  t.same([await found(`${ACCOUNT}:status eq "none"`), await found(`${ACCOUNT}:status eq "deactivated"`), await found(`schemas eq "${ACCOUNT}" and active eq false`)], [['u1'], ['gone'], ['gone']]);
  t.match((await ask('GET', '/scim/v2/Users/gone', TOKENS.tolerant)).body, { schemas: [USER, ACCOUNT], [ACCOUNT]: { status: 'deactivated' }, meta: { version: 'W/"3"' } });
});

t.test('seats of a database without counts: the people who are there are the opening counts of the first day', async (t) => {
  const { db, open } = await database(t);
  await writeAsBefore(db);
  const person = { t: 't1', v: 1, created: '', lastModified: '', ext: [], mr: 0 };
  const people: readonly (readonly [string, boolean | undefined])[] = [['employee', true], ['employee', undefined], ['employee', false], ['contact', true], ['portal', false], ['console', true]];
  await db.collection<Document>('users').insertMany(people.map(([p, active], index) => ({ _id: `p${index}`, ...person, p, a: active === undefined ? {} : { active }, k: { userName: `p${index}` } })));
  const stores = await Promise.all([open(), open(), open()]);
  t.teardown(() => Promise.all(stores.map((store) => store.close())));
  const [store] = stores;
  const before = dayIn(new Date(), 'UTC');
  const kept = await db.collection<Document>('seats').find().toArray();
  t.match(kept, [{ _id: 't1', t: 't1', since: /^\d{4}-\d\d-\d\d$/, counts: { employee: { billed: 3, unbilled: 1 }, contact: { billed: 1, unbilled: 0 }, portal: { billed: 0, unbilled: 1 } } }], 'Ada too; nobody of the console');
  t.same(Object.keys(Object(kept[0]?.['counts'])).toSorted(), ['contact', 'employee', 'portal']);
  t.equal(await db.collection('seatDays').countDocuments({}), 0);
  const history = await seatHistory({ store, now: () => new Date(), by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined, tenant: 't1' }, { from: addDays(before, -20), to: undefined });
  t.match(history, { since: kept[0]?.['since'], now: { employee: { billed: 3, unbilled: 1 } } });
  t.match(history.days[0], { day: kept[0]?.['since'], billed: { employee: 3 }, highest: { employee: 3 }, joined: { employee: 0 } }, 'nobody knows what was before');
  t.equal((await recountSeats({ store }, 't1')).differs, false);
});

t.test('a second start changes nothing, and what was decided since stays', async (t) => {
  const { db, open, everything } = await database(t);
  await writeAsBefore(db);
  await (await open()).close();
  await db.collection<Document>('users').updateOne({ _id: 'u1' }, { $set: { p: 'external' } });
  await db.collection<Document>('tenants').updateOne({ _id: 't1' }, { $set: { state: 'suspended' } });
  const before = await everything();
  await (await open()).close();
  t.equal(await everything(), before);
});

t.test('several processes that start at once come to the same', async (t) => {
  const { db, open } = await database(t);
  await writeAsBefore(db);
  const stores = await Promise.all([open(), open(), open()]);
  await Promise.all(stores.map((store) => store.close()));
  t.match(await db.collection<Document>('clients').findOne({ _id: 'c1' }), { settings: { patchAnswer: 'empty' } });
  t.equal(await db.collection('system').countDocuments({}), 2, 'its version, and that its first start has been');
});

t.test('a new database runs no step and says which version it is', async (t) => {
  const { db, open } = await database(t);
  const store = await open();
  const version = await db.collection('system').findOne({});
  t.match(version, { _id: 'version', version: Number });
  t.ok(await makeFirstTenant(store, TOKENS.tolerant, now()));
  await store.close();
  // What a step would bring over stays as it is: there is none to run.
  await db.collection('users').insertOne({ t: 'x', k: { userName: 'odd' } });
  await (await open()).close();
  t.notOk(Object.keys((await db.collection('users').findOne({ t: 'x' })) ?? {}).includes('p'));
  t.same(await db.collection('system').findOne({}), version);
});

t.test('people of the version before are found by their names, without a new version of any of them', async (t) => {
  const { db, open } = await database(t);
  await writeAsBefore(db);
  const users = db.collection<Document>('users');
  const one = await users.findOne({ _id: 'u1' });
  // More than one batch, of two tenants; some have keys already, as after an interruption.
  const others = Array.from({ length: 1200 }, (_, n): Document => ({ ...one, _id: `v${n}`, t: n % 2 === 0 ? 't1' : 't2', p: 'employee', a: { userName: `b${n}`, name: { familyName: 'Berg' }, active: n % 3 === 0 }, k: { userName: `b${n}`, ...(n < 5 ? { _search: { s: ['kept'] } } : {}) } }));
  await users.insertMany(others);
  await (await open()).close();
  const found = await users.find().toArray();
  t.same(found.filter(({ _id, v }) => v !== 1 && _id !== 'u1'), []);
  t.same(found.filter(({ k }) => !Array.isArray((k as { _search?: { s?: unknown } })._search?.s)), []);
  t.same((found.find(({ _id }) => _id === 'v0')?.['k'] as { _search: unknown })._search, { s: ['kept'] }, 'what is there stays');
  t.match(found.find(({ _id }) => _id === 'v7'), { v: 1, lastModified: now().toISOString(), k: { userName: 'b7', _search: { st: 'deactivated', r: ['*'], n: 'berg\u0001', s: [/^\*b7/, /^\*berg/] } } });
  t.equal(await users.countDocuments({ 'k._search.st': 'none', t: 't2' }), 199);

  const store = await open();
  t.teardown(() => store.close());
  const ask = await serve(t, store);
  await db.collection<Document>('clients').updateOne({ _id: 'c1' }, { $set: { scopes: ['users.manage'] } });
  t.match((await ask('GET', '/api/v1/users?search=b1199,ada', TOKENS.tolerant)).body, { total: 1, people: [{ id: 'u1' }] });
  t.equal((await ask('GET', '/api/v1/users?search=berg&tab=billed', TOKENS.tolerant)).body.total, 199);
});
