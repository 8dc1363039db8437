/** External users: X3 to X5 over SCIM. One PATCH each; what they end is not the same. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, unique } from '../helpers/app.ts';
import { ACCOUNT, OTHER_PASSWORD, PASSWORD, startWorld } from './world.ts';

const EXTERNAL = 'urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User';
const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const world = await startWorld(t, import.meta.url);
const { call, tenants, signIn, session, sessionLives, credential, audit, mailsTo } = world;
const token = (await world.makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT, EXTERNAL, COMPANY], settings: { populations: ['external', 'contact'], signInMethod: 'none' } })).token;
const as = { token };
const patch = async (id: string, ...operations: Record<string, Json>[]) => call('PATCH', `/Users/${id}`, patchBody(...operations), as);
const set = (attribute: string, value: Json) => ({ op: 'replace', path: attribute.includes(':') || !['registered', 'loginEnabled', 'role', 'companyId', 'company'].includes(attribute) ? attribute : `${EXTERNAL}:${attribute}`, value });

const company = async (attributes: Record<string, Json> = {}) => (await call('POST', '/Companies', { schemas: [COMPANY], displayName: unique('Company '), ...attributes }, as)).body.id as string;
const contact = async (ofCompany: string) => {
  const address = `${unique('c')}@company.example`;
  const made = await call('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', EXTERNAL], userName: unique('contact'), name: { familyName: 'Berg' }, emails: [{ value: address }], [EXTERNAL]: { companyId: ofCompany } }, as);
  if (made.status !== 201) throw new Error(made.text);
  return { id: made.body.id as string, address, body: made.body };
};
const registered = async (userId = unique('ext.')) => {
  const person = await contact(await company());
  const answer = await patch(person.id, set('registered', true), set('role', 'Klant'), { op: 'replace', path: 'userName', value: userId }, { op: 'add', path: 'password', value: PASSWORD });
  if (answer.status !== 200) throw new Error(answer.text);
  return { ...person, userId };
};

t.test('X2: a contact person refers to a company, by its id or by the externalId that this client gave it', async (t) => {
  const id = await company({ externalId: 'crm-77' });
  const byId = await contact(id);
  t.match(byId.body[EXTERNAL], { companyId: id, company: { value: id, $ref: /\/Companies\//, display: /^Company / } });
  t.equal(byId.body[ACCOUNT].population, 'contact');
  const byName = await contact('crm-77');
  t.equal(byName.body[EXTERNAL].companyId, id);
  const found = await call('GET', `/Users?filter=${encodeURIComponent(`${EXTERNAL}:company.value eq "${id}"`)}`, undefined, as);
  t.equal(found.body.totalResults, 2);
  const wrong = await patch(byId.id, set('companyId', 'nobody'));
  t.match(wrong.body, { status: '400', scimType: 'invalidValue', detail: /companyId: there is no company/ });
});

t.test('X3: registering sets user id, password, role and login in one commit', async (t) => {
  const person = await contact(await company());
  const refused = await patch(person.id, set('registered', true), set('role', 'Klant'));
  t.match(refused.body, { status: '400', scimType: 'invalidValue', detail: /password is needed/ }, 'the first time a password is needed');
  t.equal(await audit(person.id, 'patch'), 0);
  const done = await patch(person.id, set('registered', true), set('role', 'Klant'), { op: 'replace', path: 'userName', value: 'x3.user' }, { op: 'add', path: 'password', value: PASSWORD });
  t.equal(done.status, 200, done.text);
  t.match(done.body, { userName: 'x3.user', [EXTERNAL]: { registered: true, loginEnabled: true, role: 'Klant' }, [ACCOUNT]: { population: 'external', status: 'active' } });
  t.equal(await audit(person.id, 'patch'), 1, 'one commit');
  t.equal((await signIn('x3.user', PASSWORD)).body.next, 'none');
  const later = await patch(person.id, set('role', 'Partner'));
  t.equal(later.body[EXTERNAL].role, 'Partner');
  t.equal((await signIn('x3.user', PASSWORD)).status, 200, 'an empty password later is no change');
  t.same(await mailsTo(person), []);
});

t.test('X3: inactive is registered and cannot sign in', async (t) => {
  const person = await contact(await company());
  const userId = unique('inactive.');
  await patch(person.id, set('registered', true), set('loginEnabled', false), { op: 'replace', path: 'userName', value: userId }, { op: 'add', path: 'password', value: PASSWORD });
  t.equal((await signIn(userId, PASSWORD)).status, 401);
  await patch(person.id, set('loginEnabled', true));
  t.equal((await signIn(userId, PASSWORD)).status, 200, 'Bewerken makes it active again');
});

t.test('X5: removing the login ends external sessions at once and keeps registration, user id and role', async (t) => {
  const person = await registered();
  const cookie = await session({ ...person, address: person.userId });
  t.ok(await sessionLives(cookie));
  const done = await patch(person.id, set('loginEnabled', false));
  t.match(done.body, { userName: person.userId, [EXTERNAL]: { registered: true, loginEnabled: false, role: 'Klant' } });
  t.notOk(await sessionLives(cookie));
  t.equal((await signIn(person.userId, PASSWORD)).status, 401);
  await patch(person.id, set('loginEnabled', true));
  t.notOk(await sessionLives(cookie), 'an ended session is not revived');
  t.equal((await signIn(person.userId, PASSWORD)).status, 200);
});

t.test('X4: removing as external user ends registration, role and login; the person stays a contact and the user id is free', async (t) => {
  const person = await registered();
  const cookie = await session({ ...person, address: person.userId });
  const done = await patch(person.id, set('registered', false));
  t.equal(done.status, 200, done.text);
  t.notMatch(done.body[EXTERNAL], { role: /./ });
  t.match(done.body, { userName: `contact-${person.id}`, [ACCOUNT]: { population: 'contact', status: 'none' } });
  t.match(done.body[EXTERNAL], { companyId: /./ });
  t.notOk(await sessionLives(cookie));
  t.equal((await credential(person.id))?.hash, undefined);
  t.equal((await signIn(person.userId, PASSWORD)).status, 401);
  const other = await contact(await company());
  const again = await patch(other.id, set('registered', true), { op: 'replace', path: 'userName', value: person.userId }, { op: 'add', path: 'password', value: OTHER_PASSWORD });
  t.equal(again.status, 200, 'the user id is free');
});

t.test('a company that is closed switches off all of its logins; one in use is not deleted', async (t) => {
  const person = await registered();
  const cookie = await session({ ...person, address: person.userId });
  const id = person.body[EXTERNAL].companyId;
  const used = await call('DELETE', `/Companies/${id}`, undefined, as);
  t.match(used.body, { status: '409', detail: /in use: 1 contact persons/ });
  t.equal((await call('PATCH', `/Companies/${id}`, patchBody({ op: 'replace', path: 'active', value: false }), as)).status, 200);
  t.notOk(await sessionLives(cookie));
  t.equal((await signIn(person.userId, PASSWORD)).status, 401);
  await call('PATCH', `/Companies/${id}`, patchBody({ op: 'replace', path: 'active', value: true }), as);
  t.notOk(await sessionLives(cookie));
  t.equal((await signIn(person.userId, PASSWORD)).status, 200);
  const unused = await company();
  t.equal((await call('DELETE', `/Companies/${unused}`, undefined, as)).status, 204);
});

t.test('bad input names what is wrong and changes nothing', async (t) => {
  const person = await contact(await company());
  const before = await world.everything();
  for (const operations of [[set('role', 'Klant')], [set('loginEnabled', true)], [set('companyId', unique('no'))], [set('company', { value: unique('no') })], [set('registered', 'yes')]]) {
    const answer = await patch(person.id, ...operations);
    t.match(answer.body, { status: '400', scimType: 'invalidValue' }, JSON.stringify(operations));
  }
  t.same(await world.everything(), before);
});
