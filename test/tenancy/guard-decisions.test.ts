/** What administrators are told of a hold, and what they decide about it: release so many, release for so long, refuse. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { deleteClient } from '../../src/tenancy/clients.ts';
import { deleteTenant } from '../../src/tenancy/tenants.ts';
import { dropTenants } from '../../src/store/retention.ts';
import { DAY_MS } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { howMany, MINUTE, OFF, patiently, startGuardWorld } from './guard-world.ts';
import { auditOf, operator, pass } from './support.ts';

const world = await startGuardWorld(t, import.meta.url);
const { as, client, clock, group, leaves, mails, makeClient, manager, people, store, tenant } = world;

/** A client that has used up its limit and was refused. */
async function held(settings: Readonly<Record<string, unknown>> = { guardChanges: 1 }) {
  const by = await client(settings);
  const [first = '', ...others] = await people(8);
  await by.remove(first);
  refused(t, await by.remove(others[0] ?? ''), 429);
  let next = 0;
  /** The status of another removal. */
  const another = async () => (await by.remove(others[next++] ?? '')).status;
  const several = async (count: number) => {
    const statuses: number[] = [];
    for (let time = 0; time < count; time++) statuses.push(await another());
    return statuses;
  };
  return { ...by, another, several };
}
const decisions = (id: string) => store.collections.audit.find({ t: tenant, 'on.id': id, action: /^guard\.(release|refuse)$/ }).sort({ _id: 1 }).toArray();

t.test('the first refusal mails every administrator in their language, the second nobody', async (t) => {
  const before = (await mails()).length;
  const by = await held();
  const sent = (await mails()).slice(before);
  t.same(sent.map(({ to: { name, address }, language }) => [name, address, language]), [['Eve', 'en@admins.example', 'en'], ['Nils', 'nb@admins.example', 'nb'], ['Noor', 'nl@admins.example', 'nl']]);
  const [en, nb, nl] = sent;
  t.match([en?.subject, nb?.subject, nl?.subject], [`Changes by ${by.client} are on hold`, `Endringer fra ${by.client} er holdt tilbake`, `Wijzigingen van ${by.client} zijn tegengehouden`]);
  t.match(en?.text, /within an hour: 1\n- Asked for beyond that: 1\n/);
  t.match(en?.text, 'https://scim.example/');
  t.equal(await by.another(), 429);
  t.equal(await by.another(), 429);
  t.equal((await mails()).length, before + 3);
  t.equal((await by.holds()).length, 1);
  t.match(await by.guard(), { hold: { state: 'open', refusals: 3, since: clock.now.toISOString() } });
});

t.test('a hold that nobody decides about lasts a day; then a refusal is told anew', async (t) => {
  const by = await held();
  const before = (await mails()).length;
  clock.now = new Date(clock.now.getTime() + DAY_MS - 1000);
  t.same([await by.another(), await by.another()], [204, 429], 'the window has passed');
  t.equal((await mails()).length, before);
  pass(world, 1);
  t.equal((await by.guard()).hold, undefined);
  t.equal(await by.another(), 429);
  t.equal((await mails()).length, before + 3);
  t.equal((await by.holds()).length, 2);
  t.match(await by.guard(), { hold: { refusals: 1 } });
});

t.test('released with a number: so many more pass, and then the limit holds again with a hold of its own', async (t) => {
  const by = await held();
  const before = (await mails()).length;
  const answer = await by.release({ changes: 2 });
  t.equal(answer.status, 200);
  t.same(answer.body, { changes: { limit: 1, used: 1 }, members: { limit: null, used: 0 }, released: { changes: 2, members: 0, until: new Date(clock.now.getTime() + DAY_MS).toISOString() } });
  t.same(await by.several(3), [204, 204, 429]);
  t.match(await by.guard(), { changes: { used: 1 }, released: { changes: 0 }, hold: { refusals: 1 } });
  t.equal((await mails()).length, before + 3);
  await by.release({ changes: 5 });
  await by.release({ changes: 1 });
  t.same(await by.several(2), [204, 429], 'the last decision counts, they do not add up');
  t.match(await decisions(by.client), [{ action: 'guard.release', values: { changes: 2 }, by: { kind: 'client' }, on: { type: 'Client' } }, { values: { changes: 5 } }, { values: { changes: 1 } }]);
});

t.test('a number that was released ends after a day', async (t) => {
  const by = await held();
  await by.release({ changes: 1 });
  clock.now = new Date(clock.now.getTime() + DAY_MS);
  t.equal((await by.guard()).released, undefined);
  t.same(await by.several(2), [204, 429], 'only the limit itself');
});

t.test('fifty at once after a release: exactly as many as were released', async (t) => {
  const by = await held();
  await by.release({ changes: 7 });
  const ids = await people(50);
  const statuses = await Promise.all(ids.map((id) => patiently(() => by.remove(id))));
  t.same([howMany(statuses, 204), howMany(statuses, 429)], [7, 43]);
  t.match(await by.guard(), { changes: { used: 1 }, released: { changes: 0 }, hold: { refusals: 43 } });
});

t.test('released for minutes: everything passes until then and is not counted', async (t) => {
  const by = await held();
  const answer = await by.release({ minutes: 30 });
  t.same(answer.body.released, { until: new Date(clock.now.getTime() + 30 * MINUTE * 1000).toISOString() });
  t.same(await by.several(2), [204, 204]);
  pass(world, 30 * MINUTE - 1);
  t.same(await by.several(2), [204, 204]);
  t.match(await by.guard(), { changes: { limit: 1, used: 1 } });
  pass(world, 1);
  t.equal(await by.another(), 429);
  t.match(await by.guard(), { released: undefined, hold: { state: 'open' } });
});

