/** POST .search: RFC 7644 section 3.4.3, requirements R-SRCH. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { GROUP, groupBody, startApp, USER, userBody } from '../helpers/app.ts';
import { later, made, refused } from './expectations.ts';
import { query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call } = app;
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const search = (request: Readonly<Record<string, Json>>, endpoint = '/Users') => call('POST', `${endpoint}/.search`, { schemas: [SEARCH], ...request });

for (const [userName, attributes] of Object.entries({ ann: { title: 'x', name: { familyName: 'B' } }, bob: { title: 'y', name: { familyName: 'A' } }, cat: {}, dan: { title: 'X', active: false } })) {
  later(app);
  await made(app, '/Users', userBody({ userName, ...attributes }));
}
await made(app, '/Groups', groupBody({ displayName: 'g' }));

for (const [name, body] of [
  ['no schemas', {}], ['another message', { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'] }], ['schemas that are text', { schemas: SEARCH }],
  ['an empty list of schemas', { schemas: [] }], ['an array', []], ['a resource', { schemas: [USER], userName: 'x' }],
] as const) {
  t.test(`R-SRCH-1: ${name} is no search`, async (t) => {
    for (const endpoint of ['/Users', '/Groups', '']) refused(t, await call('POST', `${endpoint}/.search`, body), 400, 'invalidSyntax');
  });
}

const requests: readonly Readonly<Record<string, string | number | readonly string[]>>[] = [
  {}, { filter: 'title eq "x"' }, { filter: 'title pr' }, { filter: 'title pr and active eq true' }, { filter: 'name[familyName eq "a"]' }, { filter: 'userName eq "nobody"' },
  { sortBy: 'userName' }, { sortBy: 'userName', sortOrder: 'descending' }, { sortBy: 'title' }, { sortBy: 'name.familyName', sortOrder: 'descending' },
  { count: 2 }, { count: 0 }, { count: -1 }, { startIndex: 2 }, { startIndex: 0, count: 1 }, { startIndex: 99 },
  { attributes: ['userName'] }, { attributes: ['name.familyName', 'meta.version'] }, { excludedAttributes: ['meta', 'name'] },
  { filter: 'title pr', sortBy: 'userName', sortOrder: 'descending', startIndex: 2, count: 1, attributes: ['userName', 'title'] },
  { filter: 'title' }, { filter: '' }, { sortBy: 'name' }, { sortOrder: 'up', sortBy: 'userName' }, { filter: 'nothing pr' },
];
for (const request of requests) {
  t.test(`R-SRCH-1 R-SRCH-2: ${JSON.stringify(request)} answers as the GET does`, async (t) => {
    const parameters = Object.entries(request).map(([name, value]): [string, string] => [name, typeof value === 'object' ? value.join(',') : String(value)]);
    const get = await call('GET', `/Users${query(Object.fromEntries(parameters))}`);
    const post = await search(request);
    t.equal(post.status, get.status);
    t.same(post.body, get.body);
    t.equal(post.headers['content-type'], get.headers['content-type']);
    t.notOk(post.headers['location']);
  });
}

t.test('R-SRCH-3: at every endpoint and at the root', async (t) => {
  for (const [endpoint, total] of [['/Users', 4], ['/Groups', 1], ['', 5]] as const) {
    const { status, body } = await search({}, endpoint);
    t.equal(status, 200);
    t.same(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
    t.equal(body.totalResults, total);
  }
});

for (const [name, value] of [['count', '10'], ['count', 1.5], ['startIndex', '1'], ['startIndex', [1]], ['filter', 5], ['sortBy', { a: 1 }], ['sortOrder', 1], ['attributes', 'userName'], ['excludedAttributes', [1]]] as const) {
  t.test(`R-SRCH-3: ${name} of ${JSON.stringify(value)} is of another type than it must be`, async (t) => {
    for (const endpoint of ['/Users', '']) refused(t, await search({ [name]: value }, endpoint), 400, 'invalidValue');
  });
}

t.test('R-SRCH-3: null is no value, and names are in any case', async (t) => {
  const plain = await search({});
  t.same((await search({ filter: null, sortBy: null, count: null, attributes: null })).body, plain.body);
  t.same((await call('POST', '/Users/.search', { SCHEMAS: [SEARCH], FILTER: 'userName eq "ann"' })).body.totalResults, 1);
});

t.test('R-SRCH-4: .search makes nothing, and is no id', async (t) => {
  for (const [endpoint, body] of [['/Users', userBody()], ['/Groups', groupBody()]] as const) {
    const before = await totalOf(call, endpoint);
    refused(t, await call('POST', `${endpoint}/.search`, body), 400, 'invalidSyntax');
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) refused(t, await call(method, `${endpoint}/.search`, method === 'GET' ? undefined : body), 405);
    t.equal(await totalOf(call, endpoint), before);
  }
  refused(t, await call('POST', '/.search', { schemas: [GROUP], displayName: 'x' }), 400, 'invalidSyntax');
});
