import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Json } from '../../src/scim/json.ts';
import { readPatch } from '../../src/scim/patch-request.ts';
import { strictTolerances, Tolerances, type ToleranceName } from '../../src/scim/tolerances.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { testRegistry } from '../properties/registry.ts';
import { refusal } from './errors.ts';

const registry = testRegistry();
const readBody = (body: Json | undefined, tolerances = strictTolerances()) => readPatch(registry.type('User'), body, { limits: DEFAULT_LIMITS, tolerances });
const read = (type: string, operation: Json, ...names: ToleranceName[]) =>
  readPatch(registry.type(type), { schemas: [MESSAGE.patchOp], Operations: [operation] }, { limits: DEFAULT_LIMITS, tolerances: new Tolerances(names) });

const TITLE = { op: 'replace', path: 'title', value: 'x' };

t.test('R-PATCH-1: a body that is no PatchOp is refused', async (t) => {
  const bodies: readonly (Json | undefined)[] = [
    undefined, null, [], 'x', {}, { Operations: [TITLE] }, { schemas: [], Operations: [TITLE] }, { schemas: [MESSAGE.searchRequest], Operations: [TITLE] }, { schemas: [MESSAGE.patchOp] },
    { schemas: [MESSAGE.patchOp], Operations: [] }, { schemas: [MESSAGE.patchOp], Operations: TITLE }, { schemas: [MESSAGE.patchOp], Operations: ['x'] }, { schemas: [MESSAGE.patchOp], Operations: [null] },
  ];
  for (const body of bodies) t.equal(refusal(() => readBody(body)), 'invalidSyntax', JSON.stringify(body));
  t.equal(readBody({ SCHEMAS: [MESSAGE.patchOp.toUpperCase()], operations: [{ OP: 'replace', Path: 'title', VALUE: 'x' }] }).operations.length, 1);
});

const REFUSED: readonly (readonly [string, string, Json, string])[] = [
  ...['move', 'Replace', '', null, 5].map((op) => ['R-PATCH-2', 'User', { op, path: 'title', value: 'x' }, 'invalidSyntax'] as const),
  ['R-PATCH-2', 'User', { path: 'title', value: 'x' }, 'invalidSyntax'],
  ['R-PATCH-3, 35', 'User', { op: 'remove' }, 'noTarget'],
  ...['emails[0]', '/emails/0', 'emails[type eq "work"', 'a.b.c', '', 'name.givenName.x', 'emails[type eq "work"].', 'emails[type eq "work"].value.x', 'emails[]', 'emails[type eq "work"]value', ' title', 'title ', 'emails.', 'emails[type eq "a"][type eq "b"]', '[type eq "a"]', 'emails[emails[type pr]]']
    .map((path) => ['R-PATCH-4', 'User', { op: 'replace', path, value: 'x' }, 'invalidPath'] as const),
  ...[5, null, {}, ['title']].map((path) => ['R-PATCH-4', 'User', { op: 'replace', path, value: 'x' }, 'invalidPath'] as const),
  ...['emails[nope eq "x"].value', 'emails[type eq 5].value', 'emails[primary gt true].value'].map((path) => ['R-PATCH-4', 'User', { op: 'replace', path, value: 'x' }, 'invalidFilter'] as const),
  ...['id', 'meta', 'meta.created', 'groups', 'groups[value eq "x"]', 'groups.value', 'schemas', 'urn:ietf:params:scim:schemas:core:2.0:User:schemas'].flatMap((path) => [['R-PATCH-13', 'User', { op: 'replace', path, value: 'x' }, 'mutability'] as const, ['R-PATCH-13', 'User', { op: 'remove', path }, 'mutability'] as const]),
  ['R-PATCH-15', 'User', { op: 'remove', path: 'userName' }, 'mutability'], ['R-PATCH-15', 'User', { op: 'replace', path: 'userName', value: null }, 'mutability'], ['R-PATCH-15', 'Group', { op: 'remove', path: 'displayName' }, 'mutability'],
  ['R-PATCH-16', 'User', { op: 'replace', path: 'active', value: 'yes' }, 'invalidValue'], ['R-PATCH-16', 'User', { op: 'add', path: 'name', value: 'Bob' }, 'invalidValue'], ['R-PATCH-16', 'User', { op: 'replace', value: 'x' }, 'invalidValue'],
  ['R-PATCH-18', 'User', { op: 'replace', path: 'shoeSize', value: 'x' }, 'invalidPath'], ['R-PATCH-18', 'User', { op: 'replace', path: 'userName[value eq "x"]', value: 'x' }, 'invalidPath'], ['decision 12', 'User', { op: 'replace', path: 'department', value: 'x' }, 'invalidPath'],
  ['R-PATCH-21', 'User', { op: 'add', path: 'title' }, 'invalidValue'], ['R-PATCH-21', 'User', { op: 'add' }, 'invalidValue'],
  ['R-PATCH-41', 'Group', { op: 'remove', path: 'members', value: [{ value: 'u1' }] }, 'invalidValue'],
  ['R-PATCH-14', 'Group', { op: 'replace', path: 'members[value eq "u1"].value', value: 'u2' }, 'mutability'], ['R-PATCH-14', 'Group', { op: 'remove', path: 'members.value' }, 'mutability'], ['R-PATCH-14', 'Group', { op: 'add', path: 'members[value eq "u1"]', value: { value: 'u1' } }, 'mutability'],
  ['members', 'Group', { op: 'add', path: 'members', value: [{ display: 'Jan' }] }, 'invalidValue'], ['members', 'Group', { op: 'add', path: 'members', value: [{}] }, 'invalidValue'], ['members', 'Group', { op: 'add', path: 'members', value: [{ value: '' }] }, 'invalidValue'],
  ['R-PATCH-8', 'User', { op: 'add', path: 'emails', value: [{ value: 'a', primary: true }, { value: 'b', primary: true }] }, 'invalidValue'],
];
for (const [rule, type, operation, scimType] of REFUSED) {
  t.test(`${rule}: ${type} ${JSON.stringify(operation)} is ${scimType}`, async (t) => {
    t.equal(refusal(() => read(type, operation)), scimType);
  });
}

