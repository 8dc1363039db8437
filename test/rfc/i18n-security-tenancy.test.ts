/** Strings, security, tenants: RFC 7644 sections 2, 5, 6 and 7, RFC 7643 section 9, requirements R-I18N, R-SEC, R-TEN. */
import t from 'tap';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import argon2 from 'argon2';
import { createLog } from '../../src/log.ts';
import { tokenHash } from '../../src/store/tokens.ts';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, groupBody, patchBody, startApp, unique, USER, userBody, type Answer } from '../helpers/app.ts';
import { keeps, later, made, refused } from './expectations.ts';
import { idsOf, query, totalOf } from './queries.ts';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-log-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const logFile = join(folder, 'log');
const app = await startApp(t, import.meta.url, {}, { log: createLog({ level: 'trace', fd: openSync(logFile, 'a') }) });
const { call, tokens, tenants, store, registry, clock, makeClient } = app;
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const title = (value: string) => patchBody({ op: 'replace', path: 'title', value });
const hashOf = async (id: string) => (await store.collections.credentials.findOne({ _id: id, t: tenants.own }))?.hash ?? '';
const documentOf = (id: string) => store.collections.resources(registry.type('User')).findOne({ _id: id, t: tenants.own });

/** Everything that is stored of the tenant, as text. */
async function everythingStored(): Promise<string> {
  const collections = await store.collections.tenants.db.listCollections({}, { nameOnly: true }).toArray();
  const documents = await Promise.all(collections.map(({ name }) => store.collections.tenants.db.collection(name).find({ t: tenants.own }).toArray()));
  return JSON.stringify(documents);
}

// Strings

for (const [name, first, second] of [
  ['full-width letters', 'bob', '\uff42\uff4f\uff42'], ['composed and decomposed letters', 'ren\u00e9', 'rene\u0301'], ['upper and lower case', 'Åsa', 'åsa'],
] as const) {
  t.test(`R-I18N-1: a userName in ${name} is the same userName`, async (t) => {
    const prefix = unique('i');
    const user = await made(app, '/Users', userBody({ userName: prefix + first }));
    refused(t, await call('POST', '/Users', userBody({ userName: prefix + second })), 409, 'uniqueness');
    t.same(idsOf((await call('GET', `/Users${query({ filter: `userName eq "${prefix}${second}"` })}`)).body), [user.id]);
  });
}

t.test('R-I18N-1 R-I18N-3: a password is prepared as an opaque string: composed, blanks made one, never folded', async (t) => {
  const { id } = await made(app, '/Users', userBody({ password: 'Passwort\u00a0fu\u0308r Rene\u0301' }));
  t.equal(await argon2.verify(await hashOf(id), 'Passwort f\u00fcr Ren\u00e9'), true);
  t.equal(await argon2.verify(await hashOf(id), 'passwort f\u00fcr ren\u00e9'), false);
});

t.test('R-I18N-3: a password in another case is another password', async (t) => {
  const { id } = await made(app, '/Users', userBody({ password: 'Correct Horse' }));
  t.equal(await argon2.verify(await hashOf(id), 'Correct Horse'), true);
  for (const other of ['correct horse', 'CORRECT HORSE', 'Correct  Horse', ' Correct Horse']) t.equal(await argon2.verify(await hashOf(id), other), false, other);
});

t.test('R-I18N-2: what was sent is shown, its prepared form is compared', async (t) => {
  const userName = `${unique('\uff22ob')} Ré`;
  const user = await made(app, '/Users', userBody({ userName }));
  t.equal(user.userName, userName);
  const prepared = userName.normalize('NFKC').toLowerCase();
  t.same(idsOf((await call('GET', `/Users${query({ filter: `userName eq "${prepared}"` })}`)).body), [user.id]);
  t.equal((await call('GET', `/Users/${user.id}`)).body.userName, userName);
});

// Security

