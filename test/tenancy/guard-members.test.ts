/** The guard on memberships: those that end are counted, by whatever request, and no others. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { GROUP, patchBody, unique, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { howMany, MINUTE, patiently, ROLE, startGuardWorld } from './guard-world.ts';
import { addMembers, asBulk, members, pass, RIGHTS } from './support.ts';

const world = await startGuardWorld(t, import.meta.url);
const { as, client, grantor, group, leaves, mails, people, registry, store, tenant } = world;
type Client = Awaited<ReturnType<typeof client>>;
const held = await people(12);
const nameOf = async (id: string) => (await as(grantor, 'GET', `/Groups/${id}?attributes=displayName`)).body.displayName;
const countOf = async (id: string) => ((await as(grantor, 'GET', `/Groups/${id}`)).body.members ?? []).length;
const remove = (...ids: readonly string[]): Json => patchBody(...ids.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })));

/** Each takes the first three of four members out of a group. */
const ROUTES: Readonly<Record<string, (by: Client, id: string) => Promise<Answer>>> = {
  'three removals in one PATCH': (by, id) => by.ask('PATCH', `/Groups/${id}`, remove(...held.slice(0, 3))),
  'a removal with a list of values': (by, id) => by.ask('PATCH', `/Groups/${id}`, patchBody({ op: 'remove', path: 'members', value: members(...held.slice(0, 3)) })),
  'a removal by a filter': (by, id) => by.ask('PATCH', `/Groups/${id}`, patchBody({ op: 'remove', path: `members[value ne "${held[3] ?? ''}"]` })),
  'a replacement': (by, id) => by.ask('PATCH', `/Groups/${id}`, patchBody({ op: 'replace', path: 'members', value: members(held[3] ?? '', held[5] ?? '') })),
  'PUT': async (by, id) => by.ask('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: await nameOf(id), members: members(held[3] ?? '') }),
  'PUT in Bulk': async (by, id) => by.ask('POST', '/Bulk', asBulk('PUT', `/Groups/${id}`, { schemas: [GROUP], displayName: await nameOf(id), members: members(held[3] ?? '') })),
  'PATCH in Bulk': (by, id) => by.ask('POST', '/Bulk', asBulk('PATCH', `/Groups/${id}`, remove(...held.slice(0, 3)))),
};
const statusOf = ({ status, body }: Answer) => Number(body?.Operations?.[0].status ?? status);

for (const [route, act] of Object.entries(ROUTES)) {
  t.test(`${route}: three members`, async (t) => {
    const by = await client({ guardChanges: 0, guardMembers: 5 });
    const [one, two] = [await group(...held.slice(0, 4)), await group(...held.slice(0, 4))];
    t.ok(statusOf(await act(by, one)) < 300);
    t.match(await by.guard(), { changes: { limit: null, used: 0 }, members: { limit: 5, used: 3 } });
    await leaves(t, async () => {
      const answer = await act(by, two);
      t.equal(statusOf(answer), 429, answer.text);
      t.match(answer.text, /may end 5 memberships of groups within an hour, and this would be more/);
    });
    t.equal(await countOf(two), 4, 'refused whole: no member of it is gone');
    t.match(await by.guard(), { members: { used: 3 }, hold: { about: { kind: 'members', limit: 5, asked: 3 } } });
    t.ok(statusOf(await by.ask('PATCH', `/Groups/${two}`, remove(...held.slice(0, 2)))) < 300, 'what is left can be used');
    t.match(await by.guard(), { members: { used: 5 } });
  });
}

t.test('the members of a group that is deleted count, those of a person who is deleted do not', async (t) => {
  const by = await client({ guardChanges: 10, guardMembers: 5 });
  const doomed = await people(2);
  const teams = [await group(...doomed, ...held.slice(0, 2)), await group(...doomed)];
  t.equal((await by.remove(doomed[0] ?? '')).status, 204);
  t.match(await by.guard(), { changes: { used: 1 }, members: { used: 0 } }, 'one person is one change');
  t.equal((await by.ask('DELETE', `/Groups/${teams[0] ?? ''}`)).status, 204);
  t.match(await by.guard(), { changes: { used: 1 }, members: { used: 3 } });
  const third = await group(...held.slice(0, 3));
  await leaves(t, async () => refused(t, await by.ask('DELETE', `/Groups/${third}`), 429));
  t.equal(statusOf(await by.ask('POST', '/Bulk', asBulk('DELETE', `/Groups/${third}`))), 429);
});

t.test('a membership that ends with a role is one, and refused with the change of the role', async (t) => {
  const by = await client({ guardChanges: 0, guardMembers: 2 });
  const team = await group();
  const made = await as(grantor, 'POST', '/Roles', { schemas: [ROLE], displayName: 'Planner', group: { value: team } });
  t.equal(made.status, 201, made.text);
  const planners = await people(4);
  for (const id of planners) t.equal((await by.ask('PATCH', `/Users/${id}`, patchBody({ op: 'add', path: 'roles', value: [{ value: 'planner' }] }))).status, 200);
  t.equal(await countOf(team), 4);
  const without = patchBody({ op: 'remove', path: 'roles' });
  const [a = '', b = '', c = '', d = ''] = planners;
  t.equal((await by.ask('PATCH', `/Users/${a}`, without)).status, 200);
  t.match(await by.guard(), { members: { used: 1 } });
  const bulk = await by.ask('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [b, c].map((id) => ({ method: 'PATCH', path: `/Users/${id}`, data: without })) });
  t.same(bulk.body.Operations.map(({ status }: { status: string }) => status), ['200', '429']);
  await leaves(t, async () => refused(t, await by.ask('PATCH', `/Users/${d}`, without), 429));
  t.match((await as(grantor, 'GET', `/Users/${c}`)).body.roles, [{ value: 'planner' }]);
  t.equal(await countOf(team), 2);
});

t.test('to move somebody to another user group is one membership that ends, and refused as a whole', async (t) => {
  const by = await client({ guardChanges: 0, guardMembers: 1 });
  const userGroup = async () => String((await as(grantor, 'POST', '/Groups', { schemas: [GROUP, RIGHTS], displayName: unique('user group'), [RIGHTS]: { userGroup: true } })).body.id);
  const [from, to] = [await userGroup(), await userGroup()];
  const [a = '', b = ''] = await people(2);
  const move = (id: string, group: string) => by.ask('POST', `/api/v1/users/${id}/group`, { group });
  for (const id of [a, b]) t.equal((await move(id, from)).status, 204);
  t.match(await by.guard(), { members: { used: 0 } });
  t.equal((await move(a, to)).status, 204);
  await leaves(t, async () => refused(t, await move(b, to), 429));
  t.match(await by.guard(), { members: { used: 1 }, hold: { refusals: 1 } });
});

t.test('who is no member, is added, or is added back in the same request does not count', async (t) => {
  const by = await client({ guardChanges: 0, guardMembers: 1 });
  const team = await group(...held.slice(0, 3));
  for (const body of [remove(held[7] ?? ''), addMembers(held[8] ?? ''), addMembers(held[8] ?? ''), patchBody({ op: 'replace', path: 'members', value: members(...held.slice(0, 3), held[8] ?? '', held[9] ?? '') })]) t.equal((await by.ask('PATCH', `/Groups/${team}`, body)).status, 200);
  t.match(await by.guard(), { members: { used: 0 } });
  t.equal(await by.document(), null, 'the guard was not even asked');
});

t.test('what is more than the whole limit never passes by itself, and says so', async (t) => {
  const by = await client({ guardChanges: 0, guardMembers: 2 });
  const team = await group(...held.slice(0, 3));
  const answer = await by.ask('DELETE', `/Groups/${team}`);
  refused(t, answer, 429);
  t.equal(answer.headers['retry-after'], String(60 * MINUTE));
  t.match(answer.body.detail, /may end 2 memberships of groups within an hour, and this would be 3 at once\. It is refused until an administrator/);
  pass(world, 66 * MINUTE);
  refused(t, await by.ask('DELETE', `/Groups/${team}`), 429);
  t.equal((await by.release({ members: 1 })).status, 200);
  t.equal((await by.ask('DELETE', `/Groups/${team}`)).status, 204, 'two of the limit and one that was released');
});

t.test('a large group whose list is replaced: who stays has not gone', async (t) => {
  const type = registry.type('Group');
  const by = await client({ guardChanges: 0, guardMembers: 20 });
  const team = await group(...held.slice(0, 2));
  const { gk = '' } = (await store.collections.resources(type).findOne({ _id: team, t: tenant })) ?? {};
  const many = await people(10_100);
  await store.collections.members.insertMany(many.map((m) => ({ _id: `${gk}|${m}`, t: tenant, g: gk, m, ty: 'User' })));
  await store.collections.resources(registry.type('User')).updateMany({ _id: { $in: [...many] }, t: tenant }, { $inc: { mr: 1 } });
  await store.collections.resources(type).updateOne({ _id: team, t: tenant }, { $inc: { mc: many.length } });
  const replace = (ids: readonly string[]) => by.ask('PUT', `/Groups/${team}?excludedAttributes=members`, { schemas: [GROUP], displayName: `large-${team}`, members: members(...ids) });
  t.equal((await replace([...many.slice(12), ...held.slice(0, 2)])).status, 200);
  t.match(await by.guard(), { members: { used: 12 } });
  refused(t, await replace(many.slice(30, 60)), 429);
  t.equal((await store.collections.resources(type).findOne({ _id: team, t: tenant }))?.mc, 10_090);
  await store.settled();
  t.match(await by.guard(), { members: { used: 12 } });
});

t.test('twenty at once take memberships away: together not more than the limit', async (t) => {
  const by = await client({ guardChanges: 0, guardMembers: 25 });
  const teams: string[] = [];
  for (let time = 0; time < 20; time++) teams.push(await group(...held.slice(0, 4)));
  const before = (await mails()).length;
  const statuses = await Promise.all(teams.map((id) => patiently(() => by.ask('PATCH', `/Groups/${id}`, remove(...held.slice(0, 3))))));
  t.same([howMany(statuses, 200), howMany(statuses, 429)], [8, 12], 'eight times three');
  t.match(await by.guard(), { members: { used: 24 } });
  t.equal((await mails()).length - before, 3);
});
