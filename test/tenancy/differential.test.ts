/**
 * One server has the tenant alone; on the other a second tenant holds the same names. No request of the first tenant may tell the two apart,
 * and none may read or change anything of the second.
 */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { mongo } from 'mongoose';
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import type { ComplexValue, ResourceType } from '../../src/scim/schema.ts';
import { GROUP, patchBody, startApp, USER } from '../helpers/app.ts';
import { body, filter, print, printable, seed, style, ValuePool } from '../helpers/arbitraries.ts';
import { openUnwatched } from '../helpers/store.ts';
import { listen, Twin } from './twin.ts';

interface Line {
  readonly id: string;
  readonly cat: string;
}
const part = async <T>(name: string) => (await import(new URL(`../../scripts/${name}.mjs`, import.meta.url).href)) as T;
const { replay } = await part<{ replay: (options: { base: string; token: string; files: readonly string[] }) => Promise<{ passed: number; failed: number }> }>('replay');
const { readLines, runLine } = await part<{ readLines: (...files: string[]) => readonly Line[]; runLine: (line: Line, target: object) => Promise<{ faults?: readonly string[] }> }>('testing/hostile');
const { documentsOf } = await part<{ documentsOf: (db: mongo.Db, tenant: string) => Promise<readonly string[]> }>('testing/hostile-database');

// ---- the two servers

let watched = '';
const naming: string[] = [];
const alone = await startApp(t, import.meta.url);
const shared = await startApp(t, import.meta.url, {}, {
  monitor: ({ command }) => {
    if (watched !== '' && JSON.stringify(command).includes(watched)) naming.push(JSON.stringify(command).slice(0, 400));
  },
});
const second = shared.tenants.other;
const twin = new Twin(alone, shared);
for (const name of ['tolerant', 'strict'] as const) twin.pair(alone.tokens[name], shared.tokens[name]);
const origin = await listen(t, twin);
const sharedOrigin = await shared.app.listen({ port: 0, host: '127.0.0.1' });
const database = await openUnwatched(t, shared.store);

// ---- what is sent to both

