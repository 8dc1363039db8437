/** PUT: RFC 7644 section 3.5.1, requirements R-PUT. Strict client. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, GROUP, groupBody, startApp, unique, USER, userBody } from '../helpers/app.ts';
import { changed, keeps, later, made, refused, withoutMeta } from './expectations.ts';

const app = await startApp(t, import.meta.url);
const { call, store, tenants } = app;

const FULL = {
  displayName: 'Jan', title: 'x', nickName: 'J', name: { givenName: 'Jan', familyName: 'Dijk' }, externalId: 'E-1', locale: 'nl-NL',
  emails: [{ value: 'w@x.test', type: 'work', primary: true }, { value: 'h@x.test', type: 'home' }, { value: 'o@x.test', type: 'other' }],
  schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'd', employeeNumber: '1' },
};
const person = (attributes: Record<string, Json> = {}) => made(app, '/Users', userBody(attributes));
const body = (userName: string, attributes: Record<string, Json> = {}): Json => ({ schemas: [USER], userName, ...attributes });

t.test('R-PUT-1, R-PUT-3: a representation sent back is answered whole, with its ETag and location', async (t) => {
  const user = await person(FULL);
  const answer = await call('PUT', `/Users/${user.id}`, user);
  t.equal(answer.status, 200, answer.text);
  t.same(answer.body, user);
  t.same(answer.body, (await call('GET', `/Users/${user.id}`)).body);
  t.equal(answer.headers['etag'], user.meta.version);
  t.equal(answer.headers['location'], user.meta.location);
});
t.test('R-PUT-2: it never creates', async (t) => {
  for (const id of ['nobody', '0190a000-0000-7000-8000-000000000000', 'Me']) {
    const userName = unique('ghost');
    refused(t, await call('PUT', `/Users/${id}`, body(userName, { id })), 404);
    t.equal((await call('GET', `/Users?filter=userName%20eq%20%22${userName}%22`)).body.totalResults, 0);
  }
});
t.test('R-PUT-3: the answer can be projected', async (t) => {
  const user = await person(FULL);
  const answer = await call('PUT', `/Users/${user.id}?attributes=title`, body(user.userName, { title: 'z' }));
  t.same(answer.body, { schemas: [USER], id: user.id, title: 'z' });
  t.equal((await call('GET', `/Users/${user.id}`)).body.userName, user.userName);
});

/** What is sent besides the userName, and what the resource then holds besides what the server gives it. */
const REPLACEMENTS: readonly (readonly [string, Record<string, Json>, Record<string, Json>])[] = [
  ['R-PUT-4: values replace the old ones', { title: 'y', displayName: 'Piet' }, { title: 'y', displayName: 'Piet' }],
  ['R-PUT-4: a list is replaced as a whole', { emails: [{ value: 'new@x.test' }] }, { emails: [{ value: 'new@x.test' }] }],
  ['R-PUT-4: a complex attribute is replaced as a whole', { name: { givenName: 'Piet' } }, { name: { givenName: 'Piet' } }],
  ['R-PUT-6, D-14: what is left out is cleared', {}, {}],
  ['R-PUT-6: null, [] and {} clear', { title: null, emails: [], name: {}, [ENTERPRISE]: null }, {}],
  ['R-PUT-6: a sub-attribute that is null is cleared', { name: { givenName: null, familyName: 'Dijk' } }, { name: { familyName: 'Dijk' } }],
  ['R-PUT-10: another set of extension attributes', { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { costCenter: 'c' } }, { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { costCenter: 'c' } }],
  ['R-PUT-10: the extension dropped from the body and from schemas is gone with its URN', { title: 'x' }, { title: 'x' }],
  ['R-PUT-10: an extension left empty loses its URN', { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: null } }, {}],
  ['R-PUT-5: readOnly input is ignored', { id: 'other', groups: [{ value: 'g' }], meta: { resourceType: 'Group', created: '1999-01-01T00:00:00Z', location: 'https://evil.example', version: 'W/"99"' } }, {}],
];
for (const [name, sent, expected] of REPLACEMENTS) {
  t.test(name, async (t) => {
    const user = await person(FULL);
    later(app);
    const answer = await call('PUT', `/Users/${user.id}`, body(user.userName, sent));
    t.equal(answer.status, 200, answer.text);
    t.same(withoutMeta(answer.body), { schemas: [USER], id: user.id, userName: user.userName, active: true, ...expected });
    t.same(answer.body, (await call('GET', `/Users/${user.id}`)).body);
    const { created, lastModified, version, location, resourceType } = answer.body.meta;
    t.same({ created, location, resourceType }, { created: user.meta.created, location: user.meta.location, resourceType: 'User' }, 'these never change');
    t.ok(lastModified > user.meta.lastModified, 'lastModified moves');
    t.not(version, user.meta.version, 'so does the version');
  });
}
t.test('R-PUT-5: the id of the URL is the only one', async (t) => {
  const [user, victim] = [await person(), await person(FULL)];
  await keeps(t, app, `/Users/${victim.id}`, async () => {
    t.equal((await call('PUT', `/Users/${user.id}`, body(user.userName, { id: victim.id, title: 'boss' }))).body.id, user.id);
  });
});
t.test('R-PUT-6: an omitted password stays, and so does active', async (t) => {
  const user = await person({ password: 'a-good-Password-1', active: false });
  const credential = () => store.collections.credentials.findOne({ t: tenants.own, _id: user.id });
  const before = await credential();
  t.match(before?.hash, /^\$argon2id\$/);
  const answer = await call('PUT', `/Users/${user.id}`, body(user.userName, { title: 'y' }));
  t.equal(answer.body.active, false, 'a leaver does not come back because somebody left active out');
  t.same(await credential(), before);
  const again = await call('PUT', `/Users/${user.id}`, body(user.userName, { password: 'another-Password-2' }));
  t.not((await credential())?.hash, before?.hash);
  t.notMatch(again.text, /password|argon2/i);
});
t.test('R-PUT-7: the immutable parts of a member come with its id; other ones are not stored', async (t) => {
  const user = await person({ displayName: 'Ann' });
  const group = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  await keeps(t, app, `/Groups/${group.id}`, async () => {
    t.equal((await call('PUT', `/Groups/${group.id}`, group)).status, 200);
  });
  const claimed = await call('PUT', `/Groups/${group.id}`, { schemas: [GROUP], displayName: group.displayName, members: [{ value: user.id, display: 'Somebody else', $ref: 'https://evil.example/Users/1' }] });
  t.same(claimed.body.members, group.members);
});

