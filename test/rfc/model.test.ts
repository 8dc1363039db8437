/** The data model: RFC 7643 sections 2 and 3, requirements R-MODEL. */
import t from 'tap';
import { ENTERPRISE, GROUP, groupBody, patchBody, startApp, unique, USER, userBody } from '../helpers/app.ts';
import { PROBE, probedRegistry } from '../helpers/probe.ts';
import { keeps, later, made, refused } from './expectations.ts';
import { idsOf, query, totalOf } from './queries.ts';
import type { Json } from '../../src/scim/json.ts';

const app = await startApp(t, import.meta.url, {}, { registry: probedRegistry() });
const { call } = app;
const probe = (attributes: Record<string, Json>) => userBody({ [PROBE]: attributes });

/** POST of a body that must be refused: nothing may be stored. */
async function refusesToCreate(t: Parameters<typeof refused>[0], endpoint: string, body: Json, scimType = 'invalidValue'): Promise<void> {
  const before = await totalOf(call, endpoint);
  refused(t, await call('POST', endpoint, body), 400, scimType);
  t.equal(await totalOf(call, endpoint), before, 'nothing is stored');
}

t.test('R-MODEL-1: names and URNs in any case, answered in the spelling of the schema', async (t) => {
  const user = await made(app, '/Users', {
    SCHEMAS: [USER.toUpperCase()], USERNAME: unique('user'), Name: { GIVENNAME: 'Ann' }, EMails: [{ VALUE: 'a@b.test', tYPE: 'work' }],
    [ENTERPRISE.toUpperCase()]: { Department: 'd' },
  });
  t.match(user, { name: { givenName: 'Ann' }, emails: [{ value: 'a@b.test', type: 'work' }], [ENTERPRISE]: { department: 'd' } });
  t.same(user.schemas, [USER, ENTERPRISE]);
  const spelled = new Set(['schemas', 'id', 'userName', 'active', 'name', 'emails', ENTERPRISE, 'meta']);
  t.same(Object.keys(user).filter((key) => !spelled.has(key)), []);
});

t.test('R-MODEL-1: one name in two spellings is refused', async (t) => {
  await refusesToCreate(t, '/Users', userBody({ title: 'a', TITLE: 'b' }), 'invalidSyntax');
  await refusesToCreate(t, '/Users', userBody({ name: { givenName: 'a', GivenName: 'b' } }), 'invalidSyntax');
});

t.test('R-MODEL-2: $ref is a name, 1abc is none', async (t) => {
  const user = await made(app, '/Users', userBody());
  const group = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  t.same(idsOf((await call('GET', `/Groups${query({ filter: 'members.$ref pr' })}`)).body), [group.id]);
  t.equal((await call('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: `members[$ref eq "${user.meta.location}"]` }))).status, 200);
  t.notOk((await call('GET', `/Groups/${group.id}`)).body.members);
  await refusesToCreate(t, '/Users', userBody({ '1abc': 'x' }), 'invalidSyntax');
  refused(t, await call('GET', `/Users${query({ filter: '1abc pr' })}`), 400, 'invalidFilter');
});

const wrong: Record<string, readonly (readonly [string, Json])[]> = {
  'R-MODEL-3: a boolean is true or false, so this is refused:': [['text', userBody({ active: 'true' })], ['a number', userBody({ active: 1 })], ['an array', userBody({ active: [true] })]],
  'R-MODEL-4: an integer is a number without fraction, so this is refused:': [['1.5', probe({ level: 1.5 })], ['text', probe({ level: '1' })], ['beyond what a number holds', probe({ level: 2 ** 60 })]],
  'R-MODEL-5: a dateTime is a date with a time, so this is refused:': [
    ['a date', probe({ since: '2024-01-01' })], ['a number', probe({ since: 1_704_067_200 })], ['the 30th of February', probe({ since: '2024-02-30T00:00:00Z' })],
    ['25 o\'clock', probe({ since: '2024-01-01T25:00:00Z' })], ['with a blank', probe({ since: '2024-01-01 00:00:00Z' })], ['text', probe({ since: 'yesterday' })],
  ],
  'R-MODEL-6: binary is base64, so this is refused:': [['stars', probe({ key: '***' })], ['a number', probe({ key: 1 })], ['text with blanks', userBody({ x509Certificates: [{ value: 'Q U J D' }] })]],
  'R-MODEL-7: a reference is text, so this is refused:': [['a number', userBody({ profileUrl: 5 })], ['an object', userBody({ photos: [{ value: { a: 1 } }] })]],
  'R-MODEL-8: a sub-attribute is not complex, so this is refused:': [['an object', userBody({ name: { givenName: { a: 1 } } })], ['an object in a list', userBody({ emails: [{ value: { a: 1 } }] })]],
  'R-MODEL-14: one element at most is primary, so this is refused:': [['two', userBody({ emails: [{ value: 'a@b.test', primary: true }, { value: 'c@d.test', primary: true }] })]],
};
for (const [rule, rows] of Object.entries(wrong)) {
  for (const [name, body] of rows) t.test(`${rule} ${name}`, (t) => refusesToCreate(t, '/Users', body));
}

t.test('R-MODEL-3 R-MODEL-4 R-MODEL-6: what fits is stored as it was sent', async (t) => {
  const sent = { level: -7, rank: 1.5, key: 'QUI', home: '../Users/x', code: 'aB', tags: ['b', 'a'] };
  const user = await made(app, '/Users', userBody({ active: false, x509Certificates: [{ value: 'QUI=' }, { value: 'QUJD' }], [PROBE]: sent }));
  t.equal(user.active, false);
  t.same(user.x509Certificates, [{ value: 'QUI=' }, { value: 'QUJD' }]);
  t.same(user[PROBE], sent);
});

t.test('R-MODEL-5: a dateTime is answered in UTC with milliseconds', async (t) => {
  for (const [sent, canonical] of [
    ['2024-01-01T00:00:00+02:00', '2023-12-31T22:00:00.000Z'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00:00.5Z', '2024-01-01T00:00:00.500Z'],
    ['2024-01-01T00:00:00.123456789Z', '2024-01-01T00:00:00.123Z'],
  ] as const) {
    const user = await made(app, '/Users', probe({ since: sent }));
    t.equal(user[PROBE].since, canonical, sent);
    t.ok(idsOf((await call('GET', `/Users${query({ filter: `${PROBE}:since eq "${sent}"` })}`)).body).includes(user.id), 'and found by what was sent');
  }
});

t.test('R-MODEL-7: every $ref and location leads to what it names', async (t) => {
  const manager = await made(app, '/Users', userBody());
  const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { manager: { value: manager.id } } }));
  const group = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));
  const shown = (await call('GET', `/Users/${user.id}`)).body;
  for (const [uri, id] of [
    [shown[ENTERPRISE].manager.$ref, manager.id], [shown.groups[0].$ref, group.id], [group.members[0].$ref, user.id], [user.meta.location, user.id],
  ]) {
    t.equal((await call('GET', uri.slice('https://scim.example'.length))).body.id, id);
  }
});

