/** Sign-in for an application: an access token for it alone, a refresh token that is good once, and everything that ends them. */
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { Secret, TOTP } from 'otpauth';
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { Keyring, ROLLOUT_MS } from '../../src/store/keys.ts';
import { dropTenants } from '../../src/store/retention.ts';
import { deleteTenant, setTenantState } from '../../src/tenancy/tenants.ts';
import { patchBody, userBody } from '../helpers/app.ts';
import { operator, secondServer, send } from '../tenancy/support.ts';
import { ISSUER, LEDGER, partsOf, PLANNER, sha256, withApplications, type Tokens } from './applications.ts';
import { ACCOUNT, HOUR, MINUTE, near, OTHER_PASSWORD, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active: person, advance, api, as, audit, browser, call, choose, clock, credential, database, everything, get, lastToken, links, mailsTo, policy, recover, session, sessionLives, status, store, tenants, wrong } = world;
const { active, introspect, makeSecret, refresh, refreshed, sessionsOf, signInFor, signOut, tokens } = await withApplications(world);
const anonymous = { token: '' };
const require2 = (id: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:twoFactorRequired`, value: true }), as);

t.test('a sign-in for an application answers with tokens and sets no cookie', async (t) => {
  const somebody = await person();
  const { status: answered, headers, body } = await signInFor(somebody, PLANNER, PASSWORD);
  t.same([answered, headers['set-cookie'], headers['cache-control']], [200, undefined, 'no-store']);
  t.same(Object.keys(body), ['next', 'accessToken', 'tokenType', 'expiresIn', 'refreshToken']);
  t.match(body, { next: 'none', tokenType: 'Bearer', expiresIn: 300, refreshToken: /^[\w-]{43}\.[\w-]{43}$/ });
  const [first = '', second = ''] = body.refreshToken.split('.');
  t.same(await sessionsOf(somebody), [{
    _id: sha256(first), t: tenants.own, person: somebody.id, epoch: (await credential(somebody.id))?.epoch ?? 0, agent: 'lightMyRequest', entry: { kind: 'staff' },
    tokens: { audience: PLANNER, secret: sha256(second) }, created: clock.now, lastSeen: clock.now, expires: new Date(clock.now.getTime() + 12 * HOUR),
  }]);
  const stored = JSON.stringify(await everything());
  for (const secret of [first, second, body.accessToken]) t.notOk(stored.includes(secret), 'what is kept is no token');
  t.same([await audit(somebody.id, 'signIn'), (await database.collection('credentials').findOne({ _id: somebody.id as never }))?.['lastSignIn']], [1, clock.now]);
  t.equal((await signInFor(somebody, PLANNER, 'wrong')).status, 401);
  t.equal((await sessionsOf(somebody)).length, 1);
});

t.test('an access token as another library sees it: header, claims, keys, audience, and its end', async (t) => {
  const address = await world.app.listen({ port: 0, host: '127.0.0.1' });
  const keys = createRemoteJWKSet(new URL(`${address}/.well-known/jwks.json`), { cooldownDuration: 0 });
  const verify = (token: string, audience = PLANNER, currentDate = clock.now) => jwtVerify(token, keys, { issuer: ISSUER, audience, typ: 'at+jwt', algorithms: ['ES256'], currentDate });
  const somebody = await person();
  const { accessToken } = await tokens(somebody);
  const { payload, protectedHeader } = await verify(accessToken);
  t.same(Object.keys(protectedHeader).sort(), ['alg', 'kid', 'typ']);
  const iat = clock.now.getTime() / 1000;
  const { jti, ...claims } = payload;
  t.match(jti, /^[0-9a-f-]{36}$/);
  const [{ _id: sid } = { _id: '' }] = await sessionsOf(somebody);
  t.same(claims, { iss: ISSUER, aud: PLANNER, sub: somebody.id, client_id: PLANNER, tid: tenants.own, sid, epoch: (await credential(somebody.id))?.epoch ?? 0, entry: 'staff', iat, nbf: iat, exp: iat + 300 });
  const refused = (name: string, code: string, verifying: Promise<unknown>) => t.rejects(verifying, { code }, name);
  await refused('for another application', 'ERR_JWT_CLAIM_VALIDATION_FAILED', verify(accessToken, LEDGER));
  await refused('for SCIM', 'ERR_JWT_CLAIM_VALIDATION_FAILED', verify(accessToken, `${ISSUER}/scim/v2`));
  await refused('after five minutes', 'ERR_JWT_EXPIRED', verify(accessToken, PLANNER, new Date(clock.now.getTime() + 5 * MINUTE)));
  await verify(accessToken, PLANNER, new Date(clock.now.getTime() + 5 * MINUTE - SECOND));
  const [header, , signature] = accessToken.split('.');
  await refused('with other claims', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED', verify([header, Buffer.from(JSON.stringify({ ...payload, sub: 'other' })).toString('base64url'), signature].join('.')));

  const keyring = new Keyring(store, () => world.config.secretKeys, () => clock.now);
  const next = await keyring.rotate();
  advance(6 * SECOND);
  const { accessToken: before } = await tokens(somebody);
  t.not(decodeProtectedHeader(before).kid, next, 'a new key is shown before it signs');
  advance(ROLLOUT_MS);
  const { accessToken: after, refreshToken } = await tokens(somebody);
  t.equal(decodeProtectedHeader(after).kid, next);
  await verify(after);
  const { accessToken: renewed } = await refreshed(refreshToken);
  t.equal(decodeProtectedHeader(renewed).kid, next);
  t.same(await active(after, renewed), [true, true]);
  await refused('of five minutes before', 'ERR_JWT_EXPIRED', verify(before));
});

t.test('an audience that is no application of the tenant is named before the password is looked at', async (t) => {
  const somebody = await person();
  await policy({ applications: [PLANNER, LEDGER, ISSUER, `${ISSUER}/scim/v2`] });
  t.teardown(() => policy({ applications: [PLANNER, LEDGER] }));
  const before = await everything();
  for (const audience of ['https://other.example', 'https://planner.example', 'HTTPS://PLANNER.EXAMPLE/', `${PLANNER} `, '', ISSUER, `${ISSUER}/scim/v2`, 'x'.repeat(10_000)]) {
    for (const [address, password] of [[somebody.address, PASSWORD], [somebody.address, 'wrong'], ['nobody', PASSWORD]] as const) {
      const answer = await signInFor({ id: '', address }, audience, password);
      t.match([answer.status, answer.body], [400, { scimType: 'invalidValue', detail: /^audience "/ }], audience);
      t.equal(answer.headers['set-cookie'], undefined);
    }
  }
  for (const audience of [null, 1, [PLANNER], { $ne: '' }, true]) t.match((await signInFor(somebody, audience)).body, { status: '400', detail: /^audience/ }, JSON.stringify(audience));
  t.same(await everything(), before, 'no guess was counted, nothing was written');
  const elsewhere = await api('POST', '/sign-in', { name: somebody.address, password: PASSWORD, tenant: 'other', audience: PLANNER }, anonymous);
  t.equal(elsewhere.status, 400, 'another tenant has its own');
});

t.test('a refresh token is good once, and its successor goes on', async (t) => {
  const somebody = await person();
  let { refreshToken, accessToken } = await tokens(somebody);
  const [{ _id } = { _id: '' }] = await sessionsOf(somebody);
  const seen = new Set([refreshToken, accessToken]);
  for (let time = 0; time < 5; time++) {
    advance(5 * MINUTE);
    const answer = await refresh(refreshToken);
    t.same([answer.status, Object.keys(answer.body), answer.headers['set-cookie'], answer.headers['cache-control']], [200, ['accessToken', 'tokenType', 'expiresIn', 'refreshToken'], undefined, 'no-store']);
    ({ refreshToken, accessToken } = answer.body);
    t.equal(partsOf(accessToken).claims.sid, _id, 'of the same session');
    seen.add(refreshToken).add(accessToken);
    t.match(await sessionsOf(somebody), [{ _id, lastSeen: clock.now }]);
    t.same(await active(accessToken, refreshToken), [true, true]);
  }
  t.equal(seen.size, 12, 'no token is given twice');
  t.equal((await sessionsOf(somebody)).length, 1, 'however often, there is one document');
  t.same([await audit(somebody.id, 'signIn'), await database.collection('audit').countDocuments({ 'on.id': somebody.id, action: /^refresh/ })], [1, 0]);
});

t.test('RFC 9700 section 4.14.2: a refresh token that was used before ends all that came of its sign-in, and nothing else', async (t) => {
  const somebody = await person();
  const [first, other, cookie] = [await tokens(somebody), await tokens(somebody, LEDGER), await session(somebody)];
  const second = await refreshed(first.refreshToken);
  const third = await refreshed(second.refreshToken);
  const reused = await refresh(first.refreshToken, { from: '203.0.113.9' });
  t.match([reused.status, reused.body.detail], [401, /sign in again/]);
  t.same(await active(first.accessToken, second.accessToken, third.accessToken, third.refreshToken), [false, false, false, false]);
  t.equal((await refresh(third.refreshToken)).status, 401);
  t.same([await active(other.accessToken, other.refreshToken), await sessionLives(cookie)], [[true, true], true]);
  const entries = await database.collection('audit').find({ 'on.id': somebody.id, action: 'refresh.reuse' }).toArray();
  t.match(entries, [{ t: tenants.own, by: { kind: 'person', id: somebody.id }, at: clock.now }]);
  t.equal(entries.length, 1, 'what came after found nothing any more');
  t.match(await database.collection('traces').find({ entry: String(entries[0]?._id) }).toArray(), [{ person: somebody.id, from: '203.0.113.9' }], 'where from goes with the person');
  t.equal((await mailsTo(somebody)).length, 0);
});

t.test('20 refreshes at once with one token: one success, then the session is over', async (t) => {
  const somebody = await person();
  const { refreshToken } = await tokens(somebody);
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
  t.same(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 19 }, () => 401)]);
  const { body } = answers.find(({ status }) => status === 200) ?? {};
  t.equal((await refresh(body.refreshToken)).status, 401, 'nobody can tell who had it rightly');
  t.same([await active(body.accessToken), await sessionsOf(somebody), await audit(somebody.id, 'refresh.reuse')], [[false], [], 1]);
});

t.test('with two servers: what one has exchanged counts for the other, and ends there', async (t) => {
  const other = await secondServer(t, world);
  const elsewhere = async (refreshToken: string) => send(other, 'POST', '/api/v1/refresh', { refreshToken }, { headers: { 'content-type': 'application/json' } });
  const somebody = await person();
  const first = await tokens(somebody);
  const second = await elsewhere(first.refreshToken);
  t.equal(second.status, 200);
  const third = await refreshed(second.body.refreshToken);
  t.same(await active(third.accessToken), [true]);
  t.equal((await elsewhere(second.body.refreshToken)).status, 401);
  t.equal((await refresh(third.refreshToken)).status, 401, 'at once');
  advance(2 * SECOND);
  t.same(await active(third.accessToken), [false], 'within two seconds, as with cookies');
});

t.test('what is no refresh token: one answer, and nothing is written', async (t) => {
  const somebody = await person();
  const { refreshToken, accessToken } = await tokens(somebody);
  const cookie = (await session(somebody)).split('=')[1] ?? '';
  const [first = '', second = ''] = refreshToken.split('.');
  const [kept] = await sessionsOf(somebody);
  const before = await everything();
  const answers = [];
  for (const bad of [
    '', '.', first, second, `${first}.`, `.${second}`, `${second}.${first}`, `${near(first)}.${second}`, `${first}${second}`, `${refreshToken}.`, `${refreshToken}=`, ` ${refreshToken}`, `${refreshToken}\n`, `${first} .${second}`,
    accessToken, cookie, `${cookie}.${second}`, `${cookie}.${cookie}`, `${String(kept?._id)}.${kept?.['tokens'].secret}`, `${first}.${second.slice(1)}`, 'x'.repeat(100_000), `${'A'.repeat(43)}.${'A'.repeat(43)}`, '../..', '\u0000',
  ]) {
    const { status, headers, text } = await refresh(bad);
    answers.push(JSON.stringify([status, headers['www-authenticate'], headers['set-cookie'], text]));
    t.equal((await signOut(bad)).status, 204, 'and there is nothing to end');
  }
  t.same([...new Set(answers)].length, 1, [...new Set(answers)].join('\n'));
  t.match(answers[0], /^\[401,"Session realm=/);
  for (const bad of [undefined, null, 1, [refreshToken], { $gt: '' }] as unknown as Json[]) {
    t.match(await refresh(bad), { status: 400, body: { scimType: 'invalidValue', detail: /^refreshToken/ } }, JSON.stringify(bad));
    t.equal((await signOut(bad)).status, 400);
  }
  t.same(await everything(), before);
  t.same([await sessionLives(`__Host-rollcall=${cookie}`), (await refresh(refreshToken)).status], [true, 200], 'both as good as before');
});

t.test('a refresh token is no cookie, and a cookie no refresh token', async (t) => {
  const somebody = await person();
  const { refreshToken, accessToken } = await tokens(somebody);
  for (const value of [refreshToken, ...refreshToken.split('.'), accessToken]) {
    t.notOk(await sessionLives(`__Host-rollcall=${value}`));
    t.equal((await browser().get('/account', { cookie: `__Host-rollcall=${value}` })).status, 303);
  }
  t.equal((await api('GET', '/sessions', undefined, { token: accessToken })).status, 401, 'nor is an access token anything here');
  t.same(await active(accessToken, refreshToken), [true, true]);
});

t.test('an access token of a person is none of a client, wherever a client may call', async (t) => {
  const { accessToken, refreshToken } = await tokens(await person());
  for (const token of [accessToken, refreshToken]) {
    for (const [method, url] of [['GET', '/scim/v2/Users'], ['GET', '/scim/v2/Me'], ['GET', '/scim/v2/Schemas'], ['GET', '/t/default/scim/v2/Groups'], ['GET', '/api/v1/clients'], ['GET', '/api/v1/policy'], ['GET', '/api/v1/audit']] as const) {
      t.equal((await send(world.app, method, url, undefined, { token })).status, 401, url);
    }
  }
});

t.test('a session with tokens ends after half an hour without a refresh, and after twelve hours whatever happens', async (t) => {
  const somebody = await person();
  const idle = await tokens(somebody);
  advance(30 * MINUTE - 1);
  t.same(await active(idle.refreshToken), [true], 'asking does not keep it');
  const kept = await refreshed(idle.refreshToken);
  advance(30 * MINUTE - 1);
  let { refreshToken } = await refreshed(kept.refreshToken);
  advance(30 * MINUTE);
  t.same([await active(refreshToken), (await refresh(refreshToken)).status], [[false], 401]);
  t.equal(await audit(somebody.id, 'refresh.reuse'), 0);
  ({ refreshToken } = await tokens(somebody));
  const ends = new Date(clock.now.getTime() + 12 * HOUR);
  for (let time = 0; time < 35; time++) {
    advance(20 * MINUTE);
    ({ refreshToken } = await refreshed(refreshToken));
  }
  t.same((await sessionsOf(somebody)).map(({ expires }) => expires).at(-1), ends, 'no refresh moves the end, at which MongoDB takes it away');
  advance(20 * MINUTE - 1);
  t.same(await active(refreshToken), [true]);
  advance(1);
  t.same([await active(refreshToken), (await refresh(refreshToken)).status], [[false], 401]);
});

t.test('how long tokens can be refreshed is for the tenant to say; cookies live as they did', async (t) => {
  await policy({ refreshIdleMinutes: 7 * 24 * 60, refreshHours: 30 * 24 });
  t.teardown(() => policy({ refreshIdleMinutes: null, refreshHours: null }));
  const somebody = await person();
  const [{ refreshToken }, cookie] = [await tokens(somebody), await session(somebody)];
  advance(7 * 24 * HOUR - 1);
  t.notOk(await sessionLives(cookie));
  const next = await refreshed(refreshToken);
  await policy({ refreshIdleMinutes: 10 });
  advance(10 * MINUTE);
  t.equal((await refresh(next.refreshToken)).status, 401, 'a shorter one counts from now on');
});

t.test('S7, J5: who refreshes for months comes to the renewal and to the second factor all the same', async (t) => {
  await policy({ refreshIdleMinutes: 90 * 24 * 60, refreshHours: 8760 });
  t.teardown(() => policy({ refreshIdleMinutes: null, refreshHours: null }));
  const due = await person();
  const renewed = await tokens(due);
  advance(90 * 24 * HOUR - SECOND);
  const { refreshToken } = await refreshed(renewed.refreshToken);
  advance(SECOND);
  t.equal((await refresh(refreshToken)).status, 401);
  t.same([await active(refreshToken), await sessionsOf(due), await audit(due.id, 'refresh.renew'), (await signInFor(due)).body.next], [[false], [], 1, 'renew']);
  const other = await person();
  const first = await tokens(other);
  await require2(other.id);
  t.same(await active(first.accessToken), [true]);
  t.equal((await refresh(first.refreshToken)).status, 401);
  t.same([await active(first.accessToken), await audit(other.id, 'refresh.enrol'), (await signInFor(other)).body.next], [[false], 1, 'enrol']);
});

/** What ends everything at once, whoever does it. */
const ENDS: Readonly<Record<string, (person: Somebody, given: Tokens & { readonly cookie: string }) => Promise<unknown>>> = {
  'S11: deactivated by the API': ({ id }) => api('POST', `/users/${id}/deactivate`),
  'L3: deactivated by a PATCH': ({ id }) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'active', value: false }), as),
  'L6: deleted': ({ id }) => call('DELETE', `/Users/${id}`, undefined, as),
  'J8: a new password by an administrator': ({ id }) => api('POST', `/users/${id}/password`, { password: OTHER_PASSWORD }),
  'L7: a new password by a client': ({ id }) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: OTHER_PASSWORD }), as),
  'S6: a recovery': async (person) => {
    await recover(person.address);
    return choose(await lastToken(person), OTHER_PASSWORD);
  },
  'L2: another address': ({ id }) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails', value: [{ value: `${id}@new.example`, type: 'work' }] }), as),
  'S3: the account is withdrawn': ({ id }) => api('DELETE', `/users/${id}/invitation`),
  'L1: another way to sign in': ({ id }) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:signInMethod`, value: 'sso' }), as),
  'J7: signed out everywhere': (_person, { cookie }) => api('DELETE', '/sessions', undefined, { ...anonymous, cookie }),
  'J7: ended in the list': async (_person, { cookie }) => {
    const { sessions } = (await api('GET', '/sessions', undefined, { ...anonymous, cookie })).body;
    return api('DELETE', `/sessions/${sessions.find(({ application }: { application?: string }) => application === PLANNER).id}`, undefined, { ...anonymous, cookie });
  },
  'signed out by the application': (_person, { refreshToken }) => signOut(refreshToken),
};
for (const [what, act] of Object.entries(ENDS)) {
  t.test(`${what}: no refresh, and no token that is worth anything, from this moment on`, async (t) => {
    const [somebody, other] = [await person(), await person()];
    const cookie = await session(somebody);
    const [given, others] = [await tokens(somebody), await tokens(other)];
    t.same(await active(given.accessToken, given.refreshToken), [true, true]);
    const answer = await act(somebody, { ...given, cookie });
    t.match((answer as { status: number }).status, /^2/);
    t.same(await active(given.accessToken, given.refreshToken), [false, false]);
    t.equal((await refresh(given.refreshToken)).status, 401);
    t.same((await sessionsOf(somebody)).filter(({ tokens: of }) => of), []);
    t.equal(await database.collection('audit').countDocuments({ 'on.id': somebody.id, action: /^refresh/ }), 0, 'it was no theft');
    t.same(await active(others.accessToken, others.refreshToken), [true, true], 'nobody else is touched');
  });
}

