/** X2 to X6 and P1 to P5 over the API: each call does what one PATCH does, in one commit. */
import t from 'tap';
import { unique } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { ACCOUNT, cookieOf, OTHER_PASSWORD, PASSWORD } from './world.ts';
import { EXTERNAL, idsIn, PORTALS, startCompanies } from './company-world.ts';

const world = await startCompanies(t, import.meta.url);
const { audit, credential, having, mailsTo, session, sessionLives, signIn } = world;
const { api, scim } = world.by(await having(['externalUsers.manage']));
const portals = world.by(await having(['portalUsers.manage']));
const without = world.by(await having(['audit.read', 'clients.manage']));
const versionOf = async (id: string) => (await world.call('GET', `/Users/${id}`, undefined, { token: world.maker })).body.meta.version as string;
const enterAt = (name: string, password: string, at: string) => world.api('POST', '/sign-in', { name, password, tenant: 'default', portal: at }, { token: '' });

t.test('X3: user id, password, role and login are saved in one commit; a password is needed the first time and an empty one later changes nothing', async (t) => {
  const person = await world.contact(await world.company());
  const userName = unique('x3.');
  refused(t, await api('PUT', `/external-users/${person.id}`, { userName, role: 'Klant' }), 400, 'invalidValue');
  refused(t, await api('PUT', `/external-users/${person.id}`, { password: PASSWORD }), 400, 'invalidValue');
  refused(t, await api('PUT', `/external-users/${person.id}`, { userName, password: 'short' }), 400, 'invalidValue');
  refused(t, await without.api('PUT', `/external-users/${person.id}`, { userName, password: PASSWORD }), 403);
  t.equal(await audit(person.id, 'patch'), 0);
  const done = await api('PUT', `/external-users/${person.id}`, { userName, password: PASSWORD, role: 'Klant', loginEnabled: true });
  t.equal(done.status, 200, done.text);
  t.match(done.body, { id: person.id, userName, population: 'external', status: 'active', external: { registered: true, loginEnabled: true, role: 'Klant' } });
  t.equal(await audit(person.id, 'patch'), 1, 'one commit');
  t.match((await scim('GET', `/Users/${person.id}`)).body, { userName, [EXTERNAL]: { registered: true, loginEnabled: true, role: 'Klant' }, [ACCOUNT]: { population: 'external' } }, 'as a PATCH does it');
  const hash = (await credential(person.id))?.hash;
  t.match((await api('PUT', `/external-users/${person.id}`, { password: '', role: 'Partner' })).body, { userName, external: { role: 'Partner', loginEnabled: true } });
  t.equal((await credential(person.id))?.hash, hash);
  const version = await versionOf(person.id);
  t.equal((await api('PUT', `/external-users/${person.id}`, { userName, role: 'Partner', loginEnabled: true })).status, 200);
  t.equal(await versionOf(person.id), version, 'the same again is no change');
  t.notMatch((await api('PUT', `/external-users/${person.id}`, { role: null })).body.external, { role: /./ });
  t.equal((await signIn(userName, PASSWORD)).status, 200);
  t.equal((await api('PUT', `/external-users/${person.id}`, { loginEnabled: false })).body.external.loginEnabled, false);
  t.equal((await signIn(userName, PASSWORD)).status, 401);
  t.same(await mailsTo(person), []);
});

t.test('X3: a new contact person, registered or not, in one call', async (t) => {
  const company = await world.company();
  const plain = await api('POST', '/external-users', { company, givenName: 'Jan', familyNamePrefix: 'van der', familyName: 'Berg', address: `${unique('jan')}@company.example` });
  t.equal(plain.status, 201, plain.text);
  t.match(plain.body, { userName: `contact-${plain.body.id}`, givenName: 'Jan', familyNamePrefix: 'van der', population: 'contact', status: 'none', external: { company, registered: false } });
  const userName = unique('new.');
  const made = await api('POST', '/external-users', { company, familyName: 'Vries', userName, password: PASSWORD, role: 'Klant' });
  t.match(made.body, { userName, population: 'external', external: { company, registered: true, loginEnabled: true, role: 'Klant' } });
  t.same([await audit(made.body.id, 'create'), await audit(made.body.id, 'patch')], [1, 0]);
  t.equal((await signIn(userName, PASSWORD)).status, 200);
  for (const body of [{ familyName: 'X' }, { company: 'nowhere' }, { company, userName: unique('x') }, { company, password: PASSWORD }, { company, role: 'Klant' }, { company, address: 'no address' }, { company, userName, password: PASSWORD }]) {
    const answer = await api('POST', '/external-users', body);
    t.ok(answer.status === 400 || answer.status === 409, `${JSON.stringify(body)}: ${answer.text}`);
  }
  refused(t, await without.api('POST', '/external-users', { company, familyName: 'X' }), 403);
  t.same((await api('GET', `/companies/${company}/people`)).body.total, 2);
});

