/** PATCH of attributes: RFC 7644 section 3.5.2, requirements R-PATCH. Strict client. Members are in patch-members.test.ts. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { ENTERPRISE, groupBody, patchBody, PATCH_OP, startApp, unique, USER, userBody } from '../helpers/app.ts';
import { changed, keeps, later, made, refused, withoutMeta } from './expectations.ts';

const app = await startApp(t, import.meta.url);
const { call, store, tenants } = app;

type Attributes = Record<string, Json>;
type Op = Readonly<Record<string, Json>>;
/** A keyword: 400 and nothing changed. An object: what changed, `undefined` for what is gone; all else stays. `{}`: no new version either. */
type Outcome = string | Readonly<Record<string, Json | undefined>>;
type Row = readonly [name: string, operations: Op | readonly Op[], outcome: Outcome, seed?: Attributes];

const add = (path: string, value: Json): Op => ({ op: 'add', path, value });
const replace = (path: string, value: Json): Op => ({ op: 'replace', path, value });
const remove = (path: string): Op => ({ op: 'remove', path });

const WORK = { value: 'w@x.test', type: 'work', display: 'Work', primary: true };
const HOME = { value: 'h@x.test', type: 'home' };
const FULL: Attributes = {
  displayName: 'Jan', title: 'x', name: { givenName: 'Jan', familyName: 'Dijk' }, emails: [WORK, HOME],
  schemas: [USER, ENTERPRISE], [ENTERPRISE]: { department: 'd', employeeNumber: '1' },
};
const BARE: Attributes = {};
const NEW = { value: 'n@x.test', type: 'other' };
const NO_CHANGE = {};
const withEnterprise = (values: Json) => ({ schemas: [USER, ENTERPRISE], [ENTERPRISE]: values });
const withoutEnterprise = { schemas: [USER], [ENTERPRISE]: undefined };

function table(rows: readonly Row[]): void {
  for (const [name, operations, outcome, seed = FULL] of rows) {
    t.test(name, async (t) => {
      const user = await made(app, '/Users', userBody(seed));
      const path = `/Users/${user.id}`;
      const patch = () => call('PATCH', path, patchBody(...(Array.isArray(operations) ? (operations as Op[]) : [operations as Op])));
      if (typeof outcome === 'string') {
        await keeps(t, app, path, async () => refused(t, await patch(), 400, outcome));
        return;
      }
      later(app);
      const answer = await patch();
      t.equal(answer.status, 200, answer.text);
      t.same(withoutMeta(answer.body), changed(withoutMeta(user), outcome));
      const after = await call('GET', path);
      t.same(after.body, answer.body, 'what is answered is what is stored');
      const moved = Object.keys(outcome).length > 0;
      t.equal(after.body.meta.lastModified, moved ? app.clock.now.toISOString() : user.meta.lastModified, 'lastModified moves with a change only');
      t.equal(after.body.meta.version !== user.meta.version, moved, 'so does the version');
    });
  }
}