t.test('J7: a lock ends nothing; reactivation brings nothing back', async (t) => {
  const somebody = await person();
  const given = await tokens(somebody);
  await wrong(somebody, 3);
  t.equal(await status(somebody.id), 'locked');
  t.same(await active(given.accessToken, given.refreshToken), [true, true], "a stranger's guesses throw nobody out");
  const { refreshToken, accessToken } = await refreshed(given.refreshToken);
  await api('POST', `/users/${somebody.id}/deactivate`);
  await api('POST', `/users/${somebody.id}/reactivate`);
  t.same([await active(accessToken, refreshToken), (await refresh(refreshToken)).status], [[false, false], 401]);
});

t.test('S11: a refresh, a sign-in and a deactivation in one moment: whoever was first, nothing is left', async (t) => {
  for (let time = 0; time < 8; time++) {
    const somebody = await person();
    const given = await tokens(somebody);
    const [renewed, entered] = await Promise.all([refresh(given.refreshToken), signInFor(somebody), api('POST', `/users/${somebody.id}/deactivate`)]);
    t.equal(await status(somebody.id), 'deactivated');
    for (const { body } of [renewed, entered]) {
      if (typeof body?.refreshToken !== 'string') continue;
      t.same([await active(body.accessToken, body.refreshToken), (await refresh(body.refreshToken)).status], [[false, false], 401]);
    }
    t.equal(await audit(somebody.id, 'refresh.reuse'), 0);
  }
});

