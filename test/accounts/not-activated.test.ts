/** S5: people who were invited and have not come: since when, after how many mails, and what became of the last one. */
import t from 'tap';
import type { OutboxDocument } from '../../src/store/account-documents.ts';
import { DAY_MS } from '../helpers/app.ts';
import { PASSWORD, startWorld, type Somebody } from './world.ts';

const commands: string[] = [];
const world = await startWorld(t, import.meta.url, {}, { monitor: ({ commandName, command }) => commands.push(`${commandName} ${String(command[commandName])}`) });
const { active, advance, api, choose, clock, everything, invited, makeClient, somebody, store, tenants } = world;
const list = async (query = '') => (await api('GET', `/users/not-activated${query}`)).body;
const settle = ({ id }: Somebody, set: Partial<OutboxDocument>) => store.collections.outbox.updateMany({ t: tenants.own, person: id, state: 'waiting' }, { $set: set });

t.test('S5: who was invited is there, with the state of the last mail, and nobody else', async (t) => {
  const start = clock.now.toISOString();
  const [fresh, again, refused] = [await invited({ displayName: 'A' }), await invited({ displayName: 'B' }), await invited({ displayName: 'C' })];
  await Promise.all([active(), somebody()]);
  const done = await invited();
  await choose(done.token, PASSWORD);
  const gone = await invited();
  await api('POST', `/users/${gone.id}/deactivate`);
  await settle(again, { state: 'refused', done: clock.now, answer: '550 no such mailbox' });
  await settle(refused, { state: 'givenUp', done: clock.now });
  advance(DAY_MS);
  await api('POST', `/users/${again.id}/invitation/again`, {});
  await settle(again, { state: 'sent', done: clock.now });

  const before = await everything();
  const { people, total, cursor } = await list();
  t.same([total, cursor], [3, undefined]);
  t.same(people.map(({ id }: Somebody) => id).sort(), [fresh.id, again.id, refused.id].sort());
  const row = (person: Somebody) => people.find(({ id }: Somebody) => id === person.id);
  t.match(row(fresh), { userName: fresh.address, displayName: 'A', since: start, mails: 1, lastMail: { state: 'waiting', created: start }, invitation: { sentAt: start } });
  t.match(row(again), { since: start, mails: 2, lastMail: { state: 'sent', created: clock.now.toISOString() }, invitation: { sentAt: clock.now.toISOString() } });
  t.match(row(refused), { mails: 1, lastMail: { state: 'givenUp' } });
  t.same(await everything(), before, 'nothing is written by it');

  const listed = (await api('GET', '/users?status=invited&status=active')).body.people;
  t.match(listed.find(({ id }: Somebody) => id === refused.id), { invitation: { mail: { state: 'givenUp' } } }, 'lists of people say it too');
  t.equal(listed.find(({ id }: Somebody) => id === done.id).invitation, undefined);
});

t.test('S5: by pages, by population and for whom the caller sees; a number of commands that does not depend on how many there are', async (t) => {
  for (let more = 0; more < 5; more++) await invited();
  const first = await list('?count=5');
  const second = await list(`?count=5&cursor=${first.cursor}`);
  t.same([first.people.length, second.people.length, second.cursor], [5, 3, undefined]);
  t.equal(new Set([...first.people, ...second.people].map(({ id }: Somebody) => id)).size, 8);
  t.same((await list('?population=portal')).people, []);
  for (const wrong of ['?population=nobody', '?cursor=x', '?state=sent', '?count=0']) t.equal((await api('GET', `/users/not-activated${wrong}`)).status, 400, wrong);
  const narrow = (await makeClient(tenants.own, { scopes: ['users.manage'], settings: { populations: ['external'] } })).token;
  t.same((await api('GET', '/users/not-activated', undefined, { token: narrow })).body.people, []);
  const other = (await makeClient(tenants.other, { scopes: ['users.manage'] })).token;
  t.same((await api('GET', '/users/not-activated', undefined, { token: other })).body.people, []);
  const counted = async (query: string) => {
    await list(query);
    commands.length = 0;
    await list(query);
    return commands.filter((command) => / (users|outbox)$/.test(command)).length;
  };
  t.equal(await counted('?count=1'), await counted('?count=100'));
});
