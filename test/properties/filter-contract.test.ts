/** The contract of the core: what MongoDB returns for a compiled filter is what `match` keeps. */
import fc from 'fast-check';
import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { parseFilter, type FilterNode } from '../../src/scim/filter.ts';
import { match } from '../../src/scim/match.ts';
import { resolveFilter } from '../../src/scim/resolve.ts';
import type { ResolvedFilter } from '../../src/scim/resolved-filter.ts';
import type { ResourceType } from '../../src/scim/schema.ts';
import { strictTolerances } from '../../src/scim/tolerances.ts';
import { compileFilter } from '../../src/store/compile-filter.ts';
import { lookUpEdges } from '../../src/store/edge-filter.ts';
import { counterexample, filter, print, style, type Style } from '../helpers/arbitraries.ts';
import { openTestStore } from '../helpers/store.ts';
import { CLIENT, populate } from './population.ts';
import { testRegistry } from './registry.ts';

/** Each run asks up to 100 filters at once. */
const RUNS_PER_TYPE = 55;
const LIMITS = { ...DEFAULT_LIMITS, filterLength: 65_536 };

const registry = testRegistry();
const { scope, known, pool, ids } = await populate(await openTestStore(t, import.meta.url, { registry }));
let asked = 0;
let answered = 0;

for (const type of registry.resourceTypes) {
  t.test(`R-FILT: MongoDB returns exactly the ${type.name}s that match() keeps`, async (t) => {
    const filters = fc.array(fc.tuple(filter(type, pool(type), ids), style), { minLength: 1, maxLength: 100, size: 'max' });
    const property = fc.asyncProperty(filters, async (cases) => {
      await Promise.all(cases.map(async ([node, choices]) => compareOne(type, node, choices)));
    });
    t.equal(await counterexample(property, RUNS_PER_TYPE), undefined);
  });
}

t.test('the contract was held in at least 10,000 cases, and not on empty answers', async (t) => {
  t.ok(asked >= 10_000, `${asked} filters`);
  t.ok(answered > asked / 4, `${answered} of ${asked} filters found some resources and left some`);
});

for (const type of registry.resourceTypes) {
  t.test(`R-FILT: parsing the text of a filter on ${type.name} gives the same filter again`, async (t) => {
    const property = fc.property(filter(type, pool(type), ids), style, (node, choices) => {
      const text = print(node, choices);
      const parsed = parseFilter(text, { limits: LIMITS, tolerances: strictTolerances() });
      if (!sameFilter(parsed, node)) throw new Error(`${text}\nwas read as ${JSON.stringify(parsed)}`);
    });
    t.equal(await counterexample(property, 2000), undefined);
  });
}

async function compareOne(type: ResourceType, node: FilterNode, choices: Style): Promise<void> {
  const text = print(node, choices);
  const tolerances = strictTolerances();
  const resolved = resolveFilter(type, parseFilter(text, { limits: LIMITS, tolerances }), { tolerances });
  const expected = new Set((known.get(type) ?? []).filter(({ view, hasEdge }) => match(resolved, view, hasEdge)).map(({ id }) => id));
  const found = new Set(await find(type, resolved));
  asked++;
  if (expected.size > 0 && expected.size < (known.get(type) ?? []).length) answered++;
  const missing = [...expected].filter((id) => !found.has(id));
  const extra = [...found].filter((id) => !expected.has(id));
  if (missing.length + extra.length > 0) throw new Error(`${text}\nMongoDB misses ${describe(type, missing)}\nand has too much ${describe(type, extra)}`);
}

async function find(type: ResourceType, resolved: ResolvedFilter): Promise<readonly string[]> {
  const edge = await lookUpEdges(scope, resolved);
  const query = compileFilter(resolved, { type, tenant: scope.tenant, client: CLIENT, edge });
  const documents = await scope.store.collections.resources(type).find(query, { projection: { _id: 1 } }).toArray();
  return documents.map(({ _id }) => _id);
}

function describe(type: ResourceType, wrong: readonly string[]): string {
  const [first] = (known.get(type) ?? []).filter(({ id }) => wrong.includes(id));
  return first ? `${wrong.length}, first ${JSON.stringify(first.view)}` : 'nothing';
}

function sameFilter(a: FilterNode, b: FilterNode): boolean {
  return JSON.stringify(a, withNumbers) === JSON.stringify(b, withNumbers);
}

/** JSON knows neither -0 nor Infinity; key order is normalised too. */
function withNumbers(_: string, value: unknown): unknown {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
