/** /Me: RFC 7644 section 3.11, requirements R-ME. Strict clients. */
import t from 'tap';
import { ENTERPRISE, groupBody, patchBody, startApp, unique, userBody } from '../helpers/app.ts';
import { keeps, later, made, refused } from './expectations.ts';
import { idsOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call, tenants } = app;

/** A person, and a client that acts as that person. */
async function person(scopes?: readonly string[]) {
  const user = await made(app, '/Users', userBody({ displayName: 'Me', name: { familyName: 'Self' } }));
  const { token } = await app.makeClient(tenants.own, { tolerances: 'strict', person: user.id, ...(scopes ? { scopes } : {}) });
  return { user, token, path: `/Users/${user.id}` };
}
const rename = (value: string) => patchBody({ op: 'replace', path: 'nickName', value });

t.test('R-ME-1, R-ME-2, R-ME-3: GET answers the person\'s resource itself, under its permanent location', async (t) => {
  const { user, token } = await person();
  const me = await call('GET', '/Me', undefined, { token });
  t.equal(me.status, 200);
  t.same(me.body, user);
  t.equal(me.headers['location'], user.meta.location);
  t.match(me.headers['location'], /\/scim\/v2\/Users\/[^/]+$/);
  t.equal(me.body.meta.location, user.meta.location);
  t.equal(me.headers['etag'], user.meta.version);
  t.match(me.headers['content-type'], /^application\/scim\+json/);
});
t.test('R-ME-3: in the tenant\'s own path', async (t) => {
  const { user, token } = await person();
  const me = await call('GET', '/t/default/scim/v2/Me', undefined, { token });
  t.equal(me.headers['location'], `https://scim.example/t/default/scim/v2/Users/${user.id}`);
  t.equal(me.body.meta.location, me.headers['location']);
});
t.test('R-ME-3: every write names the permanent location', async (t) => {
  const { user, token } = await person();
  const put = await call('PUT', '/Me', userBody({ userName: user.userName }), { token });
  t.equal(put.headers['location'], user.meta.location);
  t.equal((await call('PATCH', '/Me', rename('x'), { token })).body.meta.location, user.meta.location);
});

