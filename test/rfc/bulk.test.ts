/** POST /Bulk: RFC 7644 section 3.7, requirements R-BULK. Strict client. */
import { Readable } from 'node:stream';
import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { ENTERPRISE, GROUP, groupBody, patchBody, startApp, unique, USER, userBody, type Answer, type CallOptions } from '../helpers/app.ts';
import { EXTRA, testRegistry, THING } from '../properties/registry.ts';
import { ERROR, keeps, made, refused } from './expectations.ts';
import { totalOf } from './queries.ts';

const MAX_OPERATIONS = 20;
const MAX_BYTES = 20_000;
const BASE = 'https://scim.example/scim/v2';
const limits = { ...DEFAULT_LIMITS, bulkOperations: MAX_OPERATIONS, bulkBytes: MAX_BYTES };
const app = await startApp(t, import.meta.url, { limits }, { registry: testRegistry() });
const { call, store, tenants } = app;

const bulk = (Operations: readonly Json[], more: Record<string, Json> = {}, options: CallOptions = {}) => call('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations, ...more }, options);
const post = (bulkId: string, path: string, data: Json): Json => ({ method: 'POST', bulkId, path, data });
const user = (bulkId: string, attributes: Record<string, Json> = {}) => post(bulkId, '/Users', userBody(attributes));
const group = (bulkId: string, members: readonly string[] = [], displayName = unique('group')) =>
  post(bulkId, '/Groups', { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) });
const rename = (path: string, displayName: string, more: Record<string, Json> = {}): Json => ({ method: 'PATCH', path, data: patchBody({ op: 'replace', path: 'displayName', value: displayName }), ...more });
const remove = (path: string): Json => ({ method: 'DELETE', path });

const statuses = ({ body }: Answer): readonly string[] => body.Operations.map(({ status }: { status: string }) => status);
/** The path of what the operation at `index` wrote. */
const pathOf = ({ body }: Answer, index: number): string => String(body.Operations[index].location).slice(BASE.length);
const idOf = (answer: Answer, index: number) => pathOf(answer, index).split('/')[2] ?? '';
const named = (userName: string) => totalOf(call, '/Users', `userName eq "${userName}"`);
const memberIds = async (path: string): Promise<readonly string[]> => ((await call('GET', path)).body.members ?? []).map(({ value }: { value: string }) => value).sort();

function processed(t: Parameters<typeof refused>[0], answer: Answer, expected: readonly string[]): void {
  t.equal(answer.status, 200, answer.text.slice(0, 300));
  t.same(statuses(answer), expected, answer.text.slice(0, 1000));
}

t.test('R-BULK-1: the answer is 200 and a BulkResponse, whatever became of the operations', async (t) => {
  const answer = await bulk([user('a'), remove('/Users/nobody')]);
  t.equal(answer.status, 200);
  t.match(answer.headers['content-type'], /^application\/scim\+json/);
  t.same(Object.keys(answer.body), ['schemas', 'Operations']);
  t.same(answer.body.schemas, [MESSAGE.bulkResponse]);
  processed(t, await bulk([remove('/Users/nobody'), user('x', { userName: 5 })]), ['404', '400']);
  processed(t, await bulk([]), []);
});
for (const [name, body, scimType] of [
  ['no schemas', { Operations: [] }, 'invalidSyntax'], ['another message', { schemas: [MESSAGE.patchOp], Operations: [] }, 'invalidSyntax'],
  ['no operations', { schemas: [MESSAGE.bulkRequest] }, 'invalidSyntax'], ['operations that are an object', { schemas: [MESSAGE.bulkRequest], Operations: {} }, 'invalidSyntax'],
  ['an array', [], 'invalidSyntax'],
  ...[0, -1, 1.5, '1', true].map((failOnErrors) => [`failOnErrors of ${JSON.stringify(failOnErrors)}`, { schemas: [MESSAGE.bulkRequest], Operations: [], failOnErrors }, 'invalidValue'] as const),
] as const) {
  t.test(`R-BULK-1: ${name} is no bulk request`, async (t) => refused(t, await call('POST', '/Bulk', body), 400, scimType));
}
t.test('R-BULK-1: what is no JSON is refused as a whole', async (t) => {
  refused(t, await call('POST', '/Bulk', undefined, { raw: '{"schemas": [' }), 400, 'invalidSyntax');
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) refused(t, await call(method, '/Bulk'), 405);
});