t.test('R-SEC-2: what a token may do is asked on every request', async (t) => {
  const user = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody());
  const reader = await makeClient(tenants.own, { tolerances: 'strict', scopes: ['users:read'] });
  const writer = await makeClient(tenants.own, { tolerances: 'strict', scopes: ['users:write'] });
  const nobody = await makeClient(tenants.own, { scopes: [] });
  const requests: readonly (readonly [string, string, Json | undefined, readonly string[]])[] = [
    ['GET', '/Users', undefined, [writer.token, nobody.token]],
    ['GET', `/Users/${user.id}`, undefined, [writer.token, nobody.token]],
    ['POST', '/Users/.search', { schemas: [SEARCH] }, [writer.token, nobody.token]],
    ['POST', '/Users', userBody(), [reader.token, nobody.token]],
    ['PUT', `/Users/${user.id}`, userBody(), [reader.token, nobody.token]],
    ['PATCH', `/Users/${user.id}`, title('x'), [reader.token, nobody.token]],
    ['DELETE', `/Users/${user.id}`, undefined, [reader.token, nobody.token]],
    ['GET', `/Groups/${group.id}`, undefined, [reader.token, writer.token, nobody.token]],
    ['PATCH', `/Groups/${group.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: user.id }] }), [reader.token, writer.token, nobody.token]],
    ['DELETE', `/Groups/${group.id}`, undefined, [reader.token, writer.token, nobody.token]],
  ];
  const before = await totalOf(call, '/Users');
  await keeps(t, app, `/Users/${user.id}`, () => keeps(t, app, `/Groups/${group.id}`, async () => {
    for (const [method, path, body, refusedTokens] of requests) for (const token of refusedTokens) refused(t, await call(method, path, body, { token }), 403);
  }));
  t.equal(await totalOf(call, '/Users'), before);
  t.equal((await call('GET', `/Users/${user.id}`, undefined, { token: reader.token })).status, 200);
});

t.test('R-SEC-2: a password from a client that may set none is not taken', async (t) => {
  const { token } = await makeClient(tenants.own, { scopes: ['users:read', 'users:write'] });
  const created = await call('POST', '/Users', userBody({ password: 'canary-1' }), { token });
  t.equal(created.status, 201);
  t.equal(await hashOf(created.body.id), '');
});

t.test('R-SEC-3: a token that has expired or was taken back is refused like one that never was', async (t) => {
  const stored = (token: string) => ({ _id: tokenHash(token) });
  const expiring = await makeClient(tenants.own);
  await store.collections.tokens.updateOne(stored(expiring.token), { $set: { expires: new Date(clock.now.getTime() + 60_000) } });
  const revoked = await makeClient(tenants.own);
  for (const { token } of [expiring, revoked]) t.equal((await call('GET', '/Users?count=0', undefined, { token })).status, 200);
  await store.collections.tokens.deleteOne(stored(revoked.token));
  clock.now = new Date(clock.now.getTime() + 60_000);
  const answers = await Promise.all([expiring.token, revoked.token, 'rc_never', `${tokens.strict}x`].map((token) => call('GET', '/Users?count=0', undefined, { token })));
  for (const answer of answers) refused(t, answer, 401);
  t.equal(new Set(answers.map(({ text }) => text)).size, 1);
});

t.test('R-SEC-3: tokens are stored as hashes', async (t) => {
  const text = await everythingStored();
  for (const token of Object.values(tokens)) t.notOk(text.includes(token));
  t.ok(text.includes(tokenHash(tokens.strict)));
});

t.test('R-SEC-4: nothing but a bearer token in its header is taken', async (t) => {
  const { body } = await call('GET', '/ServiceProviderConfig');
  t.same(body.authenticationSchemes.map(({ type }: { type: string }) => type), ['oauthbearertoken']);
  const basic = Buffer.from(`client:${tokens.strict}`).toString('base64');
  for (const authorization of [`Basic ${basic}`, `Bearer  ${tokens.strict}`, `Bearer ${tokens.strict}, Bearer x`, `Bearer`, tokens.strict, `Token ${tokens.strict}`]) {
    refused(t, await call('GET', '/Users', undefined, { token: undefined, headers: { authorization } }), 401);
  }
  refused(t, await call('GET', `/Users?access_token=${tokens.strict}`, undefined, { token: undefined }), 401);
});

t.test('R-SEC-6 R-SEC-12: no secret and nobody\'s data in answers, the log or the store', async (t) => {
  const password = 'canary-Password-1';
  const answers: Answer[] = [];
  const asked = async (...request: Parameters<typeof call>) => {
    const answer = await call(...request);
    answers.push(answer);
    return answer;
  };
  const user = (await asked('POST', '/Users', userBody({ password }))).body;
  const path = `/Users/${user.id}`;
  await asked('PUT', path, { schemas: [USER], userName: user.userName, password });
  await asked('PATCH', path, patchBody({ op: 'replace', path: 'password', value: password }));
  await asked('PATCH', path, patchBody({ op: 'add', value: { password } }, { op: 'replace', path: 'nope', value: password }));
  await asked('POST', '/Users', userBody({ password: [password] }));
  await asked('POST', '/Users', undefined, { raw: `{"password":"${password}" "x"` });
  for (const parameters of [{ attributes: 'password' }, { filter: `password eq "${password}"` }, { sortBy: 'password' }]) await asked('GET', `/Users${query(parameters)}`);
  await asked('POST', '/.search', { schemas: [SEARCH], filter: `password eq "${password}"` });
  await asked('GET', path, undefined, { token: 'canary-token' });
  await asked('GET', `/Users${query({ filter: 'displayName eq "canary-person"' })}`);
  await asked('DELETE', path);
  for (const { text } of answers) t.notMatch(text, /canary|argon2/);
  t.notMatch(await everythingStored(), /canary/);
  const log = readFileSync(logFile, 'utf8');
  t.match(log, /"path":"\/scim\/v2\/Users"/, 'there is a log');
  t.notMatch(log, /canary|filter=|argon2id/);
  t.notOk(log.includes(tokens.strict));
});

const INJECTIONS = ['{"$ne":null}', '" or "1" eq "1', '\' || 1==1 //', '$where', '__proto__', '../../Users', '%00', '*', '.*', '(', '<script>', '\u202e', '${7*7}', 'a"b\\c'];
t.test('R-SEC-7: what looks like code is text, everywhere', async (t) => {
  const before = await totalOf(call, '/Users');
  for (const text of INJECTIONS) {
    const quoted = JSON.stringify(text);
    t.equal((await call('GET', `/Users${query({ filter: `displayName eq ${quoted}` })}`)).body.totalResults, 0, text);
    t.equal((await call('GET', `/Users${query({ filter: `displayName co ${quoted}` })}`)).body.totalResults, 0, text);
    refused(t, await call('GET', `/Users/${encodeURIComponent(text)}`), 404);
    refused(t, await call('GET', `/Users${query({ filter: `${text} eq "x"` })}`), 400, 'invalidFilter');
    refused(t, await call('GET', `/Users${query({ sortBy: text })}`), 400, 'invalidValue');
    t.equal((await call('GET', `/Users${query({ attributes: text, count: 1 })}`)).status, 200);
  }
  t.equal(await totalOf(call, '/Users'), before);
  for (const displayName of INJECTIONS) {
    const user = await made(app, '/Users', userBody({ displayName }));
    t.equal((await call('GET', `/Users/${user.id}`)).body.displayName, displayName);
    t.same(idsOf((await call('GET', `/Users${query({ filter: `displayName eq ${JSON.stringify(displayName)}` })}`)).body), [user.id]);
    await call('DELETE', `/Users/${user.id}`);
  }
  for (const value of [{ $ne: null }, { $gt: '' }, [{ $where: '1' }]]) refused(t, await call('POST', '/Users', userBody({ displayName: value })), 400, 'invalidValue');
});

t.test('R-SEC-8: nobody makes an account without a token', async (t) => {
  const before = await totalOf(call, '/Users');
  refused(t, await call('POST', '/Users', userBody(), { token: undefined }), 401);
  t.equal(await totalOf(call, '/Users'), before);
});

t.test('R-SEC-10: a body that is too large is 413 everywhere, one that is too deep 400', async (t) => {
  const user = await made(app, '/Users', userBody());
  const deep = `{"schemas":["${USER}"],"userName":"x","emails":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
  await keeps(t, app, `/Users/${user.id}`, async () => {
    for (const [method, path] of [['POST', '/Users'], ['POST', '/Groups'], ['PUT', `/Users/${user.id}`], ['PATCH', `/Users/${user.id}`], ['POST', '/Users/.search'], ['POST', '/.search']] as const) {
      refused(t, await call(method, path, undefined, { raw: JSON.stringify(userBody({ title: 'x'.repeat(1024 * 1024) })) }), 413);
      refused(t, await call(method, path, undefined, { raw: deep }), 400, 'invalidSyntax');
    }
  });
});

t.test('R-SEC-10: a URL or a header that is too long is 431, in the form of SCIM', async (t) => {
  const address = await app.app.listen({ port: 0, host: '127.0.0.1' });
  for (const [path, headers] of [[`/scim/v2/Users?filter=${'x'.repeat(20_000)}`, {}], ['/scim/v2/Users', { 'x-long': 'x'.repeat(20_000) }]] as const) {
    const answer = await fetch(address + path, { headers });
    t.equal(answer.status, 431);
    t.match(answer.headers.get('content-type'), /^application\/scim\+json/);
    t.match(await answer.json(), { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '431' });
  }
});

t.test('R-SEC-11 R-TEN-6: the same person in two tenants has two ids, and nothing tells that they are one', async (t) => {
  const body = userBody({ externalId: unique('ext'), displayName: 'Same' });
  const [own, other] = await Promise.all([tokens.strict, tokens.other].map((token) => call('POST', '/Users', body, { token })));
  t.same([own?.status, other?.status], [201, 201]);
  t.not(own?.body.id, other?.body.id);
});

const FOREIGN = ['constructor', 'prototype', 'toString', 'hasOwnProperty', '_id', 't', 'tenantId', 'v', 'k', 'ext', 'mr'];
for (const key of FOREIGN) {
  t.test(`R-SEC-13: a key ${key} never reaches the store`, async (t) => {
    const before = await totalOf(call, '/Users');
    for (const extra of [{ [key]: 'canary' }, { name: { [key]: 'canary' } }, { [ENTERPRISE]: { [key]: 'canary' } }]) refused(t, await call('POST', '/Users', userBody(extra)), 400, 'invalidSyntax');
    t.equal(await totalOf(call, '/Users'), before);
    const tolerated = await call('POST', '/Users', userBody({ title: 'x', [key]: 'canary', name: { givenName: 'A', [key]: 'canary' } }), { token: tokens.tolerant });
    t.equal(tolerated.status, 201, tolerated.text);
    const patched = await call('PATCH', `/Users/${tolerated.body.id}`, patchBody({ op: 'replace', value: { title: 'y', [key]: 'canary' } }), { token: tokens.tolerant });
    t.equal(patched.status, 200, patched.text);
    const document = await documentOf(tolerated.body.id);
    t.notMatch(JSON.stringify(document), /canary/);
    t.same(Object.keys(document ?? {}).sort(), ['_id', 'a', 'created', 'ext', 'k', 'lastModified', 'mr', 'p', 'said', 'src', 't', 'v']);
    t.equal(document?.t, tenants.own);
  });
}

t.test('R-SEC-13: what looks like an operator is refused, of tolerant clients too', async (t) => {
  const user = await made(app, '/Users', userBody());
  await keeps(t, app, `/Users/${user.id}`, async () => {
    for (const token of [tokens.strict, tokens.tolerant]) {
      refused(t, await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: 'name', value: { $inc: { v: 1 } } }), { token }), 400, 'invalidSyntax');
      refused(t, await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', value: { $unset: { userName: 1 } } }), { token }), 400, 'invalidPath');
    }
  });
});

t.test('R-SEC-13: a dotted key is no way into a document', async (t) => {
  const user = await made(app, '/Users', userBody());
  await keeps(t, app, `/Users/${user.id}`, async () => {
    for (const key of ['a.title', 'k.userName', 'ext.0.id']) {
      refused(t, await call('PUT', `/Users/${user.id}`, userBody({ [key]: 'x' })), 400, 'invalidSyntax');
      for (const token of [tokens.strict, tokens.tolerant]) t.equal((await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: key, value: 'x' }), { token })).body.scimType, 'invalidPath', key);
    }
  });
});

