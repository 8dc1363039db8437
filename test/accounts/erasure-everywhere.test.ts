/** J11, L6: a word that nobody else has, planted in all that can be stored of a person, stands nowhere after both phases; and the certificate is written once. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import type { Attribute } from '../../src/scim/schema.ts';
import { claimErasure, certify, removeLeft } from '../../src/store/erasures.ts';
import { DAY_MS, ENTERPRISE, groupBody, patchBody, unique, USER, userBody } from '../helpers/app.ts';
import { dataDirectory, kill, startServer, waitFor } from '../helpers/start-server.ts';
import { openTestStore } from '../helpers/store.ts';
import { query } from '../rfc/queries.ts';
import { members } from '../tenancy/support.ts';
import { certificates, eraseExpired, finishErasures, tellOfLeavers, whereIs } from './erasures.ts';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD, SECOND, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { advance, api, call, choose, clock, database, lastToken, registry, signIn, store, tenants } = world;
const manager = (await world.makeClient(tenants.own, { scopes: ['*', 'users.manage', 'users:password'], shows: [ACCOUNT, ENTERPRISE], settings: { signInMethod: 'none' } })).token;
const hiding = (await world.makeClient(tenants.own, { scopes: ['*'], settings: { onDelete: 'hide' } })).token;
const narrow = (await world.makeClient(tenants.own, { scopes: ['users:read'] })).token;
const as = { token: manager };
const bulk = (token: string, ...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, { token });

/** The word in every attribute that holds text, as often as it may. */
function filled(attributes: ReadonlyMap<string, Attribute>, word: string): Record<string, Json> {
  return Object.fromEntries(Array.from(attributes.values()).flatMap((attribute) => {
    const value = attribute.mutability === 'readOnly' || attribute.source !== 'stored' || attribute.returned === 'never' ? undefined : valueOf(attribute, word);
    return value === undefined ? [] : [[attribute.name, attribute.multiValued ? [value] : value]];
  }));
}

function valueOf(attribute: Attribute, word: string): Json | undefined {
  switch (attribute.type) {
    case 'string':
      return attribute.name === 'value' || attribute.name === 'userName' ? `${word}@people.example` : `${word} ${attribute.name}`;
    case 'reference':
      return `https://${word}.example/`;
    case 'binary':
      return Buffer.from(word).toString('base64');
    case 'complex':
      return filled(attribute.subAttributes, word);
    default:
      return undefined;
  }
}

