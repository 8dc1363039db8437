/** Filters: RFC 7644 section 3.4.2.2, requirements R-FILT. Strict client; the four people below are all there is. */
import t from 'tap';
import { ENTERPRISE, GROUP, startApp, USER } from '../helpers/app.ts';
import { made, refused } from './expectations.ts';

const app = await startApp(t, import.meta.url);
const { call, clock } = app;

const at = (time: string) => (clock.now = new Date(time));
const person = (userName: string, attributes: object = {}) => made(app, '/Users', { schemas: [USER], userName, ...attributes });

at('2026-01-05T09:00:00.250Z');
const boss = await person('boss', { displayName: '100% "Boss" \\ .*$', externalId: 'abc', nickName: '' });
at('2026-01-05T10:00:00.000Z');
const ann = await person('Ann', {
  title: 'x', active: true, externalId: 'ABC', profileUrl: 'https://ann.example/Me', name: { givenName: 'Ann' },
  emails: [{ value: 'a@work.test', type: 'work', primary: true }, { value: 'B@home.test', type: 'home' }],
  x509Certificates: [{ value: 'QUJD' }],
});
at('2026-01-05T11:00:00.000Z');
await person('bob', {
  title: 'Y', active: false, name: { familyName: 'Zed' }, emails: [{ value: 'b@home.test', type: 'work' }], ims: [{ value: 'bob', type: 'xmpp' }],
  [ENTERPRISE]: { department: 'd', manager: { value: boss.id } },
});
at('2026-01-05T12:00:00.000Z');
await person('ren\u00e9', { displayName: '\u{1f600}\uff01' });
const group = await made(app, '/Groups', { schemas: [GROUP], displayName: 'g', members: [{ value: ann.id }] });

const EVERYBODY = ['Ann', 'bob', 'boss', 'ren\u00e9'];
const query = (filter: string, endpoint = '/Users') => call('GET', `${endpoint}?filter=${encodeURIComponent(filter)}`);

/** Each filter finds exactly these people. */
function finds(name: string, rows: readonly (readonly [string, readonly string[]])[]): void {
  t.test(name, async (t) => {
    for (const [filter, expected] of rows) {
      const answer = await query(filter);
      t.equal(answer.status, 200, `${filter}: ${answer.text}`);
      t.same(answer.body.Resources?.map(({ userName }: { userName: string }) => userName).sort(), [...expected].sort(), filter);
      t.equal(answer.body.totalResults, expected.length);
    }
  });
}

