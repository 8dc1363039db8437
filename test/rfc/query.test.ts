/** Queries: RFC 7644 sections 3.4.2, 3.4.2.1, 3.4.2.3 and 3.4.2.4, requirements R-QUERY, R-SORT, R-PAGE. */
import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { ENTERPRISE, groupBody, startApp, userBody } from '../helpers/app.ts';
import { later, made, refused } from './expectations.ts';
import { idsOf, query } from './queries.ts';

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const MAX = 20;
const limits = { ...DEFAULT_LIMITS, pageSize: 10, maxPageSize: MAX };
const app = await startApp(t, import.meta.url, { limits });
const { call, makeClient, tenants } = app;

/** 23 people, more than a page by default and than the largest page. `title` is the same for all, `nickName` falls while the names rise. */
const COUNT = 23;
for (let index = 0; index < COUNT; index++) {
  const number = String(index).padStart(2, '0');
  await made(app, '/Users', userBody({ userName: `user-${number}`, title: 'same', nickName: `n-${String(COUNT - index).padStart(2, '0')}` }));
}
const groups = [await made(app, '/Groups', groupBody({ displayName: 'alpha' })), await made(app, '/Groups', groupBody({ displayName: 'Beta' }))];
const page = (parameters: Record<string, string | number | undefined>, endpoint = '/Users') => call('GET', `${endpoint}${query(parameters)}`);
const search = (request: object) => call('POST', '/.search', { schemas: [SEARCH], ...request });

t.test('R-QUERY-1: a list says what it is and how many there are; none is 200', async (t) => {
  for (const [filter, totalResults] of [[undefined, COUNT], ['userName eq "user-01"', 1], ['userName eq "nobody"', 0]] as const) {
    const { status, body } = await page({ filter });
    t.equal(status, 200);
    t.same(body.schemas, ['urn:ietf:params:scim:api:messages:2.0:ListResponse']);
    t.equal(body.totalResults, totalResults);
    t.equal((body.Resources ?? []).length, Math.min(totalResults, limits.pageSize));
  }
});

t.test('R-QUERY-2: startIndex and itemsPerPage are always there', async (t) => {
  for (const [parameters, expected] of [
    [{ count: 2 }, { totalResults: COUNT, startIndex: 1, itemsPerPage: 2 }],
    [{ count: 2, startIndex: 3 }, { totalResults: COUNT, startIndex: 3, itemsPerPage: 2 }],
    [{ filter: 'userName eq "user-01"' }, { totalResults: 1, startIndex: 1, itemsPerPage: 1 }],
    [{ filter: 'userName eq "nobody"' }, { totalResults: 0, startIndex: 1, itemsPerPage: 0 }],
  ] as const) t.match((await page(parameters)).body, expected);
});

t.test('R-QUERY-3: a search at the root covers every type, subject to the filter', async (t) => {
  const all = await search({});
  t.equal(all.body.totalResults, COUNT + groups.length);
  const only = await search({ filter: 'meta.resourceType eq "Group"' });
  t.same(idsOf(only.body).sort(), groups.map(({ id }) => id).sort());
  t.equal((await search({ filter: 'meta.resourceType eq "User"' })).body.totalResults, COUNT);
});

t.test('R-QUERY-3: and only the types that the caller may read', async (t) => {
  const { token } = await makeClient(tenants.own, { tolerances: 'strict', scopes: ['groups:read'] });
  const { body } = await call('POST', '/.search', { schemas: [SEARCH] }, { token });
  t.equal(body.totalResults, groups.length);
  t.notMatch(JSON.stringify(body), /user-\d/);
});

t.test('R-QUERY-4: over several types an attribute that a type lacks has no value there; on one type it is an error (decision 10)', async (t) => {
  t.equal((await search({ filter: 'userName pr' })).body.totalResults, COUNT);
  t.equal((await search({ filter: 'userName eq "user-01"' })).body.totalResults, 1);
  t.equal((await search({ filter: 'not (userName pr)' })).body.totalResults, groups.length);
  t.equal((await search({ filter: `${ENTERPRISE}:department pr or displayName eq "beta"` })).body.totalResults, 1);
  refused(t, await page({ filter: 'members pr' }), 400, 'invalidFilter');
  refused(t, await page({ filter: 'userName pr' }, '/Groups'), 400, 'invalidFilter');
});

