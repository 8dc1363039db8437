/** Users, enterprise users and groups: RFC 7643 section 4, requirements R-USER, R-ENT, R-GRP. */
import t from 'tap';
import argon2 from 'argon2';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, GROUP, groupBody, patchBody, startApp, unique, USER, userBody } from '../helpers/app.ts';
import { changed, keeps, later, made, refused } from './expectations.ts';
import { idsOf, query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call, store, makeClient, tenants } = app;
const memberOf = async (id: string) => ((await call('GET', `/Users/${id}`)).body.groups ?? []) as { value: string; type: string; $ref: string }[];
const add = (...ids: string[]) => patchBody({ op: 'add', path: 'members', value: ids.map((value) => ({ value })) });
const hashOf = async (id: string) => (await store.collections.credentials.findOne({ _id: id, t: tenants.own }))?.hash;

for (const [name, body] of [
  ['missing', { schemas: [USER] }], ['empty', { schemas: [USER], userName: '' }], ['null', { schemas: [USER], userName: null }], ['a number', { schemas: [USER], userName: 5 }],
  ['a blank', { schemas: [USER], userName: ' ' }], ['with a control character', { schemas: [USER], userName: 'a\u0007b' }],
] as const) {
  t.test(`R-USER-1: a userName that is ${name} is refused`, async (t) => {
    const before = await totalOf(call, '/Users');
    refused(t, await call('POST', '/Users', body), 400, 'invalidValue');
    t.equal(await totalOf(call, '/Users'), before);
  });
}

t.test('R-USER-1: a userName is unique in any case', async (t) => {
  const userName = unique('Bj');
  const user = await made(app, '/Users', userBody({ userName }));
  t.equal(user.userName, userName, 'and answered as sent');
  for (const other of [userName, userName.toLowerCase(), userName.toUpperCase()]) refused(t, await call('POST', '/Users', userBody({ userName: other })), 409, 'uniqueness');
  t.equal(await totalOf(call, '/Users', `userName eq "${userName.toUpperCase()}"`), 1);
});

t.test('R-USER-2: a password is taken by POST, PUT and PATCH, hashed, and never shown', async (t) => {
  const { body: user, text } = await call('POST', '/Users', userBody({ password: 'canary-1' }));
  const hashes = [await hashOf(user.id)];
  const put = await call('PUT', `/Users/${user.id}`, changed(user, { password: 'canary-2' }));
  hashes.push(await hashOf(user.id));
  const patched = await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: 'password', value: 'canary-3' }));
  hashes.push(await hashOf(user.id));
  for (const [index, hash = ''] of hashes.entries()) {
    t.match(hash, /^\$argon2id\$/);
    t.equal(await argon2.verify(hash, `canary-${index + 1}`), true);
  }
  const kept = await call('PUT', `/Users/${user.id}`, user);
  t.equal(await hashOf(user.id), hashes[2], 'a PUT without it leaves it');
  for (const shown of [text, put.text, patched.text, kept.text, (await call('GET', '/Users')).text]) t.notMatch(shown, /canary|argon2|password/i);
});

for (const [name, password] of [['empty', ''], ['a number', 12345678], ['longer than anybody types', 'x'.repeat(2000)]] as const) {
  t.test(`R-USER-2: a password that is ${name} is refused`, async (t) => {
    const before = await totalOf(call, '/Users');
    refused(t, await call('POST', '/Users', userBody({ password })), 400, 'invalidValue');
    t.equal(await totalOf(call, '/Users'), before);
  });
}

t.test('R-USER-3: no filter or sort tells anything about a password', async (t) => {
  await made(app, '/Users', userBody({ password: 'canary-a' }));
  const answers = [];
  for (const filter of ['password co "a"', 'password pr', 'password eq "canary-a"', 'password eq "canary-b"', 'not (password eq "canary-a")', 'password sw "c" or userName pr']) {
    const answer = await call('GET', `/Users${query({ filter })}`);
    refused(t, answer, 400, 'invalidFilter');
    answers.push(answer.text);
  }
  t.equal(new Set(answers).size, 1, 'right and wrong answer alike');
  refused(t, await call('GET', `/Users${query({ sortBy: 'password' })}`), 400, 'invalidValue');
});

