/** The audit log: who did what to whom, when, from where, with which request; with the change or not at all, and nothing personal in it. */
import t from 'tap';
import mongoose from 'mongoose';
import { RIGHTS as ALL_RIGHTS } from '../../src/rights.ts';
import type { Json } from '../../src/scim/json.ts';
import { ACCOUNT_EXTENSION } from '../../src/scim/urns.ts';
import { writeAudit } from '../../src/store/audit.ts';
import type { AuditDocument } from '../../src/store/documents.ts';
import { DAY_MS, ENTERPRISE, groupBody, patchBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { query } from '../rfc/queries.ts';
import { addMembers, asBulk, auditOf, everythingOf, members, ownTenant, pass, send, trimLogs } from './support.ts';

const app = await startApp(t, import.meta.url);
const { makeClient, store, tenants, clock } = app;
const { audit, traces } = store.collections;
const scopes = ['*', ...ALL_RIGHTS];
const { token, client } = await makeClient(tenants.own, { scopes });
const auditor = (await makeClient(tenants.own, { scopes: ['audit.read'] })).token;
const FROM = '198.51.100.20';
const scim = (method: string, path: string, body?: Json) => send(app.app, method, `/scim/v2${path}`, body, { token, from: FROM });
const log = (parameters: Readonly<Record<string, string | number | undefined>> = {}, as = auditor, path = '/audit') => send(app.app, 'GET', `/api/v1${path}${query(parameters)}`, undefined, { token: as });

const walked = await ownTenant(app);
const reader = (await makeClient(walked.id, { scopes: ['audit.read'] })).token;
const base = clock.now.getTime() + DAY_MS;
for (let index = 0; index < 250; index++) {
  // Five at a time at the same moment, so that the order is not that of time alone.
  const entry = { by: { kind: 'client', id: `c${index % 3}` }, action: index % 2 ? 'patch' : 'create', on: { type: index % 5 ? 'User' : 'Group', id: `r${index % 7}` }, request: `q${index}`, changed: index % 2 ? ['title', 'emails'] : index % 50 ? ['userName'] : [] } as const;
  await writeAudit(store, walked.id, [{ ...entry, ...(index % 10 ? {} : { refused: '403 no' }) }], new Date(base + Math.floor(index / 5) * 1000));
}

t.test('one entry per change: who, what, whom, when, from where, with which request, and the names of what changed', async (t) => {
  const one = (await scim('POST', '/Users', userBody({ title: 'x', emails: [{ value: 'a@example.com' }], [ENTERPRISE]: { department: 'y' }, password: 'correct horse battery' }))).body.id;
  const group = (await scim('POST', '/Groups', groupBody())).body.id;
  const steps: readonly (readonly [string, string, Json | undefined, Partial<AuditDocument>])[] = [
    ['PATCH', `/Users/${one}`, patchBody({ op: 'replace', path: 'title', value: 'z' }, { op: 'replace', path: 'name.familyName', value: 'Q' }), { action: 'patch', changed: ['title', 'name'], version: 2 }],
    ['PUT', `/Users/${one}`, userBody({ userName: 'other' }), { action: 'replace', changed: ['userName', 'title', 'emails', ENTERPRISE, 'name'], version: 3 }],
    ['PATCH', `/Users/${one}`, patchBody({ op: 'replace', path: 'password', value: 'seven tall zebras' }), { action: 'patch', changed: ['password', ACCOUNT_EXTENSION], version: 4 }],
    ['PATCH', `/Users/${one}`, patchBody({ op: 'replace', path: 'externalId', value: 'e' }), { action: 'patch', changed: ['externalId'], version: 5 }],
    ['PATCH', `/Groups/${group}`, addMembers(one), { action: 'patch', changed: ['members'], version: 2 }],
    ['DELETE', `/Users/${one}`, undefined, { action: 'delete', changed: [] }],
    ['DELETE', `/Groups/${group}`, undefined, { action: 'delete', changed: [] }],
  ];
  for (const [method, path, body, expected] of steps) {
    pass(app, 1);
    const on = path.split('/').at(-1) ?? '';
    const count = (await auditOf(app, tenants.own)).length;
    t.ok((await scim(method, path, body)).status < 300, path);
    const entries = await auditOf(app, tenants.own);
    t.equal(entries.length, count + 1, `${method} ${path}: one entry`);
    const { _id, t: tenant, request, changed, ...entry } = entries.at(-1) ?? { _id: '', t: '', request: '', changed: [] };
    const { changed: names = [], ...others } = expected;
    t.same(entry, { at: clock.now, by: { kind: 'client', id: client }, on: { type: path.split('/')[1]?.slice(0, -1), id: on }, from: FROM, ...others });
    t.same([...changed].toSorted(), [...names].toSorted(), `${method}: names`);
    t.match([_id, tenant, request], [/^[0-9a-f-]{36}$/, tenants.own, /^[0-9a-f-]{36}$/]);
  }
});

t.test('what changes nothing, or is refused, leaves no entry', async (t) => {
  const { id, userName } = (await scim('POST', '/Users', userBody())).body;
  const group = (await scim('POST', '/Groups', groupBody({ members: members(id) }))).body;
  const taken = (await scim('POST', '/Users', userBody())).body.userName;
  const entries = await auditOf(app, tenants.own);
  const requests: readonly (readonly [string, string, Json?])[] = [
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'userName', value: userName })], ['PUT', `/Users/${id}`, userBody({ userName })], ['PATCH', `/Groups/${group.id}`, addMembers(id)],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'userName', value: taken })], ['POST', '/Users', userBody({ userName: taken })], ['PATCH', `/Groups/${group.id}`, addMembers('nobody')],
    ['PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'title', value: 'x' }, { op: 'replace', path: 'nothing', value: 1 })], ['PUT', `/Users/${id}`, { userName: [] }], ['DELETE', '/Users/nobody'], ['GET', `/Users/${id}`],
    ['POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: 'nobody' } } })],
  ];
  for (const [method, path, body] of requests) {
    await scim(method, path, body);
    if (method !== 'GET') await scim('POST', '/Bulk', asBulk(method, path, body));
  }
  t.same(await auditOf(app, tenants.own), entries);
});

