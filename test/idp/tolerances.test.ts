/** What clients send beside the RFCs, docs/clients.md: each quirk with the tolerant client, and what the strict one is told. */
import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { unavailable } from '../../src/errors.ts';
import type { Json } from '../../src/scim/json.ts';
import { TOLERANCES, type ToleranceName } from '../../src/scim/tolerances.ts';
import { ENTERPRISE, GROUP, groupBody, patchBody, startApp, unique, USER, userBody, type Answer, type CallOptions } from '../helpers/app.ts';

const app = await startApp(t, import.meta.url);
const { call, tokens } = app;
type Body = Record<string, Json>;
type Resource = Answer['body'];

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const named = new Set<string>();
const switched = new Set<ToleranceName>();

/** A test that shows one quirk or more. */
function quirk(ids: string, name: string, run: (t: Test) => Promise<void>): void {
  for (const id of ids.split(' ')) named.add(id);
  t.test(`${ids}: ${name}`, run);
}
/** A rule without a switch: shown for both clients. */
function always(ids: string, name: string, run: (t: Test, send: typeof call) => Promise<void>): void {
  quirk(ids, name, async (t) => {
    for (const client of ['tolerant', 'strict'] as const) await t.test(client, (t) => run(t, sendAs(client)));
  });
}
const sendAs = (client: 'tolerant' | 'strict') => (method: string, path: string, body?: Json, options: CallOptions = {}) => call(method, path, body, { token: tokens[client], ...options });

