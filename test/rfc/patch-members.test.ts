/** PATCH of the members of a group: RFC 7644 section 3.5.2 on edges, requirements R-PATCH. Strict client. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { groupBody, patchBody, startApp, userBody } from '../helpers/app.ts';
import { keeps, later, made, refused } from './expectations.ts';

const app = await startApp(t, import.meta.url);
const { call, store, tenants } = app;

type Op = Readonly<Record<string, Json>>;
const add = (value: Json): Op => ({ op: 'add', path: 'members', value });
const replace = (value: Json): Op => ({ op: 'replace', path: 'members', value });
const remove = (path = 'members'): Op => ({ op: 'remove', path });

const [a, b, c, d] = await Promise.all(['A', 'B', 'C', 'D'].map((displayName) => made(app, '/Users', userBody({ displayName }))));
const inner = await made(app, '/Groups', groupBody());
const ids: Record<string, string> = { a: a.id, b: b.id, c: c.id, d: d.id, inner: inner.id };
const of = (...names: string[]): Json => names.map((name) => ({ value: ids[name] ?? name }));
const nameOf = new Map(Object.entries(ids).map(([name, id]) => [id, name]));

const groupWith = (...names: string[]) => made(app, '/Groups', groupBody({ members: of(...names) }));
const namesIn = (body: { members?: { value: string }[] }) => (body.members ?? []).map(({ value }) => nameOf.get(value)).sort();

/** A keyword: 400 and nothing changed; a list: the members afterwards. */
type Row = readonly [name: string, operations: Op | readonly Op[], outcome: string | readonly string[], seed?: readonly string[]];

function table(rows: readonly Row[]): void {
  for (const [name, operations, outcome, seed = ['a', 'b', 'c']] of rows) {
    t.test(name, async (t) => {
      const group = await groupWith(...seed);
      const path = `/Groups/${group.id}`;
      const patch = () => call('PATCH', path, patchBody(...(Array.isArray(operations) ? (operations as Op[]) : [operations as Op])));
      if (typeof outcome === 'string') {
        await keeps(t, app, path, async () => refused(t, await patch(), 400, outcome));
        return;
      }
      later(app);
      const answer = await patch();
      t.equal(answer.status, 200, answer.text);
      const after = await call('GET', path);
      t.same(namesIn(after.body), [...outcome].sort());
      t.same(after.body, answer.body);
      t.equal(await store.collections.members.countDocuments({ t: tenants.own, g: (await store.collections.resources(app.registry.type('Group')).findOne({ _id: group.id, t: tenants.own }))?.gk ?? '' }), outcome.length, 'one edge each');
      const moved = [...outcome].sort().join() !== [...seed].sort().join();
      t.equal(after.body.meta.version !== group.meta.version, moved, 'the version moves with a change only');
      t.equal(after.body.meta.lastModified, moved ? app.clock.now.toISOString() : group.meta.lastModified);
      t.equal(after.body.displayName, group.displayName);
      for (const [user, id] of Object.entries(ids)) {
        if (user === 'inner') continue;
        const groups: { value: string; type: string }[] = (await call('GET', `/Users/${id}`)).body.groups ?? [];
        t.equal(groups.some(({ value }) => value === group.id), outcome.includes(user), `both sides agree on ${user}`);
      }
    });
  }
}