t.test('R-USER-4: groups cannot be written through the user', async (t) => {
  const group = await made(app, '/Groups', groupBody());
  const groups = [{ value: group.id }];
  const user = await made(app, '/Users', userBody({ groups }));
  t.notOk('groups' in user);
  await keeps(t, app, `/Users/${user.id}`, async () => {
    t.equal((await call('PUT', `/Users/${user.id}`, changed(user, { groups }))).status, 200);
    for (const operation of [{ op: 'add', path: 'groups', value: groups }, { op: 'remove', path: 'groups' }, { op: 'replace', path: `groups[value eq "${group.id}"].display`, value: 'x' }]) {
      refused(t, await call('PATCH', `/Users/${user.id}`, patchBody(operation)), 400, 'mutability');
    }
  });
  t.notOk('members' in (await call('GET', `/Groups/${group.id}`)).body);
});

t.test('R-USER-5: groups shows each group, direct or indirect', async (t) => {
  const user = await made(app, '/Users', userBody());
  const inner = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  const outer = await made(app, '/Groups', groupBody({ members: [{ value: inner.id }] }));
  const shown = ({ id, displayName, meta }: typeof inner, type: string) => ({ value: id, $ref: meta.location, display: displayName, type });
  t.same((await memberOf(user.id)).sort((a, b) => a.type.localeCompare(b.type)), [shown(inner, 'direct'), shown(outer, 'indirect')]);
});

t.test('R-USER-6 R-USER-7 R-USER-8 R-USER-9: countries, certificates, addresses, languages and time zones are kept as sent (decision 4)', async (t) => {
  const certificate = Buffer.from('two certificates, one after the other').toString('base64');
  const sent = {
    addresses: [{ country: 'USA', type: 'work' }], x509Certificates: [{ value: certificate }], emails: [{ value: 'BJensen@EXAMPLE.com' }],
    phoneNumbers: [{ value: '+1 (201) 555-0123' }], ims: [{ value: 'Some Body' }], preferredLanguage: 'da, en-GB;q=0.8', locale: 'en_US', timezone: 'America/Nowhere',
  };
  const user = await made(app, '/Users', userBody(sent));
  t.match(user, sent);
  t.same((await call('GET', `/Users/${user.id}`)).body, user);
  t.same(idsOf((await call('GET', `/Users${query({ filter: 'emails.value eq "bjensen@example.COM"' })}`)).body), [user.id], 'and compared in one form');
});

t.test('R-USER-10: addresses have a primary one', async (t) => {
  const { body } = await call('GET', `/Schemas/${USER}`);
  const addresses = body.attributes.find(({ name }: { name: string }) => name === 'addresses');
  t.match(addresses.subAttributes.find(({ name }: { name: string }) => name === 'primary'), { type: 'boolean' });
  const user = await made(app, '/Users', userBody({ addresses: [{ locality: 'Oslo', primary: true }, { locality: 'Bergen' }] }));
  t.same(idsOf((await call('GET', `/Users${query({ filter: 'addresses[primary eq true and locality eq "oslo"]' })}`)).body), [user.id]);
  t.equal(await totalOf(call, '/Users', 'addresses[primary eq true and locality eq "bergen"]'), 0);
});

t.test('R-ENT-1: the enterprise extension, there and back', async (t) => {
  const manager = await made(app, '/Users', userBody({ displayName: 'The boss' }));
  const enterprise = { employeeNumber: '1', costCenter: '2', organization: 'o', division: 'd', department: 'e' };
  const user = await made(app, '/Users', { schemas: [USER, ENTERPRISE], userName: unique('user'), [ENTERPRISE]: { ...enterprise, manager: { value: manager.id } } });
  t.same(user.schemas, [USER, ENTERPRISE]);
  t.same(user[ENTERPRISE], { ...enterprise, manager: { value: manager.id, $ref: manager.meta.location, displayName: 'The boss' } });
  t.same((await call('GET', `/Users/${user.id}`)).body, user);
});

t.test('R-ENT-2: the name of the manager is the manager\'s, not the client\'s', async (t) => {
  const manager = await made(app, '/Users', userBody({ displayName: 'Before' }));
  const body = (displayName: string): Json => ({ value: manager.id, displayName });
  const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { manager: body('False') } }));
  t.equal(user[ENTERPRISE].manager.displayName, 'Before');
  t.equal((await call('PUT', `/Users/${user.id}`, changed(user, { [ENTERPRISE]: { manager: body('False') } }))).body[ENTERPRISE].manager.displayName, 'Before');
  await call('PATCH', `/Users/${manager.id}`, patchBody({ op: 'replace', path: 'displayName', value: 'After' }));
  t.equal((await call('GET', `/Users/${user.id}`)).body[ENTERPRISE].manager.displayName, 'After');
});

