/** `GET /api/v1/seats`: what is asked for, what is left out, whom the caller sees, and days that begin in the tenant's time zone (J1). */
import t from 'tap';
import { v7 as uuid } from 'uuid';
import { foldSeats } from '../../src/store/seat-counts.ts';
import { changePolicy, createTenant } from '../../src/tenancy/tenants.ts';
import { mendSeats, recountSeats } from '../../src/tenancy/seat-recount.ts';
import { addDays } from '../../src/time.ts';
import { patchBody, startApp, unique, userBody, type Answer } from '../helpers/app.ts';
import { refused } from '../rfc/expectations.ts';
import { auditOf, operator, send } from './support.ts';

const app = await startApp(t, import.meta.url);
const { clock, makeClient, store } = app;
const at = (instant: string) => (clock.now = new Date(instant));
const FIRST = '2026-01-05T09:00:00Z';
const NOBODY = { employee: 0, external: 0, portal: 0, contact: 0 };
const NONE = { billed: 0, unbilled: 0 };

async function tenantIn(timeZone = 'UTC') {
  at(FIRST);
  const { id } = await createTenant(operator(app), unique('tenant'), { timeZone });
  const { token } = await makeClient(id, { scopes: ['*', 'audit.read'] });
  const made: string[] = [];
  return {
    id, token, made,
    ask: (query = '', as = token): Promise<Answer> => send(app.app, 'GET', `/api/v1/seats${query}`, undefined, { token: as }),
    make: async () => made.push((await send(app.app, 'POST', '/scim/v2/Users', userBody(), { token })).body.id),
    setActive: (index: number, value: boolean) => send(app.app, 'PATCH', `/scim/v2/Users/${made[index] ?? ''}`, patchBody({ op: 'replace', path: 'active', value }), { token }),
  };
}
const short = ({ body }: Answer) => body.days.map(({ day, billed, highest, joined, left }: Record<string, { employee: number }>) => [day, billed?.employee, highest?.employee, joined?.employee, left?.employee]);

t.test('a tenant without people: nothing, from its first day on', async (t) => {
  const { ask } = await tenantIn();
  const { status, body } = await ask();
  t.equal(status, 200);
  t.same(body, {
    since: '2026-01-05', timeZone: 'UTC', now: { employee: NONE, external: NONE, portal: NONE, contact: NONE },
    days: [{ day: '2026-01-05', billed: NOBODY, unbilled: NOBODY, highest: NOBODY, joined: NOBODY, left: NOBODY }],
  });
});

for (const folded of [false, true]) {
  t.test(`J1: days over midnight, with and without changes, ${folded ? 'folded' : 'before anything is folded'}`, async (t) => {
    const { ask, make, setActive } = await tenantIn();
    const then = async (instant: string, act: () => Promise<unknown>) => {
      at(instant);
      await act();
      if (folded) await foldSeats(store);
    };
    await then('2026-01-05T23:59:59.999Z', make);
    await then('2026-01-06T00:00:00Z', make);
    await then('2026-01-06T08:00:00Z', make);
    await then('2026-01-06T09:00:00Z', () => setActive(0, false));
    await then('2026-01-09T12:00:00Z', () => setActive(1, false));
    await then('2026-01-09T13:00:00Z', () => setActive(0, true));
    at('2026-01-10T01:00:00Z');
    const answer = await ask();
    t.same(short(answer), [
      ['2026-01-05', 1, 1, 1, 0],
      ['2026-01-06', 2, 3, 2, 1],
      ['2026-01-07', 2, 2, 0, 0],
      ['2026-01-08', 2, 2, 0, 0],
      ['2026-01-09', 2, 2, 1, 1],
      ['2026-01-10', 2, 2, 0, 0],
    ], 'the count is carried on; who leaves before another comes back is no peak');
    t.same(answer.body.days.map(({ unbilled }: { unbilled: { employee: number } }) => unbilled.employee), [0, 1, 1, 1, 1, 1]);
    t.same(answer.body.now.employee, { billed: 2, unbilled: 1 });
    t.same(short(await ask('?from=2026-01-07&to=2026-01-08')), [['2026-01-07', 2, 2, 0, 0], ['2026-01-08', 2, 2, 0, 0]], 'a range without changes between others');
    t.same(short(await ask('?from=2026-01-06&to=2026-01-06')), [['2026-01-06', 2, 3, 2, 1]]);
    t.same((await ask('?from=2026-01-06&to=2026-01-06')).body.now, answer.body.now, 'now is now, whatever is asked for');
    t.same(short(await ask('?to=2026-01-05')), [['2026-01-05', 1, 1, 1, 0]], 'what was before the first day is left out');
    t.same(short(await ask('?from=2026-01-10&to=2026-02-28')), [['2026-01-10', 2, 2, 0, 0]], 'what is still to come too');
    t.same((await ask('?from=2025-01-01&to=2025-06-01')).body.days, []);
    t.same((await ask('?from=2026-02-01&to=2026-02-02')).body.days, []);
  });
}

t.test('thirty days unless asked, four hundred at most', async (t) => {
  const { ask, make } = await tenantIn();
  await make();
  at('2027-06-01T09:00:00Z');
  const days = async (query: string) => (await ask(query)).body.days.map(({ day }: { day: string }) => day);
  t.same(await days(''), Array.from({ length: 30 }, (_, index) => addDays('2027-05-03', index)));
  t.same((await days('?to=2026-12-31')).length, 30);
  t.same((await days('?from=2027-05-31')), ['2027-05-31', '2027-06-01']);
  const most = await days('?from=2026-04-28');
  t.same([most.length, most[0], most.at(-1)], [400, '2026-04-28', '2027-06-01']);
  const more = await ask('?from=2026-04-27');
  refused(t, more, 400, 'invalidValue');
  t.match(more.body.detail, /2026-04-27.*2027-06-01.*more than 400 days/);
});

