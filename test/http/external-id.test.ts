/** externalId is one client's among others': a search in it must not be taken apart by MongoDB's planner. */
import t from 'tap';
import { startApp, userBody } from '../helpers/app.ts';

const { call } = await startApp(t, import.meta.url);

t.test('a pattern on externalId beside an or, in a sorted list', async (t) => {
  const made = await call('POST', '/Users', userBody({ externalId: "foo'x", title: 'a' }));
  await call('POST', '/Users', userBody({ externalId: 'other', title: 'a' }));
  for (const operator of ['co', 'ew', 'sw']) {
    const text = operator === 'sw' ? 'foo' : "o'x";
    const filter = encodeURIComponent(`externalId ${operator} "${text}" and (title pr or not (nickName eq "j"))`);
    const found = await call('GET', `/Users?filter=${filter}&sortBy=meta.lastModified`);
    t.same(found.body.Resources.map(({ id }: { id: string }) => id), [made.body.id], operator);
  }
});