t.test('R-MODEL-8: no published sub-attribute is complex, but for the schema of schemas', async (t) => {
  for (const schema of (await call('GET', '/Schemas')).body.Resources) {
    if (schema.id.endsWith('core:2.0:Schema')) continue;
    const subs = schema.attributes.flatMap(({ subAttributes = [] }) => subAttributes);
    t.same(subs.filter(({ type }: { type: string }) => type === 'complex'), [], schema.id);
  }
});

t.test('R-MODEL-9: the order of keys means nothing', async (t) => {
  const attributes = { title: 'x', name: { givenName: 'A', familyName: 'B' }, emails: [{ value: 'a@b.test', type: 'work' }] };
  const userName = unique('user');
  const user = await made(app, '/Users', { schemas: [USER, ENTERPRISE], userName, ...attributes, [ENTERPRISE]: { department: 'd', division: 'e' } });
  await keeps(t, app, `/Users/${user.id}`, async () => {
    const shuffled = {
      [ENTERPRISE]: { division: 'e', department: 'd' }, emails: [{ type: 'work', value: 'a@b.test' }], name: { familyName: 'B', givenName: 'A' }, title: 'x', userName, schemas: [ENTERPRISE, USER],
    };
    t.equal((await call('PUT', `/Users/${user.id}`, shuffled)).status, 200);
  });
});

for (const [name, value] of [['null', null], ['an empty array', []]] as const) {
  t.test(`R-MODEL-10 R-MODEL-11: ${name} on a write clears, and what is cleared is not shown`, async (t) => {
    const userName = unique('user');
    const user = await made(app, '/Users', { schemas: [USER], userName, nickName: 'n', emails: [{ value: 'a@b.test' }], name: { givenName: 'A' } });
    later(app);
    const put = await call('PUT', `/Users/${user.id}`, { schemas: [USER], userName, nickName: null, emails: value, name: null });
    t.equal(put.status, 200);
    for (const shown of [put.body, (await call('GET', `/Users/${user.id}`)).body]) for (const key of ['nickName', 'emails', 'name']) t.notOk(key in shown, key);
    for (const attribute of ['nickName', 'emails', 'name']) t.equal(await totalOf(call, '/Users', `${attribute} pr and userName eq "${userName}"`), 0, attribute);
  });
}

t.test('R-MODEL-10: absent, null, [] and {} on create are one state', async (t) => {
  const states = await Promise.all([{}, { title: null, emails: null, name: null }, { emails: [], name: {} }, { emails: [{}, null], name: { givenName: null } }].map((attributes) => made(app, '/Users', userBody(attributes))));
  for (const state of states) t.same(Object.keys(state).sort(), ['active', 'id', 'meta', 'schemas', 'userName']);
});

