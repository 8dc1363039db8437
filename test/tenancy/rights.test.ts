/** Rights by groups: whoever lets somebody gain or lose one needs `admin.grant`, by whatever route; everything else goes on without it. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { GROUP, groupBody, patchBody, startApp, unique, userBody } from '../helpers/app.ts';
import { ERROR, refused } from '../rfc/expectations.ts';
import { query } from '../rfc/queries.ts';
import { addMembers, asBulk, auditCount, leaves, members, ownTenant, removeMember, RIGHTS, type OwnTenant } from './support.ts';

const app = await startApp(t, import.meta.url);
const { call, makeClient } = app;

/** A group with rights that holds a person and a group with one more; outside of them a person, a group, and a group that holds the first. */
interface Fixture {
  readonly rights: string;
  readonly rightsName: string;
  readonly inner: string;
  readonly outer: string;
  readonly holder: string;
  readonly member: string;
  readonly innerMember: string;
  readonly other: string;
  readonly plainGroup: string;
}

async function fixture({ grantor }: OwnTenant): Promise<Fixture> {
  const rightsName = unique('auditors');
  const group = (bulkId: string, attributes: Record<string, Json> = {}) => ({ method: 'POST', path: '/Groups', bulkId, data: groupBody(attributes) });
  const made = await call('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: [
    ...['member', 'innerMember', 'other'].map((bulkId) => ({ method: 'POST', path: '/Users', bulkId, data: userBody() })),
    group('inner', { members: members('bulkId:innerMember') }),
    group('rights', { displayName: rightsName, members: members('bulkId:member', 'bulkId:inner'), [RIGHTS]: { rights: ['audit.read'] } }),
    group('holder', { members: members('bulkId:rights') }), group('plainGroup', { members: members('bulkId:other') }), group('outer'),
  ] }, { token: grantor });
  const [member = '', innerMember = '', other = '', inner = '', rights = '', holder = '', plainGroup = '', outer = ''] = made.body.Operations.map(({ location }: { location: string }) => location.split('/').at(-1));
  return { rights, rightsName, inner, outer, holder, member, innerMember, other, plainGroup };
}

type Request = readonly [method: string, path: string, body?: Json];
type Row = readonly [what: string, request: (fixture: Fixture) => Request];

const put = ({ rights, rightsName, member, inner }: Fixture, changes: Record<string, Json> = {}): Request =>
  ['PUT', `/Groups/${rights}`, { schemas: [GROUP, RIGHTS], displayName: rightsName, members: members(member, inner), ...changes }];
const patch = (id: string, ...operations: Json[]): Request => ['PATCH', `/Groups/${id}`, patchBody(...operations)];

