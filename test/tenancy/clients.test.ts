/** Provisioning clients: nobody makes one that may more than its maker, and each has its own networks, rate and kind. */
import t, { type Test } from 'tap';
import { RIGHTS as ALL_RIGHTS } from '../../src/rights.ts';
import type { Json } from '../../src/scim/json.ts';
import { POPULATIONS } from '../../src/store/audience.ts';
import { CLIENT_SETTINGS } from '../../src/tenancy/client-settings.ts';
import { startApp, unique, userBody, type ClientOptions } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { auditOf, hide, operator, ownTenant, send } from './support.ts';
import { createClient } from '../../src/tenancy/clients.ts';

const app = await startApp(t, import.meta.url);
const { makeClient, store, tenants } = app;
const all = ['*', 'users:password', ...ALL_RIGHTS];
const tokenWith = async (scopes: readonly string[], options: ClientOptions = {}) => (await makeClient(tenants.own, { scopes, ...options })).token;
const manager = await tokenWith(all);
const api = (method: string, path: string, body?: Json, token = manager) => send(app.app, method, `/api/v1${path}`, body, { token });
const clients = store.collections.clients;
const stored = (id: string) => clients.findOne({ _id: id, t: tenants.own });

/** Does something that must change no client, no token and leave no entry. */
async function keepsClients(t: Test, what: string, act: () => Promise<void>): Promise<void> {
  const state = async () => JSON.stringify([await clients.find({ t: tenants.own }).sort({ _id: 1 }).toArray(), await store.collections.tokens.find({ t: tenants.own }, { projection: { lastUsed: 0 } }).sort({ _id: 1 }).toArray(), (await auditOf(app, tenants.own)).length]);
  const before = await state();
  await act();
  t.equal(await state(), before, `${what}: no client, no token and no entry`);
}

t.test('a client is made, listed, changed and deleted; its tokens end with it', async (t) => {
  const name = unique('client');
  const made = await api('POST', '/clients', { name: `  ${name} `, scopes: ['users:read', 'groups:read', 'users:read'], settings: { kind: 'entra', networks: ['203.0.113.0/24'], requestsPerSecond: null } });
  t.equal(made.status, 201, made.text);
  const { id } = made.body;
  t.match(made.body, { name, scopes: ['groups:read', 'users:read'], settings: { kind: 'entra', networks: ['203.0.113.0/24'], requestsPerSecond: 0, enabled: true, populations: ['employee'] } });
  t.same((await stored(id))?.settings, { kind: 'entra', networks: ['203.0.113.0/24'] }, 'only what departs from the defaults is kept');
  t.same((await api('GET', `/clients/${id}`)).body, made.body);
  t.same((await api('GET', '/clients')).body.clients.find((client: { id: string }) => client.id === id), made.body);
  const token = (await api('POST', `/clients/${id}/tokens`, {})).body.secret;
  const changed = await api('PATCH', `/clients/${id}`, { scopes: ['users:read'], settings: { kind: null, networks: [] } });
  t.match(changed.body, { name, scopes: ['users:read'], settings: { kind: 'generic', networks: [] } });
  t.equal((await api('PATCH', `/clients/${id}`, { scopes: ['users:read'], name, settings: { kind: 'generic' }, person: null })).status, 200, 'nothing to change');
  t.equal((await send(app.app, 'GET', '/scim/v2/Users', undefined, { token })).status, 200);
  t.equal((await api('DELETE', `/clients/${id}`)).status, 204);
  refused(t, await send(app.app, 'GET', '/scim/v2/Users', undefined, { token }), 401);
  t.equal(await store.collections.tokens.countDocuments({ t: tenants.own, client: id }), 0);
  for (const method of ['GET', 'PATCH', 'DELETE']) refused(t, await api(method, `/clients/${id}`, method === 'PATCH' ? {} : undefined), 404);
  t.same((await auditOf(app, tenants.own, { on: id })).map(({ action, changed: names }) => [action, names]), [
    ['client.create', ['name', 'scopes', 'kind', 'networks']], ['token.issue', ['tokens']], ['client.change', ['scopes', 'kind', 'networks']], ['client.delete', []],
  ]);
});