for (const [name, operation] of [
  ['GET', { method: 'GET', path: '/Users' }], ['a method that is no text', { method: 1, path: '/Users' }], ['no method', { path: '/Users' }], ['no object', 'DELETE'],
  ['POST to a resource', post('x', '/Users/1', userBody())], ['PUT without data', { method: 'PUT', path: '/Users/1' }], ['PATCH without data', { method: 'PATCH', path: '/Users/1' }],
  ['POST without data', { method: 'POST', bulkId: 'x', path: '/Users' }], ['PUT of a collection', { method: 'PUT', path: '/Users', data: userBody() }],
  ['DELETE of a collection', remove('/Users')], ['no path', { method: 'POST', bulkId: 'x', data: userBody() }], ['the path /Bulk', post('x', '/Bulk', {})],
  ['a path that is no text', { method: 'DELETE', path: 7 }], ['an unknown endpoint', post('x', '/Nothings', userBody())], ['the path /Users/.search', post('x', '/Users/.search', userBody())],
  ['an absolute path', post('x', `${BASE}/Users`, userBody())], ['a path with a query', post('x', '/Users?attributes=id', userBody())], ['a discovery endpoint', post('x', '/Schemas', {})],
  ['an attribute in the path', remove('/Users/1/emails')], ['a broken escape in the path', remove('/Users/%E0%A4%A')],
] as const) {
  t.test(`R-BULK-2: an operation with ${name} is 400, and only that one`, async (t) => {
    const answer = await bulk([user('before'), operation, user('after')]);
    processed(t, answer, ['201', '400', '201']);
    t.notOk(answer.body.Operations[1].location);
  });
}

t.test('R-BULK-3: POST needs a bulkId', async (t) => {
  const users = await totalOf(call, '/Users');
  for (const bulkId of [undefined, '', null, 5]) {
    processed(t, await bulk([{ method: 'POST', path: '/Users', data: userBody(), ...(bulkId === undefined ? {} : { bulkId }) }]), ['400']);
  }
  t.equal(await totalOf(call, '/Users'), users);
});
t.test('R-BULK-3: a bulkId stands for the first operation that has it', async (t) => {
  const again = unique('again');
  const answer = await bulk([user('a'), user('a', { userName: again }), group('g', ['bulkId:a'])]);
  processed(t, answer, ['201', '400', '201']);
  t.same(await memberIds(pathOf(answer, 2)), [idOf(answer, 0)]);
  t.equal(await named(again), 0);
});

