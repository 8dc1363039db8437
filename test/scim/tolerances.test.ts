import t from 'tap';
import { ALL_TOLERANCES, defaultTolerances, isToleranceName, strictTolerances, TOLERANCES, Tolerances, type Tolerance } from '../../src/scim/tolerances.ts';

const list: readonly Tolerance[] = TOLERANCES;

t.test('every tolerance has a name of its own, at least one quirk, clients and a description', async (t) => {
  t.equal(new Set(list.map(({ name }) => name)).size, list.length);
  for (const { name, quirks, clients, accepts } of list) {
    t.match(name, /^[a-z][A-Za-z]+$/);
    t.ok(quirks.length > 0, name);
    for (const quirk of quirks) t.match(quirk, /^Q\d\d[a-z]?$/, name);
    t.ok(clients.length > 0 && accepts.length > 0, name);
  }
});

t.test('strict allows none of them, the default all', async (t) => {
  for (const name of ALL_TOLERANCES) {
    t.equal(strictTolerances().use(name), false, name);
    t.equal(defaultTolerances().use(name), true, name);
    t.ok(isToleranceName(name));
  }
  t.equal(isToleranceName('everything'), false);
});

t.test('what was needed is noted once, what was refused is not', async (t) => {
  const tolerances = new Tolerances(['booleanText']);
  t.same(tolerances.applied, []);
  tolerances.use('booleanText');
  tolerances.use('booleanText');
  tolerances.use('nullPath');
  t.same(tolerances.applied, ['booleanText']);
});