t.test('R-QUERY-5: a large result is a page with the true total', async (t) => {
  const { status, body } = await search({ count: 1000 });
  t.equal(status, 200);
  t.equal(body.totalResults, COUNT + groups.length);
  t.equal(body.Resources.length, MAX);
});

t.test('R-QUERY-5: a search at the root goes on from one type to the next', async (t) => {
  for (const sortBy of [undefined, 'id', 'displayName']) {
    const ids: string[] = [];
    for (let startIndex = 1; startIndex <= COUNT + groups.length; startIndex += 7) ids.push(...idsOf((await search({ startIndex, count: 7, ...(sortBy === undefined ? {} : { sortBy }) })).body));
    t.equal(ids.length, COUNT + groups.length);
    t.equal(new Set(ids).size, ids.length, `sorted by ${sortBy ?? 'nothing'}`);
  }
});

t.test('R-QUERY-6: what is listed is what a GET of it answers', async (t) => {
  for (const parameters of [{}, { attributes: 'userName,meta.version' }, { excludedAttributes: 'meta' }]) {
    for (const listed of (await page({ ...parameters, count: 3 })).body.Resources) t.same((await call('GET', `/Users/${listed.id}${query(parameters)}`)).body, listed);
  }
  const { token } = await makeClient(tenants.own, { scopes: ['groups:read'] });
  refused(t, await call('GET', '/Users', undefined, { token }), 403);
});

for (const [startIndex, expected] of [[undefined, 1], [0, 1], [-5, 1], [1, 1], [4, 4]] as const) {
  t.test(`R-PAGE-1: startIndex ${startIndex ?? 'absent'} is ${expected}`, async (t) => {
    const { body } = await page({ startIndex, count: 2, sortBy: 'userName' });
    t.equal(body.startIndex, expected);
    t.equal(body.Resources[0].userName, `user-0${expected - 1}`);
  });
}

for (const count of [0, -1, -100]) {
  t.test(`R-PAGE-2 R-PAGE-3: count ${count} answers the total alone`, async (t) => {
    const { status, body } = await page({ count });
    t.equal(status, 200);
    t.match(body, { totalResults: COUNT, itemsPerPage: 0, startIndex: 1 });
    t.same(body.Resources ?? [], []);
    t.equal((await page({ count, filter: 'userName eq "user-01"' })).body.totalResults, 1);
  });
}

for (const [count, expected] of [[undefined, 10], [1, 1], [MAX, MAX], [MAX + 1, MAX], [1_000_000_000, MAX]] as const) {
  t.test(`R-PAGE-4: count ${count ?? 'absent'} answers ${expected}`, async (t) => {
    const { status, body } = await page({ count });
    t.equal(status, 200);
    t.equal(body.Resources.length, expected);
    t.equal(body.itemsPerPage, expected);
  });
}

t.test('R-PAGE-5 R-PAGE-6: each page has the total of all, and counts its own', async (t) => {
  for (const [startIndex, itemsPerPage] of [[1, 10], [11, 10], [21, 3]] as const) {
    const { body } = await page({ startIndex, count: 10 });
    t.match(body, { totalResults: COUNT, startIndex, itemsPerPage });
    t.equal(body.Resources.length, itemsPerPage);
  }
});

for (const startIndex of [COUNT + 1, 9999, 4_000_000_000]) {
  t.test(`R-PAGE-7: startIndex ${startIndex} is an empty page with the true total`, async (t) => {
    const { status, body } = await page({ startIndex });
    t.equal(status, 200);
    t.match(body, { totalResults: COUNT, itemsPerPage: 0 });
    t.same(body.Resources ?? [], []);
  });
}

for (const wrong of ['ten', '1.5', '1e2', '0x10', 'NaN', '1,2']) {
  t.test(`R-PAGE-8: ${wrong} is no count and no startIndex`, async (t) => {
    for (const name of ['count', 'startIndex']) refused(t, await page({ [name]: wrong }), 400, 'invalidValue');
  });
}