t.test('X5: without the login somebody is still registered, and their external sessions end', async (t) => {
  const person = await world.external(await world.company());
  const cookie = await session({ ...person, address: person.userName });
  refused(t, await without.api('DELETE', `/external-users/${person.id}/login`), 403);
  t.ok(await sessionLives(cookie));
  t.equal((await api('DELETE', `/external-users/${person.id}/login`)).status, 204);
  t.notOk(await sessionLives(cookie));
  t.equal((await signIn(person.userName, PASSWORD)).status, 401);
  t.match((await scim('GET', `/Users/${person.id}`)).body, { userName: person.userName, [EXTERNAL]: { registered: true, loginEnabled: false, role: 'Klant' } });
  const version = await versionOf(person.id);
  t.equal((await api('DELETE', `/external-users/${person.id}/login`)).status, 204);
  t.equal(await versionOf(person.id), version);
  t.equal((await api('PUT', `/external-users/${person.id}`, { loginEnabled: true })).status, 200, '"Bewerken" makes it active again');
  t.notOk(await sessionLives(cookie));
  t.equal((await signIn(person.userName, PASSWORD)).status, 200);
  refused(t, await api('DELETE', `/external-users/${(await world.contact(await world.company())).id}/login`), 404);
});

t.test('X4: registration, role and login end, the person stays a contact and leaves the list, and the user id is free', async (t) => {
  const company = await world.company();
  const person = await world.external(company);
  const cookie = await session({ ...person, address: person.userName });
  refused(t, await without.api('DELETE', `/external-users/${person.id}`), 403);
  t.same(idsIn((await api('GET', `/companies/${company}/people?show=external`)).body), [person.id]);
  t.equal((await api('DELETE', `/external-users/${person.id}`)).status, 204);
  t.notOk(await sessionLives(cookie));
  t.same(idsIn((await api('GET', `/companies/${company}/people?show=external`)).body), []);
  t.same(idsIn((await api('GET', `/companies/${company}/people`)).body), [person.id]);
  t.match((await api('GET', `/companies/${company}/people`)).body.people[0], { population: 'contact', status: 'none', external: { registered: false, loginEnabled: false } });
  t.equal((await signIn(person.userName, PASSWORD)).status, 401);
  refused(t, await api('DELETE', `/external-users/${person.id}`), 404);
  t.equal((await api('PUT', `/external-users/${(await world.contact(company)).id}`, { userName: person.userName, password: OTHER_PASSWORD })).status, 200);
});

