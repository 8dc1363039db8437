/** Two records of one person become one (L1, L5): nothing that refers to either is lost, nobody's login is thrown away, and it is all or nothing. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, groupBody, patchBody, unique } from '../helpers/app.ts';
import { query } from '../rfc/queries.ts';
import { members, RIGHTS } from '../tenancy/support.ts';
import { certificates, finishErasures } from './erasures.ts';
import { ACCOUNT, MINUTE, PASSWORD, startWorld, type Somebody } from './world.ts';

const PORTALS = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
const PORTAL = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, audit, call, database, everything, get, mailsTo, manager, somebody, tenants } = world;
const grantor = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'], shows: [RIGHTS, ACCOUNT, PORTALS, COMPANY, PORTAL], settings: { signInMethod: 'none' } })).token;
const as = { token: manager };
const all = { token: grantor };
const [hr, sso] = [await world.makeClient(tenants.own), await world.makeClient(tenants.own)];
const merge = (kept: Somebody, other: { readonly id: string }, token?: string) => api('POST', `/users/${kept.id}/merge`, { other: other.id }, token === undefined ? {} : { token });
const group = async (...ids: readonly string[]): Promise<string> => (await call('POST', '/Groups', groupBody({ members: members(...ids) }), as)).body.id;
const groupsOf = async (id: string): Promise<readonly string[]> => ((await get(id)).groups ?? []).map(({ value }: { value: string }) => value).sort();
const managerOf = async (id: string): Promise<string | undefined> => (await get(id))[ENTERPRISE]?.manager?.value;
const managed = (value: string): Record<string, Json> => ({ [ENTERPRISE]: { manager: { value } } });
const names = (id: string, { token }: { token: string }, externalId: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'externalId', value: externalId }), { token });

t.test('names of clients, groups, roles, portals and references of the other are the kept one\'s, in one commit; the other is erased', async (t) => {
  const make = async (displayName: string, endpoint: string, schema: string): Promise<string> => (await call('POST', endpoint, { schemas: [schema], displayName }, all)).body.id;
  const [customer, first, second] = [await make('Customer', '/Companies', COMPANY), await make('First', '/Portals', PORTAL), await make('Second', '/Portals', PORTAL)];
  const access = (...portals: readonly string[]) => ({ [PORTALS]: { access: portals.map((portal) => ({ portal, customer })) } });
  const kept = await somebody({ title: 'Keeper', roles: [{ value: 'keeper', primary: true }], ...access(first) }, grantor);
  const other = await somebody({ title: 'Other', nickName: 'Other', roles: [{ value: 'baker', primary: true }, { value: 'Keeper' }], ...access(first, second), ...managed(kept.id) }, grantor);
  await call('PATCH', `/Users/${kept.id}`, patchBody({ op: 'add', value: managed(other.id) }), as);
  const reports = [await somebody(managed(other.id)), await somebody(managed(other.id))];
  const [shared, own, theirs] = [await group(kept.id, other.id), await group(kept.id), await group(other.id)];
  const [both, others] = [unique('hr'), unique('sso')];
  await names(kept.id, hr, both);
  await names(other.id, hr, `${both}-2`);
  await names(other.id, sso, others);
  const before = await everything();
  const preview = await api('POST', `/users/${kept.id}/merge?preview=true`, { other: other.id });
  t.equal(preview.status, 200, preview.text);
  t.match(preview.body, {
    id: kept.id, other: other.id, took: { groups: [{ id: theirs }], roles: ['baker'], portals: [{ portal: second, customer, enabled: true }], references: 3, externalIds: [{ client: { id: sso.client }, id: others }] },
    lost: [{ client: { id: hr.client }, id: `${both}-2` }],
  });
  t.same(await everything(), before, 'a preview writes nothing');

  const answer = await merge(kept, other);
  t.same([answer.status, answer.body], [200, preview.body]);
  t.equal((await call('GET', `/Users/${other.id}`, undefined, as)).status, 404);
  const now = (await call('GET', `/Users/${kept.id}`, undefined, all)).body;
  t.match(now, { id: kept.id, userName: kept.address, title: 'Keeper', roles: [{ value: 'keeper', primary: true }, { value: 'baker' }], [PORTALS]: { access: [{ portal: first }, { portal: second }] } });
  t.same([now.nickName, now.roles.length, now.roles[1].primary, now[PORTALS].access.length, now[ENTERPRISE]], [undefined, 2, undefined, 2, undefined]);
  t.same(await groupsOf(kept.id), [shared, own, theirs].sort());
  for (const id of [shared, own, theirs]) t.same((await call('GET', `/Groups/${id}`, undefined, as)).body.members.map(({ value }: { value: string }) => value), [kept.id]);
  t.same(await database.collection('groups').find({ t: tenants.own }).map(({ mc }) => mc as number).toArray().then((counts) => counts.filter((count) => count !== 1 && count !== 0)), [], 'counts are right');
  for (const { id } of reports) t.equal(await managerOf(id), kept.id);
  for (const [{ token }, externalId] of [[hr, both], [sso, others]] as const) t.match((await call('GET', `/Users${query({ filter: `externalId eq "${externalId}"` })}`, undefined, { token })).body.Resources, [{ id: kept.id }]);
  t.same([await audit(kept.id, 'merge'), await audit(other.id, 'merge.into'), (await mailsTo(kept)).length], [1, 1, 0]);
  t.match(await database.collection('audit').findOne({ action: 'merge.into' }), { values: { into: kept.id }, on: { id: other.id } });

  advance(MINUTE);
  await finishErasures(world);
  t.equal((await certificates(world, other.id)).length, 1, 'with a certificate');
  t.equal((await merge(kept, other)).status, 404);
  await api('DELETE', `/users/${kept.id}`, { name: kept.address });
  for (const { id } of reports) t.equal(await managerOf(id), undefined, 'a reference that was moved is one that is cleared');
});

t.test('one credential: the kept one\'s; two logins, or one that would be lost, are refused, and nothing has changed', async (t) => {
  const [one, two, plain] = [await active(), await active(), await somebody()];
  const before = [await get(one.id), await get(two.id), await get(plain.id)];
  const both = await merge(one, two);
  t.match([both.status, both.body.detail], [409, new RegExp(`${one.address}.*${two.address}`)]);
  t.match([(await merge(plain, one)).status, (await api('POST', `/users/${plain.id}/merge?preview=true`, { other: one.id })).body.detail], [409, /Only .* has a login/]);
  t.same([await get(one.id), await get(two.id), await get(plain.id)], before);
  const cookie = await world.session(one);
  t.equal((await merge(one, plain)).status, 200);
  t.same([await world.sessionLives(cookie), (await world.signIn(one.address, PASSWORD)).status], [true, 200]);
});

t.test('rights are gained only by who may give them, and the last administrator stays one', async (t) => {
  const [kept, boss] = [await somebody(), await somebody()];
  const home = (await call('POST', '/Groups', groupBody({ members: members(boss.id), [RIGHTS]: { rights: ['admin.grant'] } }), all)).body.id as string;
  const before = await get(boss.id);
  for (const preview of ['', '?preview=true']) t.equal((await api('POST', `/users/${kept.id}/merge${preview}`, { other: boss.id })).status, 403);
  t.same([await get(boss.id), await groupsOf(kept.id)], [before, []]);
  t.equal((await merge(kept, boss, grantor)).status, 200);
  t.same(await groupsOf(kept.id), [home]);
});

t.test('parallel merges and changes: one of them, whole; nobody is lost', async (t) => {
  const [kept, first, second] = [await somebody(), await somebody(), await somebody()];
  const theirs = [await group(first.id), await group(second.id)];
  const answers = await Promise.all([merge(kept, first), merge(kept, first), merge(kept, second), call('PATCH', `/Users/${first.id}`, patchBody({ op: 'replace', path: 'title', value: 'T' }), as), call('PATCH', `/Users/${kept.id}`, patchBody({ op: 'replace', path: 'title', value: 'Kept' }), as)]);
  t.same(answers.slice(0, 2).map(({ status }) => status).sort(), [200, 404], answers.map(({ text }) => text).join('\n'));
  t.same([answers[2].status, await groupsOf(kept.id), (await get(kept.id)).title], [200, theirs.sort(), 'Kept']);
  const [a, b] = [await somebody(), await somebody()];
  const crossed = await Promise.all([merge(a, b), merge(b, a)]);
  t.same(crossed.map(({ status }) => status).sort(), [200, 404]);
  t.equal(await database.collection<{ _id: string }>('users').countDocuments({ _id: { $in: [a.id, b.id] } }), 1, 'never both');
});

t.test('what is none, of others or too much is refused', async (t) => {
  const [kept, other] = [await somebody(), await somebody()];
  t.same([(await merge(kept, kept)).status, (await merge(kept, { id: 'nobody' })).status, (await api('POST', `/users/${kept.id}/merge`, {})).status, (await api('POST', `/users/${kept.id}/merge?preview=yes`, { other: other.id })).status], [400, 404, 400, 400]);
  const external = (await world.makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['external'] } })).token;
  const stranger = (await world.makeClient(tenants.other, { scopes: ['users.manage'] })).token;
  for (const token of [external, stranger]) t.equal((await merge(kept, other, token)).status, 404);
  const operations = Array.from({ length: 201 }, (_, index) => ({ method: 'POST', path: '/Groups', bulkId: `g${index}`, data: groupBody({ members: members(other.id) }) }));
  await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: operations }, as);
  const answer = await merge(kept, other);
  t.match([answer.status, answer.body.detail], [409, /201 groups/]);
  t.same([(await groupsOf(other.id)).length, await groupsOf(kept.id)], [201, []]);
});