// {add, replace, remove} without a path
table([
  ['R-PATCH-24: add without path appends to lists and overwrites single values', { op: 'add', value: { nickName: 'J', title: 'y', emails: [NEW] } }, { nickName: 'J', title: 'y', emails: [WORK, HOME, NEW] }],
  ['R-PATCH-24, R-PATCH-26: add without path to a bare resource', { op: 'add', value: { nickName: 'J', emails: [NEW] } }, { nickName: 'J', emails: [NEW] }, BARE],
  ['R-PATCH-24: add without path merges complex attributes', { op: 'add', value: { name: { givenName: 'Piet' } } }, { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-27: replace without path replaces what is named, lists wholly, and nothing else', { op: 'replace', value: { nickName: 'J', emails: [NEW] } }, { nickName: 'J', emails: [NEW] }],
  ['R-PATCH-27, R-PATCH-30: replace without path merges complex attributes', { op: 'replace', value: { name: { givenName: 'Piet' } } }, { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-27, R-PATCH-34: null and [] in a replace without path clear', { op: 'replace', value: { title: null, emails: [], nickName: null } }, { title: undefined, emails: undefined }],
  ['R-PATCH-23: an empty object changes nothing', { op: 'replace', value: {} }, NO_CHANGE],
  ['R-PATCH-35, R-PATCH-3: remove without path', { op: 'remove' }, 'noTarget'],
  ['R-PATCH-35: remove without path but with a value', { op: 'remove', value: { title: 'x' } }, 'noTarget'],
  ['R-PATCH-3: add without path and value', { op: 'add' }, 'invalidValue'],
  ['R-PATCH-16: replace without path by a list', { op: 'replace', value: [{ title: 'y' }] }, 'invalidValue'],
  ['R-PATCH-16: add without path of text', { op: 'add', value: 'title' }, 'invalidValue'],
  ['R-PATCH-13, D-15: another id without path', { op: 'replace', value: { id: 'other', title: 'y' } }, 'mutability'],
  ['R-PATCH-13: groups without path', { op: 'add', value: { groups: [{ value: 'g' }] } }, 'mutability'],
  ['R-PATCH-13: meta without path', { op: 'replace', value: { meta: { created: '1999-01-01T00:00:00Z' } } }, 'mutability'],
  ['R-PATCH-15: userName null without path', { op: 'replace', value: { userName: null } }, 'mutability'],
  ['R-PATCH-12: the extension as an object', { op: 'add', value: { [ENTERPRISE]: { costCenter: 'c' } } }, { [ENTERPRISE]: { department: 'd', employeeNumber: '1', costCenter: 'c' } }],
  ['R-PATCH-12, R-PATCH-19: the extension as an object on a bare resource', { op: 'replace', value: { [ENTERPRISE]: { costCenter: 'c' } } }, withEnterprise({ costCenter: 'c' }), BARE],
  ['R-PATCH-12: a key with the URN of the extension', { op: 'add', value: { [`${ENTERPRISE}:costCenter`]: 'c' } }, withEnterprise({ costCenter: 'c' }), BARE],
  ['R-PATCH-12: a key with the URN of the core schema', { op: 'replace', value: { [`${USER}:title`]: 'y' } }, { title: 'y' }],
  ['R-PATCH-18, D-16: a key that no schema has', { op: 'replace', value: { title: 'y', shoeSize: 44 } }, 'invalidPath'],
]);
t.test('R-PATCH-13, D-15: read-only values sent back as they are without path are no change, other ones are refused', async (t) => {
  const boss = await made(app, '/Users', userBody({ displayName: 'Boss' }));
  const { id } = await made(app, '/Users', userBody({ ...FULL, [ENTERPRISE]: { manager: { value: boss.id } } }));
  await made(app, '/Groups', groupBody({ members: [{ value: id }] }));
  const user = (await call('GET', `/Users/${id}`)).body;
  await keeps(t, app, `/Users/${id}`, async () => {
    for (const op of ['add', 'replace']) {
      for (const name of ['id', 'meta', 'groups', ENTERPRISE]) {
        const answer = await call('PATCH', `/Users/${id}`, patchBody({ op, value: { schemas: user.schemas, [name]: user[name] } }));
        t.equal(answer.status, 200, `${op} ${name}: ${answer.text}`);
      }
      refused(t, await call('PATCH', `/Users/${id}`, patchBody({ op, value: { groups: [...user.groups, { value: 'g' }] } })), 400, 'mutability');
      refused(t, await call('PATCH', `/Users/${id}`, patchBody({ op, value: { meta: { ...user.meta, created: '1999-01-01T00:00:00Z' } } })), 400, 'mutability');
    }
  });
});

// a simple attribute
table([
  ['R-PATCH-21: add of a simple attribute, absent', add('nickName', 'J'), { nickName: 'J' }],
  ['R-PATCH-21: add of a simple attribute, present', add('title', 'y'), { title: 'y' }],
  ['R-PATCH-21: two adds, the last wins', [add('title', 'y'), add('title', 'z')], { title: 'z' }],
  ['R-PATCH-22, R-PATCH-23: add of what is there', add('title', 'x'), NO_CHANGE],
  ['R-PATCH-21: add without a value', { op: 'add', path: 'title' }, 'invalidValue'],
  ['R-PATCH-28: replace of a simple attribute, absent', replace('nickName', 'J'), { nickName: 'J' }],
  ['R-PATCH-28: replace of a simple attribute, present', replace('title', 'y'), { title: 'y' }],
  ['R-PATCH-23: replace by what is there', replace('title', 'x'), NO_CHANGE],
  ['R-PATCH-21: replace without a value', { op: 'replace', path: 'title' }, 'invalidValue'],
  ['R-PATCH-34: replace by null', replace('title', null), { title: undefined }],
  ['R-PATCH-34: replace of what is absent by null', replace('nickName', null), NO_CHANGE],
  ['R-PATCH-36: remove of a simple attribute, present', remove('title'), { title: undefined }],
  ['R-PATCH-40, D-20: remove of a simple attribute, absent', remove('nickName'), NO_CHANGE],
  ['R-PATCH-16: another type: text for a boolean', replace('active', 'yes'), 'invalidValue'],
  ['R-PATCH-16: another type: "False" for a boolean', replace('active', 'False'), 'invalidValue'],
  ['R-PATCH-16: another type: a number for text', add('title', 5), 'invalidValue'],
  ['R-PATCH-16: another type: an object for text', replace('title', { value: 'y' }), 'invalidValue'],
  ['R-PATCH-16: another type: a list for text', replace('title', ['y']), 'invalidValue'],
  ...['id', 'meta', 'meta.created', 'meta.version', 'groups', 'groups[value eq "g"]', 'groups.display', `${ENTERPRISE}:manager.displayName`].flatMap((path): Row[] => [
    [`R-PATCH-13: add to the read-only ${path}`, add(path, 'x'), 'mutability'],
    [`R-PATCH-13: replace of the read-only ${path}`, replace(path, 'x'), 'mutability'],
    [`R-PATCH-13, R-PATCH-15: remove of the read-only ${path}`, remove(path), 'mutability'],
  ]),
  ['R-PATCH-15: remove of the required userName', remove('userName'), 'mutability'],
  ['R-PATCH-15: replace of the required userName by null', replace('userName', null), 'mutability'],
  ['R-PATCH-15: replace of the required userName by empty text', replace('userName', ''), 'invalidValue'],
]);
// a singular complex attribute and its sub-attributes
table([
  ['R-PATCH-21: add to a complex attribute merges', add('name', { givenName: 'Piet' }), { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-26: add to a complex attribute, absent', add('name', { givenName: 'Piet' }), { name: { givenName: 'Piet' } }, BARE],
  ['R-PATCH-30, D-18: replace of a complex attribute merges', replace('name', { givenName: 'Piet' }), { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-28: replace of a complex attribute, absent', replace('name', { givenName: 'Piet' }), { name: { givenName: 'Piet' } }, BARE],
  ['R-PATCH-23: replace of a complex attribute by a part that is there', replace('name', { givenName: 'Jan' }), NO_CHANGE],
  ['R-PATCH-34: replace of a complex attribute by null', replace('name', null), { name: undefined }],
  ['R-PATCH-34: replace of a sub-attribute by null inside its object', replace('name', { givenName: null, middleName: 'M' }), { name: { familyName: 'Dijk', middleName: 'M' } }],
  ['R-PATCH-36: remove of a complex attribute, present', remove('name'), { name: undefined }],
  ['R-PATCH-40: remove of a complex attribute, absent', remove('name'), NO_CHANGE, BARE],
  ['R-PATCH-16: add of text to a complex attribute', add('name', 'Bob'), 'invalidValue'],
  ['R-PATCH-16: replace of a complex attribute by a list', replace('name', [{ givenName: 'Bob' }]), 'invalidValue'],
  ['R-PATCH-21: add of a sub-attribute, present', add('name.givenName', 'Piet'), { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-26: add of a sub-attribute, absent', add('name.givenName', 'Piet'), { name: { givenName: 'Piet' } }, BARE],
  ['R-PATCH-28: replace of a sub-attribute, present', replace('name.givenName', 'Piet'), { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-28: replace of a sub-attribute, absent', replace('name.middleName', 'M'), { name: { givenName: 'Jan', familyName: 'Dijk', middleName: 'M' } }],
  ['R-PATCH-34: replace of a sub-attribute by null', replace('name.givenName', null), { name: { familyName: 'Dijk' } }],
  ['R-PATCH-36: remove of a sub-attribute, present', remove('name.givenName'), { name: { familyName: 'Dijk' } }],
  ['R-PATCH-36: remove of the last sub-attribute', [remove('name.givenName'), remove('name.familyName')], { name: undefined }],
  ['R-PATCH-40: remove of a sub-attribute, absent', remove('name.middleName'), NO_CHANGE],
  ['R-PATCH-16: a sub-attribute of another type', replace('name.givenName', { a: 1 }), 'invalidValue'],
]);
// a multi-valued attribute
table([
  ['R-PATCH-20: add of a list appends', add('emails', [NEW]), { emails: [WORK, HOME, NEW] }],
  ['R-PATCH-26: add to a multi-valued attribute, absent', add('emails', [NEW]), { emails: [NEW] }, BARE],
  ['R-PATCH-22, R-PATCH-23: add of an element that is there', add('emails', [HOME]), NO_CHANGE],
  ['R-PATCH-22: add of one that is there and one that is not', add('emails', [HOME, NEW]), { emails: [WORK, HOME, NEW] }],
  ['R-PATCH-22: add of the same element twice in one value', add('emails', [NEW, NEW]), { emails: [WORK, HOME, NEW] }],
  ['R-PATCH-23: add of nothing', add('emails', []), NO_CHANGE],
  ['R-PATCH-29: replace of a list', replace('emails', [NEW]), { emails: [NEW] }],
  ['R-PATCH-28: replace of a list, absent', replace('emails', [NEW]), { emails: [NEW] }, BARE],
  ['R-PATCH-23: replace by what is there', replace('emails', [WORK, HOME]), NO_CHANGE],
  ['R-PATCH-34: replace by []', replace('emails', []), { emails: undefined }],
  ['R-PATCH-34: replace by null', replace('emails', null), { emails: undefined }],
  ['R-PATCH-37: remove of a list', remove('emails'), { emails: undefined }],
  ['R-PATCH-40: remove of a list, absent', remove('emails'), NO_CHANGE, BARE],
  ['R-PATCH-16: text for a list', replace('emails', 'a@x.test'), 'invalidValue'],
  ['R-PATCH-16: text as an element', add('emails', ['a@x.test']), 'invalidValue'],
  ['R-PATCH-41: remove with a value', { op: 'remove', path: 'emails', value: [{ value: 'h@x.test' }] }, 'invalidValue'],
]);
t.test('R-PATCH-20: one element need not be in a list', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  const answer = await call('PATCH', `/Users/${user.id}`, patchBody(add('emails', NEW)));
  t.equal(answer.status, 200, answer.text);
  t.same(answer.body.emails, [WORK, HOME, NEW]);
});
// elements chosen by a filter, and their sub-attributes
const TWO_WORK: Attributes = { phoneNumbers: [{ value: '1', type: 'work' }, { value: '2', type: 'work' }, { value: '3', type: 'home' }] };
table([
  ['R-PATCH-25: add to the element that a filter finds merges', add('emails[type eq "home"]', { display: 'Home' }), { emails: [WORK, { ...HOME, display: 'Home' }] }],
  ['R-PATCH-25, D-17: add without a match makes the element of the eq terms', add('emails[type eq "other"]', { value: 'n@x.test' }), { emails: [WORK, HOME, NEW] }],
  ['R-PATCH-25: add without a match and with other terms', add('emails[type ne "home" and value co "nobody"]', { value: 'n@x.test' }), 'noTarget'],
  ['R-PATCH-31, D-19: replace of the element that a filter finds', replace('emails[type eq "work"]', NEW), { emails: [NEW, HOME] }],
  ['R-PATCH-33: replace with a filter that matches nothing is noTarget', replace('emails[type eq "other"]', NEW), 'noTarget'],
  ['R-PATCH-33: replace with a filter on a list that is absent', replace('emails[type eq "work"]', NEW), 'noTarget', BARE],
  ['R-PATCH-38: remove of the elements that a filter finds', remove('emails[type eq "work" and value ew "x.test"]'), { emails: [HOME] }],
  ['R-PATCH-38: remove of all elements by a filter', remove('emails[value pr]'), { emails: undefined }],
  ['R-PATCH-40, D-20: remove with a filter that matches nothing', remove('emails[type eq "other"]'), NO_CHANGE],
  ['R-PATCH-40: remove with a filter on a list that is absent', remove('emails[type eq "work"]'), NO_CHANGE, BARE],
  ['R-PATCH-25: add of a sub-attribute to every match', add('phoneNumbers[type eq "work"].display', 'W'), { phoneNumbers: [{ value: '1', type: 'work', display: 'W' }, { value: '2', type: 'work', display: 'W' }, { value: '3', type: 'home' }] }, TWO_WORK],
  ['R-PATCH-25, D-17: add of a sub-attribute without a match makes the element', add('emails[type eq "other"].value', 'n@x.test'), { emails: [WORK, HOME, { type: 'other', value: 'n@x.test' }] }],
  ['R-PATCH-25, D-17: and a list that is absent', add('emails[type eq "Other"].value', 'n@x.test'), { emails: [{ type: 'Other', value: 'n@x.test' }] }, BARE],
  ['R-PATCH-25: add of a sub-attribute overwrites', add('emails[type eq "work"].display', 'Office'), { emails: [{ ...WORK, display: 'Office' }, HOME] }],
  ['R-PATCH-25: add of a sub-attribute that is there', add('emails[type eq "work"].display', 'Work'), NO_CHANGE],
  ['R-PATCH-32: replace of a sub-attribute in every match', replace('phoneNumbers[type eq "work"].type', 'mobile'), { phoneNumbers: [{ value: '1', type: 'mobile' }, { value: '2', type: 'mobile' }, { value: '3', type: 'home' }] }, TWO_WORK],
  ['R-PATCH-28, R-PATCH-32: replace of a sub-attribute that the match lacks', replace('emails[type eq "home"].display', 'Home'), { emails: [WORK, { ...HOME, display: 'Home' }] }],
  ['R-PATCH-33: replace of a sub-attribute without a match is noTarget', replace('emails[type eq "other"].value', 'n@x.test'), 'noTarget'],
  ['R-PATCH-33: replace of a sub-attribute on a list that is absent', replace('emails[type eq "work"].value', 'n@x.test'), 'noTarget', BARE],
  ['R-PATCH-34: replace of a sub-attribute by null', replace('emails[type eq "work"].display', null), { emails: [{ value: WORK.value, type: 'work', primary: true }, HOME] }],
  ['R-PATCH-39: remove of a sub-attribute', remove('emails[type eq "work"].display'), { emails: [{ value: WORK.value, type: 'work', primary: true }, HOME] }],
  ['R-PATCH-39: an element left empty disappears', remove('ims[value eq "a"].value'), { ims: [{ value: 'b' }] }, { ims: [{ value: 'a' }, { value: 'b' }] }],
  ['R-PATCH-39: and with the last one the attribute', remove('ims[value eq "a"].value'), { ims: undefined }, { ims: [{ value: 'a' }] }],
  ['R-PATCH-40: remove of a sub-attribute that the match lacks', remove('emails[type eq "home"].display'), NO_CHANGE],
  ['R-PATCH-40: remove of a sub-attribute without a match', remove('emails[type eq "other"].display'), NO_CHANGE],
  ['R-PATCH-16: a sub-attribute of another type', replace('emails[type eq "work"].primary', 'yes'), 'invalidValue'],
  ['R-PATCH-16: an element of another type', replace('emails[type eq "work"]', 'n@x.test'), 'invalidValue'],
  ['R-PATCH-42: and, or, not and pr in a path', replace('emails[primary eq true and not (type eq "home" or display eq "nobody")].display', 'P'), { emails: [{ ...WORK, display: 'P' }, HOME] }],
  ['R-PATCH-42: not pr in a path', add('emails[not (display pr)].display', 'P'), { emails: [WORK, { ...HOME, display: 'P' }] }],
  ['R-PATCH-42, R-PATCH-11: text in a path compares as in a filter', replace('EMAILS[TYPE EQ "WORK" AND VALUE SW "W@"].Display', 'P'), { emails: [{ ...WORK, display: 'P' }, HOME] }],
  ['R-PATCH-42: a bracket inside of the quoted text', add('emails[type eq "a]b"].value', 'n@x.test'), { emails: [WORK, HOME, { type: 'a]b', value: 'n@x.test' }] }],
]);
// an extension, and names with a URN
table([
  ['R-PATCH-12, R-PATCH-19: add of an extension attribute to a plain resource adds the URN', add(`${ENTERPRISE}:department`, 'd'), withEnterprise({ department: 'd' }), BARE],
  ['R-PATCH-12, R-PATCH-19: replace of an extension attribute, absent', replace(`${ENTERPRISE}:department`, 'd'), withEnterprise({ department: 'd' }), BARE],
  ['R-PATCH-12: replace of an extension attribute, present', replace(`${ENTERPRISE}:department`, 'e'), { [ENTERPRISE]: { department: 'e', employeeNumber: '1' } }],
  ['R-PATCH-23: add of an extension attribute that is there', add(`${ENTERPRISE}:department`, 'd'), NO_CHANGE],
  ['R-PATCH-36: remove of an extension attribute', remove(`${ENTERPRISE}:department`), { [ENTERPRISE]: { employeeNumber: '1' } }],
  ['R-PATCH-40: remove of an extension attribute, absent', remove(`${ENTERPRISE}:department`), NO_CHANGE, BARE],
  ['R-PATCH-36, R-PATCH-19: with the last attribute the URN leaves', [remove(`${ENTERPRISE}:department`), remove(`${ENTERPRISE}:employeeNumber`)], withoutEnterprise],
  ['R-PATCH-12: the whole extension: add merges', add(ENTERPRISE, { costCenter: 'c' }), { [ENTERPRISE]: { department: 'd', employeeNumber: '1', costCenter: 'c' } }],
  ['R-PATCH-12, R-PATCH-30: the whole extension: replace merges as well', replace(ENTERPRISE, { department: 'e' }), { [ENTERPRISE]: { department: 'e', employeeNumber: '1' } }],
  ['R-PATCH-12: the whole extension: remove', remove(ENTERPRISE), withoutEnterprise],
  ['R-PATCH-16: the whole extension: text', replace(ENTERPRISE, 'd'), 'invalidValue'],
  ['R-PATCH-11, R-PATCH-12: the URN in another case', replace(`${ENTERPRISE.toUpperCase()}:DEPARTMENT`, 'e'), { [ENTERPRISE]: { department: 'e', employeeNumber: '1' } }],
  ['R-PATCH-12: the core URN, simple', replace(`${USER}:title`, 'y'), { title: 'y' }],
  ['R-PATCH-12: the core URN, sub-attribute', replace(`${USER}:name.givenName`, 'Piet'), { name: { givenName: 'Piet', familyName: 'Dijk' } }],
  ['R-PATCH-12: the core URN, filter and sub-attribute', replace(`${USER}:emails[type eq "home"].value`, 'n@x.test'), { emails: [WORK, { type: 'home', value: 'n@x.test' }] }],
  ['R-PATCH-12: the core URN, list', remove(`${USER}:emails`), { emails: undefined }],
  ['R-PATCH-33: the core URN, no match', replace(`${USER}:emails[type eq "other"].value`, 'n'), 'noTarget'],
  ['R-PATCH-13: the core URN, read-only', replace(`${USER}:groups`, []), 'mutability'],
  ['R-PATCH-15: the core URN, required', remove(`${USER}:userName`), 'mutability'],
  ['R-PATCH-18, D-12: an extension attribute without its URN', replace('department', 'e'), 'invalidPath'],
  ['R-PATCH-18: a core attribute with the extension\'s URN', replace(`${ENTERPRISE}:title`, 'y'), 'invalidPath'],
  ['R-PATCH-16, D-5: a manager that is nobody', replace(`${ENTERPRISE}:manager`, { value: 'nobody' }), 'invalidValue'],
  ['R-PATCH-16: a manager as text', replace(`${ENTERPRISE}:manager`, 'nobody'), 'invalidValue'],
]);
t.test('R-PATCH-12, R-PATCH-36: a manager is set by value, by sub-attribute or by $ref, and removed', async (t) => {
  const boss = await made(app, '/Users', userBody({ displayName: 'Boss' }));
  const manager = { value: boss.id, $ref: boss.meta.location, displayName: 'Boss' };
  const operations = [add(`${ENTERPRISE}:manager`, { value: boss.id }), replace(`${ENTERPRISE}:manager`, { value: boss.id, displayName: 'ignored' }), replace(`${ENTERPRISE}:manager.value`, boss.id), add(`${ENTERPRISE}:manager.$ref`, `../Users/${boss.id}`), add(ENTERPRISE, { manager: { value: boss.id } })];
  for (const operation of operations) {
    const user = await made(app, '/Users', userBody());
    const answer = await call('PATCH', `/Users/${user.id}`, patchBody(operation));
    t.same(answer.body[ENTERPRISE], { manager }, JSON.stringify(operation));
    const cleared = await call('PATCH', `/Users/${user.id}`, patchBody(operation.op === 'add' ? remove(`${ENTERPRISE}:manager`) : replace(`${ENTERPRISE}:manager`, null)));
    t.same(cleared.body.schemas, [USER]);
    t.equal(cleared.body[ENTERPRISE], undefined);
  }
});
// primary
const SECOND = { ...HOME, primary: true };
const notPrimary = (element: Attributes) => ({ ...element, primary: false });
table([
  ['R-PATCH-8: primary by sub-attribute', replace('emails[type eq "home"].primary', true), { emails: [notPrimary(WORK), SECOND] }],
  ['R-PATCH-8: primary by element', replace('emails[type eq "home"]', SECOND), { emails: [notPrimary(WORK), SECOND] }],
  ['R-PATCH-8: primary by add', add('emails', [{ ...NEW, primary: true }]), { emails: [notPrimary(WORK), HOME, { ...NEW, primary: true }] }],
  ['R-PATCH-8: primary by add without path', { op: 'add', value: { emails: [{ ...NEW, primary: true }] } }, { emails: [notPrimary(WORK), HOME, { ...NEW, primary: true }] }],
  ['R-PATCH-8: primary by an add that makes the element', add('emails[type eq "other" and primary eq true].value', 'n@x.test'), { emails: [notPrimary(WORK), HOME, { type: 'other', primary: true, value: 'n@x.test' }] }],
  ['R-PATCH-8: primary by merge', add('emails[type eq "home"]', { primary: true }), { emails: [notPrimary(WORK), SECOND] }],
  ['R-PATCH-8: two primaries in one value', add('emails', [{ value: 'a', primary: true }, { value: 'b', primary: true }]), 'invalidValue'],
  ['R-PATCH-8: two primaries in one replace', replace('emails', [{ value: 'a', primary: true }, { value: 'b', primary: true }]), 'invalidValue'],
  ['R-PATCH-8: primary in all elements by one operation', replace('emails[value pr].primary', true), 'invalidValue'],
  ['R-PATCH-6: of two operations the later decides who is primary', [replace('emails[type eq "home"].primary', true), replace('emails[type eq "work"].primary', true)], { emails: [WORK, notPrimary(SECOND)] }],
]);
// order, atomicity
table([
  ['R-PATCH-5: an operation sees the result of the one before', [add('emails', [{ value: 'new', type: 'home' }]), replace('emails[value eq "new"].type', 'other')], { emails: [WORK, HOME, { value: 'new', type: 'other' }] }],
  ['R-PATCH-5: also of a removal', [remove('emails'), add('emails', [NEW])], { emails: [NEW] }],
  ['R-PATCH-5: later operations find the element that an earlier one made', [add('emails[type eq "other"].value', 'n@x.test'), add('emails[type eq "other"].display', 'N')], { emails: [WORK, HOME, { type: 'other', value: 'n@x.test', display: 'N' }] }],
  ['R-PATCH-23: changes that undo each other', [replace('title', 'y'), replace('title', 'x')], NO_CHANGE],
  ['R-PATCH-7: a read-only target after a good operation', [replace('displayName', 'Piet'), replace('id', 'x')], 'mutability'],
  ['R-PATCH-7: no target after good operations', [replace('displayName', 'Piet'), add('emails', [NEW]), replace('emails[type eq "none"].value', 'x')], 'noTarget'],
  ['R-PATCH-7: a bad path after a good operation', [replace('active', false), add('a..b', 1)], 'invalidPath'],
  ['R-PATCH-6, R-PATCH-7: the bad one first', [replace('title', 5), replace('displayName', 'Piet')], 'invalidValue'],
]);
// the request itself
t.test('R-PATCH-1, R-PATCH-2: the message must be one', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  const good = replace('title', 'y');
  const bodies: Json[] = [
    { Operations: [good] }, { schemas: [], Operations: [good] }, { schemas: [USER], Operations: [good] }, { schemas: PATCH_OP, Operations: [good] }, { schemas: null, Operations: [good] },
    { schemas: [PATCH_OP] }, { schemas: [PATCH_OP], Operations: [] }, { schemas: [PATCH_OP], Operations: null }, { schemas: [PATCH_OP], Operations: good }, { schemas: [PATCH_OP], Operations: ['x'] }, { schemas: [PATCH_OP], Operations: [null] },
    patchBody({ ...good, op: 'move' }), patchBody({ ...good, op: '' }), patchBody({ ...good, op: null }), patchBody({ ...good, op: 'Replace' }), patchBody({ ...good, op: ['replace'] }), patchBody({ path: 'title', value: 'y' }), [good], 'x', null,
  ];
  await keeps(t, app, `/Users/${user.id}`, async () => {
    for (const body of bodies) refused(t, await call('PATCH', `/Users/${user.id}`, body), 400, 'invalidSyntax');
    refused(t, await call('PATCH', `/Users/${user.id}`), 400, 'invalidSyntax');
    refused(t, await call('PATCH', `/Users/${user.id}`, undefined, { raw: '{' }), 400, 'invalidSyntax');
  });
});
t.test('R-PATCH-4, R-PATCH-18, D-16: a path that is none, or leads nowhere', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  const paths: Json[] = [
    '', ' ', 'emails[0]', 'emails.0.value', '/emails/0', '/title', 'emails[type eq "work"', 'emails[]', 'emails[type eq work].value', 'emails[type eq "work"]value', 'emails[type eq "work"].nope', 'emails[type eq "work"].value.x',
    'emails[type eq "work"][value pr]', 'a.b.c', 'name.givenName.x', 'shoeSize', 'name.shoeSize', 'userName[value eq "x"]', 'name[givenName eq "Jan"]', 'title ', ' title', 'emails[ims[value pr]]', '__proto__', 'constructor.prototype', 'name.__proto__', 'toString',
    `${USER}:__proto__`, `${USER}:`, `${USER}:nope`, 'urn:evil:User:title', `${ENTERPRISE}:department.x`, 5, ['title'], { path: 'title' }, null, `name.${'x'.repeat(5000)}`,
  ];
  await keeps(t, app, `/Users/${user.id}`, async () => {
    for (const path of paths) {
      for (const op of ['add', 'replace', 'remove']) refused(t, await call('PATCH', `/Users/${user.id}`, patchBody({ op, path, ...(op === 'remove' ? {} : { value: 'y' }) })), 400, 'invalidPath');
    }
  });
});
t.test('R-PATCH-4: a bracket filter on what the elements lack is invalidFilter', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  await keeps(t, app, `/Users/${user.id}`, async () => {
    for (const path of ['emails[nope eq "x"]', 'emails[primary eq "true"]', 'emails[primary gt true]', 'emails[value eq 5]']) refused(t, await call('PATCH', `/Users/${user.id}`, patchBody(remove(path))), 400, 'invalidFilter');
  });
});
t.test('R-PATCH-1: more operations than the limit', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  const operations = (count: number) => patchBody(...Array.from({ length: count }, (_, index) => replace('title', `t${index}`)));
  await keeps(t, app, `/Users/${user.id}`, async () => refused(t, await call('PATCH', `/Users/${user.id}`, operations(101)), 400, 'invalidValue'));
  t.equal((await call('PATCH', `/Users/${user.id}`, operations(100))).body.title, 't99');
});
t.test('R-PATCH-9: 200 with the whole resource, projected where asked; 204 only without attributes', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  const patch = (query: string, value: string, token: string) => call('PATCH', `/Users/${user.id}${query}`, patchBody(replace('title', value)), { token });
  const { strict } = app.tokens;
  const empty = (await app.makeClient(tenants.own, { tolerances: 'strict', patchAnswer: 'empty' })).token;
  t.same((await patch('?attributes=title', 'a', strict)).body, { schemas: user.schemas, id: user.id, title: 'a' });
  t.equal((await patch('?excludedAttributes=emails', 'b', strict)).body.emails, undefined);
  const silent = await patch('', 'c', empty);
  t.same([silent.status, silent.text], [204, '']);
  const named = await patch('?attributes=title', 'd', empty);
  t.same([named.status, named.body.title], [200, 'd']);
});
t.test('R-PATCH-9: a contradiction in the projection is refused before anything is written', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  await keeps(t, app, `/Users/${user.id}`, async () => {
    refused(t, await call('PATCH', `/Users/${user.id}?attributes=title&excludedAttributes=emails`, patchBody(replace('title', 'y'))), 400, 'invalidValue');
  });
});
t.test('R-PATCH-10: nobody can be patched into being', async (t) => {
  for (const id of ['nobody', '0190a000-0000-7000-8000-000000000000']) refused(t, await call('PATCH', `/Users/${id}`, patchBody(replace('userName', 'x'))), 404);
  refused(t, await call('PATCH', '/Users', patchBody(replace('userName', 'x'))), 405);
});
t.test('R-PATCH-11: names in any case, in the schema\'s spelling out', async (t) => {
  const user = await made(app, '/Users', userBody(FULL));
  const answer = await call('PATCH', `/Users/${user.id}`, { SCHEMAS: [PATCH_OP.toUpperCase()], operations: [{ OP: 'replace', Path: 'NAME.GIVENNAME', VALUE: 'Piet' }, { op: 'add', value: { NICKNAME: 'P', EMAILS: [{ VALUE: 'n', Type: 'other' }] } }] });
  t.equal(answer.status, 200, answer.text);
  t.same([answer.body.name, answer.body.nickName, answer.body.emails.at(-1)], [{ givenName: 'Piet', familyName: 'Dijk' }, 'P', { value: 'n', type: 'other' }]);
});
t.test('R-PATCH-17: a userName that is taken is 409 in any case, however it is written', async (t) => {
  const [user, other] = [await made(app, '/Users', userBody({ userName: unique('Ann') })), await made(app, '/Users', userBody(FULL))];
  const taken = user.userName.toUpperCase();
  await keeps(t, app, `/Users/${other.id}`, async () => {
    for (const operation of [replace('userName', taken), add('userName', taken), { op: 'replace', value: { userName: taken } }, replace(`${USER}:userName`, taken)]) {
      refused(t, await call('PATCH', `/Users/${other.id}`, patchBody(replace('title', 'y'), operation)), 409, 'uniqueness');
    }
  });
  t.equal((await call('PATCH', `/Users/${user.id}`, patchBody(replace('userName', taken)))).body.userName, taken, 'the own name in another case is free');
});
t.test('R-PATCH-15, R-CHAR-4: a password is set and never shown', async (t) => {
  const user = await made(app, '/Users', userBody());
  const hash = async () => (await store.collections.credentials.findOne({ t: tenants.own, _id: user.id }))?.hash;
  for (const [operation, value] of [[replace('password', 'a-good-Password-1'), 1], [{ op: 'add', value: { password: 'a-good-Password-2' } }, 2]] as const) {
    const before = await hash();
    const answer = await call('PATCH', `/Users/${user.id}?attributes=userName,password`, patchBody(operation));
    t.equal(answer.status, 200, answer.text);
    t.notMatch(answer.text, /password|argon2/i, String(value));
    t.match(await hash(), /^\$argon2id\$/);
    t.not(await hash(), before);
  }
});
t.test('R-PATCH-36: a password is removed, or the removal is refused, but it is never answered 200 and kept', async (t) => {
  for (const operation of [remove('password'), replace('password', null), { op: 'replace', value: { password: null } }]) {
    const user = await made(app, '/Users', userBody({ password: 'a-good-Password-1' }));
    const answer = await call('PATCH', `/Users/${user.id}`, patchBody(operation));
    const kept = await store.collections.credentials.countDocuments({ t: tenants.own, _id: user.id });
    t.ok([200, 400].includes(answer.status), answer.text);
    t.equal(kept, answer.status === 400 ? 1 : 0, `${JSON.stringify(operation)}: ${answer.status}`);
  }
});