t.test('R-BULK-4, R-BULK-5: each operation has its own answer, with the parts that its outcome asks for', async (t) => {
  const [one, other] = [await made(app, '/Users', userBody()), await made(app, '/Users', userBody())];
  const path = `/Users/${one.id}`;
  const answer = await bulk([
    user('ok'), user('bad', { userName: one.userName }),
    { method: 'PUT', path, bulkId: 'put', data: userBody({ userName: one.userName, title: 'x' }) }, { method: 'PUT', path, data: {} },
    rename(path, 'y'), rename('/Users/nobody', 'y'), rename(path, 'y'), remove(`/Users/${other.id}`), remove('/Users/nobody'),
  ]);
  processed(t, answer, ['201', '409', '200', '400', '200', '404', '200', '204', '404']);
  const keys = (index: number) => Object.keys(answer.body.Operations[index]);
  t.same(keys(0), ['method', 'bulkId', 'location', 'version', 'status']);
  t.same(keys(1), ['method', 'bulkId', 'status', 'response'], 'a failed POST has no location');
  t.same(keys(2), ['method', 'bulkId', 'location', 'version', 'status']);
  t.same(keys(3), ['method', 'location', 'status', 'response']);
  t.same(keys(4), ['method', 'location', 'version', 'status']);
  t.same(keys(5), ['method', 'location', 'status', 'response']);
  t.same(keys(7), ['method', 'location', 'status']);
  t.same(keys(8), ['method', 'location', 'status', 'response']);
  const { Operations } = answer.body;
  t.same(Operations.map(({ method }: { method: string }) => method), ['POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE', 'DELETE']);
  t.same([Operations[0].bulkId, Operations[1].bulkId, Operations[2].bulkId], ['ok', 'bad', 'put']);
  t.same([Operations[2].version, Operations[4].version, Operations[6].version], ['W/"2"', 'W/"3"', 'W/"3"'], 'what changes nothing keeps the version');
  const created = await call('GET', pathOf(answer, 0));
  t.equal(created.body.meta.location, Operations[0].location);
  t.equal(created.body.meta.version, Operations[0].version);
  t.equal((await call('GET', path)).body.meta.version, Operations[6].version);
  for (const { status } of Operations) t.equal(typeof status, 'string');
});
t.test('R-BULK-4: locations follow the tenant in the path, versions the tag', async (t) => {
  const answer = await call('POST', '/t/default/scim/v2/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: [user('a')] });
  t.match(answer.body.Operations[0].location, /^https:\/\/scim\.example\/t\/default\/scim\/v2\/Users\/[\w-]+$/);
});

t.test('R-BULK-5: the status is that of the single call', async (t) => {
  const taken = await made(app, '/Users', userBody());
  for (const [single, operation] of [
    [() => call('POST', '/Users', { schemas: [USER] }), post('x', '/Users', { schemas: [USER] })],
    [() => call('POST', '/Users', userBody({ userName: taken.userName })), user('x', { userName: taken.userName })],
    [() => call('POST', '/Users', userBody({ nothing: 1 })), user('x', { nothing: 1 })],
    [() => call('PUT', '/Users/nobody', userBody()), { method: 'PUT', path: '/Users/nobody', data: userBody() }],
    [() => call('PATCH', `/Users/${taken.id}`, patchBody({ op: 'remove' })), { method: 'PATCH', path: `/Users/${taken.id}`, data: patchBody({ op: 'remove' }) }],
    [() => call('PATCH', `/Users/${taken.id}`, patchBody({ op: 'replace', path: 'id', value: 'x' })), { method: 'PATCH', path: `/Users/${taken.id}`, data: patchBody({ op: 'replace', path: 'id', value: 'x' }) }],
    [() => call('DELETE', '/Groups/nobody'), remove('/Groups/nobody')],
    [() => call('POST', '/Groups', groupBody({ members: [{ value: 'nobody' }] })), post('x', '/Groups', groupBody({ members: [{ value: 'nobody' }] }))],
  ] as const) {
    const alone = await single();
    const [{ status, response }] = (await bulk([operation])).body.Operations;
    t.ok(alone.status >= 400);
    t.equal(status, String(alone.status));
    t.same(response, alone.body);
  }
});

t.test('R-BULK-6: a failed operation carries the whole error', async (t) => {
  const answer = await bulk([user('a', { userName: '' }), remove('/Users/nobody'), { method: 'GET', path: '/Users' }, rename('/Users/nobody', 'x')]);
  for (const { status, response } of answer.body.Operations) {
    t.same(response.schemas, [ERROR]);
    t.equal(response.status, status);
    t.ok(response.detail);
  }
  t.equal(answer.body.Operations[0].response.scimType, 'invalidValue');
});

t.test('R-BULK-7: results stand in the order of the request, in whatever order the operations ran', async (t) => {
  const answer = await bulk([group('g', ['bulkId:u']), remove('/Users/nobody'), rename('/Users/bulkId:u', 'x'), user('u'), { method: 'TRACE' }]);
  processed(t, answer, ['201', '404', '200', '201', '400']);
  t.same(answer.body.Operations.map(({ method }: { method: string }) => method), ['POST', 'DELETE', 'PATCH', 'POST', 'TRACE']);
});

t.test('R-BULK-8: without failOnErrors a failure stops nothing', async (t) => {
  const [first, third] = [unique('first'), unique('third')];
  processed(t, await bulk([user('a', { userName: first }), user('b', { userName: first }), user('c', { userName: third })]), ['201', '409', '201']);
  t.same([await named(first), await named(third)], [1, 1]);
});

/** How an operation can fail: while it is read, while it is prepared, while it is written. */
const FAILURES: Readonly<Record<string, (taken: string) => Json>> = {
  'broken operation': () => ({ method: 'GET', path: '/Users' }),
  'invalid resource': () => post('bad', '/Users', { schemas: [USER] }),
  'taken userName': (userName) => user('bad', { userName }),
  'missing member': () => group('bad', ['nobody']),
};
for (const [name, fails] of Object.entries(FAILURES)) {
  t.test(`R-BULK-9: failOnErrors counts a ${name}, keeps what was done and does no more`, async (t) => {
    for (const [failOnErrors, expected] of [[1, 2], [2, 4], [3, 5]] as const) {
      const names = [unique('a'), unique('b'), unique('c')];
      const taken = (await made(app, '/Users', userBody())).userName;
      const [a, b, c] = names.map((userName, index) => user(`u${index}`, { userName }));
      const answer = await bulk([a ?? '', fails(taken), b ?? '', { method: 'DELETE', path: '/Users/nobody' }, c ?? ''], { failOnErrors });
      t.equal(answer.status, 200);
      t.equal(answer.body.Operations.length, expected, `failOnErrors ${failOnErrors}`);
      t.notOk('failOnErrors' in answer.body);
      t.same(await Promise.all(names.map(named)), [1, expected > 2 ? 1 : 0, expected > 4 ? 1 : 0]);
    }
  });
}
t.test('R-BULK-9: an operation behind the last error that is allowed has no answer, though it would fail as well', async (t) => {
  const { userName } = await made(app, '/Users', userBody());
  const failures = [user('a', { userName }), post('b', '/Users', { schemas: [USER] }), user('c', { userName }), user('d', { userName })];
  for (const [failOnErrors, expected] of [[1, ['409']], [2, ['409', '400']], [3, ['409', '400', '409']], [9, ['409', '400', '409', '409']]] as const) {
    processed(t, await bulk(failures, { failOnErrors }), expected);
  }
});
t.test('R-BULK-9: the error that stops the request may come early in the order of execution', async (t) => {
  const displayName = unique('waits');
  const answer = await bulk([group('g', ['bulkId:u'], displayName), remove('/Users/nobody'), user('u')], { failOnErrors: 1 });
  t.same(statuses(answer), ['404'], 'the group waited for the user, which was not made');
  t.equal(await totalOf(call, '/Groups', `displayName eq "${displayName}"`), 0);
});

t.test('R-BULK-10: the RFC\'s example: Bob and a group with Alice, who is made in the same request', async (t) => {
  const answer = await bulk([user('qwerty', { userName: unique('Alice') }), group('ytrewq', ['bulkId:qwerty']), user('bob')]);
  processed(t, answer, ['201', '201', '201']);
  t.same(await memberIds(pathOf(answer, 1)), [idOf(answer, 0)]);
  t.match((await call('GET', pathOf(answer, 0))).body.groups, [{ value: idOf(answer, 1), type: 'direct' }]);
});
t.test('R-BULK-10: in an extension, backwards, forwards, and to oneself', async (t) => {
  const boss = (bulkId: string) => ({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: `bulkId:${bulkId}` } } });
  const answer = await bulk([user('b', boss('a')), user('a', { displayName: 'A' }), user('c', boss('a')), user('self', boss('self'))]);
  processed(t, answer, ['201', '201', '201', '201']);
  for (const [report, manager] of [[0, 1], [2, 1], [3, 3]] as const) {
    t.equal((await call('GET', pathOf(answer, report))).body[ENTERPRISE].manager.value, idOf(answer, manager));
  }
  t.equal((await call('GET', pathOf(answer, 0))).body[ENTERPRISE].manager.displayName, 'A');
});
t.test('R-BULK-10: in PUT and PATCH', async (t) => {
  const [report, team] = [await made(app, '/Users', userBody()), await made(app, '/Groups', groupBody())];
  const other = await made(app, '/Groups', groupBody());
  const answer = await bulk([
    { method: 'PATCH', path: `/Users/${report.id}`, data: patchBody({ op: 'add', path: `${ENTERPRISE}:manager`, value: { value: 'bulkId:m' } }) },
    { method: 'PATCH', path: `/Groups/${team.id}`, data: patchBody({ op: 'add', value: { members: [{ value: 'bulkId:m' }, { value: report.id }] } }) },
    { method: 'PUT', path: `/Groups/${other.id}`, data: { schemas: [GROUP], displayName: other.displayName, members: [{ value: 'bulkId:m' }] } },
    user('m'),
  ]);
  processed(t, answer, ['200', '200', '200', '201']);
  t.equal((await call('GET', `/Users/${report.id}`)).body[ENTERPRISE].manager.value, idOf(answer, 3));
  t.same(await memberIds(`/Groups/${team.id}`), [idOf(answer, 3), report.id].sort());
  t.same(await memberIds(`/Groups/${other.id}`), [idOf(answer, 3)]);
});
t.test('R-BULK-10: in a resource type and an extension of one\'s own', async (t) => {
  const answer = await bulk([
    post('thing', '/Things', { schemas: [THING, EXTRA], label: 'x', 'one-string': 'bulkId:u', 'many-string': ['bulkId:u', 'other'], part: { value: 'bulkId:g' }, [EXTRA]: { 'x-exactReference': 'bulkId:u' } }),
    user('u'), group('g'),
  ]);
  processed(t, answer, ['201', '201', '201']);
  const { body } = await call('GET', pathOf(answer, 0));
  t.same([body['one-string'], body['many-string'], body.part.value, body[EXTRA]['x-exactReference']], [idOf(answer, 1), [idOf(answer, 1), 'other'], idOf(answer, 2), idOf(answer, 1)]);
});

