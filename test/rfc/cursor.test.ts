/** Pages by cursor: RFC 9865, requirements R-CUR. Strict client. Walks under concurrent writes are in test/properties/cursor-walk.test.ts. */
import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { groupBody, patchBody, startApp, userBody, type Answer, type CallOptions } from '../helpers/app.ts';
import { later, made, refused } from './expectations.ts';
import { idsOf, query } from './queries.ts';

const MAX_PAGE = 20;
const TIMEOUT = 60;
const limits = { ...DEFAULT_LIMITS, pageSize: 4, maxPageSize: MAX_PAGE, cursorSeconds: TIMEOUT };
const app = await startApp(t, import.meta.url, { limits });
const { call, tenants, store } = app;

const USERS = 11;
const GROUPS = 3;
for (let index = 0; index < USERS; index++) {
  later(app);
  await made(app, '/Users', userBody({
    userName: `User${(index * 7) % USERS}`,
    // Some have none, some the same.
    ...(index % 3 === 0 ? {} : { title: `T${index % 2}` }),
    ...(index % 4 === 0 ? {} : { emails: [{ value: `x${index}@example.com` }, { value: `a${(index * 5) % USERS}@example.com`, primary: true }] }),
    ...(index % 2 === 0 ? { externalId: `ext${(index * 3) % USERS}` } : {}),
  }));
}
for (let index = 0; index < GROUPS; index++) await made(app, '/Groups', groupBody({ displayName: `Group${index}`, externalId: `g${index}` }));

type Parameters = Readonly<Record<string, string | number>>;
/** One way to ask for a page. */
type Ask = (parameters: Parameters, options?: CallOptions) => Promise<Answer>;
const get: Ask = (parameters, options) => call('GET', `/Users${query(parameters)}`, undefined, options);
const searchAt = (endpoint: string): Ask => (parameters, options) => {
  const { attributes, ...others } = parameters;
  return call('POST', `${endpoint}/.search`, { schemas: [MESSAGE.searchRequest], ...others, ...(attributes === undefined ? {} : { attributes: String(attributes).split(',') }) }, options);
};
const root = searchAt('');

/** All pages of a walk. */
async function walk(ask: Ask, parameters: Parameters = {}): Promise<readonly Answer['body'][]> {
  const pages: Answer['body'][] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; cursor = pages.at(-1).nextCursor) {
    const answer = await ask({ ...parameters, cursor });
    if (answer.status !== 200 || pages.length > 50) throw new Error(answer.text);
    pages.push(answer.body);
  }
  return pages;
}
const nextCursor = async (ask: Ask, parameters: Parameters = {}, options?: CallOptions): Promise<string> => (await ask({ ...parameters, cursor: '' }, options)).body.nextCursor;

for (const [name, ask] of [
  ['?cursor', () => call('GET', '/Users?cursor')], ['?cursor=', () => call('GET', '/Users?cursor=')], ['"cursor": ""', () => searchAt('/Users')({ cursor: '' })],
  ['?CURSOR=', () => call('GET', '/Users?CURSOR=')],
] as const) {
  t.test(`R-CUR-1: ${name} asks for the first page by cursor`, async (t) => {
    const { status, body } = await ask();
    t.equal(status, 200);
    t.equal(body.Resources.length, limits.pageSize);
    t.equal(typeof body.nextCursor, 'string');
    t.same(Object.keys(body).sort(), ['Resources', 'itemsPerPage', 'nextCursor', 'schemas', 'totalResults']);
    t.same(body.schemas, [MESSAGE.listResponse]);
  });
}