t.test('R-ENT-3: a reference to nothing is refused (decision 5)', async (t) => {
  const users = await totalOf(call, '/Users');
  const groups = await totalOf(call, '/Groups');
  const user = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody());
  for (const value of ['none', '019a0000-0000-7000-8000-000000000000', group.id]) refused(t, await call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value } } })), 400, 'invalidValue');
  for (const members of [[{ value: 'none' }], [{ value: user.id }, { value: 'none' }], [{ type: 'User' }]]) refused(t, await call('POST', '/Groups', groupBody({ members })), 400, 'invalidValue');
  await keeps(t, app, `/Groups/${group.id}`, async () => refused(t, await call('PATCH', `/Groups/${group.id}`, add(user.id, 'none')), 400, 'invalidValue'));
  t.same(await memberOf(user.id), []);
  t.same([await totalOf(call, '/Users'), await totalOf(call, '/Groups')], [users + 1, groups + 1]);
});

t.test('R-ENT-3: with its target a reference goes too', async (t) => {
  const manager = await made(app, '/Users', userBody());
  const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { department: 'd', manager: { value: manager.id } } }));
  const alone = await made(app, '/Users', userBody({ [ENTERPRISE]: { manager: { value: manager.id } } }));
  t.equal((await call('DELETE', `/Users/${manager.id}`)).status, 204);
  t.same((await call('GET', `/Users/${user.id}`)).body[ENTERPRISE], { department: 'd' });
  t.same((await call('GET', `/Users/${alone.id}`)).body.schemas, [USER]);
  t.equal(await totalOf(call, '/Users', `${ENTERPRISE}:manager.value eq "${manager.id}"`), 0);
});

t.test('R-GRP-1: a group needs a name, which need not be its own alone (decision 6)', async (t) => {
  const before = await totalOf(call, '/Groups');
  for (const body of [{ schemas: [GROUP] }, { schemas: [GROUP], displayName: '' }, { schemas: [GROUP], displayName: null }]) refused(t, await call('POST', '/Groups', body), 400, 'invalidValue');
  t.equal(await totalOf(call, '/Groups'), before);
  const displayName = unique('same');
  for (const one of [1, 2]) t.equal((await call('POST', '/Groups', groupBody({ displayName }))).status, 201, `group ${one}`);
  const { token } = await makeClient(tenants.own);
  const name = unique('tolerant');
  t.equal((await call('POST', '/Groups', groupBody({ displayName: name }), { token })).status, 201);
  refused(t, await call('POST', '/Groups', groupBody({ displayName: name.toUpperCase() }), { token }), 409, 'uniqueness');
});

t.test('R-GRP-2: members come and go, but none is edited', async (t) => {
  const [a, b] = [await made(app, '/Users', userBody()), await made(app, '/Users', userBody())];
  const group = await made(app, '/Groups', groupBody({ members: [{ value: a.id }] }));
  await keeps(t, app, `/Groups/${group.id}`, async () => {
    for (const [sub, value] of [['value', b.id], ['$ref', b.meta.location], ['type', 'Group']] as const) {
      for (const op of ['replace', 'add']) refused(t, await call('PATCH', `/Groups/${group.id}`, patchBody({ op, path: `members[value eq "${a.id}"].${sub}`, value })), 400, 'mutability');
      refused(t, await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: `members[value eq "${a.id}"].${sub}` })), 400, 'mutability');
    }
  });
  t.equal((await call('PATCH', `/Groups/${group.id}`, add(b.id))).body.members.length, 2);
  const left = await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: `members[value eq "${a.id}"]` }));
  t.same(left.body.members.map(({ value }: { value: string }) => value), [b.id]);
});

t.test('R-GRP-3: a member given by its id alone is answered with $ref, name and type', async (t) => {
  const user = await made(app, '/Users', userBody({ displayName: 'Ann' }));
  const inner = await made(app, '/Groups', groupBody());
  const group = await made(app, '/Groups', groupBody({ members: [{ value: user.id }, { value: inner.id }] }));
  t.same([...group.members].sort((a, b) => String(b.type).localeCompare(a.type)), [
    { value: user.id, $ref: user.meta.location, display: 'Ann', type: 'User' },
    { value: inner.id, $ref: inner.meta.location, display: inner.displayName, type: 'Group' },
  ]);
});