/** Each filter is refused, by GET and by .search, and lists nobody. */
function refuses(name: string, filters: readonly string[]): void {
  t.test(name, async (t) => {
    for (const filter of filters) {
      t.comment(filter.slice(0, 80));
      if (filter.length < 5000) refused(t, await query(filter), 400, 'invalidFilter');
      const searched = await call('POST', '/Users/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter });
      refused(t, searched, 400, 'invalidFilter');
      t.notMatch(searched.text, /"Resources"/);
    }
  });
}

refuses('R-FILT-1, D-26: what is no filter is refused, the broken examples of the RFCs included', [
  '', ' ', 'userName', 'userName eq', 'eq "x"', '(userName pr', 'userName pr)', 'userName eq bob', "userName eq 'x'", 'userName eq "b" and', 'and userName pr',
  'not title pr', 'not', 'userName pr userName pr', 'userName eq "x" "y"', 'userName eq "x', 'userName eq "\\x"', 'userName eq "\\ud800"', 'emails[', 'emails[]', 'emails[type eq "work"',
  'emails[type eq "work"]]', 'emails[type eq "work"].value eq "x"', 'meta.resourceType eq User', "meta.resourceType eq 'User'", 'userName sw J', 'userName eq"x"',
  'userName == "x"', 'userName eq tru', 'userName eq [1]', 'userName eq {}', 'userName pr; drop', 'userName\u00a0pr', '1abc pr',
]);

finds('R-FILT-2: every operator has a hit and a miss, for text', [
  ['title eq "x"', ['Ann']], ['title eq "z"', []], ['title ne "x"', ['bob', 'boss', 'ren\u00e9']], ['title co "y"', ['bob']], ['title co "q"', []],
  ['name.givenName sw "an"', ['Ann']], ['name.givenName sw "nn"', []], ['name.givenName ew "nn"', ['Ann']], ['name.givenName ew "an"', []],
  ['title pr', ['Ann', 'bob']], ['userType pr', []], ['title gt "x"', ['bob']], ['title gt "y"', []], ['title ge "y"', ['bob']], ['title ge "z"', []],
  ['title lt "y"', ['Ann']], ['title lt "x"', []], ['title le "x"', ['Ann']], ['title le "w"', []],
  ['title eq "x" and active eq true', ['Ann']], ['title eq "x" or title eq "y"', ['Ann', 'bob']], ['not (title pr)', ['boss', 'ren\u00e9']], ['(title pr)', ['Ann', 'bob']],
]);
finds('R-FILT-2: and for references, booleans, dates and binary', [
  ['profileUrl eq "https://ann.example/Me"', ['Ann']], ['profileUrl eq "https://ann.example/me"', []], ['profileUrl sw "https://ann"', ['Ann']], ['profileUrl ew "/Me"', ['Ann']], ['profileUrl co "EXAMPLE"', []],
  ['profileUrl gt "https://a"', ['Ann']], ['profileUrl lt "https://a"', []],
  ['active eq false', ['bob']], ['active ne false', ['Ann', 'boss', 'ren\u00e9']], ['active pr', EVERYBODY],
  ['meta.created eq "2026-01-05T10:00:00Z"', ['Ann']], ['meta.created ne "2026-01-05T10:00:00Z"', ['bob', 'boss', 'ren\u00e9']], ['meta.created pr', EVERYBODY],
  ['x509Certificates.value eq "QUJD"', ['Ann']], ['x509Certificates.value eq "qujd"', []], ['x509Certificates.value pr', ['Ann']], ['x509Certificates.value ne "QUJD"', ['bob', 'boss', 'ren\u00e9']],
]);
t.test('R-FILT-3: an unknown operator is refused with a text that lists the known ones', async (t) => {
  for (const operator of ['regex', 'like', 'equals', '$eq', 'in']) {
    const answer = await query(`userName ${operator} "x"`);
    refused(t, answer, 400, 'invalidFilter');
    t.match(answer.body.detail, /eq, ne, co, sw, ew, gt, ge, lt, le, pr/);
  }
});
finds('R-FILT-4: names and operators in any case', [
  ['USERNAME Eq "bob"', ['bob']], ['title PR AND active EQ true', ['Ann']], ['NOT (title Pr) OR title eq "x"', ['Ann', 'boss', 'ren\u00e9']],
  ['EMAILS[TYPE EQ "home"]', ['Ann']], ['Name.FamilyName eq "zed"', ['bob']],
]);
finds('R-FILT-5: values are JSON', [
  ['displayName co "\\"Boss\\""', ['boss']], ['displayName co "\\\\"', ['boss']], ['userName eq "ren\\u00e9"', ['ren\u00e9']], ['displayName eq "\\ud83d\\ude00\\uff01"', ['ren\u00e9']], ['displayName co "\\/"', []],
]);
finds('R-FILT-6, D-11: ne holds where there is no value, and on several values where any differs', [
  ['title ne "x"', ['bob', 'boss', 'ren\u00e9']],
  ['emails.value ne "b@home.test"', ['Ann', 'boss', 'ren\u00e9']],
  ['not (emails.value eq "b@home.test")', ['boss', 'ren\u00e9']],
  ['emails[value ne "b@home.test"]', ['Ann']],
]);
finds('R-FILT-7: substrings are literal, and equal text starts and ends with itself', [
  ['displayName co ".*"', ['boss']], ['displayName sw "%"', []], ['displayName sw "100%"', ['boss']], ['displayName ew "$"', ['boss']], ['displayName co "^"', []], ['displayName ew ".*$"', ['boss']],
  ['userName sw "bob"', ['bob']], ['userName ew "bob"', ['bob']], ['userName co "bob"', ['bob']], ['displayName sw "\u{1f600}"', ['ren\u00e9']],
]);
finds('R-FILT-8: order by instant and by text', [
  ['meta.created gt "2026-01-05T12:00:00+02:00"', ['bob', 'ren\u00e9']], ['meta.created ge "2026-01-05T12:00:00+02:00"', ['Ann', 'bob', 'ren\u00e9']],
  ['meta.created lt "2026-01-05T09:00:00.251Z"', ['boss']], ['meta.created le "2026-01-05T09:00:00.25Z"', ['boss']], ['meta.created eq "2026-01-05T09:00:00.2500000+00:00"', ['boss']],
  ['meta.lastModified gt "0001-01-03T00:00:00Z"', EVERYBODY], ['meta.lastModified ge "2026-01-05T12:00:00.0000001Z"', ['ren\u00e9']],
  ['userName lt "b"', ['Ann']], ['userName ge "BOSS"', ['boss', 'ren\u00e9']],
]);
refuses('R-FILT-9: no order for booleans and binary', ['gt', 'ge', 'lt', 'le'].flatMap((operator) => [`active ${operator} false`, `x509Certificates.value ${operator} "QUJD"`]));
finds('R-FILT-10: not before and, and before or', [
  ['title eq "x" or title eq "y" and active eq true', ['Ann']], ['(title eq "x" or title eq "y") and active eq false', ['bob']], ['title eq "y" or title eq "x" and active eq false', ['bob']],
  ['not (title pr) and active eq true', ['boss', 'ren\u00e9']], ['not (title pr and active eq true)', ['bob', 'boss', 'ren\u00e9']], ['not (not (title eq "x"))', ['Ann']], ['not(title pr)', ['boss', 'ren\u00e9']],
]);
finds('R-FILT-11: any element will do', [['emails.value eq "b@home.test"', ['Ann', 'bob']], ['emails.type eq "home"', ['Ann']]]);
finds('R-FILT-12, D-25: present is what holds something; empty text does not', [
  ['name pr', ['Ann', 'bob']], ['emails pr', ['Ann', 'bob']], ['nickName pr', []], ['nickName eq ""', ['boss']], [`${ENTERPRISE}:manager pr`, ['bob']], ['emails.display pr', []],
]);
t.test('R-FILT-12: an emptied list is not present', async (t) => {
  const user = await person('emptied', { emails: [{ value: 'e@x.test' }] });
  t.equal((await query('userName eq "emptied" and emails pr')).body.totalResults, 1);
  t.equal((await call('PUT', `/Users/${user.id}`, { schemas: [USER], userName: 'emptied', emails: [] })).status, 200);
  t.equal((await query('userName eq "emptied" and emails pr')).body.totalResults, 0);
  t.equal((await query('userName eq "emptied" and not (emails pr)')).body.totalResults, 1);
  await call('DELETE', `/Users/${user.id}`);
});
refuses('R-FILT-13: a complex attribute needs a sub-attribute', ['name eq "x"', 'name co "x"', `${ENTERPRISE}:manager eq "x"`, 'meta eq "x"']);
finds('R-FILT-13: a multi-valued one means its value', [['emails co "@home"', ['Ann', 'bob']], ['emails.value co "@home"', ['Ann', 'bob']], ['ims eq "bob"', ['bob']]]);
t.test('R-FILT-13: members too', async (t) => {
  for (const filter of [`members eq "${ann.id}"`, `members.value eq "${ann.id}"`, `members[value eq "${ann.id}"]`]) {
    t.same((await query(filter, '/Groups')).body.Resources.map(({ id }: { id: string }) => id), [group.id], filter);
  }
  t.equal((await query(`members eq "${boss.id}"`, '/Groups')).body.totalResults, 0);
});
finds('R-FILT-14: a value path holds within one element', [
  ['emails[type eq "work" and value eq "b@home.test"]', ['bob']], ['emails.type eq "work" and emails.value eq "b@home.test"', ['Ann', 'bob']], ['emails[type eq "home" and primary eq true]', []],
]);
finds('R-FILT-15: value paths combine inside and outside', [
  ['emails[type eq "home"] or ims[type eq "xmpp"]', ['Ann', 'bob']], ['not (emails[type eq "work"])', ['boss', 'ren\u00e9']], ['emails[type eq "work"] and active eq false', ['bob']],
  ['(emails[type eq "home"]) and (title eq "x")', ['Ann']], ['emails[not (type eq "work")]', ['Ann']], ['emails[(type eq "work" or type eq "home") and primary eq true]', ['Ann']],
  ['emails[primary pr]', ['Ann']], ['emails[not (primary eq true) and value co "home"]', ['Ann', 'bob']],
]);
refuses('R-FILT-15: but never nest', ['emails[type eq "work" and ims[type eq "xmpp"]]', 'emails[emails[type eq "work"]]', 'title[value eq "x"]', 'name[givenName eq "Ann"]', 'emails[nope eq "x"]', 'emails[name.givenName eq "x"]']);
finds('R-FILT-16: case matters where caseExact says so', [
  ['userName eq "BOB"', ['bob']], ['externalId eq "ABC"', ['Ann']], ['externalId eq "abc"', ['boss']], ['externalId eq "Abc"', []], [`id eq "${ann.id}"`, ['Ann']], [`id eq "${String(ann.id).toUpperCase()}"`, []],
  ['emails.value eq "B@HOME.TEST"', ['Ann', 'bob']], ['meta.version eq "W/\\"1\\""', EVERYBODY], ['meta.version eq "w/\\"1\\""', []],
]);
refuses('R-FILT-17: one level of sub-attributes', ['name.givenName.x eq "a"', 'emails.value.x eq "a"', 'userName.x eq "a"', '.userName eq "a"', 'userName. eq "a"', 'name..givenName pr']);
finds('R-FILT-18: names with their URN, in any case', [
  [`${USER}:userName eq "bob"`, ['bob']], [`${ENTERPRISE}:department eq "D"`, ['bob']], [`${ENTERPRISE.toUpperCase()}:DEPARTMENT pr`, ['bob']], [`${ENTERPRISE}:manager.value eq "${String(boss.id)}"`, ['bob']],
  [`${USER}:name.givenName eq "ann"`, ['Ann']], [`${USER}:emails[type eq "home"]`, ['Ann']],
]);
refuses('R-FILT-18, D-10, D-12: a name that the type lacks, also the unqualified name of an extension and a foreign URN', [
  'department eq "d"', 'shoeSize eq 44', `${ENTERPRISE}:userName eq "bob"`, `${USER}:department eq "d"`, 'urn:evil:User:userName eq "a"', `${ENTERPRISE} pr`, `${USER}userName pr`,
]);
finds('R-FILT-19: schemas and meta', [
  [`schemas eq "${ENTERPRISE}"`, ['bob']], [`schemas eq "${USER}"`, EVERYBODY], ['meta.resourceType eq "User"', EVERYBODY], ['meta.resourceType eq "Group"', []], ['meta.lastModified ge "2026-01-05T11:00:00Z"', ['bob', 'ren\u00e9']],
]);
refuses('R-FILT-20: a value of another type is refused, not missed', [
  'active eq "true"', 'active co "t"', 'active eq 1', 'userName eq 5', 'userName eq true', 'meta.created eq "yesterday"', 'meta.created gt "2026-01-05"', 'meta.created eq 1767603600', 'meta.created co "2026"', 'meta.created eq "2026-02-30T00:00:00Z"', 'emails.primary eq "true"',
]);
t.test('R-FILT-21: filters are supported, and none is ignored', async (t) => {
  t.equal((await call('GET', '/ServiceProviderConfig')).body.filter.supported, true);
  for (const endpoint of ['/Schemas', '/ResourceTypes']) refused(t, await query('id pr', endpoint), 403);
  const search = (path: string) => call('POST', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter: 'displayName eq "g"' });
  for (const path of ['/Groups/.search', '/.search']) t.equal((await search(path)).body.totalResults, 1, path);
  t.equal((await search('/Users/.search')).body.totalResults, 0);
});
finds('R-FILT-22: a default is found as it was answered', [['userName eq "boss" and active eq true', ['boss']], ['userName eq "boss" and active eq false', []]]);
t.test('R-FILT-22: and what was explicitly left empty is not', async (t) => {
  const user = await person('undecided', { active: null });
  t.equal(user.active, undefined);
  t.equal((await query('userName eq "undecided" and active eq true')).body.totalResults, 0);
  t.equal((await query('userName eq "undecided" and active eq null')).body.totalResults, 1);
  await call('DELETE', `/Users/${user.id}`);
});
finds('R-FILT-23: null is the absence of a value', [
  ['title eq null', ['boss', 'ren\u00e9']], ['not (title pr)', ['boss', 'ren\u00e9']], ['title ne null', ['Ann', 'bob']], ['emails eq null', ['boss', 'ren\u00e9']], ['emails.value ne null', ['Ann', 'bob']], ['profileUrl eq null', ['bob', 'boss', 'ren\u00e9']],
]);
refuses('R-FILT-23: and has no order', ['title gt null', 'title co null', 'active le null']);
finds('R-FILT-24: composed and decomposed, full width and upper case are the same name', [
  ['userName eq "ren\u00e9"', ['ren\u00e9']], ['userName eq "rene\u0301"', ['ren\u00e9']], ['userName eq "RENE\u0301"', ['ren\u00e9']], ['userName eq "\uff42\uff4f\uff42"', ['bob']], ['userName eq "rene"', []],
]);
refuses('R-FILT-25: bounds on depth, terms and length', [
  `${'('.repeat(21)}title pr${')'.repeat(21)}`, `${'('.repeat(2000)}title pr${')'.repeat(2000)}`, `${'('.repeat(10_000)}title pr${')'.repeat(10_000)}`, `${'not ('.repeat(500)}title pr %`,
  Array.from({ length: 101 }, () => 'title pr').join(' or '), `title eq "${'x'.repeat(4096)}"`,
]);
finds('R-FILT-25: what is just within them is answered', [
  [`${'('.repeat(20)}title pr${')'.repeat(20)}`, ['Ann', 'bob']], [Array.from({ length: 100 }, () => 'title pr').join(' or '), ['Ann', 'bob']], [`title eq "${'x'.repeat(4000)}"`, []],
]);
t.test('R-FILT-26: the password cannot be asked for, and right or wrong makes no difference', async (t) => {
  await person('secretive', { password: 'a-right-Password-1' });
  const right = await query('password eq "a-right-Password-1"');
  const wrong = await query('password eq "wrong"');
  refused(t, right, 400, 'invalidFilter');
  t.same(right.body, wrong.body);
  for (const filter of ['password pr', 'password co "a"', 'password sw "$argon2"', `${USER}:password pr`, 'not (password pr)', 'title pr or password pr']) refused(t, await query(filter), 400, 'invalidFilter');
  await call('DELETE', `/Users/${(await query('userName eq "secretive"')).body.Resources[0].id}`);
});
refuses('R-FILT-27: names resolve through the schema alone', [
  '$where eq "1"', '$or pr', 'emails.0.value pr', 'emails.$elemMatch pr', '__proto__ pr', 'constructor.name eq "x"', 'toString pr', 'hasOwnProperty pr', '_id pr', 't eq "default"', 'a.userName eq "bob"', 'k.userName pr', 'tenant pr',
]);
finds('R-FILT-27: values are never operators', [['userName eq "$ne"', []], ['userName eq "{\\"$gt\\":\\"\\"}"', []], ['userName sw "$"', []]]);
