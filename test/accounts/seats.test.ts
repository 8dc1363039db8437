/** J1 and S11: who is billed and who is not, whatever brought it about, as a machine reads it. */
import t, { type Test } from 'tap';
import { inviteAdministrator } from '../../src/accounts/administrators.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { actOnDates } from '../../src/accounts/leavers.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { createLog } from '../../src/log.ts';
import { policyOf } from '../../src/policy.ts';
import { foldSeats } from '../../src/store/seat-counts.ts';
import type { Json } from '../../src/scim/json.ts';
import { DAY_MS, groupBody, patchBody, unique, userBody } from '../helpers/app.ts';
import { ACCOUNT, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, as, call, clock, config, invited, registry, somebody, status, store, tenants, wrong } = world;
const patch = (id: string, ...operations: Json[]) => call('PATCH', `/Users/${id}`, patchBody(...operations), as);
const bulk = (...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, as);
const now = async () => (await api('GET', '/seats')).body.now;
const today = async () => (await api('GET', '/seats')).body.days.at(-1);
const waiting = () => store.collections.seatDeltas.countDocuments({ t: tenants.own });
const population = (name: string) => ({ [ACCOUNT]: { population: name } });

/** Runs what must change the counts of a population by so much, at once and after the worker was there. */
async function changes(t: Test, what: string, act: () => Promise<unknown>, expected: Readonly<Record<string, { readonly billed: number; readonly unbilled: number }>>): Promise<void> {
  const before = await now();
  await act();
  for (const when of ['at once', 'folded']) {
    const after = await now();
    for (const [name, { billed, unbilled }] of Object.entries<{ billed: number; unbilled: number }>(after)) {
      const { billed: more, unbilled: others } = expected[name] ?? { billed: 0, unbilled: 0 };
      t.same({ billed: billed - before[name].billed, unbilled: unbilled - before[name].unbilled }, { billed: more, unbilled: others }, `${what}: ${name}, ${when}`);
    }
    await foldSeats(store);
    t.equal(await waiting(), 0);
  }
}
const employee = (billed: number, unbilled: number) => ({ employee: { billed, unbilled } });

t.test('J1: without an account, invited, active and locked are billed, deactivated is not', async (t) => {
  await changes(t, 'none', () => somebody(), employee(1, 0));
  await changes(t, 'invited', () => invited(), employee(1, 0));
  await changes(t, 'active', () => active(), employee(1, 0));
  await changes(t, 'locked', async () => {
    const person = await active();
    await wrong(person, 3);
    t.equal(await status(person.id), 'locked');
  }, employee(1, 0));
  await changes(t, 'made deactivated', () => somebody({ active: false }), employee(0, 1));
  await changes(t, 'made and deactivated', async () => patch((await somebody()).id, { op: 'replace', path: 'active', value: false }), employee(0, 1));
});

const leave: Readonly<Record<string, (person: Somebody) => Promise<{ readonly status: number; readonly text: string }>>> = {
  'the API': ({ id }) => api('POST', `/users/${id}/deactivate`),
  PATCH: ({ id }) => patch(id, { op: 'replace', path: 'active', value: false }),
  PUT: ({ id, address }) => call('PUT', `/Users/${id}`, userBody({ userName: address, active: false }), as),
  Bulk: ({ id }) => bulk({ method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'active', value: false }) }),
};
for (const [route, act] of Object.entries(leave)) {
  t.test(`S11: whoever is deactivated is not counted as an active account, by ${route}`, async (t) => {
    const person = await active();
    await changes(t, 'deactivated', async () => t.ok((await act(person)).status < 300), employee(-1, 1));
    await changes(t, 'deactivated again', () => act(person), {});
    await changes(t, 'back', () => api('POST', `/users/${person.id}/reactivate`), employee(1, -1));
    await changes(t, 'deleted', () => call('DELETE', `/Users/${person.id}`, undefined, as), employee(-1, 0));
  });
}

t.test('J1: other populations are counted apart, and whoever moves is counted where they are', async (t) => {
  for (const name of ['external', 'portal', 'contact']) {
    let person: Somebody | undefined;
    await changes(t, `made as ${name}`, async () => (person = await somebody(population(name))), { [name]: { billed: 1, unbilled: 0 } });
    const { id } = person ?? { id: '' };
    await changes(t, `${name} becomes an employee`, () => patch(id, { op: 'replace', path: `${ACCOUNT}:population`, value: 'employee' }), { [name]: { billed: -1, unbilled: 0 }, ...employee(1, 0) });
    await changes(t, 'deactivated in the same step as moved back', () => patch(id, { op: 'replace', path: `${ACCOUNT}:population`, value: name }, { op: 'replace', path: 'active', value: false }), { [name]: { billed: 0, unbilled: 1 }, ...employee(-1, 0) });
    await changes(t, 'deleted', () => call('DELETE', `/Users/${id}`, undefined, as), { [name]: { billed: 0, unbilled: -1 } });
  }
});

t.test('J1: an account of the console alone takes no seat, a member of the administrators does', async (t) => {
  const tenant = { id: tenants.own, name: 'default', policy: policyOf({}) };
  const context = systemContext({ store, registry, behaviours: accountBehaviours, config, now: () => clock.now, log: createLog({ level: 'silent' }) }, { tenant, actor: { kind: 'system', id: 'test' }, requestId: '', from: undefined });
  await changes(t, 'an administrator of the console', () => inviteAdministrator(context, { userName: unique('root') }), {});
  t.equal(await waiting(), 0);
  const person = await somebody();
  await changes(t, 'in a group', () => call('POST', '/Groups', groupBody({ members: [{ value: person.id }] }), as), {});
});