table([
  ['R-PATCH-20: add appends', add(of('a', 'b')), ['a', 'b', 'c'], ['c']],
  ['R-PATCH-26: add to an empty group', add(of('a')), ['a'], []],
  ['R-PATCH-20: one member need not be in a list', add({ value: ids['d'] ?? '' }), ['a', 'b', 'c', 'd']],
  ['R-PATCH-22, R-PATCH-23: add of who is in', add(of('a')), ['a', 'b', 'c']],
  ['R-PATCH-22: add of the same member twice', add(of('d', 'd')), ['a', 'b', 'c', 'd']],
  ['R-PATCH-22: in two operations', [add(of('d')), add(of('d'))], ['a', 'b', 'c', 'd']],
  ['R-PATCH-23: add of nobody', add([]), ['a', 'b', 'c']],
  ['R-PATCH-24: add without path', { op: 'add', value: { members: of('d') } }, ['a', 'b', 'c', 'd']],
  ['R-PATCH-20: a group in a group', add(of('inner')), ['a', 'b', 'c', 'inner']],
  ['R-PATCH-29: replace', replace(of('d')), ['d']],
  ['R-PATCH-29: replace by an overlapping list', replace(of('b', 'd')), ['b', 'd']],
  ['R-PATCH-23: replace by who is in', replace(of('c', 'b', 'a')), ['a', 'b', 'c']],
  ['R-PATCH-27: replace without path', { op: 'replace', value: { members: of('d') } }, ['d']],
  ['R-PATCH-34: replace by []', replace([]), []],
  ['R-PATCH-34: replace by null', replace(null), []],
  ['R-PATCH-37: remove of members', remove(), []],
  ['R-PATCH-40: remove of members of an empty group', remove(), [], []],
  ['R-PATCH-38: remove by value', remove(`members[value eq "${ids['a']}"]`), ['b', 'c']],
  ['R-PATCH-38: remove by several values', remove(`members[value eq "${ids['a']}" or value eq "${ids['b']}"]`), ['c']],
  ['R-PATCH-38: the last one', remove(`members[value eq "${ids['a']}"]`), [], ['a']],
  ['R-PATCH-40, D-20: remove of who is not in', remove(`members[value eq "${ids['d']}"]`), ['a', 'b', 'c']],
  ['R-PATCH-40: remove of nobody', remove('members[value eq "not-a-member"]'), ['a', 'b', 'c']],
  ['R-PATCH-42: remove by $ref', remove(`members[$ref eq "${a.meta.location}"]`), ['b', 'c']],
  ['R-PATCH-42: remove by type', remove('members[type eq "user"]'), ['inner'], ['a', 'inner']],
  ['R-PATCH-42: remove by type that none has', remove('members[type eq "Device"]'), ['a', 'inner'], ['a', 'inner']],
  ['R-PATCH-42: remove by and and not', remove(`members[type eq "User" and not (value eq "${ids['a']}")]`), ['a', 'inner'], ['a', 'b', 'inner']],
  ['R-PATCH-42: remove by display', remove('members[display eq "b"]'), ['a', 'c']],
  ['R-PATCH-42: remove by display with not', remove('members[not (display eq "b")]'), ['b']],
  ['R-PATCH-42: remove by $ref with not', remove(`members[not ($ref eq "${a.meta.location}")]`), ['a']],
  ['R-PATCH-42: remove by $ref and type', remove(`members[type eq "User" and $ref eq "${a.meta.location}"]`), ['b', 'c']],
  ['R-PATCH-42: remove by $ref of a group where a user is meant', remove(`members[$ref eq "${String(a.meta.location).replace('/Users/', '/Groups/')}"]`), ['a', 'b', 'c']],
  ['R-PATCH-42: remove by presence', remove('members[value pr]'), []],
  ['R-PATCH-5: add, then remove', [add(of('d')), remove(`members[value eq "${ids['d']}"]`)], ['a', 'b', 'c']],
  ['R-PATCH-5: remove, then add', [remove(`members[value eq "${ids['a']}"]`), add(of('a'))], ['a', 'b', 'c']],
  ['R-PATCH-5: empty, then add', [remove(), add(of('d'))], ['d']],
  ['R-PATCH-5: replace, add, remove', [replace(of('a')), add(of('d')), remove(`members[value eq "${ids['a']}"]`)], ['d']],
  ['R-PATCH-5: remove by type, then add', [remove('members[type eq "User"]'), add(of('d'))], ['d', 'inner'], ['a', 'inner']],
  ['R-PATCH-5: add, then remove by type', [add(of('d')), remove('members[type eq "User"]')], ['inner'], ['inner']],
  ['R-PATCH-12: with the URN', { ...add(of('d')), path: 'urn:ietf:params:scim:schemas:core:2.0:Group:members' }, ['a', 'b', 'c', 'd']],
  ['R-PATCH-11: in another case', { op: 'add', path: 'MEMBERS', value: [{ VALUE: ids['d'] ?? '' }] }, ['a', 'b', 'c', 'd']],

  ['R-PATCH-14, R-GRP-2: a member\'s value cannot be edited', { op: 'replace', path: `members[value eq "${ids['a']}"].value`, value: ids['d'] ?? '' }, 'mutability'],
  ['R-PATCH-14: nor its $ref', { op: 'replace', path: `members[value eq "${ids['a']}"].$ref`, value: 'x' }, 'mutability'],
  ['R-PATCH-14: nor its type', { op: 'replace', path: `members[value eq "${ids['a']}"].type`, value: 'Group' }, 'mutability'],
  ['R-PATCH-14: nor its display', { op: 'replace', path: `members[value eq "${ids['a']}"].display`, value: 'x' }, 'mutability'],
  ['R-PATCH-14: nor is it removed in part', remove(`members[value eq "${ids['a']}"].value`), 'mutability'],
  ['R-PATCH-14: nor of all members', { op: 'replace', path: 'members.value', value: 'x' }, 'mutability'],
  ['R-PATCH-14: nor all parts of all members', remove('members.value'), 'mutability'],
  ['R-PATCH-41: remove with a value never empties the group', { op: 'remove', path: 'members', value: of('a') }, 'invalidValue'],
  ['R-PATCH-41: nor with an empty one', { op: 'remove', path: 'members', value: [] }, 'invalidValue'],
  ['R-PATCH-16, D-5: a member that is nobody', add(of('d', 'nobody')), 'invalidValue'],
  ['R-PATCH-16: a member without a value', add([{ display: 'A' }]), 'invalidValue'],
  ['R-PATCH-16: a member as text', add([ids['d'] ?? '']), 'invalidValue'],
  ['R-PATCH-16: members as text', add(ids['d'] ?? ''), 'invalidValue'],
  ['R-PATCH-16: a member with an empty value', add([{ value: '' }]), 'invalidValue'],
  ['R-PATCH-16: a value that is no text', add([{ value: 5 }]), 'invalidValue'],
  ['R-PATCH-7: nothing of a PATCH that fails at its end', [add(of('d')), { op: 'replace', path: 'displayName', value: 'x' }, { op: 'replace', path: 'id', value: 'x' }], 'mutability'],
  ['R-PATCH-7: nor of one that fails at a member', [{ op: 'replace', path: 'displayName', value: 'x' }, remove(`members[value eq "${ids['a']}"]`), add(of('nobody'))], 'invalidValue'],
  ['R-PATCH-15: the displayName of a group is required', [add(of('d')), remove('displayName')], 'mutability'],
  ['R-PATCH-4: an index', remove('members[0]'), 'invalidPath'],
  ['R-PATCH-4: a filter on what a member has not', remove('members[nope eq "x"]'), 'invalidFilter'],
]);
t.test('R-PATCH-14: what a client says of a member beside its id is not stored', async (t) => {
  const group = await groupWith();
  const answer = await call('PATCH', `/Groups/${group.id}`, patchBody(add([{ value: a.id, display: 'Somebody', type: 'Group', $ref: 'https://evil.example/x' }])));
  t.same(answer.body.members, [{ value: a.id, $ref: a.meta.location, display: 'A', type: 'User' }]);
});
t.test('R-PATCH-9: members are not sent where they are not wanted', async (t) => {
  const group = await groupWith('a', 'b');
  const patch = (query: string) => call('PATCH', `/Groups/${group.id}${query}`, patchBody(add(of('c'))));
  t.equal((await patch('?excludedAttributes=members')).body.members, undefined);
  t.same((await patch('?attributes=members.value')).body.members.length, 3);
});
t.test('R-PATCH-16: another tenant\'s person is nobody', async (t) => {
  const stranger = await call('POST', '/Users', userBody(), { token: app.tokens.other });
  const group = await groupWith('a');
  await keeps(t, app, `/Groups/${group.id}`, async () => {
    const [foreign, unknown] = [await call('PATCH', `/Groups/${group.id}`, patchBody(add(of(stranger.body.id)))), await call('PATCH', `/Groups/${group.id}`, patchBody(add(of('0190a000-0000-7000-8000-000000000000'))))];
    refused(t, foreign, 400, 'invalidValue');
    t.same(foreign.body.detail.replace(stranger.body.id, '*'), unknown.body.detail.replace('0190a000-0000-7000-8000-000000000000', '*'));
  });
  t.equal((await call('GET', `/Users/${stranger.body.id}`, undefined, { token: app.tokens.other })).body.groups, undefined);
});
t.test('R-PATCH-20: more than 1,000 values in one operation are refused, and groups above 1,000 members answer 204', async (t) => {
  const crowd: string[] = [];
  while (crowd.length < 1001) crowd.push(...(await Promise.all(Array.from({ length: 77 }, async () => (await made(app, '/Users', userBody())).id as string))));
  const group = await groupWith();
  await keeps(t, app, `/Groups/${group.id}`, async () => refused(t, await call('PATCH', `/Groups/${group.id}`, patchBody(add(of(...crowd)))), 400, 'invalidValue'));
  t.equal((await call('PATCH', `/Groups/${group.id}`, patchBody(add(of(...crowd.slice(0, 1000)))))).status, 200);
  const large = await call('PATCH', `/Groups/${group.id}`, patchBody(add(of(crowd.at(-1) ?? ''))));
  t.same([large.status, large.text], [204, '']);
  const shown = await call('GET', `/Groups/${group.id}`);
  t.equal(shown.body.members.length, 1001);
  t.equal(large.headers['etag'], shown.body.meta.version);
  t.equal((await call('PATCH', `/Groups/${group.id}?attributes=displayName`, patchBody(add(of('a'))))).status, 200);
  t.equal((await call('PATCH', `/Groups/${group.id}?excludedAttributes=members`, patchBody(add(of('b'))))).status, 200);
  t.equal((await call('PATCH', `/Groups/${group.id}`, patchBody(remove()))).status, 200);
  t.equal((await call('GET', `/Groups/${group.id}`)).body.members, undefined);
});
