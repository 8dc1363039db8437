/** `Prefer: handling=dry-run`: the answer that a write would get, and a database in which nothing of it is. */
import fc from 'fast-check';
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { ACCOUNT, PASSWORD, startWorld } from '../accounts/world.ts';
import { GROUP, groupBody, patchBody, unique, USER, userBody, type Answer } from '../helpers/app.ts';
import { counterexample, text } from '../helpers/arbitraries.ts';

const world = await startWorld(t, import.meta.url);
const { call, makeClient, tenants } = world;
const DRY = { prefer: 'handling=dry-run' };
const EXTERNAL = 'urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User';
const shows = [ACCOUNT, EXTERNAL, 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company', 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Role'];
const inviting = (await makeClient(tenants.own, { scopes: ['*', 'users:password'], shows, settings: { signInMethod: 'invite' } })).token;
const hiding = (await makeClient(tenants.own, { scopes: ['*'], shows, settings: { onDelete: 'hide', signInMethod: 'none' } })).token;
const guarded = (await makeClient(tenants.own, { scopes: ['*'], shows, settings: { guardChanges: 1, guardShare: 0, guardMembers: 2, signInMethod: 'none' } })).token;
const narrow = (await makeClient(tenants.own, { scopes: ['users:read'], shows })).token;

