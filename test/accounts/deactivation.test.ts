/** The leaver: S11, L3, L5. Whatever the route, everything that was given out ends in the commit that deactivates, and comes back for nobody. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, userBody } from '../helpers/app.ts';
import { ACCOUNT, OTHER_PASSWORD, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, call, choose, credential, database, everything, get, invited, lastToken, links, mailsTo, recover, session, sessionLives, signIn, status, wrong } = world;
const patch = (id: string, ...operations: Json[]) => call('PATCH', `/Users/${id}`, patchBody(...operations), as);
const bulk = (...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, as);
const putBody = ({ address }: Somebody, more: Record<string, Json> = {}) => userBody({ userName: address, emails: [{ value: address, type: 'work', primary: true }], ...more });

const routes: Readonly<Record<string, readonly [act: (person: Somebody) => Promise<{ readonly status: number; readonly text: string }>, action: string]>> = {
  'the API': [({ id }) => api('POST', `/users/${id}/deactivate`), 'deactivate'],
  'PATCH with a path': [({ id }) => patch(id, { op: 'replace', path: 'active', value: false }), 'patch'],
  'PATCH without a path, as Entra writes it': [async ({ id }) => call('PATCH', `/Users/${id}`, patchBody({ op: 'Replace', value: { active: 'False' } }), { token: await tolerant() }), 'patch'],
  PUT: [(person) => call('PUT', `/Users/${person.id}`, putBody(person, { active: false }), as), 'replace'],
  'a PATCH in Bulk': [({ id }) => bulk({ method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'active', value: false }) }), 'patch'],
  'a PUT in Bulk': [(person) => bulk({ method: 'PUT', path: `/Users/${person.id}`, data: putBody(person, { active: false }) }), 'replace'],
  DELETE: [({ id }) => call('DELETE', `/Users/${id}`, undefined, as), 'delete'],
  'a DELETE in Bulk': [({ id }) => bulk({ method: 'DELETE', path: `/Users/${id}` }), 'delete'],
};
const tolerant = async () => world.manager;

for (const [route, [act, action]] of Object.entries(routes)) {
  t.test(`S11, L3: ${route} ends everything`, async (t) => {
    const person = await active();
    const cookies = [await session(person), await session(person)];
    await recover(person.address);
    const reset = await lastToken(person);
    await patch(person.id, { op: 'replace', path: `${ACCOUNT}:mustChangePassword`, value: true });
    const step = (await signIn(person.address, PASSWORD)).body.token;
    t.same([await sessionLives(cookies[0] ?? ''), typeof step], [true, 'string']);
    const mails = (await mailsTo(person)).length;
    const epoch = (await credential(person.id))?.epoch ?? 0;

    const answer = await act(person);
    t.ok(answer.status < 300, answer.text);
    t.same(await Promise.all(cookies.map((cookie) => sessionLives(cookie))), [false, false], 'at the next request');
    for (const token of [reset, step]) t.equal((await choose(token, OTHER_PASSWORD)).status, 410);
    t.equal((await signIn(person.address, PASSWORD)).status, 401);
    t.same([await database.collection('sessions').countDocuments({ person: person.id }), await links(person.id)], [0, []]);
    t.equal(await database.collection('audit').countDocuments({ 'on.id': person.id, action, at: world.clock.now }), action === 'patch' ? 2 : 1);
    if (action === 'delete') {
      t.same([await credential(person.id), await mailsTo(person), await database.collection('claims').countDocuments({ owner: person.id })], [null, [], 0]);
      return;
    }
    t.equal(await status(person.id), 'deactivated');
    t.ok(((await credential(person.id))?.epoch ?? 0) > epoch);
    t.equal((await mailsTo(person)).length, mails, 'nobody is told');
    const before = await everything();
    advance(SECOND);
    t.equal((await act(person)).status, route === 'the API' ? 409 : 200);
    t.same((await everything())['users'], before['users'], 'twice is once');
  });
}

t.test('S11: an unknown person, a caller without the right', async (t) => {
  const person = await active();
  const cookie = await session(person);
  t.equal((await api('POST', '/users/00000000-0000-7000-8000-000000000000/deactivate')).status, 404);
  const narrow = (await world.makeClient(world.tenants.own, { scopes: ['*'] })).token;
  t.equal((await api('POST', `/users/${person.id}/deactivate`, undefined, { token: narrow })).status, 403);
  t.equal((await patch(person.id, { op: 'replace', path: 'active', value: false }, { op: 'replace', path: 'no-such', value: 1 })).status, 400);
  t.ok(await sessionLives(cookie), 'what was refused ended nothing');
});

t.test('S11: a session that begins while the account ends does not live', async (t) => {
  for (let round = 0; round < 5; round++) {
    const person = await active();
    const [entered] = await Promise.all([signIn(person.address, PASSWORD), api('POST', `/users/${person.id}/deactivate`)]);
    t.ok([200, 401].includes(entered.status));
    if (entered.status === 200) t.notOk(await sessionLives(String(entered.headers['set-cookie']).split(';')[0] ?? ''));
  }
});

t.test('L3: a lock survives, and a provider\'s active true does not lift it', async (t) => {
  const person = await active();
  await wrong(person, 3);
  await api('POST', `/users/${person.id}/deactivate`);
  t.equal(await status(person.id), 'deactivated');
  t.match(await api('POST', `/users/${person.id}/unlock`), { status: 409, body: { detail: /deactivated/ } });
  t.equal((await patch(person.id, { op: 'replace', path: 'active', value: true })).body[ACCOUNT].status, 'locked');
  t.equal((await signIn(person.address, PASSWORD)).status, 401);
});

t.test('L5: coming back is as it was, without a mail, and revives nothing', async (t) => {
  for (const [what, act] of [['the API', (id: string) => api('POST', `/users/${id}/reactivate`)], ['PATCH', (id: string) => patch(id, { op: 'replace', path: 'active', value: true })]] as const) {
    const person = await active();
    const cookie = await session(person);
    await api('POST', `/users/${person.id}/deactivate`);
    advance(SECOND);
    t.ok((await act(person.id)).status < 300, what);
    t.equal(await status(person.id), 'active');
    t.notOk(await sessionLives(cookie));
    t.same(await mailsTo(person), []);
    t.equal((await signIn(person.address, PASSWORD)).status, 200, 'the password is the old one');
  }
  const person = await active();
  t.match(await api('POST', `/users/${person.id}/reactivate`), { status: 409, body: { detail: 'The account is not deactivated.' } });
});

t.test('L5: a PUT that does not speak of active revives nobody', async (t) => {
  const person = await active();
  await api('POST', `/users/${person.id}/deactivate`);
  t.equal((await call('PUT', `/Users/${person.id}`, putBody(person, { displayName: 'changed' }), as)).status, 200);
  t.equal(await status(person.id), 'deactivated');
});

t.test('L5: somebody invited comes back invited, without a live link or a mail', async (t) => {
  const person = await invited();
  await api('POST', `/users/${person.id}/deactivate`);
  t.equal((await choose(person.token, PASSWORD)).status, 410);
  t.equal((await api('POST', `/users/${person.id}/invitation/again`, {})).status, 409);
  await api('POST', `/users/${person.id}/reactivate`);
  t.same([await status(person.id), (await choose(person.token, PASSWORD)).status, (await mailsTo(person)).length], ['invited', 410, 1]);
  t.equal((await api('POST', `/users/${person.id}/invitation/again`, {})).status, 204);
  t.equal((await choose(await lastToken(person), PASSWORD)).status, 200);
});

t.test('L7: a password that is synced while deactivated is kept, and opens nothing until the return', async (t) => {
  const person = await active();
  await api('POST', `/users/${person.id}/deactivate`);
  t.equal((await patch(person.id, { op: 'replace', path: 'password', value: OTHER_PASSWORD })).status, 200);
  t.equal(await status(person.id), 'deactivated');
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, 401);
  t.match(await api('POST', `/users/${person.id}/password`, { password: 'a third sentence here' }), { status: 409, body: { detail: /deactivated/ } }, 'an administrator is told');
  await api('POST', `/users/${person.id}/reactivate`);
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(person.address, OTHER_PASSWORD)).status], [401, 200]);
  t.same(await mailsTo(person), []);
});

t.test('S11: one entry of the log each, and the facts in one version', async (t) => {
  const person = await active();
  const version = async () => Number(/\d+/.exec((await get(person.id)).meta.version)?.[0]);
  const before = await version();
  await api('POST', `/users/${person.id}/deactivate`);
  await api('POST', `/users/${person.id}/reactivate`);
  t.equal(await version(), before + 2);
  t.same([await audit(person.id, 'deactivate'), await audit(person.id, 'reactivate'), await audit(person.id, 'patch')], [1, 1, 0]);
  t.match(await account(person.id), { status: 'active', signInMethod: 'password' });
});