/** What is random in a transcript is the same each time, so that both tenants make the same names. */
const folder = mkdtempSync(join(tmpdir(), 'rollcall-differential-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const transcripts = join(import.meta.dirname, '..', 'idp');
function fixed(only: (step: { request: { method: string } }) => boolean): readonly string[] {
  return readdirSync(transcripts).filter((name) => name.endsWith('.json')).sort().map((name) => {
    let uuids = 0;
    const text = readFileSync(join(transcripts, name), 'utf8')
      .replaceAll('{{$run}}', createHash('sha256').update(name).digest('hex').slice(0, 8))
      .replaceAll('{{$uuid}}', () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`);
    const file = join(mkdtempSync(join(folder, 'idp-')), name);
    writeFileSync(file, JSON.stringify((JSON.parse(text) as { request: { method: string } }[]).filter(only)));
    return file;
  });
}

const { resourceTypes } = shared.registry;
const typeOf = (name: string) => resourceTypes.find((type) => type.name === name) as ResourceType;
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) => fc.sample(arbitrary, { seed, numRuns });
const PEOPLE = 40;
const people = sample(body(typeOf('User')), PEOPLE).map((attributes, index): Record<string, Json> => ({ schemas: [USER], ...acceptable(attributes), userName: `generated-${index}`, externalId: `x-${index % 7}` }));
/** Without a manager, with one primary address, and with what every client sees: the rest is refused. */
function acceptable(attributes: Record<string, Json>): Record<string, Json> {
  return JSON.parse(JSON.stringify(attributes, (name, value: unknown) => {
    if (name === 'manager' || name.includes('rollcall')) return undefined;
    return Array.isArray(value) ? value.map((element: unknown, index) => (index > 0 && typeof element === 'object' ? { ...element, primary: undefined } : element)) : value;
  })) as Record<string, Json>;
}
const groups = sample(body(typeOf('Group')), 10).map((attributes, index): Record<string, Json> => ({ schemas: [GROUP], ...acceptable(attributes), displayName: `generated-${index}` }));

type Send = (method: string, path: string, json?: Json, headers?: Record<string, string>) => Promise<{ status: number; text: string }>;
const sendTo = (send: (request: { method: string; url: string; headers: Record<string, string>; body?: Buffer }) => Promise<{ status: number; text: string }>, token: string): Send =>
  (method, path, json, headers = {}) => send({
    method, url: `/scim/v2${path}`, headers: { authorization: `Bearer ${token}`, ...(json === undefined ? {} : { 'content-type': 'application/scim+json' }), ...headers },
    ...(json === undefined ? {} : { body: Buffer.from(JSON.stringify(json)) }),
  });

/** People, groups, and who is in them. */
async function populate(send: Send): Promise<{ users: string[]; groups: string[] }> {
  const made = { users: [] as string[], groups: [] as string[] };
  const idOf = ({ text }: { text: string }) => (JSON.parse(text) as { id?: string }).id ?? '';
  for (const person of people) made.users.push(idOf(await send('POST', '/Users', person)));
  for (const [index, group] of groups.entries()) {
    const members = made.users.filter((_, person) => person % (index + 2) === 0).map((value): Json => ({ value }));
    const nested = made.groups.slice(-1).map((value): Json => ({ value, type: 'Group' }));
    made.groups.push(idOf(await send('POST', '/Groups', { ...group, members: [...members, ...nested] })));
  }
  return made;
}

// ---- the second tenant

let before: readonly string[] = [];
t.test('the second tenant has all names first', async (t) => {
  const say = console.log;
  // What it says of steps that miss what was left out is of no interest here.
  console.log = () => undefined;
  const { passed } = await replay({ base: `${sharedOrigin}/scim/v2`, token: shared.tokens.other, files: fixed(({ request }) => request.method !== 'DELETE') }).finally(() => (console.log = say));
  t.ok(passed > 100, `${passed} steps of transcripts went to the second tenant`);
  const inject: Parameters<typeof sendTo>[0] = async ({ method, url, headers, body: payload }) => {
    const response = await shared.app.inject({ method: method as 'GET', url, headers, ...(payload ? { payload } : {}) });
    return { status: response.statusCode, text: response.body };
  };
  const { users, groups: others } = await populate(sendTo(inject, shared.tokens.other));
  t.ok([...users, ...others].every((id) => id !== ''), 'and all that is generated');
  await shared.store.settled();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await shared.store.settled();
  before = await documentsOf(database, second);
  watched = second;
});
const told = () => twin.differences.splice(0).slice(0, 5).map(printable);

// ---- the comparison

t.test('every transcript', async (t) => {
  const { passed } = await replay({ base: `${origin}/scim/v2`, token: alone.tokens.tolerant, files: fixed(() => true) });
  t.ok(passed > 120, `${passed} steps`);
  t.same(told(), []);
});

t.test('generated people, groups, filters, orders, pages and changes', async (t) => {
  const send = sendTo((request) => twin.send(request), alone.tokens.strict);
  const made = await populate(send);
  const everybody = [...made.users, ...made.groups].filter((id) => id !== '');
  t.ok(everybody.length > 40, `${everybody.length} were made`);
  for (const [type, bodies] of [[typeOf('User'), people], [typeOf('Group'), groups]] as const) {
    const pool = new ValuePool();
    for (const one of bodies) pool.add(type, one as ComplexValue);
    const orders = ['', '&sortBy=userName', '&sortBy=displayName&sortOrder=descending', '&sortBy=meta.lastModified', '&sortBy=id&count=3', '&startIndex=4&count=5', '&count=0', '&cursor=&count=7'];
    for (const [index, [node, choices]] of sample(fc.tuple(filter(type, pool, everybody), style), type.name === 'User' ? 100 : 30).entries()) {
      await send('GET', `${type.endpoint}?filter=${encodeURIComponent(print(node, choices))}${orders[index % orders.length] ?? ''}`);
    }
  }
  for (const path of ['/Users', '/Groups', '/']) {
    let cursor: string | undefined = '';
    for (let pages = 0; cursor !== undefined && pages < 50; pages++) {
      const { text } = await send('GET', `${path}?count=9&cursor=${cursor}`);
      cursor = (JSON.parse(text) as { nextCursor?: string }).nextCursor;
    }
  }
  t.same(told(), [], 'reading');

  for (const [index, id] of made.users.entries()) {
    const other = people[(index + 1) % people.length] ?? {};
    if (index % 4 === 0) await send('PUT', `/Users/${id}`, { ...other, userName: `generated-${index}` });
    if (index % 4 === 1) await send('PUT', `/Users/${id}`, other);
    if (index % 4 === 2) await send('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'userName', value: `Generated-${index + 1}` }), { 'if-match': 'W/"1"' });
    if (index % 4 === 3) await send('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'active', value: false }));
    if (index % 5 === 0) await send('DELETE', `/Users/${id}`);
    await send('GET', `/Users/${id}`, undefined, { 'if-none-match': 'W/"1"' });
  }
  for (const [index, id] of made.groups.entries()) {
    await send('PATCH', `/Groups/${id}`, patchBody({ op: 'add', path: 'members', value: made.users.slice(index, index + 5).map((value) => ({ value })) }));
    await send('PATCH', `/Groups/${id}`, patchBody({ op: 'remove', path: `members[value eq "${made.users[index * 2] ?? ''}"]` }));
    await send('GET', `/Groups/${id}`);
    if (index % 3 === 0) await send('DELETE', `/Groups/${id}`);
  }
  await send('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: people.slice(0, 12).map((person, index) => ({ method: 'POST', path: '/Users', bulkId: `b${index}`, data: { ...person, userName: `generated-${index % 10}` } })) });
  t.same(told(), [], 'writing');
});

t.test('hostile lines', async (t) => {
  const CATEGORIES = new Set(['FILTER', 'PAGE', 'NOSQL', 'LEAK', 'TENANT']);
  const hostile = join(import.meta.dirname, '..', 'hostile');
  const lines = readLines(join(hostile, 'hostile.jsonl'), join(hostile, 'more.jsonl')).filter(({ cat }) => CATEGORIES.has(cat));
  for (const line of lines) await runLine(line, { origin, basePath: '/scim/v2', tokens: { tokA: alone.tokens.tolerant } });
  t.same(told(), []);
});

t.test('nothing of the second tenant was read or changed', async (t) => {
  await shared.store.settled();
  t.ok(twin.count > 1000, `${twin.count} requests went to both`);
  t.same([...new Set(naming)].slice(0, 5), [], 'no command to MongoDB names it');
  watched = '';
  t.same(await documentsOf(database, second), before);
  for (const collection of ['users', 'groups', 'members', 'audit', 'provisioning', 'traces']) t.ok(before.some((line) => line.startsWith(`${collection} `)), `there is something of it in ${collection}`);
});
