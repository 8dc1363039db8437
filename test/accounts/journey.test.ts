/** One person from invitation to recovery, over HTTP: what each step changes, and what it must not. */
import t from 'tap';
import { DAY_MS, patchBody, startApp, userBody } from '../helpers/app.ts';

const ACCOUNT = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';
const app = await startApp(t, import.meta.url);
const { call, clock, store, tenants } = app;
const manager = (await app.makeClient(tenants.own, { scopes: ['*', 'users.manage'], shows: [ACCOUNT], settings: { signInMethod: 'none' } })).token;
const as = { token: manager };
const api = (method: string, path: string, body?: object, cookie?: string) =>
  app.app.inject({ method: method as 'GET', url: `/api/v1${path}`, headers: { authorization: `Bearer ${manager}`, ...(cookie === undefined ? {} : { cookie }) }, ...(body ? { payload: JSON.stringify(body), headers: { authorization: `Bearer ${manager}`, 'content-type': 'application/json', ...(cookie === undefined ? {} : { cookie }) } } : {}) });
const accountOf = async (id: string) => (await call('GET', `/Users/${id}`, undefined, as)).body[ACCOUNT];
const mails = () => store.collections.outbox.find({ t: tenants.own }).sort({ created: 1 }).toArray();
const tokenIn = (text: string) => /[?&]token=([\w-]{43})/.exec(text)?.[1] ?? '';
const signIn = (name: string, password: string) => api('POST', '/sign-in', { name, password, tenant: 'default' });

t.test('S2 to S7, J7: invited, active, locked, unlocked, renewed', async (t) => {
  const { body: person } = await call('POST', '/Users', userBody({ userName: 'jan@example.com', name: { givenName: 'Jan', familyName: 'Berg' }, emails: [{ value: 'jan@example.com', type: 'work', primary: true }], preferredLanguage: 'nl' }), as);
  t.same(person[ACCOUNT], { status: 'none' }, 'no account');

  const invited = await api('POST', `/users/${person.id}/invitation`, {});
  t.equal(invited.statusCode, 204, invited.body);
  t.match(await accountOf(person.id), { status: 'invited', signInMethod: 'password' });
  const [mail, ...others] = await mails();
  t.same(others, []);
  t.match(mail, { kind: 'invitation', to: { address: 'jan@example.com' }, language: 'nl' });
  t.equal((await signIn('jan@example.com', 'anything at all')).statusCode, 401);
  const token = tokenIn(mail?.text ?? '');
  t.equal(token.length, 43);

  const choose = (chosen: string, link = token) => api('POST', '/password', { token: link, password: chosen });
  t.same((await choose('four-words')).json(), { broken: ['length'] });
  t.same((await choose('jan-berg-1234-5678')).json(), { broken: ['ownWords'] });
  t.match(await accountOf(person.id), { status: 'invited' });
  t.same([(await choose('correct horse battery')).statusCode, (await choose('correct horse staple')).statusCode], [200, 410]);
  t.match(await accountOf(person.id), { status: 'active' });
  t.equal((await accountOf(person.id)).invitation, undefined);

  const entered = await signIn('JAN@example.com', 'correct horse battery');
  t.equal(entered.statusCode, 200, entered.body);
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
  t.match(entered.headers['set-cookie'], /^__Host-rollcall=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  t.equal((await api('GET', '/sessions', undefined, cookie)).json().sessions.length, 1);

  const version = (await call('GET', `/Users/${person.id}`, undefined, as)).body.meta.version;
  for (const wrong of ['a', 'b', 'c', 'd']) t.equal((await signIn('jan@example.com', `wrong-${wrong}`)).statusCode, 401);
  await store.settled();
  t.match(await accountOf(person.id), { status: 'locked', locked: true });
  t.not((await call('GET', `/Users/${person.id}`, undefined, as)).body.meta.version, version, 'a change of status is a new version');
  t.equal((await signIn('jan@example.com', 'correct horse battery')).statusCode, 401, 'a right password does not open a locked account');
  t.equal((await api('GET', '/sessions', undefined, cookie)).statusCode, 200, 'live sessions stay');
  t.equal((await api('POST', `/users/${person.id}/unlock`)).statusCode, 204);
  t.equal((await api('POST', `/users/${person.id}/unlock`)).statusCode, 409, 'only while locked');
  t.equal((await signIn('jan@example.com', 'correct horse battery')).statusCode, 200);

  clock.now = new Date(clock.now.getTime() + 90 * DAY_MS);
  const due = (await signIn('jan@example.com', 'correct horse battery')).json();
  t.equal(due.next, 'renew');
  t.same((await choose('correct horse battery', due.token)).json(), { broken: ['history'] });
  t.equal((await choose('another horse battery', due.token)).statusCode, 200);
  t.match((await signIn('jan@example.com', 'another horse battery')).json(), { next: 'none' });

  const before = (await mails()).length;
  for (const name of ['nobody@example.com', 'jan@example.com']) t.equal((await api('POST', '/recover', { name, tenant: 'default' })).statusCode, 202);
  await store.settled();
  const sent = (await mails()).slice(before);
  t.same(sent.map(({ kind }) => kind), ['recovery']);
  t.equal((await choose('a third horse battery', tokenIn(sent[0]?.text ?? ''))).statusCode, 200);
  t.equal((await signIn('jan@example.com', 'another horse battery')).statusCode, 401);
  t.equal((await signIn('jan@example.com', 'a third horse battery')).statusCode, 200);
});

t.test('a SCIM client that leaves, locks or repeats', async (t) => {
  const { body: person } = await call('POST', '/Users', userBody({ emails: [{ value: 'leaver@example.com' }] }), as);
  t.equal((await api('POST', `/users/${person.id}/invitation`, {})).statusCode, 204);
  const locked = await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:locked`, value: true }), as);
  t.same([locked.status, locked.body.scimType], [400, 'invalidValue']);
  const off = await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: false }), as);
  t.same([off.status, off.body[ACCOUNT].status], [200, 'deactivated'], off.text);
  t.equal(await store.collections.links.countDocuments({ t: tenants.own, person: person.id }), 0, 'the link died');
  const on = await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: true }), as);
  t.equal(on.body[ACCOUNT].status, 'invited');
  clock.now = new Date(clock.now.getTime() + DAY_MS);
  t.equal((await api('POST', `/users/${person.id}/invitation/again`, {})).statusCode, 204);
});