function refused(t: Test, answer: Answer, status: number, scimType?: string): void {
  t.match(answer.body, { schemas: [ERROR], status: String(status), ...(scimType === undefined ? {} : { scimType }) }, answer.text);
  t.equal(answer.status, status);
}
async function made(endpoint: string, body: Json): Promise<Resource> {
  const answer = await call('POST', endpoint, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}
const find = (filter: string, endpoint = '/Users') => `${endpoint}?filter=${encodeURIComponent(filter)}`;
const replace = (path: string, value: Json): Body => ({ op: 'replace', path, value });

const boss = await made('/Users', userBody({ displayName: 'Boss' }));
const [ann, bob] = [await made('/Users', userBody({ displayName: 'Ann' })), await made('/Users', userBody({ displayName: 'Bob' }))];
const manager = { value: boss.id as string, $ref: boss.meta.location as string, displayName: 'Boss' };
const SEED: Body = { title: 'x', name: { givenName: 'Jan', familyName: 'Dijk' } };

/** How the strict client is refused, or what it gets where the RFC gives the request another meaning. */
type Strict = readonly [status: number, scimType?: string] | Body;
interface Case {
  readonly quirks: string;
  readonly client: string;
  readonly tolerance: ToleranceName;
  /** What the resource holds afterwards. `undefined`: gone. */
  readonly stored: Readonly<Record<string, unknown>>;
  readonly strict: Strict;
  /** Attributes that are there before. */
  readonly seed?: Body;
}
/** PATCH of a person. */
const PATCHES: readonly (Case & { readonly body: Json })[] = [
  { quirks: 'Q01', client: 'Entra ID', tolerance: 'operationCase', body: patchBody({ op: 'Replace', path: 'title', value: 'y' }, { op: 'Add', path: 'nickName', value: 'J' }, { op: 'REMOVE', path: 'name' }), stored: { title: 'y', nickName: 'J', name: undefined }, strict: [400, 'invalidSyntax'] },
  { quirks: 'Q03', client: 'Okta', tolerance: 'patchWithoutSchemas', body: { Operations: [replace('title', 'y')] }, stored: { title: 'y' }, strict: [400, 'invalidSyntax'] },
  { quirks: 'Q05', client: 'Entra ID', tolerance: 'dottedKeys', body: patchBody({ op: 'replace', value: { 'name.givenName': 'Piet', [`${ENTERPRISE}:department`]: 'd', title: 'y' } }), stored: { title: 'y', name: { givenName: 'Piet', familyName: 'Dijk' }, [ENTERPRISE]: { department: 'd' } }, strict: [400, 'invalidPath'] },
  { quirks: 'Q05', client: 'Entra ID, a value path as key', tolerance: 'dottedKeys', body: patchBody({ op: 'add', value: { 'emails[type eq "work"].value': 'w@x.test' } }), stored: { emails: [{ type: 'work', value: 'w@x.test' }] }, strict: [400, 'invalidPath'] },
  { quirks: 'Q06', client: 'authentik', tolerance: 'readOnlyEcho', body: patchBody({ op: 'replace', value: { schemas: [USER], meta: { resourceType: 'User', version: 'W/"99"' }, groups: [{ value: 'g' }], title: 'y' } }), stored: { title: 'y', groups: undefined }, strict: [400, 'mutability'] },
  { quirks: 'Q07', client: 'Entra ID', tolerance: 'booleanText', body: patchBody(replace('active', 'False')), stored: { active: false }, strict: [400, 'invalidValue'] },
  { quirks: 'Q07', client: 'Entra ID validator, nested', tolerance: 'booleanText', body: patchBody({ op: 'add', path: 'roles', value: [{ value: 'r', primary: 'True' }] }), stored: { roles: [{ value: 'r', primary: true }] }, strict: [400, 'invalidValue'] },
  { quirks: 'Q08', client: 'Entra ID', tolerance: 'createOnReplace', body: patchBody(replace('emails[type eq "work"].value', 'w@x.test')), stored: { emails: [{ type: 'work', value: 'w@x.test' }] }, strict: [400, 'noTarget'] },
  { quirks: 'Q10', client: 'Entra ID role assignment', tolerance: 'booleanText', body: patchBody({ op: 'add', path: 'roles[primary eq "True"].display', value: 'D' }, { op: 'add', path: 'roles[primary eq "True"].value', value: 'r' }), stored: { roles: [{ primary: true, display: 'D', value: 'r' }] }, strict: [400, 'invalidFilter'] },
  { quirks: 'Q11', client: 'OneLogin, any list', tolerance: 'removeByValue', seed: { roles: [{ value: 'a', type: 't' }, { value: 'b' }] }, body: patchBody({ op: 'remove', path: 'roles', value: [{ value: 'a' }] }), stored: { roles: [{ value: 'b' }] }, strict: [400, 'invalidValue'] },
  { quirks: 'Q13', client: '.NET serialisers', tolerance: 'nullPath', body: patchBody({ op: 'replace', path: null, value: { title: 'y' } }), stored: { title: 'y' }, strict: [400, 'invalidPath'] },
  { quirks: 'Q16', client: 'Entra ID, the manager as text', tolerance: 'bareReference', body: patchBody(replace(`${ENTERPRISE}:manager`, manager.value)), stored: { [ENTERPRISE]: { manager } }, strict: [400, 'invalidValue'] },
  { quirks: 'Q16', client: 'Entra ID, the manager as a list of one', tolerance: 'bareReference', body: patchBody({ op: 'add', path: `${ENTERPRISE}:manager`, value: [{ value: manager.value }] }), stored: { [ENTERPRISE]: { manager } }, strict: [400, 'invalidValue'] },
  { quirks: 'Q16', client: 'Entra ID, the manager without its URN', tolerance: 'unqualifiedExtension', body: patchBody({ op: 'add', path: 'manager', value: { $ref: `../Users/${manager.value}`, value: manager.value } }), stored: { [ENTERPRISE]: { manager } }, strict: [400, 'invalidPath'] },
  { quirks: 'Q17', client: 'Entra ID validator', tolerance: 'emptyReference', seed: { [ENTERPRISE]: { manager: { value: manager.value } } }, body: patchBody(replace(`${ENTERPRISE}:manager`, { value: '' })), stored: { schemas: [USER], [ENTERPRISE]: undefined }, strict: [400, 'invalidValue'] },
  { quirks: 'Q17', client: 'Entra ID, by sub-attribute', tolerance: 'emptyReference', seed: { [ENTERPRISE]: { manager: { value: manager.value } } }, body: patchBody(replace(`${ENTERPRISE}:manager.value`, '')), stored: { schemas: [USER], [ENTERPRISE]: undefined }, strict: [400, 'invalidValue'] },
  { quirks: 'Q18', client: 'Entra ID AppRoleAssignmentsComplex', tolerance: 'packedValue', body: patchBody({ op: 'add', path: 'roles', value: [{ value: '{"id":"1","value":"r","displayName":"Reader"}' }] }), stored: { roles: [{ value: 'r', display: 'Reader' }] }, strict: { roles: [{ value: '{"id":"1","value":"r","displayName":"Reader"}' }] } },
  { quirks: 'Q19', client: 'old Entra ID', tolerance: 'dotAfterUrn', body: patchBody({ op: 'add', path: `${ENTERPRISE}.department`, value: 'd' }), stored: { [ENTERPRISE]: { department: 'd' } }, strict: [400, 'invalidPath'] },
  { quirks: 'Q20', client: 'Entra ID, HR systems', tolerance: 'unknownAttributes', body: patchBody({ op: 'add', value: { startDate: '2026-01-01', title: 'y', roles: [{ value: 'r', displayName: 'R' }] } }), stored: { title: 'y', startDate: undefined, roles: [{ value: 'r' }] }, strict: [400, 'invalidPath'] },
  { quirks: 'Q57', client: 'HR systems', tolerance: 'numberAsText', body: patchBody(replace('externalId', 701984)), stored: { externalId: '701984' }, strict: [400, 'invalidValue'] },
  { quirks: 'Q58', client: 'OneLogin', tolerance: 'singleForMany', body: patchBody(replace('emails', { value: 'a@x.test' })), stored: { emails: [{ value: 'a@x.test' }] }, strict: [400, 'invalidValue'] },
  { quirks: 'Q60', client: 'PingOne', tolerance: 'manyPrimaries', body: patchBody(replace('emails', [{ value: 'a', primary: true }, { value: 'b', primary: true }])), stored: { emails: [{ value: 'a', primary: true }, { value: 'b', primary: false }] }, strict: [400, 'invalidValue'] },
];
/** POST of a person; `attributes` beside a userName. */
const POSTS: readonly (Case & { readonly attributes: Body; readonly options?: CallOptions })[] = [
  { quirks: 'Q07', client: 'Entra ID validator', tolerance: 'booleanText', attributes: { schemas: [USER], active: 'true', roles: [{ value: 'r', primary: 'True' }] }, stored: { active: true, roles: [{ value: 'r', primary: true }] }, strict: [400, 'invalidValue'] },
  { quirks: 'Q16', client: 'Entra ID', tolerance: 'bareReference', attributes: { schemas: [USER], [ENTERPRISE]: { manager: manager.value } }, stored: { [ENTERPRISE]: { manager }, schemas: [USER, ENTERPRISE] }, strict: [400, 'invalidValue'] },
  { quirks: 'Q17', client: 'Entra ID', tolerance: 'emptyReference', attributes: { schemas: [USER], [ENTERPRISE]: { manager: { value: '' }, department: 'd' } }, stored: { [ENTERPRISE]: { department: 'd' } }, strict: [400, 'invalidValue'] },
  { quirks: 'Q20', client: 'HR systems', tolerance: 'unknownAttributes', attributes: { schemas: [USER], startDate: '2026-01-01', name: { givenName: 'J', shoeSize: 44 } }, stored: { name: { givenName: 'J' }, startDate: undefined }, strict: [400, 'invalidSyntax'] },
  { quirks: 'Q21', client: 'Google Workspace', tolerance: 'foreignSchemas', attributes: { schemas: ['urn:scim:schemas:core:1.0', USER], [ENTERPRISE]: { department: 'd' } }, stored: { schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'd' } }, strict: [400, 'invalidValue'] },
  { quirks: 'Q22', client: 'DummyIDP', tolerance: 'withoutSchemas', attributes: { title: 'y' }, stored: { schemas: [USER], title: 'y' }, strict: [400, 'invalidSyntax'] },
  { quirks: 'Q28', client: 'DummyIDP', tolerance: 'anyJsonType', attributes: { schemas: [USER], title: 'y' }, options: { headers: { 'content-type': 'text/plain;charset=UTF-8' } }, stored: { title: 'y' }, strict: [415] },
  { quirks: 'Q57', client: 'HR systems', tolerance: 'numberAsText', attributes: { schemas: [USER], addresses: [{ postalCode: 91608 }], externalId: 701984 }, stored: { addresses: [{ postalCode: '91608' }], externalId: '701984' }, strict: [400, 'invalidValue'] },
  { quirks: 'Q58', client: 'OneLogin', tolerance: 'singleForMany', attributes: { schemas: [USER], emails: { value: 'a@x.test' } }, stored: { emails: [{ value: 'a@x.test' }] }, strict: [400, 'invalidValue'] },
  { quirks: 'Q60', client: 'PingOne', tolerance: 'manyPrimaries', attributes: { schemas: [USER], emails: [{ value: 'a', primary: true }, { value: 'b', primary: true }] }, stored: { emails: [{ value: 'a', primary: true }, { value: 'b', primary: false }] }, strict: [400, 'invalidValue'] },
];