t.test('released with nothing named: the hold ends, the limit stays', async (t) => {
  const by = await held();
  await by.release({ changes: 3 });
  t.same((await by.release({})).body, { changes: { limit: 1, used: 1 }, members: { limit: null, used: 0 } });
  t.equal(await by.another(), 429);
});

t.test('refused: nothing passes, whatever time goes by, until it is released', async (t) => {
  const by = await held();
  const before = (await mails()).length;
  await by.release({ changes: 3 });
  t.match((await by.refuse()).body, { hold: { state: 'refused' }, released: undefined });
  clock.now = new Date(clock.now.getTime() + 3 * DAY_MS);
  const [person = ''] = await people(1);
  await leaves(t, async () => {
    const answer = await by.deactivate(person);
    refused(t, answer, 429);
    t.equal(answer.headers['retry-after'], '3600');
    t.match(answer.body.detail, /were stopped by an administrator\. They are refused until an administrator with the right clients\.manage releases it/);
  });
  t.match(await by.guard(), { changes: { limit: 1, used: 0 }, hold: { state: 'refused', refusals: 1 } });
  t.equal((await by.ask('GET', `/Users/${person}`)).status, 200);
  t.equal((await mails()).length, before, 'whoever decided so needs no mail');
  await by.release({});
  t.equal((await by.deactivate(person)).status, 200);
  t.match(await decisions(by.client), [{ action: 'guard.release' }, { action: 'guard.refuse', values: {} }, { action: 'guard.release' }]);
});

t.test('a client can be stopped before it is held, members too', async (t) => {
  const by = await client({ guardChanges: 100, guardMembers: 100 });
  t.match((await by.refuse()).body, { hold: { state: 'refused', refusals: 0 } });
  const [person = ''] = await people(1);
  const team = await group(person);
  refused(t, await by.remove(person), 429);
  refused(t, await by.ask('DELETE', `/Groups/${team}`), 429);
  t.equal((await by.ask('POST', '/Users', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `new-${person}` })).status, 201);
  t.match(await by.guard(), { hold: { refusals: 2 } });
  await by.release({ minutes: 1 });
  t.equal((await by.ask('DELETE', `/Groups/${team}`)).status, 204);
  t.match(await by.guard(), { members: { used: 0 } });
});

const WRONG: readonly (readonly [Json, RegExp])[] = [
  [{ changes: -1 }, /^changes must be a whole number from 0/], [{ changes: 1.5 }, /^changes must/], [{ changes: 1e12 }, /^changes must/], [{ changes: '3' }, /^changes must be a number/], [{ changes: null }, /^changes must/],
  [{ members: -1 }, /^members must/], [{ minutes: 0 }, /^minutes must be a whole number from 1 to 1440/], [{ minutes: 1441 }, /^minutes must/], [{ minutes: 5, changes: 1 }, /beside it/], [{ minutes: 5, members: 0 }, /beside it/],
  [{ hours: 1 }, /There is no "hours" here/], [[], /must be a JSON object/],
];
t.test('a wrong decision names what is wrong and decides nothing', async (t) => {
  const by = await held();
  const before = await by.document();
  for (const [body, message] of WRONG) {
    const answer = await by.release(body);
    refused(t, answer, 400, Array.isArray(body) ? 'invalidSyntax' : 'invalidValue');
    t.match(answer.body.detail, message, JSON.stringify(body));
  }
  t.same(await by.document(), before);
  t.same(await decisions(by.client), []);
  const off = await client(OFF);
  for (const act of [off.refuse, () => off.release({ changes: 1 })]) refused(t, await act(), 409);
  t.equal(await off.document(), null);
});

t.test('nobody decides about, or sees, a client of another tenant or one that is not there', async (t) => {
  const by = await held();
  const other = (await makeClient(world.tenants.other, { scopes: ['clients.manage'] })).token;
  for (const [token, id] of [[other, by.client], [manager, 'nobody']] as const) {
    for (const [method, path, body] of [['GET', '', undefined], ['POST', '/release', { changes: 1 }], ['POST', '/refuse', undefined]] as const) refused(t, await as(token, method, `/api/v1/clients/${id}/guard${path}`, body), 404);
  }
  refused(t, await by.ask('POST', `/api/v1/clients/${by.client}/guard/release`, { changes: 9 }), 403);
  t.equal(await by.another(), 429);
});

t.test('a lower limit counts from the next request, a higher one lets on at once', async (t) => {
  const by = await held({ guardChanges: 1 });
  const set = async (settings: Json) => {
    t.equal((await as((await makeClient(tenant, { scopes: ['*', 'clients.manage', 'users.manage', 'admin.grant'] })).token, 'PATCH', `/api/v1/clients/${by.client}`, { settings })).status, 200);
  };
  await set({ guardChanges: 3 });
  t.same(await by.several(3), [204, 204, 429]);
  await set({ guardChanges: 2 });
  t.match(await by.guard(), { changes: { limit: 2, used: 3 } });
  t.equal(await by.another(), 429);
  await set({ guardChanges: null });
  t.match(await by.guard(), { changes: { limit: 5000 } });
  t.equal(await by.another(), 204);
});

t.test('what is kept goes with the client and with the tenant', async (t) => {
  const by = await held();
  t.not(await by.document(), null);
  await deleteClient(operator(world), tenant, by.client);
  t.equal(await by.document(), null);
  const last = await held();
  t.not(await last.document(), null);
  t.ok((await auditOf(world, tenant)).some(({ action }) => action === 'guard.hold'));
  await deleteTenant(operator(world), tenant, (await store.collections.tenants.findOne({ _id: tenant }))?.name ?? '');
  await dropTenants(store);
  t.equal(await store.collections.guards.countDocuments({ t: tenant }), 0);
});
