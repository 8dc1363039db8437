/** What people are found by: the keys of somebody, whose number has an end, and the plans of the queries, which look at whom they find. */
import t from 'tap';
import type { mongo } from 'mongoose';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { exportPeople } from '../../src/accounts/export-csv.ts';
import { listPeople } from '../../src/accounts/people.ts';
import type { PeopleQuery } from '../../src/accounts/people-query.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { policyOf } from '../../src/policy.ts';
import type { Attributes } from '../../src/scim/schema.ts';
import { encodeAttributes } from '../../src/store/codec.ts';
import type { ResourceDocument } from '../../src/store/documents.ts';
import { roleKey, searchKeys } from '../../src/store/search-keys.ts';
import { ACCOUNT } from '../accounts/world.ts';
import { patchBody, startApp, userBody } from '../helpers/app.ts';
import { openUnwatched } from '../helpers/store.ts';

const commands: mongo.CommandStartedEvent[] = [];
const app = await startApp(t, import.meta.url, {}, { monitor: (event) => commands.push(event) });
const { call, clock, config, registry, store, tenants } = app;
const database = await openUnwatched(t, store);
const type = registry.type('User');
const phrasesOf = (attributes: Attributes) => searchKeys(type, attributes)?.s.filter((key) => key.startsWith('*')).map((key) => key.slice(1, -7));

t.test('J2: a name is found by its words, an address by its beginning', async (t) => {
  const jan = { userName: 'jvdberg', name: { givenName: 'Jan', familyName: 'Berg' }, displayName: 'Berg, Jan', emails: [{ value: 'Jan@Example.com' }, { type: 'home' }], [ACCOUNT]: { familyNamePrefix: 'van der' } };
  t.same(phrasesOf(jan), ['berg jan', 'der berg', 'jan van der berg', 'jan@example.com', 'jvdberg', 'van der berg'], '"jan" and "berg" begin others');
  t.same(phrasesOf({ ...jan, name: { givenName: 'Jan', familyName: 'van der Berg' } }), phrasesOf(jan), 'S2: an infix that is there twice counts once');
  t.same(phrasesOf({ userName: 'x', name: { familyName: 'O\'Brien-de Vries' } }), ['brien-de vries', 'de vries', 'o\'brien-de vries', 'vries', 'x']);
  t.same(phrasesOf({ userName: 'x', name: { formatted: 'Dr. Who' } }), ['dr. who', 'who', 'x']);
  t.match(searchKeys(type, jan), { st: 'none', r: ['*'], n: 'berg\u0001jan', i: 'van der berg\u0001jan' });
  t.match(searchKeys(type, { userName: 'X', active: false, displayName: 'Robot' }), { st: 'deactivated', n: 'robot\u0001', i: 'robot\u0001' });
  t.equal(searchKeys(type, { userName: 'X' })?.n, 'x\u0001');
  t.equal(searchKeys(registry.type('Group'), { displayName: 'x' }), undefined);
});

t.test('J3: a key for each role, up to so many', async (t) => {
  const keysOf = (count: number) => searchKeys(type, { userName: 'jan', roles: [...Array.from({ length: count }, (_, n) => ({ value: `R${n}` })), { value: 'r0' }, { display: 'none' }] });
  t.match(keysOf(2), { r: ['*', roleKey('r0'), roleKey('R1')], s: [/^\*jan/, new RegExp(`^${roleKey('R0')}jan`), new RegExp(`^${roleKey('R1')}jan`)] });
  t.match(keysOf(50), { s: [/^\*jan/, /^\+jan/] });
  t.same([keysOf(50)?.s.length, keysOf(50)?.r.length], [2, 51]);
});

