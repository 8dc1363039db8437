/** The provisioning log: what a client asked for, as Rollcall understood it, and what became of it; values apart, secrets nowhere. */
import t from 'tap';
import { RIGHTS as ALL_RIGHTS } from '../../src/rights.ts';
import type { Json } from '../../src/scim/json.ts';
import { ACCOUNT_EXTENSION, MESSAGE } from '../../src/scim/urns.ts';
import type { ProvisioningDocument } from '../../src/store/documents.ts';
import { CLIENT_KINDS } from '../../src/tenancy/client-settings.ts';
import { DAY_MS, groupBody, patchBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { query } from '../rfc/queries.ts';
import { addMembers, members, ownTenant, pass, send, trimLogs } from './support.ts';

const app = await startApp(t, import.meta.url);
const { makeClient, store, tenants, clock } = app;
const { provisioning, traces } = store.collections;
const manager = (await makeClient(tenants.own, { scopes: [...ALL_RIGHTS] })).token;

async function newClient(settings: Record<string, unknown> = {}, scopes: readonly string[] = ['*']) {
  const made = await makeClient(tenants.own, { scopes, settings });
  const ask = (method: string, path: string, body?: Json) => send(app.app, method, `/scim/v2${path}`, body, { token: made.token });
  const log = (parameters: Readonly<Record<string, string | number | undefined>> = {}) => send(app.app, 'GET', `/api/v1/clients/${made.client}/log${query(parameters)}`, undefined, { token: manager });
  /** The entry of the last request, with the values that stand apart. */
  const last = async (): Promise<ProvisioningDocument & { readonly values?: Record<string, Record<string, unknown>> }> => (await log({ count: 1 })).body.entries[0];
  /** Each request at a moment of its own, so that the last one is the newest. */
  const at = (method: string, path: string, body?: Json) => {
    pass(app, 1);
    return ask(method, path, body);
  };
  return { ...made, ask: at, log, last };
}
const me = await newClient();
const { ask, last } = me;

t.test('operations stand there as they were understood, with what came of them', async (t) => {
  const { id, userName } = (await ask('POST', '/Users', userBody({ displayName: 'Jan' }))).body;
  t.match(await last(), { method: 'POST', endpoint: '/Users', status: 201, outcome: 'changed', client: me.client, operations: [{ action: 'create', type: 'User', id, outcome: 'changed' }] });
  const group = (await ask('POST', '/Groups', groupBody())).body.id;
  const rows: readonly (readonly [string, string, Json | undefined, object])[] = [
    ['PATCH', `/Users/${id}`, patchBody({ op: 'Replace', value: { 'name.familyName': 'Berg', 'displayName': 'J' } }), { outcome: 'changed', operations: [{ action: 'patch', id, outcome: 'changed', asked: ['replace name.familyName', 'replace displayName'], changed: ['displayName', 'name'] }] }],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'displayName', value: 'J' }), { outcome: 'unchanged', operations: [{ asked: ['replace displayName'], outcome: 'unchanged', changed: [], reason: /so already/ }] }],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'add', path: 'emails[type eq "work"].value', value: 'jan@example.com' }), { outcome: 'changed', operations: [{ asked: ['add emails.value'] }] }],
    ['PATCH', `/Groups/${group}`, addMembers(id), { endpoint: '/Groups/:id', outcome: 'changed', operations: [{ type: 'Group', id: group, asked: ['add members'], changed: ['members'] }] }],
    ['PATCH', `/Groups/${group}`, addMembers(id), { outcome: 'unchanged' }],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: 'correct horse battery' }), { outcome: 'changed', operations: [{ asked: ['replace password'], changed: [ACCOUNT_EXTENSION, 'password'] }] }],
    ['PUT', `/Users/${id}`, userBody({ userName }), { outcome: 'changed', operations: [{ action: 'replace', id, asked: ['userName'] }] }],
    ['GET', `/Users/${id}`, undefined, { outcome: 'read', endpoint: '/Users/:id', operations: [] }],
    ['GET', `/Users${query({ filter: `userName eq "${userName}"` })}`, undefined, { outcome: 'read', filter: 'userName eq ?' }],
    ['DELETE', `/Users/${id}`, undefined, { outcome: 'changed', status: 204, operations: [{ action: 'delete', id, outcome: 'changed' }] }],
  ];
  for (const [method, path, body, expected] of rows) {
    t.ok((await ask(method, path, body)).status < 300, path);
    t.match(await last(), { ...expected, method, error: undefined }, `${method} ${JSON.stringify(body)}`);
  }
});