const WRONG: readonly (readonly [string, Json, number, RegExp])[] = [
  ['no object', [], 400, /JSON object/], ['no name', {}, 400, /name must/], ['an empty name', { name: ' ' }, 400, /name must/], ['a long name', { name: 'x'.repeat(101) }, 400, /name must/], ['a name of two lines', { name: 'a\nb' }, 400, /name must/],
  ['a name that is no text', { name: 1 }, 400, /name must/], ['scopes as text', { name: 'x', scopes: '*' }, 400, /scopes must/], ['scopes that are no texts', { name: 'x', scopes: [1] }, 400, /scopes must/],
  ['an unknown scope', { name: 'x', scopes: ['users:delete'] }, 400, /There is no scope "users:delete"/], ['a right in another case', { name: 'x', scopes: ['Admin.grant'] }, 400, /There is no scope/],
  ['a member that is none', { name: 'x', id: 'mine' }, 400, /There is no "id"/], ['another tenant', { name: 'x', t: 'other' }, 400, /There is no "t"/],
  ['settings as a list', { name: 'x', settings: [] }, 400, /settings must/], ['an unknown setting', { name: 'x', settings: { speed: 1 } }, 400, /There is no setting "speed"/],
  ['an unknown kind', { name: 'x', settings: { kind: 'azure' } }, 400, /^kind must/], ['a network that is none', { name: 'x', settings: { networks: ['203.0.113.0/33'] } }, 400, /^networks must/], ['a name for a network', { name: 'x', settings: { networks: ['example.com'] } }, 400, /^networks must/],
  ['a rate below nothing', { name: 'x', settings: { requestsPerSecond: -1 } }, 400, /^requestsPerSecond must/], ['a tolerance that is none', { name: 'x', settings: { refusedTolerances: ['all'] } }, 400, /^refusedTolerances must/],
  ['a population that is none', { name: 'x', settings: { populations: ['console'] } }, 400, /^populations must/], ['a schema that is none', { name: 'x', settings: { shows: ['urn:x'] } }, 400, /^shows/], ['enabled as text', { name: 'x', settings: { enabled: 'no' } }, 400, /^enabled must/],
  ['a person who is nobody', { name: 'x', person: 'nobody' }, 400, /^person/],
];
t.test('a body that is wrong is refused by name, on POST and PATCH alike, and changes nothing', async (t) => {
  const { client } = await makeClient(tenants.own);
  for (const [what, body, status, detail] of WRONG) {
    await keepsClients(t, what, async () => {
      for (const answer of [await api('POST', '/clients', body), ...(what === 'no name' ? [] : [await api('PATCH', `/clients/${client}`, body)])]) {
        refused(t, answer, status, Array.isArray(body) ? 'invalidSyntax' : 'invalidValue');
        t.match(answer.body.detail, detail, what);
      }
    });
  }
  for (const [name, { default: preset, read }] of Object.entries(CLIENT_SETTINGS)) t.same(read(preset), preset, `${name}: the default could be set`);
});

t.test('a name is one client\'s', async (t) => {
  const [one, two] = [unique('one'), unique('two')];
  await api('POST', '/clients', { name: one });
  const { id } = (await api('POST', '/clients', { name: two })).body;
  await keepsClients(t, 'taken', async () => {
    refused(t, await api('POST', '/clients', { name: one }), 409, 'uniqueness');
    refused(t, await api('PATCH', `/clients/${id}`, { name: one }), 409, 'uniqueness');
  });
  t.equal((await createClient(operator(app), tenants.other, { name: one })).name, one, 'in another tenant it is free');
});

const MAKERS: readonly (readonly [may: readonly string[], gives: readonly string[], isDone: boolean])[] = [
  [['*'], ['*'], true], [['*'], ['users:read', 'companies:write', 'users:password'], true], [['*'], ['admin.grant'], false], [['*'], ['clients.manage'], true], [['users:read'], ['users:read'], true],
  [['users:read'], ['users:write'], false], [['users:read', 'users:write', 'groups:read', 'groups:write', 'users:password'], ['*'], false], [['companies:read'], ['portals:read'], false],
  [['admin.grant'], ['admin.grant'], true], [['admin.grant'], ['*'], false], [['audit.read'], ['users.manage'], false], [[], [], true], [[], ['users:read'], false],
];
t.test('nobody gives a scope or a right that they have not', async (t) => {
  for (const [may, gives, isDone] of MAKERS) {
    const token = await tokenWith(['clients.manage', ...may]);
    const make = () => api('POST', '/clients', { name: unique('made'), scopes: gives }, token);
    const { client } = await makeClient(tenants.own, { scopes: [] });
    const give = () => api('PATCH', `/clients/${client}`, { scopes: gives }, token);
    if (isDone) t.same([(await make()).status, (await give()).status], [201, 200], `${may.join()} gives ${gives.join()}`);
    else await keepsClients(t, `${may.join()} gives ${gives.join()}`, async () => {
      refused(t, await make(), 403);
      refused(t, await give(), 403);
    });
  }
});

