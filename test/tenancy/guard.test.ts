/** The blast-radius guard: what counts is the effect, whatever the route; exactly so many pass; what goes over is refused whole, and told once. */
import t from 'tap';
import { deactivate } from '../../src/accounts/deactivate.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { buildApp } from '../../src/app.ts';
import { createLog } from '../../src/log.ts';
import { policyOf } from '../../src/policy.ts';
import { remove } from '../../src/resources/remove.ts';
import type { Json } from '../../src/scim/json.ts';
import { Keyring } from '../../src/store/keys.ts';
import { ACCOUNT_EXTENSION } from '../../src/scim/urns.ts';
import { DAY_MS, patchBody, USER, type Answer } from '../helpers/app.ts';
import { openTestStore } from '../helpers/store.ts';
import { refused } from '../rfc/expectations.ts';
import { howMany, MINUTE, OFFLINE, ONLINE, patiently, startGuardWorld } from './guard-world.ts';
import { asBulk, auditOf, pass, send } from './support.ts';

const commands: string[] = [];
const world = await startGuardWorld(t, import.meta.url, { monitor: ({ commandName, command }) => commands.push(`${commandName} ${String(command[commandName])}`) });
const { administrators, as, client, clock, config, grantor, isActive, leaves, mails, people, registry, store, tenant, told } = world;
type Client = Awaited<ReturnType<typeof client>>;

const put = async (id: string, attributes: Record<string, Json>): Promise<Json> => ({ schemas: [USER], userName: (await as(grantor, 'GET', `/Users/${id}`)).body.userName, ...attributes });
const bulkStatus = ({ body }: Answer) => Number(body.Operations[0].status);

/** Each switches somebody off or takes them away. @returns the status */
const ROUTES: Readonly<Record<string, (by: Client, id: string) => Promise<Answer>>> = {
  'PATCH with a path': (by, id) => by.deactivate(id),
  'PATCH without a path, as Entra writes it': (by, id) => by.ask('PATCH', `/Users/${id}`, patchBody({ op: 'Replace', value: { active: 'False' } })),
  'PATCH among other things': (by, id) => by.ask('PATCH', `/Users/${id}`, patchBody({ op: 'add', path: 'title', value: 'gone' }, { op: 'replace', path: 'active', value: false })),
  'PUT': async (by, id) => by.ask('PUT', `/Users/${id}`, await put(id, { active: false })),
  'DELETE': (by, id) => by.remove(id),
  'the path of the tenant': async (by, id) => send(world.app, 'DELETE', `/t/${(await store.collections.tenants.findOne({ _id: tenant }))?.name ?? ''}/scim/v2/Users/${id}`, undefined, { token: by.token }),
  '/Me': async (by, id) => {
    await store.collections.clients.updateOne({ _id: by.client, t: tenant }, { $set: { person: id } });
    pass(world, 2);
    return by.ask('DELETE', '/Me');
  },
  'a PATCH in Bulk': (by, id) => by.ask('POST', '/Bulk', asBulk('PATCH', `/Users/${id}`, OFFLINE)),
  'a PUT in Bulk': async (by, id) => by.ask('POST', '/Bulk', asBulk('PUT', `/Users/${id}`, await put(id, { active: false }))),
  'a DELETE in Bulk': (by, id) => by.ask('POST', '/Bulk', asBulk('DELETE', `/Users/${id}`)),
  'the verb of the API': (by, id) => by.ask('POST', `/api/v1/users/${id}/deactivate`),
};

for (const [route, act] of Object.entries(ROUTES)) {
  t.test(`${route}: as many as the limit says, and not one more`, async (t) => {
    const by = await client({ guardChanges: 2 });
    const [first = '', second = '', third = ''] = await people(3);
    for (const id of [first, second]) {
      const answer = await act(by, id);
      t.ok((route.endsWith('Bulk') ? bulkStatus(answer) : answer.status) < 300, answer.text);
    }
    t.match(await by.guard(), { changes: { limit: 2, used: 2 }, members: { limit: null, used: 0 } });
    t.same(await by.holds(), [], 'at the limit nobody is told of anything');
    await leaves(t, async () => {
      const answer = await act(by, third);
      const detail = route.endsWith('Bulk') ? answer.body.Operations[0].response.detail : answer.body.detail;
      t.match(detail, /^This client may deactivate or delete 2 people within an hour, and this would be more\. .* 2026-\d\d-\d\dT\d\d:\d\d:00Z, .*clients\.manage.*\/guard\/release\.$/);
      if (route.endsWith('Bulk')) t.equal(bulkStatus(answer), 429);
      else {
        refused(t, answer, 429);
        t.match(answer.headers['retry-after'], /^\d+$/);
      }
    });
    t.equal(await isActive(third), true);
    t.match(await by.guard(), { changes: { used: 2 }, hold: { state: 'open', refusals: 1, about: { kind: 'changes', limit: 2, asked: 1 } } });
  });
}

