/** Erasure: J11 over the API and over SCIM. Gone for everybody in one commit; who did it stays, and nothing about whom it was done to. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, groupBody, patchBody, userBody } from '../helpers/app.ts';
import { members, RIGHTS, ownTenant } from '../tenancy/support.ts';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD, startWorld, type Somebody } from './world.ts';
import { finishErasures, certificates } from './erasures.ts';

const world = await startWorld(t, import.meta.url);
const { active, api, as, audit, call, choose, credential, database, everything, invited, lastToken, links, mailsTo, recover, session, sessionLives, signIn, somebody, store, tenants } = world;
const grantor = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT] })).token;
const bulk = (...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, as);
const group = async (attributes: Record<string, Json>, token = grantor): Promise<string> => (await call('POST', '/Groups', groupBody(attributes), { token })).body.id;
const inGroup = async (id: string) => (await call('GET', `/Groups/${id}`, undefined, { token: grantor })).body;
const eraseNow = (person: Somebody, token?: string) => api('DELETE', `/users/${person.id}`, { name: person.address }, token === undefined ? {} : { token });

const ROUTES: Readonly<Record<string, readonly [act: (person: Somebody) => Promise<{ readonly status: number; readonly text: string }>, action: string]>> = {
  'the API': [(person) => eraseNow(person), 'erase'],
  'SCIM DELETE': [({ id }) => call('DELETE', `/Users/${id}`, undefined, as), 'delete'],
  'a DELETE in Bulk': [({ id }) => bulk({ method: 'DELETE', path: `/Users/${id}` }), 'delete'],
};

for (const [route, [act, action]] of Object.entries(ROUTES)) {
  t.test(`J11: ${route} erases at once what there is of a person`, async (t) => {
    const person = await active();
    const report = (await call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: person.id }, department: 'kept' } }), as)).body.id;
    const other = await somebody();
    const home = await group({ members: members(person.id, other.id) });
    const [cookie, version] = [await session(person), (await inGroup(home)).meta.version];
    await recover(person.address);
    const reset = await lastToken(person);
    t.equal((await api('POST', `/users/${person.id}/address`, { address: `new-${person.address}` })).body.outcome, 'confirm');
    const confirm = await lastToken(person);
    await store.settled();
    for (const name of ['users', 'credentials', 'claims', 'sessions', 'links', 'outbox', 'traces', 'members'] as const) t.not(await of(name, person.id), 0, `there is something in ${name}`);

    const answer = await act(person);
    t.ok(answer.status < 300, answer.text);
    for (const name of ['users', 'credentials', 'claims', 'sessions', 'links', 'outbox', 'traces', 'members'] as const) t.equal(await of(name, person.id), 0, name);
    t.same([(await call('GET', `/Users/${person.id}`, undefined, as)).status, await sessionLives(cookie), (await signIn(person.address, PASSWORD)).status], [404, false, 401]);
    for (const token of [reset, confirm]) t.equal((await choose(token, OTHER_PASSWORD)).status, 410);
    t.equal((await api('POST', '/confirm-address', { token: confirm }, { token: '' })).status, 410, 'pending address change, erase: cancelled');
    const after = await inGroup(home);
    t.same(after.members.map(({ value }: { value: string }) => value), [other.id]);
    t.not(after.meta.version, version);
    t.same((await call('GET', `/Users/${report}`, undefined, as)).body[ENTERPRISE], { department: 'kept' });
    t.same([await audit(person.id, action), await audit(person.id, 'erase.certificate')], [1, 0], 'who and when, and no certificate yet');
    t.match(await database.collection('audit').findOne({ 'on.id': person.id, action }), { by: { kind: 'client' }, at: world.clock.now, changed: [] });

    const again = (await call('POST', '/Users', userBody({ userName: person.address, emails: [{ value: `new-${person.address}` }], password: PASSWORD }), as)).body;
    t.match([typeof again.id, again.id === person.id], ['string', false], 'userName and both addresses are free at once');
    t.equal((await call('GET', `/Users/${again.id}`, undefined, as)).body.groups, undefined);
    t.equal(await sessionLives(cookie), false, 'nothing is revived by somebody of the same name');
    const twice = await act(person);
    t.equal(route === 'a DELETE in Bulk' ? Number(JSON.parse(twice.text).Operations[0].status) : twice.status, 404);
    t.equal(await audit(person.id, action), 1);
  });
}

const FIELDS = { users: '_id', credentials: '_id', claims: 'owner', sessions: 'person', links: 'person', outbox: 'person', traces: 'person', members: 'm' } as const;
const of = (name: keyof typeof FIELDS, id: string) => database.collection(name).countDocuments({ [FIELDS[name]]: id });

t.test('J11: the API asks for the name in place of the tick, and changes nothing without it', async (t) => {
  const person = await active();
  const cookie = await session(person);
  const before = await everything();
  const rows: readonly (readonly [string, Json | undefined, RegExp])[] = [
    ['nothing', undefined, /name is missing/], ['an empty body', {}, /name is missing/], ['another name', { name: 'somebody' }, /not the userName/], ['an empty name', { name: '' }, /not the userName/],
    ['another case', { name: person.address.toUpperCase() }, /not the userName/], ['blanks', { name: ` ${person.address}` }, /not the userName/], ['the id', { name: person.id }, /not the userName/],
    ['no text', { name: true }, /name must be text/], ['null', { name: null }, /name must be text/], ['a list', { name: [person.address] }, /name must be text/], ['more', { name: person.address, sure: true }, /"sure"/], ['no object', [person.address], /JSON object/],
  ];
  for (const [what, body, detail] of rows) {
    const answer = await api('DELETE', `/users/${person.id}`, body);
    t.match([answer.status, answer.body.detail], [400, detail], what);
    t.notMatch(answer.text, person.address.split('@')[0] ?? '', 'the answer does not give the name away');
  }
  t.same(await everything(), before);
  t.ok(await sessionLives(cookie));
  for (const method of ['GET', 'POST', 'PUT', 'PATCH']) t.equal((await api(method, `/users/${person.id}`, method === 'GET' ? undefined : { name: person.address })).status, 405, method);
  t.equal((await eraseNow(person)).status, 204);
});

t.test('J11: nobody who is not there, not the caller\'s to see, or another tenant\'s', async (t) => {
  const person = await active();
  const stranger = (await call('POST', '/Users', userBody({ userName: 'stranger' }), { token: world.tokens.other })).body.id;
  const external = await somebody({ [ACCOUNT]: { population: 'external' } });
  const narrow = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage'], settings: { populations: ['employee'] } })).token;
  const without = (await world.makeClient(tenants.own, { scopes: ['*', 'admin.grant', 'audit.read', 'clients.manage'] })).token;
  const noPerson = await group({ displayName: 'no person' });
  const before = await everything();
  const rows: readonly (readonly [string, number, Promise<{ status: number }>])[] = [
    ['an id that never was', 404, api('DELETE', '/users/00000000-0000-7000-8000-000000000000', { name: 'x' })], ['no id', 404, api('DELETE', '/users/x', { name: 'x' })],
    ['another tenant\'s', 404, api('DELETE', `/users/${stranger}`, { name: 'stranger' })], ['of another population', 404, eraseNow(external, narrow)],
    ['without the right', 403, eraseNow(person, without)], ['without a token', 401, eraseNow(person, '')], ['a group', 404, api('DELETE', `/users/${noPerson}`, { name: 'no person' })],
  ];
  for (const [what, status, answer] of rows) t.equal((await answer).status, status, what);
  await store.settled();
  const { audit: entries, ...after } = await everything();
  const { audit: earlier, ...others } = before;
  t.same([after, entries?.filter(({ refused }) => refused === undefined)], [others, earlier?.filter(({ refused }) => refused === undefined)]);
});

t.test('J11: somebody with rights is erased by who may grant rights, and the last administrator by nobody', async (t) => {
  const person = await active();
  await group({ members: members(await group({ members: members(person.id) })), [RIGHTS]: { rights: ['audit.read'] } });
  const refused = await eraseNow(person);
  t.match([refused.status, refused.body.detail], [403, /person with rights needs the right admin\.grant/]);
  t.equal((await eraseNow(person, grantor)).status, 204);

  const own = await ownTenant(world);
  const manager = (await world.makeClient(own.id, { scopes: ['*', 'users.manage', 'admin.grant'] })).token;
  const people = [await own.make('/Users', userBody({ userName: 'first', password: PASSWORD })), await own.make('/Users', userBody({ userName: 'second', password: PASSWORD }))];
  await call('PATCH', `/Groups/${own.administrators}`, patchBody({ op: 'add', path: 'members', value: members(...people) }), { token: own.grantor });
  const answers = await Promise.all(people.map((id, index) => api('DELETE', `/users/${id}`, { name: index === 0 ? 'first' : 'second' }, { token: manager })));
  t.same(answers.map(({ status }) => status).toSorted(), [204, 409], 'of the last two, at once, one');
  t.match(answers.find(({ status }) => status === 409)?.body.detail, /make somebody else an administrator first/);
  const kept = people[answers.findIndex(({ status }) => status === 409)] ?? '';
  t.same([await of('users', kept), await of('credentials', kept), await of('members', kept), await database.collection('erasures').countDocuments({ _id: kept as never })], [1, 1, 1, 0]);
});

t.test('J11: two at once are one erasure', async (t) => {
  for (let round = 0; round < 5; round++) {
    const person = await active();
    const answers = await Promise.all([eraseNow(person), eraseNow(person), call('DELETE', `/Users/${person.id}`, undefined, as)]);
    t.same(answers.map(({ status }) => status).toSorted(), [204, 404, 404]);
    t.equal((await audit(person.id, 'erase')) + (await audit(person.id, 'delete')), 1);
    world.advance(2 * MINUTE);
    await finishErasures(world);
    t.equal((await certificates(world, person.id)).length, 1);
  }
});

t.test('J11: the name is that of the version which is erased', async (t) => {
  for (let round = 0; round < 5; round++) {
    const person = await active();
    const renamed = `renamed-${person.address}`;
    const [erased, patched] = await Promise.all([eraseNow(person), call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'userName', value: renamed }), as)]);
    const there = await call('GET', `/Users/${person.id}`, undefined, as);
    if (erased.status === 204) t.same([there.status, patched.status], [404, patched.status === 200 ? 200 : 404]);
    else t.same([erased.status, there.status, there.body.userName], [400, 200, renamed]);
    if (erased.status === 204 && patched.status === 200) t.fail('renamed first, erased under the old name');
  }
});

t.test('J11: an invitation, a step at sign-in and a second factor in the making end too', async (t) => {
  const asked = await invited();
  t.equal((await eraseNow(asked)).status, 204);
  t.equal((await choose(asked.token, PASSWORD)).status, 410);
  t.same([await credential(asked.id), await links(asked.id), await mailsTo(asked)], [null, [], []]);
  const person = await active({ [ACCOUNT]: { twoFactorRequired: true } });
  const { next, token } = (await signIn(person.address, PASSWORD)).body;
  t.equal(next, 'enrol');
  t.equal((await eraseNow(person)).status, 204);
  t.equal((await api('POST', '/second-factor', { token, code: '123456' }, { token: '' })).status, 410);
  t.equal(await credential(person.id), null);
});
