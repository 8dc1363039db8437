/** Tokens and secrets of provisioning clients: shown once, never without an end, ended at once, and told apart by nobody who has none. */
import t from 'tap';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RIGHTS as ALL_RIGHTS } from '../../src/rights.ts';
import type { Json } from '../../src/scim/json.ts';
import { tokenHash } from '../../src/store/tokens.ts';
import { setTenantState } from '../../src/tenancy/tenants.ts';
import { createLog } from '../../src/log.ts';
import { DAY_MS, startApp, type Answer, type ClientOptions } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { auditOf, everythingOf, operator, ownTenant, pass, secondServer, send } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-tokens-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const logFile = join(folder, 'log');
const app = await startApp(t, import.meta.url, {}, { log: createLog({ level: 'trace', fd: openSync(logFile, 'a') }) });
const { call, makeClient, store, tenants } = app;
const { tokens } = store.collections;
const manager = (await makeClient(tenants.own, { scopes: ['*', ...ALL_RIGHTS] })).token;
const api = (method: string, path: string, body?: Json, token = manager) => send(app.app, method, `/api/v1${path}`, body, { token });
const use = (token: string, from?: string) => send(app.app, 'GET', '/scim/v2/Users?count=0', undefined, { token, ...(from === undefined ? {} : { from }) });
const newClient = async (options: ClientOptions = {}) => (await makeClient(tenants.own, { scopes: ['users:read'], ...options })).client;