t.test('R-BULK-11: references may point forwards, through several steps', async (t) => {
  const answer = await bulk([group('a', ['bulkId:b', 'bulkId:u']), group('b', ['bulkId:c']), rename('/Groups/bulkId:c', 'renamed'), group('c', ['bulkId:u']), user('u')]);
  processed(t, answer, ['201', '201', '200', '201', '201']);
  t.same(await memberIds(pathOf(answer, 0)), [idOf(answer, 1), idOf(answer, 4)].sort());
  t.same(await memberIds(pathOf(answer, 1)), [idOf(answer, 3)]);
  t.equal((await call('GET', pathOf(answer, 3))).body.displayName, 'renamed');
});
t.test('R-BULK-11: a user that is made, renamed and deleted leaves nothing', async (t) => {
  const userName = unique('brief');
  const answer = await bulk([user('a', { userName }), rename('/Users/bulkId:a', 'x'), remove('/Users/bulkId:a')]);
  processed(t, answer, ['201', '200', '204']);
  t.equal(await named(userName), 0);
  refused(t, await call('GET', pathOf(answer, 0)), 404);
  const audit = await store.collections.audit.find({ t: tenants.own, 'on.id': idOf(answer, 0) }).toArray();
  t.same(audit.map(({ action }) => action).sort(), ['create', 'delete', 'patch']);
});
t.test('R-BULK-11: a userName is free again behind a deletion or a renaming, and not before it', async (t) => {
  const [a, b, c] = [await made(app, '/Users', userBody()), await made(app, '/Users', userBody()), await made(app, '/Users', userBody())];
  const put = ({ id }: { id: string }, userName: string): Json => ({ method: 'PUT', path: `/Users/${id}`, data: userBody({ userName }) });
  processed(t, await bulk([user('x', { userName: a.userName }), remove(`/Users/${a.id}`), user('y', { userName: a.userName })]), ['409', '204', '201']);
  const free = unique('free');
  processed(t, await bulk([user('x', { userName: b.userName }), put(b, free), user('y', { userName: b.userName }), user('z', { userName: free })]), ['409', '200', '201', '409']);
  processed(t, await bulk([put(c, free), put({ id: b.id }, unique('gone')), put(c, free)]), ['409', '200', '200']);
});
t.test('R-BULK-11: two names cannot be swapped in two steps, by no client', async (t) => {
  for (const token of [app.tokens.strict, app.tokens.tolerant]) {
    const [g, h] = [await call('POST', '/Groups', groupBody(), { token }), await call('POST', '/Groups', groupBody(), { token })];
    const [a, b] = [await made(app, '/Users', userBody()), await made(app, '/Users', userBody())];
    const users = await bulk([{ method: 'PUT', path: `/Users/${a.id}`, data: userBody({ userName: b.userName }) }, { method: 'PUT', path: `/Users/${b.id}`, data: userBody({ userName: a.userName }) }], {}, { token });
    processed(t, users, ['409', '409']);
    const names = await bulk([rename(`/Groups/${g.body.id}`, h.body.displayName), rename(`/Groups/${h.body.id}`, g.body.displayName)], {}, { token });
    processed(t, names, token === app.tokens.strict ? ['200', '200'] : ['409', '409']);
  }
});
t.test('R-BULK-11: a group\'s name is taken until the operation that gives it up', async (t) => {
  const { tolerant: token } = app.tokens;
  const { body: old } = await call('POST', '/Groups', groupBody(), { token });
  const answer = await bulk([group('a', [], old.displayName), rename(`/Groups/${old.id}`, unique('new')), group('b', [], old.displayName)], {}, { token });
  processed(t, answer, ['409', '200', '201']);
});
t.test('R-BULK-11: a change behind the deletion of a manager does not bring the reference back', async (t) => {
  for (const change of [
    ({ id }: { id: string }) => rename(`/Users/${id}`, 'x'),
    ({ id, userName }: { id: string; userName: string }): Json => ({ method: 'PUT', path: `/Users/${id}`, data: { schemas: [USER, ENTERPRISE], userName, [ENTERPRISE]: { department: 'd' } } }),
  ]) {
    const manager = await made(app, '/Users', userBody());
    const report = await made(app, '/Users', { schemas: [USER, ENTERPRISE], userName: unique('report'), [ENTERPRISE]: { manager: { value: manager.id }, department: 'd' } });
    const answer = await bulk([remove(`/Users/${manager.id}`), change(report)]);
    processed(t, answer, ['204', '200']);
    const after = await call('GET', `/Users/${report.id}`);
    t.notOk(after.body[ENTERPRISE].manager, after.text);
    t.equal(answer.body.Operations[1].version, after.body.meta.version);
  }
});
t.test('R-BULK-11: a reference to what was deleted before is refused, though it stood there', async (t) => {
  const manager = await made(app, '/Users', userBody());
  const body = { schemas: [USER, ENTERPRISE], userName: unique('report'), [ENTERPRISE]: { manager: { value: manager.id } } };
  const report = await made(app, '/Users', body);
  processed(t, await bulk([remove(`/Users/${manager.id}`), { method: 'PUT', path: `/Users/${report.id}`, data: { ...body, title: 'x' } }]), ['204', '400']);
});
t.test('R-BULK-11: the version of a group counts the members that were deleted before', async (t) => {
  const member = await made(app, '/Users', userBody());
  const team = await made(app, '/Groups', groupBody({ members: [{ value: member.id }] }));
  const answer = await bulk([remove(`/Users/${member.id}`), rename(`/Groups/${team.id}`, unique('x'))]);
  processed(t, answer, ['204', '200']);
  t.equal((await call('GET', `/Groups/${team.id}`)).body.meta.version, answer.body.Operations[1].version);
  const other = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody({ members: [{ value: other.id }] }));
  for (const operation of [rename(`/Groups/${group.id}`, 'x', { version: group.meta.version }), { method: 'DELETE', path: `/Groups/${group.id}`, version: group.meta.version }]) {
    const user = await made(app, '/Users', userBody());
    const current = await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: user.id }] }));
    processed(t, await bulk([remove(`/Users/${user.id}`), { ...operation as object, version: current.body.meta.version }]), ['204', '412']);
  }
});
t.test('R-BULK-11: a filter on the names of members sees those that were given before', async (t) => {
  const [a, b] = [await made(app, '/Users', userBody({ displayName: 'a' })), await made(app, '/Users', userBody({ displayName: 'b' }))];
  const team = await made(app, '/Groups', groupBody({ members: [{ value: a.id }, { value: b.id }] }));
  const answer = await bulk([rename(`/Users/${a.id}`, 'b2'), { method: 'PATCH', path: `/Groups/${team.id}`, data: patchBody({ op: 'remove', path: 'members[display eq "b2"]' }) }]);
  processed(t, answer, ['200', '200']);
  t.same(await memberIds(`/Groups/${team.id}`), [b.id]);
});