t.test('an epoch that has grown is enough, whatever was overlooked', async (t) => {
  const somebody = await person();
  const { accessToken, refreshToken } = await tokens(somebody);
  await database.collection<{ _id: string }>('credentials').updateOne({ _id: somebody.id }, { $inc: { epoch: 1 } });
  advance(SECOND);
  t.same([await active(accessToken, refreshToken), (await refresh(refreshToken)).status, (await sessionsOf(somebody)).length], [[false, false], 401, 1]);
});

t.test('a suspended tenant, an application that is no longer named: nothing until they are back', async (t) => {
  const given = await tokens(await person());
  const admin = (await world.makeClient(tenants.own, { scopes: ['admin.grant'] })).token;
  t.equal((await api('PATCH', '/policy', { applications: [LEDGER] }, { token: admin })).status, 200);
  t.same([await active(given.accessToken, given.refreshToken), (await refresh(given.refreshToken)).status], [[false, false], 401], 'from the next request on');
  await api('PATCH', '/policy', { applications: [PLANNER, LEDGER] }, { token: admin });
  t.same(await active(given.accessToken, given.refreshToken), [true, true]);
  await setTenantState(operator(world), tenants.own, 'suspended');
  advance(SECOND);
  t.equal((await refresh(given.refreshToken)).status, 401);
  t.equal((await introspect(given.accessToken)).status, 401);
  await setTenantState(operator(world), tenants.own, 'active');
  advance(SECOND);
  t.same([await active(given.accessToken), (await refresh(given.refreshToken)).status], [[true], 200]);
});

