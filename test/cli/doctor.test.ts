import t, { type Test } from 'tap';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expectedIndexes } from '../../src/cli/doctor/indexes.ts';
import { mailCheck } from '../../src/cli/doctor/mail.ts';
import { differenceCheck, supportCheck } from '../../src/cli/doctor/mongodb.ts';
import { hashingCheck, nodeCheck, publicUrlCheck, spaceCheck } from '../../src/cli/doctor/surroundings.ts';
import { openDatabase } from '../../src/cli/open.ts';
import { DATABASE_VERSION } from '../../src/store/migrations.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { Keyring } from '../../src/store/keys.ts';
import { commandLine, SECRET_KEY, type Ended } from './command-line.ts';

const { rollcall, withEnv, contents, store, env } = await commandLine(t);
const stateOf = ({ json }: Ended, name: string) => (json.checks as { name: string; state: string; text: string }[]).find((check) => check.name === name);

t.test('all is well: a line each, and nothing is changed by looking', async (t) => {
  await new Keyring(store, () => [SECRET_KEY], () => new Date()).signingKey();
  const before = await contents();
  const { code, out, err } = await rollcall('doctor');
  t.equal(code, 0, out);
  t.equal(err, '');
  for (const line of out.trimEnd().split('\n')) t.match(line, /^(ok {2}|warn) {2}[a-z ]+ {2}\S/);
  for (const name of ['settings', 'node', 'passwords', 'public url', 'disk', 'mail', 'clock', 'replica set', 'mongodb', 'transactions', 'database', 'indexes', 'secret key', 'tenants', 'tokens', 'seats']) {
    t.match(out, new RegExp(`^\\w+ +${name} {2}`, 'm'));
  }
  t.match(out, /^ok +secret key +SECRET_KEY opens every signing key \(1\)$/m);
  t.match(out, /^ok +tenants +active: 1, suspended: 0; clients in all: 1$/m);
  t.match(out, /^warn +transactions +transactionLifetimeLimitSeconds is 60.*set it to 8/m);
  t.notMatch(out, SECRET_KEY);
  t.equal(await contents(), before);
});

t.test('what does not work fails, says what to do, and ends with 1', async (t) => {
  const { tenants, tokens } = store.collections;
  await tokens.dropIndex('expires_1');
  await store.collections.system.updateOne({ _id: 'version' }, { $set: { version: DATABASE_VERSION + 1 } });
  await rollcall('token', 'issue', 'bootstrap', '--days', '3');
  const ended = await withEnv({ SECRET_KEY: 'quite another key of at least 32 characters', SMTP_URL: 'smtp://someone:pass-word@127.0.0.1:1', PUBLIC_URL: 'http://scim.example' }, 'doctor', '--json');
  t.equal(ended.code, 1);
  t.equal(ended.json.ok, false);
  t.match(stateOf(ended, 'indexes'), { state: 'fail', text: 'tokens.expires_1 missing: start the server once more, which makes them.' });
  t.match(stateOf(ended, 'database'), { state: 'fail', text: /newer than this command/ });
  t.match(stateOf(ended, 'secret key'), { state: 'fail', text: /does not open the signing keys 1: put the SECRET_KEY .* behind the present one/ });
  t.match(stateOf(ended, 'mail'), { state: 'fail', text: /^127\.0\.0\.1:1 does not answer/ });
  t.match(stateOf(ended, 'public url'), { state: 'warn', text: /not https.*PUBLIC_URL/ });
  t.notMatch(ended.out, /pass-word|quite another key/);
  const indexes = await tokens.indexes();
  t.notOk(indexes.some(({ name }) => name === 'expires_1'), 'the doctor looks and does not treat');
  t.match(await rollcall('tenant', 'list'), { code: 1, out: '', err: /newer than this command \(\d+\): use the command of the server/ }, 'other commands keep away');
  await store.createIndexes();
  await store.collections.system.updateOne({ _id: 'version' }, { $set: { version: DATABASE_VERSION } });
  await tenants.updateOne({ name: 'default' }, { $set: { state: 'suspended' } });
  t.match(stateOf(await rollcall('doctor', '--json'), 'tenants'), { state: 'warn', text: /nobody can use the server/ });
  await tenants.updateOne({ name: 'default' }, { $set: { state: 'active' } });
});

t.test('tokens that end soon, until they have a successor', async (t) => {
  const { json } = await rollcall('token', 'issue', 'bootstrap', '--days', '14', '--json');
  const told = stateOf(await rollcall('doctor', '--json'), 'tokens');
  t.match(told, { state: 'warn', text: `${json.label} of bootstrap in default` });
  await rollcall('token', 'successor', json.id);
  t.notMatch(stateOf(await rollcall('doctor', '--json'), 'tokens')?.text, json.label);
});