t.test('R-ME-4: PATCH and PUT of /Me change the resource', async (t) => {
  const { user, token, path } = await person();
  const patched = await call('PATCH', '/Me', rename('Nick'), { token });
  t.equal(patched.status, 200);
  t.same((await call('GET', path)).body, patched.body);
  t.equal(patched.body.nickName, 'Nick');
  const put = await call('PUT', '/Me', userBody({ userName: user.userName, title: 'x' }), { token });
  t.equal(put.status, 200);
  t.notOk('nickName' in put.body);
  t.same((await call('GET', path)).body, put.body);
  t.same((await call('GET', '/Me', undefined, { token })).body, put.body);
});
t.test('R-ME-4: DELETE of /Me deletes the resource, and then there is nobody', async (t) => {
  const { token, path } = await person();
  const group = await made(app, '/Groups', groupBody({ members: [{ value: path.slice('/Users/'.length) }] }));
  const deleted = await call('DELETE', '/Me', undefined, { token });
  t.equal(deleted.status, 204);
  t.equal(deleted.text, '');
  refused(t, await call('GET', path), 404);
  t.notOk((await call('GET', `/Groups/${group.id}`)).body.members);
  for (const [method, body] of [['GET', undefined], ['PUT', userBody()], ['PATCH', rename('x')], ['DELETE', undefined]] as const) refused(t, await call(method, '/Me', body, { token }), 404);
});
t.test('R-ME-4: projection, versions and filters work as on the resource', async (t) => {
  const { user, token, path } = await person();
  for (const parameters of ['?attributes=displayName', '?excludedAttributes=name', '?attributes=name.familyName,meta']) {
    t.same((await call('GET', `/Me${parameters}`, undefined, { token })).body, (await call('GET', path + parameters)).body);
  }
  refused(t, await call('GET', '/Me?attributes=a&excludedAttributes=b', undefined, { token }), 400, 'invalidValue');
  const get = (tag: string) => call('GET', '/Me', undefined, { token, headers: { 'if-none-match': tag } });
  t.equal((await get(user.meta.version)).status, 304);
  t.equal((await get('W/"9"')).status, 200);
  for (const [filter, ids] of [['displayName eq "Me"', [user.id]], ['displayName eq "other"', []]] as const) {
    t.same(idsOf((await call('GET', `/Me?filter=${encodeURIComponent(filter)}`, undefined, { token })).body), ids);
  }
  await keeps(t, app, path, async () => {
    for (const [method, body] of [['PUT', userBody()], ['PATCH', rename('x')], ['DELETE', undefined]] as const) {
      refused(t, await call(method, '/Me', body, { token, headers: { 'if-match': 'W/"9"' } }), 412);
    }
  });
  later(app);
  t.equal((await call('PATCH', '/Me', rename('x'), { token, headers: { 'if-match': user.meta.version } })).headers['etag'], 'W/"2"');
});
t.test('R-ME-4: what is wrong on the resource is wrong on /Me', async (t) => {
  const { user, token, path } = await person();
  const other = await made(app, '/Users', userBody());
  await keeps(t, app, path, async () => {
    refused(t, await call('PUT', '/Me', userBody({ userName: other.userName }), { token }), 409, 'uniqueness');
    refused(t, await call('PUT', '/Me', {}, { token }), 400, 'invalidSyntax');
    refused(t, await call('PATCH', '/Me', patchBody({ op: 'replace', path: 'id', value: other.id }), { token }), 400, 'mutability');
    refused(t, await call('PATCH', '/Me', patchBody({ op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: 'nobody' } }), { token }), 400, 'invalidValue');
  });
  t.equal((await call('GET', '/Me', undefined, { token })).body.id, user.id);
});
t.test('R-ME-4: HEAD and OPTIONS', async (t) => {
  const { user, token } = await person();
  const head = await app.app.inject({ method: 'HEAD', url: '/scim/v2/Me', headers: { authorization: `Bearer ${token}` } });
  t.equal(head.statusCode, 200);
  t.equal(head.body, '');
  t.equal(head.headers['location'], user.meta.location);
  t.equal((await call('OPTIONS', '/Me', undefined, { token })).headers['allow'], 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
});
t.test('R-ME-4: the token\'s scopes hold', async (t) => {
  const reader = await person(['users:read']);
  await keeps(t, app, reader.path, async () => {
    for (const [method, body] of [['PUT', userBody()], ['PATCH', rename('x')], ['DELETE', undefined]] as const) refused(t, await call(method, '/Me', body, { token: reader.token }), 403);
  });
  t.equal((await call('GET', '/Me', undefined, { token: reader.token })).status, 200);
  refused(t, await call('GET', '/Me', undefined, { token: (await person(['groups:read'])).token }), 403);
  refused(t, await call('GET', '/Me', undefined, { token: undefined }), 401);
});
t.test('R-ME-4: a client that acts for nobody gets 404', async (t) => {
  for (const [method, body] of [['GET', undefined], ['PUT', userBody()], ['PATCH', rename('x')], ['DELETE', undefined]] as const) {
    const answer = await call(method, '/Me', body);
    refused(t, answer, 404);
    t.notOk(answer.headers['location']);
  }
});
t.test('R-ME-4: a person of another tenant is nobody', async (t) => {
  const stranger = await call('POST', '/Users', userBody(), { token: app.tokens.other });
  const { token } = await app.makeClient(tenants.own, { tolerances: 'strict', person: stranger.body.id });
  refused(t, await call('GET', '/Me', undefined, { token }), 404);
  refused(t, await call('DELETE', '/Me', undefined, { token }), 404);
});
t.test('R-ME-4: nobody is made at /Me', async (t) => {
  const { token } = await person();
  const userName = unique('made');
  for (const caller of [token, app.tokens.strict]) refused(t, await call('POST', '/Me', userBody({ userName }), { token: caller }), 501);
  t.equal((await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)).body.totalResults, 0);
});