t.test('X2, X6: the contact persons of a company, and of all, by what they are; with search, roles and statuses', async (t) => {
  const [own, other] = [await world.company(unique('Listed ')), await world.company()];
  const contact = await world.contact(own, { name: { givenName: 'Anna', familyName: 'Listberg' }, roles: [{ value: 'Buyer' }] });
  const active = await world.external(own, { name: { givenName: 'Bea', familyName: 'Listberg' } });
  const inactive = await world.external(own, { name: { givenName: 'Cees', familyName: 'Listvries' }, loginEnabled: false });
  const elsewhere = await world.external(other, { name: { givenName: 'Dirk', familyName: 'Listberg' } });
  const list = async (query = '') => idsIn((await api('GET', `/companies/${own}/people${query}`)).body);
  const all = (...people: readonly { readonly id: string }[]) => people.map(({ id }) => id).toSorted();
  t.same(await list(), all(contact, active, inactive));
  t.same(await list('?show=contacts'), all(contact, active, inactive));
  t.same(await list('?show=external'), all(active, inactive));
  t.same(await list('?show=loginEnabled'), all(active));
  t.same(await list('?show=loginDisabled'), all(inactive));
  t.same(await list('?show=notExternal'), all(contact));
  t.same(await list(`?search=${encodeURIComponent('listberg, cees')}`), all(contact, active, inactive));
  t.same(await list('?search=listberg&show=external'), all(active));
  t.same(await list('?search=listberg&role=buyer'), all(contact));
  t.same(await list('?role=Buyer&show=external'), []);
  t.same(await list('?status=active'), all(active, inactive));
  t.same(await list('?status=none&search=l'), all(contact));
  const ofAll = async (query: string) => idsIn((await api('GET', `/external-users?${query}`)).body);
  t.same(await ofAll('search=listberg'), all(active, elsewhere), 'external users, unless something else is asked for');
  t.same(await ofAll('search=listberg&show=contacts'), all(contact, active, elsewhere));
  t.same(await ofAll(`search=listberg&show=contacts&company=${own}`), all(contact, active));
  t.ok((await ofAll('show=loginDisabled')).includes(inactive.id));
  t.notOk((await ofAll('show=loginEnabled')).includes(inactive.id));
  t.same((await api('GET', `/companies/${own}/people?search=list`)).body.people.map(({ givenName }: { givenName: string }) => givenName), ['Anna', 'Bea', 'Cees'], 'in the order of names');
  for (const query of ['?show=portal', '?show=all', '?filter=x', '?company=x', '?show=external&show=contacts']) refused(t, await api('GET', `/companies/${own}/people${query}`), 400, 'invalidValue');
  for (const path of [`/companies/${own}/people`, '/external-users']) refused(t, await without.api('GET', path), 403);
  refused(t, await api('GET', '/companies/nowhere/people'), 404);
  refused(t, await portals.api('GET', `/companies/${own}/people`), 403);
});

t.test('X2: a company is found by its name, a word in it or its number, and among those that were dealt with last', async (t) => {
  const token = await having(['externalUsers.manage']);
  const caller = world.by(token);
  const [zaan, aalst] = [await world.company('Zaanse Molen B.V.', { number: 'K-4711' }), await world.company('Bakkerij Zaanstad')];
  const names = async (query: string) => (await caller.api('GET', `/companies?${query}`)).body.companies.map(({ displayName }: { displayName: string }) => displayName);
  t.same(await names('search=zaan'), ['Bakkerij Zaanstad', 'Zaanse Molen B.V.']);
  t.same(await names('search=molen'), ['Zaanse Molen B.V.']);
  t.same(await names('search=k-47'), ['Zaanse Molen B.V.']);
  t.same(await names(`search=${encodeURIComponent('molen, bakkerij')}`), ['Bakkerij Zaanstad', 'Zaanse Molen B.V.']);
  t.same(await names('search=nobody'), []);
  t.same(await names('recent=true'), []);
  const somebody = await caller.api('POST', '/external-users', { company: aalst, familyName: 'X' });
  await caller.api('POST', '/external-users', { company: zaan, familyName: 'Y' });
  t.same(await names('recent=true'), ['Zaanse Molen B.V.', 'Bakkerij Zaanstad'], 'the last first');
  await caller.api('PUT', `/external-users/${somebody.body.id}`, { userName: unique('recent.'), password: PASSWORD });
  t.same(await names('recent=true'), ['Bakkerij Zaanstad', 'Zaanse Molen B.V.']);
  t.match((await caller.api('GET', `/companies/${zaan}`)).body, { id: zaan, displayName: 'Zaanse Molen B.V.', number: 'K-4711', active: true });
  refused(t, await without.api('GET', '/companies?search=zaan'), 403);
  refused(t, await caller.api('GET', '/companies?name=zaan'), 400, 'invalidValue');
});