for (const count of [1, 2, 3, 4, 10, 11, 12, MAX_PAGE]) {
  t.test(`R-CUR-2: pages of ${count} show everybody once, and only the last has no nextCursor`, async (t) => {
    const pages = await walk(get, { count });
    t.equal(pages.length, Math.ceil(USERS / count));
    t.same(pages.flatMap(idsOf), idsOf((await call('GET', `/Users?count=${MAX_PAGE}`)).body));
    t.same(pages.map(({ itemsPerPage }) => itemsPerPage), pages.map(({ Resources }) => Resources.length));
    t.ok(pages.slice(0, -1).every(({ Resources }) => Resources.length === count));
  });
}
t.test('R-CUR-2: an empty list has one page', async (t) => {
  const { body } = await get({ cursor: '', filter: 'userName eq "nobody"' });
  t.same(body, { schemas: [MESSAGE.listResponse], totalResults: 0, itemsPerPage: 0, Resources: [] });
});

for (const [name, ask] of [['/Users', get], ['the root', root]] as const) {
  t.test(`R-CUR-3: previousCursor leads back page by page, and the first page has none: ${name}`, async (t) => {
    for (const parameters of [{ count: 3 }, { count: 3, sortBy: 'title' }, { count: 3, sortBy: 'title', sortOrder: 'descending' }]) {
      const pages = await walk(ask, parameters);
      t.notOk('previousCursor' in pages[0]);
      for (let index = pages.length - 1, cursor = pages[index].previousCursor; index > 0; index--) {
        const { body } = await ask({ ...parameters, cursor });
        t.same(idsOf(body), idsOf(pages[index - 1]), `page ${index}`);
        t.equal('previousCursor' in body, index > 1, 'none on the first page, however one came there');
        const forth = await ask({ ...parameters, cursor: body.nextCursor });
        t.same(idsOf(forth.body), idsOf(pages[index]), 'and forth again');
        cursor = body.previousCursor;
      }
    }
  });
}
t.test('R-CUR-2, R-CUR-3: on the way back nobody is lost when all before has been deleted', async (t) => {
  const filter = 'nickName eq "passing"';
  const gone = [await made(app, '/Users', userBody({ nickName: 'passing' })), await made(app, '/Users', userBody({ nickName: 'passing' }))];
  const stays = await made(app, '/Users', userBody({ nickName: 'passing' }));
  const pages = await walk(get, { filter, count: 2 });
  for (const { id } of gone) await call('DELETE', `/Users/${id}`);
  const back = (await get({ filter, count: 2, cursor: pages[1].previousCursor })).body;
  t.notOk('previousCursor' in back);
  const shown = [...idsOf(back), ...(back.nextCursor === undefined ? [] : idsOf((await get({ filter, count: 2, cursor: back.nextCursor })).body))];
  t.same(shown, [stays.id]);
  await call('DELETE', `/Users/${stays.id}`);
});

t.test('R-CUR-4: cursors need no escaping', async (t) => {
  for (const parameters of [{}, { sortBy: 'userName' }, { sortBy: 'emails', sortOrder: 'descending' }, { filter: 'userName sw "ü~?/+" or id pr' }]) {
    for (const ask of [get, searchAt('/Users'), root]) {
      const pages = await walk(ask, { ...parameters, count: 2 });
      for (const { nextCursor: next = 'x', previousCursor: previous = 'x' } of pages) t.match(`${next}${previous}`, /^[A-Za-z0-9\-._~]+$/);
    }
  }
});

t.test('R-CUR-5: a count of 0 gives the total alone, a negative one is 0', async (t) => {
  for (const ask of [get, searchAt('/Users')]) {
    for (const count of [0, -1, -100]) {
      t.same((await ask({ cursor: '', count })).body, { schemas: [MESSAGE.listResponse], totalResults: USERS, itemsPerPage: 0, Resources: [] });
    }
  }
});
t.test('R-CUR-5, R-CUR-9: a count above the maximum is clamped from the first page on', async (t) => {
  for (let index = 0; index < MAX_PAGE; index++) await made(app, '/Users', userBody({ nickName: 'many' }));
  await made(app, '/Users', userBody({ nickName: 'many' }));
  const parameters = { filter: 'nickName eq "many"', count: MAX_PAGE + 100 };
  const pages = await walk(get, parameters);
  t.same(pages.map(({ itemsPerPage }) => itemsPerPage), [MAX_PAGE, 1]);
  for (const id of pages.flatMap(idsOf)) await call('DELETE', `/Users/${id}`);
});