t.test('a deleted tenant leaves no session behind', async (t) => {
  const { other } = tenants;
  const admin = (await world.makeClient(other, { scopes: ['*', 'admin.grant'], settings: { signInMethod: 'none' } })).token;
  t.equal((await api('PATCH', '/policy', { applications: [PLANNER] }, { token: admin })).status, 200);
  await call('POST', '/Users', userBody({ userName: 'elsewhere@people.example', password: PASSWORD }), { token: admin });
  const { body } = await api('POST', '/sign-in', { name: 'elsewhere@people.example', password: PASSWORD, tenant: 'other', audience: PLANNER }, anonymous);
  const there = await makeSecret(other);
  t.same([(await introspect(body.accessToken, there)).body.active, await active(body.accessToken, body.refreshToken)], [true, [false, false]], 'a token is for clients of its own tenant');
  t.equal(partsOf(body.accessToken).claims.tid, other);
  await deleteTenant(operator(world), other, 'other');
  advance(SECOND);
  t.equal((await refresh(body.refreshToken)).status, 401);
  await dropTenants(store);
  t.equal(await database.collection('sessions').countDocuments({ t: other }), 0);
});

t.test('J7: the list of sessions has those of applications, by their names', async (t) => {
  const somebody = await person();
  const cookie = await session(somebody);
  advance(SECOND);
  const planner = await tokens(somebody);
  advance(SECOND);
  await tokens(somebody, LEDGER);
  await refreshed((await refreshed(planner.refreshToken)).refreshToken);
  const { sessions } = (await api('GET', '/sessions', undefined, { ...anonymous, cookie })).body;
  t.same(sessions.map(({ application, current }: { application?: string; current: boolean }) => [application, current]), [[LEDGER, false], [PLANNER, false], [undefined, true]]);
  t.same(Object.keys(sessions[0]), ['id', 'agent', 'application', 'created', 'lastSeen', 'current']);
  const page = (await browser().get('/account', { cookie })).text;
  t.match(page, /<bdi>https:\/\/planner\.example\/, lightMyRequest<\/bdi>/);
  t.match(page, /<bdi>ledger, lightMyRequest<\/bdi>/);
  await policy({ applications: [LEDGER] });
  advance(SECOND);
  t.equal((await api('GET', '/sessions', undefined, { ...anonymous, cookie })).body.sessions.length, 2, 'what cannot be used is not listed');
  await policy({ applications: [PLANNER, LEDGER] });
});