t.test('R-BULK-12: two groups may hold each other, and three in a ring', async (t) => {
  const two = await bulk([group('a', ['bulkId:b']), group('b', ['bulkId:a'])]);
  processed(t, two, ['201', '201']);
  t.same([await memberIds(pathOf(two, 0)), await memberIds(pathOf(two, 1))], [[idOf(two, 1)], [idOf(two, 0)]]);
  const three = await bulk([rename('/Groups/bulkId:c', 'last'), group('a', ['bulkId:b']), user('x'), group('b', ['bulkId:c', 'bulkId:x']), group('c', ['bulkId:a'])]);
  processed(t, three, ['200', '201', '201', '201', '201']);
  t.same(await memberIds(pathOf(three, 3)), [idOf(three, 0), idOf(three, 2)].sort());
  const managers = await bulk(['ab', 'bc', 'ca'].map(([own = '', boss = '']) => user(own, { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: `bulkId:${boss}` } } })));
  processed(t, managers, ['201', '201', '201']);
});
t.test('R-BULK-12: a circle that cannot be closed is not made, in no part', async (t) => {
  const [groups, users] = [await totalOf(call, '/Groups'), await totalOf(call, '/Users')];
  for (const broken of [post('b', '/Groups', { schemas: [GROUP], members: [{ value: 'bulkId:a' }] }), group('b', ['bulkId:a', 'nobody'])]) {
    const answer = await bulk([group('a', ['bulkId:b']), broken, group('c', ['bulkId:a'])]);
    t.ok(statuses(answer).every((status) => status === '400' || status === '409'), answer.text);
  }
  t.same([await totalOf(call, '/Groups'), await totalOf(call, '/Users')], [groups, users]);
});
t.test('R-BULK-12: what only points to a circle does not break it', async (t) => {
  const taken = (await made(app, '/Users', userBody())).userName;
  const reports = (bulkId: string, boss: string, more = {}) => user(bulkId, { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: `bulkId:${boss}` } }, ...more });
  const answer = await bulk([reports('a', 'b'), reports('bystander', 'a', { userName: taken }), reports('b', 'a')]);
  processed(t, answer, ['201', '409', '201']);
});

