/** POST and GET of one resource: RFC 7644 sections 3.3 and 3.4.1, requirements R-CREATE, R-READ. */
import t from 'tap';
import { GROUP, groupBody, patchBody, startApp, unique, USER, userBody } from '../helpers/app.ts';
import { made, refused } from './expectations.ts';
import { query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call, tokens, makeClient, tenants } = app;

for (const [endpoint, body] of [['/Users', userBody()], ['/Groups', groupBody()]] as const) {
  t.test(`R-CREATE-1: POST ${endpoint} is 201 with Location, ETag and the whole resource`, async (t) => {
    const created = await call('POST', endpoint, body);
    t.equal(created.status, 201);
    t.equal(created.headers['location'], created.body.meta.location);
    t.equal(created.headers['etag'], created.body.meta.version);
    t.match(created.body, body);
    const read = await call('GET', String(created.headers['location']).slice('https://scim.example'.length));
    t.equal(read.status, 200);
    t.same(read.body, created.body);
  });
}

t.test('R-CREATE-2: what is readOnly is ignored without a word', async (t) => {
  const user = await made(app, '/Users', userBody({ id: 'mine', meta: { created: '1999-01-01T00:00:00Z', version: 'W/"7"' }, groups: [{ value: 'any' }] }));
  t.not(user.id, 'mine');
  t.notOk('groups' in user);
  t.notMatch(user.meta.created, /^1999/);
});

t.test('R-CREATE-3: an account is active unless it is said otherwise; null means no value', async (t) => {
  t.equal((await made(app, '/Users', userBody())).active, true);
  t.equal((await made(app, '/Users', userBody({ active: false }))).active, false);
  const undecided = await made(app, '/Users', userBody({ active: null }));
  t.notOk('active' in undecided);
  t.equal(await totalOf(call, '/Users', `id eq "${undecided.id}" and active pr`), 0);
});

const syntax = 'invalidSyntax';
const value = 'invalidValue';
for (const [name, scimType, sent] of [
  ['text that is no JSON', syntax, '{'], ['nothing', syntax, ''], ['an array', syntax, '[1]'], ['text', syntax, '"x"'], ['null', syntax, 'null'], ['a number', syntax, '5'],
  ['a key twice', syntax, `{"schemas":["${USER}"],"userName":"x","userName":"y"}`],
  ['JSON with a comment', syntax, `{"schemas":["${USER}"],"userName":"x"/* */}`],
  ['a user without userName', value, JSON.stringify({ schemas: [USER] })],
  ['a userName that is a number', value, JSON.stringify({ schemas: [USER], userName: 5 })],
  ['a name that is text', value, JSON.stringify(userBody({ name: 'Ann' }))],
  ['e-mail addresses that are text', value, JSON.stringify(userBody({ emails: 'a@b.test' }))],
  ['one e-mail address outside of a list', value, JSON.stringify(userBody({ emails: { value: 'a@b.test' } }))],
  ['active that is text', value, JSON.stringify(userBody({ active: 'yes' }))],
  ['a title that is an object', value, JSON.stringify(userBody({ title: {} }))],
] as const) {
  t.test(`R-CREATE-4: ${name} is ${scimType}`, async (t) => {
    const before = await totalOf(call, '/Users');
    refused(t, await call('POST', '/Users', undefined, { raw: sent }), 400, scimType);
    t.equal(await totalOf(call, '/Users'), before, 'nothing is stored');
  });
}

t.test('R-CREATE-5: of twenty POSTs of one userName at once one succeeds', async (t) => {
  const userName = unique('race');
  const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => call('POST', '/Users', userBody({ userName: index % 2 === 0 ? userName : userName.toUpperCase() }))));
  t.equal(answers.filter(({ status }) => status === 201).length, 1);
  for (const answer of answers) if (answer.status !== 201) refused(t, answer, 409, 'uniqueness');
  t.equal(await totalOf(call, '/Users', `userName eq "${userName}"`), 1);
});