t.test('signing out ends one sign-in and is on record; with a token that was used before it is a reuse', async (t) => {
  const somebody = await person();
  const [one, two] = [await tokens(somebody), await tokens(somebody)];
  t.equal((await signOut(one.refreshToken)).status, 204);
  t.same([await active(one.accessToken, two.accessToken), await audit(somebody.id, 'signOut')], [[false, true], 1]);
  t.equal((await signOut(one.refreshToken)).status, 204, 'twice is once');
  t.equal(await audit(somebody.id, 'signOut'), 1);
  await refreshed(two.refreshToken);
  t.equal((await signOut(two.refreshToken)).status, 204);
  t.same([await sessionsOf(somebody), await audit(somebody.id, 'signOut'), await audit(somebody.id, 'refresh.reuse')], [[], 1, 1]);
  const three = await tokens(somebody);
  const answers = await Promise.all(Array.from({ length: 5 }, () => signOut(three.refreshToken)));
  t.same([answers.map(({ status }) => status), await audit(somebody.id, 'signOut')], [[204, 204, 204, 204, 204], 2]);
});

/** The second factor, which is enrolled on the page. */
async function enrolled() {
  const somebody = await person();
  await require2(somebody.id);
  const visitor = browser();
  await visitor.post('/sign-in', { name: somebody.address, password: PASSWORD });
  const text = (await visitor.get('/enrol')).text;
  const secret = Array.from(/id="secret"[^>]*>(.*?)<\/code>/s.exec(text)?.[1]?.matchAll(/<span>([A-Z2-7]+) ?<\/span>/g) ?? [], ([, group]) => group).join('');
  const code = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now.getTime() });
  if ((await visitor.post('/enrol', { code: code() })).status !== 200) throw new Error('not enrolled');
  advance(MINUTE);
  return { ...somebody, code };
}
const second = (token: string, code: string) => api('POST', '/second-factor', { token, code }, anonymous);