for (const [name, fails] of Object.entries(FAILURES)) {
  t.test(`R-BULK-13: what refers to a ${name} fails too, and leaves no literal`, async (t) => {
    const taken = (await made(app, '/Users', userBody())).userName;
    const bystander = await made(app, '/Groups', groupBody());
    const failing = { ...fails(taken) as Record<string, Json>, bulkId: 'bad' };
    const add: Json = { method: 'PATCH', path: `/Groups/${bystander.id}`, data: patchBody({ op: 'add', path: 'members', value: [{ value: 'bulkId:bad' }] }) };
    const before = await totalOf(call, '/Groups');
    await keeps(t, app, `/Groups/${bystander.id}`, async () => {
      for (const operations of [[failing, group('g', ['bulkId:bad']), add], [group('g', ['bulkId:bad']), add, failing]]) {
        const answer = await bulk(operations);
        t.ok(statuses(answer).every((status) => status === '400' || status === '409'), answer.text);
        t.notOk(answer.body.Operations.some(({ response }: { response: { detail: string } }) => /[0-9a-f]{8}-[0-9a-f]{4}-7/.test(response.detail)), `no id that nobody has heard of: ${answer.text}`);
      }
    });
    t.equal(await totalOf(call, '/Groups'), before);
  });
}
t.test('R-BULK-13: a bulkId that nobody has is an error, in data and in the path', async (t) => {
  const [users, groups] = [await totalOf(call, '/Users'), await totalOf(call, '/Groups')];
  const answer = await bulk([
    group('g', ['bulkId:ghost']), user('u', { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: 'bulkId:ghost' } } }),
    rename('/Users/bulkId:ghost', 'x'), { method: 'PUT', path: '/Users/bulkId:ghost', data: userBody() }, remove('/Users/bulkId:ghost'), group('h', ['bulkId:']),
  ]);
  processed(t, answer, ['400', '400', '400', '400', '400', '400']);
  t.same([await totalOf(call, '/Users'), await totalOf(call, '/Groups')], [users, groups]);
  t.notMatch((await call('GET', '/Groups?count=1000')).text, /bulkId:/);
});

