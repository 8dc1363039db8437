import t from 'tap';
import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { installErrors } from '../../src/http/errors.ts';
import { accessTokens } from '../../src/http/oauth/access-tokens.ts';
import type { ClientClaims } from '../../src/http/oauth/client-tokens.ts';
import { oauth } from '../../src/http/oauth/routes.ts';
import { RateLimit } from '../../src/http/rate-limit.ts';
import { requestLog } from '../../src/http/request-log.ts';
import { createLog } from '../../src/log.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { Keyring } from '../../src/store/keys.ts';
import { SessionReader } from '../../src/accounts/sessions.ts';
import { RefusalLog } from '../../src/store/audit.ts';
import { ProvisioningLog } from '../../src/store/provisioning-log.ts';
import { newToken, tokenHash, TokenReader } from '../../src/store/tokens.ts';
import { openTestStore, openUnwatched } from '../helpers/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-oauth-'));
const logFile = join(folder, 'log');
const log = createLog({ level: 'trace', fd: openSync(logFile, 'a') });
const registry = loadRegistry(new URL('../../schemas', import.meta.url));
const SECRET_KEY = 'a key for tests of at least 32 characters';
const store = await openTestStore(t, import.meta.url, { registry, log });
const clock = { now: new Date('2026-01-05T09:00:00.000Z') };
const now = () => clock.now;
const pass = (seconds: number) => {
  clock.now = new Date(clock.now.getTime() + seconds * 1000);
};
const keyring = new Keyring(store, () => [SECRET_KEY], now);

async function startServer(publicUrl: string) {
  const config = loadConfig({ PUBLIC_URL: publicUrl, SECRET_KEY });
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({ loggerInstance, logController: new LogController({ disableRequestLogging: true }) });
  const issued = accessTokens(app, { publicUrl: config.publicUrl, keyring, now });
  installErrors(app, config.limits);
  requestLog(app);
  app.register(oauth({
    config, store, registry, keyring, log, now, accessTokens: issued, tokens: new TokenReader(store, now), sessions: new SessionReader(store, now), behaviours: new Map(),
    rates: new RateLimit(now), refusals: new RefusalLog(store), provisioning: new ProvisioningLog(store),
  }));
  await app.ready();
  t.teardown(() => app.close());
  return { app, tokens: issued.clients };
}

const ISSUER = 'https://scim.example';
const { app, tokens } = await startServer(ISSUER);
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MS = 24 * 60 * 60 * 1000;
const SCOPES = ['users:read', 'users:write'];
const secrets: string[] = [];

interface Made {
  readonly tenant?: string;
  readonly scopes?: readonly string[];
  readonly use?: 'bearer' | 'secret';
  readonly settings?: Record<string, unknown>;
  readonly days?: number;
}
async function makeClient({ tenant = 'tenant-own', scopes = SCOPES, use = 'secret', settings = {}, days = 30 }: Made = {}) {
  const id = `client-${randomBytes(6).toString('hex')}`;
  const secret = newToken(use);
  secrets.push(secret);
  await store.collections.clients.insertOne({ _id: id, t: tenant, name: id, scopes, settings, created: clock.now });
  await store.collections.tokens.insertOne({ _id: tokenHash(secret), t: tenant, client: id, use, label: 'test', created: clock.now, expires: new Date(clock.now.getTime() + days * DAY_MS) });
  return { id, secret };
}
for (const [name, state] of [['own', 'active'], ['other', 'active'], ['suspended', 'suspended']] as const) {
  await store.collections.tenants.insertOne({ _id: `tenant-${name}`, name, created: clock.now, state, policy: {} });
}

const FORM = 'application/x-www-form-urlencoded';
interface Sent {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly basic?: { readonly id: string; readonly secret: string };
}
const answers: string[] = [];
async function post(body: Record<string, string> | string, { method = 'POST', url = '/oauth/token', headers = {}, basic }: Sent = {}) {
  const authorization = basic && `Basic ${Buffer.from(`${encodeURIComponent(basic.id)}:${encodeURIComponent(basic.secret)}`).toString('base64')}`;
  const response = await app.inject({
    method: method as 'POST', url,
    headers: { 'content-type': FORM, ...(authorization === undefined ? {} : { authorization }), ...headers },
    payload: typeof body === 'string' ? body : new URLSearchParams(body).toString(),
  });
  answers.push(JSON.stringify(response.headers) + response.body);
  return { status: response.statusCode, headers: response.headers, text: response.body, body: response.body === '' ? undefined : response.json() };
}
const GRANT = { grant_type: 'client_credentials' };
const inBody = ({ id, secret }: { id: string; secret: string }) => ({ ...GRANT, client_id: id, client_secret: secret });
const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());

