import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Json } from '../../src/scim/json.ts';
import { parseQuery, readListParameters, readSearchRequest } from '../../src/scim/list-request.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { refusal } from './errors.ts';

const LIMITS = { ...DEFAULT_LIMITS, pageSize: 100, maxPageSize: 1000 };
const read = (query: string) => readListParameters(parseQuery(query), LIMITS);
const search = (body: Record<string, Json>) => readSearchRequest({ schemas: [MESSAGE.searchRequest], ...body }, LIMITS);

const PAGES: readonly (readonly [string, string, number, number])[] = [
  ['R-PAGE-1', '', 1, 100], ['R-PAGE-1', 'startIndex=0', 1, 100], ['R-PAGE-1', 'startIndex=-5', 1, 100], ['R-PAGE-1', 'startIndex=7', 7, 100], ['Q38', 'STARTINDEX=7&Count=3', 7, 3],
  ['R-PAGE-2', 'count=-1', 1, 0], ['R-PAGE-3', 'count=0', 1, 0], ['R-PAGE-4', 'count=1000000000', 1, 1000], ['R-PAGE-4', 'count=1000', 1, 1000], ['R-PAGE-4', 'count=99999999999999999999', 1, 1000],
  ['R-PAGE-7', 'startIndex=99999999999', 2 ** 31 - 1, 100],
];
for (const [rule, query, startIndex, count] of PAGES) {
  t.test(`${rule}: ?${query} is page ${startIndex}, ${count}`, async (t) => {
    const request = read(query);
    t.equal(request.startIndex, startIndex);
    t.equal(request.count, count);
  });
}

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['R-PAGE-8', 'count=ten', 'invalidValue'], ['R-PAGE-8', 'count=1.5', 'invalidValue'], ['R-PAGE-8', 'startIndex=1e3', 'invalidValue'], ['R-PAGE-8', 'startIndex=0x1', 'invalidValue'], ['R-PAGE-8', 'startIndex=1%202', 'invalidValue'],
  ['R-SORT-2', 'sortOrder=up', 'invalidValue'], ['R-FILT-1', 'filter=', 'invalidFilter'], ['R-FILT-1', 'filter=%20', 'invalidFilter'], ['R-HTTP-10', 'filter=%', 'invalidValue'], ['R-HTTP-10', 'filter=%ff', 'invalidValue'], ['R-HTTP-10', '%zz=1', 'invalidValue'],
  ['a parameter given twice', 'count=1&count=2', 'invalidValue'], ['a parameter given twice', 'filter=a%20pr&FILTER=b%20pr', 'invalidValue'], ['a parameter given twice', 'sortBy=a&sortby=b', 'invalidValue'],
];
for (const [rule, query, scimType] of REFUSED) {
  t.test(`${rule}: ?${query} is refused`, async (t) => {
    t.equal(refusal(() => read(query)), scimType);
  });
}

t.test('Q35, R-HTTP-10: the query is decoded once, and + is a blank', async (t) => {
  t.equal(read('filter=a+eq+%22b%2Bc%22').filter, 'a eq "b+c"');
  t.equal(read('filter=a%20eq%20%22%2541%22').filter, 'a eq "%41"');
  t.equal(read('filter=a%20eq%20%22b%26c%3Dd%22&count=1').filter, 'a eq "b&c=d"');
  t.equal(read('filter=a eq "x=y"').filter, 'a eq "x=y"');
  t.equal(read('filter=%F0%9F%98%80+pr').filter, '\u{1f600} pr');
});

t.test('R-SORT-1, 2: ascending unless it says descending, in any case', async (t) => {
  t.equal(read('sortBy=userName').descending, false);
  t.equal(read('sortBy=userName&sortOrder=ascending').descending, false);
  t.equal(read('sortBy=userName&sortOrder=Descending').descending, true);
  t.equal(read('sortBy=').sortBy, undefined);
});

t.test('R-ATTR-5: names are separated by commas, trimmed, and the parameter may be repeated', async (t) => {
  t.same(read('attributes=userName,+title').attributes, ['userName', 'title']);
  t.same(read('attributes=userName&attributes=title').attributes, ['userName', 'title']);
  t.same(read('excludedAttributes=a,,b,').excludedAttributes, ['a', 'b']);
  t.equal(read('attributes=').attributes, undefined);
});

t.test('R-HTTP-6: unknown parameters are ignored, even twice', async (t) => {
  t.same(read('nope=1&nope=2&__proto__=x&count=5&&'), read('count=5'));
});

t.test('R-SRCH-2: a SearchRequest means the same as the URL', async (t) => {
  t.same(search({}), read(''));
  t.same(
    search({ filter: 'a pr', sortBy: 'b', sortOrder: 'descending', startIndex: 3, count: 4, attributes: ['c', 'd'] }),
    read('filter=a+pr&sortBy=b&sortOrder=descending&startIndex=3&count=4&attributes=c,d'),
  );
  t.same(search({ startIndex: -1, count: -1 }), read('startIndex=-1&count=-1'));
  t.same(search({ filter: null, count: null, attributes: null }), read(''));
});

t.test('R-SRCH-1: a body that is no SearchRequest is refused', async (t) => {
  for (const body of [undefined, null, [], 'x', {}, { schemas: [] }, { schemas: ['urn:x'] }, { schemas: MESSAGE.searchRequest }, { schemas: [MESSAGE.patchOp] }] as (Json | undefined)[]) {
    t.equal(refusal(() => readSearchRequest(body, LIMITS)), 'invalidSyntax', JSON.stringify(body));
  }
});

t.test('R-SRCH-3: types of the members are checked', async (t) => {
  const rows: readonly Record<string, Json>[] = [{ count: '10' }, { count: 1.5 }, { startIndex: '1' }, { startIndex: true }, { filter: 5 }, { sortBy: ['a'] }, { sortOrder: 1 }, { sortOrder: 'up' }, { attributes: 'a' }, { attributes: [1] }, { excludedAttributes: {} }];
  for (const body of rows) t.equal(refusal(() => search(body)), 'invalidValue', JSON.stringify(body));
  t.equal(refusal(() => search({ filter: '' })), 'invalidFilter');
});
