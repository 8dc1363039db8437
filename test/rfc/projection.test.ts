/** Projection: RFC 7644 sections 3.4.2.5, 3.9 and 3.10, requirements R-ATTR. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, groupBody, patchBody, startApp, unique, USER, userBody, type Answer } from '../helpers/app.ts';
import { keeps, made, refused } from './expectations.ts';
import { query, totalOf } from './queries.ts';

const app = await startApp(t, import.meta.url);
const { call } = app;
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';

const manager = await made(app, '/Users', userBody());
const userName = unique('user');
const body = (): Record<string, Json> => ({
  schemas: [USER, ENTERPRISE], userName, title: 'x', name: { givenName: 'Ann', familyName: 'Lee' },
  emails: [{ value: 'a@b.test', type: 'work', primary: true }, { value: 'c@d.test' }],
  [ENTERPRISE]: { department: 'd', division: 'e', manager: { value: manager.id } },
});
const user = await made(app, '/Users', body());
const path = `/Users/${user.id}`;
const group = await made(app, '/Groups', groupBody({ members: [{ value: user.id }] }));

type Parameters = Readonly<Record<'attributes' | 'excludedAttributes', string | undefined>> | Readonly<Record<string, string>>;

/** Every way to get the resource. A POST makes another one with the same attributes. */
const verbs: Readonly<Record<string, (parameters: Parameters) => Promise<Answer['body']>>> = {
  GET: async (parameters) => (await call('GET', `${path}${query(parameters)}`)).body,
  list: async (parameters) => (await call('GET', `/Users${query({ ...parameters, filter: `id eq "${user.id}"` })}`)).body.Resources[0],
  search: async (parameters) => (await searched('/Users/.search', parameters)).body.Resources[0],
  'search at the root': async (parameters) => (await searched('/.search', parameters)).body.Resources[0],
  POST: async (parameters) => (await call('POST', `/Users${query(parameters)}`, { ...body(), userName: unique('user') })).body,
  PUT: async (parameters) => (await call('PUT', `${path}${query(parameters)}`, body())).body,
  PATCH: async (parameters) => (await call('PATCH', `${path}${query(parameters)}`, patchBody({ op: 'replace', path: 'title', value: 'x' }))).body,
};
const searched = (endpoint: string, parameters: Parameters) => call('POST', endpoint, {
  schemas: [SEARCH], filter: `id eq "${user.id}"`,
  ...Object.fromEntries(Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value.split(',').map((part) => part.trim())]]))),
});

for (const [verb, answer] of Object.entries(verbs)) {
  t.test(`R-ATTR-1 R-ATTR-2 R-ATTR-9: attributes on ${verb} answers what is always returned and what is named`, async (t) => {
    const shown = await answer({ attributes: 'title,emails.value' });
    t.same(Object.keys(shown).sort(), ['emails', 'id', 'schemas', 'title']);
    t.same(shown.emails, [{ value: 'a@b.test' }, { value: 'c@d.test' }]);
    t.same(shown.schemas, [USER, ENTERPRISE]);
  });

  t.test(`R-ATTR-1 R-ATTR-3 R-ATTR-9: excludedAttributes on ${verb} answers all that is returned by default but what is named`, async (t) => {
    const shown = await answer({ excludedAttributes: 'id,schemas,meta,title,emails.type,groups' });
    t.same(Object.keys(shown).sort(), ['active', 'emails', 'id', 'name', 'schemas', ENTERPRISE, 'userName'].sort());
    t.same(shown.emails, [{ value: 'a@b.test', primary: true }, { value: 'c@d.test' }]);
  });

  t.test(`R-ATTR-8: attributes on ${verb} never brings a password, and passes over what nobody has`, async (t) => {
    t.same(Object.keys(await answer({ attributes: 'password,nope,urn:example:x:y' })).sort(), ['id', 'schemas']);
  });
}

const both = { attributes: 'title', excludedAttributes: 'meta' };
for (const [verb, request] of [
  ['GET', () => call('GET', `${path}${query(both)}`)],
  ['list', () => call('GET', `/Users${query(both)}`)],
  ['search', () => searched('/Users/.search', both)],
  ['search at the root', () => searched('/.search', both)],
  ['POST', () => call('POST', `/Users${query(both)}`, userBody())],
  ['PUT', () => call('PUT', `${path}${query(both)}`, { ...body(), title: 'other' })],
  ['PATCH', () => call('PATCH', `${path}${query(both)}`, patchBody({ op: 'replace', path: 'title', value: 'other' }))],
] as const) {
  t.test(`R-ATTR-4: both parameters on ${verb} are refused, and nothing is done (decision 13)`, async (t) => {
    const before = await totalOf(call, '/Users');
    await keeps(t, app, path, async () => refused(t, await request(), 400, 'invalidValue'));
    t.equal(await totalOf(call, '/Users'), before);
  });
}

