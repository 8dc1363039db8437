/** What is for administrators alone, and people of populations that a client has not, are answered as what never was (J6, A14). */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { ENTERPRISE, groupBody, patchBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { idsOf, query } from '../rfc/queries.ts';
import { addMembers, asBulk, hide, leaves, members, ownTenant, removeMember, resourcesIn, RIGHTS, type OwnTenant } from './support.ts';

const app = await startApp(t, import.meta.url);
const { call, makeClient, store, registry } = app;
const UNKNOWN = '00000000-0000-7000-8000-000000000000';

/** A hidden person among the members of a visible group, manager of a visible person, member of a hidden group. */
interface Fixture extends OwnTenant {
  readonly person: string;
  readonly userName: string;
  readonly hiddenGroup: string;
  readonly group: string;
  readonly onlyHidden: string;
  readonly seen: string;
  readonly report: string;
}

async function fixture(hideAs = 'console'): Promise<Fixture> {
  const tenant = await ownTenant(app);
  const userName = unique('zzz-hidden');
  const person = await tenant.make('/Users', userBody({ userName, displayName: `${userName} Name`, externalId: userName, emails: [{ value: `${userName}@example.com` }], title: 'aaa' }));
  const seen = await tenant.make('/Users', userBody({ displayName: 'Seen' }));
  const report = await tenant.make('/Users', userBody({ [ENTERPRISE]: { manager: { value: person } } }));
  const group = await tenant.make('/Groups', groupBody({ members: members(person, seen) }));
  const onlyHidden = await tenant.make('/Groups', groupBody({ members: members(person) }));
  const hiddenGroup = await tenant.make('/Groups', groupBody({ members: members(person, seen) }));
  await store.collections.resources(registry.type('User')).updateOne({ _id: person, t: tenant.id }, { $set: { p: hideAs } });
  await hide(app, tenant.id, 'Group', hiddenGroup);
  return { ...tenant, person, userName, group, onlyHidden, hiddenGroup, seen, report };
}

const all: Answer[] = [];
const hidden = await fixture();
const plainCall = async (method: string, path: string, body?: Json) => {
  const answer = await call(method, path, body, { token: hidden.plain });
  all.push(answer);
  return answer;
};
const total = async (path: string, filter?: string): Promise<number> => Number((await plainCall('GET', `${path}${query({ filter })}`)).body.totalResults);

t.test('who may grant rights sees all of it', async (t) => {
  for (const path of [`/Users/${hidden.person}`, `/Groups/${hidden.hiddenGroup}`, `/Groups/${hidden.administrators}`]) t.equal((await call('GET', path, undefined, { token: hidden.grantor })).status, 200);
  t.equal((await call('GET', '/Groups', undefined, { token: hidden.grantor })).body.totalResults, 4);
  t.same(idsOf((await call('GET', `/Users${query({ filter: `userName eq "${hidden.userName}"` })}`, undefined, { token: hidden.grantor })).body), [hidden.person]);
});

for (const [kind, endpoint, id, body] of [
  ['a person', '/Users', hidden.person, userBody()], ['a group', '/Groups', hidden.hiddenGroup, groupBody()], ['the built-in group', '/Groups', hidden.administrators, groupBody()],
] as const) {
  t.test(`${kind} that is hidden is answered as an id that never was, by every method`, async (t) => {
    await leaves(t, app, hidden.id, kind, async () => {
      const requests: readonly (readonly [string, string, Json?])[] = [
        ['GET', ''], ['GET', `?filter=${encodeURIComponent('id pr')}`], ['PUT', '', body], ['DELETE', ''],
        ['PATCH', '', patchBody({ op: 'replace', path: 'displayName', value: 'x' })], ['PATCH', '', patchBody({ op: 'nonsense' })], ['PUT', '', {}],
      ];
      for (const [method, suffix, sent] of requests) {
        const [mine, unknown] = [await plainCall(method, `${endpoint}/${id}${suffix}`, sent), await plainCall(method, `${endpoint}/${UNKNOWN}${suffix}`, sent)];
        refused(t, mine, 404);
        t.equal(mine.text, unknown.text, `${method} ${suffix}`);
        if (method === 'GET') continue;
        const bulk = async (target: string) => (await plainCall('POST', '/Bulk', asBulk(method, `${endpoint}/${target}`, sent))).text.replaceAll(target, 'id');
        t.equal(await bulk(id), await bulk(UNKNOWN), `${method} in Bulk`);
      }
    });
  });
}

t.test('lists, counts, filters and orders do not show them', async (t) => {
  const { person, userName, hiddenGroup, administrators } = hidden;
  t.equal(await total('/Users'), 2);
  t.equal(await total('/Groups'), 2);
  t.equal(await total('/'), 4);
  for (const filter of [
    `id eq "${person}"`, `userName eq "${userName}"`, `userName sw "zzz"`, `userName co "hidden"`, `externalId eq "${userName}"`, `emails.value eq "${userName}@example.com"`, `displayName eq "${userName} Name"`,
    'title pr', `not (title eq "b") and title pr`, `groups.value eq "${hiddenGroup}"`, `groups.value eq "${administrators}"`, `id eq "${person}" or id eq "${hiddenGroup}"`,
  ]) t.equal(await total('/Users', filter), 0, filter);
  for (const filter of [`id eq "${administrators}"`, 'displayName eq "Administrators"', `members.value eq "${person}"`, `members[value eq "${person}"]`, `id eq "${hiddenGroup}"`]) t.equal(await total('/Groups', filter), 0, filter);
  for (const filter of [`userName eq "${userName}"`, `id eq "${administrators}"`]) {
    t.equal((await plainCall('POST', '/.search', { schemas: [MESSAGE.searchRequest], filter })).body.totalResults, 0);
  }
  t.equal(await total('/Groups', 'members pr'), 1, 'a group that has none but hidden members has none');
  for (const sortBy of ['userName', 'title', 'id', 'meta.created', 'displayName']) for (const sortOrder of ['ascending', 'descending']) {
    for (const path of ['/Users', '/']) t.notOk(idsOf((await plainCall('GET', `${path}${query({ sortBy, sortOrder })}`)).body).includes(person), `${path} by ${sortBy} ${sortOrder}`);
  }
});

t.test('a walk by cursor passes them by', async (t) => {
  for (const path of ['/Users', '/Groups', '/']) {
    const walked: string[] = [];
    let cursor: string | undefined = '';
    while (cursor !== undefined) {
      const page: Answer = await plainCall('GET', `${path}${query({ count: 1, cursor })}`);
      walked.push(...idsOf(page.body));
      cursor = page.body.nextCursor;
    }
    t.same(walked.toSorted(), idsOf((await plainCall('GET', path)).body).toSorted(), path);
  }
});

t.test('members, groups and references do not tell of them', async (t) => {
  const { group, onlyHidden, seen, report, person } = hidden;
  t.same((await plainCall('GET', `/Groups/${group}`)).body.members.map(({ value }: { value: string }) => value), [seen]);
  t.equal((await plainCall('GET', `/Groups/${onlyHidden}`)).body.members, undefined);
  t.same((await plainCall('GET', `/Users/${seen}`)).body.groups.map(({ value }: { value: string }) => value), [group]);
  t.equal((await plainCall('GET', `/Users/${report}`)).body[ENTERPRISE]?.manager, undefined, 'the manager');
  t.equal(await total('/Users', `${ENTERPRISE}:manager.value eq "${person}"`), 0);
});

t.test('nobody can refer to them: a member or a manager that is hidden is one that never was', async (t) => {
  const { group, seen, person, hiddenGroup, administrators } = hidden;
  await leaves(t, app, hidden.id, 'references', async () => {
    for (const id of [person, hiddenGroup, administrators]) {
      const requests: readonly ((target: string) => readonly [string, string, Json])[] = [
        (target) => ['PATCH', `/Groups/${group}`, addMembers(target)], (target) => ['POST', '/Groups', groupBody({ displayName: 'refers', members: members(target) })],
        (target) => ['PATCH', `/Users/${seen}`, patchBody({ op: 'replace', path: `${ENTERPRISE}:manager`, value: { value: target } })],
        (target) => ['POST', '/Users', userBody({ userName: 'refers', [ENTERPRISE]: { manager: { value: target } } })],
      ];
      for (const request of requests) {
        // Who is a member already stays one.
        if (id === person && request === requests[0]) continue;
        const [mine, unknown] = [await plainCall(...request(id)), await plainCall(...request(UNKNOWN))];
        refused(t, mine, 400, 'invalidValue');
        t.equal(mine.text.replaceAll(id, 'id'), unknown.text.replaceAll(UNKNOWN, 'id'));
      }
    }
  });
});

t.test('a group keeps its hidden members whatever a client sends', async (t) => {
  const f = await fixture();
  const rows: readonly (readonly [string, readonly [string, string, Json]])[] = [
    ['PUT with those it sees', ['PUT', `/Groups/${f.group}`, groupBody({ members: members(f.seen) })]],
    ['PUT without members', ['PUT', `/Groups/${f.group}`, groupBody()]],
    ['replace', ['PATCH', `/Groups/${f.group}`, patchBody({ op: 'replace', path: 'members', value: members(f.seen) })]],
    ['remove by its id', ['PATCH', `/Groups/${f.group}`, removeMember(f.person)]],
    ['remove by kind', ['PATCH', `/Groups/${f.group}`, patchBody({ op: 'remove', path: 'members[type eq "User"]' })]],
    ['remove all', ['PATCH', `/Groups/${f.group}`, patchBody({ op: 'remove', path: 'members' })]],
  ];
  for (const [what, [method, path, body]] of rows) {
    t.ok((await call(method, path, body, { token: f.plain })).status < 300, what);
    const { body: shown } = await call('GET', path, undefined, { token: f.grantor });
    t.ok(shown.members.some(({ value }: { value: string }) => value === f.person), `${what} keeps the hidden member`);
    const stored = await store.collections.resources(registry.type('Group')).findOne({ _id: f.group, t: f.id });
    t.equal(stored?.mc, shown.members.length, `${what}: the number of members is right`);
  }
});

t.test('the same list of members of a group with rights is no change, also where a hidden one is among them', async (t) => {
  const f = await fixture();
  const rights = await f.make('/Groups', { ...Object(groupBody({ members: members(f.person, f.seen) })), [RIGHTS]: { rights: ['audit.read'] } });
  await leaves(t, app, f.id, 'the same list', async () => {
    t.equal((await call('PATCH', `/Groups/${rights}`, patchBody({ op: 'replace', path: 'members', value: members(f.seen) }), { token: f.plain })).status, 200);
    t.equal((await call('PATCH', `/Groups/${rights}`, removeMember(f.person), { token: f.plain })).status, 200);
    refused(t, await call('PATCH', `/Groups/${rights}`, patchBody({ op: 'replace', path: 'members', value: [] }), { token: f.plain }), 403);
  });
});

t.test('a value that somebody hidden has is a conflict that says so and names nobody', async (t) => {
  const { person, userName } = hidden;
  const group = unique('hidden-group');
  await hide(app, hidden.id, 'Group', await hidden.make('/Groups', groupBody({ displayName: group })));
  await leaves(t, app, hidden.id, 'conflict', async () => {
    const rows: readonly (readonly [string, string, Json])[] = [
      ['POST', '/Users', userBody({ userName: userName.toUpperCase() })], ['PUT', `/Users/${hidden.seen}`, userBody({ userName })],
      ['PATCH', `/Users/${hidden.seen}`, patchBody({ op: 'replace', path: 'userName', value: userName })], ['POST', '/Groups', groupBody({ displayName: group })],
    ];
    for (const [method, path, body] of rows) {
      const answer = await call(method, path, body, { token: hidden.plain });
      refused(t, answer, 409, 'uniqueness');
      t.match(answer.body.detail, /somebody whom this client cannot see/);
      t.notMatch(answer.text, person);
      t.notMatch((await call(method, path, body, { token: hidden.grantor })).body.detail, /cannot see/, 'who sees them is told as ever');
    }
  });
});

t.test('populations decide which people a client sees', async (t) => {
  for (const population of ['external', 'portal', 'contact']) {
    const f = await fixture(population);
    const sees = async (populations: readonly string[]) => {
      const { token } = await makeClient(f.id, { scopes: ['*'], settings: { populations } });
      const byId = (await call('GET', `/Users/${f.person}`, undefined, { token })).status === 200;
      t.same([idsOf((await call('GET', '/Users', undefined, { token })).body).includes(f.person), (await call('GET', `/Groups/${f.group}`, undefined, { token })).text.includes(f.person)], [byId, byId]);
      return byId;
    };
    t.equal(await sees(['employee']), false, population);
    t.equal(await sees([population]), true, population);
    t.equal(await sees([]), false);
    const { token } = await makeClient(f.id, { scopes: ['*'], settings: { populations: undefined } });
    t.equal((await call('GET', `/Users/${f.person}`, undefined, { token })).status, 404, 'employees, where nothing is said');
  }
});

t.test('what a client makes it sees, or it is not made', async (t) => {
  const f = await fixture();
  const { token } = await makeClient(f.id, { scopes: ['*'], settings: { populations: ['external'] } });
  const before = await resourcesIn(app, f.id);
  const answer = await call('POST', '/Users', userBody(), { token });
  if (answer.status === 201) t.equal((await call('GET', `/Users/${answer.body.id}`, undefined, { token })).status, 200);
  else t.equal(await resourcesIn(app, f.id), before, `answered ${answer.status}, so nothing was stored`);
});

t.test('no answer to who may not see them has held anything of them', async (t) => {
  // What was asked by id or name stands in no answer either, but for the echo of an id in a path or error.
  t.notOk(all.some(({ text }) => text.includes(`${hidden.userName} Name`) || text.includes(`${hidden.userName}@example.com`)));
});
