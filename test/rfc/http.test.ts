/** The HTTP surface: RFC 7644 sections 1.2, 3.2, 3.8, 3.12 and 3.13, requirements R-HTTP. */
import t from 'tap';
import { groupBody, startApp, userBody } from '../helpers/app.ts';
import { made, refused } from './expectations.ts';
import { query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call } = app;
const user = await made(app, '/Users', userBody());
const group = await made(app, '/Groups', groupBody());

for (const [accept, type] of [
  ['application/scim+json', /^application\/scim\+json/],
  ['application/json', /^application\/json/],
  ['application/json, application/scim+json;q=0.5', /^application\/scim\+json/],
  ['*/*', /^application\/scim\+json/],
  ['text/html', /^application\/scim\+json/],
] as const) {
  t.test(`R-HTTP-1 R-HTTP-2: Accept ${accept}`, async (t) => {
    const answer = await call('GET', `/Users/${user.id}`, undefined, { headers: { accept } });
    t.equal(answer.status, 200);
    t.match(answer.headers['content-type'], type);
    t.equal(answer.body.id, user.id);
  });
}

t.test('R-HTTP-2: without Accept the type is SCIM', async (t) => {
  for (const path of ['/Users', `/Users/${user.id}`, '/Schemas', '/ServiceProviderConfig']) {
    t.match((await call('GET', path)).headers['content-type'], /^application\/scim\+json(; *charset=utf-8)?$/, path);
  }
});

t.test('R-HTTP-3: bodies are UTF-8, in and out', async (t) => {
  const displayName = 'Ünïcødé 李 \u{1f600}';
  const { id } = await made(app, '/Users', userBody({ displayName }));
  t.equal((await call('GET', `/Users/${id}`)).body.displayName, displayName);
});