function holds(t: Test, resource: Resource, expected: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(expected)) t.same(resource[name], value, name);
}
for (const { quirks, client, tolerance, body, stored, strict, seed = {} } of PATCHES) {
  switched.add(tolerance);
  quirk(quirks, `${client}: PATCH, ${tolerance}`, async (t) => {
    const patched = async (send: typeof call) => {
      const user = await made('/Users', userBody({ ...SEED, ...seed }));
      const answer = await send('PATCH', `/Users/${user.id}`, body);
      return { answer, user, after: (await call('GET', `/Users/${user.id}`)).body };
    };
    // externalId is each client's own, so it is looked for in the answer.
    const accepted = await patched(sendAs('tolerant'));
    t.equal(accepted.answer.status, 200, accepted.answer.text);
    holds(t, accepted.answer.body, stored);
    const { answer, user, after } = await patched(sendAs('strict'));
    if (isRefusal(strict)) {
      refused(t, answer, ...strict);
      t.same(after, user, 'nothing has changed');
    } else holds(t, after, strict);
  });
}
for (const { quirks, client, tolerance, attributes, options, stored, strict } of POSTS) {
  switched.add(tolerance);
  quirk(quirks, `${client}: POST, ${tolerance}`, async (t) => {
    const userName = unique('posted');
    const denied = await sendAs('strict')('POST', '/Users', { userName, ...attributes }, options);
    refused(t, denied, ...(strict as readonly [number, string?]));
    t.equal((await call('GET', find(`userName eq "${userName}"`))).body.totalResults, 0, 'nothing was made');
    const accepted = await sendAs('tolerant')('POST', '/Users', { userName, ...attributes }, options);
    t.equal(accepted.status, 201, accepted.text);
    holds(t, accepted.body, stored);
  });
}
const isRefusal = (strict: Strict): strict is readonly [number, string?] => Array.isArray(strict);

