/** Whom an address belongs to (S2u), and people whom a client invites by creating them (L1). */
import t from 'tap';
import { patchBody, userBody } from '../helpers/app.ts';
import { ACCOUNT, PASSWORD, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { api, as, audit, call, choose, get, invited, lastToken, links, mailsTo, somebody, status } = world;
const invite = (id: string) => api('POST', `/users/${id}/invitation`, {});

t.test('L1: a client set to invite', async (t) => {
  const token = (await world.makeClient(world.tenants.own, { shows: [ACCOUNT], settings: { signInMethod: 'invite' } })).token;
  const person = await somebody({ preferredLanguage: 'nb' }, token);
  t.equal((await get(person.id)).meta.version, 'W/"1"', 'one commit');
  t.equal(await status(person.id), 'invited');
  t.match(await mailsTo(person), [{ kind: 'invitation', language: 'nb', to: { address: person.address } }]);
  t.same([await audit(person.id, 'create'), await audit(person.id, 'invite')], [1, 0]);
  t.equal((await choose(await lastToken(person), PASSWORD)).status, 200);
  for (const [what, attributes] of [['no address', { emails: [] }], ['an address that is none', { emails: [{ value: 'none' }] }], ['not active yet', { active: false }]] as const) {
    const other = await somebody(attributes, token);
    t.same([await mailsTo(other), await links(other.id)], [[], []], what);
    t.not(await status(other.id), 'invited', what);
  }
  const refused = await call('POST', '/Users', userBody({ emails: [{ value: person.address.toUpperCase() }] }), { token });
  t.same([refused.status, refused.body.scimType], [409, 'uniqueness'], 'S2u');
  const bulk = await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [{ method: 'POST', path: '/Users', bulkId: 'a', data: userBody({ emails: [{ value: 'bulk@people.example' }] }) }] }, { token });
  t.equal(bulk.body.Operations[0].status, '201');
  t.equal(await world.database.collection('outbox').countDocuments({ 'to.address': 'bulk@people.example' }), 1);
});

t.test('S2u: of two people with one address one can be invited, whatever its case, also at once', async (t) => {
  const [first, second] = [await somebody(), await somebody()];
  t.equal((await call('PATCH', `/Users/${second.id}`, patchBody({ op: 'replace', path: 'emails', value: [{ value: first.address.toUpperCase() }] }), as)).status, 200, 'who has no account claims nothing');
  const answers = await Promise.all([first, second].map(({ id }) => invite(id)));
  t.same(answers.map(({ status }) => status).sort(), [204, 409]);
  const loser = answers[0]?.status === 409 ? first : second;
  t.match(answers.find(({ status }) => status === 409)?.body, { scimType: 'uniqueness', detail: /address|emails/ });
  t.same([await status(loser.id), await mailsTo(loser)], ['none', []]);
});

t.test('S2u: two simultaneous creates, one account', async (t) => {
  const token = (await world.makeClient(world.tenants.own, { settings: { signInMethod: 'invite' } })).token;
  const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => call('POST', '/Users', userBody({ emails: [{ value: at % 2 ? 'same@people.example' : 'SAME@people.example' }] }), { token })));
  t.same(answers.map(({ status }) => status).sort(), [201, ...Array.from({ length: 9 }, () => 409)]);
  t.equal(await world.database.collection('outbox').countDocuments({ 'to.address': /^same@people/i }), 1);
});

t.test('S2u: people who sign in elsewhere claim nothing; which address counts', async (t) => {
  const token = (await world.makeClient(world.tenants.own)).token;
  const one = await somebody({}, token);
  t.equal((await somebody({ emails: [{ value: one.address }] }, token)).id === one.id, false);
  const person = await somebody({ emails: [{ value: 'home@people.example', type: 'home' }, { value: 'work@people.example', type: 'work' }] });
  t.equal((await invite(person.id)).status, 204);
  t.match(await mailsTo(person), [{ to: { address: 'work@people.example' } }]);
  const other = await somebody({ emails: [{ value: 'home@people.example', primary: true }] });
  t.equal((await invite(other.id)).status, 204, 'another address of somebody is free');
});

t.test('S2u: somebody whom the caller cannot see is not given away', async (t) => {
  const external = await invited({ [ACCOUNT]: { population: 'external' } });
  const narrow = (await world.makeClient(world.tenants.own, { scopes: ['*', 'users.manage'], settings: { signInMethod: 'none', populations: ['employee'] } })).token;
  const person = await somebody({ emails: [{ value: external.address }] });
  const answer = await api('POST', `/users/${person.id}/invitation`, {}, { token: narrow });
  t.match(answer, { status: 409, body: { scimType: 'uniqueness', detail: /cannot see/ } });
  t.notMatch(answer.text, external.id);
});
