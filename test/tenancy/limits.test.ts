/** From where, how often and whether at all a client may come; what is refused is a SCIM error and stands in the audit log once a minute. */
import t from 'tap';
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { createLog } from '../../src/log.ts';
import { RIGHTS as ALL_RIGHTS } from '../../src/rights.ts';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { Keyring } from '../../src/store/keys.ts';
import { issueToken } from '../../src/tenancy/tokens.ts';
import { startApp } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { auditOf, operator, pass, send } from './support.ts';

const app = await startApp(t, import.meta.url);
const { makeClient, store, tenants, registry, config, clock } = app;
const manager = (await makeClient(tenants.own, { scopes: ['*', ...ALL_RIGHTS] })).token;
const clientWith = (settings: Record<string, unknown>) => makeClient(tenants.own, { scopes: ['*', ...ALL_RIGHTS], settings });
const get = (token: string, from?: string, server: FastifyInstance = app.app, headers: Record<string, string> = {}) => send(server, 'GET', '/scim/v2/Users?count=0', undefined, { token, headers, ...(from === undefined ? {} : { from }) });

const NETWORKS: readonly (readonly [networks: readonly string[], inside: readonly string[], outside: readonly string[]])[] = [
  [[], ['203.0.113.7', '2001:db8::1'], []],
  [['203.0.113.7'], ['203.0.113.7', '::ffff:203.0.113.7', '::ffff:cb00:7107'], ['203.0.113.8', '2001:db8::1']],
  [['203.0.113.0/24'], ['203.0.113.0', '203.0.113.255', '::ffff:203.0.113.9'], ['203.0.114.0', '203.0.112.255', '::ffff:203.0.114.1', '::1']],
  [['203.0.113.77/24'], ['203.0.113.1'], ['203.0.114.1']],
  [['2001:db8::/32'], ['2001:db8::1', '2001:db8:ffff::'], ['2001:db9::', '203.0.113.7', '::ffff:203.0.113.7']],
  [['2001:DB8::7'], ['2001:db8::7', '2001:db8:0:0:0:0:0:7'], ['2001:db8::8']],
  [['::ffff:203.0.113.0/120'], ['203.0.113.7', '::ffff:203.0.113.7'], ['203.0.114.7']],
  [['198.51.100.0/24', '2001:db8::/64'], ['198.51.100.3', '2001:db8::3'], ['203.0.113.7', '2001:db8:1::']],
  [['0.0.0.0/0'], ['203.0.113.7'], ['2001:db8::1']],
  [['::/0'], ['2001:db8::1'], []],
  [['10.0.0.0/8', '10.1.2.3/32'], ['10.255.0.1'], ['11.0.0.1']],
];
for (const [networks, inside, outside] of NETWORKS) {
  t.test(`networks ${networks.join(', ') || 'none'}`, async (t) => {
    const { id } = (await send(app.app, 'POST', '/api/v1/clients', { name: networks.join() || 'anywhere', scopes: ['users:read'], settings: { networks: [...networks] } }, { token: manager })).body;
    const { secret } = await issueToken(operator(app), tenants.own, String(id));
    for (const from of inside) t.equal((await get(secret, from)).status, 200, from);
    for (const from of outside) refused(t, await get(secret, from), 403);
    await store.settled();
    t.equal((await store.collections.provisioning.countDocuments({ t: tenants.own, client: id, status: 403 })), outside.length, 'the provisioning log has them');
  });
}

t.test('an address outside is refused at every door, and the use of the token is not noted', async (t) => {
  const { token, client } = await clientWith({ networks: ['203.0.113.0/24'] });
  const { secret } = await issueToken(operator(app), tenants.own, client, { use: 'secret' });
  const from = '198.51.100.1';
  for (const [method, path] of [['GET', '/scim/v2/Users'], ['GET', '/t/default/scim/v2/Users'], ['POST', '/scim/v2/Bulk'], ['GET', '/api/v1/clients'], ['GET', '/openapi.json']] as const) {
    const answer = await send(app.app, method, path, undefined, { token, from });
    refused(t, answer, 403);
  }
  const grant = await app.app.inject({ method: 'POST', url: '/oauth/token', remoteAddress: from, headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: `grant_type=client_credentials&client_id=${client}&client_secret=${secret}` });
  t.equal(grant.statusCode, 403);
  await store.settled();
  t.equal((await store.collections.tokens.find({ t: tenants.own, client, lastUsed: { $exists: true } }).toArray()).length, 0);
  const on = (await auditOf(app, tenants.own, { refused: true })).filter((entry) => entry.by.id === client).map((entry) => entry.on.id).toSorted();
  t.same(on, ['GET /api/v1/clients', 'GET /openapi.json', 'GET /scim/v2/Users', 'GET /t/:tenant/scim/v2/Users', 'POST /oauth/token', 'POST /scim/v2/Bulk'], 'each is in the audit log');
});

