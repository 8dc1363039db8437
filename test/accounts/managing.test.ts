/** Who may manage people, and moving somebody to another user group: S1, S9, J4, over SCIM and over the API. */
import t from 'tap';
import { groupBody, patchBody, userBody } from '../helpers/app.ts';
import { members, RIGHTS } from '../tenancy/support.ts';
import { ACCOUNT, PASSWORD, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, api, as, audit, call, database, everything, get, invited, makeClient, session, sessionLives, somebody, tenants } = world;
const grant = { token: (await makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT] })).token };
const userGroup = async (...ids: readonly string[]): Promise<string> => (await call('POST', '/Groups', groupBody({ members: members(...ids), [RIGHTS]: { userGroup: true } }), grant)).body.id;
const namesIn = async (group: string): Promise<readonly string[]> => ((await call('GET', `/Groups/${group}`, undefined, grant)).body.members ?? []).map(({ value }: { value: string }) => value);

t.test('S1: without users.manage nothing of an account is done over the API, whatever else the caller may', async (t) => {
  const [person, waiting] = [await active(), await invited()];
  const group = await userGroup();
  const without = (await makeClient(tenants.own, { scopes: ['*', 'audit.read', 'clients.manage'], shows: [ACCOUNT] })).token;
  const calls = [
    ['POST', 'invitation', {}], ['POST', 'invitation/again', {}], ['DELETE', 'invitation', undefined], ['POST', 'unlock', undefined], ['POST', 'deactivate', undefined], ['POST', 'reactivate', undefined],
    ['GET', 'reactivation', undefined], ['GET', 'sources', undefined], ['POST', 'password', { password: PASSWORD }], ['POST', 'address', { address: 'new@people.example' }],
    ['POST', 'leave-date', { date: '2031-01-01' }], ['POST', 'group', { group }], ['DELETE', 'second-factor', undefined], ['GET', 'mails', undefined], ['GET', 'data', undefined],
  ] as const;
  const state = async () => ({ ...(await everything()), audit: [] });
  const before = await state();
  for (const { id } of [person, waiting]) {
    for (const [method, path, body] of calls) {
      const answer = await api(method, `/users/${id}/${path}`, body, { token: without });
      t.same([answer.status, answer.headers['content-type']], [403, 'application/scim+json; charset=utf-8'], `${method} ${path}: ${answer.text}`);
    }
  }
  t.same(await state(), before, 'nothing has changed and no mail was written');
});

t.test('S1: over SCIM a caller who only reads changes nobody', async (t) => {
  const person = await active();
  const reader = { token: (await makeClient(tenants.own, { scopes: ['users:read', 'groups:read'] })).token };
  const before = await get(person.id);
  for (const [method, path, body] of [
    ['POST', '/Users', userBody()], ['PUT', `/Users/${person.id}`, userBody()], ['PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: false })], ['DELETE', `/Users/${person.id}`, undefined],
  ] as const) t.equal((await call(method, path, body, reader)).status, 403, method);
  t.same(await get(person.id), before);
});

t.test('S9: over the API the old user group is left and the new one joined in one commit; other groups and sessions stay', async (t) => {
  const person = await active();
  const [old, next] = [await userGroup(person.id), await userGroup()];
  const club = (await call('POST', '/Groups', groupBody({ members: members(person.id) }), grant)).body.id as string;
  const cookie = await session(person);
  const unknown = await api('POST', `/users/${person.id}/group`, { group: 'nothing' });
  t.ok(unknown.status === 400 || unknown.status === 404, unknown.text);
  t.same([await namesIn(old), await namesIn(next)], [[person.id], []], 'a group that is not there changes nothing');
  t.equal((await api('POST', `/users/${person.id}/group`, { group: next })).status, 204);
  t.same([await namesIn(old), await namesIn(next), await namesIn(club)], [[], [person.id], [person.id]]);
  t.ok(await sessionLives(cookie));
  const entries = await database.collection('audit').find({ action: 'patch', 'on.id': { $in: [old, next] } }).sort({ at: -1 }).limit(2).toArray();
  t.equal(new Set(entries.map(({ request }) => String(request))).size, 1, 'both entries are of one request');
});

t.test('S9: over SCIM nobody is taken out of a user group by joining another', async (t) => {
  const person = await somebody();
  const [old, next] = [await userGroup(person.id), await userGroup()];
  t.equal((await call('PATCH', `/Groups/${next}`, patchBody({ op: 'add', path: 'members', value: members(person.id) }), grant)).status, 200);
  t.same([await namesIn(old), await namesIn(next)], [[person.id], [person.id]]);
});

t.test('J4: made over SCIM, seen over the API at once, and what the API does is seen over SCIM', async (t) => {
  const person = await somebody({ name: { givenName: 'Joke', familyName: 'Vier' } });
  t.match((await api('GET', '/users?search=vier')).body.people, [{ id: person.id, status: 'none' }]);
  t.equal((await api('POST', `/users/${person.id}/invitation`, {})).status, 204);
  t.equal((await call('GET', `/Users/${person.id}`, undefined, as)).body[ACCOUNT].status, 'invited');
  t.equal(await audit(person.id, 'invite'), 1);
});