t.test('an entry that cannot be written is a change that is not made', async (t) => {
  const { id } = (await scim('POST', '/Users', userBody({ title: 'before' }))).body;
  // By a connection of its own: no command of Rollcall.
  const other = new mongoose.mongo.MongoClient(process.env['ROLLCALL_TEST_MONGODB_URI'] ?? '');
  t.teardown(() => other.close());
  const database = other.db(audit.dbName);
  await database.command({ collMod: 'audit', validator: { t: 'nobody' } });
  const answers = [await scim('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'title', value: 'after' })), await scim('DELETE', `/Users/${id}`), await scim('POST', '/Users', userBody({ userName: 'unaudited' }))];
  await database.command({ collMod: 'audit', validator: {} });
  t.ok(answers.every(({ status }) => status >= 500), answers.map(({ status }) => status).join());
  t.equal((await scim('GET', `/Users/${id}`)).body.title, 'before');
  t.equal((await scim('GET', `/Users${query({ filter: 'userName eq "unaudited"' })}`)).body.totalResults, 0);
});

t.test('nothing of a person is in it: names, addresses and numbers stand nowhere in the collection', async (t) => {
  const secrets = { userName: unique('canaryname'), title: 'canarytitle', nickName: 'canarynick', externalId: 'canaryexternal', displayName: 'canary display' };
  const made = (await scim('POST', '/Users', userBody({ ...secrets, name: { familyName: 'canaryfamily' }, emails: [{ value: 'canary@example.com' }], phoneNumbers: [{ value: '+31canary' }], password: 'nine small giraffes', [ENTERPRISE]: { employeeNumber: 'canarynumber' }, 'canaryunknown': 'canary' }))).body;
  await scim('PATCH', `/Users/${made.id}`, patchBody({ op: 'replace', path: 'emails[value eq "canary@example.com"].value', value: 'canary2@example.com' }, { op: 'replace', value: { 'name.givenName': 'canarygiven' } }));
  await scim('POST', '/Users', userBody({ userName: secrets.userName }));
  await scim('PATCH', `/Users/${made.id}`, patchBody({ op: 'replace', path: 'canarypath', value: 'canary' }));
  const readOnly = (await makeClient(tenants.own, { scopes: ['users:read'] })).token;
  await send(app.app, 'PATCH', `/scim/v2/Users/${made.id}?attributes=canary`, patchBody({ op: 'replace', path: 'title', value: 'canary' }), { token: readOnly });
  await send(app.app, 'POST', '/scim/v2/Bulk', asBulk('POST', '/Users', userBody({ userName: 'canary' })), { token: readOnly });
  await scim('DELETE', `/Users/${made.id}`);
  await store.settled();
  t.ok((await auditOf(app, tenants.own, { refused: true })).length >= 2);
  t.notMatch(JSON.stringify(await audit.find({ t: tenants.own }).toArray()), /canary/i);
  t.notMatch(await everythingOf(app, tenants.own), /canary(?!unknown|path)/i, 'and after the person was deleted it is nowhere');
});

t.test('an address of a person stands apart, and is shown as long as the person is there', async (t) => {
  const person = (await scim('POST', '/Users', userBody())).body.id;
  await writeAudit(store, tenants.own, [{ by: { kind: 'person', id: person }, action: 'sign-in', on: { type: 'User', id: person }, request: 'r', from: '192.0.2.99', changed: [] }], clock.now);
  t.notMatch(JSON.stringify(await audit.find({ t: tenants.own }).toArray()), /192\.0\.2\.99/);
  const shown = async () => (await log({ filter: 'action eq "sign-in"' })).body.entries[0].from;
  t.equal(await shown(), '192.0.2.99');
  await scim('DELETE', `/Users/${person}`);
  t.equal(await shown(), undefined);
});

// Reading

const iso = (seconds: number) => new Date(base + seconds * 1000).toISOString();
const count = (isIn: (index: number) => boolean) => Array.from({ length: 250 }, (_, index) => index).filter(isIn).length;
const FILTERS: readonly (readonly [string, (index: number) => boolean])[] = [
  ['action eq "patch"', (i) => i % 2 === 1], ['ACTION eq "create"', (i) => i % 2 === 0], ['action ne "patch"', (i) => i % 2 === 0], ['action sw "pa"', (i) => i % 2 === 1], ['action ew "te"', (i) => i % 2 === 0], ['action co "tc"', (i) => i % 2 === 1],
  ['by eq "c1"', (i) => i % 3 === 1], ['byKind eq "client"', () => true], ['byKind eq "person"', () => false], ['on eq "r3"', (i) => i % 7 === 3], ['onType eq "Group"', (i) => i % 5 === 0], ['request eq "q17"', (i) => i === 17],
  ['changed eq "emails"', (i) => i % 2 === 1], ['changed ne "emails"', (i) => i % 2 === 0], ['changed pr', (i) => i % 50 !== 0], ['refused pr', (i) => i % 10 === 0], ['not (refused pr)', (i) => i % 10 !== 0], ['refused sw "403"', (i) => i % 10 === 0],
  [`at eq "${iso(3)}"`, (i) => Math.floor(i / 5) === 3], [`at gt "${iso(10)}"`, (i) => Math.floor(i / 5) > 10], [`at ge "${iso(10)}"`, (i) => Math.floor(i / 5) >= 10], [`at lt "${iso(10)}"`, (i) => Math.floor(i / 5) < 10], [`at le "${iso(10)}"`, (i) => Math.floor(i / 5) <= 10],
  ['by gt "c0"', (i) => i % 3 > 0], ['by le "c1"', (i) => i % 3 <= 1], ['action eq "patch" and on eq "r3" or by eq "c2"', (i) => (i % 2 === 1 && i % 7 === 3) || i % 3 === 2], ['not (by eq "c2" or onType eq "Group")', (i) => i % 3 !== 2 && i % 5 !== 0],
  ['action sw "."', () => false], ['action co "$"', () => false], ['request ew "^q1"', () => false],
];
t.test('filters: every attribute, every operator', async (t) => {
  for (const [filter, isIn] of FILTERS) {
    const { body, status } = await log({ filter: `(${filter}) and at ge "${iso(0)}"`, count: 1000 }, reader);
    t.equal(status === 200 ? body.entries.length : status, count(isIn), filter);
  }
});

for (const filter of ['', 'x', 'nothing eq "x"', 'from eq "1"', 'by.id eq "c1"', 'by[id eq "c1"]', 'action eq 1', 'action eq true', 'action eq null', 'at eq "yesterday"', 'at sw "2026"', 'at co "1"', 'status eq 200', '$where eq "1"', '__proto__ eq "x"', 'action eq "x" and']) {
  t.test(`a filter that is none is refused: ${filter}`, async (t) => {
    refused(t, await log({ filter }), 400, 'invalidFilter');
    refused(t, await log({ filter }, auditor, '/audit/export'), 400, 'invalidFilter');
  });
}

async function walk(parameters: Readonly<Record<string, string | number>>, between: () => Promise<unknown> = async () => undefined): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page: Answer = await log({ ...parameters, cursor }, reader);
    seen.push(...page.body.entries.map(({ request }: { request: string }) => request));
    cursor = page.body.nextCursor;
    await between();
  } while (cursor !== undefined);
  return seen;
}

