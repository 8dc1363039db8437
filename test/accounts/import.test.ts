/** Importing people from a CSV file: what the report says is what the run does, line by line, by the rules that hold for every other route. */
import t from 'tap';
import { parse } from 'csv-parse/sync';
import { ENTERPRISE, groupBody, patchBody, unique } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { whereIs } from './erasures.ts';
import { importsOf } from './imports.ts';
import { ACCOUNT, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { api, call, database, get, makeClient, manager, somebody, tenants } = world;
const imports = importsOf(world);
const { checked, lines, ran, upload, work } = imports;
const byName = async (userName: string) => (await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`, undefined, world.as)).body.Resources[0];
const people = () => database.collection('users').countDocuments({ t: tenants.own });
const outcomes = (report: readonly { line: number; outcome: string }[]) => report.map(({ line, outcome }) => `${line} ${outcome}`);

t.test('a file is checked, and nothing is written until it is run; then each line is what the report said', async (t) => {
  const known = await somebody({ name: { givenName: 'Jan', familyName: 'Berg' }, title: 'Planner' });
  const same = await somebody({ name: { givenName: 'Sofie', familyName: 'Dahl' } });
  const file = [
    'Given Name;Surname;Infix;E-mail;Job title;Employee number;Department;Language;Time zone;Start date;Leave date',
    `Jan;Berg;van der;${known.address};Agent;007;Sales;nl;Europe/Amsterdam;;`,
    `Sofie;Dahl;;${same.address};;;;;;;`,
    'Éva;Núñez;;eva@people.example;Agent;008;研究;nb;Europe/Oslo;2030-03-01;2031-01-31',
    'No;Address;;not an address;;;;;;;',
    '',
  ].join('\r\n');
  const before = await world.everything();
  const first = await checked(file);
  t.match(first, { state: 'checked', delimiter: 'semicolon', matchBy: 'email', lines: 4, position: 4, problems: [], planned: { create: 1, change: 1, same: 1, refuse: 1 }, done: { create: 0, change: 0, same: 0, refuse: 0 } });
  t.match(first.report, [
    { line: 2, outcome: 'change', ran: false, person: known.id, changed: ['familyNamePrefix', 'title', 'department', 'employeeNumber', 'language', 'timeZone'] },
    { line: 3, outcome: 'same', person: same.id },
    { line: 4, outcome: 'create', changed: ['email', 'firstName', 'lastName', 'title', 'department', 'employeeNumber', 'language', 'timeZone', 'hireDate', 'leaveDate'] },
    { line: 5, outcome: 'refuse', column: 4, header: 'E-mail', reason: 'the address must have an @.' },
  ]);
  const { imports: _i, importLines: _l, audit: _a, ...after } = await world.everything();
  const { audit: _b, imports: _c, importLines: _d, ...untouched } = before;
  t.same(after, untouched, 'a check writes nothing but the import');

  t.equal((await imports.call('POST', `/${first.id}/run`)).status, 200);
  await work();
  const done = await imports.get(first.id);
  t.match(done, { state: 'done', position: 4, planned: first.planned, done: first.planned });
  t.match(await lines(first.id), [{ line: 2, outcome: 'change', ran: true }, { line: 3, outcome: 'same', ran: true }, { line: 4, outcome: 'create', ran: true }, { line: 5, outcome: 'refuse', ran: true }]);
  t.match(await get(known.id), { name: { givenName: 'Jan', familyName: 'Berg' }, title: 'Agent', preferredLanguage: 'nl', timezone: 'Europe/Amsterdam', [ENTERPRISE]: { employeeNumber: '007', department: 'Sales' }, [ACCOUNT]: { familyNamePrefix: 'van der' }, meta: { version: 'W/"2"' } });
  t.match(await get(same.id), { meta: { version: 'W/"1"' } }, 'no new version of who is as they were');
  const eva = await byName('eva@people.example');
  t.match(eva, { active: false, emails: [{ value: 'eva@people.example', primary: true }], [ENTERPRISE]: { department: '研究' }, [ACCOUNT]: { hireDate: '2030-03-01', leaveDate: '2031-01-31', hiresAt: '2030-02-28T23:00:00.000Z' } });
  t.same(await world.mailsTo({ id: eva.id, address: '' }), [], 'nobody is mailed');
  const entries = await database.collection('audit').find({ 'on.id': { $in: [known.id, eva.id] }, 'request': first.id }).toArray();
  t.match(entries.map(({ action, by }) => [action, by.kind]).toSorted(), [['create', 'client'], ['patch', 'client']], 'one entry each, by who imports');
  t.same((await database.collection('audit').find({ 'on.id': first.id }).sort({ _id: 1 }).toArray()).map(({ action }) => action), ['import.upload', 'import.checked', 'import.run', 'import.done']);

  const again = await ran(file);
  t.match(again.done, { create: 0, change: 0, same: 3, refuse: 1 }, 'the same file once more changes nobody');
});

t.test('J12: an export imports again, in each language and with the mark of UTF-8, and changes nobody', async (t) => {
  const own = (await makeClient(tenants.other, { scopes: ['*', 'users.manage'], shows: [ACCOUNT], settings: { signInMethod: 'none' } })).token;
  const other = importsOf(world, own);
  const make = async (body: Parameters<typeof call>[2]) => call('POST', '/Users', body, { token: own });
  for (const [n, title] of ['=cmd()', '-1', '\'=quoted', 'a;=b', 'two\nlines', '"quoted"', 'Lead, first'].entries()) {
    t.equal((await make({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `=u${n}`, title, displayName: `@${n}`, name: { familyName: n % 2 ? 'van der Berg' : '-Berg', givenName: '+Jan' }, emails: [{ value: `p${n}@people.example` }], roles: [{ value: 'Planner' }, { value: '=Agent' }], preferredLanguage: 'nl', [ACCOUNT]: { familyNamePrefix: 'van der', leaveDate: '2031-01-01' }, [ENTERPRISE]: { employeeNumber: `00${n}`, department: 'Sales' } })).status, 201);
  }
  const columns = 'lastName,firstName,email,userName,displayName,status,roles,population,employeeNumber,department,title,language,leaveDate,id';
  const before = await database.collection('users').find({ t: tenants.other }).toArray();
  for (const language of ['nl', 'nb', 'en']) {
    for (const chosen of [`&columns=${columns}`, `&columns=${columns.replace(',id', '')}`, '']) {
      const { body: file } = await world.app.inject({ url: `/api/v1/users/export?language=${language}&bom=${language === 'nb'}${chosen}`, headers: { authorization: `Bearer ${own}` } });
      const { planned, report, matchBy } = await other.checked(file);
      t.same([planned, matchBy], [{ create: 0, change: 0, same: 7, refuse: 0 }, chosen === '' ? 'email' : chosen.endsWith('id') ? 'id' : 'userName'], `${language} ${chosen} ${JSON.stringify(report)}`);
    }
  }
  t.same(await database.collection('users').find({ t: tenants.other }).toArray(), before);
  const { body: file } = await world.app.inject({ url: `/api/v1/users/export?columns=${columns}`, headers: { authorization: `Bearer ${own}` } });
  const { done } = await other.ran(file.replaceAll('Sales', '\'=Sales'));
  t.match(done, { change: 7 });
  t.equal((await database.collection('users').findOne({ 't': tenants.other, 'a.userName': '=u0' }))?.['a'].enterprise.department, '=Sales', 'the apostrophe of an export is no part of the value');
});

t.test('columns: what nobody knows, what is there twice and what is missing is named; a mapping says it', async (t) => {
  const id = await somebody({ title: 'Old' });
  const made = await upload(`Login,Shoe size,Mail,,Title\n${id.address},44,x@y.example,,New\n`);
  t.match(made, { status: 201, body: { state: 'mapping', matchBy: 'userName', problems: ['Line 1, column 2: nobody knows what "Shoe size" holds. Say it, or null to leave it out.', 'Line 1, column 4: the column has no name. Say what it holds, or null to leave it out.'] } });
  refused(t, await imports.call('POST', `/${made.body.id}/run`), 409);
  for (const columns of [{ 'Shoe size': 'shoeSize' }, { Nothing: null }, { 9: null }, { Login: 1 }]) refused(t, await imports.call('PATCH', `/${made.body.id}`, { columns }), 400, 'invalidValue');
  refused(t, await imports.call('PATCH', `/${made.body.id}`, { matchBy: 'title' }), 400, 'invalidValue');
  t.match((await imports.call('PATCH', `/${made.body.id}`, { columns: { 'Shoe size': 'email', '4': null } })).body, { state: 'mapping', problems: ['Line 1, column 3: email is in column 2 already.'] });
  t.match((await imports.call('PATCH', `/${made.body.id}`, { columns: { 'Shoe size': null, 'Login': null, 'Mail': null } })).body, { state: 'mapping', problems: [/^Line 1: there is no column/] });
  t.match((await imports.call('PATCH', `/${made.body.id}`, { columns: { Login: 'userName' } })).body, { state: 'checking', problems: [] });
  await work();
  t.match(await lines(made.body.id), [{ line: 2, outcome: 'change', changed: ['title'], person: id.id }]);
  t.match((await upload('Name of pet\nRex\n')).body.problems, [/column 1/, /there is no column that says whom a line is about/]);
});

t.test('an empty cell says nothing, or clears where that is asked for', async (t) => {
  const person = await somebody({ title: 'Old', name: { givenName: 'A', familyName: 'B' } });
  const file = `userName,title,first name,e-mail\n${person.address},,A,\n`;
  t.match((await checked(file)).planned, { same: 1 });
  t.match((await ran(file, 'empty=clear')).report, [{ outcome: 'change', changed: ['title'] }]);
  const now = await get(person.id);
  t.same([now.title, now.emails[0].value], [undefined, person.address], 'an address is not taken away');
});

t.test('who is meant: by user name, address, id or this client\'s externalId; several, twice in a file and nobody are refused', async (t) => {
  const a = await somebody({ externalId: 'hr-1' });
  const [b, c] = await Promise.all([1, 2].map(async () => somebody({ emails: [{ value: 'shared@people.example' }] })));
  t.match((await checked(`externalId,title\nhr-1,X\n`)).report, [{ outcome: 'change', person: a.id }]);
  const others = importsOf(world, (await makeClient(tenants.own, { scopes: ['users.manage'] })).token);
  t.match((await others.checked(`externalId,userName,title\nhr-1,${unique('new')},X\n`, 'matchBy=externalId')).report, [{ outcome: 'create' }], 'another client has names of its own');
  const { report } = await checked(`email,title\nshared@people.example,X\n${a.address},X\n${a.address.toUpperCase()},Y\n,Z\n`);
  t.match(report, [
    { line: 2, outcome: 'refuse', column: 1, reason: 'Several people have this email.' },
    { line: 3, outcome: 'change' },
    { line: 4, outcome: 'refuse', column: 1, reason: 'Line 3 is about the same person.' },
    { line: 5, outcome: 'refuse', column: 1, reason: 'The cell is empty by which the person is found: email.' },
  ]);
  t.match((await checked(`id,title\nnobody,X\n${b?.id},Y\n${c?.id},Y\n,Z\n`)).report, [{ outcome: 'refuse', column: 1, reason: 'There is nobody with this id.' }, { outcome: 'change' }, { outcome: 'change' }, { outcome: 'refuse', reason: 'Somebody new needs a user name or an e-mail address.' }]);
  t.match((await checked(`id,userName\n${b?.id},${a.address}\n`)).report, [{ outcome: 'refuse', column: 2, header: 'userName', reason: 'userName is already taken.' }]);
});

t.test('memberships are added and never taken away; what gives rights needs admin.grant', async (t) => {
  const [sales, office] = await Promise.all(['Sales people', 'Office'].map(async (displayName) => (await call('POST', '/Groups', groupBody({ displayName }), world.as)).body.id as string));
  const administrators = (await database.collection('groups').findOne({ 't': tenants.own, 'a.displayName': 'Rollcall Administrators' }))?.['a'].displayName ?? (await database.collection('groups').findOne({ t: tenants.own, p: 'console' }))?.['a'].displayName;
  const person = await somebody();
  await call('PATCH', `/Groups/${office}`, patchBody({ op: 'add', path: 'members', value: [{ value: person.id }] }), world.as);
  const file = `userName,groups\n${person.address},Sales people\n${unique('joiner')},Sales people; OFFICE\n${unique('nobody')},No such group\n${unique('wouldbe')},${administrators}\n`;
  const before = await people();
  const { report } = await ran(file);
  t.match(report, [{ outcome: 'change', changed: ['groups'] }, { outcome: 'create' }, { outcome: 'refuse', column: 2, reason: 'There is no group "No such group".' }, { outcome: 'refuse', column: 2 }]);
  t.equal(await people(), before + 1);
  const members = async (group: string | undefined) => ((await call('GET', `/Groups/${group}`, undefined, world.as)).body.members ?? []).length;
  t.same([await members(sales), await members(office)], [2, 2]);
  t.match((await ran(file)).done, { same: 2, refuse: 2 }, 'again nothing changes');
});

t.test('people whom the caller does not see are neither found nor changed, and imports are for who made them', async (t) => {
  const hidden = await somebody({ [ACCOUNT]: { population: 'portal' } });
  const narrow = (await makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['employee'] } })).token;
  const own = importsOf(world, narrow);
  const { id, report, done } = await own.ran(`userName,title,population\n${hidden.address},X,\n${unique('n')},X,portal\n`);
  t.match(report, [{ outcome: 'refuse', column: 1, reason: 'userName is already taken by somebody whom this client cannot see.' }, { outcome: 'refuse', column: 3, reason: 'it must be one of employee.' }]);
  t.match(done, { refuse: 2, create: 0 });
  t.equal((await get(hidden.id)).title, undefined);
  t.match((await checked(`userName,title\n${hidden.address},X\n`)).report, [{ outcome: 'change' }], 'who sees them finds them');
  const stranger = importsOf(world, (await makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['employee'] } })).token);
  for (const [method, path] of [['GET', ''], ['GET', '/lines'], ['GET', '/report'], ['POST', '/run'], ['POST', '/cancel'], ['DELETE', ''], ['PATCH', '']] as const) refused(t, await stranger.call(method, `/${id}${path}`, method === 'PATCH' ? {} : undefined), 404);
  t.same((await stranger.call('GET', '')).body, { imports: [] });
  const elsewhere = importsOf(world, (await makeClient(tenants.other, { scopes: ['users.manage'] })).token);
  refused(t, await elsewhere.call('GET', `/${id}`), 404);
});

t.test('of two imports that run at once the second is refused, also by the index; a cancelled one goes on later', async (t) => {
  const two = () => checked(`userName,title\n${unique('two')},X\n${unique('two')},X\n`);
  const [first, second] = [await two(), await two()];
  const answers = await Promise.all([first, second].map(async (one) => imports.call('POST', `/${one.id}/run`)));
  t.same(answers.map(({ status }) => status).toSorted(), [200, 409]);
  const [running, waiting] = answers[0]?.status === 200 ? [first, second] : [second, first];
  refused(t, await imports.call('POST', `/${waiting.id}/run`), 409);
  refused(t, await imports.call('POST', `/${running.id}/run`), 409);
  refused(t, await imports.call('DELETE', `/${running.id}`), 409);
  t.match((await imports.call('POST', `/${running.id}/cancel`)).body, { state: 'stopped', reason: 'It was cancelled.' });
  const before = await people();
  await work();
  t.equal(await people(), before, 'a cancelled import writes nothing');
  t.equal((await imports.call('POST', `/${waiting.id}/run`)).status, 200);
  await work();
  t.equal((await imports.call('POST', `/${running.id}/run`)).status, 200);
  await work();
  t.match(await imports.get(running.id), { state: 'done', done: { create: 2 } });
  t.equal(await people(), before + 4);
  refused(t, await imports.call('POST', `/${running.id}/run`), 409);
  refused(t, await imports.call('PATCH', `/${running.id}`, {}), 409);
});

t.test('the report as pages and as a file', async (t) => {
  const { id } = await checked(['userName,title', ...Array.from({ length: 7 }, (_, n) => `${unique('page')},"=cmd(${n})"`), 'short'].join('\n'));
  const first = (await imports.call('GET', `/${id}/lines?count=5`)).body;
  const rest = (await imports.call('GET', `/${id}/lines?count=5&cursor=${first.nextCursor}`)).body;
  t.same(outcomes([...first.lines, ...rest.lines]), ['2', '3', '4', '5', '6', '7', '8'].map((line) => `${line} create`).concat('9 refuse'));
  t.equal(rest.nextCursor, undefined);
  refused(t, await imports.call('GET', `/${id}/lines?outcome=create&cursor=${first.nextCursor}`), 400, 'invalidCursor');
  refused(t, await imports.call('GET', `/${id}/lines?outcome=x`), 400, 'invalidValue');
  const { headers, payload } = await world.app.inject({ url: `/api/v1/imports/${id}/report?outcome=refuse`, headers: { authorization: `Bearer ${manager}` } });
  t.match(headers['content-type'], /^text\/csv/);
  t.same(parse(payload, { relax_column_count: true }), [['line', 'outcome', 'column', 'reason', 'changed', 'userName', 'title'], ['9', 'refuse', '2', 'The line has 1 cells, and the header 2.', '', 'short']]);
  const whole = (await world.app.inject({ url: `/api/v1/imports/${id}/report`, headers: { authorization: `Bearer ${manager}` } })).payload;
  t.ok(whole.includes(',\'=cmd(0)\r\n'), 'harmless in a spreadsheet');
  refused(t, await api('GET', '/imports/nothing/report'), 404);
});

t.test('lines end with the person whom they are about, and an import after its time or when it is deleted', async (t) => {
  const word = unique('zqimport').replaceAll('-', '');
  const person = await somebody({ userName: `${word}@people.example`, emails: [{ value: `${word}@people.example` }] });
  const twin = await somebody({ emails: [{ value: `${word}@people.example` }] });
  const one = await checked(`userName,title\n${word}@people.example,${word}\n${unique('other')},kept\n`);
  const two = await checked(`email,title\n${word}@people.example,${word} ambiguous\n`);
  t.match(two.report, [{ outcome: 'refuse' }]);
  t.match(JSON.parse((await api('GET', `/users/${person.id}/data`)).text).imports, [{ import: one.id, line: 2, cells: [`${word}@people.example`, word] }], 'and are part of what is stored of them');
  await api('DELETE', `/users/${twin.id}`, { name: twin.address });
  t.equal((await api('DELETE', `/users/${person.id}`, { name: `${word}@people.example` })).status, 204);
  t.match((await lines(one.id)).map(({ cells }: { cells: string[] }) => cells[1]), ['kept'], 'at once');
  world.advance(61_000);
  const { finishErasures } = await import('./erasures.ts');
  await finishErasures(world);
  t.same(await whereIs(world, word), []);

  t.equal((await imports.call('DELETE', `/${one.id}`)).status, 204);
  refused(t, await imports.call('GET', `/${one.id}`), 404);
  await work();
  t.equal(await database.collection('importLines').countDocuments({ import: one.id }), 0);
});
