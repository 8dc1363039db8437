/** A value that is to be unique from now on, over data in which it is not. */
import t from 'tap';
import { StartError } from '../../src/errors.ts';
import { startApp, unique, userBody } from '../helpers/app.ts';
import { PROBE, probedRegistry } from '../helpers/probe.ts';
import { openTestStore } from '../helpers/store.ts';

t.test('the start says which collection and field has values twice, and shows none of them', async (t) => {
  const app = await startApp(t, import.meta.url, {}, { registry: probedRegistry() });
  const serial = unique('serial');
  for (let i = 0; i < 2; i++) t.equal((await app.call('POST', '/Users', userBody({ [PROBE]: { serial } }))).status, 201);
  const again = openTestStore(t, import.meta.url, { database: app.store.collections.tenants.dbName, registry: probedRegistry({ uniqueSerial: true }) });
  const error = await again.then(() => undefined, (reason: unknown) => reason);
  t.ok(error instanceof StartError, String(error));
  t.match(String(error), /users.*serial/);
  t.notMatch(String(error), serial);
});