t.test('the tolerances that were needed, and no others', async (t) => {
  const { id } = (await ask('POST', '/Users', userBody())).body;
  const rows: readonly (readonly [string, string, Json, readonly string[]])[] = [
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'title', value: 'a' }), []],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'Replace', path: 'active', value: 'False' }), ['operationCase', 'booleanText']],
    ['PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { 'name.givenName': 'x' } }] }, ['patchWithoutSchemas', 'dottedKeys']],
    ['POST', '/Users', { userName: unique('bare'), nonsense: 1 }, ['withoutSchemas', 'unknownAttributes']],
    ['POST', '/Groups', groupBody(), []],
  ];
  for (const [method, path, body, expected] of rows) {
    await ask(method, path, body);
    t.same([...(await last()).tolerances].toSorted(), expected.toSorted(), JSON.stringify(body));
  }
});

t.test('what is refused says why without quoting what was sent', async (t) => {
  const { id } = (await ask('POST', '/Users', userBody({ userName: unique('owner') }))).body;
  const rows: readonly (readonly [string, string, Json | undefined, number])[] = [
    ['POST', '/Users', userBody({ emails: [{ value: { canary: 1 } }] }), 400], ['POST', '/Users', userBody({ active: 'canary' }), 400], ['POST', '/Users', { schemas: ['urn:canary'] }, 400],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails[value eq "canary"].x', value: 'y' }), 400], ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'canary', value: 'y' }), 400],
    ['GET', `/Users${query({ filter: 'userName eq "canary' })}`, undefined, 400], ['GET', `/Users${query({ filter: 'nothing.x eq "canary"' })}`, undefined, 400],
    ['PATCH', '/Users/canary', patchBody({ op: 'replace', path: 'title', value: 'x' }), 404], ['POST', '/Groups', groupBody({ members: members('canary') }), 400], ['GET', `/Users${query({ cursor: 'canary' })}`, undefined, 400], ['GET', `/Users${query({ sortBy: 'canary' })}`, undefined, 400],
  ];
  for (const [method, path, body, status] of rows) {
    t.equal((await ask(method, path, body)).status, status, path);
    const entry = await last();
    t.match(entry, { outcome: 'refused', status, error: { detail: /\w/ } });
    t.notMatch(JSON.stringify({ ...entry, values: undefined }), /canary/, JSON.stringify(body ?? path));
  }
  const bulk = await ask('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: rows.filter(([method]) => method !== 'GET').map(([method, path, data], index) => ({ method, path, data: data ?? {}, ...(method === 'POST' ? { bulkId: `b${index}` } : {}) })) });
  t.ok(bulk.body.Operations.every(({ status }: { status: string }) => Number(status) >= 400));
  const { operations, ...entry } = await last();
  t.match(entry, { outcome: 'refused', status: 200, endpoint: '/Bulk' });
  t.notMatch(JSON.stringify(operations.map(({ id: _, ...operation }) => operation)), /canary/, 'nor does an operation of a bulk request');
});

t.test('a refused change says on whom it was, and what was asked', async (t) => {
  const { id } = (await ask('POST', '/Users', userBody())).body;
  await ask('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'userName', value: '' }));
  t.match(await last(), { outcome: 'refused', operations: [{ action: 'patch', type: 'User', id, outcome: 'refused' }] });
});

t.test('a bulk request: each operation, mixed outcomes, and no more than a hundred of them', async (t) => {
  const { id } = (await ask('POST', '/Users', userBody({ title: 'same' }))).body;
  const same = { method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'title', value: 'same' }) };
  const wrong = { method: 'DELETE', path: '/Users/nobody' };
  const made = (index: number) => ({ method: 'POST', path: '/Users', bulkId: `b${index}`, data: userBody() });
  const send_ = (...Operations: Json[]) => ask('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations });
  await send_(made(0), same, wrong);
  t.match(await last(), { outcome: 'mixed', status: 200 });
  t.same((await last()).operations.map(({ outcome }) => outcome).toSorted(), ['changed', 'refused', 'unchanged']);
  for (const [operations, outcome] of [[[made(1), made(2)], 'changed'], [[same], 'unchanged'], [[wrong, wrong], 'refused']] as const) {
    await send_(...operations);
    t.equal((await last()).outcome, outcome);
  }
  await send_(...Array.from({ length: 130 }, (_, index) => made(index)));
  const entry = await last();
  t.same([entry.operations.length, entry.more], [100, 30]);
});

t.test('a hint for each kind of client, where there is one', async (t) => {
  const { userName } = (await ask('POST', '/Users', userBody())).body;
  for (const kind of CLIENT_KINDS) {
    const client = await newClient({ kind });
    await client.ask('POST', '/Users', userBody({ userName }));
    const { error } = await client.last();
    t.match(error, { scimType: 'uniqueness', hint: kind === 'entra' ? /^Entra ID/ : kind === 'okta' ? /^Okta/ : /has this value already/ }, kind);
    t.notMatch(error?.hint, new RegExp(userName));
    await client.ask('POST', '/Users', userBody({ active: [1] }));
    t.match((await client.last()).error?.hint ?? 'none', { entra: /^Entra ID/, okta: /^Okta/, authentik: /^authentik/, google: /^Google/ }[kind as string] ?? /^none$/, kind);
  }
  const less = await newClient({}, ['users:read']);
  await less.ask('POST', '/Users', userBody());
  t.match((await less.last()).error?.hint, /lacks a scope/);
});

t.test('values stand apart, by the person, and go with them; a password stands nowhere', async (t) => {
  const made = (await ask('POST', '/Users', userBody({ displayName: 'canary-name', password: 'zebra-secret-one drinks' }))).body;
  t.match((await last()).values, { [made.id]: { displayName: 'canary-name', userName: made.userName } });
  await ask('PATCH', `/Users/${made.id}`, patchBody({ op: 'replace', path: 'title', value: 'canary-title' }, { op: 'replace', path: 'password', value: 'zebra-secret-two drinks' }, { op: 'replace', value: { password: 'zebra-secret-three drinks' } }));
  t.same((await last()).values, { [made.id]: { title: 'canary-title' } });
  await ask('PUT', `/Users/${made.id}`, userBody({ userName: made.userName, displayName: 'canary-put', password: 'zebra-secret-four drinks' }));
  await ask('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: [{ method: 'PATCH', path: `/Users/${made.id}`, data: patchBody({ op: 'replace', path: 'nickName', value: 'canary-bulk' }, { op: 'replace', path: 'password', value: 'zebra-secret-five drinks' }) }] });
  t.match((await last()).values, { [made.id]: { nickName: 'canary-bulk' } });
  refused(t, await ask('POST', '/Users', userBody({ userName: made.userName, title: 'canary-refused' })), 409, 'uniqueness');
  await me.log();
  const entries = JSON.stringify(await provisioning.find({ t: tenants.own }).toArray());
  const personal = async () => JSON.stringify(await traces.find({ t: tenants.own }).toArray());
  t.notMatch(entries, /canary-|zebra-secret/, 'the entries hold no values');
  t.notMatch(await personal(), /zebra-secret|canary-refused/, 'no password, and nothing about who was never made');
  t.match(await personal(), /canary-bulk/);
  await ask('DELETE', `/Users/${made.id}`);
  await me.log();
  t.notMatch(await personal(), /canary-/, 'erased with the person');
});

const reading = await newClient();
t.test('filters and a walk by cursor', async (t) => {
  const { id } = (await reading.ask('POST', '/Users', userBody())).body;
  const start = clock.now.toISOString();
  for (let index = 0; index < 20; index++) await reading.ask('PATCH', `/Users/${id}`, patchBody({ op: index % 2 ? 'Replace' : 'replace', path: 'title', value: `t${Math.floor(index / 2)}` }));
  for (let index = 0; index < 5; index++) await reading.ask('GET', '/Users/nobody');
  const rows: readonly (readonly [string, number])[] = [
    ['method eq "PATCH"', 20], ['method ne "PATCH"', 6], ['status eq 404', 5], ['status ge 400', 5], ['status lt 300', 21], ['outcome eq "unchanged"', 10], ['outcome eq "refused"', 5], ['endpoint eq "/Users/:id"', 25], ['endpoint sw "/Users"', 26],
    [`on eq "${id}"`, 21], ['tolerance eq "operationCase"', 10], ['tolerance pr', 10], [`client eq "${reading.client}"`, 26], ['client eq "another"', 0], [`at gt "${start}"`, 25], ['request pr', 26], ['outcome eq "unchanged" or status eq 404', 15], ['not (method eq "PATCH")', 6],
  ];
  for (const [filter, expected] of rows) t.equal((await reading.log({ filter, count: 200 })).body.entries?.length, expected, filter);
  for (const filter of ['status eq "404"', 'status co 4', 'action eq "patch"', 'values pr', 'x']) refused(t, await reading.log({ filter }), 400, 'invalidFilter');
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page: Answer = await reading.log({ count: 7, cursor });
    seen.push(...page.body.entries.map((entry: { id: string }) => entry.id));
    cursor = page.body.nextCursor;
  } while (cursor !== undefined);
  t.same([seen.length, new Set(seen).size], [26, 26]);
  const foreign = (await me.log({ count: 1 })).body.nextCursor;
  refused(t, await reading.log({ cursor: foreign }), 400, 'invalidCursor');
  const other = (await makeClient((await ownTenant(app)).id, { scopes: ['clients.manage'] })).token;
  refused(t, await send(app.app, 'GET', `/api/v1/clients/${reading.client}/log`, undefined, { token: other }), 404);
});

t.test('kept as long, and as many, as the policy says', async (t) => {
  const { client } = await newClient();
  const [sample] = await provisioning.find({ t: tenants.own }).limit(1).toArray();
  if (!sample) throw new Error('the log is empty');
  const ages = Array.from({ length: 130 }, (_, index) => index / 10).concat(29, 31);
  await provisioning.insertMany(ages.map((days, index) => ({ ...sample, _id: `aged-${String(index).padStart(3, '0')}`, client, at: new Date(clock.now.getTime() - days * DAY_MS) })));
  await traces.insertMany(ages.map((_, index) => ({ _id: `trace-${index}`, t: tenants.own, person: 'p', entry: `aged-${String(index).padStart(3, '0')}`, at: clock.now })));
  const left = async () => [await provisioning.countDocuments({ t: tenants.own, client }), await traces.countDocuments({ t: tenants.own, person: 'p' })];
  await trimLogs(app);
  t.same(await left(), [131, 131], 'thirty days');
  const others = await provisioning.countDocuments({ t: tenants.own, client: reading.client });
  await store.collections.tenants.updateOne({ _id: tenants.own }, { $set: { policy: { provisioningLogEntries: 100 } } });
  await trimLogs(app);
  t.same(await left(), [100, 100], 'the newest hundred');
  t.equal(await provisioning.countDocuments({ t: tenants.own, client, at: { $lt: new Date(clock.now.getTime() - 10 * DAY_MS) } }), 0);
  t.equal(await provisioning.countDocuments({ t: tenants.own, client: reading.client }), others, 'each client has its own number');
});
