/** Files that are wrong, workers that die, guards that stop: each line is done once or not at all, and what is wrong is named with its line and column. */
import t from 'tap';
import { continueImports } from '../../src/accounts/import-run.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { claimImport, settleLines, TakenOver } from '../../src/store/imports.ts';
import { transact } from '../../src/store/transaction.ts';
import { DAY_MS, unique } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { importsOf, surroundings } from './imports.ts';
import { MINUTE, startWorld } from './world.ts';
import { trimLogs } from '../tenancy/support.ts';

const limits = { ...DEFAULT_LIMITS, importLines: 400, importBytes: 40_000, importColumns: 20, importLineBytes: 3000, imports: 12 };
const world = await startWorld(t, import.meta.url, { limits });
const { advance, clock, database, makeClient, somebody, store, tenants } = world;
const imports = importsOf(world);
const { checked, upload } = imports;

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const WRONG: readonly (readonly [string, string | Buffer, RegExp])[] = [
  ['nothing', '', /Line 1, column 1: the file is empty/],
  ['line breaks alone', '\r\n\n', /Line 1, column 1: the file is empty/],
  ['a header alone', 'userName,title\n', /^Line 1: there is nobody in the file/],
  ['Latin-1', latin1('userName,title\na,b\nc,Andr\u00e9\n'), /^Line 3, column 2: the byte 0xE9 is not UTF-8/],
  ['Latin-1 behind a line break in quotes', latin1('userName,title\r\na,"b\r\nb"\r\n"c\u00e9",d\r\n'), /^Line 4, column 1: the byte 0xE9/],
  ['half a character', Buffer.concat([Buffer.from('userName,title\na,'), Buffer.from('é').subarray(0, 1)]), /^Line 2, column 2: the byte 0xC3/],
  ['UTF-16 with its mark', Buffer.from('\ufeffuserName,title\na,b\n', 'utf16le'), /^Line 1, column 1: the file is in UTF-16/],
  ['UTF-16 without', Buffer.from('userName,title\na,b\n', 'utf16le'), /^Line 1, column 1: the file is in UTF-16/],
  ['a NUL', 'userName,title\na,b\0\n', /^Line 2, column 2: there is a NUL character/],
  ['a quote inside a cell', 'userName,title\na,b\nc,O"Neil\n', /^Line 3, column 2: a quote stands inside a cell/],
  ['text behind a quote', 'userName,title\na,b\n"c"d,e\n', /^Line 3, column 1: behind the closing quote/],
  ['a quote that nothing closes', 'userName,title\na,b\nc,"d\ne,f\n', /^Line 3, column 2: a quote is opened here that nothing closes/],
  ['the same in a long file', `userName,title\nc,"d\n${'e,f\n'.repeat(900)}`, /^Line 2, column 2: the line is longer than 3000 bytes: is the quote/],
  ['a line that is too long', `userName,title\na,b\n${'x'.repeat(3100)},b\n`, /^Line 3, column 1: the line is longer than 3000 bytes/],
  ['too many columns', `userName,title\na,b\n${','.repeat(30)}\n`, /^Line 3, column 21: there are more than 20 columns/],
  ['a name of a column that is none', `userName,${'x'.repeat(300)}\na,b\n`, /^Line 1, column 2: the name of a column/],
];

t.test('a file that is wrong is refused whole, with its line and column', async (t) => {
  const before = await world.everything();
  for (const [name, file, message] of WRONG) {
    const answer = await upload(file);
    refused(t, answer, 400, 'invalidValue');
    t.match(answer.body.detail, message, name);
  }
  // Wrong far behind the first thousand lines that are stored.
  for (const [file, headers, status] of [
    [`userName,title\n${'a,b\n'.repeat(401)}`, {}, 413], [`userName,title\n${'a,bcdefgh\n'.repeat(5000)}`, {}, 413],
    ['userName\na\n', { 'content-type': 'text/csv; charset=iso-8859-1' }, 415], ['userName\na\n', { 'content-type': 'application/pdf' }, 415], ['userName\na\n', { 'content-encoding': 'gzip' }, 415], ['{}', { 'content-type': 'application/json' }, 415],
  ] as const) refused(t, await upload(file, '', headers), status);
  for (const query of ['delimiter=x', 'matchBy=title', 'empty=x', 'mapping=x']) refused(t, await upload('userName\na\n', query), 400, 'invalidValue');
  t.same(await world.everything(), before, 'nothing is left of them');
});