t.test('reading, creating and all other changes go on behind the limit', async (t) => {
  const by = await client({ guardChanges: 1, guardMembers: 1 });
  const [first = '', other = '', member = ''] = await people(3);
  const team = await world.group(member);
  await by.remove(first);
  refused(t, await by.remove(other), 429);
  t.equal((await by.ask('GET', `/Users/${other}`)).status, 200);
  t.equal((await by.ask('PATCH', `/Users/${other}`, patchBody({ op: 'add', path: 'title', value: 'x' }))).status, 200);
  t.equal((await by.ask('POST', '/Users', { schemas: [USER], userName: `new-${other}`, active: false })).status, 201, 'who begins as inactive was not switched off');
  t.equal((await by.ask('PATCH', `/Groups/${team}`, patchBody({ op: 'add', path: 'members', value: [{ value: other }] }))).status, 200);
  t.equal((await by.ask('DELETE', `/Groups/${await world.group()}`)).status, 204, 'an empty group');
  t.match(await by.guard(), { changes: { used: 1 }, members: { used: 0 } });
});

t.test('what changes nobody does not count: who is inactive already, is not there, or has another version', async (t) => {
  const by = await client({ guardChanges: 1 });
  const [gone = '', inactive = ''] = await people(2);
  await as(grantor, 'PATCH', `/Users/${inactive}`, OFFLINE);
  t.equal((await by.deactivate(inactive)).status, 200);
  t.equal((await by.ask('PUT', `/Users/${inactive}`, await put(inactive, { active: false, title: 'x' }))).status, 200);
  t.equal((await by.ask('PATCH', `/Users/${inactive}`, ONLINE)).status, 200, 'nor who comes back');
  t.equal((await by.remove('00000000-0000-7000-8000-000000000000')).status, 404);
  const stale = await send(world.app, 'DELETE', `/scim/v2/Users/${gone}`, undefined, { token: by.token, headers: { 'if-match': 'W/"99"' } });
  t.equal(stale.status, 412);
  t.equal(await by.document(), null, 'the guard was not even asked');
  t.equal((await by.remove(gone)).status, 204);
  t.match(await by.guard(), { changes: { used: 1 } });
});

