/** The guard in a bulk request: each operation by itself, in their order, and `failOnErrors` as usual. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, userBody, type Answer } from '../helpers/app.ts';
import { OFFLINE, startGuardWorld } from './guard-world.ts';

const commands: string[] = [];
const world = await startGuardWorld(t, import.meta.url, { monitor: ({ commandName, command }) => commands.push(`${commandName} ${String(command[commandName])}`) });
const { client, group, isActive, mails, people, store } = world;
const removal = (id: string): Json => ({ method: 'DELETE', path: `/Users/${id}` });
const deactivation = (id: string): Json => ({ method: 'PATCH', path: `/Users/${id}`, data: OFFLINE });
const titled = (id: string): Json => ({ method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'add', path: 'title', value: 'x' }) });
const broken: Json = { method: 'PATCH', path: '/Users/none', data: patchBody({ op: 'add', path: 'title', value: 'x' }) };
const statuses = ({ body }: Answer) => body.Operations.map(({ status }: { status: string }) => Number(status));

t.test('those within the limit are written, those beyond it are refused one by one, and all else goes on', async (t) => {
  const by = await client({ guardChanges: 3 });
  const ids = await people(7);
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = ''] = ids;
  const before = (await mails()).length;
  const answer = await by.bulk([removal(a), titled(f), deactivation(b), removal(c), deactivation(d), { method: 'POST', path: '/Users', bulkId: 'new', data: userBody() }, removal(e), titled(g)]);
  t.same(statuses(answer), [204, 200, 200, 204, 429, 201, 429, 200]);
  t.match(answer.body.Operations[4].response, { status: '429', detail: /may deactivate or delete 3 people/ });
  t.same(await Promise.all([d, e].map((id) => isActive(id))), [true, true]);
  t.match(await by.guard(), { changes: { used: 3 }, hold: { refusals: 2, about: { kind: 'changes', limit: 3 } } });
  t.equal((await mails()).length - before, 3);
});

const STOPS: readonly (readonly [name: string, failOnErrors: number, limit: number, operations: (ids: readonly string[]) => readonly Json[], statuses: readonly number[], used: number])[] = [
  ['the first refusal', 1, 1, ([a = '', b = '', c = '', d = '']) => [removal(a), removal(b), titled(c), removal(d)], [204, 429], 1],
  ['the second', 2, 1, ([a = '', b = '', c = '', d = '']) => [removal(a), removal(b), titled(c), removal(d), titled(c)], [204, 429, 200, 429], 1],
  ['a refusal behind another error', 2, 1, ([a = '', b = '', c = '']) => [removal(a), broken, removal(b), titled(c)], [204, 404, 429], 1],
  ['another error behind a refusal', 2, 1, ([a = '', b = '', c = '']) => [removal(a), removal(b), broken, titled(c)], [204, 429, 404], 1],
  ['nothing', 3, 1, ([a = '', b = '', c = '']) => [removal(a), removal(b), titled(c)], [204, 429, 200], 1],
];
for (const [name, failOnErrors, limit, operations, expected, used] of STOPS) {
  t.test(`failOnErrors ${failOnErrors}: ${name} ends the request, and what comes behind it is not done`, async (t) => {
    const by = await client({ guardChanges: limit });
    const ids = await people(4);
    const answer = await by.bulk(operations(ids), { failOnErrors });
    t.same(statuses(answer), expected);
    t.match(await by.guard(), { changes: { used } });
    const titles = await Promise.all(ids.slice(2).map(async (id) => (await world.as(world.grantor, 'GET', `/Users/${id}`)).body.title));
    t.equal(titles.filter((title) => title !== undefined).length, expected.filter((status) => status === 200).length, 'only what was told was written');
  });
}

t.test('a release of what is behind the stop is not used up', async (t) => {
  const by = await client({ guardChanges: 1 });
  await by.release({ changes: 1 });
  const [a = '', b = '', c = '', d = ''] = await people(4);
  t.same(statuses(await by.bulk([removal(a), broken, removal(b), removal(c)], { failOnErrors: 1 })), [204, 404]);
  t.match(await by.guard(), { changes: { used: 1 }, released: { changes: 1 } });
  t.same(statuses(await by.bulk([removal(b), removal(c), removal(d)])), [204, 429, 429]);
  t.match(await by.guard(), { changes: { used: 1 }, released: { changes: 0 } });
});

t.test('an operation that fails for another reason gives its place to those behind it', async (t) => {
  const by = await client({ guardChanges: 2 });
  const [a = '', b = ''] = await people(2);
  const conflicting = await people(1);
  const answer = await by.bulk([{ method: 'DELETE', path: `/Users/${conflicting[0] ?? ''}`, version: 'W/"77"' }, removal(a), { method: 'POST', path: '/Users', bulkId: 'x', data: userBody({ userName: 'taken' }) }, { method: 'POST', path: '/Users', bulkId: 'y', data: userBody({ userName: 'taken' }) }, removal(b)]);
  t.same(statuses(answer), [412, 204, 201, 409, 204]);
  t.match(await by.guard(), { changes: { used: 2 }, hold: undefined });
});

t.test('members and people in one request, each by its own limit', async (t) => {
  const by = await client({ guardChanges: 1, guardMembers: 2 });
  const [a = '', b = '', c = ''] = await people(3);
  const [one, two, three] = [await group(a, b, c), await group(a, b), await group(c)];
  const out = (id: string, ...members: readonly string[]): Json => ({ method: 'PATCH', path: `/Groups/${id}`, data: patchBody(...members.map((member) => ({ op: 'remove', path: `members[value eq "${member}"]` }))) });
  const answer = await by.bulk([out(one, a), removal(c), { method: 'DELETE', path: `/Groups/${two}` }, out(two, b), removal(b), out(three, c)]);
  t.same(statuses(answer), [200, 204, 429, 200, 429, 200]);
  t.match(await by.guard(), { changes: { used: 1 }, members: { used: 2 } });
});

t.test('a thousand refusals cost a few commands, not some for each', async (t) => {
  const by = await client({ guardChanges: 10 });
  const ids = await people(1000);
  await by.ask('GET', '/Users?count=0');
  await store.settled();
  commands.length = 0;
  const answer = await by.bulk(ids.map(removal));
  t.same([204, 429].map((status) => statuses(answer).filter((one: number) => one === status).length), [10, 990]);
  t.ok(commands.length < 60, `${commands.length} commands`);
  t.match(await by.guard(), { changes: { used: 10 }, hold: { refusals: 990, about: { asked: 990 } } });
});