t.test('whatever somebody is called, the keys have an end and the write succeeds', async (t) => {
  const rows: Readonly<Record<string, Attributes>> = {
    'a thousand words': { name: { givenName: 'ab cd '.repeat(500), familyName: Array.from({ length: 1000 }, (_, n) => `w${n}`).join(' ') }, displayName: Array.from({ length: 1000 }, (_, n) => `d${n}`).join('-') },
    'long words': { name: { familyName: '\u{1f600}'.repeat(20_000) }, displayName: 'ﷺ'.repeat(10_000) },
    'many roles and addresses': { name: { familyName: 'a b c d e f g h' }, roles: Array.from({ length: 1000 }, (_, n) => ({ value: `role ${n}` })), emails: Array.from({ length: 1000 }, (_, n) => ({ value: `address${n}@example.com` })) },
    'odd letters': { name: { familyName: '\u0001 \u202e,,,' }, displayName: ' ', roles: [{ value: '*' }, { value: '+' }, { value: '\u0001' }] },
  };
  for (const [what, attributes] of Object.entries(rows)) {
    const { body, status, text } = await call('POST', '/Users', userBody({ ...attributes }));
    t.equal(status, 201, `${what}: ${text.slice(0, 200)}`);
    const stored = await database.collection<{ _id: string; k: { _search: { s: string[]; r: string[]; n: string } } }>('users').findOne({ _id: body.id });
    const { s = [], n = '' } = stored?.k._search ?? {};
    t.ok(s.length > 0 && s.length <= 7 * (4 * 12 + 20), `${what}: ${s.length} keys`);
    t.ok(Math.max(...s.map((key) => Array.from(key).length)) <= 11 + 256 + 7 && Array.from(n).length <= 2 * 128 + 1, what);
    t.equal((await call('PATCH', `/Users/${body.id}`, patchBody({ op: 'replace', path: 'title', value: 'x' }))).status, 200);
  }
});

