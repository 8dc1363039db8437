/** A walk by cursor while others write shows what was there all the time exactly once; and it can be walked back (R-CUR-2, R-CUR-3). */
import fc from 'fast-check';
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { counterexample } from '../helpers/arbitraries.ts';
import { groupBody, startApp, unique, userBody } from '../helpers/app.ts';
import { idsOf } from '../rfc/queries.ts';

const RUNS = 120;
const USERS = 14;
const GROUPS = 5;
/** More would be clamped, and no walk. */
const MAX_PAGES = 60;

const app = await startApp(t, import.meta.url);
const { call, store } = app;

/** Values that are equal, missing, of other case, and in several elements. */
const titles = ['a', 'A', 'b', '', 'é', '\u{1f600}', undefined, undefined];
const attributes = fc.record({ title: fc.constantFrom(...titles), active: fc.boolean(), familyName: fc.constantFrom(...titles), externalId: fc.constantFrom('x', 'X', 'y', undefined), emails: fc.array(fc.record({ value: fc.constantFrom('a@x', 'b@x', 'C@x'), primary: fc.boolean() }), { maxLength: 2 }) });
type Attributes = typeof attributes extends fc.Arbitrary<infer T> ? T : never;

const queryAt = (endpoints: readonly string[], sorts: readonly string[], filters: readonly string[]) => fc.record({
  endpoint: fc.constantFrom(...endpoints),
  count: fc.integer({ min: 1, max: 6 }),
  sortBy: fc.option(fc.constantFrom(...sorts), { nil: undefined, freq: 4 }),
  descending: fc.boolean(),
  filter: fc.option(fc.constantFrom(...filters), { nil: undefined, freq: 2 }),
});
const COMMON_SORTS = ['displayName', 'meta.lastModified', 'externalId', 'id'];
const COMMON_FILTERS = ['id pr', 'externalId eq "x" or displayName pr'];
const query = fc.oneof(
  { weight: 3, arbitrary: queryAt(['/Users', ''], [...COMMON_SORTS, 'userName', 'title', 'name.familyName', 'emails', 'emails.value', 'active'], [...COMMON_FILTERS, 'title pr', 'not (title eq "a")']) },
  { weight: 1, arbitrary: queryAt(['/Groups'], COMMON_SORTS, COMMON_FILTERS) },
);
type Query = typeof query extends fc.Arbitrary<infer T> ? T : never;

/** What others do between two pages. */
const event = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), of: fc.boolean(), attributes }),
  fc.record({ kind: fc.constant('delete' as const), at: fc.nat(99) }),
);
const seeds = fc.array(attributes, { minLength: USERS, maxLength: USERS });

interface World {
  readonly token: string;
  readonly ids: Map<string, string>;
}