t.test('R-CUR-6: totalResults stays over the walk, startIndex is never there', async (t) => {
  for (const [ask, parameters, total] of [[get, {}, USERS], [get, { filter: 'title pr' }, 7], [root, {}, USERS + GROUPS], [searchAt('/Groups'), { count: 2 }, GROUPS]] as const) {
    for (const page of await walk(ask, parameters)) {
      t.equal(page.totalResults, total);
      t.notOk('startIndex' in page);
    }
  }
});

const bend = (cursor: string, index: number) => `${cursor.slice(0, index)}${cursor.charAt(index) === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`;
const other = async (): Promise<string> => nextCursor(get, {}, { token: (await app.makeClient(tenants.own, { tolerances: 'strict' })).token });
const foreign = async (): Promise<string> => {
  const token = app.tokens.other;
  for (let index = 0; index <= limits.pageSize; index++) await call('POST', '/Users', userBody(), { token });
  return nextCursor(get, {}, { token });
};
t.test('R-CUR-7, R-CUR-13: what is no cursor of this query gets one and the same answer', async (t) => {
  const cursor = await nextCursor(get);
  const wrong: Readonly<Record<string, [string, Parameters?]>> = {
    garbage: ['garbage'], 'a blank': [' '], 'a short one': ['AAAA'], 'a long one': ['A'.repeat(5000)], 'an id': ['01a1fd7a-74af-75ae-8d8a-8b6cd7feb9fa'], 'base64 of JSON': [Buffer.from('{"place":{}}').toString('base64url')],
    'its first bit turned': [bend(cursor, 0)], 'a bit in the middle turned': [bend(cursor, cursor.length >> 1)], 'its last character changed': [bend(cursor, cursor.length - 1)], 'cut off': [cursor.slice(0, -1)], 'one more character': [`${cursor}A`], padded: [`${cursor}=`], 'surrounded by blanks': [` ${cursor} `],
    'of another endpoint': [await nextCursor(searchAt('/Groups'), { count: 1 }), { count: 1 }], 'of the root': [await nextCursor(root)],
    'of another filter': [await nextCursor(get, { filter: 'id pr' })], 'with a filter added': [cursor, { filter: 'id pr' }], 'of another order': [await nextCursor(get, { sortBy: 'userName' })], 'with an order added': [cursor, { sortBy: 'userName' }],
    'of the other direction': [await nextCursor(get, { sortBy: 'userName' }), { sortBy: 'userName', sortOrder: 'descending' }], 'of other attributes': [cursor, { attributes: 'userName' }], 'of other excluded attributes': [cursor, { excludedAttributes: 'userName' }],
    'of another client': [await other()], 'of another tenant': [await foreign()],
  };
  const answers = new Set<string>();
  for (const [name, [value, parameters = {}]] of Object.entries(wrong)) {
    const answer = await get({ ...parameters, cursor: value });
    t.equal(answer.status, 400, name);
    refused(t, answer, 400, 'invalidCursor');
    answers.add(answer.text);
  }
  t.equal(answers.size, 1, 'nobody learns what was wrong');
  refused(t, await searchAt('/Users')({ cursor: 'garbage' }), 400, 'invalidCursor');
  refused(t, await root({ cursor }), 400, 'invalidCursor');
  t.equal((await get({ cursor })).status, 200, 'the right one is still good');
});
t.test('R-CUR-7: every single character counts', async (t) => {
  const cursor = await nextCursor(get);
  for (let index = 0; index < cursor.length; index++) t.equal((await get({ cursor: bend(cursor, index) })).status, 400, `character ${index}`);
});
t.test('R-CUR-7: a cursor in the body is text', async (t) => {
  for (const cursor of [1, true, ['x'], {}]) refused(t, await call('POST', '/Users/.search', { schemas: [MESSAGE.searchRequest], cursor: cursor as Json }), 400, 'invalidValue');
  refused(t, await call('GET', '/Users?cursor=&cursor='), 400, 'invalidValue');
});