t.test('R-PATCH-20: add takes one element or an array, strictly too', async (t) => {
  for (const value of [{ value: 'a' }, [{ value: 'a' }]] as Json[]) {
    t.match(read('User', { op: 'add', path: 'emails', value }).operations, [{ op: 'add', value: [{ value: 'a' }] }]);
    t.match(read('Group', { op: 'add', path: 'members', value }).members, [{ kind: 'add', members: [{ id: 'a' }] }]);
  }
});

t.test('R-PATCH-42: a removal by any question about the member is understood or refused, never taken for another one', async (t) => {
  const removal = (filter: string) => read('Group', { op: 'remove', path: `members[${filter}]` }).members;
  t.same(removal('value eq "u1"'), [{ kind: 'remove', ids: ['u1'] }]);
  t.same(removal('value eq "u1" or value eq "u2"'), [{ kind: 'remove', ids: ['u1', 'u2'] }]);
  for (const filter of ['type eq "User"', 'not (value eq "u1")', 'value eq "u1" and type eq "User"', 'display eq "Jan"', 'not ($ref eq "https://a.example/Users/u1")']) t.match(removal(filter), [{ kind: 'removeWhere' }], filter);
});

t.test('R-PATCH-12: the same attribute by path, by qualified key and inside its extension', async (t) => {
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const forms: Json[] = [{ op: 'replace', path: `${urn}:department`, value: 'x' }, { op: 'replace', value: { [`${urn}:department`]: 'x' } }, { op: 'replace', value: { [urn]: { department: 'x' } } }, { op: 'replace', path: urn.toUpperCase(), value: { DEPARTMENT: 'x' } }];
  const [first] = forms.map((form) => read('User', form).operations);
  for (const form of forms) t.same(read('User', form).operations, first, JSON.stringify(form));
});

t.test('limits: operations, and values in one of them', async (t) => {
  const body = (count: number, operation: Json): Json => ({ schemas: [MESSAGE.patchOp], Operations: Array.from({ length: count }, () => operation) });
  t.equal(readBody(body(100, TITLE)).operations.length, 100);
  t.equal(refusal(() => readBody(body(101, TITLE))), 'invalidValue');
  const members = (count: number): Json => Array.from({ length: count }, (_, index) => ({ value: `u${index}` }));
  t.equal(read('Group', { op: 'add', path: 'members', value: members(1000) }).members.length, 1);
  t.equal(refusal(() => read('Group', { op: 'add', path: 'members', value: members(1001) })), 'invalidValue');
});

const TOLERATED: readonly (readonly [ToleranceName, string, string, Json])[] = [
  ['operationCase', 'Q01', 'User', { op: 'Replace', path: 'title', value: 'x' }],
  ['dottedKeys', 'Q05', 'User', { op: 'replace', value: { 'name.givenName': 'x' } }],
  ['dottedKeys', 'Q05', 'User', { op: 'replace', value: { 'emails[type eq "work"].value': 'x' } }],
  ['booleanText', 'Q07', 'User', { op: 'replace', path: 'active', value: 'False' }],
  ['removeByValue', 'Q11', 'Group', { op: 'remove', path: 'members', value: [{ value: 'u1' }] }],
  ['nullPath', 'Q13', 'User', { op: 'replace', path: null, value: { title: 'x' } }],
  ['unqualifiedExtension', 'Q16', 'User', { op: 'replace', path: 'department', value: 'x' }],
  ['bareReference', 'Q16', 'User', { op: 'replace', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager', value: 'u1' }],
  ['dotAfterUrn', 'Q19', 'User', { op: 'replace', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department', value: 'x' }],
  ['unknownAttributes', 'Q20', 'User', { op: 'replace', value: { nope: 'x', title: 'y' } }],
  ['singleForMany', 'Q58', 'User', { op: 'replace', path: 'emails', value: { value: 'x' } }],
];
for (const [name, quirk, type, operation] of TOLERATED) {
  t.test(`${quirk}: ${JSON.stringify(operation)} passes with ${name} and not strictly`, async (t) => {
    const { operations, members } = read(type, operation, name);
    t.ok(operations.length + members.length > 0);
    t.match(refusal(() => read(type, operation)), /^invalid/);
  });
}
