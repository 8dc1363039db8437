/** The order in which MongoDB lists resources against one sorted in memory by the words of RFC 7644 section 3.4.2.3. */
import fc from 'fast-check';
import t from 'tap';
import { parseFilter, type FilterNode } from '../../src/scim/filter.ts';
import { match } from '../../src/scim/match.ts';
import type { AttributePath } from '../../src/scim/path.ts';
import { resolveFilter } from '../../src/scim/resolve.ts';
import { resolveSort } from '../../src/scim/resolve-sort.ts';
import { isComplex, isList, type Attribute, type Attributes, type ResourceType, type Value } from '../../src/scim/schema.ts';
import { strictTolerances } from '../../src/scim/tolerances.ts';
import { countResources, readPage, readPageByType, readSortedPage, type Entry, type ListQuery, type Place, type Window } from '../../src/store/list.ts';
import { sortKeyOf } from '../../src/store/sort.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { counterexample, filter, print, spelling, storedPaths } from '../helpers/arbitraries.ts';
import { openTestStore } from '../helpers/store.ts';
import { CLIENT, populate, type Known } from './population.ts';
import { testRegistry } from './registry.ts';

const RUNS = 200;
const registry = testRegistry();
const { scope, known, pool, ids } = await populate(await openTestStore(t, import.meta.url, { registry }));
const tolerances = strictTolerances();

interface Request {
  readonly sortBy: string;
  readonly path: AttributePath;
  readonly descending: boolean;
  readonly node: FilterNode | undefined;
  readonly skip: number;
  readonly limit: number;
}

for (const type of registry.resourceTypes) {
  t.test(`R-SORT-3, 5, 6, 7, R-PAGE-5: ${type.name}s come in the order of a sort in memory, on every page`, async (t) => {
    const property = fc.asyncProperty(request(type), async (asked) => {
      const query = queryOf(type, asked);
      const all = idsInOrder((known.get(type) ?? []).filter(({ view, hasEdge }) => !query.filter || match(query.filter, view, hasEdge)).map((resource) => keyed(resource, asked.path)), asked.descending);
      await comparePages(all, asked, {
        read: (window) => readPage(scope, query, window),
        placeOf: ({ resource }) => ({ key: sortKeyOf(query, resource), id: resource.id, type: type.name }),
      });
      compare([await countResources(scope, query)], [all.length], 'total');
    });
    t.equal(await counterexample(property, RUNS), undefined);
  });
}

t.test('R-SORT, R-QUERY-4: several types come in one common order, and who lacks the attribute comes last', async (t) => {
  const paths = ['displayName', 'meta.lastModified', 'id', 'userName', 'label', 'many-integer', 'emails', 'externalId'];
  const property = fc.asyncProperty(pageOf(fc.record({ sortBy: fc.constantFrom(...paths), descending: fc.boolean() }), 190), async (asked) => {
    const queries = registry.resourceTypes.map((type): ListQuery => ({
      type, filter: undefined, sortBy: resolveSort(type, asked.sortBy, { tolerances, unknown: 'valueless' }), descending: asked.descending, client: CLIENT,
    }));
    const all = queries.flatMap(({ type, sortBy }) => (known.get(type) ?? []).map((resource) => (sortBy ? keyed(resource, sortBy) : { id: resource.id, key: undefined })));
    await comparePages(idsInOrder(all, asked.descending), asked, {
      read: (window) => readSortedPage(scope, queries, window),
      placeOf: ({ type, resource }) => ({ key: sortKeyOf(queryFor(queries, type), resource), id: resource.id, type: type.name }),
    });
  });
  t.equal(await counterexample(property, RUNS), undefined);
});

t.test('R-SORT-7, R-PAGE-9: without an order one type comes after the other, each by id', async (t) => {
  const queries = registry.resourceTypes.map((type): ListQuery => ({ type, filter: undefined, sortBy: undefined, descending: false, client: CLIENT }));
  const all = registry.resourceTypes.flatMap((type) => (known.get(type) ?? []).map(({ id }) => id).sort());
  const property = fc.asyncProperty(pageOf(fc.record({}), 190), (asked) => comparePages(all, { ...asked, sortBy: '' }, {
    read: (window) => readPageByType(scope, queries, window),
    placeOf: ({ type, resource }) => ({ key: sortKeyOf(queryFor(queries, type), resource), id: resource.id, type: type.name }),
  }));
  t.equal(await counterexample(property, RUNS), undefined);
});

t.test('what is decoded from a document is what was encoded', async (t) => {
  for (const type of registry.resourceTypes) {
    const query: ListQuery = { type, filter: undefined, sortBy: undefined, descending: false, client: CLIENT };
    const entries = await readPage(scope, query, { kind: 'index', skip: 0, limit: 1000 });
    t.same(entries.map(({ resource }) => resource.attributes), (known.get(type) ?? []).map(({ stored }) => stored));
  }
});

interface List {
  readonly read: (window: Window) => Promise<readonly Entry[]>;
  readonly placeOf: (entry: Entry) => Place;
}

