/** Every requirement has its test, every test its requirement, and docs/scim-coverage.md says which. */
import t from 'tap';
import { readFileSync } from 'node:fs';
import { COVERAGE_FILE, coverageTable, readRequirements, readTitles, titlesIn } from '../../scripts/coverage-table.ts';

const requirements = readRequirements();
const titles = readTitles();
const named = new Set(titles.flatMap(({ ids }) => ids));

t.test('titles are found in calls and in tables, with their ids', (t) => {
  const source = "t.test('#-A-1 #-B-2: it\\'s so', f); const rows = [[`#-C-3, decision 1: ${x} too`, 1]]; // #-D-4: not this, nor 'see #-E-5'".replaceAll('#', 'R');
  t.same(titlesIn(source, 'f'), [{ ids: ['R-A-1', 'R-B-2'], file: 'f', text: "it's so" }, { ids: ['R-C-3'], file: 'f', text: '… too' }]);
  t.ok(named.size > 100);
  t.end();
});

t.test('a requirement is well-formed and stands once', (t) => {
  t.equal(new Set(requirements.map(({ id }) => id)).size, requirements.length);
  for (const { id, level, section, rule } of requirements) t.ok(/^R-[A-Z0-9]+-\d+$/.test(id) && ['M', 'S', 'Y'].includes(level) && section !== '' && rule !== '', id);
  t.end();
});

t.test('every MUST and SHOULD has a test or a reason', (t) => {
  const untested = requirements.filter(({ id, level, notTested }) => level !== 'Y' && notTested === undefined && !named.has(id));
  t.same(untested.map(({ id, rule }) => `${id}: ${rule}`), []);
  t.end();
});

t.test('no test names a requirement that is none', (t) => {
  const known = new Set(requirements.map(({ id }) => id));
  t.same(titles.filter(({ ids }) => !ids.every((id) => known.has(id))), []);
  t.end();
});

t.test('no requirement has both a test and a reason for none', (t) => {
  t.same(requirements.filter(({ id, notTested }) => notTested !== undefined && named.has(id)), []);
  t.end();
});

t.test('docs/scim-coverage.md is what scripts/coverage-table.ts makes', (t) => {
  t.ok(readFileSync(COVERAGE_FILE, 'utf8') === coverageTable(requirements, titles), 'run node --import=tsx scripts/coverage-table.ts');
  t.end();
});