const REFUSALS: readonly (readonly [string, Json, string])[] = [
  ['R-PUT-8: no userName', { schemas: [USER], title: 'y' }, 'invalidValue'],
  ['R-PUT-8: userName is null', { schemas: [USER], userName: null }, 'invalidValue'],
  ['R-PUT-8: userName is empty', { schemas: [USER], userName: '' }, 'invalidValue'],
  ['R-PUT-8: a value of another type', body('u', { active: 'no' }), 'invalidValue'],
  ['R-PUT-4: an object for a list', body('u', { emails: { value: 'a@x.test' } }), 'invalidValue'],
  ['R-PUT-4: two primaries', body('u', { emails: [{ value: 'a', primary: true }, { value: 'b', primary: true }] }), 'invalidValue'],
  ['R-PUT-1: no schemas', { userName: 'u' }, 'invalidSyntax'],
  ['R-PUT-1: a foreign schema', { schemas: [USER, 'urn:foreign'], userName: 'u' }, 'invalidValue'],
  ['R-PUT-1: a list', [], 'invalidSyntax'],
  ['R-PUT-1, D-7: an attribute that no schema has', body('u', { shoeSize: 44 }), 'invalidSyntax'],
  ['R-PUT-1: one attribute in two spellings', body('u', { TITLE: 'a', title: 'b' }), 'invalidSyntax'],
  ['R-PUT-4, D-5: a manager that is nobody', body('u', { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { manager: { value: 'nobody' } } }), 'invalidValue'],
];
for (const [name, sent, scimType] of REFUSALS) {
  t.test(name, async (t) => {
    const user = await person(FULL);
    await keeps(t, app, `/Users/${user.id}`, async () => refused(t, await call('PUT', `/Users/${user.id}`, sent), 400, scimType));
  });
}
t.test('R-PUT-8: a group keeps its name', async (t) => {
  const group = await made(app, '/Groups', groupBody());
  await keeps(t, app, `/Groups/${group.id}`, async () => refused(t, await call('PUT', `/Groups/${group.id}`, { schemas: [GROUP] }), 400, 'invalidValue'));
});
t.test('R-PUT-9: another\'s userName is a conflict in any case, the own one in another case is not', async (t) => {
  const [user, other] = [await person({ userName: unique('Ann') }), await person(FULL)];
  await keeps(t, app, `/Users/${other.id}`, async () => refused(t, await call('PUT', `/Users/${other.id}`, body(user.userName.toUpperCase())), 409, 'uniqueness'));
  const own = await call('PUT', `/Users/${user.id}`, body(user.userName.toUpperCase()));
  t.equal(own.status, 200, own.text);
  t.equal(own.body.userName, user.userName.toUpperCase());
});
t.test('R-PUT-9: a name that was given up is free, the new one is taken', async (t) => {
  const user = await person();
  const name = unique('renamed');
  t.equal((await call('PUT', `/Users/${user.id}`, body(name))).status, 200);
  t.equal((await call('POST', '/Users', body(user.userName))).status, 201);
  refused(t, await call('POST', '/Users', body(name)), 409, 'uniqueness');
});
t.test('R-PUT-10: what is sent again changes neither version nor lastModified, in whatever order', async (t) => {
  const user = await person(FULL);
  await keeps(t, app, `/Users/${user.id}`, async () => {
    const shuffled: Json = Object.fromEntries(Object.entries(changed(user, { emails: user.emails.map((email: Record<string, Json>) => Object.fromEntries(Object.entries(email).reverse())) })).reverse());
    t.equal((await call('PUT', `/Users/${user.id}`, shuffled)).status, 200);
  });
});
t.test('R-PUT-4: the members of a group are replaced as a whole, and both sides show it', async (t) => {
  const [ann, bob] = [await person(), await person()];
  const group = await made(app, '/Groups', groupBody({ members: [{ value: ann.id }] }));
  const put = (members: Json) => call('PUT', `/Groups/${group.id}`, { schemas: [GROUP], displayName: group.displayName, members });
  const groupsOf = async (id: string) => (await call('GET', `/Users/${id}`)).body.groups?.map(({ value }: { value: string }) => value);
  const answer = await put([{ value: bob.id }]);
  t.same(answer.body.members.map(({ value }: { value: string }) => value), [bob.id]);
  t.not(answer.body.meta.version, group.meta.version);
  t.same([await groupsOf(ann.id), await groupsOf(bob.id)], [undefined, [group.id]]);
  await keeps(t, app, `/Groups/${group.id}`, async () => refused(t, await put([{ value: ann.id }, { value: 'nobody' }]), 400, 'invalidValue'));
  t.equal((await put([])).body.members, undefined);
  t.same(await groupsOf(bob.id), undefined);
});
