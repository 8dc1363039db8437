/** Requests at the same time: exactly one wins where only one can, and nothing that was answered with success is lost. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { groupBody, patchBody, startApp, unique, USER, userBody, type Answer } from '../helpers/app.ts';

const app = await startApp(t, import.meta.url);
const { call, store, tenants } = app;

const many = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const make = async (endpoint: string, body: Json): Promise<Answer['body']> => (await call('POST', endpoint, body)).body;
const statuses = (answers: readonly Answer[]) => answers.reduce<Record<string, number>>((count, { status }) => ({ ...count, [status]: (count[status] ?? 0) + 1 }), {});
const addMember = (group: string, member: string) => call('PATCH', `/Groups/${group}`, patchBody({ op: 'add', path: 'members', value: [{ value: member }] }));
const members = async (group: string): Promise<string[]> => ((await call('GET', `/Groups/${group}`)).body.members ?? []).map(({ value }: { value: string }) => value).sort();
const groupsOf = async (user: string): Promise<string[]> => ((await call('GET', `/Users/${user}`)).body.groups ?? []).map(({ value }: { value: string }) => value).sort();
const edgesTo = (member: string) => store.collections.members.find({ t: tenants.own, m: member }).toArray();

t.test('R-CREATE-5: of 20 parallel POSTs of one userName one makes it', async (t) => {
  const userName = unique('Race');
  const answers = await many(20, (index) => call('POST', '/Users', { schemas: [USER], userName: index % 2 === 0 ? userName : userName.toUpperCase(), title: `t${index}` }));
  t.same(statuses(answers), { 201: 1, 409: 19 });
  for (const { status, body } of answers) if (status === 409) t.match(body, { status: '409', scimType: 'uniqueness' });
  const found = await call('GET', `/Users?filter=userName%20eq%20%22${userName}%22`);
  t.equal(found.body.totalResults, 1);
  t.same(found.body.Resources[0], answers.find(({ status }) => status === 201)?.body, 'and it is the one that was answered');
});
t.test('R-PUT-9, R-PATCH-17: of 20 parallel renames to one userName one makes it', async (t) => {
  const users = await many(20, () => make('/Users', userBody()));
  const userName = unique('wanted');
  const answers = await many(20, (index) => index % 2 === 0
    ? call('PATCH', `/Users/${users[index].id}`, patchBody({ op: 'replace', path: 'userName', value: userName }))
    : call('PUT', `/Users/${users[index].id}`, { schemas: [USER], userName }));
  t.same(statuses(answers), { 200: 1, 409: 19 });
  t.equal((await call('GET', `/Users?filter=userName%20eq%20%22${userName}%22`)).body.totalResults, 1);
});
t.test('R-ETAG-8: of 50 parallel PATCHes with one tag one makes it', async (t) => {
  const user = await make('/Users', userBody());
  const answers = await many(50, (index) => call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: 'title', value: `t${index}` }), { headers: { 'if-match': user.meta.version } }));
  t.same(statuses(answers), { 200: 1, 412: 49 });
  const after = await call('GET', `/Users/${user.id}`);
  t.same(after.body, answers.find(({ status }) => status === 200)?.body);
  t.equal(after.body.meta.version, 'W/"2"', 'one change, one version');
});
t.test('R-ETAG-8: so it is for the members of a group, and for DELETE', async (t) => {
  const users = await many(20, () => make('/Users', userBody()));
  const group = await make('/Groups', groupBody());
  const withTag = { headers: { 'if-match': group.meta.version } };
  const answers = await many(20, (index) => call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'add', path: 'members', value: [{ value: users[index].id }] }), withTag));
  t.same(statuses(answers), { 200: 1, 412: 19 });
  t.equal((await members(group.id)).length, 1);
  const deletions = await many(20, () => call('DELETE', `/Users/${users[0].id}`, undefined, { headers: { 'if-match': users[0].meta.version } }));
  t.equal(deletions.filter(({ status }) => status === 204).length, 1, JSON.stringify(statuses(deletions)));
  t.equal(deletions.filter(({ status }) => status === 404 || status === 412).length, 19);
});
t.test('parallel PATCHes of different attributes without a tag are all kept', async (t) => {
  const user = await make('/Users', userBody());
  const names = ['title', 'nickName', 'displayName', 'userType', 'locale', 'timezone', 'preferredLanguage', 'name.givenName', 'name.familyName', 'name.middleName'];
  const answers = await many(names.length, (index) => call('PATCH', `/Users/${user.id}`, patchBody({ op: 'add', path: names[index] ?? '', value: `v${index}` })));
  t.same(statuses(answers), { 200: names.length });
  const { body } = await call('GET', `/Users/${user.id}`);
  t.match(body, { title: 'v0', nickName: 'v1', displayName: 'v2', userType: 'v3', locale: 'v4', timezone: 'v5', preferredLanguage: 'v6', name: { givenName: 'v7', familyName: 'v8', middleName: 'v9' } });
  t.equal(body.meta.version, `W/"${1 + names.length}"`, 'each is a version');
});
t.test('20 parallel adds of one member each are all kept', async (t) => {
  const group = await make('/Groups', groupBody());
  const users = await many(20, () => make('/Users', userBody()));
  t.same(statuses(await many(20, (index) => addMember(group.id, users[index].id))), { 200: 20 });
  t.same(await members(group.id), users.map(({ id }) => id).sort());
  for (const { id } of users) t.same(await groupsOf(id), [group.id]);
});
t.test('20 parallel adds of the same member make one edge', async (t) => {
  const group = await make('/Groups', groupBody());
  const user = await make('/Users', userBody());
  t.same(statuses(await many(20, () => addMember(group.id, user.id))), { 200: 20 });
  t.same(await members(group.id), [user.id]);
  t.equal((await edgesTo(user.id)).length, 1);
  const removed = await many(20, () => call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: `members[value eq "${user.id}"]` })));
  t.same(statuses(removed), { 200: 20 });
  const stored = await store.collections.resources(app.registry.type('Group')).findOne({ _id: group.id, t: tenants.own });
  t.equal(stored?.mc, 0, 'the number of members is right too');
});
t.test('20 parallel adds and 20 parallel renames lose nothing', async (t) => {
  const group = await make('/Groups', groupBody());
  const users = await many(20, () => make('/Users', userBody()));
  const answers = await many(40, (index) => index % 2 === 0
    ? addMember(group.id, users[index / 2].id)
    : call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'replace', path: 'displayName', value: `renamed ${index}` })));
  t.same(statuses(answers), { 200: 40 });
  t.same(await members(group.id), users.map(({ id }) => id).sort());
  t.match((await call('GET', `/Groups/${group.id}`)).body.displayName, /^renamed \d+$/);
});
t.test('adds and removals of different members at the same time', async (t) => {
  const [staying, leaving, coming] = [await many(10, () => make('/Users', userBody())), await many(10, () => make('/Users', userBody())), await many(10, () => make('/Users', userBody()))];
  const group = await make('/Groups', groupBody({ members: [...staying, ...leaving].map(({ id }) => ({ value: id })) }));
  const answers = await many(20, (index) => index % 2 === 0
    ? addMember(group.id, coming[index / 2].id)
    : call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: `members[value eq "${leaving[(index - 1) / 2].id}"]` })));
  t.same(statuses(answers), { 200: 20 });
  t.same(await members(group.id), [...staying, ...coming].map(({ id }) => id).sort());
});
t.test('R-GRP-5: a person deleted while 20 groups add them leaves no edge behind', async (t) => {
  const user = await make('/Users', userBody());
  const groups = await many(20, () => make('/Groups', groupBody()));
  const [deletion, ...adds] = await Promise.all([call('DELETE', `/Users/${user.id}`), ...groups.map(({ id }) => addMember(id, user.id))]);
  t.equal(deletion.status, 204, deletion.text);
  t.same(adds.filter(({ status }) => status !== 200 && status !== 400), [], 'an add is done before the deletion or refused after it');
  t.same(await edgesTo(user.id), []);
  for (const { id } of groups) t.same(await members(id), []);
});
t.test('R-GRP-5: a group deleted while 20 people are added to it leaves no edge that shows', async (t) => {
  const users = await many(20, () => make('/Users', userBody()));
  const group = await make('/Groups', groupBody());
  const [deletion, ...adds] = await Promise.all([call('DELETE', `/Groups/${group.id}`), ...users.map(({ id }) => addMember(group.id, id))]);
  t.equal(deletion.status, 204, deletion.text);
  t.same(adds.filter(({ status }) => status !== 200 && status !== 404).map(({ text }) => text), []);
  for (const { id } of users) t.same(await groupsOf(id), []);
  t.equal((await call('GET', `/Groups/${group.id}`)).status, 404);
});
t.test('a manager deleted while 20 people get them as manager leaves no reference behind', async (t) => {
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const boss = await make('/Users', userBody());
  const users = await many(20, () => make('/Users', userBody()));
  const [deletion, ...others] = await Promise.all([call('DELETE', `/Users/${boss.id}`), ...users.map(({ id }) => call('PATCH', `/Users/${id}`, patchBody({ op: 'add', path: `${urn}:manager`, value: { value: boss.id } })))]);
  t.equal(deletion.status, 204, deletion.text);
  t.same(others.filter(({ status }) => status !== 200 && status !== 400).map(({ text }) => text), []);
  t.equal((await call('GET', `/Users?filter=${encodeURIComponent(`${urn}:manager.value eq "${boss.id}"`)}`)).body.totalResults, 0);
  for (const { id } of users) t.equal((await call('GET', `/Users/${id}`)).body[urn], undefined);
});
t.test('R-GRP-4: two groups that add each other at the same time: each answer is true, and nothing hangs', async (t) => {
  const user = await make('/Users', userBody());
  for (const round of [1, 2, 3]) {
    const [one, other] = [await make('/Groups', groupBody({ members: [{ value: user.id }] })), await make('/Groups', groupBody())];
    const [first, second] = await Promise.all([addMember(one.id, other.id), addMember(other.id, one.id)]);
    t.same([first.status, second.status].filter((status) => status !== 200 && status !== 400), [], `${round}: ${first.text} ${second.text}`);
    t.same([(await members(one.id)).includes(other.id), (await members(other.id)).includes(one.id)], [first.status === 200, second.status === 200]);
    const mine = await groupsOf(user.id);
    t.ok(mine.includes(one.id));
    t.equal(mine.includes(other.id), second.status === 200, 'whoever is in a member group is in the group');
    t.equal((await call('GET', `/Groups?filter=members.value%20eq%20%22${user.id}%22`)).status, 200);
  }
});
t.test('R-DEL-2: of 20 parallel DELETEs one makes it', async (t) => {
  const user = await make('/Users', userBody());
  t.same(statuses(await many(20, () => call('DELETE', `/Users/${user.id}`))), { 204: 1, 404: 19 });
});
t.test('R-PATCH-7: a reader never sees half of a PATCH', async (t) => {
  const user = await make('/Users', userBody({ title: '0', nickName: '0' }));
  const writes = many(20, (index) => call('PATCH', `/Users/${user.id}`, patchBody({ op: 'replace', path: 'title', value: `${index}` }, { op: 'replace', path: 'nickName', value: `${index}` })));
  const reads = await many(40, () => call('GET', `/Users/${user.id}`));
  await writes;
  for (const { body } of reads) t.equal(body.title, body.nickName);
});