t.test('J5: the step of the second factor knows what the sign-in is for', async (t) => {
  const somebody = await enrolled();
  const before = (await sessionsOf(somebody)).length;
  const step = await signInFor(somebody);
  t.same([step.body.next, Object.keys(step.body), step.headers['set-cookie']], ['secondFactor', ['next', 'token'], undefined]);
  t.match((await links(somebody.id)).filter(({ used }) => !used), [{ purpose: 'secondFactor', audience: PLANNER, entry: { kind: 'staff' } }]);
  t.same([(await refresh(step.body.token)).status, await active(step.body.token)], [401, [false]], 'the step is no token');
  const visitor = browser();
  visitor.cookies.set('__Host-step', step.body.token);
  t.equal((await visitor.get('/second-factor')).location, '/sign-in', 'nor does it lead to a cookie');
  const posted = await visitor.post('/second-factor', { code: somebody.code() });
  t.same([posted.location, visitor.cookies.has('__Host-rollcall'), (await sessionsOf(somebody)).length], ['/sign-in', false, before]);
  t.equal((await second(step.body.token, '000000')).status, 401);
  const entered = await second(step.body.token, somebody.code());
  t.same([entered.status, Object.keys(entered.body), entered.headers['set-cookie']], [200, ['next', 'accessToken', 'tokenType', 'expiresIn', 'refreshToken'], undefined]);
  t.same(partsOf(entered.body.accessToken).claims.aud, PLANNER);
  t.same([await active(entered.body.accessToken, entered.body.refreshToken), (await sessionsOf(somebody)).length], [[true, true], before + 1]);
  t.equal((await second(step.body.token, somebody.code())).status, 410, 'once');
  advance(MINUTE);
  const plain = (await world.signIn(somebody.address, PASSWORD)).body.token;
  t.match(String((await second(plain, somebody.code())).headers['set-cookie']), /^__Host-rollcall=/, 'without an application as ever');
});