t.test('R-CUR-8: a cursor lives for cursorTimeout and no longer', async (t) => {
  const cursor = await nextCursor(get);
  const start = app.clock.now.getTime();
  app.clock.now = new Date(start + TIMEOUT * 1000 - 1);
  t.equal((await get({ cursor })).status, 200);
  app.clock.now = new Date(start + TIMEOUT * 1000 + 1);
  refused(t, await get({ cursor }), 400, 'expiredCursor');
  refused(t, await get({ cursor, filter: 'id pr' }), 400, 'invalidCursor');
  t.equal((await get({ cursor: '' })).status, 200);
});

t.test('R-CUR-9, D-22: the count stays as the first page had it', async (t) => {
  for (const ask of [get, searchAt('/Users'), root]) {
    const cursor = await nextCursor(ask, { count: 3 });
    for (const count of [4, 2, 0, -1, MAX_PAGE, MAX_PAGE + 1]) refused(t, await ask({ cursor, count }), 400, 'invalidCount');
    for (const parameters of [{}, { count: 3 }] as const) t.equal((await ask({ ...parameters, cursor })).body.Resources.length, 3);
  }
  const unasked = await nextCursor(get);
  refused(t, await get({ cursor: unasked, count: 5 }), 400, 'invalidCount');
  t.equal((await get({ cursor: unasked, count: limits.pageSize })).status, 200);
  refused(t, await get({ cursor: '', count: 'x' }), 400, 'invalidValue');
});

t.test('R-CUR-10, R-CUR-11, D-23: without a cursor pages go by index, and both at once contradict each other', async (t) => {
  for (const ask of [get, searchAt('/Users'), root]) {
    const { body } = await ask({});
    t.equal(body.startIndex, 1);
    t.notOk('nextCursor' in body);
    for (const cursor of ['', await nextCursor(ask)]) {
      for (const startIndex of [1, 2, 0]) refused(t, await ask({ cursor, startIndex }), 400, 'invalidValue');
    }
  }
});

t.test('R-CUR-12: ServiceProviderConfig tells the truth', async (t) => {
  const { pagination } = (await call('GET', '/ServiceProviderConfig')).body;
  t.same(pagination, { cursor: true, index: true, defaultPaginationMethod: 'index', defaultPageSize: limits.pageSize, maxPageSize: MAX_PAGE, cursorTimeout: TIMEOUT });
  t.equal((await get({})).body.Resources.length, pagination.defaultPageSize);
  t.equal((await get({ cursor: '' })).body.Resources.length, pagination.defaultPageSize);
});

t.test('R-CUR-13, R-CUR-14: rights are asked for on every page', async (t) => {
  const { token, client } = await app.makeClient(tenants.own, { tolerances: 'strict' });
  const cursor = await nextCursor(get, {}, { token });
  const rooted = await nextCursor(root, { count: 2 }, { token });
  const mayRead = async (...scopes: readonly string[]) => {
    await store.collections.clients.updateOne({ _id: client, t: tenants.own }, { $set: { scopes } });
    later(app);
    later(app);
  };
  await mayRead('groups:read');
  refused(t, await get({ cursor }, { token }), 403);
  for (const scopes of [['groups:read'], []]) {
    await mayRead(...scopes);
    const answer = await root({ cursor: rooted }, { token });
    if (answer.status !== 200) refused(t, answer, 400, 'invalidCursor');
    else t.equal(answer.body.totalResults, scopes.length * GROUPS, 'or the total is counted again');
    t.notMatch(answer.text, /userName/);
  }
  refused(t, await get({ cursor }, { token: undefined }), 401);
});
t.test('R-CUR-14: a cursor says nothing to who holds it', async (t) => {
  const [one, other] = [await nextCursor(get, { sortBy: 'userName' }), await nextCursor(get, { sortBy: 'userName' })];
  t.not(one, other);
  for (const cursor of [one, other]) t.notMatch(Buffer.from(cursor, 'base64url').toString('latin1'), /[uU]ser|tenant|client|place/);
});

