import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { match } from '../../src/scim/match.ts';
import { pathName, resolveName } from '../../src/scim/path.ts';
import { resolveFilter } from '../../src/scim/resolve.ts';
import { resolveSort } from '../../src/scim/resolve-sort.ts';
import type { Attributes } from '../../src/scim/schema.ts';
import { strictTolerances, Tolerances, type ToleranceName } from '../../src/scim/tolerances.ts';
import { EXTRA, testRegistry, THING } from '../properties/registry.ts';
import { refusal } from './errors.ts';

const registry = testRegistry();
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

function resolve(type: string, text: string, ...names: ToleranceName[]) {
  const tolerances = new Tolerances(names);
  return resolveFilter(registry.type(type), parseFilter(text, { limits: DEFAULT_LIMITS, tolerances }), { tolerances });
}

const REFUSED: readonly (readonly [string, string, string])[] = [
  ...[
    'groups.$ref eq "x"', 'groups.display eq "x"', 'groups.display pr', 'groups.display eq null', 'groups.type eq "direct"', 'groups[display eq "x"]', 'groups[type eq "direct"]', 'groups ne "x"', 'groups co "x"', 'groups[value sw "x"]', 'groups eq 5',
    `${ENTERPRISE}:manager.displayName eq "x"`, `${ENTERPRISE}:manager.displayName pr`, `${ENTERPRISE}:manager.$ref eq "x"`, 'meta.location eq "x"', 'meta.location pr',
  ].map((text) => ['computed', 'User', text] as const),
  ...['members.display eq "x"', 'members.display pr', 'members.display eq null', 'members.$ref eq "x"', 'members.type eq "User"', 'members[display eq "x"]', 'members[value eq "x" and type eq "User"]', 'members ne "x"', 'members.value sw "x"', 'members[not (value eq "x")]']
    .map((text) => ['computed', 'Group', text] as const),
  ...['password eq "x"', 'password pr', 'password sw "a"', `${USER}:password eq null`, 'not (password pr)'].map((text) => ['R-FILT-26', 'User', text] as const),
  ['R-FILT-26', 'Thing', 'secret pr'],
  ...['gt', 'ge', 'lt', 'le'].flatMap((operator) => [['R-FILT-9', 'User', `active ${operator} false`] as const, ['R-FILT-9', 'User', `x509Certificates.value ${operator} "QUJD"`] as const]),
  ...['co', 'sw', 'ew'].flatMap((operator) => ([['one-boolean', 'true'], ['one-integer', '5'], ['one-decimal', '1.5'], ['one-dateTime', '"2026-01-05T09:00:00Z"'], ['many-integer', '5']] as const)
    .map(([name, literal]) => ['R-FILT-20', 'Thing', `${name} ${operator} ${literal}`] as const)),
  ...['active eq "true"', 'active co "t"', 'active eq 1', 'userName eq 5', 'userName eq true', 'meta.created eq "yesterday"', 'meta.created gt "2026-01-05"', 'meta.lastModified eq 5', 'emails.primary eq "true"', 'emails[primary eq "true"]', 'emails[type eq 5]', 'emails eq 5']
    .map((text) => ['R-FILT-20', 'User', text] as const),
  ...['one-integer eq "5"', 'one-decimal eq true', 'one-binary eq 5', 'one-reference eq false'].map((text) => ['R-FILT-20', 'Thing', text] as const),
  ...['gt', 'ge', 'lt', 'le', 'co', 'sw', 'ew'].map((operator) => ['R-FILT-23', 'User', `title ${operator} null`] as const),
  ...['name eq "x"', 'name co "x"', 'meta eq "x"', `${ENTERPRISE}:manager eq "x"`, 'addresses eq "x"'].map((text) => ['R-FILT-13', 'User', text] as const),
  ...['name.givenName.x eq "a"', 'emails.value.x pr', 'emails[value.x pr]'].map((text) => ['R-FILT-17', 'User', text] as const),
  ...['nope pr', 'nope eq "x"', 'name.nope pr', 'emails[nope pr]', 'emails.nope pr', 'nope[type pr]', 'department eq "x"', 'urn:example:none:userName pr', `${USER} pr`, ENTERPRISE + ' pr', `${ENTERPRISE}:userName pr`].map((text) => ['decision 10, 12', 'User', text] as const),
  ...['userName[value eq "x"]', 'name[givenName pr]', 'emails.value[type pr]', 'schemas[value pr]'].map((text) => ['value paths need a multi-valued complex attribute', 'User', text] as const),
  ['value paths need a multi-valued complex attribute', 'Thing', 'many-string[value eq "x"]'],
  ...['$where eq "1"', 'constructor pr', '__proto__ pr', 'toString eq "x"', 'hasOwnProperty pr', 'k.userName pr', '_id pr'].map((text) => ['R-FILT-27', 'User', text] as const),
  ...['gt', 'co', 'sw'].map((operator) => ['a version is a tag', 'User', `meta.version ${operator} "W"`] as const),
];
for (const [rule, type, text] of REFUSED) {
  t.test(`${rule}: refused on ${type}: ${text}`, async (t) => {
    t.equal(refusal(() => resolve(type, text)), 'invalidFilter');
  });
}

