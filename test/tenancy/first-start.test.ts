/** The first start makes a tenant once for a database, also where that tenant is gone since. */
import t from 'tap';
import { dropTenants } from '../../src/store/retention.ts';
import { makeFirstTenant } from '../../src/tenancy/first-start.ts';
import { deleteTenant, findTenant } from '../../src/tenancy/tenants.ts';
import { newToken } from '../../src/store/tokens.ts';
import { startApp } from '../helpers/app.ts';

t.test('a restart after the last tenant was deleted makes no other, and no token', async (t) => {
  const { store, clock } = await startApp(t, import.meta.url);
  const operator = { store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined } as const;
  await Promise.all([store.collections.tenants.deleteMany({}), store.collections.tokens.deleteMany({})]);
  t.ok(await makeFirstTenant(store, newToken(), clock.now));
  const { id, name } = await findTenant(operator, 'default');
  await deleteTenant(operator, id, name);
  await dropTenants(store);
  t.equal(await store.collections.tenants.countDocuments({}), 0);
  t.equal(await makeFirstTenant(store, newToken(), clock.now), undefined);
  t.equal(await store.collections.tokens.countDocuments({}), 0);
});