/** Somebody of whom there is something in every place. @returns what the person is found by */
async function plant(word: string) {
  const user = registry.type('User');
  const enterprise = user.extensions.find(({ schema }) => schema.urn === ENTERPRISE);
  const superior = (await world.somebody({}, manager)).id;
  const { manager: _manager, ...department } = filled(enterprise?.schema.attributes ?? new Map(), word);
  const address = `${word}@people.example`;
  const body = { ...filled(user.schema.attributes, word), schemas: [USER, ENTERPRISE], externalId: `${word}-external`, emails: [{ value: address, display: word, type: 'work', primary: true }], [ENTERPRISE]: { ...department, manager: { value: superior } }, preferredLanguage: 'en', locale: 'en', timezone: 'UTC' };
  const made = await call('POST', '/Users', body, as);
  if (made.status !== 201) throw new Error(made.text);
  const person = { id: made.body.id as string, address };
  const { id } = person;
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'externalId', value: `${word}-of-another` }), { token: world.tokens.tolerant });

  // Around the person: groups, reports live and hidden, a client that acts as them.
  await call('POST', '/Groups', groupBody({ members: members(id, superior) }), as);
  const reports = await Promise.all([0, 1].map(async () => (await call('POST', '/Users', userBody({ [ENTERPRISE]: { manager: { value: id } } }), as)).body.id as string));
  await call('DELETE', `/Users/${reports[0]}`, undefined, { token: hiding });
  const me = (await world.makeClient(tenants.own, { person: id })).token;

  // The login: mails sent and waiting, links used and not, sessions, wrong guesses, an address that waits.
  const asked = await api('POST', `/users/${id}/invitation`, { subject: `${word} subject`, text: `${word}: {{link}}` });
  if (asked.status !== 204) throw new Error(asked.text);
  await choose(await lastToken(person), PASSWORD);
  const browser = world.browser();
  await browser.post('/sign-in', { name: address, password: PASSWORD }, { 'user-agent': `${word} browser` });
  await signIn(address, PASSWORD);
  await signIn(address, `${word} wrong`);
  await world.recover(address);
  await choose(await lastToken(person), OTHER_PASSWORD);
  await browser.post('/sign-in', { name: address, password: OTHER_PASSWORD }, { 'user-agent': `${word} browser` });
  await api('POST', `/users/${id}/address`, { address: `${word}-new@people.example` });

  // What others are told: a mail to the manager, with the name.
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:leaveDate`, value: new Date(clock.now.getTime() + 3 * DAY_MS).toISOString().slice(0, 10) }), as);
  await tellOfLeavers(world);
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'remove', path: `${ACCOUNT}:leaveDate` }), as);

  // The logs: changes, no changes, refusals, searches, several in one request.
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'add', path: 'phoneNumbers', value: [{ value: `${word} phone` }] }, { op: 'replace', path: 'title', value: `${word} title again` }), as);
  await call('PUT', `/Users/${id}`, userBody({ userName: null }), as);
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `emails[value eq "${word}"].value`, value: { [word]: word } }), as);
  await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'title', value: `${word} not allowed` }), { token: narrow });
  await call('PATCH', `/Users/${word}`, patchBody({ op: 'replace', path: 'title', value: word }), { token: narrow });
  await call('GET', `/Users${query({ filter: `userName eq "${word}" or title co "${word}"` })}`, undefined, as);
  await call('PATCH', '/Me', patchBody({ op: 'replace', path: 'nickName', value: `${word} nick` }), { token: me });
  await bulk(manager, { method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'displayName', value: `${word} in bulk` }) }, { method: 'PATCH', path: `/Users/${superior}`, data: patchBody({ op: 'replace', path: 'title', value: 'kept' }) });
  await store.settled();
  return { ...person, superior, report: reports[1] ?? '' };
}

const HIDE = (id: string) => call('DELETE', `/Users/${id}`, undefined, { token: hiding });
const ROUTES: Readonly<Record<string, readonly [act: (person: { id: string; address: string }) => Promise<unknown>, firstPhase: object]>> = {
  'the API': [(person) => api('DELETE', `/users/${person.id}`, { name: person.address }), { users: 1, members: 1, references: 1 }],
  'SCIM DELETE': [({ id }) => call('DELETE', `/Users/${id}`, undefined, as), { users: 1, members: 1, references: 1 }],
  'a DELETE in Bulk among others': [async ({ id }) => bulk(manager, { method: 'DELETE', path: `/Users/${id}` }, { method: 'DELETE', path: `/Users/${(await call('POST', '/Users', userBody({ password: PASSWORD }), as)).body.id}` }), { users: 1, members: 1, references: 1 }],
  'hidden, then erased by the name': [async (person) => {
    await HIDE(person.id);
    await api('DELETE', `/hidden-users/${person.id}`, { name: person.address });
  }, { hidden: 1 }],
  'hidden until the time was over': [async ({ id }) => {
    await HIDE(id);
    advance(30 * DAY_MS);
    await eraseExpired(world);
  }, { hidden: 1 }],
  'hidden, restored, then erased': [async (person) => {
    await HIDE(person.id);
    await api('POST', `/hidden-users/${person.id}/restore`);
    await api('DELETE', `/users/${person.id}`, { name: person.address });
  }, { users: 1, members: 1 }],
};

for (const [route, [act, firstPhase]] of Object.entries(ROUTES)) {
  t.test(`J11, L6: ${route}: nothing is left in any collection`, async (t) => {
    const word = unique('zqmarker').replaceAll('-', '');
    const person = await plant(word);
    t.same(await whereIs(world, word), ['claims', 'links', 'outbox', 'sessions', 'traces', 'users'], 'it was planted');
    t.same((await whereIs(world, person.id)).filter((name) => !['claims', 'links', 'outbox', 'sessions', 'traces', 'users', 'members', 'credentials'].includes(name)), ['audit', 'clients', 'hidden', 'provisioning']);

    await act(person);
    await store.settled();
    t.same(await whereIs(world, word), ['outbox'], 'after the first phase nowhere but in what others were told');
    for (const text of [person.address, Buffer.from(word).toString('base64')]) t.same(await whereIs(world, text), [], text);
    t.equal(await database.collection('outbox').countDocuments({ person: person.id }), 0);
    t.same((await whereIs(world, person.id)).filter((name) => name !== 'hidden'), ['audit', 'clients', 'erasures', 'outbox', 'provisioning', 'traces'], 'as somebody whom others refer to');
    await finishErasures(world);
    t.equal((await certificates(world, person.id)).length, 0, 'not before its time');
    t.ok((await whereIs(world, person.id)).includes('provisioning'));

    // What somebody wrote who had seen the person a moment before.
    const late = { t: tenants.own, person: person.id } as const;
    const at = clock.now;
    await store.collections.sessions.insertOne({ _id: unique('late'), ...late, epoch: 0, created: at, lastSeen: at, expires: new Date(at.getTime() + DAY_MS), agent: word });
    await store.collections.traces.insertMany([0, 1, 2].map(() => ({ _id: unique('late'), ...late, entry: 'x', at, values: { title: word } })));
    await store.collections.outbox.insertOne({ _id: unique('late'), ...late, kind: 'x', to: { name: word, address: person.address }, language: 'en', subject: word, text: word, html: word, created: at, state: 'waiting', attempts: 0, due: at });
    await store.collections.credentials.insertOne({ _id: person.id, t: tenants.own, recoveries: [at] });
    advance(MINUTE);
    await finishErasures(world);

    for (const text of [word, person.address]) t.same(await whereIs(world, text), [], text);
    t.same(await whereIs(world, person.id), ['audit']);
    const [certificate, ...others] = await certificates(world, person.id);
    t.same(others, []);
    t.match(certificate, { by: { kind: 'system' }, on: { type: 'User', id: person.id }, at: clock.now, changed: [], values: { erased: at.toISOString(), completed: clock.now.toISOString(), notReached: /backups/, removed: firstPhase } });
    if (!route.includes('time')) t.equal(certificate?.['values'].removed.referencesOfHidden, 1);
    t.ok((certificate?.['values'].removed.traces ?? 0) > 3 && certificate?.['values'].removed.provisioning > 3, JSON.stringify(certificate?.['values']));
    t.match(certificate?.['values'].removed, { clients: 1, mailsToOthers: 1, tracesOfOthers: Number, credentials: Number, sessions: Number, outbox: Number });

    t.equal((await call('GET', `/Users/${person.superior}`, undefined, as)).body.title, 'kept', 'others in the same requests are as they were');
    t.match(await database.collection('provisioning').findOne({ erased: { $gte: 1 }, 'operations.id': person.superior }), { operations: [{ id: person.superior, asked: ['replace title'] }] });
    t.match(await database.collection('outbox').findOne({ person: person.superior, kind: 'leaveNotice' }), { state: 'dropped', subject: '', text: '', about: [] }, 'and is not sent any more');
    t.equal((await call('GET', `/Users/${person.report}`, undefined, as)).body[ENTERPRISE], undefined);
    const log = await database.collection('audit').find({ 'on.id': person.id }).toArray();
    t.ok(log.some(({ action }) => action === 'create') && log.some(({ action }) => action === 'signIn'), 'who did what and when is kept');
    advance(SECOND);
    await finishErasures(world);
    t.equal((await certificates(world, person.id)).length, 1);
  });
}

t.test('J11: more than one transaction can hold is erased too, and counted', async (t) => {
  const person = await world.active();
  await store.settled();
  const before = await database.collection('traces').countDocuments({ person: person.id });
  const entries = Array.from({ length: 25_000 }, (_, index) => ({ _id: `many-${index}`, t: tenants.own, person: person.id, entry: `e${index}`, at: clock.now, from: '192.0.2.7' }));
  await store.collections.traces.insertMany(entries);
  t.equal((await call('DELETE', `/Users/${person.id}`, undefined, as)).status, 204);
  t.same([await database.collection('traces').countDocuments({ person: person.id }), await world.credential(person.id)], [25_000 + before, null], 'the rest is for the worker');
  advance(MINUTE);
  await finishErasures(world);
  t.same(await whereIs(world, '192.0.2.7'), []);
  t.match(await certificates(world, person.id), [{ values: { removed: { traces: 25_000 + before } } }]);
});

t.test('J11: many people, two workers at once: one certificate each', async (t) => {
  const other = await openTestStore(t, import.meta.url, { database: store.collections.tenants.db.databaseName });
  const people = await Promise.all(Array.from({ length: 20 }, () => world.active()));
  await bulk(manager, ...people.map(({ id }) => ({ method: 'DELETE', path: `/Users/${id}` })));
  await store.settled();
  advance(MINUTE);
  await Promise.all([finishErasures(world), finishErasures({ ...world, store: other }), finishErasures(world)]);
  for (const { id } of people) {
    t.match(await certificates(world, id), [{ values: { removed: { users: 1, claims: 1, credentials: 1, traces: 1, provisioning: 2 } } }]);
    t.same(await whereIs(world, id), ['audit']);
  }
});

t.test('J11: a worker that dies leaves its work to the next one, which counts on; a slow one has lost it', async (t) => {
  const person = await plant(unique('zqdies').replaceAll('-', ''));
  await call('DELETE', `/Users/${person.id}`, undefined, as);
  await store.settled();
  advance(MINUTE);
  const now = () => clock.now;
  const dead = await claimErasure(store, 'dead', clock.now);
  if (!dead) throw new Error('nothing is due');
  await finishErasures(world);
  t.equal((await certificates(world, person.id)).length, 0, 'as long as it may live, nobody takes its work');
  t.equal(await removeLeft(store, dead, 'dead', now), true);
  const removed = (await store.collections.erasures.findOne({ _id: person.id }))?.removed ?? {};
  t.ok((removed['provisioning'] ?? 0) > 0, 'it died between its work and the certificate');
  advance(MINUTE);
  const slow = await claimErasure(store, 'slow', clock.now);
  if (!slow) throw new Error('nothing is due');
  await store.collections.sessions.insertOne({ _id: unique('late'), t: tenants.own, person: person.id, epoch: 0, created: clock.now, lastSeen: clock.now, expires: clock.now, agent: 'x' });
  advance(MINUTE);
  const [, lost] = await Promise.all([finishErasures(world), removeLeft(store, slow, 'slow', now)]);
  await certify(store, slow, 'slow', clock.now);
  t.equal(typeof lost, 'boolean');
  t.match(await certificates(world, person.id), [{ values: { removed: { ...removed, sessions: (removed['sessions'] ?? 0) + 1 } } }]);
  t.same(await whereIs(world, person.id), ['audit']);
});

t.test('J11: a certificate that cannot be written is no end of the erasure', async (t) => {
  const person = await world.active();
  await call('DELETE', `/Users/${person.id}`, undefined, as);
  await store.settled();
  advance(MINUTE);
  await database.command({ collMod: 'audit', validator: { t: 'nobody' } });
  await t.rejects(finishErasures(world));
  await database.command({ collMod: 'audit', validator: {} });
  t.same([(await certificates(world, person.id)).length, await database.collection('erasures').countDocuments({ _id: person.id as never })], [0, 1]);
  advance(MINUTE);
  await finishErasures(world);
  t.match(await certificates(world, person.id), [{ values: { removed: { users: 1, provisioning: 2 } } }]);
});

t.test('J11: kill -9 in the middle of the work: two others end it, one certificate each', async (t) => {
  const PEOPLE = 800;
  const at = new Date('2026-01-01T00:00:00Z');
  const ids = Array.from({ length: PEOPLE }, (_, index) => `01900000-0000-7000-8000-${String(index).padStart(12, '0')}`);
  await store.collections.erasures.insertMany(ids.map((id) => ({ _id: id, t: tenants.own, at, due: at, removed: { users: 1 } })));
  await store.collections.traces.insertMany(ids.flatMap((id, index) => [0, 1].map((which) => ({ _id: `killed-${index}-${which}`, t: tenants.own, person: id, entry: 'x', at, from: '192.0.2.8' }))));
  const done = () => database.collection('audit').countDocuments({ action: 'erase.certificate', 'values.erased': at.toISOString() });
  const uri = new URL(process.env['ROLLCALL_TEST_MONGODB_URI'] ?? '');
  uri.pathname = `/${store.collections.tenants.db.databaseName}`;
  uri.searchParams.set('appName', 'doomed');
  const worker = await startServer(t, { dataDir: await dataDirectory(t), env: { MONGODB_URI: uri.href, ROLLCALL_ROLE: 'worker', SECRET_KEY: 'a key for tests of at least 32 characters', PUBLIC_URL: 'http://127.0.0.1' } });
  await waitFor(async () => (await done()) >= 20, 60_000);
  await kill(worker.pid);
  const atDeath = await done();
  t.ok(atDeath < PEOPLE, `killed after ${atDeath} of ${PEOPLE}`);
  await endTransactionsOf('doomed');
  await Promise.all([finishErasures(world), finishErasures(world)]);
  const all = await database.collection('audit').aggregate([{ $match: { action: 'erase.certificate', 'values.erased': at.toISOString() } }, { $group: { _id: '$on.id', count: { $sum: 1 }, traces: { $max: '$values.removed.traces' } } }]).toArray();
  t.equal(all.length, PEOPLE);
  t.same(all.filter(({ count, traces }) => count !== 1 || traces !== 2), [], 'each once, with everything counted');
  t.same([await database.collection('erasures').countDocuments(), await whereIs(world, '192.0.2.8')], [0, []]);
});

/** What MongoDB does by itself when the time of a transaction is over: the minute until then has passed by the clock of the test. */
async function endTransactionsOf(appName: string): Promise<void> {
  const admin = database.admin();
  const { cursor } = await admin.command({ aggregate: 1, pipeline: [{ $currentOp: { allUsers: true, idleSessions: true } }, { $match: { appName, transaction: { $exists: true } } }], cursor: {} });
  for (const { lsid } of cursor.firstBatch) await admin.command({ killSessions: [{ id: lsid.id }] });
}