t.test('R-SEC-13: __proto__ is refused, however it is written', async (t) => {
  for (const key of ['__proto__', '\\u005f\\u005fproto\\u005f\\u005f']) {
    for (const raw of [`{"schemas":["${USER}"],"userName":"proto","${key}":{"admin":true}}`, `{"schemas":["${USER}"],"userName":"proto","name":{"${key}":{"admin":true}}}`]) {
      for (const token of [tokens.strict, tokens.tolerant]) refused(t, await call('POST', '/Users', undefined, { raw, token }), 400, 'invalidSyntax');
    }
  }
  t.notOk('admin' in {});
  t.equal(await totalOf(call, '/Users', 'userName eq "proto"'), 0);
});

// Tenants

t.test('R-TEN-1: the tenant in the path must be the token\'s; else it is as if there were none', async (t) => {
  t.equal((await call('GET', '/t/default/scim/v2/Users')).status, 200);
  t.equal((await call('GET', '/t/other/scim/v2/Users', undefined, { token: tokens.other })).status, 200);
  const answers = [];
  for (const path of ['/t/other/scim/v2/Users', '/t/nothing/scim/v2/Users', '/t/Default/scim/v2/Users', '/t/other/scim/v2/Schemas']) answers.push(await call('GET', path));
  for (const answer of answers) refused(t, answer, 404);
  t.equal(new Set(answers.map(({ text }) => text)).size, 1);
  const before = await totalOf(call, '/Users');
  refused(t, await call('POST', '/t/other/scim/v2/Users', userBody()), 404);
  t.equal(await totalOf(call, '/Users'), before);
  refused(t, await call('GET', '/t/other/scim/v2/Users', undefined, { token: undefined }), 401);
});