t.test('a walk by cursor shows every entry once, the newest first, whatever is added meanwhile', async (t) => {
  const all = Array.from({ length: 250 }, (_, index) => `q${index}`);
  const filter = `at ge "${iso(0)}"`;
  for (const size of [1, 7, 50, 249, 250, 251]) t.same((await walk({ filter, count: size })).toSorted(), all.toSorted(), `pages of ${size}`);
  const ordered = await walk({ filter, count: 13 });
  t.same(ordered.map((name) => Math.floor(Number(name.slice(1)) / 5)), ordered.map((_, index) => 49 - Math.floor(index / 5)), 'the newest first');
  const meanwhile = () => writeAudit(store, walked.id, [{ by: { kind: 'system', id: 'x' }, action: 'later', on: { type: 'User', id: 'x' }, request: 'later', changed: [] }], new Date(base + DAY_MS));
  t.same((await walk({ filter, count: 40 }, meanwhile)).filter((name) => name !== 'later').toSorted(), all.toSorted());
});

t.test('a cursor is of its query, its tenant and its log', async (t) => {
  const cursor = (await log({ count: 5 }, reader)).body.nextCursor;
  t.equal((await log({ count: 9, cursor }, reader)).status, 200);
  for (const [what, answer] of [
    ['another filter', await log({ count: 5, cursor, filter: 'action pr' }, reader)], ['another tenant', await log({ count: 5, cursor })], ['changed', await log({ cursor: `${cursor.slice(0, -2)}AA` }, reader)], ['nonsense', await log({ cursor: 'x' }, reader)], ['empty', await log({ cursor: '' }, reader)],
    ['another log', await send(app.app, 'GET', `/api/v1/clients/${client}/log${query({ cursor })}`, undefined, { token })],
  ] as const) {
    refused(t, answer, 400, 'invalidCursor');
    t.comment(what);
  }
  for (const size of ['0', '-1', 'x', '1.5', '']) refused(t, await log({ count: size }), 400, 'invalidValue');
  refused(t, await send(app.app, 'GET', '/api/v1/audit?count=1&count=2', undefined, { token: auditor }), 400, 'invalidValue');
});