/** Each lets somebody gain or lose a right. */
const GRANTING: readonly Row[] = [
  ['POST of a group with rights', () => ['POST', '/Groups', { ...Object(groupBody()), [RIGHTS]: { rights: ['users.manage'] } }]],
  ['POST of a group with rights and members', ({ other }) => ['POST', '/Groups', { ...Object(groupBody()), members: members(other), [RIGHTS]: { rights: ['audit.read'] } }]],
  ['POST of a group that the console moves people between', () => ['POST', '/Groups', { ...Object(groupBody()), [RIGHTS]: { userGroup: true } }]],
  ['PUT with other rights', (f) => put(f, { [RIGHTS]: { rights: ['admin.grant'] } })],
  ['PUT with one right more', (f) => put(f, { [RIGHTS]: { rights: ['audit.read', 'users.manage'] } })],
  ['PUT with the rights emptied', (f) => put(f, { [RIGHTS]: { rights: [], userGroup: true } })],
  ['PUT with one member more', (f) => put(f, { members: members(f.member, f.inner, f.other) })],
  ['PUT with one member less', (f) => put(f, { members: members(f.inner) })],
  ['PUT without members', ({ rights, rightsName }) => ['PUT', `/Groups/${rights}`, { schemas: [GROUP], displayName: rightsName }]],
  ['PUT with a group more', (f) => put(f, { members: members(f.member, f.inner, f.plainGroup) })],
  ['PATCH that adds a right by its path', ({ rights }) => patch(rights, { op: 'add', path: `${RIGHTS}:rights`, value: ['users.manage'] })],
  ['PATCH that replaces the rights by their path', ({ rights }) => patch(rights, { op: 'replace', path: `${RIGHTS}:rights`, value: ['users.manage'] })],
  ['PATCH that removes the rights by their path', ({ rights }) => patch(rights, { op: 'remove', path: `${RIGHTS}:rights` })],
  ['PATCH that removes the extension', ({ rights }) => patch(rights, { op: 'remove', path: RIGHTS })],
  ['PATCH without a path that sets the extension', ({ rights }) => patch(rights, { op: 'replace', value: { [RIGHTS]: { rights: ['admin.grant'] } } })],
  ['PATCH without a path whose key is a path', ({ rights }) => patch(rights, { op: 'add', value: { [`${RIGHTS}:rights`]: ['admin.grant'] } })],
  ['PATCH that gives rights to a group that has members', ({ plainGroup }) => patch(plainGroup, { op: 'add', path: `${RIGHTS}:rights`, value: ['audit.read'] })],
  ['PATCH that adds a member', ({ rights, other }) => ['PATCH', `/Groups/${rights}`, addMembers(other)]],
  ['PATCH that adds a member without a path', ({ rights, other }) => patch(rights, { op: 'add', value: { members: members(other) } })],
  ['PATCH that adds a member behind a harmless operation', ({ rights, other }) => patch(rights, { op: 'replace', path: 'displayName', value: unique('x') }, { op: 'add', path: 'members', value: members(other) })],
  ['PATCH that replaces the members', ({ rights, other }) => patch(rights, { op: 'replace', path: 'members', value: members(other) })],
  ['PATCH that replaces the members without a path', ({ rights, other }) => patch(rights, { op: 'replace', value: { members: members(other) } })],
  ['PATCH that removes a member by a filter', ({ rights, member }) => ['PATCH', `/Groups/${rights}`, removeMember(member)]],
  ['PATCH that removes a member by its kind', ({ rights }) => patch(rights, { op: 'remove', path: 'members[type eq "User"]' })],
  ['PATCH that removes a member by a value', ({ rights, member }) => patch(rights, { op: 'remove', path: 'members', value: members(member) })],
  ['PATCH that removes all members', ({ rights }) => patch(rights, { op: 'remove', path: 'members' })],
  ['a group with members moved under a group with rights', ({ rights, plainGroup }) => ['PATCH', `/Groups/${rights}`, addMembers(plainGroup)]],
  ['a member added to a group inside', ({ inner, other }) => ['PATCH', `/Groups/${inner}`, addMembers(other)]],
  ['a member removed from a group inside', ({ inner, innerMember }) => ['PATCH', `/Groups/${inner}`, removeMember(innerMember)]],
  ['PUT of a group inside without its members', ({ inner }) => ['PUT', `/Groups/${inner}`, groupBody()]],
  ['DELETE of the group', ({ rights }) => ['DELETE', `/Groups/${rights}`]],
  ['DELETE of a group inside', ({ inner }) => ['DELETE', `/Groups/${inner}`]],
  ['DELETE of a group that holds it', ({ holder }) => ['DELETE', `/Groups/${holder}`]],
];

t.test('without admin.grant nobody gains or loses a right, by whatever route', async (t) => {
  const tenant = await ownTenant(app);
  const f = await fixture(tenant);
  for (const [what, request] of GRANTING) {
    const [method, path, body] = request(f);
    await leaves(t, app, tenant.id, what, async () => {
      refused(t, await call(method, path, body, { token: tenant.plain }), 403);
      const bulk = await call('POST', '/Bulk', asBulk(method, path, body), { token: tenant.plain });
      t.match(bulk.body, { Operations: [{ status: '403', response: { schemas: [ERROR], status: '403' } }] }, `${what} in Bulk`);
      t.notOk(bulk.body.Operations[0].version, 'no version came of it');
    });
  }
});

