/** The order in which MongoDB lists resources against one sorted in memory by the words of RFC 7644 section 3.4.2.3. */
import fc from 'fast-check';
import t from 'tap';
import { parseFilter, type FilterNode } from '../../src/scim/filter.ts';
import { match } from '../../src/scim/match.ts';
import type { AttributePath } from '../../src/scim/path.ts';
import { resolveFilter, resolveSort } from '../../src/scim/resolve.ts';
import { isComplex, isList, type Attribute, type Attributes, type ResourceType, type Value } from '../../src/scim/schema.ts';
import { strictTolerances } from '../../src/scim/tolerances.ts';
import { listResources, listSorted, type ListQuery } from '../../src/store/resources.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { counterexample, filter, print, spelling, storedPaths } from '../helpers/arbitraries.ts';
import { CLIENT, openTestStore, populate, type Known } from './population.ts';
import { testRegistry } from './registry.ts';

const RUNS = 300;
const registry = testRegistry();
const { scope, known, pool, ids } = await populate(await openTestStore(t, registry));
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
      const page = await listResources(scope, query);
      const all = inOrder((known.get(type) ?? []).filter(({ view, hasEdge }) => !query.filter || match(query.filter, view, hasEdge)), asked);
      compare(page.entries.map(({ resource }) => resource.id), all.slice(asked.skip, asked.skip + asked.limit).map(({ id }) => id), `sortBy ${asked.sortBy}`);
      compare([page.total], [all.length], 'total');
    });
    t.equal(await counterexample(property, RUNS), undefined);
  });
}

t.test('R-SORT, R-QUERY-4: several types come in one common order, and who lacks the attribute comes last', async (t) => {
  const paths = ['displayName', 'meta.lastModified', 'id', 'userName', 'label', 'many-integer', 'emails', 'externalId'];
  const asked = fc.record({ sortBy: fc.constantFrom(...paths), descending: fc.boolean(), skip: fc.nat(190), limit: fc.integer({ min: 1, max: 50 }) });
  const property = fc.asyncProperty(asked, async ({ sortBy, descending, skip, limit }) => {
    const queries = registry.resourceTypes.map((type): ListQuery => ({
      type, filter: undefined, sortBy: resolveSort(type, sortBy, { tolerances, unknown: 'valueless' }), descending, skip, limit, client: CLIENT,
    }));
    const page = await listSorted(scope, queries);
    const keyed = queries.flatMap(({ type, sortBy: path }) => (known.get(type) ?? []).map((resource) => ({ id: resource.id, key: path && sortKey(resource.view, path) })));
    const all = keyed.sort(byKeyThenId(descending));
    compare(page.entries.map(({ resource }) => resource.id), all.slice(skip, skip + limit).map(({ id }) => id), sortBy);
    compare([page.total], [all.length], 'total');
  });
  t.equal(await counterexample(property, RUNS), undefined);
});

t.test('what is decoded from a document is what was encoded', async (t) => {
  for (const type of registry.resourceTypes) {
    const page = await listResources(scope, { type, filter: undefined, sortBy: undefined, descending: false, skip: 0, limit: 1000, client: CLIENT });
    t.same(page.entries.map(({ resource }) => resource.attributes), (known.get(type) ?? []).map(({ stored }) => stored));
  }
});

function request(type: ResourceType): fc.Arbitrary<Request> {
  const paths = storedPaths(type).filter((path) => canBeSorted(path));
  return fc.constantFrom(...paths).chain((path) => fc.record({
    sortBy: spelling(type, path),
    path: fc.constant(withValue(path)),
    descending: fc.boolean(),
    node: fc.option(filter(type, pool(type), ids), { nil: undefined }),
    skip: fc.oneof(fc.constant(0), fc.nat(70)),
    limit: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 20 })),
  }));
}

function withValue(path: AttributePath): AttributePath {
  return path.attribute.type === 'complex' && !path.sub ? { ...path, sub: path.attribute.subAttributes.get('value') } : path;
}

function canBeSorted(path: AttributePath): boolean {
  const { attribute, sub } = withValue(path);
  return attribute.type !== 'complex' || (sub !== undefined && (path.sub !== undefined || attribute.multiValued));
}

function queryOf(type: ResourceType, { sortBy, descending, node, skip, limit }: Request): ListQuery {
  const options = { limits: { ...DEFAULT_LIMITS, filterLength: 65_536 }, tolerances };
  const resolved = node && resolveFilter(type, parseFilter(print(node), options), { tolerances });
  return { type, filter: resolved, sortBy: resolveSort(type, sortBy, { tolerances }), descending, skip, limit, client: CLIENT };
}

type Key = string | number | boolean | undefined;

function inOrder(resources: readonly Known[], { path, descending }: Request): readonly { readonly id: string }[] {
  // A version is a counter written as a tag: 10 comes after 9.
  const isVersion = path.attribute.name === 'meta' && path.sub?.name === 'version';
  return resources.map(({ id, view, version }) => ({ id, key: isVersion ? version : sortKey(view, path) })).sort(byKeyThenId(descending));
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
  return (a: { key: Key; id: string }, b: { key: Key; id: string }) => {
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