/** Everything that is stored, provisioning log and traces too, but for the log's entry that a request was made. */
async function stored(): Promise<string> {
  await world.store.settled();
  const traces = await world.database.collection('traces').find().sort({ _id: 1 }).toArray();
  return JSON.stringify([await world.everything(), traces]);
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** An answer without the ids that were made for it. */
function plain({ status, headers, text: body }: Answer, known: string) {
  const seen = (value: unknown) => (typeof value === 'string' ? value : '').replaceAll(UUID, (id) => (known.includes(id) ? id : 'new'));
  return { status, body: seen(body), etag: headers['etag'], location: seen(headers['location']), type: headers['content-type'], retry: headers['retry-after'], asks: headers['www-authenticate'] };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}
const ask = ({ method, path, body, token = inviting, headers = {} }: Asked, dry: boolean) => call(method, path, body, { token, headers: { ...headers, ...(dry ? DRY : {}) } });

/** Asks twice, first dry. @returns both answers, and what was wrong */
async function both(asked: Asked) {
  const before = await stored();
  const dry = await ask(asked, true);
  const after = await stored();
  const real = await ask(asked, false);
  const faults = [
    ...(after === before ? [] : ['something was stored']),
    ...(JSON.stringify(plain(dry, before)) === JSON.stringify(plain(real, before)) ? [] : [`dry ${JSON.stringify(plain(dry, before))}\nreal ${JSON.stringify(plain(real, before))}`]),
    ...(dry.headers['preference-applied'] === 'handling=dry-run' ? [] : ['not said to be applied']),
    ...(real.headers['preference-applied'] === undefined && real.headers['rollcall-changes'] === undefined ? [] : ['said of a real one']),
  ];
  return { dry, real, faults };
}

const made = async (path: string, body: Json) => (await call('POST', path, body, { token: inviting })).body.id as string;
const etagOf = async (path: string) => (await call('GET', path, undefined, { token: inviting })).headers['etag'] as string;

t.test('each write answers as it would, whatever it is, and leaves nothing', async (t) => {
  const [person, other, gone, target] = await Promise.all(['a', 'b', 'c', 'd'].map(() => made('/Users', userBody({ displayName: 'Somebody', emails: [{ value: `${unique('dry')}@example.com` }] }))));
  const taken = unique('taken');
  await made('/Users', userBody({ userName: taken }));
  const group = await made('/Groups', groupBody({ members: [{ value: person ?? '' }, { value: target ?? '' }] }));
  const role = unique('Role');
  await made('/Roles', { schemas: ['urn:ietf:params:scim:schemas:extension:rollcall:2.0:Role'], displayName: role, group: { value: group } });
  const tag = await etagOf(`/Users/${person}`);
  const rows: Readonly<Record<string, Asked & { readonly expects: number; readonly changes?: RegExp }>> = {
    'a create with an invitation and a password': { method: 'POST', path: '/Users', body: userBody({ emails: [{ value: `${unique('new')}@example.com` }], password: PASSWORD }), expects: 201, changes: /userName/ },
    'a create with an invitation': { method: 'POST', path: '/Users', body: userBody({ emails: [{ value: `${unique('new')}@example.com` }], externalId: 'x1' }), expects: 201 },
    'a name that is taken': { method: 'POST', path: '/Users', body: userBody({ userName: taken }), expects: 409 },
    'no schema': { method: 'POST', path: '/Users', body: { schemas: 'User', userName: 'x' }, expects: 400 },
    'a group with members': { method: 'POST', path: '/Groups', body: groupBody({ members: [{ value: person ?? '' }] }), expects: 201 },
    'a member that does not exist': { method: 'POST', path: '/Groups', body: groupBody({ members: [{ value: 'nobody' }] }), expects: 400 },
    'a change of a name': { method: 'PATCH', path: `/Users/${person}`, body: patchBody({ op: 'replace', path: 'title', value: 'CEO' }), headers: { 'if-match': tag }, expects: 200, changes: /^title$/ },
    'a version that is over': { method: 'PATCH', path: `/Users/${person}`, body: patchBody({ op: 'replace', path: 'title', value: 'CFO' }), headers: { 'if-match': tag }, expects: 412 },
    'a change that changes nothing': { method: 'PATCH', path: `/Users/${person}`, body: patchBody({ op: 'replace', path: 'title', value: 'CEO' }), expects: 200, changes: /^$/ },
    'a role that is tied to a group': { method: 'PATCH', path: `/Users/${other}`, body: patchBody({ op: 'add', path: 'roles', value: [{ value: role }] }), expects: 200, changes: /^roles$/ },
    'a password': { method: 'PATCH', path: `/Users/${other}`, body: patchBody({ op: 'replace', path: 'password', value: PASSWORD }), expects: 200 },
    'a deactivation': { method: 'PATCH', path: `/Users/${other}`, body: patchBody({ op: 'replace', path: 'active', value: false }), expects: 200 },
    'a PUT': { method: 'PUT', path: `/Users/${person}`, body: userBody({ userName: unique('put'), active: true }), expects: 200, changes: /userName/ },
    'a PUT that says something again': { method: 'PUT', path: `/Users/${person}`, body: userBody({ userName: unique('put'), active: true }), expects: 200 },
    'a manager': { method: 'PATCH', path: `/Users/${person}`, body: patchBody({ op: 'replace', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value', value: target ?? '' }), expects: 200 },
    'members that go': { method: 'PATCH', path: `/Groups/${group}`, body: patchBody({ op: 'remove', path: `members[value eq "${person}"]` }), expects: 200 },
    'all members': { method: 'PUT', path: `/Groups/${group}`, body: groupBody({ displayName: unique('again'), members: [{ value: target ?? '' }, { value: other ?? '' }] }), expects: 200 },
    'a deletion of somebody who is pointed to': { method: 'DELETE', path: `/Users/${target}`, expects: 204 },
    'a deletion that hides': { method: 'DELETE', path: `/Users/${gone}`, token: hiding, expects: 204 },
    'somebody who is gone': { method: 'DELETE', path: `/Users/${gone}`, expects: 404 },
    'a group that is tied to a role': { method: 'DELETE', path: `/Groups/${group}`, expects: 204 },
    'without the scope': { method: 'PATCH', path: `/Users/${person}`, body: patchBody({ op: 'replace', path: 'title', value: 'x' }), token: narrow, expects: 403 },
    'an unknown path': { method: 'PATCH', path: `/Users/${person}`, body: patchBody({ op: 'replace', path: 'nothing.at.all', value: 'x' }), expects: 400 },
    'attributes in the answer': { method: 'PATCH', path: `/Users/${person}?attributes=title,groups`, body: patchBody({ op: 'replace', path: 'title', value: 'x' }), expects: 200 },
  };
  for (const [what, { expects, changes, ...asked }] of Object.entries(rows)) {
    const { dry, faults } = await both(asked);
    t.equal(dry.status, expects, `${what}: ${dry.text}`);
    t.same(faults, [], what);
    if (changes) t.match(dry.headers['rollcall-changes'], changes, what);
  }
});

t.test('the guard refuses what it would refuse, and counts nothing of it', async (t) => {
  const people = await Promise.all(['a', 'b', 'c'].map(() => made('/Users', userBody())));
  const group = await made('/Groups', groupBody({ members: people.map((value) => ({ value })) }));
  const off = (id: string | undefined): Asked => ({ method: 'PATCH', path: `/Users/${id}`, body: patchBody({ op: 'replace', path: 'active', value: false }), token: guarded });
  for (let time = 0; time < 3; time++) t.equal((await ask(off(people[0]), true)).status, 200);
  const first = await both(off(people[0]));
  t.same([first.real.status, first.faults], [200, []]);
  const before = await stored();
  const refused = await ask(off(people[1]), true);
  t.match(refused, { status: 429, headers: { 'retry-after': /\d+/, 'preference-applied': /dry-run/ }, body: { detail: /may deactivate or delete 1 people/ } });
  t.equal(await stored(), before, 'no hold, no mail to administrators, no entry');
  t.same((await both(off(people[1]))).faults, []);
  t.same((await both({ method: 'PUT', path: `/Groups/${group}`, body: groupBody({ displayName: unique('g'), members: [] }), token: guarded })).faults, []);
});

t.test('each operation of a bulk request answers as it would, those after an error too', async (t) => {
  const person = await made('/Users', userBody());
  const taken = unique('taken');
  await made('/Users', userBody({ userName: taken }));
  const Operations: Json[] = [
    { method: 'POST', path: '/Users', bulkId: 'a', data: userBody({ emails: [{ value: `${unique('bulk')}@example.com` }] }) },
    { method: 'POST', path: '/Groups', bulkId: 'g', data: groupBody({ members: [{ value: 'bulkId:a' }, { value: 'bulkId:b' }] }) },
    { method: 'POST', path: '/Users', bulkId: 'taken', data: userBody({ userName: taken }) },
    { method: 'POST', path: '/Users', bulkId: 'b', data: userBody() },
    { method: 'PATCH', path: `/Users/${person}`, data: patchBody({ op: 'replace', path: 'title', value: 'x' }) },
    { method: 'PATCH', path: `/Users/${person}`, version: 'W/"99"', data: patchBody({ op: 'replace', path: 'title', value: 'y' }) },
    { method: 'PATCH', path: '/Groups/bulkId:g', data: patchBody({ op: 'remove', path: 'members[value eq "bulkId:a"]' }) },
    { method: 'DELETE', path: '/Users/bulkId:b' },
    { method: 'DELETE', path: '/Users/nobody' },
    { method: 'PATCH', path: '/Users/bulkId:taken', data: patchBody({ op: 'replace', path: 'title', value: 'x' }) },
  ];
  for (const failOnErrors of [undefined, 2]) {
    const { dry, faults } = await both({ method: 'POST', path: '/Bulk', body: { schemas: [MESSAGE.bulkRequest], ...(failOnErrors === undefined ? {} : { failOnErrors }), Operations } });
    t.same(faults, []);
    t.equal(dry.status, 200);
    if (failOnErrors === undefined) t.same(dry.body.Operations.map(({ status }: { status: string }) => status), ['201', '201', '409', '201', '200', '412', '200', '204', '404', '409'].slice(0, dry.body.Operations.length));
  }
});

t.test('what does not ask for it is done: other values, other preferences, reads and older clients', async (t) => {
  for (const prefer of ['handling=strict', 'handling=lenient, respond-async', 'return=minimal', 'handling=strict, handling=dry-run', 'foo="handling=dry-run"', 'handling', 'handling=dry-runs', 'x-handling=dry-run', '"', '']) {
    const answer = await call('POST', '/Users', userBody(), { token: inviting, headers: { prefer } });
    t.match([answer.status, answer.headers['preference-applied']], [201, undefined], prefer);
    t.equal((await call('GET', `/Users/${answer.body.id}`, undefined, { token: inviting })).status, 200, prefer);
  }
  for (const prefer of ['handling=dry-run', 'HANDLING="dry-run"', 'return=representation; foo="a,b", handling = dry-run', 'handling=dry-run; wait=10, handling=strict', 'a, ,handling=dry-run']) {
    const answer = await call('POST', '/Users', userBody(), { token: inviting, headers: { prefer } });
    t.match([answer.status, answer.headers['preference-applied']], [201, 'handling=dry-run'], prefer);
    t.equal((await call('GET', `/Users/${answer.body.id}`, undefined, { token: inviting })).status, 404, prefer);
  }
  const read = await call('POST', '/Users/.search', { schemas: [MESSAGE.searchRequest] }, { token: inviting, headers: DRY });
  t.match([read.status, read.headers['preference-applied']], [200, undefined]);
  t.equal((await call('POST', '/Users', userBody(), { token: 'unknown', headers: DRY })).headers['preference-applied'], undefined);
  const list = await call('GET', '/Users', undefined, { token: inviting, headers: DRY });
  t.equal(list.headers['preference-applied'], undefined);
});

// ---- random requests

const people = await Promise.all(Array.from({ length: 6 }, () => made('/Users', userBody())));
const groups = await Promise.all(Array.from({ length: 3 }, () => made('/Groups', groupBody())));
const names = Array.from({ length: 4 }, () => unique('shared'));
const person = fc.constantFrom(...people, 'nobody');
const group = fc.constantFrom(...groups);
const attributes = fc.record({ title: text, nickName: text, active: fc.boolean(), displayName: text, roles: fc.array(fc.constantFrom('a', 'b', 'c').map((value) => ({ value })), { maxLength: 2 }), externalId: text, password: fc.constantFrom(PASSWORD, 'short') }, { requiredKeys: [] });
const user = fc.tuple(fc.constantFrom(...names), attributes).map(([userName, rest]): Json => ({ schemas: [USER], userName, ...rest }));
const list = fc.uniqueArray(person, { maxLength: 4 }).map((ids): Json => ids.map((value) => ({ value })));
const operation = fc.oneof(
  fc.tuple(fc.constantFrom('add', 'replace', 'remove'), fc.constantFrom('title', 'nickName', 'displayName', 'active', 'userName', 'roles', 'wrong'), fc.oneof(text, fc.boolean(), fc.constantFrom(...names))).map(([op, path, value]): Json => (op === 'remove' ? { op, path } : { op, path, value })),
  attributes.map((value): Json => ({ op: 'replace', value })),
);
const version = fc.option(fc.constantFrom('W/"1"', 'W/"2"', '*'), { nil: undefined });
const single = fc.oneof(
  { weight: 3, arbitrary: user.map((body) => ({ method: 'POST', path: '/Users', body })) },
  { weight: 2, arbitrary: fc.tuple(person, user).map(([id, body]) => ({ method: 'PUT', path: `/Users/${id}`, body })) },
  { weight: 4, arbitrary: fc.tuple(person, fc.array(operation, { minLength: 1, maxLength: 3 })).map(([id, operations]) => ({ method: 'PATCH', path: `/Users/${id}`, body: patchBody(...operations) })) },
  { weight: 1, arbitrary: person.map((id) => ({ method: 'DELETE', path: `/Users/${id}` })) },
  { weight: 2, arbitrary: fc.tuple(group, list).map(([id, members]) => ({ method: 'PATCH', path: `/Groups/${id}`, body: patchBody({ op: 'add', path: 'members', value: members }) })) },
  { weight: 2, arbitrary: fc.tuple(group, person).map(([id, member]) => ({ method: 'PATCH', path: `/Groups/${id}`, body: patchBody({ op: 'remove', path: `members[value eq "${member}"]` }) })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), list).map(([displayName, members]) => ({ method: 'POST', path: '/Groups', body: { schemas: [GROUP], displayName, members } })) },
);
const asked: fc.Arbitrary<Asked> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(single, version, fc.constantFrom(inviting, hiding, guarded, narrow)).map(([one, tag, token]) => ({ ...one, token, headers: { 'if-match': tag ?? '*' } })) },
  { weight: 1, arbitrary: fc.tuple(fc.array(single, { minLength: 1, maxLength: 6 }), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }), fc.constantFrom(inviting, guarded)).map(([some, failOnErrors, token]): Asked => ({
    method: 'POST', path: '/Bulk', token,
    body: { schemas: [MESSAGE.bulkRequest], ...(failOnErrors === undefined ? {} : { failOnErrors }), Operations: some.map(({ body, ...one }: { body?: Json; method: string; path: string }, n) => ({ ...one, ...(one.method === 'POST' ? { bulkId: `b${n}` } : {}), ...(body === undefined ? {} : { data: body }) })) },
  })) },
);

