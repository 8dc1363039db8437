/** Tokens of people who are not staff: an external user's end with the external login (X5), those of a portal with its access (P4), and no others. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, unique, USER } from '../helpers/app.ts';
import { LEDGER, partsOf, PLANNER, withApplications, type Tokens } from './applications.ts';
import { ACCOUNT, PASSWORD, startWorld } from './world.ts';

const EXTERNAL = 'urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User';
const PORTAL_USER = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const PORTAL = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal';
const world = await startWorld(t, import.meta.url);
const { active: employee, api, call, database, policy, sessionLives, signIn, status } = world;
const { active, introspect, makeSecret, refresh, refreshed, tokens } = await withApplications(world);
const token = (await world.makeClient(world.tenants.own, { scopes: ['*', 'users.manage'], shows: [ACCOUNT, EXTERNAL, PORTAL_USER, COMPANY, PORTAL], settings: { signInMethod: 'none' } })).token;
const made = async (endpoint: string, body: Json): Promise<{ readonly id: string }> => {
  const answer = await call('POST', endpoint, body, { token });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
const patch = async (endpoint: string, id: string, ...operations: Json[]) => {
  const answer = await call('PATCH', `${endpoint}/${id}`, patchBody(...operations), { token });
  t.equal(answer.status, 200, answer.text);
};
const replace = (path: string, value: Json): Json => ({ op: 'replace', path, value });
const newCompany = () => made('/Companies', { schemas: [COMPANY], displayName: unique('Company') });
const newPortal = () => made('/Portals', { schemas: [PORTAL], displayName: unique('Portal') });

async function external() {
  const company = (await newCompany()).id;
  const address = unique('external');
  const { id } = await made('/Users', { schemas: [USER, EXTERNAL], userName: unique('contact'), emails: [{ value: `${address}@company.example` }], [EXTERNAL]: { companyId: company } });
  await patch('/Users', id, replace(`${EXTERNAL}:registered`, true), replace(`${EXTERNAL}:role`, 'Klant'), replace('userName', address), { op: 'add', path: 'password', value: PASSWORD });
  return { id, address, company };
}

async function portalUser(...portals: readonly string[]) {
  const customer = (await newCompany()).id;
  const address = `${unique('portal')}@customer.example`;
  const { id } = await made('/Users', { schemas: [USER, PORTAL_USER], userName: address, emails: [{ value: address }], password: PASSWORD, [PORTAL_USER]: { access: portals.map((portal) => ({ portal, customer, enabled: true })) } });
  return { id, address, customer };
}
const at = (portal: string, name: string, audience: string) => api('POST', '/sign-in', { name, password: PASSWORD, tenant: 'default', portal, audience }, { token: '' });
const tokensAt = async (portal: string, name: string): Promise<Tokens> => {
  const { status: answered, text, body } = await at(portal, name, portal);
  if (answered !== 200) throw new Error(text);
  return body;
};

t.test('X5: the tokens of an external user say so, and end with the login', async (t) => {
  const [somebody, other] = [await external(), await external()];
  const [given, others] = [await tokens(somebody), await tokens(other)];
  t.equal(partsOf(given.accessToken).claims['entry'], 'external');
  t.match((await introspect(given.accessToken)).body, { active: true, sub: somebody.id, username: somebody.address, entry: 'external' });
  const next = await refreshed(given.refreshToken);
  t.equal(partsOf(next.accessToken).claims['entry'], 'external');
  await patch('/Users', somebody.id, replace(`${EXTERNAL}:loginEnabled`, false));
  t.same([await active(next.accessToken, next.refreshToken), (await refresh(next.refreshToken)).status], [[false, false], 401]);
  await patch('/Users', somebody.id, replace(`${EXTERNAL}:loginEnabled`, true));
  t.equal((await refresh(next.refreshToken)).status, 401, 'what has ended is not revived');
  t.same(await active(others.accessToken, others.refreshToken), [true, true]);
  await patch('/Companies', other.company, replace('active', false));
  t.same([await active(others.accessToken, others.refreshToken), (await refresh(others.refreshToken)).status], [[false, false], 401], 'with the company all its logins');
});

t.test('P4: the tokens of a portal end with its access; those of another portal go on', async (t) => {
  const [here, there] = [(await newPortal()).id, (await newPortal()).id];
  const somebody = await portalUser(here, there);
  const [one, two] = [await tokensAt(here, somebody.address), await tokensAt(there, somebody.address)];
  t.match(partsOf(one.accessToken).claims, { aud: here, client_id: here, sub: somebody.id, entry: 'portal' });
  t.match((await introspect(one.accessToken)).body, { active: true, aud: here, entry: 'portal' });
  t.match((await introspect(one.refreshToken)).body, { active: true, client_id: here, entry: 'portal' });
  await patch('/Users', somebody.id, replace(`${PORTAL_USER}:access[portal eq "${here}"].enabled`, false));
  t.same([await active(one.accessToken, one.refreshToken), (await refresh(one.refreshToken)).status], [[false, false], 401]);
  const next = await refreshed(two.refreshToken);
  t.same(await active(next.accessToken, next.refreshToken), [true, true]);
  t.equal((await at(here, somebody.address, here)).status, 401);
  await patch('/Portals', there, replace('active', false));
  t.same([await active(next.accessToken, next.refreshToken), (await refresh(next.refreshToken)).status], [[false, false], 401]);
});

t.test('at a portal there are tokens for that portal alone, and for a portal nowhere else', async (t) => {
  const [here, there] = [(await newPortal()).id, (await newPortal()).id];
  const [somebody, staff] = [await portalUser(here, there), await employee()];
  const sessions = await database.collection('sessions').countDocuments();
  for (const audience of [PLANNER, LEDGER, there, '', `${here} `]) t.match((await at(here, somebody.address, audience)).body, { status: '400', scimType: 'invalidValue', detail: /^audience/ }, audience);
  t.equal((await api('POST', '/sign-in', { name: staff.address, password: PASSWORD, tenant: 'default', audience: here }, { token: '' })).status, 400);
  t.equal((await at(here, staff.address, here)).status, 401, 'who has no access there');
  t.equal((await api('POST', '/sign-in', { name: somebody.address, password: PASSWORD, tenant: 'default', audience: PLANNER }, { token: '' })).status, 401, 'nor has a portal user another entry');
  t.equal(await database.collection('sessions').countDocuments(), sessions);
  const cookie = await api('POST', '/sign-in', { name: somebody.address, password: PASSWORD, tenant: 'default', portal: here }, { token: '' });
  t.match(String(cookie.headers['set-cookie']), /^__Host-rollcall=/, 'without an audience it is a cookie as ever');
  await policy({ applications: [] });
  t.teardown(() => policy({ applications: [PLANNER, LEDGER] }));
  t.same(await active((await tokensAt(here, somebody.address)).accessToken), [true], 'a portal needs no mention in the policy');
});

t.test('a client that sees employees alone is told no name of an external user', async (t) => {
  const somebody = await external();
  const { accessToken, refreshToken } = await tokens(somebody);
  const staff = await makeSecret(world.tenants.own, { settings: { populations: ['employee'] } });
  for (const given of [accessToken, refreshToken]) {
    t.equal((await introspect(given)).body.username, somebody.address);
    const { body } = await introspect(given, staff);
    t.same([body.active, body.sub, 'username' in body], [true, somebody.id, false]);
  }
  t.ok('username' in (await introspect((await tokens(await employee())).accessToken, staff)).body);
});

t.test('who has several entries: tokens of one end without those of another', async (t) => {
  const portal = (await newPortal()).id;
  const staff = await employee();
  const customer = (await newCompany()).id;
  await patch('/Users', staff.id, { op: 'add', value: { [PORTAL_USER]: { access: [{ portal, customer, enabled: true }] } } });
  const [own, there] = [await tokens(staff), await tokensAt(portal, staff.address)];
  const cookie = (await signIn(staff.address, PASSWORD)).headers['set-cookie'];
  t.same([partsOf(own.accessToken).claims['entry'], partsOf(there.accessToken).claims['entry']], ['staff', 'portal']);
  await patch('/Users', staff.id, replace(`${PORTAL_USER}:enabled`, false));
  t.same([await active(own.accessToken, own.refreshToken), await active(there.accessToken, there.refreshToken), await sessionLives(String(cookie).split(';')[0] ?? '')], [[true, true], [false, false], true]);
  await patch('/Users', staff.id, replace('active', false));
  t.same([await active(own.accessToken), await status(staff.id)], [[false], 'deactivated'], 'a deactivation ends all');
});