t.test('R-CREATE-6: unknown attributes are refused for a strict client (decision 7)', async (t) => {
  const before = await totalOf(call, '/Users');
  for (const extra of [{ shoeSize: 44 }, { name: { nick: 'x' } }, { emails: [{ value: 'a@b.test', verified: true }] }, { 'urn:example:other': { a: 1 } }]) {
    refused(t, await call('POST', '/Users', userBody(extra)), 400, 'invalidSyntax');
  }
  t.equal(await totalOf(call, '/Users'), before);
});

t.test('R-CREATE-6: and ignored for any other, never stored', async (t) => {
  const created = await call('POST', '/Users', userBody({ shoeSize: 44, name: { givenName: 'A', nick: 'x' } }), { token: tokens.tolerant });
  t.equal(created.status, 201);
  t.same(created.body.name, { givenName: 'A' });
  t.notMatch(created.text, /shoeSize|nick/);
  const stored = await app.store.collections.resources(app.registry.type('User')).findOne({ _id: created.body.id, t: tenants.own });
  t.notMatch(JSON.stringify(stored), /shoeSize|nick"/);
});

t.test('R-READ-1: GET answers what is always and by default returned', async (t) => {
  const user = await made(app, '/Users', userBody({ password: 'canary-1', title: 'x' }));
  const read = await call('GET', `/Users/${user.id}`);
  t.equal(read.status, 200);
  t.same(Object.keys(read.body).sort(), ['active', 'id', 'meta', 'schemas', 'title', 'userName']);
  t.equal(read.headers['etag'], read.body.meta.version);
});

t.test('R-READ-1: HEAD answers the same headers without a body', async (t) => {
  const user = await made(app, '/Users', userBody());
  const head = await call('HEAD', `/Users/${user.id}`);
  t.equal(head.status, 200);
  t.equal(head.text, '');
  t.equal(head.headers['etag'], user.meta.version);
});

t.test('R-READ-2: an id that never was, was deleted, is another type\'s or another tenant\'s is the same 404', async (t) => {
  const deleted = await made(app, '/Users', userBody());
  await call('DELETE', `/Users/${deleted.id}`);
  const group = await made(app, '/Groups', groupBody());
  const foreign = await call('POST', '/Users', userBody(), { token: tokens.other });
  const answers = await Promise.all([`019a0000-0000-7000-8000-000000000000`, deleted.id, group.id, foreign.body.id, 'x'].map((id) => call('GET', `/Users/${id}`)));
  for (const answer of answers) refused(t, answer, 404);
  t.equal(new Set(answers.map(({ text }) => text)).size, 1);
});

t.test('R-READ-3: an id is exact', async (t) => {
  const { id } = await made(app, '/Users', userBody());
  t.not(id, id.toUpperCase(), 'has letters');
  for (const other of [id.toUpperCase(), ` ${id}`, `${id} `, `${id}%00`]) refused(t, await call('GET', `/Users/${encodeURI(other)}`), 404);
  t.equal(await totalOf(call, '/Users', `id eq "${id.toUpperCase()}"`), 0);
});

t.test('R-READ-4: a filter on one resource answers a list of it or of nothing (decision 8)', async (t) => {
  const user = await made(app, '/Users', userBody({ active: true }));
  for (const [filter, totalResults] of [['active eq true', 1], ['active eq false', 0]] as const) {
    const { status, body } = await call('GET', `/Users/${user.id}${query({ filter })}`);
    t.equal(status, 200);
    t.match(body, { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults });
    t.equal((body.Resources ?? []).length, totalResults);
  }
  refused(t, await call('GET', `/Users/${user.id}${query({ filter: 'active' })}`), 400, 'invalidFilter');
});

t.test('R-CREATE-1: an answer to POST that cannot be read is still a created resource', async (t) => {
  const { token } = await makeClient(tenants.own, { tolerances: 'strict', scopes: ['groups:write'] });
  const displayName = unique('group');
  const created = await call('POST', '/Groups?attributes=displayName', { schemas: [GROUP], displayName }, { token });
  t.equal(created.status, 201);
  t.same(Object.keys(created.body).sort(), ['displayName', 'id', 'schemas']);
  refused(t, await call('GET', `/Groups/${created.body.id}`, undefined, { token }), 403);
  refused(t, await call('PATCH', `/Users/${created.body.id}`, patchBody({ op: 'remove', path: 'title' }), { token }), 403);
});
