/** L5: a POST of somebody deactivated is refused, takes the record over, or asks an administrator, by the client's setting. Never a second person. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { DAY_MS, ENTERPRISE, groupBody, patchBody, unique, userBody } from '../helpers/app.ts';
import { query } from '../rfc/queries.ts';
import { members, RIGHTS } from '../tenancy/support.ts';
import { ACCOUNT, MINUTE, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, audit, call, database, everything, get, mailsTo, manager, somebody, store, tenants } = world;
const as = { token: manager };
const client = (settings: Record<string, unknown>, scopes: readonly string[] = ['*']) => world.makeClient(tenants.own, { scopes, shows: [ACCOUNT], settings: { signInMethod: 'none', populations: ['employee'], ...settings } });
const [refusing, adopting, asking, linking] = await Promise.all([client({}), client({ onRehire: 'adopt' }), client({ onRehire: 'ask' }), client({ linksActive: 'adopt' })]);
const grantor = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT] })).token;
const isActive = async (id: string): Promise<boolean> => (await get(id)).active;
const people = () => database.collection('users').countDocuments({ t: tenants.own });
const deactivate = async ({ id }: Somebody) => {
  const answer = await api('POST', `/users/${id}/deactivate`);
  if (answer.status !== 204) throw new Error(answer.text);
};
const leaver = async (attributes: Record<string, Json> = {}) => {
  const person = await somebody(attributes);
  await deactivate(person);
  return person;
};
const post = ({ address }: Somebody, token: string, attributes: Record<string, Json> = {}) => call('POST', '/Users', userBody({ userName: address, ...attributes }), { token });
const bulk = (token: string, ...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, { token });
const logged = async (id: string, action: string) => {
  await store.settled();
  return database.collection('provisioning').countDocuments({ operations: { $elemMatch: { id, action } } });
};
const matchesOf = (id: string) => database.collection<{ _id: string }>('matches').find({ person: id }).toArray();

t.test('L5 refuse, the default: 409 uniqueness, with the id for whom may read it, and nothing is written', async (t) => {
  const person = await leaver();
  const writer = await client({}, ['users:write']);
  const before = await everything();
  const answer = await post(person, refusing.token);
  t.match([answer.status, answer.body.scimType], [409, 'uniqueness']);
  t.ok(answer.body.detail.includes(person.id), answer.body.detail);
  t.notOk((await post(person, writer.token)).body.detail.includes(person.id), 'a client that may not read is not told who');
  const inBulk = (await bulk(refusing.token, { method: 'POST', path: '/Users', bulkId: 'a', data: userBody({ userName: person.address }) })).body.Operations[0];
  t.same([inBulk.status, inBulk.response.detail], ['409', answer.body.detail]);
  t.notOk((await post(await somebody(), refusing.token)).body.detail.includes('deactivated'), 'nothing of the kind about somebody active');
  t.same((await everything())['matches'], before['matches']);
  t.same((await everything())['outbox'], before['outbox'], 'no mail');
  t.equal(await isActive(person.id), false);
});

t.test('L5 adopt: the same id, 201, the attributes of the POST, active, without the leave date, in the same groups with the same roles', async (t) => {
  const person = await active({ title: 'Old', nickName: 'Old', roles: [{ value: 'keeper' }], [ENTERPRISE]: { department: 'Old' } });
  const group = (await call('POST', '/Groups', groupBody({ members: members(person.id) }), as)).body.id as string;
  await api('POST', `/users/${person.id}/leave-date`, { date: '2029-12-31' });
  t.equal(await isActive(person.id), false);
  const [count, version, externalId] = [await people(), (await get(person.id)).meta.version, unique('e')];

  const answer = await post(person, adopting.token, { title: 'New', externalId, [ENTERPRISE]: { department: 'New' } });
  t.equal(answer.status, 201, answer.text);
  t.match(answer.body, { id: person.id, externalId, title: 'New', active: true, roles: [{ value: 'keeper' }], groups: [{ value: group }], [ENTERPRISE]: { department: 'New' }, [ACCOUNT]: { status: 'active' } });
  t.same([answer.body.nickName, answer.body[ACCOUNT].leaveDate], [undefined, undefined]);
  t.equal(answer.headers['location'], answer.body.meta.location);
  t.not(answer.body.meta.version, version);
  t.equal(await people(), count, 'no second person');
  t.same([await audit(person.id, 'adopt'), await logged(person.id, 'adopt'), (await mailsTo(person)).length], [1, 1, 0], 'in both logs, and no mail');
  t.equal((await get(person.id)).externalId, undefined, 'the name is that client\'s alone');
  t.equal((await world.signIn(person.address, PASSWORD)).status, 200, 'the login is as it was');
  const again = await post(person, adopting.token, { externalId });
  t.match([again.status, again.body.scimType], [409, 'uniqueness'], 'somebody active is not taken over');
});

t.test('L5 adopt: by the address that is the person\'s alone and by the client\'s own externalId, where the userName is new', async (t) => {
  const reached = await active();
  await deactivate(reached);
  const byAddress = await call('POST', '/Users', userBody({ userName: unique('new'), emails: [{ value: reached.address.toUpperCase(), primary: true }] }), { token: adopting.token });
  t.same([byAddress.status, byAddress.body.id], [201, reached.id]);
  const externalId = unique('e');
  const called = (await call('POST', '/Users', userBody({ externalId, active: true }), { token: adopting.token })).body.id as string;
  await deactivate({ id: called, address: '' });
  const other = await call('POST', '/Users', userBody({ externalId }), { token: refusing.token });
  t.match([other.status, other.body.id === called], [201, false], 'another client\'s name is another name');
  const byName = await call('POST', '/Users', userBody({ externalId }), { token: adopting.token });
  t.same([byName.status, byName.body.id], [201, called]);
  const before = await people();
  const [first, second] = [await active(), await leaver()];
  await deactivate(first);
  const both = await call('POST', '/Users', userBody({ userName: second.address, emails: [{ value: first.address, primary: true }] }), { token: adopting.token });
  t.match([both.status, both.body.scimType], [409, 'uniqueness'], 'two people are meant: neither is taken');
  t.same([await people(), await isActive(first.id), await isActive(second.id)], [before + 2, false, false]);
});

t.test('L5 adopt: active false and a hire date ahead stay inactive, and whoever has no login gets the client\'s', async (t) => {
  const off = await leaver();
  t.same([(await post(off, adopting.token, { active: false, title: 'T' })).body.title, await isActive(off.id)], ['T', false]);
  const waiting = await leaver();
  const answer = await post(waiting, adopting.token, { [ACCOUNT]: { hireDate: '2031-01-01' } });
  t.same([answer.status, answer.body.active], [201, false]);
  t.match((await post(waiting, adopting.token)).body, { scimType: 'uniqueness' }, 'who waits for the first day has not left');
  const sso = await client({ onRehire: 'adopt', signInMethod: 'sso' });
  const [plain, own] = [await leaver(), await active()];
  await deactivate(own);
  t.equal((await post(plain, sso.token)).body[ACCOUNT].signInMethod, 'sso');
  t.equal((await post(own, sso.token, { emails: [{ value: own.address, primary: true }] })).body[ACCOUNT].signInMethod, 'password', 'who has a login keeps it');
  const inviting = await client({ onRehire: 'adopt', signInMethod: 'invite' });
  const invited = await leaver();
  t.equal((await post(invited, inviting.token, { emails: [{ value: invited.address, primary: true }] })).body[ACCOUNT].status, 'invited');
  t.match(await mailsTo(invited), [{ kind: 'invitation' }]);
});

t.test('L5 adopt: a POST that says the dates says nothing about the login, which stays', async (t) => {
  const inviting = await client({ onRehire: 'adopt', signInMethod: 'invite' });
  const person = await active({ [ACCOUNT]: { twoFactorRequired: true } });
  await deactivate(person);
  const answer = await post(person, inviting.token, { emails: [{ value: person.address, primary: true }], [ACCOUNT]: { hireDate: '2030-01-01' } });
  t.match(answer.body[ACCOUNT], { status: 'active', signInMethod: 'password', twoFactorRequired: true, hireDate: '2030-01-01' });
  t.same(await mailsTo(person), [], 'nobody is invited who has a login');
  t.equal((await world.signIn(person.address, PASSWORD)).status, 200);
  await deactivate(person);
  const changed = await post(person, inviting.token, { emails: [{ value: person.address, primary: true }], [ACCOUNT]: { signInMethod: 'sso' } });
  t.equal(changed.body[ACCOUNT].signInMethod, 'sso', 'what it says counts');
});

t.test('L5 adopt: parallel POSTs are one person and one 201', async (t) => {
  const person = await leaver();
  const before = await people();
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(person, adopting.token, { externalId: 'same' })));
  t.same(answers.map((answer) => answer.status).sort(), [201, ...Array.from({ length: 7 }, () => 409)]);
  t.equal(answers.find((answer) => answer.status === 201)?.body.id, person.id);
  t.same([await people(), await audit(person.id, 'adopt')], [before, 1]);
});

t.test('L5 adopt in Bulk: what refers to the bulkId refers to who comes back', async (t) => {
  const person = await leaver();
  const before = await people();
  const { body } = await bulk(adopting.token,
    { method: 'POST', path: '/Groups', bulkId: 'g', data: groupBody({ members: members('bulkId:u') }) },
    { method: 'POST', path: '/Users', bulkId: 'u', data: userBody({ userName: person.address }) },
    { method: 'POST', path: '/Users', bulkId: 'again', data: userBody({ userName: person.address }) });
  t.same(body.Operations.map((operation: { status: string }) => operation.status), ['201', '201', '409'], JSON.stringify(body));
  t.ok(body.Operations[1].location.endsWith(person.id));
  t.same([(await get(person.id)).groups.length, await people(), await isActive(person.id)], [1, before, true]);
});

t.test('L5 adopt: people whom the client does not see, hidden people, other tenants and people with rights are not taken over', async (t) => {
  const portal = (await world.makeClient(tenants.own, { scopes: ['*'], settings: { populations: ['portal'], signInMethod: 'none' } })).token;
  const name = unique('unseen');
  const unseen = (await call('POST', '/Users', userBody({ userName: name, active: false }), { token: portal })).body.id as string;
  const there = unique('there');
  await call('POST', '/Users', userBody({ userName: there, active: false }), { token: world.tokens.other });
  const before = await people();
  const answer = await call('POST', '/Users', userBody({ userName: name }), { token: adopting.token });
  t.equal(answer.status, 409);
  t.notOk(answer.text.includes(unseen));
  t.equal((await call('POST', '/Users', userBody({ userName: name }), { token: asking.token })).status, 409);
  t.same([await matchesOf(unseen), await audit(unseen, 'match.hold')], [[], 0], 'nobody is asked about somebody whom the client does not see');
  t.equal((await call('POST', '/Users', userBody({ userName: there }), { token: adopting.token })).status, 201, 'a new person here');
  const hidden = await leaver();
  await call('DELETE', `/Users/${hidden.id}`, undefined, { token: (await client({ onDelete: 'hide' })).token });
  t.not((await post(hidden, adopting.token)).body.id, hidden.id, 'who was hidden is gone for clients');

  const powerful = await leaver();
  await call('POST', '/Groups', groupBody({ members: members(powerful.id), [RIGHTS]: { rights: ['users.manage'] } }), { token: grantor });
  const stopped = await post(powerful, adopting.token);
  t.match([stopped.status, stopped.body.detail], [403, /admin\.grant/]);
  t.equal(await isActive(powerful.id), false);
  t.equal(await people(), before + 3);
});

t.test('L5 adopt: what the POST says wrong is refused whole', async (t) => {
  const person = await leaver();
  const version = (await get(person.id)).meta.version;
  t.equal((await post(person, adopting.token, { emails: [{ value: 'a@b.example', primary: 'maybe' }] })).status, 400);
  const taken = await somebody();
  const externalId = unique('e');
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'externalId', value: externalId }), { token: adopting.token });
  const clash = await call('POST', '/Users', userBody({ userName: taken.address, externalId }), { token: adopting.token });
  t.match([clash.status, clash.body.scimType], [409, 'uniqueness']);
  t.equal(await isActive(person.id), false);
  t.not((await get(person.id)).meta.version, version, 'by the externalId alone');
});

t.test('L5 ask: stored once, administrators are told once, and nobody changes until one decides', async (t) => {
  const boss = await active();
  await call('POST', '/Groups', groupBody({ members: members(boss.id), [RIGHTS]: { rights: ['admin.grant', 'users.manage'] } }), { token: grantor });
  const person = await leaver({ displayName: 'Wilma Terug' });
  const [before, count] = [await get(person.id), await people()];
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(person, asking.token, { externalId: 'hr-1', title: 'Asked' })));
  for (const answer of answers) t.match([answer.status, answer.body.scimType, answer.body.detail], [409, 'uniqueness', /administrator was asked/]);
  advance(DAY_MS);
  await bulk(asking.token, { method: 'POST', path: '/Users', bulkId: 'a', data: userBody({ userName: person.address, externalId: 'hr-1' }) });
  const [match, ...others] = await matchesOf(person.id);
  t.same(others, []);
  t.match(match, { t: tenants.own, client: asking.client, by: 'userName', externalId: 'hr-1', state: 'open', times: 6 });
  t.match(await mailsTo(boss), [{ kind: 'matchHeld', about: [person.id], subject: /Wilma Terug/ }], 'one mail');
  t.same([await audit(person.id, 'match.hold'), await get(person.id), await people()], [1, before, count]);

  const page = await api('GET', '/matches?count=1');
  const asked = page.body.matches[0]?.last;
  t.match(page.body, { matches: [{ id: match?._id, client: { id: asking.client }, person: { id: person.id, userName: person.address, status: 'deactivated' }, state: 'open' }] });
  advance(MINUTE);
  t.equal((await api('POST', `/matches/${match?._id}/adopt`)).status, 204);
  t.match(await get(person.id), { active: true, displayName: 'Wilma Terug' });
  t.match((await api('GET', '/matches?count=1')).body.matches, [{ state: 'adopted', decided: { at: world.clock.now.toISOString(), by: { kind: 'client' } }, last: asked }], 'who decided, and when it was asked');
  const found = await call('GET', `/Users${query({ filter: `userName eq "${person.address}"` })}`, undefined, { token: asking.token });
  t.match(found.body.Resources, [{ id: person.id, externalId: 'hr-1' }], 'under the client\'s externalId');
  t.same([(await api('POST', `/matches/${match?._id}/adopt`)).status, (await api('POST', `/matches/${match?._id}/refuse`)).status], [409, 409]);
  const parallel = await Promise.all(Array.from({ length: 4 }, () => post(person, asking.token, { externalId: 'hr-1', title: 'Asked' })));
  t.same(parallel.map((answer) => answer.status).sort(), [201, 409, 409, 409]);
  t.match((await get(person.id)), { id: person.id, title: 'Asked', active: true });
  t.same([await matchesOf(person.id), await people(), (await mailsTo(boss)).length, await audit(person.id, 'adopt')], [[], count, 1, 2]);
});

t.test('L5 ask: refused is told to the client whenever it asks, without another mail; a yes is good for a week', async (t) => {
  const person = await leaver();
  await post(person, asking.token);
  const [match] = await matchesOf(person.id);
  t.equal((await api('POST', `/matches/${match?._id}/refuse`)).status, 204);
  t.match((await post(person, asking.token)).body.detail, /has refused/);
  t.same([await audit(person.id, 'match.refuse'), await audit(person.id, 'match.hold'), await isActive(person.id)], [1, 1, false]);
  t.equal((await api('POST', `/matches/${match?._id}/adopt`)).status, 204, 'another decision later');
  advance(7 * DAY_MS);
  t.match((await post(person, asking.token, { title: 'Late' })).body.detail, /already taken/);
  t.equal((await get(person.id)).title, undefined);
  await deactivate(person);
  t.match((await post(person, asking.token)).body.detail, /was asked/, 'who has left again is asked about again');
  t.match(await matchesOf(person.id), [{ state: 'open', times: 1 }]);
});

t.test('L5 ask: a person with rights needs admin.grant, others\' matches are not shown, and a match goes with person and client', async (t) => {
  const powerful = await leaver();
  await call('POST', '/Groups', groupBody({ members: members(powerful.id), [RIGHTS]: { rights: ['audit.read'] } }), { token: grantor });
  await post(powerful, asking.token);
  const [match] = await matchesOf(powerful.id);
  t.equal((await api('POST', `/matches/${match?._id}/adopt`)).status, 403);
  t.match([await isActive(powerful.id), await matchesOf(powerful.id)], [false, [{ state: 'open' }]]);
  t.equal((await api('POST', `/matches/${match?._id}/adopt`, undefined, { token: grantor })).status, 204);
  const external = (await world.makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['external'] } })).token;
  t.same((await api('GET', '/matches', undefined, { token: external })).body.matches, []);
  t.equal((await api('POST', `/matches/${match?._id}/refuse`, undefined, { token: external })).status, 404);
  t.same((await api('GET', '/matches', undefined, { token: (await world.makeClient(tenants.other, { scopes: ['users.manage'] })).token })).body.matches, []);
  t.equal((await api('GET', '/matches?cursor=x')).status, 400);

  const person = await leaver();
  await post(person, asking.token);
  t.equal((await api('DELETE', `/users/${person.id}`, { name: person.address })).status, 204);
  t.same(await matchesOf(person.id), []);
  const [gone, other] = [await client({ onRehire: 'ask' }), await leaver()];
  await post(other, gone.token);
  await api('DELETE', `/clients/${gone.client}`, undefined, { token: (await world.makeClient(tenants.own, { scopes: ['*', 'clients.manage'] })).token });
  t.same(await matchesOf(other.id), []);
});

t.test('L5: a PUT that repeats active true revives nobody, and a second provider links somebody active only where it is set so', async (t) => {
  const person = await somebody({ title: 'Kept' });
  const version = (await get(person.id)).meta.version;
  for (const { token } of [refusing, adopting, asking]) t.match((await post(person, token, { externalId: 'x' })).body, { scimType: 'uniqueness' });
  t.equal((await get(person.id)).meta.version, version);
  t.match((await post(person, linking.token)).body, { scimType: 'uniqueness' }, 'without an externalId there is nothing to link');
  const answers = await Promise.all([0, 1, 2].map((index) => post(person, linking.token, { externalId: `l-${index}`, title: 'Other' })));
  t.same(answers.map((answer) => answer.status).sort(), [201, 409, 409]);
  const linked = answers.find((answer) => answer.status === 201)?.body;
  t.match(linked, { id: person.id, title: 'Kept' }, 'as they were');
  t.same([await audit(person.id, 'link'), (await call('GET', `/Users/${person.id}`, undefined, { token: linking.token })).body.externalId], [1, linked.externalId]);
  advance(SECOND);
  const left = await leaver();
  t.match((await post(left, linking.token, { externalId: 'left' })).body.detail, /deactivated/, 'nobody is revived by it');
  t.same([await isActive(left.id), await audit(left.id, 'link')], [false, 0]);
});
