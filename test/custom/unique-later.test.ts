/** A value that is to be unique from now on, over data in which it is not. */
import t from 'tap';
import { createLog } from '../../src/log.ts';
import { StartError } from '../../src/errors.ts';
import { openStore } from '../../src/store/store.ts';
import { startApp, unique, userBody } from '../helpers/app.ts';
import { PROBE, probedRegistry } from '../helpers/probe.ts';

t.test('the start says which collection and field has values twice, and shows none of them', async (t) => {
  const app = await startApp(t, import.meta.url, {}, { registry: probedRegistry() });
  const serial = unique('serial');
  for (let i = 0; i < 2; i++) t.equal((await app.call('POST', '/Users', userBody({ [PROBE]: { serial } }))).status, 201);
  const uri = new URL(process.env['ROLLCALL_TEST_MONGODB_URI'] ?? '');
  uri.pathname = `/${app.store.collections.tenants.dbName}`;
  const again = openStore({ uri: uri.href, registry: probedRegistry({ uniqueSerial: true }), limits: app.config.limits, log: createLog({ level: 'silent' }) });
  const error = await again.then(() => undefined, (reason: unknown) => reason);
  t.ok(error instanceof StartError, String(error));
  t.match(String(error), /users.*serial/);
  t.notMatch(String(error), serial);
});