t.test('R-CUR-15: nothing is kept for cursors that were given out', async (t) => {
  const before = await counts();
  const cursors = new Set<string>();
  for (let index = 0; index < 50; index++) cursors.add(await nextCursor(get));
  t.equal(cursors.size, 50);
  t.same(await counts(), before);
  for (const cursor of cursors) t.equal((await get({ cursor })).status, 200);
});
async function counts(): Promise<readonly number[]> {
  // Every request leaves its line in the logs, whatever it asks for.
  const { provisioning, traces, audit } = store.collections;
  const all = Object.values(store.collections).filter((collection) => typeof collection === 'object' && ![provisioning, traces, audit].includes(collection));
  return Promise.all(all.map((collection) => collection.countDocuments({ t: tenants.own })));
}

const ORDERS = ['userName', 'title', 'emails', 'emails.value', 'meta.lastModified', 'meta.created', 'meta.version', 'externalId', 'id', 'active', 'name.familyName', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department'];
for (const sortBy of ORDERS) {
  for (const sortOrder of ['ascending', 'descending']) {
    t.test(`R-CUR-15: a walk sorted by ${sortBy}, ${sortOrder}, is the sorted list, by GET and by .search`, async (t) => {
      for (const filter of [{}, { filter: 'title pr or userName sw "user1"' }]) {
        for (const count of [1, 3, 5]) {
          const whole = idsOf((await get({ ...filter, sortBy, sortOrder, count: MAX_PAGE })).body);
          const parameters = { ...filter, sortBy, sortOrder, count };
          t.same((await walk(get, parameters)).flatMap(idsOf), whole, `count ${count}`);
          t.same((await walk(searchAt('/Users'), parameters)).flatMap(idsOf), whole);
        }
      }
    });
  }
}
t.test('R-CUR-15: cursors of GET and .search are the same', async (t) => {
  const parameters = { filter: 'id pr', sortBy: 'userName', attributes: 'userName,title' };
  const cursor = await nextCursor(get, parameters);
  const [byGet, bySearch] = [await get({ ...parameters, cursor }), await searchAt('/Users')({ ...parameters, cursor })];
  t.same(idsOf(bySearch.body), idsOf(byGet.body));
  t.same(bySearch.body.Resources, byGet.body.Resources);
});
for (const parameters of [{}, { sortBy: 'userName' }, { sortBy: 'displayName', sortOrder: 'descending' }, { sortBy: 'meta.lastModified' }, { sortBy: 'externalId' }, { filter: 'title pr' }, { filter: 'displayName pr', sortBy: 'displayName' }]) {
  t.test(`R-CUR-15: a walk at the root over all types, ${JSON.stringify(parameters)}`, async (t) => {
    const whole = idsOf((await root({ ...parameters, count: MAX_PAGE })).body);
    for (const count of [1, 2, 3, 7]) t.same((await walk(root, { ...parameters, count })).flatMap(idsOf), whole);
  });
}

t.test('R-CUR-15: what changes its place may be shown twice or never, the others once', async (t) => {
  const parameters = { sortBy: 'userName', count: 3 };
  const first = (await get({ ...parameters, cursor: '' })).body;
  const [moved] = idsOf(first);
  await call('PATCH', `/Users/${moved}`, patchBody({ op: 'replace', path: 'userName', value: 'zzz' }));
  const rest: string[] = [];
  for (let cursor = first.nextCursor; cursor !== undefined;) {
    const { body } = await get({ ...parameters, cursor });
    rest.push(...idsOf(body));
    cursor = body.nextCursor;
  }
  t.same([...idsOf(first), ...rest].filter((id) => id !== moved).length, USERS - 1);
  t.equal(rest.at(-1), moved);
});
