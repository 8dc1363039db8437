/** The list of people as a file (J12): every row that matches, harmless in a spreadsheet, and one entry in the audit log. */
import t from 'tap';
import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { mongo } from 'mongoose';
import { parse } from 'csv-parse/sync';
import type { Json } from '../../src/scim/json.ts';
import type { Attributes } from '../../src/scim/schema.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { ResourceDocument } from '../../src/store/documents.ts';
import { SCHEMA } from '../../src/scim/urns.ts';
import { refused } from '../rfc/expectations.ts';
import { ACCOUNT, startWorld } from './world.ts';

const commands: mongo.CommandStartedEvent[] = [];
const world = await startWorld(t, import.meta.url, {}, { monitor: (event) => commands.push(event) });
const { app, database, makeClient, manager, policy, somebody, store, tenants } = world;

const ask = async (query = '', { token = manager, method = 'GET' }: { token?: string; method?: 'GET' | 'HEAD' } = {}) => {
  const { statusCode: status, headers, body: text } = await app.inject({ method, url: `/api/v1/users/export?${query}`, headers: { authorization: `Bearer ${token}` } });
  return { status, headers, text, body: status < 400 ? undefined : JSON.parse(text) };
};
const rowsOf = (text: string) => parse(text, { bom: true, record_delimiter: '\r\n' });
const rows = async (query = '') => rowsOf((await ask(query)).text);
const entries = () => database.collection('audit').find({ t: tenants.own, action: 'export' }).sort({ _id: 1 }).toArray();

let next = 0;
async function person(givenName: string | undefined, infix: string, familyName: string | undefined, more: Record<string, Json> = {}): Promise<string> {
  const name = { ...(givenName === undefined ? {} : { givenName }), ...(familyName === undefined ? {} : { familyName }) };
  const { id } = await somebody({ userName: `u-${++next}`, name, emails: [{ value: `p${next}@people.example` }], ...(infix === '' ? {} : { [ACCOUNT]: { familyNamePrefix: infix } }), ...more });
  return id;
}
await person('Jan', 'van der', 'Berg', { roles: [{ value: 'Planner' }, { value: 'Agent' }], title: 'Lead; "first", second', [SCHEMA.enterpriseUser]: { employeeNumber: '007', department: '研究' } });
await person('Sofie', 'van der', 'van der Berg', { roles: [{ value: 'Planner' }] });
await person('Éva', '', 'Núñez');
await person('Gone', '', 'Away', { active: false });
await person(undefined, '', undefined, { displayName: 'Robot', emails: [] });

t.test('J12: last name, first name, e-mail; comma-separated, UTF-8, a line break of two characters, .csv', async (t) => {
  const { status, headers, text } = await ask('tab=billed');
  t.equal(status, 200);
  t.match(headers, { 'content-type': 'text/csv; charset=utf-8; header=present', 'content-disposition': 'attachment; filename="people-2030-01-07.csv"', 'cache-control': 'no-store' });
  t.equal(text, [
    'Last name,First name,E-mail address',
    '"Berg, van der",Jan,p1@people.example',
    '"Berg, van der",Sofie,p2@people.example',
    'Núñez,Éva,p3@people.example',
    ',,',
    '',
  ].join('\r\n'));
});

t.test('J12: filtered by tab, search and roles as the list is', async (t) => {
  t.same(await rows('tab=unbilled'), [['Last name', 'First name', 'E-mail address'], ['Away', 'Gone', 'p4@people.example']]);
  t.same((await rows('search=berg,nunez')).slice(1).map(([, first]) => first), ['Jan', 'Sofie', 'Éva']);
  t.same((await rows('search=berg&role=agent')).slice(1).map(([, first]) => first), ['Jan']);
  t.equal((await rows()).length, 6, 'or whole');
  t.equal((await ask('search=nobody')).text, 'Last name,First name,E-mail address\r\n', 'nobody is a file too');
});

t.test('J12: further columns, the language of the header, the mark of UTF-8', async (t) => {
  t.same(await rows('search=jan&columns=id,lastName, employeeNumber,department,title,roles,status,population,userName&language=nl'.replace(' ', '%20')), [
    ['Id', 'Achternaam', 'Personeelsnummer', 'Afdeling', 'Functie', 'Rollen', 'Status', 'Populatie', 'Gebruikersnaam'],
    [(await database.collection<{ _id: string }>('users').findOne({ 'a.userName': 'u-1', t: tenants.own }))?._id, 'Berg, van der', '007', '研究', 'Lead; "first", second', 'Planner, Agent', 'none', 'employee', 'u-1'],
  ]);
  t.ok((await ask('bom=true')).text.startsWith('\ufeffLast name,'));
  t.notOk((await ask('bom=false')).text.startsWith('\ufeff'));
  await policy({ language: 'nb' });
  world.advance(1000);
  t.same((await rows())[0], ['Etternavn', 'Fornavn', 'E-postadresse']);
  await policy({ language: null });
  world.advance(1000);
});

t.test('J12: a cell that a spreadsheet would run is text', async (t) => {
  const nasty: readonly (readonly [string, string])[] = [
    ['=cmd()', '\'=cmd()'], ['+1', '\'+1'], ['-1', '\'-1'], ['@SUM(A1)', '\'@SUM(A1)'], ['\t=1', '\'\t\'=1'], ['\r=1', '\'\r\'=1'], ['\n=1', '\'\n\'=1'],
    ['＝1', '\'＝1'], ['＋1', '\'＋1'], ['－1', '\'－1'], ['＠1', '\'＠1'],
    // What another separator or a broken line would make the beginning of a cell.
    ['a;=cmd()', 'a;\'=cmd()'], ['a\t=cmd()', 'a\t\'=cmd()'], ['a\n=cmd()', 'a\n\'=cmd()'], ['a\r\n@b', 'a\r\n\'@b'], ['",=cmd()', '",=cmd()'], ['a"\r\n=b', 'a"\r\n\'=b'],
    ['a-b=c', 'a-b=c'], ['O\'Neil', 'O\'Neil'], [' =1', ' =1'], ['a; b', 'a; b'], ['😀', '😀'],
  ];
  for (const [title] of nasty) await person('Nasty', '', 'Row', { title });
  const told = await rows('search=nasty&columns=title,lastName');
  t.same(told.slice(1).map(([title]) => title), nasty.map(([, text]) => text));
  t.ok(told.every((row) => row.length === 2));
});

