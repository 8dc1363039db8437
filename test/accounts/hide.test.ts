/** L6: a DELETE of a client that is set to hide. Gone for everybody, restorable under the same id for the retention time, then erased with a certificate. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { DAY_MS, ENTERPRISE, groupBody, patchBody, unique, userBody } from '../helpers/app.ts';
import { query } from '../rfc/queries.ts';
import { members, ownTenant, RIGHTS } from '../tenancy/support.ts';
import { certificates, eraseExpired, finishErasures } from './erasures.ts';
import { ACCOUNT, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, as, audit, call, choose, clock, credential, database, everything, get, invited, lastToken, links, mailsTo, recover, session, sessionLives, signIn, somebody, status, store, tenants } = world;
const hiding = await world.makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT], settings: { signInMethod: 'none', onDelete: 'hide' } });
const grantor = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT] })).token;
const hider = { token: hiding.token };
const bulk = (token: string, ...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, { token });
const hide = async (id: string) => {
  const answer = await call('DELETE', `/Users/${id}`, undefined, hider);
  if (answer.status !== 204) throw new Error(answer.text);
};
const hidden = (id: string) => database.collection<{ _id: string }>('hidden').findOne({ _id: id });
const restore = (id: string, token?: string) => api('POST', `/hidden-users/${id}/restore`, undefined, token === undefined ? {} : { token });
const group = async (attributes: Record<string, Json> = {}): Promise<string> => (await call('POST', '/Groups', groupBody(attributes), { token: grantor })).body.id;
const membersOf = async (id: string) => ((await call('GET', `/Groups/${id}`, undefined, { token: grantor })).body.members ?? []).map(({ value }: { value: string }) => value);
const versionOf = async (id: string) => Number(/\d+/.exec((await get(id)).meta.version)?.[0]);

const ROUTES: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  DELETE: hide,
  'a DELETE in Bulk': (id) => bulk(hiding.token, { method: 'DELETE', path: `/Users/${id}` }),
  'DELETE with If-Match': async (id) => call('DELETE', `/Users/${id}`, undefined, { ...hider, headers: { 'if-match': (await get(id)).meta.version } }),
  'DELETE /Me': async (id) => call('DELETE', '/Me', undefined, { token: (await world.makeClient(tenants.own, { person: id, settings: { onDelete: 'hide' } })).token }),
};
for (const [route, act] of Object.entries(ROUTES)) {
  t.test(`L6: ${route} hides: 404 for everybody, nothing of the login lives, names free at once`, async (t) => {
    const person = await active();
    const report = (await call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: person.id } } }), as)).body.id;
    const home = await group({ members: members(person.id) });
    const cookie = await session(person);
    await recover(person.address);
    const reset = await lastToken(person);
    await act(person.id);
    t.match(await hidden(person.id), { t: tenants.own, at: clock.now, by: { kind: 'client' }, groups: [home] });

    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) t.equal((await call(method, `/Users/${person.id}`, method === 'PUT' ? userBody() : method === 'PATCH' ? patchBody({ op: 'replace', path: 'title', value: 'x' }) : undefined, hider)).status, 404, method);
    for (const filter of [`id eq "${person.id}"`, `userName eq "${person.address}"`, `emails.value eq "${person.address}"`, `groups.value eq "${home}"`]) t.equal((await call('GET', `/Users${query({ filter })}`, undefined, as)).body.totalResults, 0, filter);
    for (const verb of ['invitation', 'unlock', 'deactivate', 'reactivate']) t.equal((await api('POST', `/users/${person.id}/${verb}`, verb === 'invitation' ? {} : undefined)).status, 404, verb);
    t.same([(await api('GET', `/users/${person.id}/mails`)).status, (await api('DELETE', `/users/${person.id}`, { name: person.address })).status], [404, 404]);
    t.equal((await call('POST', '/Groups', groupBody({ members: members(person.id) }), as)).status, 400, 'nobody can be put into a group meanwhile');
    t.same([await membersOf(home), (await get(report))[ENTERPRISE]], [[], undefined]);
    t.same([await sessionLives(cookie), (await signIn(person.address, PASSWORD)).status, (await choose(reset, OTHER_PASSWORD)).status], [false, 401, 410]);
    t.same([await database.collection('sessions').countDocuments({ person: person.id }), await links(person.id), (await credential(person.id))?.hash], [0, [], undefined]);
    t.equal(await database.collection('claims').countDocuments({ owner: person.id }), 0);
    t.same([await audit(person.id, 'hide'), await audit(person.id, 'delete'), await database.collection('erasures').countDocuments()], [1, 0, 0], 'no erasure, no certificate');

    const namesake = await call('POST', '/Users', userBody({ userName: person.address, emails: [{ value: person.address }], password: PASSWORD }), hider);
    t.match([namesake.status, namesake.body.id === person.id], [201, false], 'made again it is a new person');
    t.equal((await signIn(person.address, PASSWORD)).status, 200, 'whose address it is now');
  });
}

t.test('L6: what is set to erase erases, and an administrator always does', async (t) => {
  for (const token of [world.manager, (await world.makeClient(tenants.own, { settings: { onDelete: 'permanent' } })).token]) {
    const person = await active();
    t.equal((await call('DELETE', `/Users/${person.id}`, undefined, { token })).status, 204);
    t.same([await hidden(person.id), await audit(person.id, 'delete')], [null, 1]);
  }
  const person = await active();
  const own = (await world.makeClient(tenants.own, { scopes: ['users.manage'], settings: { onDelete: 'hide' } })).token;
  t.equal((await api('DELETE', `/users/${person.id}`, { name: person.address }, { token: own })).status, 204);
  t.same([await hidden(person.id), await audit(person.id, 'erase')], [null, 1]);
  const company = await group();
  t.equal((await call('DELETE', `/Groups/${company}`, undefined, hider)).status, 204);
  t.equal(await hidden(company), null, 'nothing but people is hidden');
});

t.test('L6: restored: the same id, version, names of clients and groups, and no login', async (t) => {
  const attributes = { displayName: 'Jan', externalId: unique('ext'), title: 'Keeper', [ENTERPRISE]: { department: 'North', manager: { value: (await somebody()).id } } };
  const address = `${unique('p')}@people.example`;
  const made = (await call('POST', '/Users', userBody({ userName: address, emails: [{ value: address, primary: true }], password: PASSWORD, ...attributes }), hider)).body;
  const person = { id: made.id as string, address };
  const [home, gone] = [await group({ members: members(person.id) }), await group({ members: members(person.id) })];
  const before = (await call('GET', `/Users/${person.id}`, undefined, hider)).body;
  const cookie = await session(person);
  await hide(person.id);
  await call('DELETE', `/Groups/${gone}`, undefined, { token: grantor });
  const namesakes = await database.collection('users').countDocuments();
  advance(HOUR);

  const answer = await restore(person.id);
  t.same([answer.status, answer.body], [200, { id: person.id, groups: [home], groupsGone: 1 }]);
  const after = (await call('GET', `/Users/${person.id}`, undefined, hider)).body;
  const { meta, groups, [ACCOUNT]: account, ...rest } = after;
  const { meta: earlier, groups: _groups, [ACCOUNT]: _account, ...others } = before;
  t.same(rest, others);
  t.match([meta.created, meta.lastModified, meta.version], [earlier.created, clock.now.toISOString(), `W/"${Number(/\d+/.exec(earlier.version)?.[0]) + 1}"`], 'a version is never given twice');
  t.same(groups.map(({ value }: { value: string }) => value), [home]);
  t.same([await membersOf(home), account.status, account.passwordChangedAt], [[person.id], 'none', undefined]);
  t.same([(await signIn(address, PASSWORD)).status, await sessionLives(cookie)], [401, false], 'what was given out stays dead');
  t.same([await audit(person.id, 'restore'), await audit(home, 'patch'), await hidden(person.id), await database.collection('users').countDocuments()], [1, 1, null, namesakes + 1]);
  t.same(await mailsTo(person), [], 'nobody is told');

  t.equal((await restore(person.id)).status, 404, 'once');
  t.equal((await api('POST', `/users/${person.id}/invitation`, {})).status, 204);
  t.equal((await choose(await lastToken(person), OTHER_PASSWORD)).status, 200);
  t.equal((await signIn(address, OTHER_PASSWORD)).status, 200, 'a new login as for anybody');
  await hide(person.id);
  t.equal((await restore(person.id)).status, 200, 'and hidden and restored again');
  t.ok(await versionOf(person.id) > Number(/\d+/.exec(meta.version)?.[0]));
});

t.test('L6: in whatever state somebody is hidden, they come back without a login', async (t) => {
  const token = (await world.makeClient(tenants.own, { shows: [ACCOUNT], settings: { onDelete: 'hide' } })).token;
  const locked = await active();
  await world.wrong(locked, 3);
  const deactivated = await active();
  await api('POST', `/users/${deactivated.id}/deactivate`);
  const left = await active();
  await call('PATCH', `/Users/${left.id}`, patchBody({ op: 'replace', path: 'active', value: false }), as);
  const rows: readonly (readonly [string, Somebody, string, string])[] = [
    ['invited', await invited(), 'invited', 'none'], ['active', await active(), 'active', 'none'], ['locked', locked, 'locked', 'none'], ['deactivated', deactivated, 'deactivated', 'deactivated'],
    ['never with an account', await active({ password: null }), 'none', 'none'], ['who signs in elsewhere', await somebody({}, token), 'active', 'active'],
  ];
  for (const [what, person, before, after] of rows) {
    t.equal((await status(person.id)) ?? 'none', before, what);
    const mails = (await mailsTo(person)).length;
    await hide(person.id);
    t.equal((await restore(person.id)).status, 200, what);
    t.equal((await status(person.id)) ?? 'none', after, what);
    t.same([(await credential(person.id))?.hash, await links(person.id), (await mailsTo(person)).length], [undefined, [], mails], what);
    if ('token' in person) t.equal((await choose(String(person.token), PASSWORD)).status, 410, 'the link of the invitation is dead');
  }
});

t.test('L6: a sign-in that comes between hiding and restoring opens nothing', async (t) => {
  for (let round = 0; round < 5; round++) {
    const person = await active();
    const [entered] = await Promise.all([signIn(person.address, PASSWORD), hide(person.id)]);
    t.equal((await restore(person.id)).status, 200);
    if (entered.status === 200) t.notOk(await sessionLives(String(entered.headers['set-cookie']).split(';')[0] ?? ''));
    t.equal((await signIn(person.address, PASSWORD)).status, 401);
  }
});

t.test('L6: a pending address change is cancelled, and not revived', async (t) => {
  const person = await active();
  await api('POST', `/users/${person.id}/address`, { address: `new-${person.address}` });
  const confirm = await lastToken(person);
  await hide(person.id);
  await restore(person.id);
  t.equal((await api('POST', '/confirm-address', { token: confirm }, { token: '' })).status, 410);
  t.equal((await get(person.id)).emails[0].value, person.address);
});

t.test('L6: 409 where userName or address was taken meanwhile, saying which, and nothing changed', async (t) => {
  const rows: readonly (readonly [string, (person: Somebody) => Promise<unknown>, RegExp])[] = [
    ['the userName', (person) => call('POST', '/Users', userBody({ userName: person.address.toUpperCase() }), as), /userName is already taken/],
    ['the address', (person) => active({ emails: [{ value: person.address.toUpperCase(), primary: true }] }), /address of the person was taken meanwhile/],
  ];
  for (const [what, take, detail] of rows) {
    const person = await active();
    const home = await group({ members: members(person.id) });
    await hide(person.id);
    await take(person);
    const before = await everything();
    const answer = await restore(person.id);
    t.match([answer.status, answer.body.scimType, answer.body.detail], [409, 'uniqueness', detail], what);
    t.same(await everything(), before);
    t.same(await membersOf(home), []);
  }
  const [first, second] = [await somebody(), await somebody()];
  await call('PATCH', `/Users/${second.id}`, patchBody({ op: 'replace', path: 'emails', value: [{ value: first.address }] }), as);
  await hide(first.id);
  t.equal((await restore(first.id)).status, 200, 'who never had the address alone gets no less than before');
});

t.test('L6: restored twice at once, restored and erased at once: one of them', async (t) => {
  for (let round = 0; round < 5; round++) {
    const person = await active();
    const home = await group({ members: members(person.id) });
    await hide(person.id);
    const answers = await Promise.all([restore(person.id), restore(person.id), restore(person.id)]);
    t.same(answers.map((answer) => answer.status).toSorted(), [200, 404, 404]);
    t.same([await audit(person.id, 'restore'), await membersOf(home)], [1, [person.id]]);
    await hide(person.id);
    const [restored, erased] = await Promise.all([restore(person.id), api('DELETE', `/hidden-users/${person.id}`, { name: person.address })]);
    t.ok([[200, 404], [404, 204]].some(([one, other]) => restored.status === one && erased.status === other), `${restored.status} ${erased.status}`);
    t.equal((await call('GET', `/Users/${person.id}`, undefined, as)).status, restored.status);
    t.same([await hidden(person.id), await database.collection('erasures').countDocuments({ _id: person.id as never })], [null, restored.status === 200 ? 0 : 1]);
  }
});

t.test('L6: back into a group with rights, and erased for good who had them, only by who may grant them', async (t) => {
  const person = await active();
  const inner = await group({ members: members(person.id) });
  await group({ members: members(inner), [RIGHTS]: { rights: ['audit.read'] } });
  await hide(person.id);
  const before = await everything();
  t.match(await restore(person.id), { status: 403, body: { detail: /restore a person to a group with rights needs the right admin\.grant/ } });
  t.match(await api('DELETE', `/hidden-users/${person.id}`, { name: person.address }), { status: 403, body: { detail: /admin\.grant/ } });
  await store.settled();
  t.same((await everything())['users'], before['users']);
  t.equal((await restore(person.id, grantor)).status, 200);
  t.same(await membersOf(inner), [person.id]);
});

t.test('L6: the last administrator is not hidden either', async (t) => {
  const own = await ownTenant(world, { settings: { onDelete: 'hide' } });
  const last = await own.make('/Users', userBody({ userName: 'last', password: PASSWORD }));
  await call('PATCH', `/Groups/${own.administrators}`, patchBody({ op: 'add', path: 'members', value: members(last) }), { token: own.grantor });
  t.match(await call('DELETE', `/Users/${last}`, undefined, { token: own.grantor }), { status: 409, body: { detail: /administrator/ } });
  t.same([await hidden(last), (await call('GET', `/Users/${last}`, undefined, { token: own.grantor })).status], [null, 200]);
});

t.test('L6: references come back as far as their target is there', async (t) => {
  const [manager, lost] = [await somebody(), await somebody()];
  const [kept, without] = await Promise.all([manager, lost].map(async ({ id }) => (await call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: id }, department: 'North' } }), as)).body.id as string));
  await hide(kept ?? '');
  await hide(without ?? '');
  await call('DELETE', `/Users/${lost.id}`, undefined, as);
  await restore(kept ?? '');
  await restore(without ?? '');
  t.match([(await get(kept ?? ''))[ENTERPRISE].manager.value, (await get(without ?? ''))[ENTERPRISE]], [manager.id, { department: 'North' }]);
  t.equal((await get(without ?? ''))[ENTERPRISE].manager, undefined);
});

t.test('L6: entries come back as far as their company, portal and customer are there', async (t) => {
  const [EXTERNAL, PORTALS] = ['urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User', 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User'];
  const [COMPANY, PORTAL] = ['urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company', 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal'];
  const { token } = await world.makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT, EXTERNAL, PORTALS, COMPANY, PORTAL], settings: { signInMethod: 'none', onDelete: 'hide' } });
  const make = async (endpoint: string, body: Json): Promise<string> => {
    const made = await call('POST', endpoint, body, { token });
    if (made.status !== 201) throw new Error(made.text);
    return made.body.id;
  };
  const [stays, goes] = [await make('/Companies', { schemas: [COMPANY], displayName: unique('Company') }), await make('/Companies', { schemas: [COMPANY], displayName: unique('Company') })];
  const portal = await make('/Portals', { schemas: [PORTAL], displayName: unique('Portal') });
  const external = (companyId: string) => make('/Users', userBody({ emails: [{ value: `${unique('x')}@company.example` }], password: PASSWORD, [EXTERNAL]: { companyId, registered: true, role: 'Klant' } }));
  const [kept, lost] = [await external(stays), await external(goes)];
  const user = await make('/Users', userBody({ emails: [{ value: `${unique('x')}@company.example` }], [PORTALS]: { access: [{ portal, customer: stays }, { portal, customer: goes }] } }));
  for (const id of [kept, lost, user]) t.equal((await call('DELETE', `/Users/${id}`, undefined, { token })).status, 204);
  t.equal((await call('DELETE', `/Companies/${goes}`, undefined, { token })).status, 204, 'who is hidden holds nothing');
  for (const id of [kept, lost, user]) t.equal((await restore(id)).status, 200);
  const shown = async (id: string) => (await call('GET', `/Users/${id}`, undefined, { token })).body;
  t.match((await shown(kept))[EXTERNAL], { companyId: stays, company: { value: stays }, registered: true, role: 'Klant' });
  t.match([(await shown(lost))[EXTERNAL], (await shown(lost))[ACCOUNT].population], [undefined, 'contact'], 'a contact again');
  t.match((await shown(user))[PORTALS].access, [{ portal, customer: stays, enabled: true }]);
  t.equal((await shown(user))[PORTALS].access.length, 1);
  t.equal((await call('DELETE', `/Companies/${stays}`, undefined, { token })).status, 409, 'and whoever is back counts again');
});

t.test('L6: what a client has said before is no assertion after the return either', async (t) => {
  const person = await active();
  const put = (value: boolean) => call('PUT', `/Users/${person.id}`, userBody({ userName: person.address, emails: [{ value: person.address, type: 'work', primary: true }], active: value }), as);
  t.equal((await put(true)).status, 200);
  await api('POST', `/users/${person.id}/deactivate`);
  await hide(person.id);
  await restore(person.id);
  await put(true);
  t.equal(await status(person.id), 'deactivated');
});

t.test('L6: the list of the hidden: the last first, page by page, each once', async (t) => {
  const own = await ownTenant(world, { settings: { onDelete: 'hide' } });
  const { token, client } = await world.makeClient(own.id, { scopes: ['*', 'users.manage'] });
  const ids: string[] = [];
  for (let index = 0; index < 7; index++) ids.push(await own.make('/Users', userBody({ userName: `hidden-${index}`, name: { givenName: 'Jan', familyName: `Berg ${index}` }, emails: [{ value: `hidden-${index}@example.com` }] })));
  for (const [index, id] of ids.entries()) {
    if (index % 2 === 0) advance(SECOND);
    await call('DELETE', `/Users/${id}`, undefined, { token: own.plain });
  }
  const list = (parameters: Record<string, string | number | undefined>, by = token) => api('GET', `/hidden-users${query(parameters)}`, undefined, { token: by });
  const all = (await list({})).body;
  t.match(all.people[0], { id: ids[6], userName: 'hidden-6', name: 'Jan Berg 6', address: 'hidden-6@example.com', hiddenAt: clock.now.toISOString(), hiddenBy: { kind: 'client' }, until: new Date(clock.now.getTime() + 30 * DAY_MS).toISOString() });
  t.same([all.people.length, all.nextCursor], [7, undefined]);
  for (const count of [1, 2, 3, 6, 7, 8]) {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = (await list({ count, cursor })).body;
      seen.push(...page.people.map(({ id }: { id: string }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    t.same(seen.toSorted(), ids.toSorted(), `pages of ${count}`);
  }
  const { nextCursor } = (await list({ count: 2 })).body;
  for (const [parameters, by] of [[{ cursor: 'x' }, token], [{ cursor: '' }, token], [{ cursor: nextCursor }, world.manager], [{ count: 0 }, token], [{ count: 'x' }, token]] as const) t.equal((await list(parameters, by)).status, 400);
  t.equal((await list({}, world.manager)).body.people.some(({ id }: { id: string }) => ids.includes(id)), false, 'of the own tenant alone');
  t.equal((await list({}, own.plain)).status, 403);
  t.notMatch(JSON.stringify(all), client);

  const external = await own.make('/Users', { ...(userBody({ userName: 'external' }) as object), [ACCOUNT]: { population: 'external' } });
  await call('DELETE', `/Users/${external}`, undefined, { token: own.plain });
  await database.collection<{ _id: string }>('hidden').updateOne({ _id: external }, { $set: { p: 'external' } });
  const narrow = (await world.makeClient(own.id, { scopes: ['*', 'users.manage'], settings: { populations: ['employee'] } })).token;
  t.same([(await list({}, narrow)).body.people.length, (await list({})).body.people.length], [7, 8], 'and of the populations that the caller sees');
  for (const answer of [await restore(external, narrow), await api('DELETE', `/hidden-users/${external}`, { name: 'external' }, { token: narrow }), await restore(external), await restore('none', token)]) t.equal(answer.status, 404);
});

t.test('L6: erased from the hidden by the name, at once and with a certificate', async (t) => {
  const person = await active();
  const home = await group({ members: members(person.id) });
  await hide(person.id);
  const before = await everything();
  for (const body of [undefined, {}, { name: 'x' }, { name: person.address, more: 1 }]) t.equal((await api('DELETE', `/hidden-users/${person.id}`, body)).status, 400);
  t.same(await everything(), before);
  t.equal((await api('DELETE', `/hidden-users/${person.id}`, { name: person.address })).status, 204);
  for (const answer of [await restore(person.id), await api('DELETE', `/hidden-users/${person.id}`, { name: person.address })]) t.equal(answer.status, 404);
  t.same([await hidden(person.id), await credential(person.id), await audit(person.id, 'erase'), await membersOf(home)], [null, null, 1, []]);
  advance(2 * MINUTE);
  await finishErasures(world);
  t.match(await certificates(world, person.id), [{ values: { removed: { hidden: 1, credentials: 1 } } }]);
});

t.test('L6: erased when the time is over, as the policy is then, by one worker of many', async (t) => {
  const [early, late, back] = [await active(), await active(), await active()];
  await hide(early.id);
  await hide(back.id);
  advance(5 * DAY_MS);
  await hide(late.id);
  advance(25 * DAY_MS - 1);
  await eraseExpired(world);
  t.ok(await hidden(early.id), 'thirty days where nothing is said');
  t.equal((await restore(back.id)).status, 200);
  advance(1);
  await Promise.all([eraseExpired(world), eraseExpired(world), eraseExpired(world)]);
  t.same([await hidden(early.id), (await hidden(late.id))?._id, await audit(early.id, 'erase')], [null, late.id, 1]);
  t.match(await database.collection('audit').findOne({ 'on.id': early.id, action: 'erase' }), { by: { kind: 'system' } });
  t.equal((await restore(early.id)).status, 404);
  t.equal((await get(back.id)).id, back.id, 'whoever came back stays');
  await world.policy({ hiddenDays: 20 });
  await eraseExpired(world);
  t.equal(await hidden(late.id), null, 'hidden for 25 days, where 20 are enough now');
  await world.policy({ hiddenDays: null });
});
