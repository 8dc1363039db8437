/** totalResults of all people where there are too many to count: from the counts of seats, and the same. */
import t from 'tap';
import type { mongo } from 'mongoose';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { patchBody, startApp, userBody } from '../helpers/app.ts';

const counts: mongo.Document[] = [];
const monitor = ({ commandName, command }: mongo.CommandStartedEvent) => {
  if (commandName === 'aggregate' && command['aggregate'] === 'users') counts.push(command);
};
const app = await startApp(t, import.meta.url, { limits: { ...DEFAULT_LIMITS, countedPeople: 3 } }, { monitor });
const { call, makeClient, store, tenants } = app;
const total = async (token: string) => {
  counts.length = 0;
  return (await call('GET', '/Users?count=1', undefined, { token })).body.totalResults;
};
const all = (await makeClient(tenants.own)).token;
const employees = (await makeClient(tenants.own, { settings: { populations: ['employee'] } })).token;

t.test('few are counted; more than the limit come from the seats, and are the same as counted', async (t) => {
  const ids: string[] = [];
  for (let made = 1; made <= 6; made++) {
    ids.push((await call('POST', '/Users', userBody())).body.id);
    t.equal(await total(all), made);
    t.equal(await total(employees), made);
  }
  t.ok(counts.length > 0 && counts.every(({ pipeline }) => JSON.stringify(pipeline).includes('$limit')), 'nobody is counted past the limit');
  await call('PATCH', `/Users/${ids[0] ?? ''}`, patchBody({ op: 'replace', path: 'active', value: false }));
  t.equal(await total(all), 6, 'who is deactivated is there');
  await call('DELETE', `/Users/${ids[1] ?? ''}`);
  t.equal(await total(all), 5);
  t.equal((await call('GET', '/Users?count=1&filter=active eq true', undefined, { token: all })).body.totalResults, 4);
});

t.test('where seats were never counted, people are', async (t) => {
  const before = await total(all);
  await store.collections.seats.deleteMany({ t: tenants.own });
  await store.collections.seatDeltas.deleteMany({ t: tenants.own });
  t.equal(await total(all), before);
});