t.test('what is no day is refused by its name', async (t) => {
  const { ask } = await tenantIn();
  for (const [query, sentence] of [
    ['?from=2026-02-30', /^from .*"2026-02-30"/], ['?to=2026-13-01', /^to .*"2026-13-01"/], ['?to=tomorrow', /^to .*"tomorrow"/], ['?from=', /^from /],
    ['?from=2026-01-05T00:00:00Z', /^from /], ['?from=20260105', /^from /], ['?from=%00', /^from /], ['?from=2026-01-06&to=2026-01-05', /after to, 2026-01-05/],
    ['?from=2026-01-06', /after today, 2026-01-05/], ['?from=2026-01-01&from=2026-01-02', /from is given twice/], ['?from=0001-01-01&to=9999-12-31', /more than 400 days/], [`?from=${'9'.repeat(5000)}`, /^from /],
  ] as const) {
    const answer = await ask(query);
    refused(t, answer, 400, 'invalidValue');
    t.match(answer.body.detail, sentence);
  }
});

t.test('days are those of the time zone of the tenant, and one that is over stays as it was', async (t) => {
  const { id, ask, make } = await tenantIn('Europe/Amsterdam');
  at('2026-01-05T22:59:59Z');
  await make();
  at('2026-01-05T23:00:00Z');
  await make();
  t.same(short(await ask()), [['2026-01-05', 1, 1, 1, 0], ['2026-01-06', 2, 2, 1, 0]], 'it is the next day there already');
  t.equal((await ask()).body.timeZone, 'Europe/Amsterdam');
  await foldSeats(store);
  await changePolicy(operator(app), id, { timeZone: 'America/New_York' });
  at('2026-01-07T12:00:00Z');
  t.same(short(await ask()), [['2026-01-05', 1, 1, 1, 0], ['2026-01-06', 2, 2, 1, 0], ['2026-01-07', 2, 2, 0, 0]]);
});

t.test('a caller sees the populations that it was given', async (t) => {
  const { id, ask, make } = await tenantIn();
  await make();
  for (const populations of [['employee'], ['external', 'contact']]) {
    const { token } = await makeClient(id, { scopes: ['users.manage'], settings: { populations } });
    const { body } = await ask('', token);
    t.same(Object.keys(body.now), populations);
    for (const name of ['billed', 'unbilled', 'highest', 'joined', 'left']) t.same(Object.keys(body.days[0][name]), populations, name);
  }
  const other = await tenantIn();
  t.same((await other.ask()).body.now.employee, NONE, 'and of no other tenant anything');
});

t.test('where no worker runs a reader folds, and is answered', async (t) => {
  const { id, ask } = await tenantIn();
  const changes = { employee: { joined: 1, left: 0, unbilled: 0, corrected: 0 } };
  await store.collections.seatDeltas.insertMany(Array.from({ length: 5001 }, () => ({ _id: uuid(), t: id, at: clock.now, changes })));
  t.equal((await ask()).body.now.employee.billed, 5001);
  t.equal(await store.collections.seatDeltas.countDocuments({ t: id }), 0);
});

t.test('a recount sets right what somebody has changed past the server, and joins and leaves stay what they were', async (t) => {
  const { id, ask, make, made } = await tenantIn();
  for (let count = 0; count < 4; count++) await make();
  const right = await recountSeats(app, id);
  t.same([right.differs, right.people.employee, right.kept.employee], [false, { billed: 4, unbilled: 0 }, { billed: 4, unbilled: 0 }]);
  await mendSeats(operator(app), id, right);
  t.same(await auditOf(app, id, { on: id }).then((entries) => entries.map(({ action }) => action)), ['tenant.create'], 'nothing to set right');

  const people = store.collections.resources(store.registry.type('User'));
  await people.deleteOne({ _id: made[0] ?? '', t: id });
  await people.updateOne({ _id: made[1] ?? '', t: id }, { $set: { 'a.active': false } });
  at('2026-01-06T09:00:00Z');
  const found = await recountSeats(app, id);
  t.same([found.differs, found.people.employee, found.kept.employee], [true, { billed: 2, unbilled: 1 }, { billed: 4, unbilled: 0 }]);
  t.same((await ask()).body.now.employee, { billed: 4, unbilled: 0 }, 'looking changes nothing');
  // Others go on meanwhile: the difference stays what it was.
  await make();
  await foldSeats(store);
  const mended = await Promise.allSettled([1, 2, 3].map(() => mendSeats(operator(app), id, found)));
  t.equal(mended.filter(({ status }) => status === 'fulfilled').length, 1);
  t.match(mended.find((one) => one.status === 'rejected')?.reason, { status: 409 }, 'once for all who have found the same');
  t.same((await ask()).body.now.employee, { billed: 3, unbilled: 1 });
  t.equal((await recountSeats(app, id)).differs, false);
  t.match((await ask()).body.days, [{ day: '2026-01-05', joined: { employee: 4 }, left: { employee: 0 } }, { day: '2026-01-06', billed: { employee: 3 }, joined: { employee: 1 }, left: { employee: 0 }, corrected: { employee: -2, external: 0 } }]);
  t.notOk('corrected' in (await ask()).body.days[0]);
  t.match((await auditOf(app, id, { on: id })).at(-1), { action: 'seats.mend', on: { type: 'Tenant' }, changed: ['employee'], values: { employee: { billed: -2, unbilled: 1 } } });
  await people.deleteOne({ _id: made[2] ?? '', t: id });
  await mendSeats(operator(app), id, await recountSeats(app, id));
  t.equal((await recountSeats(app, id)).differs, false, 'a second time');
});