t.test('R-BULK-14: a bulkId in the path, backwards and forwards', async (t) => {
  const answer = await bulk([
    rename('/Users/bulkId:late', 'forward'), user('early'), rename('/Users/bulkId:early', 'patched'), user('late'),
    { method: 'PUT', path: '/Groups/bulkId:g', data: groupBody({ displayName: 'put' }) }, group('g'), group('gone'), remove('/Groups/bulkId:gone'),
  ]);
  processed(t, answer, ['200', '201', '200', '201', '200', '201', '201', '204']);
  t.equal((await call('GET', pathOf(answer, 0))).body.displayName, 'forward');
  t.equal((await call('GET', pathOf(answer, 1))).body.displayName, 'patched');
  t.equal((await call('GET', pathOf(answer, 5))).body.displayName, 'put');
  t.equal(pathOf(answer, 0), pathOf(answer, 3));
  refused(t, await call('GET', pathOf(answer, 6)), 404);
});
t.test('R-BULK-14: a bulkId in a value filter of a PATCH path, escaped in the path, and of another type', async (t) => {
  const answer = await bulk([
    user('a'), user('b'), group('g', ['bulkId:a', 'bulkId:b']),
    { method: 'PATCH', path: '/Groups/bulkId:g', data: patchBody({ op: 'remove', path: 'members[value eq "bulkId:a"]' }) },
    rename('/Users/bulkId%3Aa', 'escaped'), remove('/Groups/bulkId:a'),
  ]);
  processed(t, answer, ['201', '201', '201', '200', '200', '404']);
  t.same(await memberIds(pathOf(answer, 2)), [idOf(answer, 1)]);
  t.equal((await call('GET', pathOf(answer, 0))).body.displayName, 'escaped');
});

t.test('R-BULK-15: a version is If-Match, of what earlier operations left too', async (t) => {
  for (const [version, status] of [['W/"1"', '200'], ['"1"', '200'], ['*', '200'], ['W/"7"', '412'], ['nonsense', '412']] as const) {
    const { id } = await made(app, '/Users', userBody({ displayName: 'old' }));
    processed(t, await bulk([rename(`/Users/${id}`, 'new', { version })]), [status]);
    t.equal((await call('GET', `/Users/${id}`)).body.displayName, status === '200' ? 'new' : 'old');
  }
  const { id } = await made(app, '/Users', userBody());
  const put = (version: string): Json => ({ method: 'PUT', path: `/Users/${id}`, version, data: userBody() });
  const answer = await bulk([put('W/"1"'), put('W/"1"'), rename(`/Users/${id}`, 'x', { version: 'W/"2"' }), { method: 'DELETE', path: `/Users/${id}`, version: 'W/"2"' }, { method: 'DELETE', path: `/Users/${id}`, version: 'W/"3"' }]);
  processed(t, answer, ['200', '412', '200', '412', '204']);
  t.equal(answer.body.Operations[1].response.status, '412');
  const fresh = await bulk([user('a'), rename('/Users/bulkId:a', 'x', { version: 'W/"1"' }), rename('/Users/bulkId:a', 'y', { version: 'W/"1"' })]);
  processed(t, fresh, ['201', '200', '412']);
});

t.test('R-BULK-16: each operation needs its own scope', async (t) => {
  const own = await made(app, '/Users', userBody());
  const operations = [user('a'), { method: 'PUT', path: `/Users/${own.id}`, data: userBody() }, rename(`/Users/${own.id}`, 'x'), remove(`/Users/${own.id}`), group('g')];
  const token = async (scopes: readonly string[]) => (await app.makeClient(tenants.own, { scopes, tolerances: 'strict' })).token;
  const [users, groups] = [await totalOf(call, '/Users'), await totalOf(call, '/Groups')];
  await keeps(t, app, `/Users/${own.id}`, async () => {
    processed(t, await bulk(operations, {}, { token: await token(['users:read', 'groups:read']) }), ['403', '403', '403', '403', '403']);
  });
  t.same([await totalOf(call, '/Users'), await totalOf(call, '/Groups')], [users, groups]);
  processed(t, await bulk(operations, {}, { token: await token(['users:write']) }), ['201', '200', '200', '204', '403']);
});
t.test('R-BULK-16: nothing is reached without a token, or in another tenant', async (t) => {
  refused(t, await bulk([], {}, { token: undefined }), 401);
  const foreign = await call('POST', '/Users', userBody(), { token: app.tokens.other });
  const path = `/Users/${foreign.body.id}`;
  const answer = await bulk([
    { method: 'PUT', path, data: userBody() }, rename(path, 'x'), remove(path), group('g', [foreign.body.id]),
    user('u', { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: foreign.body.id } } }), user('same', { userName: foreign.body.userName }),
  ]);
  processed(t, answer, ['404', '404', '404', '400', '400', '201']);
  t.same((await call('GET', path, undefined, { token: app.tokens.other })).body, foreign.body);
});
t.test('R-BULK-16: an operation is all or nothing, and none is rolled back for another', async (t) => {
  const member = await made(app, '/Users', userBody());
  const team = await made(app, '/Groups', groupBody());
  const halves = patchBody({ op: 'replace', path: 'displayName', value: 'half' }, { op: 'add', path: 'members', value: [{ value: member.id }, { value: 'nobody' }] });
  await keeps(t, app, `/Groups/${team.id}`, async () => {
    const answer = await bulk([user('a'), { method: 'PATCH', path: `/Groups/${team.id}`, data: halves }, user('b')]);
    processed(t, answer, ['201', '400', '201']);
    for (const index of [0, 2]) t.equal((await call('GET', pathOf(answer, index))).status, 200);
  });
});
t.test('R-BULK-16: one audit entry for each operation that changed something, none for the others', async (t) => {
  const one = await made(app, '/Users', userBody({ displayName: 'same' }));
  const entries = () => store.collections.audit.countDocuments({ t: tenants.own });
  const before = await entries();
  const answer = await bulk([user('a'), user('b', { userName: one.userName }), rename(`/Users/${one.id}`, 'same'), rename(`/Users/${one.id}`, 'new'), group('g', ['bulkId:a']), remove('/Users/nobody'), remove('/Users/bulkId:a')]);
  processed(t, answer, ['201', '409', '200', '200', '201', '404', '204']);
  t.equal(await entries() - before, 4);
  const created = await store.collections.audit.findOne({ t: tenants.own, 'on.id': idOf(answer, 0), action: 'create' });
  t.match(created, { by: { kind: 'client' }, on: { type: 'User' }, version: 1 });
});
t.test('R-BULK-16: a password is hashed, never told, and needs its checks', async (t) => {
  const answer = await bulk([user('a', { password: 'correct horse battery staple' })]);
  processed(t, answer, ['201']);
  t.notMatch(answer.text, /correct horse/);
  const credential = await store.collections.credentials.findOne({ _id: idOf(answer, 0), t: tenants.own });
  t.match(credential?.hash, /^\$argon2id\$/);
});
t.test('R-BULK-16: a client\'s tolerances hold inside', async (t) => {
  const operations = [post('a', '/Users', { userName: unique('user') })];
  processed(t, await bulk(operations), ['400']);
  processed(t, await bulk(operations, {}, { token: app.tokens.tolerant }), ['201']);
});

