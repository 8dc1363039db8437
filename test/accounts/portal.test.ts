/** Portal users: P1 to P5, over SCIM, the pages and the API. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, unique, userBody } from '../helpers/app.ts';
import { ACCOUNT, cookieOf, OTHER_PASSWORD, PASSWORD, startWorld, tokenIn } from './world.ts';

const PORTALS = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
const PORTAL_GROUP = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:Group';
const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const PORTAL = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal';
const world = await startWorld(t, import.meta.url);
const { api, call, choose, mailsTo, sessionLives, store, tenants, browser } = world;
const token = (await world.makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT, PORTALS, PORTAL_GROUP, COMPANY, PORTAL], settings: { populations: ['portal', 'employee'], signInMethod: 'none' } })).token;
const as = { token };
const made = async (endpoint: string, body: Json) => {
  const answer = await call('POST', endpoint, body, as);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.id as string;
};
const customer = () => made('/Companies', { schemas: [COMPANY], displayName: unique('Klant ') });
const portal = (attributes: Record<string, Json> = {}) => made('/Portals', { schemas: [PORTAL], displayName: unique('Portaal '), ...attributes });
const person = async (access: readonly Record<string, Json>[], attributes: Record<string, Json> = {}) => {
  const address = `${unique('pu')}@klant.example`;
  const id = await made('/Users', userBody({ userName: address, emails: [{ value: address }], [PORTALS]: { access: [...access] }, ...attributes }));
  return { id, address };
};
const patch = (id: string, ...operations: Record<string, Json>[]) => call('PATCH', `/Users/${id}`, patchBody(...operations), as);
const enterAt = (name: string, password: string, at: string) => api('POST', '/sign-in', { name, password, tenant: 'default', portal: at }, { token: '' });

t.test('P1: an access names its portal and its customer; neither may be missing or unknown', async (t) => {
  const [p, c] = [await portal({ externalId: 'main-portal' }), await customer()];
  for (const access of [[{ portal: p, customer: 'nobody' }], [{ portal: 'nowhere', customer: c }], [{ portal: p }], [{ customer: c }], [{ portal: p, customer: c }, { portal: p, customer: c, enabled: false }]]) {
    const answer = await call('POST', '/Users', userBody({ userName: unique('p1'), [PORTALS]: { access } }), as);
    t.match(answer.body, { status: '400', scimType: 'invalidValue' }, JSON.stringify(access));
  }
  const { id } = await person([{ portal: 'main-portal', customer: c }]);
  t.match((await call('GET', `/Users/${id}`, undefined, as)).body, {
    [ACCOUNT]: { population: 'portal' },
    [PORTALS]: { access: [{ portal: p, customer: c, portalDisplay: /^Portaal /, customerDisplay: /^Klant /, portalRef: /\/Portals\// }] },
  });
});

t.test('P2, P5: saved without a password; asked for at the portal, the first one comes by mail, in its name and language, and leads back to it', async (t) => {
  const [p, c] = [await portal({ displayName: 'Mijn Portaal', locale: 'nl-NL' }), await customer()];
  const one = await person([{ portal: p, customer: c }]);
  t.same(await mailsTo(one), []);
  t.equal((await enterAt(one.address, PASSWORD, p)).status, 401);
  const visitor = browser();
  t.match((await visitor.get(`/forgot?portal=${p}`)).text, 'Mijn Portaal');
  await visitor.post(`/forgot?portal=${p}`, { name: one.address });
  await store.settled();
  const [mail, ...others] = await mailsTo(one);
  t.same(others, []);
  t.match(mail, { kind: 'recovery', language: 'nl', text: /Mijn Portaal/ });
  const link = tokenIn(String(mail?.['text'])) ?? '';
  const page = await visitor.get(`/reset?token=${link}`);
  t.match(page.text, 'Mijn Portaal');
  const set = await visitor.post('/reset', { token: link, password: PASSWORD });
  t.equal(set.status, 200, set.text);
  t.match(set.text, `/sign-in?portal=${p}`);
  t.equal((await enterAt(one.address, PASSWORD, p)).body.next, 'none');
  t.equal((await world.signIn(one.address, PASSWORD)).status, 401, 'a portal user is not staff');
  t.equal((await choose(link, OTHER_PASSWORD)).status, 410);
});

t.test('P3, P4: several accesses, each with its switch, and one over all; what is switched off ends its own sessions alone', async (t) => {
  const [one, two, c] = [await portal(), await portal(), await customer()];
  const user = await person([{ portal: one, customer: c }, { portal: two, customer: c }], { password: PASSWORD });
  const cookies = { one: cookieOf((await enterAt(user.address, PASSWORD, one)).headers), two: cookieOf((await enterAt(user.address, PASSWORD, two)).headers) };
  t.same([await sessionLives(cookies.one), await sessionLives(cookies.two)], [true, true]);
  const off = await patch(user.id, { op: 'replace', path: `${PORTALS}:access[portal eq "${one}"].enabled`, value: false });
  t.equal(off.status, 200, off.text);
  t.same([await sessionLives(cookies.one), await sessionLives(cookies.two)], [false, true]);
  t.same([(await enterAt(user.address, PASSWORD, one)).status, (await enterAt(user.address, PASSWORD, two)).status], [401, 200]);
  await patch(user.id, { op: 'replace', path: `${PORTALS}:enabled`, value: false });
  t.notOk(await sessionLives(cookies.two));
  t.equal((await enterAt(user.address, PASSWORD, two)).status, 401);
  await patch(user.id, { op: 'replace', path: `${PORTALS}:enabled`, value: true });
  t.notOk(await sessionLives(cookies.two), 'what has ended is not revived');
  t.equal((await enterAt(user.address, PASSWORD, two)).status, 200);
});

t.test('P3: membership of a group that stands for a portal is an access, and ends with it', async (t) => {
  const [p, c] = [await portal(), await customer()];
  const user = await world.active();
  t.equal((await enterAt(user.address, PASSWORD, p)).status, 401);
  const group = await made('/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group', PORTAL_GROUP], displayName: unique('Portaalgroep '), members: [{ value: user.id }], [PORTAL_GROUP]: { portalId: p, companyId: c } });
  const entered = await enterAt(user.address, PASSWORD, p);
  t.equal(entered.status, 200);
  const [there, staff] = [cookieOf(entered.headers), await world.session(user)];
  await call('PATCH', `/Groups/${group}`, patchBody({ op: 'remove', path: `members[value eq "${user.id}"]` }), as);
  world.advance(2000);
  t.same([await sessionLives(there), await sessionLives(staff)], [false, true]);
  const wrong = await call('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group', PORTAL_GROUP], displayName: unique('Portaalgroep '), [PORTAL_GROUP]: { portalId: p } }, as);
  t.match(wrong.body, { status: '400', detail: /companyId/ });
});

t.test('a portal that is closed switches off its logins, and its pages are gone; one in use is not deleted', async (t) => {
  const [p, c] = [await portal(), await customer()];
  const user = await person([{ portal: p, customer: c }], { password: PASSWORD });
  const cookie = cookieOf((await enterAt(user.address, PASSWORD, p)).headers);
  t.match((await call('DELETE', `/Portals/${p}`, undefined, as)).body, { status: '409', detail: /in use: 1 portal users/ });
  await call('PATCH', `/Portals/${p}`, patchBody({ op: 'replace', path: 'active', value: false }), as);
  t.notOk(await sessionLives(cookie));
  t.equal((await browser().get(`/sign-in?portal=${p}`)).status, 404);
  t.equal((await browser().get('/sign-in?portal=nowhere')).status, 404);
});

t.test('Combinations: no usable entry, forgot password: the same answer and no mail', async (t) => {
  const [p, c] = [await portal(), await customer()];
  const user = await person([{ portal: p, customer: c, enabled: false }], { password: PASSWORD });
  const answer = await world.recover(user.address);
  t.same([answer.status, await mailsTo(user)], [202, []]);
});