/** A page by index, the pages before and after one of its resources by key, and the page at the start. */
async function comparePages(all: readonly string[], { sortBy, skip, limit }: { sortBy: string; skip: number; limit: number }, { read, placeOf }: List): Promise<void> {
  const page = await read({ kind: 'index', skip, limit });
  compare(idsOf(page), all.slice(skip, skip + limit), `sortBy ${sortBy}, by index`);
  compare(idsOf(await read({ kind: 'keyset', place: undefined, backwards: false, limit })), all.slice(0, limit), `sortBy ${sortBy}, first page`);
  const middle = page[Math.floor(page.length / 2)];
  if (!middle) return;
  const at = all.indexOf(middle.resource.id);
  compare(idsOf(await read({ kind: 'keyset', place: placeOf(middle), backwards: false, limit })), all.slice(at + 1, at + 1 + limit), `sortBy ${sortBy}, after ${middle.resource.id}`);
  compare(idsOf(await read({ kind: 'keyset', place: placeOf(middle), backwards: true, limit })), all.slice(Math.max(at - limit, 0), at), `sortBy ${sortBy}, before ${middle.resource.id}`);
}

const idsOf = (entries: readonly Entry[]) => entries.map(({ resource }) => resource.id);

function queryFor(queries: readonly ListQuery[], type: ResourceType): ListQuery {
  const found = queries.find((query) => query.type.name === type.name);
  if (!found) throw new Error(type.name);
  return found;
}

function request(type: ResourceType): fc.Arbitrary<Request> {
  const paths = storedPaths(type).filter((path) => canBeSorted(path));
  const order = fc.constantFrom(...paths).chain((path) => fc.record({
    sortBy: spelling(type, path),
    path: fc.constant(withValue(path)),
    descending: fc.boolean(),
    node: fc.option(filter(type, pool(type), ids), { nil: undefined }),
  }));
  return pageOf(order, 70);
}

function pageOf<T extends object>(order: fc.Arbitrary<T>, resources: number): fc.Arbitrary<T & { readonly skip: number; readonly limit: number }> {
  const window = fc.record({ skip: fc.oneof(fc.constant(0), fc.nat(resources)), limit: fc.oneof(fc.constant(200), fc.integer({ min: 0, max: 20 })) });
  return fc.tuple(order, window).map(([own, page]) => ({ ...own, ...page }));
}

function withValue(path: AttributePath): AttributePath {
  return path.attribute.type === 'complex' && !path.sub ? { ...path, sub: path.attribute.subAttributes.get('value') } : path;
}

function canBeSorted(path: AttributePath): boolean {
  if (path.attribute.name === 'schemas') return false;
  const { attribute, sub } = withValue(path);
  return attribute.type !== 'complex' || (sub !== undefined && (path.sub !== undefined || attribute.multiValued));
}

function queryOf(type: ResourceType, { sortBy, descending, node }: Request): ListQuery {
  const options = { limits: { ...DEFAULT_LIMITS, filterLength: 65_536 }, tolerances };
  const resolved = node && resolveFilter(type, parseFilter(print(node), options), { tolerances });
  return { type, filter: resolved, sortBy: resolveSort(type, sortBy, { tolerances }), descending, client: CLIENT };
}

type Key = string | number | boolean | undefined;

interface Keyed {
  readonly id: string;
  readonly key: Key;
}

/** A version is a counter written as a tag: 10 comes after 9. */
function keyed({ id, view, version }: Known, path: AttributePath): Keyed {
  const isVersion = path.attribute.name === 'meta' && path.sub?.name === 'version';
  return { id, key: isVersion ? version : sortKey(view, path) };
}

function idsInOrder(resources: readonly Keyed[], descending: boolean): readonly string[] {
  return [...resources].sort(byKeyThenId(descending)).map(({ id }) => id);
}

/** R-SORT-3: of several values that of the primary element, else the first. */
function sortKey(view: Attributes, { extension, attribute, sub }: AttributePath): Key {
  const holder = extension ? view[extension.schema.urn] : view;
  const value = isComplex(holder) ? holder[attribute.name] : undefined;
  const elements = value === undefined ? [] : isList(value) ? value : [value];
  if (!sub) return comparableKey(attribute, elements[0]);
  const part = (element: Value | undefined) => (isComplex(element) ? element[sub.name] : undefined);
  const primary = elements.find((element) => isComplex(element) && element['primary'] === true);
  return comparableKey(sub, part(primary) ?? part(elements[0]));
}

function comparableKey({ type, caseExact }: Attribute, value: Value | undefined): Key {
  if (typeof value !== 'string') return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  const isText = type === 'string' || type === 'reference';
  return isText && !caseExact ? value.normalize('NFKC').toLowerCase().normalize('NFKC') : value;
}

/** R-SORT-5: without a value last ascending, first descending. R-SORT-7: equal keys by id, and descending is the exact reverse. */
function byKeyThenId(descending: boolean) {
  return (a: Keyed, b: Keyed) => {
    const difference = compareKeys(a.key, b.key) || compareKeys(a.id, b.id);
    return descending ? -difference : difference;
  };
}

function compareKeys(a: Key, b: Key): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

function compare(found: readonly unknown[], expected: readonly unknown[], what: string): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${what}\nMongoDB: ${JSON.stringify(found)}\nexpected: ${JSON.stringify(expected)}`);
}