t.test('the export is one JSON object a line, all that match', async (t) => {
  const answer = await log({ filter: `at ge "${iso(0)}" and at lt "${iso(100)}"` }, reader, '/audit/export');
  t.match(answer.headers, { 'content-type': /^application\/x-ndjson/, 'content-disposition': /attachment/, 'cache-control': 'no-store' });
  t.ok(answer.text.endsWith('\n'));
  const entries = answer.text.trimEnd().split('\n').map((line) => JSON.parse(line));
  t.same(entries.map(({ request }) => request).toSorted(), Array.from({ length: 250 }, (_, index) => `q${index}`).toSorted());
  t.match(entries[0], { id: /^[0-9a-f-]{36}$/, by: { kind: 'client' } });
  t.equal(entries[0].t, undefined, 'the tenant is the reader\'s own');
  t.equal((await log({ filter: 'action eq "never"' }, reader, '/audit/export')).text, '');
  for (const path of ['/audit', '/audit/export']) refused(t, await log({}, walked.grantor, path), 403);
});

t.test('entries are kept as long as the policy says, with what is personal about them', async (t) => {
  const tenant = await ownTenant(app);
  const at = (days: number) => new Date(clock.now.getTime() - days * DAY_MS);
  for (const [t_, days] of [[tenant.id, 29], [tenant.id, 31], [tenant.id, 731], [walked.id, 31], ['', 731]] as const) {
    await writeAudit(store, t_, [{ by: { kind: 'person', id: 'p' }, action: `aged ${days}`, on: { type: 'User', id: 'p' }, request: '', from: '192.0.2.1', changed: [] }], at(days));
  }
  const left = async (id: string) => (await audit.find({ t: id, action: /^aged/ }).sort({ at: -1 }).toArray()).map(({ action }) => action);
  await trimLogs(app);
  t.same([await left(tenant.id), await left(walked.id)], [['aged 29', 'aged 31'], ['aged 31']], 'two years where nothing is said');
  await store.collections.tenants.updateOne({ _id: tenant.id }, { $set: { policy: { auditDays: 30 } } });
  await trimLogs(app);
  t.same([await left(tenant.id), await left(walked.id)], [['aged 29'], ['aged 31']]);
  t.equal(await traces.countDocuments({ t: tenant.id }), 1);
  t.same(await left(''), [], 'refusals of nobody are kept no longer either');
});