t.test('R-BULK-17: more than maxOperations is 413, and nothing is done', async (t) => {
  const names = Array.from({ length: MAX_OPERATIONS + 1 }, () => unique('many'));
  const operations = names.map((userName) => user(userName, { userName }));
  const answer = await bulk(operations);
  refused(t, answer, 413);
  t.match(answer.body.detail, /maxOperations.*20/);
  t.same([await named(names[0] ?? ''), await named(names[MAX_OPERATIONS - 1] ?? '')], [0, 0]);
  processed(t, await bulk(operations.slice(1)), operations.slice(1).map(() => '201'));
});

/** A request of exactly so many bytes. */
function ofBytes(bytes: number, userName: string): string {
  const body = (padding: string) => JSON.stringify({ schemas: [MESSAGE.bulkRequest], Operations: [user('a', { userName, title: padding })] });
  return body('x'.repeat(bytes - body('').length));
}
for (const [name, send] of [
  ['with Content-Length', (raw: string) => call('POST', '/Bulk', undefined, { raw })],
  ['without it', async (raw: string): Promise<Answer> => {
    const headers = { authorization: `Bearer ${app.tokens.strict}`, 'content-type': 'application/scim+json', 'transfer-encoding': 'chunked' };
    const answer = await app.app.inject({ method: 'POST', url: '/scim/v2/Bulk', headers, payload: Readable.from([raw.slice(0, 10_000), raw.slice(10_000)]) });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body: JSON.parse(answer.body) };
  }],
] as const) {
  t.test(`R-BULK-18: a body larger than maxPayloadSize is 413, ${name}`, async (t) => {
    const [large, fitting] = [unique('large'), unique('fits')];
    const answer = await send(ofBytes(MAX_BYTES + 1, large));
    refused(t, answer, 413);
    t.match(answer.body.detail, /maxPayloadSize.*20000/);
    t.equal(await named(large), 0);
    processed(t, await send(ofBytes(MAX_BYTES, fitting)), ['201']);
  });
}

t.test('R-BULK-19: the limits are those that ServiceProviderConfig shows', async (t) => {
  const { body } = await call('GET', '/ServiceProviderConfig');
  t.same(body.bulk, { supported: true, maxOperations: MAX_OPERATIONS, maxPayloadSize: MAX_BYTES });
});

t.test('R-BULK-20: the data of PATCH is a whole PatchOp message', async (t) => {
  const { id } = await made(app, '/Users', userBody({ displayName: 'old' }));
  const operations = [{ op: 'replace', path: 'displayName', value: 'new' }];
  for (const [data, status] of [[operations, '400'], [{ Operations: operations }, '400'], [{ displayName: 'new' }, '400'], [{ schemas: [USER], Operations: operations }, '400'], [patchBody(...operations), '200']] as const) {
    processed(t, await bulk([{ method: 'PATCH', path: `/Users/${id}`, data }]), [status]);
  }
  t.equal((await call('GET', `/Users/${id}`)).body.displayName, 'new');
});