for (const sortBy of [undefined, 'userName', 'title', 'displayName', 'nickName', 'meta.lastModified']) {
  t.test(`R-PAGE-9 R-SORT-7: the pages of a list sorted by ${sortBy ?? 'nothing'} hold everyone once`, async (t) => {
    for (const [size, sortOrder] of [[10, 'ascending'], [10, 'descending'], [1, 'ascending']] as const) {
      const ids: string[] = [];
      for (let startIndex = 1; startIndex <= COUNT; startIndex += size) ids.push(...idsOf((await page({ startIndex, count: size, sortBy, sortOrder })).body));
      t.equal(ids.length, COUNT);
      t.equal(new Set(ids).size, COUNT, `${size} at a time, ${sortOrder}`);
    }
  });
}

/** People of their own for sorting: found by their title. */
t.test('sort', async (t) => {
  const people: Record<string, object> = {
    a: { nickName: 'a', externalId: 'b', profileUrl: 'https://x.test/b', name: { familyName: 'Ångström' }, emails: [{ value: 'z@b.test' }] },
    B: { nickName: 'B', externalId: 'B', profileUrl: 'https://x.test/B', name: { familyName: 'zebra' }, emails: [{ value: 'a@b.test' }, { value: 'zz@b.test', primary: true }] },
    c: { nickName: 'c', externalId: 'a', profileUrl: 'https://x.test/a', name: { familyName: 'Abe' }, emails: [{ value: 'B@b.test' }], active: false },
    none: {},
  };
  for (const [userName, attributes] of Object.entries(people)) {
    later(app);
    await made(app, '/Users', userBody({ userName, title: 'sorted', ...attributes }));
  }
  const order = async (sortBy: string, sortOrder?: string) => {
    const { body } = await page({ sortBy, sortOrder, filter: 'title eq "sorted"' });
    return body.Resources.map(({ userName }: { userName: string }) => userName).join(' ');
  };

  t.test('R-SORT-1: sortBy alone is ascending', async (t) => {
    t.equal(await order('userName'), 'a B c none');
    t.equal(await order('userName', 'ascending'), 'a B c none');
    t.equal(await order('USERNAME', 'Ascending'), 'a B c none', 'in any case');
  });

  t.test('R-SORT-2: descending is the reverse, another order is refused', async (t) => {
    t.equal(await order('userName', 'descending'), 'none c B a');
    for (const sortOrder of ['up', 'asc', '1']) refused(t, await page({ sortBy: 'userName', sortOrder }), 400, 'invalidValue');
  });

  t.test('R-SORT-3: a multi-valued attribute sorts by its primary value, else by the first', async (t) => {
    for (const sortBy of ['emails', 'emails.value']) {
      t.equal(await order(sortBy), 'c a B none');
      t.equal(await order(sortBy, 'descending'), 'none B a c');
    }
  });

  t.test('R-SORT-4: a complex attribute needs a sub-attribute', async (t) => {
    for (const sortBy of ['name', 'meta', 'addresses', 'nothing', 'name.nothing', ENTERPRISE]) refused(t, await page({ sortBy }), 400, 'invalidValue');
    t.equal(await order('name.familyName'), 'c B a none');
  });

  t.test('R-SORT-5: what has no value is last ascending and first descending', async (t) => {
    for (const sortBy of ['nickName', 'profileUrl', 'externalId', 'name.familyName', 'emails.value']) {
      t.match(await order(sortBy), / none$/, sortBy);
      t.match(await order(sortBy, 'descending'), /^none /, sortBy);
    }
  });

  t.test('R-SORT-6: in any case where caseExact is false, else exact; by type where it is no text', async (t) => {
    t.equal(await order('nickName'), 'a B c none');
    t.equal(await order('externalId'), 'B c a none');
    t.equal(await order('profileUrl'), 'B c a none');
    t.equal(await order('meta.created'), 'a B c none');
    t.equal(await order('active'), 'c a B none', 'false before true, then by id');
  });

  t.test('R-SORT-7: what is equal is in the order of the ids', async (t) => {
    t.equal(await order('title'), 'a B c none');
    t.equal(await order('title', 'descending'), 'none c B a');
  });
});
