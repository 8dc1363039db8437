/** GDPR Art. 15: everything that is stored of one person as one JSON object; nothing that opens anything, and nothing of others. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { DAY_MS, ENTERPRISE, groupBody, patchBody, unique, userBody } from '../helpers/app.ts';
import { members, RIGHTS } from '../tenancy/support.ts';
import { finishErasures, tellOfLeavers } from './erasures.ts';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, as, audit, call, choose, clock, credential, database, everything, lastToken, recover, signIn, somebody, store, tenants } = world;
const grantor = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT] })).token;
const hiding = (await world.makeClient(tenants.own, { settings: { onDelete: 'hide' } })).token;
const data = (id: string, token?: string) => api('GET', `/users/${id}/data`, undefined, token === undefined ? {} : { token });

t.test('all of it is there, and the list of what is there is complete', async (t) => {
  const [boss, other] = [await somebody(), await active()];
  const person = await active({ displayName: 'Jan van der Berg', externalId: unique('ext'), [ENTERPRISE]: { department: 'North', manager: { value: boss.id } } });
  const { id } = person;
  const report = (await call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: id } } }), as)).body.id;
  const inner = (await call('POST', '/Groups', groupBody({ displayName: 'Inner', members: members(id, other.id) }), { token: grantor })).body.id;
  await call('POST', '/Groups', groupBody({ displayName: 'Auditors', members: members(inner), [RIGHTS]: { rights: ['audit.read'] } }), { token: grantor });
  const { client } = await world.makeClient(tenants.own, { person: id });
  await world.browser().post('/sign-in', { name: person.address, password: PASSWORD }, { 'user-agent': 'a browser of theirs' });
  await recover(person.address);
  const token = await lastToken(person);
  await choose(token, OTHER_PASSWORD);
  await world.browser('10.9.9.9').post('/sign-in', { name: person.address, password: OTHER_PASSWORD }, { 'user-agent': 'a browser of theirs' });
  await recover(person.address);
  const open = await lastToken(person);
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:leaveDate`, value: new Date(clock.now.getTime() + 3 * DAY_MS).toISOString().slice(0, 10) }), as);
  await tellOfLeavers(world);
  await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [
    { method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'title', value: 'own title' }) }, { method: 'PATCH', path: `/Users/${other.id}`, data: patchBody({ op: 'replace', path: 'title', value: 'title of another' }) },
  ] }, as);
  await store.settled();

  const answer = await data(id);
  t.match([answer.status, answer.headers], [200, { 'content-type': /^application\/json/, 'content-disposition': /attachment/, 'cache-control': 'no-store' }]);
  const { body } = answer;
  t.same(Object.keys(body), ['exported', 'resource', 'account', 'groups', 'rights', 'referredToBy', 'clients', 'matches', 'sessions', 'links', 'mails', 'mailsToOthers', 'audit', 'provisioning', 'imports']);
  t.match(body.exported, { id, at: clock.now.toISOString() });
  t.match(body.resource, { id, userName: person.address, displayName: 'Jan van der Berg', externalIds: [{ id: /^ext/ }], [ENTERPRISE]: { department: 'North', manager: { value: boss.id } }, meta: { resourceType: 'User' } });
  t.match(body.account, { status: 'active', signInMethod: 'password', hasPassword: true, lastSignIn: String, recoveries: [String, String] });
  t.same(body.groups.map(({ displayName, direct }: { displayName: string; direct: boolean }) => [displayName, direct]).toSorted(), [['Auditors', false], ['Inner', true]]);
  t.same(body.rights, ['audit.read']);
  t.same(body.referredToBy, [{ type: 'User', id: report, attribute: `${ENTERPRISE}:manager` }]);
  t.same(body.clients, [{ name: client }]);
  t.match(body.sessions, [{ agent: 'a browser of theirs', created: String, expires: String }]);
  t.same(body.links.map(({ purpose }: { purpose: string }) => purpose).includes('reset'), true);
  t.match(body.mails.map(({ kind }: { kind: string }) => kind).toSorted(), ['passwordChanged', 'recovery', 'recovery']);
  t.match(body.mailsToOthers, [{ kind: 'leaveNotice', state: 'waiting' }]);
  const entries: readonly { readonly action: string; readonly by: { readonly kind: string; readonly id: string }; readonly on: { readonly id: string }; readonly from?: string }[] = body.audit;
  t.ok(entries.every(({ by, on }) => by.id === id || on.id === id), 'on the person or by them');
  t.match(entries[0], { action: 'export', on: { id }, by: { kind: 'client' } }, 'the export stands in itself');
  t.ok(entries.some(({ action, from }) => action === 'signIn' && from === '10.9.9.9'), 'with the addresses that they came from');
  t.same(entries.map(({ action }) => action).filter((action) => action === 'create').length, 1);
  t.match(body.provisioning.find(({ endpoint }: { endpoint: string }) => endpoint === '/Bulk'), { operations: [{ id, asked: ['replace title'] }], values: { title: 'own title' } });

  const stored = await credential(id);
  for (const secret of [PASSWORD, OTHER_PASSWORD, stored?.hash ?? 'none', token, open, 'title of another', other.id, other.address, boss.address]) t.notMatch(answer.text, secret, 'no secret, and nothing of others');
  for (const [name, field] of [['sessions', 'person'], ['links', 'person']] as const) for (const { _id } of await database.collection(name).find({ [field]: id }).toArray()) t.notMatch(answer.text, String(_id));
});

t.test('reading it is an audit entry and no other change; nobody else reads it', async (t) => {
  const person = await active();
  const stranger = (await call('POST', '/Users', userBody(), { token: world.tokens.other })).body.id;
  const external = await somebody({ [ACCOUNT]: { population: 'external' } });
  await store.settled();
  const { audit: entries = [], ...before } = await everything();
  t.equal((await data(person.id)).status, 200);
  const { audit: later = [], ...after } = await everything();
  t.same([after, later.length, await audit(person.id, 'export')], [before, entries.length + 1, 1]);
  const without = (await world.makeClient(tenants.own, { scopes: ['*', 'admin.grant', 'audit.read', 'clients.manage'] })).token;
  const narrow = (await world.makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['employee'] } })).token;
  const rows: readonly (readonly [string, number, Promise<{ status: number }>])[] = [
    ['nobody', 404, data('00000000-0000-7000-8000-000000000000')], ['another tenant\'s', 404, data(stranger)], ['not the caller\'s to see', 404, data(external.id, narrow)], ['without the right', 403, data(person.id, without)], ['without a token', 401, data(person.id, '')],
  ];
  for (const [what, status, answer] of rows) t.equal((await answer).status, status, what);
  t.equal(await database.collection('audit').countDocuments({ action: 'export' }), 2);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) t.equal((await api(method, `/users/${person.id}/data`, method === 'DELETE' ? undefined : {})).status, 405);
});

t.test('of somebody hidden it is what is still kept, and of somebody erased nothing', async (t) => {
  const boss = await somebody();
  const person = await active({ displayName: 'Hidden Jan', [ENTERPRISE]: { manager: { value: boss.id } } });
  const group = (await call('POST', '/Groups', groupBody({ displayName: 'Home', members: members(person.id) }), { token: grantor })).body.id;
  await call('DELETE', `/Users/${person.id}`, undefined, { token: hiding });
  await store.settled();
  t.match((await data(person.id)).body, { resource: { displayName: 'Hidden Jan', userName: person.address }, groups: [], rights: [], hidden: { by: { kind: 'client' }, references: [{ id: boss.id }], groups: [{ id: group, displayName: 'Home' }] }, account: { hasPassword: false }, sessions: [] });
  t.equal((await api('DELETE', `/hidden-users/${person.id}`, { name: person.address })).status, 204);
  t.equal((await data(person.id)).status, 404);
  advance(MINUTE);
  await finishErasures(world);
  t.equal((await data(person.id)).status, 404);
});

t.test('however long the logs are, nothing is missing, and they are read a part at a time', async (t) => {
  const person = await somebody();
  await store.settled();
  const [ENTRIES, REQUESTS] = [3000, 1200];
  const at = (index: number) => new Date(clock.now.getTime() - index * 1000);
  const entry = (index: number) => ({ _id: `long-${index}`, t: tenants.own, at: at(index), by: { kind: 'person' as const, id: person.id }, action: 'long', on: { type: 'User', id: index % 2 ? person.id : 'somebody' }, request: `r${index}`, changed: [] });
  await store.collections.audit.insertMany(Array.from({ length: ENTRIES }, (_, index) => entry(index)));
  await store.collections.traces.insertMany(Array.from({ length: ENTRIES }, (_, index) => ({ _id: `trace-${index}`, t: tenants.own, person: person.id, entry: `long-${index}`, at: at(index), from: `10.1.${index >> 8}.${index & 255}` })));
  await store.collections.provisioning.insertMany(Array.from({ length: REQUESTS }, (_, index) => ({ _id: `request-${index}`, t: tenants.own, client: 'c', at: at(index), ms: 1, request: `q${index}`, method: 'PATCH', endpoint: '/Users/:id', status: 200, outcome: 'changed' as const, operations: [{ action: 'patch', type: 'User', id: person.id, asked: [], outcome: 'changed' as const, changed: [] }], tolerances: [] })));
  const { body } = await data(person.id);
  const long: readonly { readonly id: string; readonly request: string; readonly from: string }[] = body.audit.filter(({ action }: { action: string }) => action === 'long');
  t.same(long.map(({ request }) => request), Array.from({ length: ENTRIES }, (_, index) => `r${index}`), 'each once, the newest first');
  t.ok(long.every(({ id, from }) => { const index = Number(id.slice('long-'.length)); return from === `10.1.${index >> 8}.${index & 255}`; }));
  t.equal(body.provisioning.filter(({ request }: { request: string }) => /^q\d/.test(request)).length, REQUESTS);
});

t.test('a name such as JSON cannot break it', async (t) => {
  const displayName = '"}],\n</script>\u2028';
  const made = await call('POST', '/Users', userBody({ displayName: displayName.trim(), title: '\\' } satisfies Record<string, Json>), as);
  t.equal(made.status, 201, made.text);
  t.match((await data(made.body.id)).body.resource, { displayName: displayName.trim(), title: '\\' });
  t.equal((await signIn('nobody', PASSWORD)).status, 401);
});