t.test('a client that may more is not changed, deleted, or given tokens by who may less', async (t) => {
  const token = await tokenWith(['clients.manage', 'users:read']);
  for (const scopes of [['*'], ['users:write'], ['admin.grant'], ['users:read', 'groups:read']]) {
    const { client } = await makeClient(tenants.own, { scopes });
    const { id } = (await api('POST', `/clients/${client}/tokens`, {})).body;
    await keepsClients(t, scopes.join(), async () => {
      const requests: readonly (readonly [string, string, Json?])[] = [
        ['PATCH', `/clients/${client}`, { settings: { networks: [] } }], ['PATCH', `/clients/${client}`, { scopes: [] }], ['PATCH', `/clients/${client}`, {}], ['DELETE', `/clients/${client}`],
        ['POST', `/clients/${client}/tokens`, {}], ['POST', `/clients/${client}/tokens`, { use: 'secret' }], ['DELETE', `/tokens/${id}`], ['POST', `/tokens/${id}/successor`, {}],
      ];
      for (const [method, path, body] of requests) refused(t, await api(method, path, body, token), 403);
    });
    t.equal((await api('GET', `/clients/${client}`, undefined, token)).status, 200, 'it may be looked at');
  }
});

t.test('who sees some people only makes no client that sees others', async (t) => {
  const token = await tokenWith(['clients.manage', 'users:read'], { settings: { populations: ['employee'] } });
  const { client } = await makeClient(tenants.own, { scopes: ['users:read'], settings: { populations: ['employee'] } });
  await keepsClients(t, 'populations', async () => {
    refused(t, await api('POST', '/clients', { name: unique('wider'), scopes: ['users:read'], settings: { populations: [...POPULATIONS] } }, token), 403);
    refused(t, await api('PATCH', `/clients/${client}`, { settings: { populations: [...POPULATIONS] } }, token), 403);
  });
});

t.test('somebody hidden cannot be bound to a client by who does not see them', async (t) => {
  const answer = await send(app.app, 'POST', '/scim/v2/Users', userBody(), { token: manager });
  await hide(app, tenants.own, 'User', answer.body.id);
  const token = await tokenWith(['*', 'clients.manage']);
  await keepsClients(t, 'person', async () => refused(t, await api('POST', '/clients', { name: unique('bound'), person: answer.body.id }, token), 400, 'invalidValue'));
});

t.test('a client with a scope of a resource type that is no more can be deleted, changed, and its tokens revoked', async (t) => {
  const odd = async () => (await makeClient(tenants.own, { scopes: ['users:read', 'devices:write'] })).client;
  const [one, two] = [await odd(), await odd()];
  const token = (await store.collections.tokens.findOne({ t: tenants.own, client: one }))?._id ?? '';
  t.equal((await api('DELETE', `/tokens/${token}`)).status, 204);
  t.equal((await api('PATCH', `/clients/${two}`, { scopes: ['users:read'] })).status, 200);
  t.equal((await api('DELETE', `/clients/${one}`)).status, 204);
});

t.test('clients and tokens of another tenant are not there', async (t) => {
  const tenant = await ownTenant(app);
  const { client, token } = await makeClient(tenant.id);
  const id = (await store.collections.tokens.findOne({ t: tenant.id, client }))?._id ?? '';
  for (const [method, path] of [['GET', `/clients/${client}`], ['PATCH', `/clients/${client}`], ['DELETE', `/clients/${client}`], ['GET', `/clients/${client}/tokens`], ['POST', `/clients/${client}/tokens`], ['GET', `/clients/${client}/log`], ['DELETE', `/tokens/${id}`], ['POST', `/tokens/${id}/successor`]] as const) {
    refused(t, await api(method, path, method === 'POST' || method === 'PATCH' ? {} : undefined), 404);
  }
  t.notOk((await api('GET', '/clients')).text.includes(client));
  t.equal((await send(app.app, 'GET', '/scim/v2/Users', undefined, { token })).status, 200);
});