async function issue(client: string, body: Json = {}): Promise<Answer['body']> {
  const answer = await api('POST', `/clients/${client}/tokens`, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}
async function exchange(client: string, secret: string): Promise<Answer> {
  const payload = new URLSearchParams({ grant_type: 'client_credentials', client_id: client, client_secret: secret }).toString();
  const response = await app.app.inject({ method: 'POST', url: '/oauth/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload });
  return { status: response.statusCode, headers: response.headers, text: response.body, body: response.json() };
}
const jwtOf = async (client: string, secret: string) => String((await exchange(client, secret)).body.access_token);

t.test('a token is shown when it is issued and never again: in no list, no log, nowhere in the database', async (t) => {
  const client = await newClient();
  const secrets: string[] = [];
  for (const kind of ['bearer', 'secret']) {
    const issued = await issue(client, { use: kind });
    t.match(issued, { client, use: kind, label: issued.secret.slice(0, 9), id: tokenHash(issued.secret) });
    t.match(issued.secret, kind === 'bearer' ? /^rc_[\w-]{43}$/ : /^rcs_[\w-]{43}$/);
    secrets.push(issued.secret, (await api('POST', `/tokens/${issued.id}/successor`, {})).body.secret);
  }
  t.equal((await use(secrets[0] ?? '')).status, 200);
  await jwtOf(client, secrets[2] ?? '');
  const [listed, one, audit, log] = [await api('GET', `/clients/${client}/tokens`), await api('GET', `/clients/${client}`), await api('GET', '/audit?count=200'), await api('GET', `/clients/${client}/log`)];
  t.equal(listed.body.tokens.length, 5, 'with the one of the helper');
  t.ok(listed.body.tokens.every((token: object) => !('secret' in token)));
  await store.settled();
  const places = { listed: listed.text, one: one.text, audit: audit.text, log: log.text, database: await everythingOf(app, tenants.own), process: readFileSync(logFile, 'utf8') };
  for (const [place, text] of Object.entries(places)) for (const secret of secrets) t.notOk(text.includes(secret) || text.includes(secret.slice(0, 20)), place);
});

t.test('a token ends after 180 days, or as many from 1 to 365 as are asked for', async (t) => {
  const client = await newClient();
  for (const [days, expected] of [[undefined, 180], [1, 1], [365, 365]] as const) {
    t.equal((await issue(client, days === undefined ? {} : { days })).expires, new Date(app.clock.now.getTime() + expected * DAY_MS).toISOString());
  }
  const count = await tokens.countDocuments({ t: tenants.own });
  const entries = (await auditOf(app, tenants.own)).length;
  const wrong: readonly Json[] = [{ days: 0 }, { days: -1 }, { days: 366 }, { days: 1.5 }, { days: 1e300 }, { days: '30' }, { days: null }, { days: [30] }, { use: 'jwt' }, { use: 1 }, { expires: '2099-01-01' }, { secret: 'of my own' }, { client: 'x' }, [], 'x', 1];
  for (const body of wrong) refused(t, await api('POST', `/clients/${client}/tokens`, body), 400, Array.isArray(body) || typeof body !== 'object' ? 'invalidSyntax' : 'invalidValue');
  t.equal(await tokens.countDocuments({ t: tenants.own }), count, 'none was issued');
  t.equal((await auditOf(app, tenants.own)).length, entries);
});

t.test('a client has as many tokens as it needs; one that is revoked ends with the next request and leaves the others alone', async (t) => {
  const client = await newClient();
  const [one, two, three] = [await issue(client), await issue(client), await issue(client)];
  for (const { secret } of [one, two, three]) t.equal((await use(secret)).status, 200);
  t.equal((await api('DELETE', `/tokens/${two.id}`)).status, 204);
  refused(t, await use(two.secret), 401);
  for (const { secret } of [one, three]) t.equal((await use(secret)).status, 200);
  refused(t, await api('DELETE', `/tokens/${two.id}`), 404);
  t.same((await auditOf(app, tenants.own, { on: client })).map(({ action, changed }) => [action, changed]), [...['token.issue', 'token.issue', 'token.issue', 'token.revoke'].map((action) => [action, ['tokens']])]);
});

t.test('a successor: the old one goes on until the new one is first used, and then as long as was asked', async (t) => {
  for (const [body, seconds] of [[{}, 3600], [{ graceSeconds: 60, days: 30 }, 60]] as const) {
    const client = await newClient();
    const old = await issue(client);
    const next = (await api('POST', `/tokens/${old.id}/successor`, body)).body;
    t.match(next, { client, use: 'bearer', succeeds: old.id });
    pass(app, 100 * 86_400 / 10);
    t.equal((await use(old.secret)).status, 200, 'unused, it leaves the old one alone');
    t.equal((await use(next.secret)).status, 200);
    await store.settled();
    const ends = (await tokens.findOne({ _id: old.id }))?.expires.getTime() ?? 0;
    t.equal(ends, app.clock.now.getTime() + seconds * 1000);
    pass(app, seconds - 1);
    t.equal((await use(next.secret)).status, 200, 'used again');
    t.equal((await use(old.secret)).status, 200);
    await store.settled();
    t.equal((await tokens.findOne({ _id: old.id }))?.expires.getTime(), ends, 'a later use gives no more time');
    pass(app, 2);
    refused(t, await use(old.secret), 401);
    t.equal((await use(next.secret)).status, 200);
  }
});

t.test('a successor never lengthens a life, is of the same kind, and is refused with numbers out of range', async (t) => {
  const client = await newClient();
  const old = await issue(client, { days: 1, use: 'secret' });
  for (const body of [{ graceSeconds: -1 }, { graceSeconds: 1.5 }, { graceSeconds: 2_592_001 }, { graceSeconds: '1' }, { days: 0 }, { days: 366 }, { use: 'bearer' }]) refused(t, await api('POST', `/tokens/${old.id}/successor`, body), 400, 'invalidValue');
  refused(t, await api('POST', `/tokens/${'0'.repeat(64)}/successor`, {}), 404);
  const next = (await api('POST', `/tokens/${old.id}/successor`, { graceSeconds: 2_592_000 })).body;
  t.equal(next.use, 'secret');
  t.ok((await jwtOf(client, next.secret)).startsWith('ey'));
  await store.settled();
  t.equal((await tokens.findOne({ _id: old.id }))?.expires.toISOString(), old.expires, 'the old one ends when it was to end');
  t.equal(await tokens.countDocuments({ t: tenants.own, client }), 3, 'none was issued for what was refused');
});

t.test('the last use is noted, at most once a minute', async (t) => {
  const client = await newClient();
  const { id, secret } = await issue(client);
  const noted = async () => {
    await store.settled();
    return (await tokens.findOne({ _id: id }))?.lastUsed?.getTime();
  };
  t.equal(await noted(), undefined);
  await use(secret);
  const first = app.clock.now.getTime();
  t.equal(await noted(), first);
  for (let count = 0; count < 5; count++) {
    pass(app, 11);
    await use(secret);
  }
  t.equal(await noted(), first, 'still within the minute');
  pass(app, 6);
  await use(secret);
  t.equal(await noted(), app.clock.now.getTime());
  t.equal((await api('GET', `/clients/${client}/tokens`)).body.tokens.find((token: { id: string }) => token.id === id).lastUsed, app.clock.now.toISOString());
});

t.test('unknown, expired, revoked, of a client that is off, of a suspended tenant, and a secret sent as a token: the same bytes', async (t) => {
  const client = await newClient();
  const expired = await issue(client, { days: 1 });
  const secret = await issue(client, { use: 'secret' });
  const revoked = await issue(client);
  const off = await issue(await newClient({ settings: { enabled: false } }));
  const suspended = await ownTenant(app);
  await setTenantState(operator(app), suspended.id, 'suspended');
  await api('DELETE', `/tokens/${revoked.id}`);
  pass(app, 86_401);
  const answers = new Map<string, Answer>();
  for (const [what, token] of Object.entries({ 'unknown': 'rc_unknown', 'expired': expired.secret, 'revoked': revoked.secret, 'off': off.secret, 'suspended': suspended.grantor, 'a secret': secret.secret, 'a hash': tokenHash(expired.secret), 'a broken JWT': 'eyJh.eyJh.x' })) answers.set(what, await use(token));
  const fixed = ({ status, text, headers }: Answer) => JSON.stringify([status, text, Object.entries(headers).filter(([name]) => name !== 'date')]);
  for (const [what, answer] of answers) {
    refused(t, answer, 401);
    t.equal(fixed(answer), fixed(answers.get('unknown') ?? answer), what);
  }
  const bearer = await issue(client);
  t.match(await exchange(client, bearer.secret), { status: 401, body: { error: 'invalid_client' } }, 'a bearer token is no secret');
});

t.test('a JWT ends with the secret that it was given for: at once on this server, within two seconds on another', async (t) => {
  const other = await secondServer(t, app);
  const client = await newClient();
  const { id, secret } = await issue(client, { use: 'secret' });
  const jwt = await jwtOf(client, secret);
  const elsewhere = () => send(other, 'GET', '/scim/v2/Users?count=0', undefined, { token: jwt });
  t.same([(await use(jwt)).status, (await elsewhere()).status], [200, 200]);
  t.equal((await api('DELETE', `/tokens/${id}`)).status, 204);
  refused(t, await use(jwt), 401);
  pass(app, 2);
  refused(t, await elsewhere(), 401);
});

t.test('a JWT never gives more than its client has now', async (t) => {
  const client = await newClient({ scopes: ['users:read', 'groups:read'] });
  const jwt = await jwtOf(client, (await issue(client, { use: 'secret' })).secret);
  t.equal((await use(jwt)).status, 200);
  t.equal((await api('PATCH', `/clients/${client}`, { scopes: ['groups:read'] })).status, 200);
  refused(t, await use(jwt), 403);
  t.equal((await call('GET', '/Groups?count=0', undefined, { token: jwt })).status, 200);
});

t.test('wrong tokens from one address come to a limit; right ones from there, and others, are served', async (t) => {
  pass(app, 60);
  const right = (await issue(await newClient())).secret;
  const statuses = async (count: number, from: string) => Promise.all(Array.from({ length: count }, async (_, index) => use(`rc_wrong${index}`, from)));
  const answers = await statuses(60, '198.51.100.7');
  t.equal(answers.filter(({ status }) => status === 401).length, 40, 'a burst of twice the rate');
  for (const answer of answers.filter(({ status }) => status !== 401)) {
    refused(t, answer, 429);
    t.match(answer.headers['retry-after'], /^[1-9]\d*$/);
  }
  t.equal((await use(right, '198.51.100.7')).status, 200);
  t.equal((await use('rc_wrong', '198.51.100.8')).status, 401);
  pass(app, 1);
  t.equal((await statuses(30, '198.51.100.7')).filter(({ status }) => status === 401).length, 20, 'refilled by the time that passed');
  const entries = (await auditOf(app, '', { refused: true })).filter(({ from }) => from === '198.51.100.7');
  t.equal(entries.reduce((sum, { times = 0 }) => sum + times, 0), 90, 'each is counted');
  t.ok(entries.length <= 4, 'in few entries');
});