t.test('a leave date that is near counts when it is set, for it acts by itself; a later one does not', async (t) => {
  const by = await client({ guardChanges: 2, shows: [ACCOUNT_EXTENSION] });
  const day = (days: number) => new Date(clock.now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
  const [a = '', b = '', c = '', d = ''] = await people(4);
  const leave = (id: string, value: string) => by.ask('PATCH', `/Users/${id}`, patchBody({ op: 'add', path: `${ACCOUNT_EXTENSION}:leaveDate`, value }));
  for (const [id, value, used] of [[a, day(30), 0], [b, day(0), 1], [b, day(-1), 1], [b, day(-1), 1], [c, day(-1), 2], [a, day(40), 2]] as const) {
    t.equal((await leave(id, value)).status, 200);
    t.match(await by.guard(), { changes: { used } }, `${value}: ${used}`);
  }
  await leaves(t, async () => {
    for (const value of [day(0), day(-1)]) refused(t, await leave(d, value), 429);
  });
  t.equal((await leave(d, day(9))).status, 200);
  t.equal((await by.ask('POST', '/Users', { schemas: [USER], userName: `leaver-${d}`, [ACCOUNT_EXTENSION]: { leaveDate: day(0) } })).status, 201, 'nobody has lost what they never had');
});

t.test('what was taken and did not happen is given back: the last administrator, and two who delete the same person', async (t) => {
  const by = await client({ guardChanges: 3 });
  const last = told.en;
  const { body: { members } } = await as(grantor, 'GET', `/Groups/${administrators}`);
  const before: readonly (readonly [string, boolean])[] = await Promise.all(members.map(async ({ value }: { value: string }) => [value, await isActive(value)]));
  for (const [id] of before.filter(([id, active]) => active && id !== last)) await as(grantor, 'PATCH', `/Users/${id}`, OFFLINE);
  refused(t, await by.remove(last), 409);
  t.match(await by.guard(), { changes: { used: 0 } });
  for (const [id] of before.filter(([, active]) => active)) await as(grantor, 'PATCH', `/Users/${id}`, ONLINE);
  const [one = ''] = await people(1);
  const answers = await Promise.all([by.remove(one), by.remove(one), by.remove(one)]);
  t.same(answers.map(({ status }) => status).toSorted(), [204, 404, 404]);
  t.match(await by.guard(), { changes: { used: 1 } });
});

t.test('fifty at once on two servers: exactly as many pass as are left', async (t) => {
  const by = await client({ guardChanges: 30 });
  const ids = await people(62);
  for (const id of ids.slice(0, 12)) t.equal((await by.remove(id)).status, 204);
  const now = () => clock.now;
  const otherStore = await openTestStore(t, import.meta.url, { database: store.collections.tenants.db.databaseName });
  const other = buildApp({ config, store: otherStore, registry, keyring: new Keyring(otherStore, () => config.secretKeys, now), log: createLog({ level: 'silent' }), now });
  await other.ready();
  t.teardown(() => other.close());
  const before = (await mails()).length;
  const statuses = await Promise.all(ids.slice(12).map((id, index) => patiently(() =>
    send(index % 2 === 0 ? world.app : other, index % 4 < 2 ? 'DELETE' : 'PATCH', `/scim/v2/Users/${id}`, index % 4 < 2 ? undefined : OFFLINE, { token: by.token }))));
  t.same([howMany(statuses, 200, 204), howMany(statuses, 429)], [18, 32]);
  t.match(await by.guard(), { changes: { limit: 30, used: 30 }, hold: { refusals: 32 } });
  t.equal((await by.holds()).length, 1, 'one hold');
  t.equal((await mails()).length - before, 3, 'and one mail to each administrator');
});

t.test('the window slides: room comes back when Retry-After says so, and not before', async (t) => {
  clock.now = new Date('2026-02-02T10:01:30.000Z');
  const by = await client({ guardChanges: 3 });
  const ids = await people(9);
  await by.remove(ids[0] ?? '');
  pass(world, 10 * MINUTE);
  for (const id of ids.slice(1, 3)) await by.remove(id);
  pass(world, 20 * MINUTE);
  const [, , , a = '', b = ''] = ids;
  const refusal = await by.remove(a);
  // The step from 10:00 to 10:05 counts until 11:05, and it is 10:31:30.
  t.equal(refusal.headers['retry-after'], String(33 * MINUTE + 30));
  t.match(refusal.body.detail, '2026-02-02T11:05:00Z');
  pass(world, 33 * MINUTE + 29);
  refused(t, await by.remove(a), 429);
  pass(world, 1);
  t.equal((await by.remove(a)).status, 204);
  t.equal((await by.remove(b)).headers['retry-after'], String(10 * MINUTE), 'then the two of 10:11');
  pass(world, 10 * MINUTE);
  for (const id of [b, ids[5] ?? '']) t.equal((await by.remove(id)).status, 204);
  refused(t, await by.remove(ids[6] ?? ''), 429);
  pass(world, 66 * MINUTE);
  t.match(await by.guard(), { changes: { used: 0 } });
});

t.test('a person who manages people is not counted, nor is the server itself', async (t) => {
  const by = await client({ guardChanges: 1 });
  const ids = await people(6);
  await by.remove(ids[0] ?? '');
  refused(t, await by.remove(ids[1] ?? ''), 429);
  const surroundings = { store, registry, behaviours: accountBehaviours, config, now: () => clock.now, log: createLog({ level: 'silent' }) };
  const acting = { tenant: { id: tenant, name: 'own', policy: policyOf({}) }, requestId: 'r', from: undefined };
  const person = systemContext(surroundings, { ...acting, actor: { kind: 'person', id: told.en }, scopes: new Set(['users:read', 'users:write', 'users.manage']) });
  const system = systemContext(surroundings, { ...acting, actor: { kind: 'system', id: 'worker' } });
  await deactivate(person, ids[1] ?? '');
  await remove(person, registry.type('User'), ids[2] ?? '', 'any');
  await deactivate(system, ids[3] ?? '');
  t.match(await by.guard(), { changes: { used: 1 } });
});

t.test('0 switches it off', async (t) => {
  const by = await client({ guardChanges: 0 });
  for (const id of await people(3)) t.equal((await by.remove(id)).status, 204);
  t.same(await by.document(), null);
  t.same(await by.guard(), { changes: { limit: null, used: 0 }, members: { limit: null, used: 0 } });
});

t.test('the share counts where it is more than the number: of the people that the client sees, as they were counted', async (t) => {
  const by = await client({ guardChanges: 2, guardShare: 20, populations: ['external'] });
  const seen = await people(24, { 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User': {} });
  await store.collections.resources(registry.type('User')).updateMany({ _id: { $in: [...seen] }, t: tenant }, { $set: { p: 'external' } });
  t.match(await by.guard(), { changes: { limit: 4, used: 0 } }, '20 % of 24, whatever others there are');
  const [a = '', b = '', c = '', d = '', e = ''] = seen;
  for (const id of [a, b]) t.equal((await by.remove(id)).status, 204);
  t.equal((await by.document())?.people, undefined, 'nobody was counted so far');
  commands.length = 0;
  for (const id of [c, d]) t.equal((await by.remove(id)).status, 204);
  t.equal(commands.filter((command) => command === 'aggregate users').length, 1, 'counted once');
  t.equal((await by.document())?.people?.count, 22);
  refused(t, await by.remove(e), 429);
  t.match(await by.guard(), { changes: { limit: 4, used: 4 } }, 'whoever is deleted meanwhile does not make it smaller');
  pass(world, 66 * MINUTE);
  t.match(await by.guard(), { changes: { limit: 4, used: 0 } });
});

t.test('cost: nothing for what takes nobody away, one command for what does', async (t) => {
  const free = await client({ guardChanges: 0 });
  const by = await client({ guardChanges: 1000, guardShare: 50, guardMembers: 1000 });
  const ids = await people(12);
  const team = await world.group(...ids.slice(0, 4));
  const costs = async (act: (who: Client, index: number) => Promise<Answer>, from: number): Promise<readonly (readonly string[])[]> => {
    const seen: string[][] = [];
    for (const [index, who] of [free, by].entries()) {
      await as(who.token, 'GET', '/Users?count=0');
      await store.settled();
      commands.length = 0;
      t.ok((await act(who, from + index)).status < 300);
      seen.push(commands.filter((command) => !/^(insert|find) (provisioning|traces)/.test(command)));
      await store.settled();
    }
    return seen;
  };
  const id = (index: number) => ids[index] ?? '';
  const harmless = [
    (who: Client, index: number) => who.ask('PATCH', `/Users/${id(index)}`, patchBody({ op: 'add', path: 'title', value: 'x' })),
    (who: Client, index: number) => who.ask('PATCH', `/Groups/${team}`, patchBody({ op: 'add', path: 'members', value: [{ value: id(index + 4) }] })),
    (who: Client) => who.ask('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: `cost-${who.client}` }),
  ];
  for (const act of harmless) {
    const [without, guarded] = await costs(act, 0);
    t.same(guarded, without);
  }
  for (const act of [
    (who: Client, index: number) => who.deactivate(id(index)),
    (who: Client, index: number) => who.remove(id(index + 2)),
    (who: Client, index: number) => who.ask('PATCH', `/Groups/${team}`, patchBody({ op: 'remove', path: `members[value eq "${id(index)}"]` })),
  ]) {
    const [without = [], guarded = []] = await costs(act, 0);
    t.same(guarded.filter((command) => command === 'findAndModify guards').length, 1);
    t.equal(guarded.length, without.length + 1, guarded.join(', '));
  }
});

t.test('the hold is an entry of the audit log by the client, and the log of the client has a hint', async (t) => {
  const by = await client({ guardChanges: 1, kind: 'okta' });
  const [a = '', b = ''] = await people(2);
  await by.deactivate(a);
  const answer = await by.deactivate(b);
  await by.deactivate(b);
  t.match(await by.holds(), [{ by: { kind: 'client', id: by.client }, on: { type: 'Client', id: by.client }, values: { kind: 'changes', limit: 1, asked: 1 }, changed: [] }]);
  const entries = (await auditOf(world, tenant, { refused: true })).filter(({ by: { id } }) => id === by.client);
  t.match(entries, [{ refused: `429 ${String(answer.body.detail)}`, times: 2 }], 'two refusals, one line');
  const { body } = await as(world.manager, 'GET', `/api/v1/clients/${by.client}/log?count=1`);
  t.match(body.entries[0], { status: 429, outcome: 'refused', operations: [{ action: 'patch', id: b, outcome: 'refused' }], error: { hint: /^Okta was about to switch off/ } });
});