t.test('J12: the audit log has who, which filters by name, and how many rows; never what was searched', async (t) => {
  const before = (await entries()).length;
  await ask('search=Berg&role=Planner&tab=billed&columns=email');
  const [entry, ...others] = (await entries()).slice(before);
  t.same(others, [], 'one entry');
  t.match(entry, { by: { kind: 'client' }, on: { type: 'Tenant', id: tenants.own }, changed: [], values: { filter: ['tab', 'search', 'roles'], columns: ['email'], rows: 2, complete: true } });
  t.notMatch(JSON.stringify(entry), /berg|planner/i);

  t.equal((await ask('', { method: 'HEAD' })).status, 200);
  for (const query of ['tab=x', 'columns=password', 'columns=', 'language=fr', 'bom=1', 'count=1', 'cursor=x', 'search=a&search=b', `search=${'a%20'.repeat(200)}`]) refused(t, await ask(query), 400, 'invalidValue');
  refused(t, await ask('', { token: (await makeClient(tenants.own, { scopes: ['*', 'audit.read'] })).token }), 403);
  t.equal((await entries()).length, before + 1, 'nobody took anything');
});

t.test('J12: whose populations one does not see, and other tenants, are in no file', async (t) => {
  const external = (await makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['external'] } })).token;
  t.equal((await ask('', { token: external })).text, 'Last name,First name,E-mail address\r\n');
  const other = (await makeClient(tenants.other, { scopes: ['users.manage'] })).token;
  t.equal((await ask('', { token: other })).text, 'Last name,First name,E-mail address\r\n');
});

/** People past SCIM, so that there are many. */
async function fill(population: string, count: number, attributesOf: (n: number) => Attributes): Promise<void> {
  const type = store.registry.type('User');
  const at = world.clock.now.toISOString();
  for (let start = 0; start < count; start += 5000) {
    const numbers = Array.from({ length: Math.min(5000, count - start) }, (_, n) => start + n);
    await store.collections.resources(type).insertMany(numbers.map((n): ResourceDocument => ({
      _id: `${population}-${String(n).padStart(6, '0')}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: population, mr: 0,
      ...encodeAttributes(type, { userName: `${population}-${n}`, active: true, ...attributesOf(n) }),
    })));
  }
}

t.test('J12: every row and not a page, from one cursor, in the order of names; a term that finds many has all of them too', async (t) => {
  await fill('contact', 2600, (n) => ({ name: { givenName: 'x'.repeat(200), familyName: `Many${n % 7} ${n}` }, emails: [{ value: `many-${n}@people.example` }] }));
  commands.length = 0;
  const told = (await rows('population=contact')).slice(1);
  t.equal(new Set(told.map(([, , address]) => address)).size, 2600);
  t.same(told.map(([last]) => last), told.map(([last = '']) => last).toSorted(), 'in order');
  const reads = commands.filter(({ command, commandName }) => commandName === 'getMore' || (command['find'] === 'users' && command['filter'].p !== undefined));
  t.same([reads.filter(({ commandName }) => commandName === 'find').length, reads.length > 4], [1, true], 'one query, read on');
  t.equal(new Set((await rows('population=contact&search=many,x')).map(([, , address]) => address)).size, 2601);
  t.equal((await rows('population=contact&search=many3')).length, 1 + Math.floor((2599 - 3) / 7) + 1);
});

t.test('J12: whoever stops reading ends the query, and the log says that it did not finish', async (t) => {
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  t.ok(origin);
  // More than the sockets on the way hold.
  const MANY = 20_000;
  const familyName = 'y'.repeat(2000);
  await fill('portal', MANY, () => ({ name: { familyName } }));
  commands.length = 0;
  const before = (await entries()).length;
  const sent = request({ port, path: '/api/v1/users/export?population=portal', headers: { authorization: `Bearer ${manager}` } });
  sent.end();
  const [answer] = await once(sent, 'response');
  await once(answer, 'data');
  // Nothing is read any more: the server waits instead of holding the rest.
  const ended = new Promise<void>((resolve) => {
    const look = () => void entries().then((found) => (found.at(-1)?.['values'].rows === undefined ? setImmediate(look) : resolve()));
    sent.destroy();
    look();
  });
  await ended;
  const entry = (await entries())[before];
  t.same([entry?.['values'].complete, entry?.['values'].rows > 0 && entry?.['values'].rows < MANY], [false, true]);
  t.ok(commands.some(({ commandName }) => commandName === 'killCursors'), 'nothing is left open in the database');
  for (let time = 0; time < 5; time++) t.equal((await ask('tab=unbilled')).status, 200, 'nor is a place among those that run at once');

  const held = Array.from({ length: 4 }, () => request({ port, path: '/api/v1/users/export?population=portal', headers: { authorization: `Bearer ${manager}` } }));
  await Promise.all(held.map(async (one) => {
    one.end();
    await once(one, 'response');
  }));
  const fifth = await ask('tab=unbilled');
  refused(t, fifth, 429);
  t.match(fifth.headers, { 'retry-after': '2' });
  for (const one of held) one.destroy();
});