t.test('J1, J10, L1: a leave date ahead is billed until it has come, a hire date ahead is not before', async (t) => {
  const surroundings = { store, registry, behaviours: accountBehaviours, config, now: () => clock.now, log: createLog({ level: 'silent' }) };
  const day = (days: number) => new Date(clock.now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
  let leaver: Somebody | undefined;
  await changes(t, 'made', async () => (leaver = await somebody()), employee(1, 0));
  const { id } = leaver ?? { id: '' };
  const setDate = (value: string) => patch(id, { op: 'add', path: `${ACCOUNT}:leaveDate`, value });
  const last = day(1);
  await changes(t, 'a leave date ahead', () => setDate(last), {});
  await changes(t, 'a hire date ahead', () => somebody({ [ACCOUNT]: { hireDate: last } }), employee(0, 1));
  const found = await today();
  advance(2 * DAY_MS);
  await changes(t, 'both have come', () => actOnDates(surroundings), employee(0, 0));
  await changes(t, 'nothing comes twice', () => actOnDates(surroundings), {});
  const { body: { days } } = await api('GET', `/seats?from=${found.day}`);
  t.same(days.map(({ day: one, joined, left }: { day: string; joined: { employee: number }; left: { employee: number } }) => [one, joined.employee, left.employee]), [
    [found.day, found.joined.employee, found.left.employee], [last, 0, 0], [day(0), 1, 1],
  ], 'on the day on which it was done');
});

t.test('J1: a bulk request is one delta, whose joiners and leavers are told apart', async (t) => {
  const people = [await somebody(), await somebody(), await somebody()];
  await foldSeats(store);
  const before = await today();
  await changes(t, 'three go, one is made, one cannot be made', async () => {
    const answer = await bulk(
      ...people.map(({ id }): Json => ({ method: 'PATCH', path: `/Users/${id}`, data: patchBody({ op: 'replace', path: 'active', value: false }) })),
      { method: 'POST', path: '/Users', bulkId: 'new', data: userBody() },
      { method: 'POST', path: '/Users', bulkId: 'unnamed', data: userBody({ userName: '' }) },
    );
    t.same(answer.body.Operations.map(({ status: code }: { status: string }) => code), ['200', '200', '200', '201', '400']);
    t.equal(await waiting(), 1);
  }, employee(-2, 3));
  const after = await today();
  t.same([after.joined.employee - before.joined.employee, after.left.employee - before.left.employee], [1, 3]);
  t.equal(after.highest.employee, before.highest.employee, 'all at once: the count was never higher');
});

t.test('no delta for what changes no seat, and none for what was refused', async (t) => {
  const person = await active();
  const gone = await somebody({ active: false });
  await foldSeats(store);
  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    'a title': () => patch(person.id, { op: 'replace', path: 'title', value: 'x' }),
    'active as it is': () => patch(person.id, { op: 'replace', path: 'active', value: true }),
    'a PUT of the same': () => call('PUT', `/Users/${person.id}`, userBody({ userName: person.address, displayName: 'changed' }), as),
    'a change of whoever is deactivated': () => patch(gone.id, { op: 'replace', path: 'title', value: 'y' }),
    'the population as it is': () => patch(person.id, { op: 'replace', path: `${ACCOUNT}:population`, value: 'employee' }),
    'a lock, an unlock': async () => {
      await wrong(person, 3);
      t.equal((await api('POST', `/users/${person.id}/unlock`)).status, 204);
    },
    'a group': () => call('POST', '/Groups', groupBody({ members: [{ value: person.id }] }), as),
    'a name that is taken': async () => t.equal((await call('POST', '/Users', userBody({ userName: person.address }), as)).status, 409),
    'a PATCH of which one part is wrong': async () => t.equal((await patch(person.id, { op: 'replace', path: 'active', value: false }, { op: 'replace', path: 'no-such', value: 1 })).status, 400),
    'an old version': async () => t.equal((await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: false }), { ...as, headers: { 'if-match': 'W/"1"' } })).status, 412),
    'nobody': async () => t.equal((await call('DELETE', '/Users/00000000-0000-7000-8000-000000000000', undefined, as)).status, 404),
  };
  const before = await now();
  for (const [what, act] of Object.entries(acts)) {
    advance(SECOND);
    await act();
    t.equal(await waiting(), 0, what);
  }
  t.same(await now(), before);
});

t.test('each of many at once counts once', async (t) => {
  const name = unique('wanted');
  await changes(t, 'one name for ten', () => Promise.all(Array.from({ length: 10 }, () => call('POST', '/Users', userBody({ userName: name }), as))), employee(1, 0));
  const person = await active();
  await changes(t, 'ten deactivate one', () => Promise.all(Array.from({ length: 10 }, (_, index) => (index % 2 ? api('POST', `/users/${person.id}/deactivate`) : patch(person.id, { op: 'replace', path: 'active', value: false })))), employee(-1, 1));
  await changes(t, 'ten delete one', () => Promise.all(Array.from({ length: 10 }, () => call('DELETE', `/Users/${person.id}`, undefined, as))), employee(0, -1));
});