const JAN: Attributes = {
  id: 'u1', userName: 'Jan', title: '', active: true, name: { givenName: 'Jan' }, externalId: 'AbC', profileUrl: 'https://a.example/Jan',
  meta: { resourceType: 'User', created: '2026-01-05T09:00:00.000Z', lastModified: '2026-01-05T09:00:00.000Z', version: 'W/"1"' },
  emails: [{ value: 'jan@work.example', type: 'work', primary: true }, { value: 'jan@home.example', type: 'home' }],
  schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'Sales', manager: { value: 'm1' } },
};
const MATCHES: readonly (readonly [string, string, boolean])[] = [
  ['R-FILT-4, 16', 'USERNAME eq "JAN"', true], ['R-FILT-16', 'externalId eq "ABC"', false], ['R-FILT-16', 'externalId eq "AbC"', true], ['R-FILT-16', 'id eq "U1"', false], ['R-CHAR-12', 'profileUrl eq "https://a.example/JAN"', false],
  ['R-FILT-6, decision 11', 'nickName ne "x"', true], ['decision 11', 'emails.type ne "work"', true], ['decision 11', 'not (emails.type eq "work")', false],
  ['R-FILT-6', 'meta.created eq "2026-01-05T10:00:00+01:00"', true], ['R-FILT-8', 'meta.lastModified gt "2026-01-05T11:00:00.5+02:00"', false], ['R-FILT-8', 'meta.lastModified ge "2026-01-05T11:00:00+02:00"', true],
  ['R-FILT-7', 'userName co ".*"', false], ['R-FILT-7', 'userName sw "Jan"', true], ['R-FILT-7', 'userName ew "an"', true], ['R-FILT-7', 'userName co "A"', true], ['R-FILT-7', 'title co ""', true], ['R-FILT-7', 'nickName co ""', false],
  ['R-FILT-11', 'emails.value eq "jan@home.example"', true], ['R-FILT-13', 'emails co "home"', true], ['R-FILT-14', 'emails[type eq "work" and value co "home"]', false], ['R-FILT-14', 'emails.type eq "work" and emails.value co "home"', true],
  ['R-FILT-12', 'name pr', true], ['R-FILT-12', 'name.familyName pr', false], ['R-FILT-12, decision 25', 'title pr', false], ['R-FILT-12', 'emails pr', true], ['R-FILT-12', 'emails.display pr', false], ['R-FILT-12', 'phoneNumbers pr', false], ['R-FILT-12', 'active pr', true],
  ['R-FILT-18', `${USER}:userName eq "jan"`, true], ['R-FILT-18', `${ENTERPRISE.toUpperCase()}:DEPARTMENT eq "sales"`, true], ['R-FILT-18', `${ENTERPRISE}:manager.value eq "m1"`, true], ['computed', `${ENTERPRISE}:manager.$ref pr`, true],
  ['R-FILT-19', `schemas eq "${ENTERPRISE}"`, true], ['R-FILT-19', 'schemas eq "urn:x"', false], ['R-FILT-19', 'meta.resourceType eq "User"', true], ['R-FILT-19', 'meta.resourceType eq "Group"', false],
  ['R-FILT-23', 'title eq null', true], ['R-FILT-23', 'nickName eq null', true], ['R-FILT-23', 'userName eq null', false], ['R-FILT-23', 'emails.display ne null', false], ['R-FILT-23', 'emails ne null', true],
  ['a version is a tag', String.raw`meta.version eq "W/\"1\""`, true],
];
for (const [rule, text, expected] of MATCHES) {
  t.test(`${rule}: ${text} ${expected ? 'holds' : 'does not hold'}`, async (t) => {
    t.equal(match(resolve('User', text), JAN), expected);
  });
}