const PEOPLE = 3000;
const GIVEN = ['Jan', 'Piet', 'Anna', 'Eva', 'Sofie', 'Noor', 'Bram', 'Daan', 'Lars', 'Ingrid', 'Janneke', 'Jasper'];
const FAMILY = ['Berg', 'Vries', 'Jong', 'Bakker', 'Visser', 'Smit', 'Meijer', 'Mulder', 'Bos', 'Vos'];
const at = clock.now.toISOString();
await store.collections.resources(type).insertMany(Array.from({ length: PEOPLE }, (_, n): ResourceDocument => ({
  _id: `many-${String(n).padStart(5, '0')}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: n % 10 === 0 ? 'external' : 'employee', mr: 0,
  ...encodeAttributes(type, {
    userName: `many${n}`, active: n % 5 !== 0, name: { givenName: GIVEN[n % 12] ?? '', familyName: `${FAMILY[n % 10]}${n % 50}` },
    roles: [{ value: `Role ${n % 7}` }, ...(n % 3 === 0 ? [{ value: 'Planner' }] : [])], [ACCOUNT]: { ...(n % 4 === 0 ? { familyNamePrefix: 'van der' } : {}), status: ['none', 'active', 'active', 'locked'][n % 4] ?? '' },
  }),
})));

const context = systemContext(
  { store, registry, behaviours: accountBehaviours, config, now: () => clock.now, log: store.log },
  { tenant: { id: tenants.own, name: 'default', policy: policyOf({}) }, actor: { kind: 'system', id: 'test' }, requestId: 'r', from: undefined },
);

interface Looked {
  readonly returned: number;
  readonly examined: number;
  readonly stages: readonly string[];
}

/** What MongoDB does for the commands that were sent: the same ones explained. */
async function looked(): Promise<readonly Looked[]> {
  // Not what the provisioning log reads behind the answers.
  const reads = commands.filter(({ commandName, command }) => commandName === 'find' && command['find'] === 'users' && command['filter'].p !== undefined);
  return Promise.all(reads.map(async ({ command: { find, filter, sort, hint, limit, projection } }) => {
    const { executionStats: stats } = await database.command({ explain: { find, filter, ...(sort ? { sort } : {}), hint, ...(limit ? { limit } : { limit: 50 }), projection }, verbosity: 'executionStats' });
    return { returned: Number(stats.nReturned), examined: Number(stats.totalDocsExamined), stages: [...JSON.stringify(stats.executionStages).matchAll(/"stage":"(\w+)"/g)].map(([, stage = '']) => stage) };
  }));
}

const QUERIES: Readonly<Record<string, PeopleQuery>> = {
  'everybody': {},
  'a tab': { tab: 'unbilled' },
  'two roles': { roles: ['Planner', 'Role 3'], tab: 'billed' },
  'a status of two populations': { populations: ['employee', 'external'], statuses: ['locked', 'deactivated'] },
  'a term that finds few': { search: 'eva berg30' },
  'a term that finds many': { search: 'j', tab: 'billed' },
  'three terms': { search: 'jan, berg, many29' },
  'three terms, two roles and a status': { search: 'jan, berg, sofie', roles: ['Planner', 'Role 3'], statuses: ['active'] },
  'nobody': { search: 'zzz, (x|y, *' },
};

for (const [what, query] of Object.entries(QUERIES)) {
  t.test(`the plan for ${what} is an index, and looks at ten times as many as it returns at most`, async (t) => {
    for (const count of [100, 10]) {
      let cursor: string | undefined;
      for (let page = 0; page < 3; page++) {
        commands.length = 0;
        const answer = await listPeople(context, query, { count, cursor });
        const plans = await looked();
        t.ok(plans.length > 0);
        for (const { returned, examined, stages } of plans) {
          t.ok(stages.includes('IXSCAN') && !stages.includes('COLLSCAN'), stages.join());
          t.ok(examined <= 10 * Math.max(returned, 1), `${examined} for ${returned}`);
          if (query.search === undefined) t.notOk(stages.includes('SORT'), 'in the order of the index');
        }
        ({ cursor } = answer);
        if (cursor === undefined) break;
      }
    }
    commands.length = 0;
    for await (const part of exportPeople(context, query, { language: 'en', bom: false })) t.ok(part);
    const [plan, ...others] = await looked();
    t.same([plan?.stages.includes('IXSCAN'), others], [true, []], 'an export is one query');
  });
}

/** Documents that MongoDB looks at for every command of the page, the one that counts as well. */
async function lookedAtInAll(): Promise<number> {
  const reads = commands.filter(({ command }) => command['find'] === 'users' || command['aggregate'] === 'users');
  const examined = await Promise.all(reads.map(async ({ command: { find, aggregate, filter, sort, hint, limit, projection, pipeline } }) => {
    const same = find === undefined ? { aggregate, pipeline, cursor: {}, hint } : { find, filter, ...(sort ? { sort } : {}), hint, limit, projection };
    const explained = await database.command({ explain: same, verbosity: 'executionStats' });
    return Number(/"totalDocsExamined":(\d+)/.exec(JSON.stringify(explained))?.[1]);
  }));
  return examined.reduce((sum, one) => sum + one, 0);
}

t.test('J2, J3: of the first page at most ten times as many are looked at as are returned, by all of its commands', async (t) => {
  for (const [what, query] of Object.entries(QUERIES)) {
    for (const count of [100, 50, 10]) {
      commands.length = 0;
      const { people } = await listPeople(context, query, { count });
      const examined = await lookedAtInAll();
      t.ok(examined <= 10 * Math.max(people.length, 1), `${what}: ${examined} for ${people.length}`);
    }
  }
});

t.test('J2: whoever has more roles than keys are made for is found and counted by a role all the same', async (t) => {
  const many = (n: number) => Array.from({ length: 9 }, (_, role) => ({ value: `Many ${role + n}` }));
  await store.collections.resources(type).insertMany(Array.from({ length: 4 }, (_, n): ResourceDocument => ({
    _id: `roles-${n}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: 'portal', mr: 0, ...encodeAttributes(type, { userName: `quill${n}`, active: true, roles: n < 3 ? many(n) : [{ value: 'Many 2' }] }),
  })));
  for (const [roles, found] of [[['Many 2'], 4], [['Many 0'], 1], [['Many 0', 'Many 10'], 2], [['Many 99'], 0]] as const) {
    const { people, total } = await listPeople(context, { populations: ['portal'], search: 'quill, quil', roles }, { count: 10 });
    t.same([people.length, total], [found, found], roles.join());
  }
});

