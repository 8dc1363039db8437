/** `/oauth/introspect` (RFC 7662): who may ask, what is told of which token, and that everything else is `active: false`. */
import t from 'tap';
import { Keyring, ROLLOUT_MS } from '../../src/store/keys.ts';
import { tokenHash } from '../../src/store/tokens.ts';
import { forge, ISSUER, LEDGER, partsOf, PLANNER, withApplications, type Secret } from '../accounts/applications.ts';
import { MINUTE, SECOND, startWorld } from '../accounts/world.ts';
import { DAY_MS } from '../helpers/app.ts';
import { send } from '../tenancy/support.ts';

const world = await startWorld(t, import.meta.url);
const { active: person, advance, app, clock, database, everything, makeClient, policy, store, tenants } = world;
const { active, asking, form, introspect, makeSecret, refresh, refreshed, tokens } = await withApplications(world);
const keyring = new Keyring(store, () => world.config.secretKeys, () => clock.now);
const asForm = ({ id, secret }: Secret) => ({ client_id: id, client_secret: secret });
const basic = ({ id, secret }: Secret) => ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` });
const jwtOf = async (by: Secret, scope = '') => String((await form('/oauth/token', { grant_type: 'client_credentials', ...asForm(by), scope })).body.access_token);

t.test('section 2.2: what is told of an access token of a person', async (t) => {
  const somebody = await person();
  const { accessToken } = await tokens(somebody);
  const answer = await introspect(accessToken);
  t.equal(answer.status, 200);
  t.match(answer.headers, { 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': /^application\/json/ });
  const { claims: { jti, iat } } = partsOf(accessToken);
  t.same(answer.body, { active: true, sub: somebody.id, username: somebody.address, client_id: PLANNER, token_type: 'Bearer', iss: ISSUER, aud: PLANNER, iat, nbf: iat, exp: iat + 300, jti, entry: 'staff' });
  t.equal(iat, clock.now.getTime() / 1000);
});

t.test('section 2.2: what is told of a refresh token, which is for us and no access token of the application', async (t) => {
  const somebody = await person();
  const { refreshToken } = await tokens(somebody, LEDGER);
  advance(10 * MINUTE);
  const next = await refreshed(refreshToken);
  const iat = clock.now.getTime() / 1000;
  advance(MINUTE);
  t.same((await introspect(next.refreshToken)).body, { active: true, sub: somebody.id, username: somebody.address, client_id: LEDGER, token_type: 'N_A', iss: ISSUER, aud: ISSUER, iat, nbf: iat, exp: iat + 30 * 60, entry: 'staff' });
  t.same((await introspect(refreshToken)).body, { active: false }, 'one that was used before');
  t.same(await active(next.refreshToken, next.accessToken), [true, true], 'to ask about it is not to use it');
  t.equal((await refresh(next.refreshToken)).status, 200);
});

t.test("section 2.2: what is told of the tenant's own clients' access tokens is what they give now", async (t) => {
  const client = await makeSecret(tenants.own, { scopes: ['users:read', 'groups:read'] });
  const token = await jwtOf(client);
  const { claims: { jti, iat } } = partsOf(token);
  const expected = { active: true, sub: client.id, client_id: client.id, token_type: 'Bearer', scope: 'users:read groups:read', iss: ISSUER, aud: `${ISSUER}/scim/v2`, iat, nbf: iat, exp: iat + 600, jti };
  t.same((await introspect(token)).body, expected);
  t.same((await introspect(token, client)).body, expected, 'about itself');
  t.equal((await introspect(await jwtOf(client, 'users:read'))).body.scope, 'users:read');
  const change = async (set: object) => {
    await store.collections.clients.updateOne({ _id: client.id, t: tenants.own }, { $set: set });
    advance(SECOND);
  };
  await change({ scopes: ['groups:read'] });
  t.equal((await introspect(token)).body.scope, 'groups:read');
  await change({ scopes: [] });
  const { scope: _none, ...bare } = expected;
  t.same((await introspect(token)).body, bare);
  await change({ 'settings.enabled': false });
  t.same((await introspect(token)).body, { active: false });
  await change({ 'settings.enabled': true });
  t.same(await active(token), [true]);
  await store.collections.tokens.deleteOne({ _id: tokenHash(client.secret), t: tenants.own });
  advance(SECOND);
  t.same(await active(token), [false], 'it ends with its secret');
});

t.test('section 2.1: a client says who it is as at the token endpoint, and nobody else learns anything', async (t) => {
  const { accessToken: token } = await tokens(await person());
  t.match(await form('/oauth/introspect', { token }, basic(asking)), { status: 200, body: { active: true } });
  t.match(await form('/oauth/introspect', { token, token_type_hint: 'refresh_token', ...asForm(asking) }), { status: 200, body: { active: true } }, 'the hint is no more than that');
  t.match(await form('/oauth/introspect', { token, token_type_hint: 'nonsense', resource: 'x', ...asForm(asking) }), { status: 200, body: { active: true } });
  const bearer = (await makeClient(tenants.own, { scopes: ['*', 'admin.grant'] })).token;
  const expired = await makeSecret();
  await store.collections.tokens.updateOne({ _id: tokenHash(expired.secret), t: tenants.own }, { $set: { expires: clock.now } });
  const off = await makeSecret(tenants.own, { settings: { enabled: false } });
  const answers = [];
  for (const [fields, headers] of [
    [{}, {}], [asForm({ ...asking, secret: 'rcs_wrong' }), {}], [asForm({ ...asking, id: 'nobody' }), {}], [asForm({ id: asking.id, secret: off.secret }), {}], [asForm(off), {}], [asForm(expired), {}], [{ client_id: asking.id }, {}],
    [asForm({ id: asking.id, secret: bearer }), {}], [{}, { authorization: `Bearer ${bearer}` }], [{}, { authorization: `Bearer ${await jwtOf(await makeSecret(tenants.own, { scopes: ['*'] }))}` }], [{}, { authorization: `Bearer ${token}` }],
    [{}, basic({ ...asking, secret: '' })], [asForm({ ...asking, secret: tokenHash(asking.secret) }), {}],
  ] as const) {
    for (const asked of [token, 'nonsense', '']) {
      const { status, headers: sent, text } = await form('/oauth/introspect', { token: asked, ...fields }, headers);
      answers.push(JSON.stringify([status, sent['www-authenticate'], sent['cache-control'], text]));
    }
  }
  t.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
  t.match(answers[0], /^\[401,"Basic realm=\\"oauth\\"","no-store",.*invalid_client/);
  t.match(await form('/oauth/introspect', { token, ...asForm(asking) }, basic(asking)), { status: 400, body: { error: 'invalid_request' } }, 'in two ways at once');
  t.match(await form('/oauth/introspect', asForm(asking)), { status: 400, body: { error: 'invalid_request' } }, 'without a token');
  t.match(await form(`/oauth/introspect?token=${token}`, asForm(asking)), { status: 400 }, 'the query is not read');
  t.match(await form('/oauth/introspect', { token, ...asForm(asking) }, { 'content-type': 'application/json' }), { status: 400, body: { error: 'invalid_request' } });
  const twice = await app.inject({ method: 'POST', url: '/oauth/introspect', headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(asking) }, payload: `token=${token}&token=${token}` });
  t.equal(twice.statusCode, 400);
  t.equal((await form('/oauth/introspect', { token: 'x'.repeat(9000), ...asForm(asking) })).status, 413);
  t.equal((await send(app, 'GET', `/oauth/introspect?token=${token}`)).status, 405);
});

t.test('limits are those of the client, and the use of its secret is noted', async (t) => {
  const { accessToken } = await tokens(await person());
  const slow = await makeSecret(tenants.own, { settings: { requestsPerSecond: 3 } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => introspect(accessToken, slow)));
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 429, 429]);
  const throttled = answers.find(({ status }) => status === 429);
  t.match([throttled?.headers['retry-after'], throttled?.headers['cache-control']], [/^[1-9]\d*$/, 'no-store']);
  const elsewhere = await makeSecret(tenants.own, { settings: { networks: ['203.0.113.0/24'] } });
  t.equal((await introspect(accessToken, elsewhere)).status, 403);
  await store.settled();
  t.same((await store.collections.tokens.findOne({ _id: tokenHash(slow.secret) }))?.lastUsed, clock.now);
  t.equal((await store.collections.tokens.findOne({ _id: tokenHash(elsewhere.secret) }))?.lastUsed, undefined);
});

t.test('unknown, expired, ended, of another tenant, or no token at all: `active: false` and nothing else', async (t) => {
  const somebody = await person();
  const { accessToken, refreshToken } = await tokens(somebody);
  const other = await makeSecret(tenants.other, { scopes: ['users:read'] });
  const own = await makeSecret(tenants.own, { scopes: ['users:read'] });
  const { token: bearer } = await makeClient(tenants.own);
  const inactive = async (what: string, token: string, by?: Secret) => t.same((await introspect(token, by)).body, { active: false }, what);
  await inactive('an access token of another tenant', accessToken, other);
  await inactive('a refresh token of another tenant', refreshToken, other);
  await inactive("another tenant's client", await jwtOf(other));
  await inactive('our client, asked about from there', await jwtOf(own), other);
  for (const nothing of [bearer, own.secret, asking.secret, tokenHash(own.secret), 'x', '.', '..', 'a.b.c', 'null', '{}', '\u0000', '\u00e9', 'x'.repeat(5000), `${accessToken} `, `${accessToken}.`, ` ${refreshToken}`]) await inactive(JSON.stringify(nothing.slice(0, 50)), nothing);
  t.same(await active(accessToken, refreshToken), [true, true]);
  advance(300 * SECOND - 1);
  t.same(await active(accessToken), [true]);
  advance(1);
  t.same(await active(accessToken, refreshToken), [false, true], 'after five minutes the access token alone');
});

t.test('asking changes nothing', async (t) => {
  const somebody = await person();
  const { accessToken, refreshToken } = await tokens(somebody);
  const used = await tokens(somebody);
  await refreshed(used.refreshToken);
  await active(accessToken);
  await store.settled();
  advance(2 * MINUTE);
  const before = await everything();
  await active(accessToken, refreshToken, used.refreshToken, 'unknown');
  await store.settled();
  t.same(await everything(), before);
});

t.test('a token that is forged, or of the other kind, by whoever has our key', async (t) => {
  const somebody = await person();
  const { accessToken, refreshToken } = await tokens(somebody);
  const client = await makeSecret(tenants.own, { scopes: ['users:read'] });
  const clients = await jwtOf(client);
  const { header, claims, signature } = partsOf(accessToken);
  const { claims: theirs } = partsOf(clients);
  const { key } = await keyring.signingKey();
  const judge = async (what: string, token: string, expected = false) => t.equal((await introspect(token)).body.active, expected, what);
  await judge('the forger signs as we do', forge(header, claims, key), true);
  await judge('and for clients', forge(header, theirs, key), true);

  for (const alg of ['none', 'HS256', 'ES384', 'RS256', '', null]) await judge(`alg ${String(alg)}`, forge({ ...header, alg }, claims, key));
  for (const kid of ['2', '', 'unknown', 1, null, undefined, ['1'], { $ne: '' }]) await judge(`kid ${JSON.stringify(kid)}`, forge({ ...header, kid }, claims, key));
  for (const typ of ['JWT', 'at+JWT', 'application/at+jwt', undefined]) await judge(`typ ${typ}`, forge({ ...header, typ }, claims, key));
  for (const more of [{ crit: ['exp'] }, { crit: [] }, { jku: `${ISSUER}/keys` }, { jwk: {} }, { x5c: [] }, { b64: false, crit: ['b64'] }]) await judge(`header ${JSON.stringify(more)}`, forge({ ...header, ...more }, claims, key));
  const bytes = Buffer.from(signature, 'base64url');
  bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
  await judge('the signature', [...accessToken.split('.').slice(0, 2), bytes.toString('base64url')].join('.'));
  await judge('no signature', [...accessToken.split('.').slice(0, 2), ''].join('.'));
  await judge('the signature of another token', [...accessToken.split('.').slice(0, 2), clients.split('.')[2]].join('.'));

  for (const name of Object.keys(claims)) {
    await judge(`without ${name}`, forge(header, Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name)), key));
    for (const value of [null, [claims[name]], {}, true, ...(name === 'jti' ? [] : [''])]) await judge(`${name} ${JSON.stringify(value)}`, forge(header, { ...claims, [name]: value }, key));
  }
  for (const [name, value] of [
    ['sub', (await person()).id], ['aud', LEDGER], ['client_id', LEDGER], ['tid', tenants.other], ['sid', 'f'.repeat(64)], ['epoch', claims.epoch + 1], ['epoch', -1], ['epoch', 0.5], ['epoch', String(claims.epoch)], ['entry', 'external'], ['entry', 'console'],
    ['iss', `${ISSUER}/`], ['exp', claims.iat], ['iat', claims.iat + 61], ['nbf', claims.iat + 61],
  ] as const) await judge(`${name} ${value}`, forge(header, { ...claims, [name]: value }, key));
  await judge('for another application', forge(header, { ...claims, aud: LEDGER, client_id: LEDGER }, key));
  await judge('for SCIM', forge(header, { ...claims, aud: `${ISSUER}/scim/v2`, client_id: `${ISSUER}/scim/v2` }, key));
  await judge('with a claim more', forge(header, { ...claims, roles: ['administrator'] }, key));

  const { scope } = theirs;
  const kinds = {
    'of both kinds': { ...claims, scope }, "a client's with an epoch": { ...theirs, epoch: 0 }, "a client's with an epoch and an entry": { ...theirs, scope: undefined, epoch: 0, entry: 'staff' }, "a person's with a scope in place of the epoch": { ...claims, epoch: undefined, entry: undefined, scope },
    "a person's, said to be the client's": { ...claims, epoch: undefined, entry: undefined, scope, aud: theirs.aud, client_id: claims.sub }, "a client's, said to be a person's": { ...theirs, scope: undefined, epoch: 0, entry: 'staff', sub: somebody.id },
    "a client's, of a session": { ...theirs, sid: claims.sid }, "a person's, of a secret": { ...claims, sid: theirs.sid }, "a session of an application, as a client's": { ...theirs, sub: PLANNER, client_id: PLANNER, sid: claims.sid },
  };
  for (const [what, forged] of Object.entries(kinds)) {
    const token = forge(header, forged, key);
    await judge(what, token);
    t.equal((await send(app, 'GET', '/scim/v2/Users', undefined, { token })).status, 401, what);
  }
  t.same([(await send(app, 'GET', '/scim/v2/Users', undefined, { token: clients })).status, (await send(app, 'GET', '/scim/v2/Users', undefined, { token: accessToken })).status], [200, 401]);
  t.same(await active(accessToken, refreshToken), [true, true], 'the token itself is as good as before');
});

t.test('a token of a cookie is nothing', async (t) => {
  const somebody = await person();
  const cookie = (await world.session(somebody)).split('=')[1] ?? '';
  const { header, claims } = partsOf((await tokens(somebody)).accessToken);
  const [browsers] = await database.collection('sessions').find({ person: somebody.id, tokens: { $exists: false } }).toArray();
  const { key } = await keyring.signingKey();
  t.same(await active(cookie, `${cookie}.${cookie}`, forge(header, { ...claims, sid: browsers?._id }, key)), [false, false, false]);
});

t.test('keys are rotated: tokens of the last one are good until they end, those of a key that has retired are not', async (t) => {
  const somebody = await person();
  const kid = await keyring.rotate();
  advance(ROLLOUT_MS - MINUTE);
  const last = await tokens(somebody);
  const old = partsOf(last.accessToken);
  t.not(old.header.kid, kid);
  const { key } = await keyring.signingKey();
  advance(2 * MINUTE);
  const next = await tokens(somebody);
  t.equal(partsOf(next.accessToken).header.kid, kid);
  t.same(await active(last.accessToken, next.accessToken), [true, true]);
  advance(10 * MINUTE);
  const iat = clock.now.getTime() / 1000;
  const late = { ...old.claims, iat, nbf: iat, exp: iat + 300 };
  t.same(await active(forge(old.header, late, key), forge({ ...old.header, kid }, late, key)), [false, false], 'whoever has the old key');
  t.same(await active((await refreshed(last.refreshToken)).accessToken), [true]);
});

t.test('RFC 8414: the metadata name the endpoint and how to authenticate', async (t) => {
  const metadata = (await app.inject('/.well-known/oauth-authorization-server')).json();
  t.match(metadata, { introspection_endpoint: `${ISSUER}/oauth/introspect`, introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] });
});

t.test('the longest name of an application fits into a token', async (t) => {
  const longest = `https://${'x'.repeat(192)}`;
  await policy({ applications: [PLANNER, LEDGER, longest] });
  t.teardown(() => policy({ applications: [PLANNER, LEDGER] }));
  const given = await tokens(await person(), longest);
  t.match((await introspect(given.accessToken)).body, { active: true, aud: longest, client_id: longest });
  advance(DAY_MS);
  t.same(await active(given.accessToken, given.refreshToken), [false, false]);
});