t.test('R-QUERY-4: over several types a name that one lacks has no value there', async (t) => {
  const group = registry.type('Group');
  const tolerances = strictTolerances();
  const holds = (text: string) => match(resolveFilter(group, parseFilter(text, { limits: DEFAULT_LIMITS, tolerances }), { tolerances, unknown: 'valueless' }), { displayName: 'g' });
  for (const text of ['userName pr', 'userName eq "x"', 'emails[type eq "work"]', 'userName ne null', `${ENTERPRISE}:department sw "a"`]) t.equal(holds(text), false, text);
  for (const text of ['userName ne "x"', 'userName eq null', 'not (userName pr)', 'displayName eq "G"']) t.equal(holds(text), true, text);
});

t.test('tolerances: each repairs what strict refuses, and only when it is on', async (t) => {
  const rows: readonly (readonly [ToleranceName, string])[] = [
    ['unqualifiedExtension', 'department eq "sales"'], ['dotAfterUrn', `${ENTERPRISE}.department eq "sales"`], ['complexAsValue', `${ENTERPRISE}:manager eq "m1"`], ['booleanText', 'active eq "True"'], ['bareFilterValue', 'userName eq jan'],
  ];
  for (const [name, text] of rows) {
    t.equal(match(resolve('User', text, name), JAN), true, text);
    t.equal(refusal(() => resolve('User', text)), 'invalidFilter', text);
  }
});

t.test('R-MODEL-1, R-FILT-18: names in every form lead to their attribute', async (t) => {
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ['User', 'userName', 'userName'], ['User', 'USERNAME', 'userName'], ['User', 'name.GIVENNAME', 'name.givenName'], ['User', `${USER}:userName`, 'userName'], ['User', `${USER.toUpperCase()}:USERNAME`, 'userName'],
    ['User', `${USER}:id`, 'id'], ['User', `${USER}:meta.created`, 'meta.created'], ['User', `${ENTERPRISE}:manager.value`, `${ENTERPRISE}:manager.value`], ['User', `${ENTERPRISE}:id`, undefined],
    ['Group', 'members.$ref', 'members.$ref'], ['Thing', 'label', 'label'], ['Thing', `${THING}:label`, 'label'], ['Thing', `${EXTRA}:label`, `${EXTRA}:label`], ['Thing', `${EXTRA.toLowerCase()}:LABEL`, `${EXTRA}:label`],
    ['Thing', `${THING}:Extra`, 'an extension'], ['User', ENTERPRISE, 'an extension'], ['User', USER, undefined], ['User', `${USER}:`, undefined], ['User', `${USER}x:userName`, undefined], ['User', `${USER}.userName`, undefined],
    ['User', 'department', undefined], ['User', 'name.givenName.x', undefined], ['User', 'name.', undefined], ['User', '.name', undefined], ['User', '', undefined], ['User', 'userName ', undefined], ['User', '1abc', undefined],
    ['User', '__proto__', undefined], ['User', 'constructor.name', undefined],
  ];
  for (const [type, text, expected] of rows) {
    const named = resolveName(registry.type(type), text);
    t.equal(named?.kind === 'extension' ? 'an extension' : named && pathName(named.path), expected, `${type} ${text}`);
  }
});

t.test('decision 12: an unqualified extension name is found only where the core schema lacks it', async (t) => {
  const searchExtensions = () => true;
  const found = (type: string, text: string) => {
    const named = resolveName(registry.type(type), text, { searchExtensions });
    return named?.kind === 'attribute' ? pathName(named.path) : undefined;
  };
  t.equal(found('User', 'department'), `${ENTERPRISE}:department`);
  t.equal(found('Thing', 'label'), 'label');
  t.equal(found('Thing', 'pieces.size'), `${EXTRA}:pieces.size`);
});

t.test('R-SORT-4: what cannot be sorted by is invalidValue', async (t) => {
  const sort = (type: string, text: string) => resolveSort(registry.type(type), text, { tolerances: strictTolerances() });
  for (const text of ['name', 'nope', 'password', 'groups', 'groups.value', 'meta', 'meta.location', 'addresses', `${ENTERPRISE}:manager`, `${ENTERPRISE}:manager.displayName`, ENTERPRISE, '']) t.equal(refusal(() => sort('User', text)), 'invalidValue', text);
  for (const text of ['members', 'members.value']) t.equal(refusal(() => sort('Group', text)), 'invalidValue', text);
  for (const text of ['userName', 'NAME.familyname', 'emails', 'emails.type', 'meta.created', 'id', 'externalId', `${ENTERPRISE}:manager.value`, 'active']) t.ok(sort('User', text), text);
});