t.test('for random requests the dry answer is the real one, and the database is as it was', async (t) => {
  let refused = 0;
  let asks = 0;
  const fault = await counterexample(fc.asyncProperty(asked, async (one) => {
    const { real, faults } = await both(one);
    asks++;
    if (real.status >= 400) refused++;
    if (faults.length > 0) throw new Error(faults.join('\n'));
  }), 60);
  t.equal(fault, undefined);
  t.ok(asks >= 60 && refused > 10 && refused < asks - 10, `${refused} of ${asks} refused`);
});

// Last, for it makes so many.
t.test('a large group is streamed as it would be, and others write meanwhile', async (t) => {
  const people: string[] = [];
  for (let round = 0; round < 2; round++) {
    const answer = await call('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: Array.from({ length: 600 }, (_, n) => ({ method: 'POST', path: '/Users', bulkId: `p${n}`, data: { schemas: [USER], userName: unique('many') } })) }, { token: hiding });
    people.push(...answer.body.Operations.map(({ location }: { location: string }) => location.split('/').at(-1)));
  }
  const group = await made('/Groups', groupBody());
  const asked: Asked = { method: 'PATCH', path: `/Groups/${group}?attributes=members`, body: patchBody({ op: 'add', path: 'members', value: people.map((value) => ({ value })) }), token: hiding };
  const { dry, faults } = await both({ ...asked, body: patchBody({ op: 'add', path: 'members', value: people.slice(0, 900).map((value) => ({ value })) }) });
  t.same(faults, []);
  t.equal(dry.body.members.length, 900);
  const whole = await both({ ...asked, body: patchBody({ op: 'add', path: 'members', value: people.slice(900).map((value) => ({ value })) }) });
  t.same(whole.faults, []);
  t.equal(whole.dry.body.members.length, 1200);
  const [one = ''] = people;
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => ask({ method: 'PATCH', path: `/Users/${one}`, body: patchBody({ op: 'replace', path: 'nickName', value: `n${n}` }), token: hiding }, n % 2 === 0)));
  t.same(answers.map(({ status }) => status), answers.map(() => 200));
  t.equal((await call('GET', `/Users/${one}`, undefined, { token: hiding })).body.meta.version, 'W/"5"', 'four of eight were done');
  t.match((await call('GET', `/Users/${one}`, undefined, { token: hiding })).body.nickName, /^n[1357]$/);
});