t.test('X-Forwarded-For is believed from proxies that are trusted, and from nobody else', async (t) => {
  const { token } = await clientWith({ networks: ['203.0.113.0/24'] });
  const now = () => clock.now;
  const server = async (trustProxy: boolean | number | readonly string[]) => {
    const other = buildApp({ config: { ...config, trustProxy }, store, registry, keyring: new Keyring(store, () => config.secretKeys, now), log: createLog({ level: 'silent' }), now });
    t.teardown(() => other.close());
    await other.ready();
    return other;
  };
  const rows: readonly (readonly [boolean | number | readonly string[], string, string, boolean])[] = [
    [false, '198.51.100.1', '203.0.113.7', false], [false, '203.0.113.7', '198.51.100.1', true],
    [true, '198.51.100.1', '203.0.113.7', true], [true, '203.0.113.7', '198.51.100.1', false],
    [1, '198.51.100.1', '203.0.113.7', true], [1, '198.51.100.1', '203.0.113.7, 198.51.100.9', false],
    [['198.51.100.1'], '198.51.100.1', '203.0.113.7', true], [['198.51.100.2'], '198.51.100.1', '203.0.113.7', false],
  ];
  for (const [trustProxy, from, forwarded, isInside] of rows) {
    t.equal((await get(token, from, await server(trustProxy), { 'x-forwarded-for': forwarded })).status, isInside ? 200 : 403, JSON.stringify([trustProxy, from, forwarded]));
  }
  const trusting = await server(true);
  for (const nonsense of ['', 'nonsense', '203.0.113.7.example', '203.0.113.7:80', '<script>', `203.0.113.7${' '.repeat(9)}x`, 'fe80::1%eth0', '203.0.113.300', '0x7f.1']) {
    const { status } = await get(token, '198.51.100.1', trusting, { 'x-forwarded-for': nonsense });
    t.equal(status, 403, `nonsense is no address inside: ${nonsense}`);
  }
  t.same((await auditOf(app, tenants.own, { refused: true })).filter(({ from = '' }) => isIP(from) === 0).map(({ from }) => from), [], 'what is no address is in no entry');
});

t.test('requests a second: a burst of twice as many and at least five, then 429 with whole seconds to wait, refilled by the clock', async (t) => {
  for (const [perSecond, seconds] of [[1, 1], [5, 1], [50, 1]] as const) {
    pass(app, 60);
    const burst = Math.max(5, perSecond * 2);
    const { token, client } = await clientWith({ requestsPerSecond: perSecond });
    const other = (await clientWith({ requestsPerSecond: perSecond })).token;
    const statuses = async (count: number) => Promise.all(Array.from({ length: count }, () => get(token)));
    const first = await statuses(burst + 3);
    t.equal(first.filter(({ status }) => status === 200).length, burst, `${perSecond} a second`);
    for (const answer of first.filter(({ status }) => status !== 200)) {
      refused(t, answer, 429);
      t.equal(answer.headers['retry-after'], String(seconds));
    }
    t.equal((await get(other)).status, 200, 'another client has its own');
    pass(app, 1);
    t.equal((await statuses(perSecond + 2)).filter(({ status }) => status === 200).length, perSecond, 'one second refills one second');
    pass(app, 3600);
    t.equal((await statuses(burst + 1)).filter(({ status }) => status === 200).length, burst, 'never more than a burst');
    await store.settled();
    const entries = (await auditOf(app, tenants.own, { refused: true })).filter((entry) => entry.by.id === client);
    t.equal(entries.reduce((sum, { times = 0 }) => sum + times, 0), 3 + 2 + 1);
  }
  const { token } = await clientWith({ requestsPerSecond: 0 });
  t.ok((await Promise.all(Array.from({ length: 60 }, () => get(token)))).every(({ status }) => status === 200), '0 is no limit');
});