/** Each walk has a tenant of its own. */
async function makeWorld(people: readonly Attributes[]): Promise<World> {
  const tenant = unique('walk');
  await store.collections.tenants.insertOne({ _id: tenant, name: tenant, created: app.clock.now, state: 'active', policy: {} });
  const world = { token: (await app.makeClient(tenant, { tolerances: 'strict' })).token, ids: new Map<string, string>() };
  const Operations = [...people.map((person) => ({ path: '/Users', data: personBody(person) })), ...people.slice(0, GROUPS).map((person) => ({ path: '/Groups', data: teamBody(person) }))];
  const { body } = await call('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: Operations.map((operation, index) => ({ method: 'POST', bulkId: String(index), ...operation })) }, { token: world.token });
  for (const { location } of body.Operations) remember(world, String(location));
  return world;
}

function personBody({ title, active, familyName, externalId, emails }: Attributes): Json {
  const [first, second] = emails;
  return userBody({
    active, emails: [...(first ? [first] : []), ...(second ? [{ ...second, primary: !first?.primary && second.primary }] : [])],
    ...(title === undefined ? {} : { title }), ...(familyName === undefined ? {} : { name: { familyName } }), ...(externalId === undefined ? {} : { externalId }),
  });
}
const teamBody = ({ externalId }: Attributes): Json => groupBody(externalId === undefined ? {} : { externalId });

function remember({ ids }: World, location: string): void {
  const [endpoint = '', id = ''] = location.split('/').slice(-2);
  ids.set(id, `/${endpoint}/${id}`);
}

/** The ids on a page, and the cursors. */
async function page(world: World, { endpoint, count, sortBy, descending, filter }: Query, cursor: string | undefined) {
  const request = { schemas: [MESSAGE.searchRequest], ...(sortBy === undefined ? {} : { sortBy, sortOrder: descending ? 'descending' : 'ascending' }), ...(filter === undefined ? {} : { filter }) };
  const answer = await call('POST', `${endpoint}/.search`, cursor === undefined ? { ...request, count: 1000 } : { ...request, count, cursor }, { token: world.token });
  if (answer.status !== 200) throw new Error(answer.text);
  return { ids: idsOf(answer.body), next: answer.body.nextCursor as string | undefined, previous: answer.body.previousCursor as string | undefined };
}

async function happen(world: World, what: typeof event extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
  const { token, ids } = world;
  if (what.kind === 'insert') {
    const made = await call('POST', what.of ? '/Users' : '/Groups', what.of ? personBody(what.attributes) : teamBody(what.attributes), { token });
    if (made.status !== 201) throw new Error(made.text);
    remember(world, String(made.headers['location']));
    return;
  }
  const victim = [...ids.keys()][what.at % ids.size];
  if (victim === undefined) return;
  await call('DELETE', ids.get(victim) ?? '', undefined, { token });
  ids.delete(victim);
}

t.test('R-CUR-2, R-CUR-15: a walk under inserts and deletes shows each resource that was there throughout exactly once', async (t) => {
  const property = fc.asyncProperty(seeds, query, fc.array(fc.array(event, { maxLength: 3 }), { maxLength: 8 }), async (people, asked, between) => {
    const world = await makeWorld(people);
    const before = (await page(world, asked, undefined)).ids;
    const shown: string[] = [];
    let cursor: string | undefined = '';
    for (let pages = 0; cursor !== undefined; pages++) {
      if (pages > MAX_PAGES) throw new Error(`${JSON.stringify(asked)}: the walk does not end`);
      const { ids, next }: Awaited<ReturnType<typeof page>> = await page(world, asked, cursor);
      shown.push(...ids);
      for (const what of next === undefined ? [] : (between[pages] ?? [])) await happen(world, what);
      cursor = next;
    }
    const throughout = before.filter((id) => world.ids.has(id));
    const missing = throughout.filter((id) => !shown.includes(id));
    const twice = shown.filter((id, index) => shown.indexOf(id) !== index);
    if (missing.length + twice.length > 0) throw new Error(`${JSON.stringify(asked)}: ${missing.length} of ${throughout.length} are missing, ${twice.length} shown twice`);
    const stayed = shown.filter((id) => throughout.includes(id));
    if (stayed.join() !== throughout.join()) throw new Error(`${JSON.stringify(asked)}: the order is another`);
  });
  t.equal(await counterexample(property, RUNS), undefined);
});

t.test('R-CUR-3: walked back, the pages are the same in reverse', async (t) => {
  const property = fc.asyncProperty(seeds, query, async (people, asked) => {
    const world = await makeWorld(people);
    const forth = [await page(world, asked, '')];
    for (let last = forth.at(-1); last?.next !== undefined && forth.length < MAX_PAGES; last = forth.at(-1)) forth.push(await page(world, asked, last.next));
    const back = forth.slice(-1);
    for (let first = back[0]; first?.previous !== undefined && back.length < MAX_PAGES; first = back[0]) back.unshift(await page(world, asked, first.previous));
    const [one, other] = [forth, back].map((pages) => pages.map(({ ids }) => ids.join()).join('\n'));
    if (one !== other) throw new Error(`${JSON.stringify(asked)}: forth\n${one}\nback\n${other}`);
    if (forth.flatMap(({ ids }) => ids).join() !== (await page(world, asked, undefined)).ids.join()) throw new Error(`${JSON.stringify(asked)}: the walk is not the list`);
  });
  t.equal(await counterexample(property, RUNS), undefined);
});
