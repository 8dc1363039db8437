/** A type that is not switched on for a client is a path that does not exist, whatever the method. */
import t from 'tap';
import { startApp } from '../helpers/app.ts';

const { call } = await startApp(t, import.meta.url);

t.test('every method on a hidden type answers as on a path that is none', async (t) => {
  for (const path of ['/Companies', '/Companies/x', '/Companies/.search']) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const [hidden, none] = [await call(method, path), await call(method, path.replace('Companies', 'Nothing'))];
      t.same([hidden.status, hidden.text], [none.status, none.text], `${method} ${path}`);
      t.equal(hidden.headers['allow'], undefined);
    }
  }
});