for (const [endpoint, make, change] of [
  ['/Users', userBody, title('x')],
  ['/Groups', groupBody, patchBody({ op: 'replace', path: 'displayName', value: 'x' })],
] as const) {
  t.test(`R-TEN-2: ${endpoint} of another tenant are not there, whatever the verb`, async (t) => {
    const foreign = await made(app, endpoint, make({ externalId: unique('ext') }));
    const requests: readonly (readonly [string, Json | undefined])[] = [['GET', undefined], ['PUT', make()], ['PATCH', change], ['DELETE', undefined]];
    await keeps(t, app, `${endpoint}/${foreign.id}`, async () => {
      for (const [method, body] of requests) {
        const answer = await call(method, `${endpoint}/${foreign.id}`, body, { token: tokens.other });
        refused(t, answer, 404);
        t.equal(answer.text, (await call(method, `${endpoint}/019a0000-0000-7000-8000-000000000000`, body, { token: tokens.other })).text, `${method}: as for an id that never was`);
      }
    });
    for (const filter of [`id eq "${foreign.id}"`, `externalId eq "${foreign.externalId}"`, `not (id eq "x") and id eq "${foreign.id}"`, `id eq "x" or id eq "${foreign.id}"`]) {
      t.equal((await call('GET', `${endpoint}${query({ filter })}`, undefined, { token: tokens.other })).body.totalResults, 0, filter);
      for (const where of [endpoint, '']) t.equal((await call('POST', `${where}/.search`, { schemas: [SEARCH], filter }, { token: tokens.other })).body.totalResults, 0, filter);
    }
    t.notOk(idsOf((await call('GET', `${endpoint}?count=1000`, undefined, { token: tokens.other })).body).includes(foreign.id));
  });
}

