/** Whatever text comes in, a ScimError or a result comes out. `npm run fuzz` does the same a million times and looks at the clock. */
import t from 'tap';
import { ScimError } from '../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { parseFilter } from '../../src/scim/filter.ts';
import { parsePatchPath } from '../../src/scim/patch-path.ts';
import { resolveFilter } from '../../src/scim/resolve.ts';
import { defaultTolerances, strictTolerances } from '../../src/scim/tolerances.ts';
import { compileFilter } from '../../src/store/compile-filter.ts';
import { seed } from '../helpers/arbitraries.ts';
import { randomFilter, randomFrom, randomPath } from './malformed.ts';
import { testRegistry } from './registry.ts';

const COUNT = 20_000;
const type = testRegistry().type('User');

const INPUTS = {
  'filters, to the query for MongoDB': (text: string, isStrict: boolean) => {
    const tolerances = isStrict ? strictTolerances() : defaultTolerances();
    const resolved = resolveFilter(type, parseFilter(text, { limits: DEFAULT_LIMITS, tolerances }), { tolerances });
    compileFilter(resolved, { type, tenant: 't', client: 'c', edge: () => ({}) });
  },
  'PATCH paths': (text: string, isStrict: boolean) => {
    parsePatchPath(type, text, { limits: DEFAULT_LIMITS, tolerances: isStrict ? strictTolerances() : defaultTolerances() });
  },
};

for (const [what, parse] of Object.entries(INPUTS)) {
  t.test(`R-FILT-1, R-FILT-27, R-PATCH-4: damaged ${what}: nothing but a ScimError 400 comes out`, async (t) => {
    const random = randomFrom(seed);
    const make = what === 'PATCH paths' ? randomPath : randomFilter;
    const faults: string[] = [];
    let accepted = 0;
    for (let i = 0; i < COUNT; i++) {
      const text = make(random);
      try {
        parse(text, i % 2 === 0);
        accepted++;
      } catch (error) {
        if (!(error instanceof ScimError) || error.status !== 400) faults.push(`ROLLCALL_SEED=${seed}: ${JSON.stringify(text)}: ${String(error)}`);
      }
    }
    t.same(faults.slice(0, 5), []);
    t.ok(accepted > COUNT / 50, `${accepted} of ${COUNT} were accepted`);
    t.ok(accepted < COUNT * 0.9, `${accepted} of ${COUNT} were accepted`);
  });
}