t.test('R-HTTP-3: bytes that are no UTF-8 are refused and not repaired', async (t) => {
  const before = await totalOf(call, '/Users');
  const raw = Buffer.concat([Buffer.from(JSON.stringify(userBody()).slice(0, -2)), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  refused(t, await call('POST', '/Users', undefined, { raw }), 400, 'invalidSyntax');
  t.equal(await totalOf(call, '/Users'), before);
});

for (const type of ['application/scim+json', 'application/json', 'application/scim+json;charset=utf-8', 'application/json; charset="UTF-8"', 'APPLICATION/SCIM+JSON']) {
  t.test(`R-HTTP-4: a body of ${type}`, async (t) => {
    t.equal((await call('POST', '/Users', userBody(), { headers: { 'content-type': type } })).status, 201);
  });
}

for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/scim+json;charset=latin1', 'nonsense']) {
  t.test(`R-HTTP-4: a body of ${type} is 415`, async (t) => {
    const before = await totalOf(call, '/Users');
    refused(t, await call('POST', '/Users', userBody(), { headers: { 'content-type': type } }), 415);
    t.equal(await totalOf(call, '/Users'), before);
  });
}

t.test('R-HTTP-5: v2 is spoken, another version is refused', async (t) => {
  t.equal((await call('GET', '/scim/v2/Users')).status, 200);
  for (const path of ['/scim/v9/Users', '/scim/v1/Users?count=1', '/scim/v3', '/t/default/scim/v9/Users']) refused(t, await call('GET', path), 400, 'invalidVers');
});

t.test('R-HTTP-6: unknown query parameters are ignored', async (t) => {
  const plain = await call('GET', '/Users');
  for (const unknown of ['?foo=1', '?foo', '?_=1&bar=a&bar=b']) t.same((await call('GET', `/Users${unknown}`)).body, plain.body);
  t.equal((await call('GET', `/Users/${user.id}?foo=1`)).status, 200);
  t.equal((await call('POST', '/Users?foo=1', userBody())).status, 201);
});

t.test('R-HTTP-7: under a base path every location begins with it', async (t) => {
  const inTenant = await call('POST', '/t/default/scim/v2/Groups', groupBody({ members: [{ value: user.id }] }));
  t.equal(inTenant.status, 201);
  const base = 'https://scim.example/t/default/scim/v2';
  t.equal(inTenant.body.meta.location, `${base}/Groups/${inTenant.body.id}`);
  t.equal(inTenant.headers['location'], inTenant.body.meta.location);
  t.equal(inTenant.body.members[0].$ref, `${base}/Users/${user.id}`);
  t.equal((await call('GET', '/t/default/scim/v2/Schemas')).body.Resources[0].meta.location.startsWith(`${base}/Schemas/`), true);
});

t.test('R-HTTP-7: PUBLIC_URL may have a path', async (t) => {
  const mounted = await startApp(t, 'mounted.test.ts', { publicUrl: 'https://scim.example/rollcall' });
  const answer = await mounted.app.inject({
    method: 'POST', url: '/rollcall/scim/v2/Users', payload: JSON.stringify(userBody()),
    headers: { authorization: `Bearer ${mounted.tokens.strict}`, 'content-type': 'application/scim+json', host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  });
  t.equal(answer.statusCode, 201, answer.body);
  t.match(answer.headers.location, /^https:\/\/scim\.example\/rollcall\/scim\/v2\/Users\//);
  t.notMatch(answer.body, /evil/);
});

const ITEM = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'];
for (const [path, allowed] of [
  ['/Users', ['GET', 'HEAD', 'POST']],
  ['/Groups', ['GET', 'HEAD', 'POST']],
  [`/Users/${user.id}`, ITEM],
  [`/Groups/${group.id}`, ITEM],
  ['/Users/.search', ['POST']],
  ['/Groups/.search', ['POST']],
  ['/.search', ['POST']],
  ['/Bulk', ['POST']],
  ['/ServiceProviderConfig', ['GET', 'HEAD']],
  ['/Schemas', ['GET', 'HEAD']],
  ['/Schemas/urn:ietf:params:scim:schemas:core:2.0:User', ['GET', 'HEAD']],
  ['/ResourceTypes', ['GET', 'HEAD']],
  ['/ResourceTypes/User', ['GET', 'HEAD']],
] as const) {
  t.test(`R-HTTP-8: ${path.replace(/[0-9a-f-]{36}/, '{id}')} takes ${allowed.join(', ')} and nothing else`, async (t) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => !allowed.some((one) => one === method))) {
      const answer = await call(method, path, method === 'GET' ? undefined : {});
      refused(t, answer, 405);
      t.same(String(answer.headers['allow']).split(', ').sort(), [...allowed, 'OPTIONS'].sort(), method);
    }
    t.equal((await call('GET', `/Users/${user.id}`)).status, 200, 'nothing is gone');
  });
}

t.test('R-HTTP-9: what is defined but not offered is 501', async (t) => {
  const user = await made(app, '/Users', userBody());
  const bound = await app.makeClient(app.tenants.own, { tolerances: 'strict', person: user.id });
  refused(t, await call('POST', '/Me', userBody(), { token: bound.token }), 501);
});

t.test('R-HTTP-10: the URL is percent-decoded once, before the filter is read', async (t) => {
  const plus = await made(app, '/Users', userBody({ displayName: 'a+b' }));
  const percent = await made(app, '/Users', userBody({ displayName: 'a%2Bb' }));
  const found = async (text: string) => (await call('GET', `/Users?filter=${text}`)).body.Resources.map((one: { id: string }) => one.id);
  t.same(await found('displayName%20eq%20%22a%2Bb%22'), [plus.id]);
  t.same(await found('displayName+eq+%22a%252Bb%22'), [percent.id]);
  refused(t, await call('GET', '/Users?filter=%zz'), 400, 'invalidValue');
});

t.test('R-HTTP-12: every endpoint that is announced answers', async (t) => {
  const { body } = await call('GET', '/ResourceTypes');
  for (const { endpoint, name } of body.Resources) {
    const list = await call('GET', `${endpoint}${query({ count: 1 })}`);
    t.equal(list.status, 200, endpoint);
    t.equal(list.body.Resources[0].meta.resourceType, name);
  }
});