t.test('pages go on where they were, whoever is changed, added or deleted meanwhile', async (t) => {
  for (const query of [{ tab: 'billed' }, { search: 'berg, jan', tab: 'billed' }, { search: 'van der berg, der, many', tab: 'billed' }] satisfies PeopleQuery[]) {
    const before = new Set<string>();
    const walked: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page++) {
      const answer = await listPeople(context, query, { count: 20, cursor });
      walked.push(...answer.people.map(({ id }) => id));
      ({ cursor } = answer);
      if (cursor === undefined) break;
      if (page > 4) continue;
      // Somebody of this page goes, somebody new comes at the front.
      const gone = answer.people.at(-1)?.id ?? '';
      before.add(gone);
      t.equal((await call('DELETE', `/Users/${gone}`)).status, 204);
      const made = await call('POST', '/Users', userBody({ name: { givenName: 'Jan', familyName: 'Aaberg' } }));
      before.add(made.body.id);
    }
    const wanted = await database.collection<{ _id: string }>('users').find({ t: tenants.own, p: 'employee', 'k._search.st': { $ne: 'deactivated' }, ...('search' in query ? { 'k._search.s': { $in: query.search.split(', ').map((term) => new RegExp(`^\\*${term}`)) } } : {}) }).toArray();
    t.equal(new Set(walked).size, walked.length, 'nobody twice');
    const missing = wanted.map(({ _id }) => _id).filter((id) => !walked.includes(id) && !before.has(id));
    t.same(missing, [], 'nobody lost');
  }
});

t.test('J1: in the midst of many of one name a page looks at its own people and no others', async (t) => {
  const name = { givenName: 'Twee', familyName: 'Druppels' };
  await store.collections.resources(type).insertMany(Array.from({ length: 400 }, (_, n): ResourceDocument => ({
    _id: `drop-${String(n).padStart(4, '0')}`, t: tenants.own, v: 1, created: at, lastModified: at, ext: [], p: 'contact', mr: 0,
    ...encodeAttributes(type, { userName: `drop${n}`, name: n < 390 ? name : { familyName: 'Zonder' }, active: true, [ACCOUNT]: { status: n % 2 === 0 ? 'active' : 'none' } }),
  })));
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    commands.length = 0;
    const page = await listPeople(context, { populations: ['contact'] }, { count: 20, cursor });
    ids.push(...page.people.map(({ id }) => id));
    if (cursor !== undefined) {
      const [reads, examined] = [commands.filter(({ command }) => command['find'] === 'users').length, await lookedAtInAll()];
      t.ok(examined <= 2 * page.people.length + 10 && reads <= 2, `${examined} for ${page.people.length} in ${reads} reads`);
    }
    ({ cursor } = page);
  } while (cursor !== undefined);
  t.same([ids.length, new Set(ids).size], [400, 400]);
  await database.collection('users').deleteMany({ p: 'contact' });
});

t.test('people of one name and one key are on pages of their own, each once', async (t) => {
  // Past the codec: not even what is unique about people tells their keys apart.
  const keys = searchKeys(type, { userName: 'same', active: true, displayName: 'Tweeling' });
  await database.collection<{ _id: string }>('users').insertMany(Array.from({ length: 25 }, (_, n) => ({ _id: `twin-${String(n).padStart(2, '0')}`, t: tenants.own, p: 'contact', a: { userName: `twin${n}` }, k: { userName: `twin${n}`, _search: keys } })));
  for (const search of ['tweeling', undefined]) {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listPeople(context, { populations: ['contact'], search }, { count: 2, cursor });
      ids.push(...page.people.map(({ id }) => id));
      ({ cursor } = page);
    } while (cursor !== undefined);
    t.same([ids.length, new Set(ids).size], [25, 25]);
  }
});
