/** A company or a portal that is closed: all its logins are off in one step, by SCIM and API, and to the guard of a client they are so many deactivations. */
import t from 'tap';
import { patchBody, unique } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { COMPANY, EXTERNAL, idsIn, PORTAL, PORTALS, startCompanies } from './company-world.ts';
import { ACCOUNT, cookieOf, PASSWORD } from './world.ts';

const world = await startCompanies(t, import.meta.url);
const { call, makeClient, sessionLives, signIn, tenants } = world;
const manager = world.by((await makeClient(tenants.own, { scopes: ['users.manage'] })).token);
const limited = (guardChanges: number) => makeClient(tenants.own, { scopes: ['*', 'users.manage'], shows: [ACCOUNT, EXTERNAL, PORTALS, COMPANY, PORTAL], settings: { guardChanges, guardShare: 0, guardMembers: 0 } });
const close = (path: string, token: string, active = false) => call('PATCH', path, patchBody({ op: 'replace', path: 'active', value: active }), { token });
const enterAt = (name: string, at: string) => world.api('POST', '/sign-in', { name, password: PASSWORD, tenant: 'default', portal: at }, { token: '' });

t.test('over the API: closed, nobody of it signs in and their sessions are over; open again they sign in anew', async (t) => {
  const [company, portal] = [await world.company(), await world.portal()];
  const [person, user] = [await world.external(company), await world.portalUser([{ portal, customer: company }])];
  const cookies = [await world.session({ ...person, address: person.userName }), cookieOf((await enterAt(user.address, portal)).headers)];
  t.equal((await manager.api('POST', `/companies/${company}/close`)).status, 204);
  t.same(await Promise.all(cookies.map(sessionLives)), [false, false]);
  t.same([(await signIn(person.userName, PASSWORD)).status, (await enterAt(user.address, portal)).status], [401, 401]);
  t.equal((await manager.api('GET', `/companies/${company}`)).body.active, false);
  t.equal(await world.audit(company, 'patch'), 1);
  t.equal((await manager.api('POST', `/companies/${company}/close`)).status, 204);
  t.equal(await world.audit(company, 'patch'), 1, 'closed already');
  t.equal((await manager.api('POST', `/companies/${company}/open`)).status, 204);
  t.same(await Promise.all(cookies.map(sessionLives)), [false, false], 'what has ended is not revived');
  t.same([(await signIn(person.userName, PASSWORD)).status, (await enterAt(user.address, portal)).status], [200, 200]);
  t.equal((await manager.api('POST', `/portals/${portal}/close`)).status, 204);
  t.same([(await signIn(person.userName, PASSWORD)).status, (await enterAt(user.address, portal)).status], [200, 401], 'the portal alone');
  refused(t, await manager.api('POST', '/companies/nowhere/close'), 404);
  refused(t, await world.by(await world.having(['externalUsers.manage'])).api('POST', `/companies/${company}/close`), 403);
});

t.test('the guard counts whom it switches off, by SCIM, Bulk and API alike, and refuses what is over the limit', async (t) => {
  const [company, portal] = [await world.company(), await world.portal()];
  const people = [await world.external(company), await world.external(company), await world.portalUser([{ portal, customer: company }])];
  // These have no login there that could be switched off.
  await world.contact(company);
  await world.external(company, { loginEnabled: false });
  await world.portalUser([{ portal, customer: company, enabled: false }]);
  await world.external(await world.company());
  const two = await limited(2);
  const answer = await close(`/Companies/${company}`, two.token);
  refused(t, answer, 429);
  t.match(answer.body.detail, /may deactivate or delete 2 people within an hour, and this would be 3 at once/);
  refused(t, await world.by(two.token).api('POST', `/companies/${company}/close`), 429);
  const bulk = await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [{ method: 'PATCH', path: `/Companies/${company}`, data: patchBody({ op: 'replace', path: 'active', value: false }) }] }, { token: two.token });
  t.equal(bulk.body.Operations[0].status, '429');
  t.equal((await manager.api('GET', `/companies/${company}`)).body.active, true);
  for (const { address, ...one } of people.slice(0, 2)) t.equal((await signIn('userName' in one ? String(one.userName) : address, PASSWORD)).status, 200);
  t.equal((await call('PATCH', `/Companies/${company}`, patchBody({ op: 'replace', path: 'displayName', value: unique('Renamed ') }), { token: two.token })).status, 200, 'other changes go on');
  const usedBy = async (client: string) => (await world.database.collection<{ _id: string; used?: { changes: number }[] }>('guards').findOne({ _id: client }))?.used?.reduce((sum, { changes }) => sum + changes, 0) ?? 0;
  t.equal(await usedBy(two.client), 0, 'what was refused is not counted');
  const four = await limited(4);
  t.equal((await close(`/Companies/${company}`, four.token)).status, 200);
  t.equal(await usedBy(four.client), 3);
  t.equal((await close(`/Companies/${company}`, four.token)).status, 200);
  t.equal((await close(`/Companies/${company}`, four.token, true)).status, 200);
  t.equal(await usedBy(four.client), 3, 'neither closing again nor opening counts');
  refused(t, await close(`/Companies/${company}`, four.token), 429);
  t.equal((await close(`/Portals/${portal}`, four.token)).status, 200, 'one is left');
  t.equal(await usedBy(four.client), 4);
  t.same(idsIn((await manager.api('GET', `/companies/${company}/people?show=loginEnabled`)).body).length, 2, 'the switches of the people are as they were');
});