t.test('every fault of the settings at once, without their values', async (t) => {
  const { code, out } = await withEnv({ PORT: '99999', SECRET_KEY: 'abc-short', MONGODB_URI: 'http://user:pass-word@host' }, 'doctor');
  t.equal(code, 1);
  t.match(out.match(/^FAIL +settings +(PORT|SECRET_KEY|MONGODB_URI) must/gm)?.length, 3);
  t.match(out, /^ok +node /m);
  t.notMatch(out, /abc-short|pass-word/);
  t.match(await withEnv({ PORT: '99999', LOG_LEVEL: 'loud' }, 'tenant', 'list'), { code: 1, err: /^PORT must .*\. LOG_LEVEL must .*\.\n$/ }, 'other commands: in one line');
});

t.test('an unreachable MongoDB', async (t) => {
  const ended = await withEnv({ MONGODB_URI: 'mongodb://someone:pass-word@127.0.0.1:1/rollcall' }, 'doctor', '--json');
  t.equal(ended.code, 1);
  t.match(stateOf(ended, 'mongodb'), { state: 'fail', text: /^MongoDB at 127\.0\.0\.1:1 cannot be reached .*MONGODB_URI/ });
  t.notMatch(ended.out, /pass-word/);
});

t.test('a database that no server has run on', async (t) => {
  const unused = env['MONGODB_URI']?.replace('/cli-', '/cli-unused-') ?? '';
  t.match(await withEnv({ MONGODB_URI: unused }, 'tenant', 'create', 'acme'), { code: 1, err: /No server has ever run on this database: start the server once/ });
  const ended = await withEnv({ MONGODB_URI: unused }, 'doctor', '--json');
  t.match(stateOf(ended, 'database'), { state: 'fail', text: /start the server once/ });
  t.match(stateOf(ended, 'indexes'), { state: 'fail' });
  const { databases } = await store.collections.tenants.db.admin().listDatabases();
  t.notOk(databases.some(({ name }) => name.startsWith('cli-unused-')), 'it is not made either');
});

t.test('the command line knows the version and the indexes that a server makes', async (t) => {
  t.equal((await store.collections.system.findOne({}))?.version, DATABASE_VERSION, 'DATABASE_VERSION in src/cli/open.ts');
  const opened = await openDatabase(loadConfig(env), createLog({ level: 'silent' }));
  t.teardown(() => opened.close());
  const collections = await store.collections.tenants.db.collections();
  const made = await Promise.all(collections.map(async (collection) => (await collection.indexes()).map(({ name }) => `${collection.collectionName}.${name ?? ''}`)));
  const expected = Object.entries(expectedIndexes(opened)).flatMap(([collection, names]) => names.map((name) => `${collection}.${name}`));
  t.same(made.flat().filter((name) => !name.endsWith('._id_')).sort(), expected.sort(), 'INDEXES in src/cli/doctor/indexes.ts');
});

t.test('thresholds', async (t) => {
  const states = (rows: readonly { readonly state: string }[]) => rows.map(({ state }) => state).join(' ');
  t.equal(states(['v18.20.0', 'v20.18.3', 'v20.19.0', 'v22.1.0'].map(nodeCheck)), 'fail fail ok ok');
  t.equal(states(['6.0.5', '7.0.31', '7.0.32', '7.3.4', '8.0.20', '8.0.21', '8.2.0', '9.0.0-rc1'].map(supportCheck)), 'warn warn ok warn warn ok ok ok');
  t.equal(states([0, 999, 1000, 59_999, 60_000].map(differenceCheck)), 'ok ok warn warn fail');
  t.equal(states([0.4, 1.9, 2.1].map((gibibytes) => spaceCheck('data', gibibytes * 1024 ** 3))), 'fail warn ok');
  t.equal(states(['https://a.example', 'http://localhost:8080', 'http://127.0.0.1', 'http://[::1]:80', 'http://127.0.0.1.example'].map(publicUrlCheck)), 'ok ok ok ok warn');
  t.match(await hashingCheck('process.abort()'), { state: 'fail', text: /argon2 does not hash here/ });
});

t.test('the mail server is listened to and told nothing', async (t) => {
  const heard: string[] = [];
  const server = async (t: Test, greet: (socket: Socket) => void) => {
    const listening = createServer((socket) => {
      socket.on('data', (bytes) => heard.push(String(bytes))).on('error', () => undefined);
      greet(socket);
    }).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    t.teardown(() => listening.close());
    return `smtp://someone:pass-word@127.0.0.1:${(listening.address() as AddressInfo).port}`;
  };
  const ready = await server(t, (socket) => {
    socket.write('220-mail.exa');
    setTimeout(() => socket.write('mple\r\n220 ready\r\n'), 20);
  });
  t.match(await mailCheck(ready), { state: 'ok' });
  t.match(await mailCheck(await server(t, (socket) => socket.write('554 no\u0007 service\r\n'))), { state: 'fail', text: /not as a mail server that is ready \(554 no service\): correct SMTP_URL/ });
  t.match(await mailCheck(await server(t, (socket) => socket.end())), { state: 'fail' });
  const started = performance.now();
  t.match(await mailCheck(await server(t, () => undefined)), { state: 'fail', text: /no greeting within 3 s/ });
  t.ok(performance.now() - started < 4500);
  t.same(heard, []);
});