t.test('a file of unknown length that is too large is told so, and another upload meanwhile to wait', async (t) => {
  const origin = await world.app.listen({ host: '127.0.0.1', port: 0 });
  const url = `${origin}/api/v1/imports`;
  const headers = { 'authorization': `Bearer ${world.manager}`, 'content-type': 'text/csv' };
  const chunks = function* () {
    yield Buffer.from('userName,title\n');
    for (let n = 0; n < 50; n++) yield Buffer.from('a,b\n'.repeat(500));
  };
  const answer = await fetch(url, { method: 'POST', headers, body: ReadableStream.from(chunks()), duplex: 'half' });
  refused(t, { status: answer.status, headers: Object.fromEntries(answer.headers), text: '', body: await answer.json() }, 413);
  const leave = await store.uploads(tenants.own).enter();
  refused(t, await upload('userName\na\n'), 429);
  leave();
  t.equal(await database.collection('imports').countDocuments(), 0);
});

t.test('delimiters, marks and line breaks of all kinds', async (t) => {
  const id = await somebody();
  for (const [file, delimiter] of [
    [`\ufeffuserName;title\r\n${id.address};X\r\n`, 'semicolon'], [`userName\ttitle\r${id.address}\tX\r`, 'tab'], [`userName,title\n\n${id.address},"X"\n,\n\n`, 'comma'], [`"userName"\n${id.address}`, 'comma'],
  ] as const) t.match(await checked(file), { delimiter, lines: 1, planned: { refuse: 0, create: 0 }, report: [{ person: id.id }] }, JSON.stringify(file));
  t.match(await upload(`userName;title,a\n${id.address};X\n`, 'delimiter=semicolon'), { body: { columns: [{ header: 'userName' }, { header: 'title,a' }] } });
  for (const { id: one } of (await imports.call('GET', '')).body.imports) await imports.call('DELETE', `/${one}`);
});

t.test('a line that is wrong is refused alone, with its column', async (t) => {
  const name = () => unique('line');
  const rows: readonly (readonly [string, number, RegExp])[] = [
    [`${name()},,,,`, 6, /5 cells, and the header 6/], [`${name()},,,,,,x`, 7, /7 cells/], [`${name()},31-12-2030,,,,`, 2, /a day like 2030-12-31/], [`${name()},2030-02-30,,,,`, 2, /a day like/],
    [`${name()},,Europe/Nowhere,,,`, 3, /time zone/], [`${name()},,,not a language!,,`, 4, /language tag/], [`${name()},,,,a@b@c,`, 5, /one @ only/], [`${name()},,,,,x\u0007y`, 6, /control character/], [',,,,a@b.example,', 1, /cell is empty/],
  ];
  const { report, planned } = await checked(`userName,leave date,time zone,language,email,title\n${rows.map(([row]) => row).join('\n')}\n${name()},,,,,fine\n`);
  t.same(planned, { create: 1, change: 0, same: 0, refuse: rows.length });
  for (const [index, [, column, reason]] of rows.entries()) t.match(report[index], { line: index + 2, outcome: 'refuse', column, reason });
});

t.test('one name again and again, and one address of many people', async (t) => {
  const name = unique('again');
  const { id, planned, report } = await checked(`userName,title\n${`${name},X\n`.repeat(250)}`);
  t.same(planned, { create: 1, change: 0, same: 0, refuse: 249 });
  t.match(report[99], { line: 101, outcome: 'refuse', column: 1, reason: 'Line 2 is about the same person.' });
  t.equal(await database.collection('importLines').countDocuments({ import: id, keys: { $ne: [] } }), 1, 'one line keeps the name');
});