t.test('a client exchanges its secret for a token, in either way', async (t) => {
  const client = await makeClient();
  const answer = await post(inBody(client));
  t.equal(answer.status, 200, answer.text);
  t.match(answer.headers, { 'cache-control': 'no-store', 'content-type': /^application\/json/ });
  t.match(answer.body, { token_type: 'Bearer', expires_in: 600, scope: 'users:read users:write' });
  t.same(Object.keys(answer.body).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
  const [header, payload] = answer.body.access_token.split('.');
  const { kid } = await keyring.signingKey();
  t.same(decoded(header), { alg: 'ES256', typ: 'at+jwt', kid });
  const iat = clock.now.getTime() / 1000;
  const { jti, ...claims } = decoded(payload);
  t.ok(jti);
  t.same(claims, {
    iss: ISSUER, aud: `${ISSUER}/scim/v2`, sub: client.id, client_id: client.id, tid: 'tenant-own', sid: tokenHash(client.secret),
    scope: 'users:read users:write', iat, nbf: iat, exp: iat + 600,
  });
  t.same(await tokens.check(answer.body.access_token), { ...claims, jti });

  const basic = await post(GRANT, { basic: client });
  t.equal(basic.status, 200, basic.text);
  t.not(decoded(basic.body.access_token.split('.')[1]).jti, jti, 'no two are the same');
  t.equal((await post({ ...GRANT, client_id: client.id }, { basic: client })).status, 200, 'the id alone is no second way to authenticate');
  t.equal((await post(inBody(client), { headers: { 'content-type': `${FORM}; charset=UTF-8` } })).status, 200);
  t.equal((await post({ ...inBody(client), resource: 'https://elsewhere.example', unknown: '1' })).status, 200, 'what is not known is ignored');
  t.equal((await post(`${new URLSearchParams(inBody(client)).toString()}&resource=a&resource=b`)).status, 200);
  t.equal((await post({ ...inBody(client), scope: '' })).status, 200, 'empty is as good as absent');
  await store.settled();
  t.same((await store.collections.tokens.findOne({ _id: tokenHash(client.secret) }))?.lastUsed, clock.now, 'the use of the secret is noted');
});

t.test('scopes are the client\'s own at most', async (t) => {
  const client = await makeClient();
  t.equal((await post({ ...inBody(client), scope: 'users:read' })).body.scope, 'users:read');
  t.equal((await post({ ...inBody(client), scope: 'users:write users:write' })).body.scope, 'users:write');
  for (const scope of ['groups:read', 'users:read groups:read', '*', 'users:read  users:write', ' users:read', 'users:read"', 'USERS:READ', 'é', 'users.manage']) {
    const answer = await post({ ...inBody(client), scope });
    t.match(answer, { status: 400, body: { error: 'invalid_scope' } }, scope);
  }
  const all = await makeClient({ scopes: ['*'] });
  t.equal((await post(inBody(all))).body.scope, '*');
  t.equal((await post({ ...inBody(all), scope: 'groups:read' })).body.scope, 'groups:read');
  t.match(await post({ ...inBody(all), scope: 'users.manage' }), { status: 400, body: { error: 'invalid_scope' } }, '* stands for no right');
  t.match(await post({ ...inBody(all), scope: 'nothing:read' }), { status: 400, body: { error: 'invalid_scope' } }, 'unknown');
  const many = await makeClient({ scopes: Array.from({ length: 100 }, (_, count) => `resources-of-my-own-${count}:read`) });
  t.match(await post(inBody(many)), { status: 400, body: { error: 'invalid_scope' } }, 'more than fit');
  t.equal((await post({ ...inBody(many), scope: 'resources-of-my-own-7:read' })).status, 200);
  const most = await post(inBody(await makeClient({ scopes: ['x'.repeat(2000)] })));
  t.ok(await tokens.check(most.body.access_token), 'what fits is accepted');
  t.match(await post(inBody(await makeClient({ scopes: [] }))), { status: 400, body: { error: 'invalid_scope' } });
});

t.test('whatever is wrong with the client, the answer is the same', async (t) => {
  const client = await makeClient();
  const other = await makeClient();
  const expired = await makeClient({ days: 0 });
  const revoked = await makeClient();
  await store.collections.tokens.deleteOne({ _id: tokenHash(revoked.secret), t: 'tenant-own' });
  const wrong = {
    'unknown client': { ...client, id: 'nobody' },
    'wrong secret': { ...client, secret: newToken('secret') },
    "another's secret": { ...client, secret: other.secret },
    'the secret of a client of another tenant': { ...client, secret: (await makeClient({ tenant: 'tenant-other' })).secret },
    'expired': expired,
    'revoked': revoked,
    'suspended tenant': await makeClient({ tenant: 'tenant-suspended' }),
    'disabled client': await makeClient({ settings: { enabled: false } }),
    'a bearer token': await makeClient({ use: 'bearer' }),
    'the hash in place of the secret': { ...client, secret: tokenHash(client.secret) },
  };
  const expected = await post(GRANT);
  t.match(expected, { status: 401, headers: { 'www-authenticate': 'Basic realm="oauth"', 'cache-control': 'no-store' }, body: { error: 'invalid_client' } });
  for (const [what, credentials] of Object.entries(wrong)) {
    for (const answer of [await post(inBody(credentials)), await post(GRANT, { basic: credentials })]) {
      t.equal(answer.status, 401, what);
      t.equal(answer.text, expected.text, what);
      t.equal(answer.headers['www-authenticate'], expected.headers['www-authenticate'], what);
    }
  }
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const authorization of [`Bearer ${client.secret}`, 'Basic', 'Basic !!!', basic(client.id), basic(`${client.id}:`), basic(`:${client.secret}`), basic(`${client.id}:%zz`), basic(`${client.id}:%ff`), `Digest ${client.id}`]) {
    t.equal((await post(GRANT, { headers: { authorization } })).text, expected.text, authorization);
    t.not((await post(inBody(client), { headers: { authorization } })).status, 200, 'a header that is wrong is not overlooked');
  }
  t.equal((await post({ ...GRANT, client_id: client.id })).text, expected.text);
  t.equal((await post({ ...GRANT, client_secret: client.secret })).text, expected.text);
  t.equal((await post(GRANT, { url: `/oauth/token?client_id=${client.id}&client_secret=${client.secret}` })).text, expected.text, 'the query is not read');
});