t.test('P1 to P4: an access names its portal and its customer, has its own switch, and there is one over all', async (t) => {
  const [one, two, customer] = [await world.portal(), await world.portal(), await world.company()];
  const user = await world.portalUser([{ portal: one, customer }]);
  const { id } = user;
  for (const [portal, body] of [[two, {}], [two, { customer: 'nobody' }], ['nowhere', { customer }]] as const) refused(t, await portals.api('PUT', `/portal-users/${id}/access/${portal}`, body), 400, 'invalidValue');
  refused(t, await without.api('PUT', `/portal-users/${id}/access/${two}`, { customer }), 403);
  const entries = await audit(id, 'patch');
  const given = await portals.api('PUT', `/portal-users/${id}/access/${two}`, { customer });
  t.equal(given.status, 200, given.text);
  t.same(given.body.portals, { enabled: true, access: [{ portal: one, customer, enabled: true }, { portal: two, customer, enabled: true }] });
  t.equal(await audit(id, 'patch'), entries + 1);
  const version = await versionOf(id);
  await portals.api('PUT', `/portal-users/${id}/access/${two}`, { customer, enabled: true });
  t.equal(await versionOf(id), version, 'the same again is no change');
  const cookies = { one: cookieOf((await enterAt(user.address, PASSWORD, one)).headers), two: cookieOf((await enterAt(user.address, PASSWORD, two)).headers) };
  t.equal((await portals.api('PUT', `/portal-users/${id}/access/${one}`, { customer, enabled: false })).status, 200);
  t.same([await sessionLives(cookies.one), await sessionLives(cookies.two)], [false, true], 'P4: the others go on');
  t.equal((await portals.api('PUT', `/portal-users/${id}`, { enabled: false })).body.portals.enabled, false);
  t.notOk(await sessionLives(cookies.two));
  t.equal((await enterAt(user.address, PASSWORD, two)).status, 401);
  await portals.api('PUT', `/portal-users/${id}`, { enabled: true });
  t.equal((await enterAt(user.address, PASSWORD, two)).status, 200);
  refused(t, await without.api('DELETE', `/portal-users/${id}/access/${two}`), 403);
  refused(t, await portals.api('DELETE', `/portal-users/${id}/access/${two}?customer=nobody`), 404);
  t.equal((await portals.api('DELETE', `/portal-users/${id}/access/${two}?customer=${customer}`)).status, 204);
  t.equal((await enterAt(user.address, PASSWORD, two)).status, 401);
  refused(t, await portals.api('DELETE', `/portal-users/${id}/access/${two}`), 404);
  t.match((await world.call('GET', `/Users/${id}`, undefined, { token: world.maker })).body[PORTALS], { enabled: true, access: [{ portal: one, customer, enabled: false }] });
});

t.test('P2: a new portal user comes without a password, and with an invitation where that is asked for', async (t) => {
  const [portal, customer] = [await world.portal(), await world.company()];
  const body = { familyName: 'Klant', address: `${unique('p2')}@klant.example`, portal, customer };
  const plain = await portals.api('POST', '/portal-users', body);
  t.equal(plain.status, 201, plain.text);
  t.match(plain.body, { userName: body.address, population: 'portal', status: 'none', portals: { access: [{ portal, customer, enabled: true }] } });
  t.same(await mailsTo(plain.body), []);
  const other = { ...body, address: `${unique('p2')}@klant.example` };
  const invited = await portals.api('POST', '/portal-users', { ...other, invitation: true });
  t.match(invited.body, { population: 'portal', status: 'invited' });
  t.same([await audit(invited.body.id, 'create'), (await mailsTo(invited.body)).length], [1, 1], 'one commit, one mail');
  const token = await world.lastToken({ id: invited.body.id, address: other.address });
  t.equal((await world.choose(token, PASSWORD)).status, 200);
  t.equal((await enterAt(other.address, PASSWORD, portal)).body.next, 'none');
  for (const wrong of [{ ...body, address: undefined }, { ...body, address: 'none' }, { ...body, address: other.address }, { ...body, portal: 'nowhere', address: 'a@klant.example' }, { ...body, customer: undefined, address: 'b@klant.example' }]) {
    const answer = await portals.api('POST', '/portal-users', JSON.parse(JSON.stringify(wrong)));
    t.ok(answer.status === 400 || answer.status === 409, answer.text);
  }
  refused(t, await without.api('POST', '/portal-users', { ...body, address: 'c@klant.example' }), 403);
  t.same(idsIn((await portals.api('GET', `/companies/${customer}/portal-users`)).body), [plain.body.id, invited.body.id].toSorted());
  t.same(idsIn((await portals.api('GET', `/companies/${customer}/portal-users?search=p2`)).body).length, 2);
  t.same(idsIn((await portals.api('GET', `/companies/${await world.company()}/portal-users`)).body), []);
  t.ok(idsIn((await portals.api('GET', '/portal-users?count=1000')).body).includes(plain.body.id));
  refused(t, await api('GET', `/companies/${customer}/portal-users`), 403);
  refused(t, await without.api('GET', '/portal-users'), 403);
});