t.test('R-ATTR-5: a list by commas, with blanks, or the parameter again', async (t) => {
  const expected = { schemas: [USER, ENTERPRISE], id: user.id, userName, title: 'x' };
  for (const parameters of ['attributes=userName,title', 'attributes=userName,%20title', 'attributes=userName&attributes=title', 'attributes=,userName,,title,', 'ATTRIBUTES=userName,title']) {
    t.same((await call('GET', `${path}?${parameters}`)).body, expected, parameters);
  }
  for (const wrong of ['userName', [5], { a: 1 }]) refused(t, await call('POST', '/Users/.search', { schemas: [SEARCH], attributes: wrong }), 400, 'invalidValue');
});

t.test('R-ATTR-5: an empty list is none', async (t) => {
  for (const parameters of ['?attributes=', '?excludedAttributes=', '?attributes=&excludedAttributes=']) t.same((await call('GET', `${path}${parameters}`)).body, (await call('GET', path)).body);
});

const names: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ['R-ATTR-6: one sub-attribute', 'name.givenName', { name: { givenName: 'Ann' } }],
  ['R-ATTR-6: one sub-attribute of every element that has it', 'emails.type', { emails: [{ type: 'work' }] }],
  ['R-ATTR-6: two sub-attributes', 'emails.value,emails.type', { emails: [{ value: 'a@b.test', type: 'work' }, { value: 'c@d.test' }] }],
  ['R-ATTR-6: the whole wins over its part', 'name.givenName,name', { name: { givenName: 'Ann', familyName: 'Lee' } }],
  ['R-ATTR-6: a sub-attribute that has no value', 'name.middleName', {}],
  ['R-ATTR-6: a part of meta', 'meta.resourceType', { meta: { resourceType: 'User' } }],
  ['R-ATTR-6: a part of what is computed', 'groups.value', { groups: [{ value: group.id }] }],
  ['R-ATTR-7: in any case', 'USERNAME,NAME.GIVENNAME', { userName, name: { givenName: 'Ann' } }],
  ['R-ATTR-7: with the URN of the core schema', `${USER}:title,${USER.toUpperCase()}:name.familyName`, { title: 'x', name: { familyName: 'Lee' } }],
  ['R-ATTR-7: with the URN of an extension', `${ENTERPRISE}:department`, { [ENTERPRISE]: { department: 'd' } }],
  ['R-ATTR-7: a part in an extension', `${ENTERPRISE.toLowerCase()}:MANAGER.value`, { [ENTERPRISE]: { manager: { value: manager.id } } }],
  ['R-ATTR-7: a whole extension by its URN', ENTERPRISE, { [ENTERPRISE]: { department: 'd', division: 'e', manager: { value: manager.id, $ref: manager.meta.location } } }],
  ['R-ATTR-8: an extension attribute without its URN is unknown', 'department', {}],
];
for (const [name, attributes, expected] of names) {
  t.test(name, async (t) => {
    t.same(await verbs['GET']?.({ attributes }), { schemas: [USER, ENTERPRISE], id: user.id, ...expected });
  });
}

t.test('R-ATTR-6 R-ATTR-7: the same names exclude', async (t) => {
  const whole = (await call('GET', path)).body;
  const excluded = async (excludedAttributes: string) => (await call('GET', `${path}${query({ excludedAttributes })}`)).body;
  t.same((await excluded('name.givenName')).name, { familyName: 'Lee' });
  t.notOk('name' in (await excluded('name.givenName,name.familyName')), 'nothing is left of it');
  t.same((await excluded(`${ENTERPRISE}:manager`))[ENTERPRISE], { department: 'd', division: 'e' });
  t.notOk(ENTERPRISE in (await excluded(ENTERPRISE)));
  t.same(await excluded('nope,name.nope'), whole);
  t.same((await call('GET', `/Groups/${group.id}?attributes=members.display,members.type`)).body.members, [{ type: 'User' }]);
});
