/** X1: who manages external users reaches them and contacts, who manages portal users those alone, each for some companies where that is said: by SCIM and API. */
import t from 'tap';
import { seenByRights } from '../../src/accounts/rights.ts';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, unique, userBody } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { send } from '../tenancy/support.ts';
import { COMPANY, EXTERNAL, idsIn, PORTALS, RIGHTS, startCompanies } from './company-world.ts';
import { ACCOUNT, PASSWORD } from './world.ts';

const world = await startCompanies(t, import.meta.url);
const { by, call, having, tenants, makeClient } = world;
const [one, two] = [await world.company('Acme One'), await world.company('Beta Two')];
const portal = await world.portal();
const employee = await world.somebody({ displayName: 'Eva Employee' });
const people = {
  contactOne: await world.contact(one), contactTwo: await world.contact(two),
  externalOne: await world.external(one), externalTwo: await world.external(two),
  portalOne: await world.portalUser([{ portal, customer: one }]), portalTwo: await world.portalUser([{ portal, customer: two }]),
  portalBoth: await world.portalUser([{ portal, customer: one }, { portal, customer: two }]),
  bothWays: await world.external(one, { [PORTALS]: { access: [{ portal, customer: two }] } }),
};
type Name = keyof typeof people;
const ids = (...names: readonly Name[]) => names.map((name) => people[name].id).toSorted();

/** Whom each caller reaches. Who gets in for two companies is reached by who manages both, for whoever sets a password gets in with it. */
const CALLERS: Readonly<Record<string, { readonly token: string; readonly reaches: readonly string[]; readonly companies: readonly string[]; readonly external: boolean; readonly portal: boolean }>> = {
  'external users': { token: await having(['externalUsers.manage']), reaches: ids('contactOne', 'contactTwo', 'externalOne', 'externalTwo', 'bothWays'), companies: [one, two], external: true, portal: false },
  'portal users': { token: await having(['portalUsers.manage']), reaches: ids('portalOne', 'portalTwo', 'portalBoth'), companies: [one, two], external: false, portal: true },
  'external users of one company': { token: await having(['externalUsers.manage'], [one]), reaches: ids('contactOne', 'externalOne'), companies: [one], external: true, portal: false },
  'portal users of one company': { token: await having(['portalUsers.manage'], [two]), reaches: ids('portalTwo'), companies: [two], external: false, portal: true },
  'both of two companies': { token: await having(['externalUsers.manage', 'portalUsers.manage'], [one, two]), reaches: Object.values(people).map(({ id }) => id).toSorted(), companies: [one, two], external: true, portal: true },
  'both of a company without people': { token: await having(['externalUsers.manage', 'portalUsers.manage'], ['gone']), reaches: [], companies: [], external: true, portal: true },
};
const everybody = [...Object.values(people).map(({ id }) => id), employee.id].toSorted();
const without = await having(['audit.read']);
const other = await having(['externalUsers.manage', 'portalUsers.manage'], [], tenants.other);