t.test('J5: an application that is no longer named when the code comes', async (t) => {
  const somebody = await enrolled();
  const { token } = (await signInFor(somebody)).body;
  await policy({ applications: [LEDGER] });
  t.teardown(() => policy({ applications: [PLANNER, LEDGER] }));
  const before = await sessionsOf(somebody);
  const answer = await second(token, somebody.code());
  t.same([answer.status, answer.headers['set-cookie'], await sessionsOf(somebody)], [410, undefined, before]);
});

t.test('J5, S7: enrolment and renewal come first, and know what for', async (t) => {
  const due = await person();
  await call('PATCH', `/Users/${due.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:mustChangePassword`, value: true }), as);
  const step = (await signInFor(due)).body;
  t.same([step.next, (await sessionsOf(due)).length], ['renew', 0]);
  t.match(await links(due.id), [{ purpose: 'renew', audience: PLANNER }]);
  t.same((await choose(step.token, OTHER_PASSWORD)).body, { unlocked: false });
  t.equal((await sessionsOf(due)).length, 0);
  t.equal((await signInFor(due, PLANNER, OTHER_PASSWORD)).body.next, 'none');

  const both = await enrolled();
  await call('PATCH', `/Users/${both.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:mustChangePassword`, value: true }), as);
  const first = (await signInFor(both)).body;
  const then = await second(first.token, both.code());
  t.same([then.body.next, then.headers['set-cookie']], ['renew', undefined]);
  t.match((await links(both.id)).filter(({ used }) => !used), [{ purpose: 'renew', audience: PLANNER }]);

  const required = await person();
  await require2(required.id);
  const enrol = (await signInFor(required)).body;
  const visitor = browser();
  visitor.cookies.set('__Host-step', enrol.token);
  t.same([enrol.next, (await visitor.get('/enrol')).location, (await get(required.id))[ACCOUNT].twoFactorEnrolled], ['enrol', '/sign-in', undefined], 'at the page, by a sign-in of its own');
});

t.test('guesses at a sign-in for an application count like all others', async (t) => {
  const somebody = await person();
  for (let guess = 0; guess < 3; guess++) t.equal((await signInFor(somebody, PLANNER, `guess ${guess}`)).status, 401);
  t.equal(await status(somebody.id), 'locked');
  t.equal((await signInFor(somebody)).status, 401);
  const answers = await Promise.all(Array.from({ length: 25 }, () => signInFor({ id: '', address: 'nobody' }, PLANNER, 'x', { from: '198.51.100.1' })));
  t.equal(answers.filter(({ status }) => status === 429).length, 5);
  t.equal((await sessionsOf(somebody)).length, 0);
});