for (const inBulk of [false, true]) {
  t.test(`with admin.grant all of it is done${inBulk ? ' in Bulk' : ''}, each with one entry of the audit log`, async (t) => {
    const tenant = await ownTenant(app);
    for (const [what, request] of GRANTING) {
      const f = await fixture(tenant);
      const [method, path, body] = request(f);
      const entries = await auditCount(app, tenant.id);
      const answer = inBulk ? await call('POST', '/Bulk', asBulk(method, path, body), { token: tenant.grantor }) : await call(method, path, body, { token: tenant.grantor });
      const status = inBulk ? Number(answer.body.Operations?.[0]?.status) : answer.status;
      t.equal(status, method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200, `${what}: ${answer.text}`);
      t.equal(await auditCount(app, tenant.id), entries + 1, what);
    }
  });
}

/** None of these changes what anybody may do. */
const HARMLESS: readonly Row[] = [
  ['PUT that leaves the extension out', (f) => put(f, { displayName: unique('renamed') })],
  ['PUT with the same rights and members', (f) => put(f, { displayName: unique('renamed'), [RIGHTS]: { rights: ['audit.read'] } })],
  ['PATCH of the name', ({ rights }) => patch(rights, { op: 'replace', path: 'displayName', value: unique('renamed') })],
  ['PATCH with the same rights', ({ rights }) => patch(rights, { op: 'replace', path: `${RIGHTS}:rights`, value: ['audit.read'] })],
  ['PATCH with the same members', (f) => patch(f.rights, { op: 'replace', path: 'members', value: members(f.inner, f.member) })],
  ['PATCH that adds who is a member', (f) => ['PATCH', `/Groups/${f.rights}`, addMembers(f.member)]],
  ['PATCH that removes who is no member', (f) => ['PATCH', `/Groups/${f.rights}`, patchBody({ op: 'remove', path: 'members', value: members(f.other) })]],
  ['a group with rights put into one without', (f) => ['PATCH', `/Groups/${f.outer}`, addMembers(f.rights)]],
  ['a group with rights taken out of one without', (f) => ['PATCH', `/Groups/${f.holder}`, removeMember(f.rights)]],
  ['a member of a group without rights', (f) => ['PATCH', `/Groups/${f.plainGroup}`, addMembers(f.member)]],
  ['DELETE of a group without rights', (f) => ['DELETE', `/Groups/${f.plainGroup}`]],
  ['switching off somebody with rights: a leaver is no grant', (f) => ['PATCH', `/Users/${f.member}`, patchBody({ op: 'replace', path: 'active', value: false })]],
  ['DELETE of somebody with rights', (f) => ['DELETE', `/Users/${f.member}`]],
];

t.test('what changes no right needs none, and leaves the rights as they are', async (t) => {
  const tenant = await ownTenant(app);
  const shown = await makeClient(tenant.id, { scopes: ['*'] });
  for (const [what, request] of HARMLESS) {
    const f = await fixture(tenant);
    const [method, path, body] = request(f);
    t.ok((await call(method, path, body, { token: tenant.plain })).status < 300, what);
    const group = await call('GET', `/Groups/${f.rights}`, undefined, { token: tenant.grantor });
    t.same(group.body[RIGHTS], { rights: ['audit.read'] }, `${what}: the rights are as they were`);
  }
  const f = await fixture(tenant);
  const [method, path, body] = put(f, { schemas: [GROUP], displayName: unique('renamed') });
  t.equal((await call(method, path, body, { token: shown.token })).status, 200, 'a client that does not know the extension replaces the group');
  t.same((await call('GET', `/Groups/${f.rights}`, undefined, { token: tenant.grantor })).body[RIGHTS], { rights: ['audit.read'] });
});