t.test('the limit counts for every door, Bulk as one request', async (t) => {
  pass(app, 60);
  const { token } = await clientWith({ requestsPerSecond: 1 });
  const statuses = [];
  for (const path of ['/scim/v2/Groups', '/api/v1/clients', '/openapi.json', '/scim/v2/Nothing', '/t/default/scim/v2/Users', '/scim/v2/Groups', '/api/v1/clients', '/openapi.json']) statuses.push((await send(app.app, 'GET', path, undefined, { token })).status);
  t.same(statuses, [200, 200, 200, 404, 200, 429, 429, 429]);
});

t.test('a client that is switched off is nobody; switched on again it comes back', async (t) => {
  const { token, client } = await clientWith({});
  const change = (enabled: boolean) => send(app.app, 'PATCH', `/api/v1/clients/${client}`, { settings: { enabled } }, { token: manager });
  t.equal((await get(token)).status, 200);
  t.equal((await change(false)).status, 200);
  refused(t, await get(token), 401);
  t.equal((await change(true)).status, 200);
  t.equal((await get(token)).status, 200);
});

t.test('the same refusal within a minute is one entry with a number; another address, reason, route or minute is another', async (t) => {
  pass(app, 3600 - (clock.now.getTime() / 1000) % 60);
  const { token, client } = await makeClient(tenants.own, { scopes: ['users:read'] });
  const post = (path: string, from: string) => send(app.app, 'POST', path, { schemas: [] }, { token, from });
  for (let count = 0; count < 5; count++) await post('/scim/v2/Users', '198.51.100.1');
  await post('/scim/v2/Users', '198.51.100.2');
  await post('/scim/v2/Groups', '198.51.100.1');
  await post('/api/v1/clients', '198.51.100.1');
  pass(app, 61);
  await post('/scim/v2/Users', '198.51.100.1');
  await store.settled();
  const entries = (await auditOf(app, tenants.own, { refused: true })).filter((entry) => entry.by.id === client);
  t.same(entries.map(({ on, from, times, action }) => [action, `${on.type} ${on.id}`, from, times]).toSorted(), [
    ['refuse', 'Group ', '198.51.100.1', 1], ['refuse', 'Request POST /api/v1/clients', '198.51.100.1', 1], ['refuse', 'User ', '198.51.100.1', 1], ['refuse', 'User ', '198.51.100.1', 5], ['refuse', 'User ', '198.51.100.2', 1],
  ]);
  t.ok(entries.every(({ refused: reason, request, at }) => /^403 /.test(reason ?? '') && request !== '' && at <= clock.now));
});

t.test('a refusal on whatever id is the same one: no entry for each id, and nothing in it that somebody typed for one', async (t) => {
  pass(app, 3600 - (clock.now.getTime() / 1000) % 60);
  const { token, client } = await makeClient(tenants.own, { scopes: ['users:read'] });
  const ids = Array.from({ length: 30 }, () => randomUUID());
  const ask = (method: string, path: string, body?: Json) => send(app.app, method, `/scim/v2${path}`, body, { token, from: '198.51.100.1' });
  for (const id of ids) await ask('DELETE', `/Users/${id}`);
  await Promise.all(ids.map((id) => ask('PATCH', `/Users/${id}`, { schemas: [] })));
  await ask('DELETE', '/Groups/jan@example.com');
  await ask('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: ids.map((id) => ({ method: 'DELETE', path: `/Users/${id}` })) });
  await store.settled();
  const entries = (await auditOf(app, tenants.own, { refused: true })).filter((entry) => entry.by.id === client);
  t.same(entries.map(({ on, times }) => [on.type, times]).toSorted(), [['Group', 1], ['User', 30], ['User', 30], ['User', 30]], 'one for each route');
  t.same(entries.filter(({ on }) => on.type === 'User' && on.id === ids[0]).length >= 2, true, 'the first id is kept');
  t.notMatch(JSON.stringify(entries), /jan@/);
});