/** Filters: the tolerant client finds the one that it looks for. */
const looked = await made('/Users', userBody({ active: false, title: 'needle', userName: unique('needle'), emails: [{ value: 'needle@x.test', type: 'work' }, { value: 'b@x.test', type: 'home' }], [ENTERPRISE]: { department: 'needles', manager: { value: manager.value } } }));
const FILTERS: readonly (readonly [quirks: string, client: string, ToleranceName, filter: string])[] = [
  ['Q07 Q10', 'Entra ID', 'booleanText', 'title eq "needle" and active eq "False"'],
  ['Q16', 'Entra ID', 'unqualifiedExtension', 'department eq "needles"'],
  ['Q19', 'old Entra ID', 'dotAfterUrn', `${ENTERPRISE}.department eq "needles"`],
  ['Q32', 'authentik', 'bareFilterValue', `userName eq ${looked.userName}`],
  ['Q32', 'Microsoft\'s documentation', 'bareFilterValue', `(title eq needle) and userName eq '${looked.userName}'`],
  ['Q32', 'the RFCs\' own example', 'bareFilterValue', 'title eq"needle"'],
  ['Q33', 'Entra ID', 'attributeAfterValuePath', 'emails[type eq "work"].value eq "needle@x.test"'],
  ['Q33', 'Entra ID, older documentation', 'attributeAfterValuePath', 'emails[type eq "work"] eq "needle@x.test"'],
  ['Q34', 'Entra ID reference check', 'complexAsValue', `id eq "${looked.id}" and ${ENTERPRISE}:manager eq "${boss.id}"`],
];
for (const [quirks, client, tolerance, filter] of FILTERS) {
  switched.add(tolerance);
  quirk(quirks, `${client}: filter, ${tolerance}`, async (t) => {
    const found = await sendAs('tolerant')('GET', find(filter));
    t.same(found.body.Resources?.map(({ id }: Resource) => id), [looked.id], found.text);
    refused(t, await sendAs('strict')('GET', find(filter)), 400, 'invalidFilter');
  });
}
quirk('Q33', 'the sub-attribute and the filter must hold for one element', async (t) => {
  t.equal((await sendAs('tolerant')('GET', find('emails[type eq "home"].value eq "needle@x.test"'))).body.totalResults, 0);
});