t.test('R-MODEL-10: empty text is a value where none is required, but not a present one (decision 25)', async (t) => {
  const user = await made(app, '/Users', userBody({ nickName: '', name: { givenName: '', familyName: 'B' } }));
  t.equal(user.nickName, '');
  t.same(user.name, { givenName: '', familyName: 'B' });
  const among = (filter: string) => totalOf(call, '/Users', `id eq "${user.id}" and ${filter}`);
  t.same(await Promise.all(['nickName pr', 'name.givenName pr', 'nickName eq null', 'name pr', 'nickName eq ""'].map(among)), [0, 0, 1, 1, 1]);
});

for (const [name, schemas, scimType] of [
  ['missing', undefined, 'invalidSyntax'],
  ['no array', USER, 'invalidSyntax'],
  ['an array of numbers', [1], 'invalidSyntax'],
  ['empty', [], 'invalidValue'],
  ['foreign', [USER, GROUP], 'invalidValue'],
  ['unknown', [USER, 'urn:example:nothing'], 'invalidValue'],
  ['given twice', [USER, USER.toUpperCase()], 'invalidValue'],
  ['without the base', [ENTERPRISE], 'invalidValue'],
] as const) {
  t.test(`R-MODEL-12: schemas that are ${name} are ${scimType} (decision 2)`, async (t) => {
    const body = { userName: unique('user'), ...(schemas === undefined ? {} : { schemas }) };
    await refusesToCreate(t, '/Users', body, scimType);
    const user = await made(app, '/Users', userBody());
    await keeps(t, app, `/Users/${user.id}`, async () => refused(t, await call('PUT', `/Users/${user.id}`, body), 400, scimType));
  });
}

t.test('R-MODEL-12: the order of schemas means nothing', async (t) => {
  const user = await made(app, '/Users', { schemas: [ENTERPRISE, USER], userName: unique('user'), [ENTERPRISE]: { department: 'd' } });
  t.same(user.schemas, [USER, ENTERPRISE]);
});

t.test('R-MODEL-13: an extension attribute without its URN is no attribute', async (t) => {
  await refusesToCreate(t, '/Users', userBody({ department: 'x' }), 'invalidSyntax');
  const tolerated = await call('POST', '/Users', userBody({ department: 'x' }), { token: app.tokens.tolerant });
  t.equal(tolerated.status, 201);
  t.notOk('department' in tolerated.body || ENTERPRISE in tolerated.body);
});

t.test('R-MODEL-14: a primary that is missing is false', async (t) => {
  const user = await made(app, '/Users', userBody({ emails: [{ value: 'a@b.test', primary: false }, { value: 'c@d.test', primary: true }, { value: 'e@f.test' }] }));
  t.equal(user.emails.filter(({ primary }: { primary?: boolean }) => primary === true).length, 1);
  t.same(idsOf((await call('GET', `/Users${query({ filter: 'emails[value eq "c@d.test" and primary eq true]' })}`)).body), [user.id]);
});

t.test('R-MODEL-15: of two elements with the same value and type one is kept', async (t) => {
  const user = await made(app, '/Users', userBody({ emails: [{ value: 'a@b.test', type: 'work' }, { value: 'A@B.test', type: 'work', display: 'again' }, { value: 'a@b.test', type: 'home' }] }));
  t.same(user.emails, [{ value: 'a@b.test', type: 'work' }, { value: 'a@b.test', type: 'home' }]);
});

t.test('R-MODEL-16: canonical values are suggestions', async (t) => {
  t.same((await made(app, '/Users', userBody({ emails: [{ value: 'a@b.test', type: 'custom' }] }))).emails, [{ value: 'a@b.test', type: 'custom' }]);
});

t.test('R-MODEL-17: extension data without its URN in schemas is taken, and the URN is added (decision 3)', async (t) => {
  const user = await made(app, '/Users', { schemas: [USER], userName: unique('user'), [ENTERPRISE]: { department: 'd' } });
  t.same(user.schemas, [USER, ENTERPRISE]);
  t.same((await call('GET', `/Users/${user.id}`)).body, user);
});

t.test('R-MODEL-18: with the last value of an extension its URN leaves schemas', async (t) => {
  const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { department: 'd' } }));
  const patched = await call('PATCH', `/Users/${user.id}`, patchBody({ op: 'remove', path: `${ENTERPRISE}:department` }));
  t.same(patched.body.schemas, [USER]);
  t.notOk(ENTERPRISE in patched.body);
  t.equal(await totalOf(call, '/Users', `schemas eq "${ENTERPRISE}" and id eq "${user.id}"`), 0);
  const named = await made(app, '/Users', { schemas: [USER, ENTERPRISE], userName: unique('user'), [ENTERPRISE]: { department: null } });
  t.same(named.schemas, [USER], 'nor is it there before the first value');
});

t.test('R-MODEL-19: the version in the URI of a reference means nothing', async (t) => {
  const manager = await made(app, '/Users', userBody());
  for (const $ref of [manager.meta.location, `https://scim.example/scim/Users/${manager.id}`, `../Users/${manager.id}`]) {
    const user = await made(app, '/Users', userBody({ [ENTERPRISE]: { manager: { $ref } } }));
    t.same(user[ENTERPRISE].manager, { value: manager.id, $ref: manager.meta.location }, $ref);
  }
});