t.test('rights are shown, filtered and taken only where the extension is switched on', async (t) => {
  const tenant = await ownTenant(app);
  const { rights } = await fixture(tenant);
  const blind = (await makeClient(tenant.id, { scopes: ['*', 'admin.grant'] })).token;
  const strict = (await makeClient(tenant.id, { scopes: ['*', 'admin.grant'], tolerances: 'strict' })).token;
  for (const [token, isShown] of [[tenant.plain, true], [blind, false]] as const) {
    for (const path of [`/Groups/${rights}`, '/Groups', '/Schemas', '/ResourceTypes', `/Groups/${rights}?attributes=${RIGHTS}:rights`, `/Groups${query({ sortBy: 'displayName', sortOrder: 'descending' })}`, '/']) {
      t.equal((await call('GET', path, undefined, { token })).text.includes('rollcallRights'), isShown, path);
    }
    const found = await call('GET', `/Groups${query({ filter: `${RIGHTS}:rights eq "audit.read"` })}`, undefined, { token });
    if (isShown) t.equal(found.body.totalResults, 1);
    else refused(t, found, 400, 'invalidFilter');
  }
  const body = { ...Object(groupBody()), schemas: [GROUP, RIGHTS], [RIGHTS]: { rights: ['admin.grant'] } };
  const ignored = await call('POST', '/Groups', body, { token: blind });
  t.equal(ignored.status, 201, 'what it does not know a tolerant client may send');
  t.equal((await call('GET', `/Groups/${ignored.body.id}`, undefined, { token: tenant.grantor })).body[RIGHTS], undefined, 'and it is not kept');
  await leaves(t, app, tenant.id, 'strict', async () => {
    refused(t, await call('POST', '/Groups', { ...body, displayName: unique('g') }, { token: strict }), 400, 'invalidValue');
    refused(t, await call('PATCH', `/Groups/${rights}`, patchBody({ op: 'replace', path: `${RIGHTS}:rights`, value: ['admin.grant'] }), { token: strict }), 400, 'invalidPath');
  });
});

for (const name of ['Admin.grant', 'everything', 'users:read', '*', '']) {
  t.test(`a right that does not exist is refused: "${name}"`, async (t) => {
    const tenant = await ownTenant(app);
    await leaves(t, app, tenant.id, name, async () =>
      refused(t, await call('POST', '/Groups', { ...Object(groupBody()), [RIGHTS]: { rights: ['audit.read', name] } }, { token: tenant.grantor }), 400, 'invalidValue'));
  });
}

t.test('the password of a person with rights is set by who may grant them, that of others by who may set passwords', async (t) => {
  const tenant = await ownTenant(app);
  const scopes = ['*', 'users:password'];
  const plain = (await makeClient(tenant.id, { scopes })).token;
  const f = await fixture(tenant);
  const password = (id: string): readonly Request[] => [
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: 'correct horse battery' })],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', value: { password: 'correct horse battery' } })],
    ['PUT', `/Users/${id}`, userBody({ password: 'correct horse battery' })],
  ];
  for (const id of [f.member, f.innerMember]) {
    for (const [method, path, body] of password(id)) {
      await leaves(t, app, tenant.id, method, async () => {
        refused(t, await call(method, path, body, { token: plain }), 403);
        t.match((await call('POST', '/Bulk', asBulk(method, path, body), { token: plain })).body, { Operations: [{ status: '403' }] });
      });
    }
  }
  for (const [id, token] of [[f.other, plain], [f.member, tenant.grantor]] as const) {
    const [[method, path, body] = ['', '']] = password(id);
    t.equal((await call(method, path, body, { token })).status, 200);
    t.equal(await app.store.collections.credentials.countDocuments({ _id: id, t: tenant.id }), 1);
  }
});