t.test('workers that die anywhere: each line is done once', async (t) => {
  const known = await Promise.all(Array.from({ length: 12 }, () => somebody()));
  const fresh = Array.from({ length: 130 }, () => `${unique('once')}@people.example`);
  const file = ['userName,title', ...known.map(({ address }) => `${address},Once`), ...fresh.map((name) => `${name},Once`), `${known[0]?.address},Twice`, 'wrong'].join('\n');
  const { id } = await checked(file);
  t.equal((await imports.call('POST', `/${id}/run`)).status, 200);
  let deaths = 0;
  for (let calls = 1; (await imports.get(id)).state === 'running'; calls++) {
    // As if the process had ended there: the lease stays, and what was not committed is gone.
    let left = calls * 3;
    const now = () => {
      if (left-- <= 0) throw new Error('killed');
      return clock.now;
    };
    await continueImports({ ...surroundings(world), now }).catch(() => deaths++);
    advance(MINUTE + 1000);
    if (calls > 200) throw new Error('it does not come to an end');
  }
  t.ok(deaths > 0, `${deaths} deaths`);
  t.match(await imports.get(id), { state: 'done', done: { create: 130, change: 12, same: 0, refuse: 2 }, position: 144 });
  const stored = await database.collection('users').find({ 't': tenants.own, 'a.title': 'Once' }).toArray();
  t.equal(stored.length, 142);
  t.ok(stored.every(({ v, a }) => v === (known.some(({ address }) => address === a.userName) ? 2 : 1)), 'one version each');
  t.equal(await database.collection('audit').countDocuments({ request: id, action: { $in: ['create', 'patch'] } }), 142, 'one entry each');
});

t.test('whoever was taken over writes nothing more, and two workers at once do not disturb each other', async (t) => {
  const { id } = await checked(['userName,title', ...Array.from({ length: 150 }, () => `${unique('both')},X`)].join('\n'));
  await imports.call('POST', `/${id}/run`);
  const slow = await claimImport(store, 'slow', clock.now);
  t.equal(await claimImport(store, 'other', clock.now), undefined, 'it has one owner');
  advance(MINUTE + 1);
  await Promise.all([0, 1, 2].map(() => continueImports(surroundings(world))));
  t.match(await imports.get(id), { state: 'done', done: { create: 150 } });
  const late = transact(store, (session) => settleLines({ ...store.scope(tenants.own), session }, { id, owner: 'slow', phase: 'running' }, [{ id: `${id}|0000001`, outcome: { kind: 'refuse' } }], clock.now));
  await t.rejects(late, new TakenOver());
  t.equal(slow?._id, id);
  t.match(await imports.get(id), { done: { create: 150, refuse: 0 } });
});

t.test('who may no longer import stops, and the guard of a client stops until it is released', async (t) => {
  const { token, client } = await makeClient(tenants.own, { scopes: ['users.manage'], settings: { guardChanges: 2, guardShare: 0 } });
  const own = importsOf(world, token);
  const people = await Promise.all(Array.from({ length: 4 }, () => somebody()));
  const made = await own.checked(['userName,leave date', ...people.map(({ address }) => `${address},2029-12-31`)].join('\n'));
  t.match(made, { planned: { change: 4 } });
  await own.call('POST', `/${made.id}/run`);
  await own.work();
  t.match(await own.get(made.id), { state: 'stopped', reason: /This client may deactivate or delete 2 people within an hour/, done: { change: 2, refuse: 0 } });
  const active = async () => (await Promise.all(people.map(({ id }) => world.status(id)))).filter((status) => status === 'deactivated').length;
  t.equal(await active(), 2);
  const keeper = (await makeClient(tenants.own, { scopes: ['clients.manage'] })).token;
  t.equal((await world.api('POST', `/clients/${client}/guard/release`, { changes: 10 }, { token: keeper })).status < 300, true);
  t.equal((await own.call('POST', `/${made.id}/run`)).status, 200);
  await own.work();
  t.match(await own.get(made.id), { state: 'done', done: { change: 4 } });
  t.equal(await active(), 4);

  const next = await own.checked(`userName,title\n${unique('x')},X\n`);
  await own.call('POST', `/${next.id}/run`);
  await database.collection<{ _id: string }>('clients').updateOne({ _id: client }, { $set: { scopes: ['audit.read'] } });
  const before = await database.collection('users').countDocuments();
  await own.work();
  t.match((await database.collection<{ _id: string }>('imports').findOne({ _id: next.id })), { state: 'stopped', reason: /may not import any more/ });
  t.equal(await database.collection('users').countDocuments(), before);
});

t.test('imports are bounded in number, and go after their time', async (t) => {
  const file = () => `userName\n${unique('bound')}\n`;
  let answer = await upload(file());
  for (let n = 0; n < 12 && answer.status === 201; n++) answer = await upload(file());
  refused(t, answer, 409);
  await imports.work();
  advance(31 * DAY_MS);
  await trimLogs(world);
  t.same((await imports.call('GET', '')).body.imports, []);
  await imports.work();
  t.same([await database.collection('imports').countDocuments(), await database.collection('importLines').countDocuments()], [0, 0]);
  t.equal((await upload(file())).status, 201);
});