t.test('R-TEN-3: userName and externalId are each tenant\'s own', async (t) => {
  const body = userBody({ externalId: unique('ext') });
  for (const token of [tokens.strict, tokens.other]) t.equal((await call('POST', '/Users', body, { token })).status, 201);
  for (const token of [tokens.strict, tokens.other]) refused(t, await call('POST', '/Users', body, { token }), 409, 'uniqueness');
});

t.test('R-TEN-4: nobody of another tenant can be a member or a manager', async (t) => {
  const foreign = await call('POST', '/Users', userBody(), { token: tokens.other });
  const group = await made(app, '/Groups', groupBody());
  const user = await made(app, '/Users', userBody());
  later(app);
  const without = ({ text }: Answer, id: string) => text.replaceAll(id, '{id}');
  const unknown = '019a0000-0000-7000-8000-000000000000';
  await keeps(t, app, `/Groups/${group.id}`, () => keeps(t, app, `/Users/${user.id}`, async () => {
    for (const request of [
      (id: string) => call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: id }] })),
      (id: string) => call('POST', '/Groups', groupBody({ members: [{ value: id }] })),
      (id: string) => call('PATCH', `/Users/${user.id}`, patchBody({ op: 'add', path: `${ENTERPRISE}:manager`, value: { value: id } })),
      (id: string) => call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: id } } })),
    ]) {
      const answer = await request(foreign.body.id);
      refused(t, answer, 400, 'invalidValue');
      t.equal(without(answer, foreign.body.id), without(await request(unknown), unknown));
    }
  }));
  t.notOk('groups' in (await call('GET', `/Users/${foreign.body.id}`, undefined, { token: tokens.other })).body);
});

t.test('R-TEN-5: every link of an answer begins with the base that was called', async (t) => {
  const manager = await made(app, '/Users', userBody());
  const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { manager: { value: manager.id } } }));
  await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  for (const [prefix, base] of [['/scim/v2', 'https://scim.example/scim/v2/'], ['/t/default/scim/v2', 'https://scim.example/t/default/scim/v2/']] as const) {
    for (const path of [`/Users/${user.id}`, '/Users', '/Groups', '/Schemas', '/ResourceTypes', '/ServiceProviderConfig']) {
      const { text } = await call('GET', prefix + path);
      const links = Array.from(text.matchAll(/"(?:\$ref|location)":"([^"]*)"/g), ([, link = '']) => link);
      t.ok(links.length > 0, path);
      t.same(links.filter((link) => !link.startsWith(base)), [], path);
    }
  }
});