t.test('R-GRP-4: groups in a circle answer in bounded time', async (t) => {
  const user = await made(app, '/Users', userBody());
  const a = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  const b = await made(app, '/Groups', groupBody({ members: [{ value: a.id }] }));
  const closing = await call('PATCH', `/Groups/${a.id}`, add(b.id));
  t.equal(closing.status, 200, closing.text);
  t.same((await memberOf(user.id)).map(({ value, type }) => `${type} ${value}`).sort(), [`direct ${a.id}`, `indirect ${b.id}`].sort());
  refused(t, await call('PATCH', `/Groups/${a.id}`, add(a.id)), 400, 'invalidValue');
});

t.test('R-GRP-5: both sides of a membership agree after every write', async (t) => {
  const user = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody());
  const agrees = async (is: boolean) => {
    const members = (await call('GET', `/Groups/${group.id}`)).body.members ?? [];
    t.equal(members.some(({ value }: { value: string }) => value === user.id), is);
    t.equal((await memberOf(user.id)).some(({ value }) => value === group.id), is);
    t.equal(await totalOf(call, '/Groups', `id eq "${group.id}" and members.value eq "${user.id}"`), is ? 1 : 0);
    t.equal(await totalOf(call, '/Users', `id eq "${user.id}" and groups.value eq "${group.id}"`), is ? 1 : 0);
  };
  const body = (members: Json) => ({ schemas: [GROUP], displayName: group.displayName, members });
  await call('PATCH', `/Groups/${group.id}`, add(user.id));
  await agrees(true);
  await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: 'members' }));
  await agrees(false);
  await call('PUT', `/Groups/${group.id}`, body([{ value: user.id }]));
  await agrees(true);
  await call('PUT', `/Groups/${group.id}`, body([]));
  await agrees(false);
});

t.test('R-GRP-5: members added at once are all there, and a deleted one is in no group', async (t) => {
  const users = await Promise.all(Array.from({ length: 10 }, () => made(app, '/Users', userBody())));
  const group = await made(app, '/Groups', groupBody());
  const answers = await Promise.all(users.map(({ id }) => call('PATCH', `/Groups/${group.id}`, add(id))));
  t.same(answers.map(({ status }) => status), users.map(() => 200));
  const [gone, ...rest] = users;
  later(app);
  t.equal((await call('DELETE', `/Users/${gone.id}`)).status, 204);
  const shown = await call('GET', `/Groups/${group.id}`);
  t.same(shown.body.members.map(({ value }: { value: string }) => value).sort(), rest.map(({ id }) => id).sort());
  t.not(shown.body.meta.version, answers.at(-1)?.body.meta.version, 'which is another version of the group');
});

t.test('R-GRP-6: a group with very many members stays usable', async (t) => {
  const first = await made(app, '/Users', userBody());
  const collection = store.collections.resources(store.registry.type('User'));
  const template = await collection.findOne({ _id: first.id, t: tenants.own });
  if (!template) throw new Error('not stored');
  const copies = Array.from({ length: 1_100 }, (_, index) => ({ ...template, _id: `copy-${index}`, k: { ...template.k, userName: `copy-${index}` } }));
  await collection.insertMany(copies);
  const group = await made(app, '/Groups', groupBody());
  const path = `/Groups/${group.id}`;
  for (const part of [copies.slice(0, 1000), copies.slice(1000)]) t.ok((await call('PATCH', path, add(...part.map(({ _id }) => _id)))).status < 300);
  const small = await call('GET', `${path}?excludedAttributes=members`);
  t.equal(small.status, 200);
  t.notOk('members' in small.body);
  t.ok(small.text.length < 1000);
  const added = await call('PATCH', path, add(first.id));
  t.equal(added.status, 204, 'the members are not sent back for each that is added');
  t.equal(added.text, '');
  t.equal((await call('PATCH', `${path}?excludedAttributes=members`, add(first.id))).status, 200);
  const whole = await call('GET', path);
  t.equal(new Set(whole.body.members.map(({ value }: { value: string }) => value)).size, 1_101);
  t.equal((await call('PATCH', path, patchBody({ op: 'remove', path: `members[value eq "${first.id}"]` }))).status, 204);
  t.same(await memberOf(first.id), []);
});