// Groups
const tolerance = (name: ToleranceName, ids: string, what: string, run: (t: Test) => Promise<void>) => {
  switched.add(name);
  quirk(ids, `${what}, ${name}`, run);
};
const three = () => made('/Groups', groupBody({ members: [ann, bob, boss].map(({ id }: Resource) => ({ value: id })) }));
const left = async (group: Resource) => ((await call('GET', `/Groups/${group.id}`)).body.members ?? []).map(({ value }: Resource) => value).sort();
const without = (...gone: Resource[]) => [ann, bob, boss].filter((member) => !gone.includes(member)).map(({ id }: Resource) => id).sort();
const REMOVALS: readonly (readonly [quirks: string, client: string, value: Json, gone: Resource[]])[] = [
  ['Q11', 'Entra ID', [{ value: ann.id }], [ann]],
  ['Q11', 'Entra ID, two', [{ value: ann.id }, { $ref: null, value: bob.id }], [ann, bob]],
  ['Q11', 'JumpCloud, an object', { value: ann.id }, [ann]],
  ['Q11', 'by value alone, whatever else it says', [{ value: ann.id, display: 'Somebody', type: 'User' }], [ann]],
  ['Q11', 'an empty list', [], []],
  ['Q15', 'a stranger', [{ value: 'nobody' }], []],
  ['Q13b', 'Salesforce', { members: [{ value: ann.id }] }, [ann]],
];
for (const [quirks, client, value, gone] of REMOVALS) {
  tolerance('removeByValue', quirks, `${client}: remove of members with a value`, async (t) => {
    const group = await three();
    const body = patchBody({ op: 'remove', path: 'members', value });
    refused(t, await sendAs('strict')('PATCH', `/Groups/${group.id}`, body), 400, 'invalidValue');
    t.same(await left(group), without(), 'a refusal removes nobody');
    t.equal((await sendAs('tolerant')('PATCH', `/Groups/${group.id}`, body)).status, 200);
    t.same(await left(group), without(...gone));
  });
}
always('Q11', 'Keycloak plug-in: remove of members with null is remove of all', async (t, send) => {
  const group = await three();
  t.equal((await send('PATCH', `/Groups/${group.id}`, patchBody({ op: 'remove', path: 'members', value: null }))).status, 200);
  t.same(await left(group), []);
});
tolerance('readOnlyEcho', 'Q06', 'Okta group push: id and displayName without path', async (t) => {
  const group = await three();
  const displayName = unique('pushed');
  for (const client of ['tolerant', 'strict'] as const) {
    const pushed = await sendAs(client)('PATCH', `/Groups/${group.id}`, patchBody({ op: 'replace', value: { id: group.id, displayName } }));
    t.equal(pushed.body.displayName, displayName, 'the own id does no harm');
    refused(t, await sendAs(client)('PATCH', `/Groups/${group.id}`, patchBody({ op: 'replace', value: { id: ann.id, displayName: 'other' } })), 400, 'mutability');
  }
  t.same(await left(group), without());
});
tolerance('memberOperations', 'Q48', 'authentik: an operation for each member', async (t) => {
  const group = await made('/Groups', groupBody());
  const add = { op: 'add', path: 'members', value: [{ value: ann.id }] };
  const operations = (count: number) => patchBody(...Array.from({ length: count }, () => add));
  refused(t, await sendAs('strict')('PATCH', `/Groups/${group.id}`, operations(101)), 400, 'invalidValue');
  refused(t, await sendAs('tolerant')('PATCH', `/Groups/${group.id}`, operations(1001)), 400, 'invalidValue');
  t.same(await left(group), []);
  t.equal((await sendAs('tolerant')('PATCH', `/Groups/${group.id}`, operations(1000))).status, 200);
  t.same(await left(group), [ann.id]);
  refused(t, await sendAs('tolerant')('PATCH', `/Groups/${group.id}`, patchBody(...Array.from({ length: 101 }, () => replace('displayName', 'x')))), 400, 'invalidValue');
});
tolerance('bareMember', 'Q54', 'Microsoft\'s Postman collection: members as text', async (t) => {
  for (const value of [[ann.id, bob.id], ann.id]) {
    const group = await made('/Groups', groupBody());
    const body = patchBody({ op: 'add', path: 'members', value });
    refused(t, await sendAs('strict')('PATCH', `/Groups/${group.id}`, body), 400, 'invalidValue');
    t.equal((await sendAs('tolerant')('PATCH', `/Groups/${group.id}`, body)).status, 200);
    t.same(await left(group), [value].flat().sort());
  }
});
always('Q54', 'Okta: a member without type, with another name', async (t, send) => {
  const answer = await send('POST', '/Groups', groupBody({ members: [{ value: ann.id, display: 'Somebody else' }] }));
  t.same(answer.body.members, [{ value: ann.id, $ref: ann.meta.location, display: 'Ann', type: 'User' }]);
});
tolerance('uniqueGroupNames', 'Q55', 'Entra ID: a second group of the same name', async (t) => {
  const displayName = unique('Twins');
  const post = (client: 'tolerant' | 'strict', name: string) => sendAs(client)('POST', '/Groups', { schemas: [GROUP], displayName: name });
  t.equal((await post('tolerant', displayName)).status, 201);
  refused(t, await post('tolerant', displayName.toUpperCase()), 409, 'uniqueness');
  t.equal((await post('strict', displayName)).status, 201);
  t.equal((await call('GET', find(`displayName eq "${displayName}"`, '/Groups'))).body.totalResults, 2);
});
tolerance('bracketsInProjection', 'Q39', 'Microsoft\'s Postman collection: brackets in attributes', async (t) => {
  const path = `/Users/${looked.id}?attributes=${encodeURIComponent('emails[type eq "work"]')}`;
  t.same((await sendAs('tolerant')('GET', path)).body, { schemas: looked.schemas, id: looked.id, emails: looked.emails });
  t.same((await sendAs('strict')('GET', path)).body, { schemas: looked.schemas, id: looked.id }, 'a name that is none is ignored (R-ATTR-8)');
});
tolerance('anyJsonType', 'Q28', 'a body without a type; XML and forms are never JSON', async (t) => {
  const post = (client: 'tolerant' | 'strict', type: string) => sendAs(client)('POST', '/Users', undefined, { raw: JSON.stringify(userBody()), headers: { 'content-type': type } });
  const untyped = async (client: 'tolerant' | 'strict') => (await app.app.inject({ method: 'POST', url: '/scim/v2/Users', headers: { authorization: `Bearer ${tokens[client]}` }, payload: Buffer.from(JSON.stringify(userBody())) })).statusCode;
  t.same([await untyped('tolerant'), await untyped('strict')], [201, 415]);
  for (const type of ['application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json; charset=iso-8859-1', 'text/html']) {
    for (const client of ['tolerant', 'strict'] as const) refused(t, await post(client, type), 415);
  }
});
tolerance('withoutSchemas', 'Q22', 'DummyIDP: PUT without schemas', async (t) => {
  const user = await made('/Users', userBody());
  const body = { userName: user.userName, title: 'y' };
  refused(t, await sendAs('strict')('PUT', `/Users/${user.id}`, body), 400, 'invalidSyntax');
  t.match((await sendAs('tolerant')('PUT', `/Users/${user.id}`, body)).body, { schemas: [USER], title: 'y' });
});
quirk('Q57', 'a number that JSON rounds is refused, never stored as another one', async (t) => {
  const userName = unique('rounded');
  const answer = await sendAs('tolerant')('POST', '/Users', undefined, { raw: `{"schemas":["${USER}"],"userName":"${userName}","externalId":12345678901234567890}` });
  refused(t, answer, 400, 'invalidValue');
});
quirk('Q11', 'an unclear path is refused for both: nothing is ever 200 and dropped', async (t) => {
  const user = await made('/Users', userBody());
  for (const client of ['tolerant', 'strict'] as const) {
    refused(t, await sendAs(client)('PATCH', `/Users/${user.id}`, patchBody(replace('shoeSize', '44'))), 400, 'invalidPath');
    refused(t, await sendAs(client)('PATCH', `/Users/${user.id}`, patchBody({ op: 'remove' })), 400, 'noTarget');
    refused(t, await sendAs(client)('PATCH', `/Users/${user.id}`, patchBody({ op: 'move', path: 'title' })), 400, 'invalidSyntax');
  }
});

