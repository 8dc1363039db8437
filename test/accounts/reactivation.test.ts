/** J10: what comes back with somebody who is activated again is shown before, and is what is there afterwards. */
import t from 'tap';
import { groupBody, patchBody, unique, userBody } from '../helpers/app.ts';
import { members, RIGHTS } from '../tenancy/support.ts';
import { ACCOUNT, PASSWORD, startWorld } from './world.ts';

const PORTALS = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const PORTAL = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal';

const world = await startWorld(t, import.meta.url);
const { active, api, audit, call, everything, get, mailsTo, somebody, status, tenants } = world;
const grantor = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT, PORTALS, COMPANY, PORTAL], settings: { signInMethod: 'none' } })).token;
const as = { token: grantor };
const preview = (id: string) => api('GET', `/users/${id}/reactivation`);

t.test('J10: groups with their rights, roles, portals, the leave date; those that are gone are not there; nothing is written', async (t) => {
  const customer = (await call('POST', '/Companies', { schemas: [COMPANY], displayName: 'Customer' }, as)).body.id as string;
  const portal = async (displayName: string): Promise<string> => (await call('POST', '/Portals', { schemas: [PORTAL], displayName }, as)).body.id;
  const [open, closed] = [await portal('Open'), await portal('Closed')];
  const address = `${unique('p')}@people.example`;
  const made = await call('POST', '/Users', userBody({ userName: address, emails: [{ value: address, primary: true }], roles: [{ value: 'keeper' }], [PORTALS]: { access: [{ portal: open, customer }, { portal: closed, customer }] } }), as);
  const id = made.body.id as string;
  const inner = (await call('POST', '/Groups', groupBody({ members: members(id), [RIGHTS]: { rights: ['audit.read'] } }), as)).body;
  const outer = (await call('POST', '/Groups', groupBody({ members: members(inner.id), [RIGHTS]: { rights: ['users.manage'] } }), as)).body;
  const gone = (await call('POST', '/Groups', groupBody({ members: members(id) }), as)).body.id as string;
  t.equal((await preview(id)).status, 409, 'not while the account is active');
  await api('POST', `/users/${id}/leave-date`, { date: '2029-12-31' });
  await call('DELETE', `/Groups/${gone}`, undefined, as);
  await call('PATCH', `/Portals/${closed}`, patchBody({ op: 'replace', path: 'active', value: false }), as);

  const before = await everything();
  const answer = await preview(id);
  t.equal(answer.status, 200, answer.text);
  t.match(answer.body, { roles: ['keeper'], rights: ['audit.read', 'users.manage'], locked: false, leaveDate: '2029-12-31' });
  t.same(answer.body.groups.map((group: { id: string; direct: boolean; rights: string[] }) => [group.id, group.direct, group.rights]).sort(), [[inner.id, true, ['audit.read']], [outer.id, false, ['users.manage']]].sort());
  t.same(answer.body.portals, [{ portal: { id: open, name: 'Open' }, customer: { id: customer, name: 'Customer' }, open: true }, { portal: { id: closed, name: 'Closed' }, customer: { id: customer, name: 'Customer' }, open: false }]);
  t.same(await everything(), before);

  t.equal((await api('POST', `/users/${id}/reactivate`)).status, 204);
  const after = (await call('GET', `/Users/${id}?attributes=groups,${ACCOUNT}:rights,${ACCOUNT}:leaveDate`, undefined, as)).body;
  t.same([after.groups.length, after[ACCOUNT].rights, after[ACCOUNT].leaveDate], [2, ['audit.read', 'users.manage'], undefined], 'as it was shown');
});

t.test('Combinations: a lock survives unless it is lifted with it, an invitation needs a new mail', async (t) => {
  const [kept, lifted] = [await active(), await active()];
  for (const [person, body, then] of [[kept, {}, 'locked'], [lifted, { unlock: true }, 'active']] as const) {
    await world.wrong(person, 3);
    await api('POST', `/users/${person.id}/deactivate`);
    t.match((await preview(person.id)).body, { status: 'locked', locked: true });
    t.equal((await api('POST', `/users/${person.id}/reactivate`, body)).status, 204);
    t.same([await status(person.id), await audit(person.id, 'reactivate'), await audit(person.id, 'unlock')], [then, 1, 0], 'one commit, one entry');
  }
  t.same([(await world.signIn(kept.address, PASSWORD)).status, (await world.signIn(lifted.address, PASSWORD)).status], [401, 200]);
  const person = await world.invited();
  await api('POST', `/users/${person.id}/deactivate`);
  t.match((await preview(person.id)).body, { status: 'invited', needsInvitation: true });
  await api('POST', `/users/${person.id}/reactivate`, { unlock: true });
  t.same([await status(person.id), (await mailsTo(person)).length], ['invited', 1]);
});

t.test('J10: nobody of another tenant, unknown or hidden is shown, and a wrong body changes nothing', async (t) => {
  const person = await somebody({ active: false });
  t.equal((await api('GET', `/users/${person.id}/reactivation`, undefined, { token: (await world.makeClient(tenants.other, { scopes: ['users.manage'] })).token })).status, 404);
  t.equal((await preview('00000000-0000-7000-8000-000000000000')).status, 404);
  t.equal((await api('POST', `/users/${person.id}/reactivate`, { unlock: 'yes' })).status, 400);
  t.equal((await get(person.id)).active, false);
});