for (const [what, { token, reaches, companies, external, portal: portals }] of Object.entries(CALLERS)) {
  const { api, scim } = by(token);
  t.test(`X1: who manages ${what} reads whom that names, and nobody else, in lists, searches, filters, counts and exports`, async (t) => {
    const list = await scim('GET', '/Users');
    t.same([idsIn(list.body), list.body.totalResults], [reaches, reaches.length]);
    t.same(idsIn((await scim('GET', '/Users?filter=meta.created pr&sortBy=userName'.replaceAll(' ', '%20'))).body), reaches);
    t.same(idsIn((await scim('POST', '/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'userName pr' })).body), reaches);
    t.equal((await scim('GET', '/Users?count=0')).body.totalResults, reaches.length);
    t.same(idsIn((await api('GET', '/users')).body), reaches);
    t.equal((await api('GET', '/users')).body.total, reaches.length);
    const walked: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = await api('GET', `/users?search=${encodeURIComponent('contact, ext, pu')}&count=1${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      t.equal(page.status, 200, page.text);
      walked.push(...idsIn(page.body));
      cursor = page.body.cursor;
    }
    t.same(walked.toSorted(), reaches, 'by names, a page after the other');
    const file = await send(world.app, 'GET', '/api/v1/users/export?columns=id', undefined, { token });
    t.same(file.text.trim().split('\r\n').slice(1).filter((id) => id !== '').toSorted(), reaches);
    for (const id of everybody) {
      const seen = reaches.includes(id);
      const answer = await scim('GET', `/Users/${id}`);
      t.equal(answer.status, seen ? 200 : 404, id);
      if (!seen) t.equal(answer.text, (await scim('GET', `/Users/${employee.id}`)).text, 'as if it were not there');
      t.equal(idsIn((await scim('GET', `/Users?filter=${encodeURIComponent(`id eq "${id}"`)}`)).body).length, seen ? 1 : 0);
      t.equal((await api('GET', `/users/${id}/mails`)).status, seen ? 200 : 404);
    }
    t.same(idsIn((await scim('GET', `/Users?filter=${encodeURIComponent(`${EXTERNAL}:companyId eq "${one}" or ${PORTALS}:access.customer eq "${two}"`)}`)).body),
      reaches.filter((id) => ids('contactOne', 'externalOne', 'portalTwo', 'portalBoth', 'bothWays').includes(id)));
  });

  t.test(`X1: who manages ${what} sees the companies that names`, async (t) => {
    const found = await api('GET', '/companies');
    t.same(found.body.companies.map(({ id }: { id: string }) => id).toSorted(), [...companies].toSorted());
    t.same(idsIn((await scim('GET', '/Companies')).body), [...companies].toSorted());
    for (const id of [one, two]) {
      const seen = companies.includes(id);
      t.equal((await scim('GET', `/Companies/${id}`)).status, seen ? 200 : 404);
      t.equal((await api('GET', `/companies/${id}`)).status, seen ? 200 : 404);
      t.equal((await api('GET', `/companies/${id}/people`)).status, external ? (seen ? 200 : 404) : 403);
      t.equal((await api('GET', `/companies/${id}/portal-users`)).status, portals ? (seen ? 200 : 404) : 403);
      t.equal((await api('GET', `/external-users?company=${id}`)).status, external ? (seen ? 200 : 404) : 403);
    }
  });

  t.test(`X1: who manages ${what} changes nobody else`, async (t) => {
    const before = await world.everything();
    for (const id of everybody.filter((one) => !reaches.includes(one))) {
      for (const operation of [{ op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'active', value: false }, { op: 'replace', path: `${EXTERNAL}:registered`, value: false }]) {
        refused(t, await scim('PATCH', `/Users/${id}`, patchBody(operation)), 404);
      }
      refused(t, await scim('DELETE', `/Users/${id}`), 404);
      const bulk = await scim('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [{ method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'title', value: 'x' }) }] });
      t.equal(bulk.body.Operations[0].status, '404');
      for (const [method, path, body] of [['POST', 'unlock'], ['POST', 'deactivate'], ['POST', 'password', { password: PASSWORD }], ['POST', 'address', { address: 'x@example.com' }], ['POST', 'invitation', {}], ['DELETE', 'second-factor']] as [string, string, Json?][]) {
        t.equal((await api(method, `/users/${id}/${path}`, body)).status, 404, path);
      }
      t.equal((await api('PUT', `/external-users/${id}`, { userName: 'x' })).status, external ? 404 : 403);
      t.equal((await api('DELETE', `/external-users/${id}`)).status, external ? 404 : 403);
      t.equal((await api('DELETE', `/external-users/${id}/login`)).status, external ? 404 : 403);
      t.equal((await api('PUT', `/portal-users/${id}/access/${portal}`, { customer: one })).status, portals ? 404 : 403);
      t.equal((await api('DELETE', `/portal-users/${id}/access/${portal}`)).status, portals ? 404 : 403);
    }
    t.same(withoutRefusals(await world.everything()), withoutRefusals(before));
  });
}

const withoutRefusals = (all: Record<string, readonly object[]>) => ({ ...all, audit: all['audit']?.filter((entry) => !('refused' in entry)) });

t.test('X1: without the right, and from another tenant, nothing', async (t) => {
  const before = withoutRefusals(await world.everything());
  const { api, scim } = by(without);
  for (const [method, path, body] of [
    ['GET', '/external-users'], ['POST', '/external-users', { company: one }], ['PUT', `/external-users/${people.contactOne.id}`, { userName: 'x', password: PASSWORD }], ['DELETE', `/external-users/${people.externalOne.id}`],
    ['DELETE', `/external-users/${people.externalOne.id}/login`], ['GET', `/companies/${one}/people`], ['GET', `/companies/${one}/portal-users`], ['GET', '/companies'], ['GET', `/companies/${one}`],
    ['GET', '/portal-users'], ['POST', '/portal-users', {}], ['PUT', `/portal-users/${people.portalOne.id}`, { enabled: false }], ['PUT', `/portal-users/${people.portalOne.id}/access/${portal}`, { customer: one }], ['DELETE', `/portal-users/${people.portalOne.id}/access/${portal}`],
  ] as [string, string, Json?][]) refused(t, await api(method, path, body), 403);
  t.same((await scim('GET', '/Users')).body.totalResults, 0);
  for (const id of everybody) {
    t.equal((await by(other).scim('GET', `/Users/${id}`)).status, 404);
    t.equal((await by(other).api('DELETE', `/external-users/${id}`)).status, 404);
    t.equal((await by(other).api('PUT', `/portal-users/${id}/access/${portal}`, { customer: one })).status, 404);
  }
  t.equal((await by(other).api('GET', `/companies/${one}/people`)).status, 404);
  t.same((await by(other).api('GET', '/external-users')).body.total, 0);
  t.same((await by(other).api('GET', '/companies')).body.total, 0);
  t.same(withoutRefusals(await world.everything()), before);
});

t.test('X1 over SCIM: who sees neither external nor portal users makes nobody one', async (t) => {
  const token = (await makeClient(tenants.own, { scopes: ['users:read', 'users:write', 'users:password'], shows: [ACCOUNT, EXTERNAL, PORTALS, COMPANY], settings: { populations: ['employee', 'contact'], signInMethod: 'none' } })).token;
  const before = withoutRefusals(await world.everything());
  const registering = patchBody({ op: 'replace', path: `${EXTERNAL}:registered`, value: true }, { op: 'add', path: 'password', value: PASSWORD });
  const answer = await call('PATCH', `/Users/${people.contactOne.id}`, registering, { token });
  refused(t, answer, 403);
  t.match(answer.headers['www-authenticate'], /scope="externalUsers.manage"/);
  refused(t, await call('PATCH', `/Users/${employee.id}`, registering, { token }), 403);
  const access = await call('PATCH', `/Users/${employee.id}`, patchBody({ op: 'add', path: `${PORTALS}:access`, value: [{ portal, customer: one }] }), { token });
  refused(t, access, 403);
  t.match(access.headers['www-authenticate'], /scope="portalUsers.manage"/);
  refused(t, await call('POST', '/Users', userBody({ password: PASSWORD, [EXTERNAL]: { companyId: one, registered: true } }), { token }), 403);
  t.same(withoutRefusals(await world.everything()), before);
});

t.test('X1: who is limited to companies takes nobody, and makes nothing, beyond them', async (t) => {
  const { api, scim } = by(await having(['externalUsers.manage', 'portalUsers.manage'], [one]));
  const before = withoutRefusals(await world.everything());
  const gone = await scim('PATCH', `/Users/${people.contactOne.id}`, patchBody({ op: 'replace', path: `${EXTERNAL}:companyId`, value: two }));
  t.match(gone.body, { status: '400', detail: /there is no company/ }, 'the same words as for a company that never was');
  refused(t, await scim('PATCH', `/Users/${people.contactOne.id}`, patchBody({ op: 'remove', path: EXTERNAL })), 403);
  refused(t, await scim('POST', '/Users', userBody({ [EXTERNAL]: { companyId: two } })), 400, 'invalidValue');
  refused(t, await scim('POST', '/Users', userBody()), 403);
  refused(t, await scim('POST', '/Users', userBody({ [ACCOUNT]: { population: 'employee' } })), 403);
  refused(t, await scim('POST', '/Companies', { schemas: [COMPANY], displayName: 'Another' }), 403);
  refused(t, await api('POST', '/external-users', { company: two, familyName: 'X' }), 400, 'invalidValue');
  refused(t, await api('POST', '/portal-users', { address: 'x@klant.example', portal, customer: two }), 400, 'invalidValue');
  refused(t, await api('PUT', `/portal-users/${people.portalOne.id}/access/${portal}`, { customer: two }), 400, 'invalidValue');
  refused(t, await api('DELETE', `/portal-users/${people.portalOne.id}/access/${portal}`), 403);
  const taken = await api('PUT', `/external-users/${people.contactOne.id}`, { userName: people.externalTwo.userName, password: PASSWORD });
  t.match(taken.body, { status: '409', scimType: 'uniqueness', detail: /somebody whom this client cannot see/ });
  t.notMatch(taken.text, people.externalTwo.id);
  t.same(withoutRefusals(await world.everything()), before);
  const made = await api('POST', '/external-users', { company: one, familyName: 'Nieuw' });
  t.equal(made.status, 201, made.text);
  t.equal((await api('DELETE', `/external-users/${made.body.id}`)).status, 404, 'a contact is no external user');
});

t.test('X1: nobody lets a client reach whom they do not reach', async (t) => {
  const limited = (await makeClient(tenants.own, { scopes: ['clients.manage', 'externalUsers.manage'], settings: { populations: [], companies: [one] } })).token;
  const create = (settings: Record<string, Json>, scopes: readonly string[] = ['externalUsers.manage']) => by(limited).api('POST', '/clients', { name: unique('made'), scopes: [...scopes], settings });
  refused(t, await create({ populations: [] }), 403);
  refused(t, await create({ populations: [], companies: [two] }), 403);
  refused(t, await create({ populations: [], companies: [one, two] }), 403);
  refused(t, await create({ populations: ['portal'], companies: [one] }), 403);
  refused(t, await create({ populations: [], companies: [one] }, ['portalUsers.manage']), 403);
  const made = await create({ populations: [], companies: [one] });
  t.equal(made.status, 201, made.text);
  refused(t, await by(limited).api('PATCH', `/clients/${made.body.id}`, { settings: { companies: null } }), 403);
});

t.test('X1: a group gives the right for the companies that it names, which stay while it does', async (t) => {
  const own = await world.company();
  const admin = { token: world.maker };
  const group = (rights: Record<string, Json>) => call('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group', RIGHTS], displayName: unique('managers'), [RIGHTS]: rights }, admin);
  refused(t, await group({ rights: ['externalUsers.manage'], companies: ['nowhere'] }), 400, 'invalidValue');
  const made = await group({ rights: ['externalUsers.manage'], companies: [own] });
  t.match(made.body, { [RIGHTS]: { companies: [own] } });
  t.match((await call('DELETE', `/Companies/${own}`, undefined, admin)).body, { status: '409', detail: /1 groups that give rights to it/ });
  const manager = (await makeClient(tenants.own, { scopes: ['*'], shows: [RIGHTS] })).token;
  refused(t, await call('PATCH', `/Groups/${made.body.id}`, patchBody({ op: 'remove', path: `${RIGHTS}:companies` }), { token: manager }), 403);
  const person = await world.somebody();
  const scope = world.store.scope(tenants.own);
  const join = (id: string) => call('PATCH', `/Groups/${id}`, patchBody({ op: 'add', path: 'members', value: [{ value: person.id }] }), admin);
  await join(made.body.id);
  t.same(await seenByRights(scope, person.id), [`external@${own}`, `contact@${own}`]);
  await join((await group({ rights: ['externalUsers.manage', 'portalUsers.manage'], companies: [one] })).body.id);
  t.same((await seenByRights(scope, person.id)).toSorted(), [`contact@${own}`, `contact@${one}`, `external@${own}`, `external@${one}`, `portal@${one}`].toSorted());
  await join((await group({ rights: ['externalUsers.manage'] })).body.id);
  t.same(await seenByRights(scope, person.id), ['external', 'contact', `portal@${one}`], 'a group without companies gives all');
});