// Always
const person = (attributes: Body = {}) => made('/Users', userBody(attributes));
always('Q02', 'names in any case', async (t, send) => {
  const created = await send('POST', '/Users', { SCHEMAS: [USER], USERNAME: unique('u'), Emails: [{ VALUE: 'q02@x.test', Type: 'other', Primary: true }] });
  t.same(created.body.emails, [{ value: 'q02@x.test', type: 'other', primary: true }]);
  const patched = await send('PATCH', `/Users/${created.body.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], operations: [{ op: 'replace', path: 'emails[type eq "other"].Value', value: 'z@x.test' }, { op: 'add', path: 'DisplayName', value: 'D' }] });
  t.match(patched.body, { displayName: 'D', emails: [{ value: 'z@x.test' }] });
  t.equal((await send('GET', find(`USERNAME eq "${created.body.userName}" and ActiVe eq true`))).body.totalResults, 1);
});
always('Q04 Q46', 'add and replace without path set single values', async (t, send) => {
  for (const op of ['replace', 'add']) {
    const user = await person(SEED);
    const { body } = await send('PATCH', `/Users/${user.id}`, patchBody({ op, value: { active: false } }));
    t.match(body, { active: false, title: 'x' });
  }
});
always('Q09', 'add through a filter that matches nothing makes one element', async (t, send) => {
  const user = await person();
  const { body } = await send('PATCH', `/Users/${user.id}`, patchBody({ op: 'add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' }, { op: 'add', path: 'phoneNumbers[type eq "mobile"].display', value: 'M' }));
  t.same(body.phoneNumbers, [{ type: 'mobile', value: '1', display: 'M' }]);
});
always('Q12 Q14 Q15', 'members: null sub-attributes, twice the same, and who is none', async (t, send) => {
  const group = await made('/Groups', groupBody());
  const patch = async (operation: Body) => (await send('PATCH', `/Groups/${group.id}`, patchBody(operation))).body;
  const added = await patch({ op: 'add', path: 'members', value: [{ $ref: null, value: ann.id, display: null }] });
  t.same(await left(group), [ann.id]);
  for (const operation of [{ op: 'add', path: 'members', value: [{ value: ann.id }] }, { op: 'remove', path: 'members[value eq "nobody"]' }, { op: 'remove', path: `members[value eq "${bob.id}"]` }]) t.same(await patch(operation), added, 'no change, no version');
});
always('Q23 Q24 Q47', 'what the server owns is ignored in POST and PUT; a path to groups is refused', async (t, send) => {
  const foreign = { id: 'mine', meta: { resourceType: 'Group', created: '1999-01-01T00:00:00Z' }, groups: [{ value: 'g' }], roles: [] };
  const { body } = await send('POST', '/Users', userBody(foreign));
  t.not(body.id, 'mine');
  t.match(body, { meta: { resourceType: 'User', created: app.clock.now.toISOString() }, groups: undefined, roles: undefined });
  t.same((await send('PUT', `/Users/${body.id}`, { schemas: [USER], userName: body.userName, ...foreign })).body, body);
  for (const op of ['add', 'replace', 'remove']) refused(t, await send('PATCH', `/Users/${body.id}`, patchBody({ op, path: 'groups', value: [{ value: 'g' }] })), 400, 'mutability');
});
always('Q25 Q26', 'empty texts and nulls in optional attributes', async (t, send) => {
  const { status, body } = await send('POST', '/Users', userBody({ title: '', name: { familyName: '' }, addresses: null, nickName: null, emails: [] }));
  t.equal(status, 201);
  t.match(body, { title: '', name: { familyName: '' }, addresses: undefined, nickName: undefined, emails: undefined });
  t.equal((await send('GET', find(`id eq "${body.id}" and (title pr or addresses pr)`))).body.totalResults, 0);
  t.equal((await send('POST', '/Groups', groupBody({ members: null }))).status, 201);
});
always('Q27', 'application/json in and out', async (t, send) => {
  for (const type of ['application/json', 'Application/JSON; charset=UTF-8', 'application/scim+json;charset=utf-8', 'application/json; foo=bar']) {
    t.equal((await send('POST', '/Users', userBody(), { headers: { 'content-type': type } })).status, 201, type);
  }
  for (const [accept, type] of [['application/json', /^application\/json/], ['application/scim+json', /^application\/scim\+json/], ['*/*', /^application\/scim\+json/], ['application/json, application/scim+json', /^application\/scim\+json/], ['text/html', /^application\/scim\+json/]] as const) {
    t.match((await send('GET', `/Users/${ann.id}`, undefined, { headers: { accept } })).headers['content-type'], type, accept);
  }
});
always('Q28', 'GET with a type and no body, and without Accept', async (t, send) => {
  for (const headers of [{ 'content-type': 'application/scim+json' }, { 'content-type': 'application/json', 'content-length': '0' }]) t.equal((await send('GET', `/Users/${ann.id}`, undefined, { headers })).status, 200);
});
always('Q30 Q40', 'a look-up without a hit is an empty list of integers', async (t, send) => {
  for (const path of [find('userName eq "4f1c6c1e-0000-4000-8000-000000000000"'), find('externalId eq "none"'), find('displayName eq "none"', '/Groups')]) {
    const { status, body } = await send('GET', path);
    t.same([status, body], [200, { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] }]);
  }
});
always('Q31', 'comparison follows caseExact, in PATCH paths too', async (t, send) => {
  const user = await person({ userName: unique('Case'), externalId: undefined as never, emails: [{ value: 'Q31@x.test', type: 'Work' }] });
  t.equal((await send('GET', find(`userName eq "${user.userName.toUpperCase()}" and emails.value eq "q31@X.TEST"`))).body.totalResults, 1);
  t.same((await send('PATCH', `/Users/${user.id}`, patchBody(replace('emails[type eq "work"].value', 'new@x.test')))).body.emails, [{ value: 'new@x.test', type: 'Work' }]);
  t.equal((await send('GET', `/Users/${user.id.toUpperCase()}`)).status, 404);
});
always('Q34', 'a list in a comparison means its values', async (t, send) => {
  t.equal((await send('GET', find(`id eq "${looked.id}" and emails eq "needle@x.test"`))).body.totalResults, 1);
  const group = await three();
  t.equal((await send('GET', find(`id eq "${group.id}" and members eq "${ann.id}"`, '/Groups'))).body.totalResults, 1);
});
always('Q35', 'plus signs and percent escapes in queries', async (t, send) => {
  const user = await person({ userName: `${unique('plus')}+tag@x.test` });
  const encoded = encodeURIComponent(user.userName);
  for (const query of [`filter=userName+eq+%22${encoded}%22`, `filter=userName%20eq%20%22${encoded}%22`]) t.equal((await send('GET', `/Users?${query}`)).body.totalResults, 1, query);
});
always('Q36', 'instants with many digits, from any year', async (t, send) => {
  for (const [filter, total] of [[`meta.lastModified ge "2021-09-23T19:35:41.8420572Z"`, 1], [`meta.lastModified gt "0001-01-03T00:00:00"`, 1], [`meta.lastModified le "1969-12-31T23:59:59.123456789Z"`, 0]] as const) {
    t.equal((await send('GET', find(`id eq "${ann.id}" and ${filter}`))).body.totalResults, total, filter);
  }
});
always('Q37', 'extra slashes', async (t, send) => {
  for (const path of ['//Users', `/Users/?filter=${encodeURIComponent(`id eq "${ann.id}"`)}`, `/Users/${ann.id}/`, `//Users//${ann.id}`]) t.equal((await send('GET', path)).status, 200, path);
  t.equal((await send('GET', `/Users/?filter=${encodeURIComponent(`id eq "${ann.id}"`)}`)).body.totalResults, 1);
});
always('Q38 Q51', 'pages: bounds, any case, a stable order, nothing past the end', async (t, send) => {
  const page = async (query: string) => (await send('GET', `/Users?${query}`)).body;
  t.match(await page('startIndex=0&count=1'), { startIndex: 1, itemsPerPage: 1 });
  t.match(await page('startindex=2&COUNT=1'), { startIndex: 2, itemsPerPage: 1 });
  const { totalResults, Resources } = await page('count=0');
  t.ok(totalResults > 0);
  t.same(Resources ?? [], []);
  t.ok((await page('count=1000000')).itemsPerPage <= 1000);
  t.match(await page('startIndex=100000&count=2'), { itemsPerPage: 0, Resources: [] });
  const ids: string[] = [];
  for (let startIndex = 1; startIndex <= totalResults; startIndex += 7) ids.push(...(await page(`startIndex=${startIndex}&count=7`)).Resources.map(({ id }: Resource) => id));
  t.same([ids.length, new Set(ids).size], [totalResults, totalResults]);
});
always('Q39', 'groups without their members', async (t, send) => {
  const group = await three();
  const { body } = await send('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent(`id eq "${group.id}"`)}`);
  t.same([body.totalResults, body.Resources[0].members, body.Resources[0].displayName], [1, undefined, group.displayName]);
});
always('Q41 Q44', 'errors of every layer are SCIM errors', async (t, send) => {
  for (const [answer, status] of [
    [await send('GET', '/Users', undefined, { token: undefined }), 401], [await send('GET', '/Users', undefined, { token: 'wrong' }), 401], [await send('GET', '/Users/nobody'), 404],
    [await send('GET', '/ServiceProviderConfigs'), 404], [await send('GET', '/serviceConfiguration'), 404], [await send('PUT', '/Users', {}), 405], [await send('POST', '/Users', undefined, { raw: 'x', headers: { 'content-type': 'application/xml' } }), 415],
  ] as const) {
    refused(t, answer, status);
    t.ok(answer.body.detail);
    t.match(answer.headers['content-type'], /^application\/scim\+json/);
  }
});
always('Q42', 'a conflict, and then the one to adopt', async (t, send) => {
  const { body } = await send('POST', '/Users', userBody());
  refused(t, await send('POST', '/Users', userBody({ userName: body.userName.toUpperCase() })), 409, 'uniqueness');
  t.same((await send('GET', find(`userName eq "${body.userName.toUpperCase()}"`))).body.Resources, [body]);
});
always('Q43 Q45', 'discovery has every member that strict models ask for, one by one too', async (t, send) => {
  const { body } = await send('GET', '/ServiceProviderConfig');
  for (const name of ['patch', 'changePassword', 'sort', 'etag']) t.equal(typeof body[name].supported, 'boolean', name);
  t.same([body.bulk.supported, body.bulk.maxOperations, body.bulk.maxPayloadSize, body.filter.supported, body.filter.maxResults].map((value) => typeof value), ['boolean', 'number', 'number', 'boolean', 'number']);
  for (const scheme of body.authenticationSchemes) t.same([typeof scheme.type, typeof scheme.name, typeof scheme.description], ['string', 'string', 'string']);
  for (const path of ['/ResourceTypes/User', '/ResourceTypes/Group', `/Schemas/${USER}`, `/Schemas/${ENTERPRISE}`, `/Schemas/${GROUP}`]) t.equal((await send('GET', path)).status, 200, path);
});
quirk('Q48', 'discovery promises generous numbers of operations', async (t) => {
  const { bulk } = (await call('GET', '/ServiceProviderConfig')).body;
  t.ok(bulk.maxOperations === 0 || bulk.maxOperations >= 1000, `maxOperations ${bulk.maxOperations}: authentik cuts its PATCH by it`);
});
always('Q49', 'a part of a name leaves the rest', async (t, send) => {
  for (const operation of [replace('name', { givenName: 'Piet' }), { op: 'replace', value: { name: { givenName: 'Piet' } } }]) {
    t.same((await send('PATCH', `/Users/${(await person(SEED)).id}`, patchBody(operation))).body.name, { givenName: 'Piet', familyName: 'Dijk' });
  }
});
always('Q50', 'an empty list empties the group', async (t, send) => {
  for (const operation of [replace('members', []), { op: 'replace', value: { members: [] } }]) {
    const group = await three();
    t.equal((await send('PATCH', `/Groups/${group.id}`, patchBody(operation))).status, 200);
    t.same(await left(group), []);
  }
});
always('Q52 Q53', 'an inactive person is found and keeps the groups; a deleted one is gone', async (t, send) => {
  const user = await person();
  const group = await made('/Groups', groupBody({ members: [{ value: user.id }] }));
  t.equal((await send('PATCH', `/Users/${user.id}`, patchBody(replace('active', false)))).status, 200);
  const [found] = (await send('GET', find(`userName eq "${user.userName}"`))).body.Resources;
  t.match(found, { active: false, groups: [{ value: group.id }] });
  t.same(await left(group), [user.id]);
  t.same([(await send('DELETE', `/Users/${user.id}`)).status, (await send('DELETE', `/Users/${user.id}`)).status], [204, 404]);
  t.same(await left(group), []);
});
always('Q56', 'passwords come in and never out', async (t, send) => {
  const created = await send('POST', '/Users', userBody({ password: 'first-Password-1' }));
  const path = `/Users/${created.body.id}`;
  const answers = [created, await send('PATCH', path, patchBody({ op: 'replace', value: { password: 'second-Password-2' } })), await send('PUT', path, { schemas: [USER], userName: created.body.userName, password: 'third-Password-3' }), await send('GET', `${path}?attributes=password`)];
  for (const { status, text } of answers) {
    t.ok(status < 300, text);
    t.notMatch(text, /password|argon2/i);
  }
  refused(t, await send('GET', find('password eq "third-Password-3"')), 400, 'invalidFilter');
  t.match((await app.store.collections.credentials.findOne({ t: app.tenants.own, _id: created.body.id }))?.hash, /^\$argon2id\$/);
});
always('Q59', 'addresses are stored as they come', async (t, send) => {
  t.same((await send('POST', '/Users', userBody({ emails: [{ value: 'plain@x.test' }] }))).body.emails, [{ value: 'plain@x.test' }]);
});
quirk('Q61', 'Retry-After is whole seconds', async (t) => {
  t.match(unavailable().headers['retry-after'], /^[1-9]\d*$/);
});
always('Q62', 'meta.location is absolute and follows PUBLIC_URL, whatever the request says', async (t, send) => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', forwarded: 'host=evil.example' };
  t.equal((await send('GET', `/Users/${ann.id}`, undefined, { headers })).body.meta.location, `https://scim.example/scim/v2/Users/${ann.id}`);
});
always('Q63', 'status codes and bodies', async (t, send) => {
  const created = await send('POST', '/Users', userBody());
  t.same([created.status, created.headers['location']], [201, created.body.meta.location]);
  const path = `/Users/${created.body.id}`;
  for (const answer of [await send('PUT', path, { schemas: [USER], userName: created.body.userName }), await send('PATCH', path, patchBody(replace('title', 'y')))]) {
    t.same([answer.status, answer.body.id], [200, created.body.id]);
    t.match(answer.headers['content-type'], /^application\/scim\+json/);
  }
  const deleted = await send('DELETE', path);
  t.same([deleted.status, deleted.text], [204, '']);
});
quirk('Q64', 'chunked bodies', async (t) => {
  const origin = await app.app.listen({ port: 0, host: '127.0.0.1' });
  for (const token of [tokens.tolerant, tokens.strict]) {
    const answer = await fetch(`${origin}/scim/v2/Users`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' }, body: new Blob([JSON.stringify(userBody({ title: 'chunked' }))]).stream(), duplex: 'half' });
    t.equal(answer.status, 201);
    t.match(await answer.json(), { title: 'chunked' });
  }
});
always('Q65', 'unknown parameters are ignored', async (t, send) => {
  t.equal((await send('GET', `/Users?aadOptscim062020&filter=${encodeURIComponent(`id eq "${ann.id}"`)}`)).body.totalResults, 1);
  t.equal((await send('POST', '/Users?aadOptscim062020', userBody())).status, 201);
});

t.test('docs/clients.md lists every quirk with its switch, and every one has a test here', async (t) => {
  const text = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| Q')).map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim()));
  for (const row of rows) t.equal(row.length, 5, row.join());
  const numbers = Array.from({ length: 65 }, (_, index) => index + 1).filter((number) => number !== 29);
  const expected = [...numbers.map((number) => `Q${String(number).padStart(2, '0')}`), 'Q13b'].sort();
  t.same(rows.map(([id]) => id).sort(), expected);
  t.same([...named].sort(), expected);
  for (const [id = '', , , , cell = ''] of rows) {
    const switches = TOLERANCES.filter(({ quirks }) => quirks.some((name) => name === id)).map(({ name }) => name as string);
    const listed = cell === 'always' ? [] : Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name);
    t.same([...listed].sort(), [...switches].sort(), `${id}: ${cell}`);
  }
});
t.test('every switch has a test here', async (t) => {
  t.same([...switched].sort(), TOLERANCES.map(({ name }) => name).sort());
});