t.test('requests that are no token requests', async (t) => {
  const client = await makeClient();
  const form = new URLSearchParams(inBody(client)).toString();
  const refused = async (what: string, answer: ReturnType<typeof post>, status = 400, error = 'invalid_request') => {
    const { body, headers, ...rest } = await answer;
    t.match({ ...rest, body, headers }, { status, body: { error }, headers: { 'cache-control': 'no-store', 'content-type': /^application\/json/ } }, what);
    t.match(body.error_description, /^[ !#-[\]-~]+$/, what);
  };
  await refused('both ways', post(inBody(client), { basic: client }));
  await refused('two ids', post({ ...GRANT, client_id: 'another' }, { basic: client }));
  for (const name of ['grant_type', 'client_id', 'client_secret', 'scope', 'unknown']) await refused(`${name} twice`, post(`${form}&${name}=1&${name}=1`));
  await refused('no grant', post({ client_id: client.id, client_secret: client.secret }));
  for (const grant of ['password', 'authorization_code', 'Client_Credentials', 'refresh_token']) await refused(grant, post({ ...inBody(client), grant_type: grant }), 400, 'unsupported_grant_type');
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded2']) await refused(type, post(form, { headers: { 'content-type': type } }));
  await refused('JSON', post(JSON.stringify(inBody(client)), { headers: { 'content-type': 'application/json' } }));
  await refused('nothing', post(''));
  await refused('too large', post(`${form}&x=${'x'.repeat(8192)}`), 413);
  t.equal((await post(`${form}&x=${'x'.repeat(8192 - form.length - 3)}`)).status, 200, '8 KiB');
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD']) {
    const answer = await app.inject({ method: method as 'GET', url: '/oauth/token', ...(method === 'PUT' ? { payload: '{', headers: { 'content-type': 'application/json' } } : {}) });
    t.match(answer, { statusCode: 405, headers: { allow: 'POST, OPTIONS' } }, method);
  }
  t.equal((await app.inject({ method: 'POST', url: '/.well-known/jwks.json' })).statusCode, 405);
});

t.test('metadata and keys', async (t) => {
  const metadata = await app.inject('/.well-known/oauth-authorization-server');
  t.equal(metadata.statusCode, 200);
  t.match(metadata.json(), {
    issuer: ISSUER, token_endpoint: `${ISSUER}/oauth/token`, jwks_uri: `${ISSUER}/.well-known/jwks.json`, grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'], response_types_supported: [],
  });
  t.ok(metadata.json().scopes_supported.includes('groups:write'), metadata.body);
  const jwks = await app.inject('/.well-known/jwks.json');
  t.equal(jwks.headers['cache-control'], 'public, max-age=300');
  t.same(jwks.json().keys, JSON.parse(JSON.stringify(await keyring.publicKeys())));
  t.same(Object.keys(jwks.json().keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  answers.push(metadata.body, jwks.body);

  const below = await startServer(`${ISSUER}/rollcall`);
  for (const url of ['/.well-known/oauth-authorization-server/rollcall', '/rollcall/.well-known/oauth-authorization-server']) {
    t.match((await below.app.inject(url)).json(), { issuer: `${ISSUER}/rollcall`, token_endpoint: `${ISSUER}/rollcall/oauth/token`, jwks_uri: `${ISSUER}/rollcall/.well-known/jwks.json` }, url);
  }
  t.equal((await below.app.inject('/rollcall/.well-known/jwks.json')).statusCode, 200);
  t.equal((await below.app.inject('/oauth/token')).statusCode, 404);
  const client = await makeClient();
  const answer = await below.app.inject({ method: 'POST', url: '/rollcall/oauth/token', headers: { 'content-type': FORM }, payload: new URLSearchParams(inBody(client)).toString() });
  t.ok(await below.tokens.check(answer.json().access_token));
  t.notOk(await tokens.check(answer.json().access_token), 'another issuer, though the key is the same');
});

t.test('a token lives from its beginning to its end', async (t) => {
  const token: string = (await post(inBody(await makeClient()))).body.access_token;
  pass(599);
  t.ok(await tokens.check(token));
  pass(1);
  t.notOk(await tokens.check(token), 'no leeway at the end');
  pass(-660);
  t.ok(await tokens.check(token), 'a minute of leeway at the beginning');
  pass(-1);
  t.notOk(await tokens.check(token));
  pass(61);
});

t.test('forged and damaged tokens', async (t) => {
  const token: string = (await post(inBody(await makeClient()))).body.access_token;
  const other: string = (await post(inBody(await makeClient({ tenant: 'tenant-other' })))).body.access_token;
  const [ourHeader = '', ourPayload = '', signature = ''] = token.split('.');
  const header = decoded(ourHeader);
  const claims: ClientClaims = decoded(ourPayload);
  const { key } = await keyring.signingKey();
  const encoded = (part: unknown) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
  const signed = (head: unknown, payload: unknown, by: KeyObject = key) => {
    const input = `${encoded(head)}.${encoded(payload)}`;
    return `${input}.${sign('sha256', Buffer.from(input), { key: by, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const without = (name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const refused = async (what: string, bad: string) => t.equal(await tokens.check(bad), undefined, what);
  t.same(await tokens.check(signed(header, claims)), claims, 'the forger signs as we do');

  const publicKey = createPublicKey(key);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwk = JSON.stringify((await keyring.publicKeys())[0]);
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    for (const secret of [pem, `\n${pem}`, pem.trim(), `${pem}\n`, jwk, publicKey.export({ type: 'spki', format: 'der' }), SECRET_KEY, '']) {
      const input = `${encoded({ ...header, alg })}.${encoded(claims)}`;
      await refused(`${alg} with what is public`, `${input}.${createHmac(`sha${alg.slice(2)}`, secret).update(input).digest('base64url')}`);
    }
  }
  for (const alg of ['none', 'nOnE', 'None', 'NONE', '', null, 'ES384', 'es256', 'RS256', 'EdDSA', ['ES256']]) {
    await refused(`alg ${JSON.stringify(alg)}`, signed({ ...header, alg }, claims));
    await refused(`alg ${JSON.stringify(alg)} unsigned`, `${encoded({ ...header, alg })}.${encoded(claims)}.`);
  }
  await refused('no signature', `${ourHeader}.${ourPayload}.`);
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  await refused("another's key", signed(header, claims, foreign));
  await refused('a key in the header', signed({ ...header, jwk: createPublicKey(foreign).export({ format: 'jwk' }) }, claims, foreign));
  const kid = await keyring.rotate();
  await refused('the kid of another key', signed({ ...header, kid }, claims));
  for (const wrong of [{ kid: { $ne: '' } }, { kid: { toString: 1 } }, { kid: [header.kid] }, { kid: 1 }, { kid: null }, { kid: '' }, { kid: '../1' }, { kid: 'unknown' }, { kid: undefined }]) {
    await refused(`kid ${JSON.stringify(wrong.kid)}`, signed({ ...header, ...wrong }, claims));
  }
  for (const extra of [{ crit: [] }, { crit: ['exp'] }, { crit: ['b64'], b64: false }, { crit: null }, { crit: '' }, { jku: `${ISSUER}/keys` }, { x5u: `${ISSUER}/cert` }, { x5c: [] }, { jwk: JSON.parse(jwk) }, { cty: 'JWT' }, { zip: 'DEF' }]) {
    await refused(`header ${JSON.stringify(extra)}`, signed({ ...header, ...extra }, claims));
  }
  for (const typ of ['JWT', 'at+JWT', 'application/at+jwt', 'id+jwt', '', null, ['at+jwt'], undefined]) await refused(`typ ${JSON.stringify(typ)}`, signed({ ...header, typ }, claims));

  for (const name of Object.keys(claims)) {
    await refused(`without ${name}`, signed(header, without(name)));
    for (const value of [null, {}, [], true]) await refused(`${name} ${JSON.stringify(value)}`, signed(header, { ...claims, [name]: value }));
  }
  for (const more of [{ epoch: 0 }, { roles: ['admin'] }, { scp: 'users:read' }]) await refused(`with ${JSON.stringify(more)}`, signed(header, { ...claims, ...more }));
  for (const name of ['exp', 'nbf', 'iat'] as const) {
    for (const value of [String(claims[name]), claims[name] + 0.5, 1e300, -1, 0]) {
      if (name === 'exp' || typeof value !== 'number' || value > 0) await refused(`${name} ${value}`, signed(header, { ...claims, [name]: value }));
    }
  }
  await refused('exp now', signed(header, { ...claims, exp: claims.iat }));
  await refused('nbf in more than a minute', signed(header, { ...claims, nbf: claims.iat + 61 }));
  await refused('iat in more than a minute', signed(header, { ...claims, iat: claims.iat + 61 }));
  for (const aud of [[claims.aud], [claims.aud, 'x'], ISSUER, `${claims.aud}/`, claims.aud.toUpperCase(), 'https://other.example/scim/v2']) await refused(`aud ${String(aud)}`, signed(header, { ...claims, aud }));
  for (const iss of ['https://other.example', `${ISSUER}/`, `${ISSUER}.evil.example`, [ISSUER]]) await refused(`iss ${String(iss)}`, signed(header, { ...claims, iss }));
  await refused('sub of another client', signed(header, { ...claims, sub: decoded(other.split('.')[1]).sub }));

  const [, otherPayload = '', otherSignature = ''] = other.split('.');
  await refused("another tenant's claims under our signature", `${ourHeader}.${otherPayload}.${signature}`);
  await refused("our claims under another's signature", `${ourHeader}.${ourPayload}.${otherSignature}`);
  await refused('sub and tenant changed', `${ourHeader}.${encoded({ ...claims, sub: decoded(otherPayload).sub, client_id: decoded(otherPayload).sub, tid: 'tenant-other' })}.${signature}`);

  const bytes = Buffer.from(signature, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 7) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    await refused(`bit ${bit}`, `${ourHeader}.${ourPayload}.${changed.toString('base64url')}`);
  }
  await refused('a signature of nothing', `${ourHeader}.${ourPayload}.${Buffer.alloc(64).toString('base64url')}`);
  await refused('DER', `${ourHeader}.${ourPayload}.${sign('sha256', Buffer.from(`${ourHeader}.${ourPayload}`), key).toString('base64url')}`);
  // 64 bytes leave four bits of the last character without meaning.
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(signature.slice(-1));
  for (let bits = 1; bits < 16; bits++) {
    const same = `${signature.slice(0, -1)}${alphabet[last ^ bits] ?? ''}`;
    t.same(Buffer.from(same, 'base64url'), bytes);
    await refused(`padding bits ${bits}`, `${ourHeader}.${ourPayload}.${same}`);
  }
  for (const bad of [
    `${token}=`, `${token}==`, ` ${token}`, `${token} `, `${token}\n`, `${ourHeader}.${ourPayload}\n.${signature}`, `${token}.`, `.${token}`, `${token}.${signature}`, `${ourHeader}..${signature}`, `.${ourPayload}.${signature}`,
    '', '.', '..', '...', 'a.b.c', token.replaceAll('-', '+').replaceAll('_', '/').concat('+'), signed('[]', claims), signed('null', claims), signed(header, '[]'), signed(header, 'null'), signed(header, '"text"'), signed(header, '{'), signed('{', claims),
    `${encoded(header)}.${'A'.repeat(1_000_000)}.AAAA`,
  ]) await refused(JSON.stringify(bad.slice(0, 40)), bad);
  const long = (jti: string) => signed(header, { ...claims, jti });
  const room = 4096 - long('').length;
  t.ok(await tokens.check(long('x'.repeat(Math.floor(room * 3 / 4) - 3))), 'long');
  await refused('too long', long('x'.repeat(Math.ceil(room * 3 / 4) + 3)));
  t.ok(await tokens.check(token), 'the token itself is good to the end');
});

t.test('with its access token a client works, no longer and no further than it may', async (t) => {
  const whole = buildApp({ config: loadConfig({ PUBLIC_URL: ISSUER, SECRET_KEY }), store, registry, keyring, log, now });
  t.teardown(() => whole.close());
  const { clients, tokens: stored } = store.collections;
  const client = await makeClient();
  const change = async (set: Record<string, unknown>) => {
    await clients.updateOne({ _id: client.id, t: 'tenant-own' }, { $set: set });
    pass(1);
  };
  const tokenFor = async (scope = '') => {
    const answer = await whole.inject({ method: 'POST', url: '/oauth/token', headers: { 'content-type': FORM }, payload: new URLSearchParams({ ...inBody(client), scope }).toString() });
    return String(answer.json().access_token);
  };
  const read = async (token: string, base = '') => (await whole.inject({ url: `${base}/scim/v2/Users`, headers: { authorization: `Bearer ${token}` } })).statusCode;
  const create = async (token: string) => (await whole.inject({
    method: 'POST', url: '/scim/v2/Users', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
    payload: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: randomBytes(6).toString('hex') },
  })).statusCode;

  const token = await tokenFor();
  t.equal(await read(token), 200);
  t.equal(await read(token, '/t/own'), 200);
  t.equal(await read(token, '/t/other'), 404);
  t.equal(await create(token), 201);
  t.equal(await create(await tokenFor('users:read')), 403, 'less than the client may');
  t.equal(await read(client.secret), 401, 'the secret itself is no bearer token');
  await change({ scopes: ['users:read'] });
  t.equal(await create(token), 403, 'a scope that was taken from the client');
  t.equal(await read(token), 200);
  await change({ 'settings.enabled': false });
  t.equal(await read(token), 401, 'a client that was switched off');
  await change({ 'settings.enabled': true });
  t.equal(await read(token), 200);
  pass(600);
  t.equal(await read(token), 401, 'expired');
  const last = await tokenFor();
  t.equal(await read(last), 200);
  await stored.deleteOne({ _id: tokenHash(client.secret), t: 'tenant-own' });
  pass(1);
  t.equal(await read(last), 401, 'it ends with the secret');
});

t.test('no secret in an answer, the log or the database', async (t) => {
  const written = readFileSync(logFile, 'utf8');
  t.match(written, /"path":"\/oauth\/token"/, 'there is a log');
  const stored = await openUnwatched(t, store);
  const kept = JSON.stringify(await Promise.all(['tokens', 'clients', 'keys'].map((name) => stored.collection(name).find({}).toArray())));
  const shown = [written, kept, ...answers].join('\n');
  t.ok(secrets.length > 10 && answers.length > 50);
  t.same(secrets.filter((secret) => shown.includes(secret)), []);
  t.notOk(shown.includes('PRIVATE KEY') || shown.includes('"d":') || shown.includes(SECRET_KEY));
  t.notMatch(written + kept, /eyJ/, 'no access token is kept or logged');
});
