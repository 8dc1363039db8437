/** Hire and leave dates: J10, L1, L4, L5 and their combinations, over SCIM, with the worker's own task. */
import t from 'tap';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { actOnDates, tellOfLeavers } from '../../src/accounts/leavers.ts';
import type { Json } from '../../src/scim/json.ts';
import { createLog } from '../../src/log.ts';
import { DAY_MS, patchBody, unique, userBody } from '../helpers/app.ts';
import { ACCOUNT, HOUR, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, call, clock, get, mailsTo, session, sessionLives, somebody, status, store, tenants, makeClient, policy } = world;
const surroundings = { store, registry: store.registry, behaviours: accountBehaviours, config: world.config, now: () => clock.now, log: createLog({ level: 'silent' }) };
const work = () => actOnDates(surroundings);
const leaveOn = (id: string, value: Json, token = world.manager) => call('PATCH', `/Users/${id}`, patchBody({ op: 'add', path: `${ACCOUNT}:leaveDate`, value }), { token });
const day = (days: number) => new Date(clock.now.getTime() + days * DAY_MS).toISOString().slice(0, 10);
const until = (time: string) => {
  clock.now = new Date(time);
};

t.test('J10: the date is the last day with access, in the zone of the person', async (t) => {
  const person = await active({ timezone: 'Europe/Amsterdam' });
  const cookie = await session(person);
  const answer = await leaveOn(person.id, '2030-01-09');
  t.match(answer.body[ACCOUNT], { leaveDate: '2030-01-09', leavesAt: '2030-01-09T23:00:00.000Z', status: 'active' });
  until('2030-01-09T22:59:00.000Z');
  t.equal(await work(), 0);
  const late = await session(person);
  t.notOk(cookie === late);
  until('2030-01-09T23:00:00.000Z');
  t.equal(await work(), 1);
  t.equal(await status(person.id), 'deactivated');
  t.notOk(await sessionLives(late), 'sessions end with it');
  t.equal(await work(), 0);
  t.equal(await audit(person.id, 'leave'), 1);
  t.same((await get(person.id))[ACCOUNT].leaveDate, '2030-01-09', 'data stay');
});

t.test('J10: any number of workers act once', async (t) => {
  const people = await Promise.all(Array.from({ length: 8 }, () => active()));
  for (const { id } of people) await leaveOn(id, day(1));
  advance(3 * DAY_MS);
  const done = await Promise.all(Array.from({ length: 4 }, work));
  t.equal(done.reduce((sum, one) => sum + one, 0), 8);
  for (const { id } of people) t.equal(await audit(id, 'leave'), 1);
});

t.test('J10: whoever is held by a worker that was killed has their turn later, and everybody behind them now', async (t) => {
  const [held, other] = [await active(), await active()];
  await leaveOn(held.id, day(1));
  await leaveOn(other.id, day(1));
  advance(3 * DAY_MS);
  // What a worker leaves that is killed between writing and the commit.
  const dead = store.startSession();
  dead.startTransaction();
  await store.collections.resources(store.registry.type('User')).updateOne({ _id: held.id, t: tenants.own }, { $inc: { v: 1 } }, { session: dead });
  t.equal(await work(), 1);
  t.same([await status(held.id), await status(other.id)], ['active', 'deactivated']);
  await dead.abortTransaction();
  await dead.endSession();
  t.equal(await work(), 1);
  t.same([await audit(held.id, 'leave'), await audit(other.id, 'leave')], [1, 1]);
});

t.test('J10: a date already over acts at once; the policy may call the date the first day gone', async (t) => {
  const person = await active();
  const answer = await leaveOn(person.id, day(-1));
  t.equal(answer.body[ACCOUNT].status, 'deactivated');
  t.equal(answer.body.active, false);
  const other = await active();
  t.equal((await leaveOn(other.id, day(0))).body[ACCOUNT].status, 'active', 'today is the last day');
  await policy({ leaveDay: 'firstGone' });
  await work();
  t.equal(await status(other.id), 'deactivated', 'the policy decides when it acts, also of dates set before');
  await policy({ leaveDay: null });
});

t.test('L4: what a date may look like, and what clears it', async (t) => {
  const person = await active({ timezone: 'America/New_York' });
  for (const [given, kept] of [['2031-03-01', '2031-03-01'], ['2031-03-02+02:00', '2031-03-02'], ['2031-03-03Z', '2031-03-03'], ['2031-03-05T02:00:00Z', '2031-03-04'], ['2031-03-05T09:00:00+01:00', '2031-03-05'], ['', undefined], ['2031-03-01', '2031-03-01'], ['9999-12-31', undefined], ['2031-03-01', '2031-03-01'], ['9999-12-31T00:00:00Z', undefined]] as const) {
    const answer = await leaveOn(person.id, given);
    t.match([answer.status, answer.body[ACCOUNT]?.leaveDate], [200, kept], given);
  }
  const before = await get(person.id);
  for (const given of ['tomorrow', '2031-02-30', '31-12-2031', '2031-13-01', '20310301', '2031-03-01T99:00:00Z', 'T1']) {
    t.match((await leaveOn(person.id, given)).body, { status: '400', scimType: 'invalidValue', detail: /leaveDate must be a day/ }, given);
  }
  t.same(await get(person.id), before);
});

t.test('L4: moved by HR after it acted, it is stored and nobody is revived; reactivating clears it, and a repetition sets it no more', async (t) => {
  const hr = (await makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT] })).token;
  const body = (leaveDate: string, isActive: boolean) => userBody({ userName: person.address, active: isActive, [ACCOUNT]: { leaveDate, signInMethod: 'password' } });
  const person = await active();
  const put = async (leaveDate: string, isActive: boolean) => (await call('PUT', `/Users/${person.id}`, body(leaveDate, isActive), { token: hr })).body;
  const past = day(-2);
  t.equal((await put(past, true)).active, false);
  t.match(await put(day(100), true), { active: false, [ACCOUNT]: { leaveDate: day(100) } }, 'stored, and the repeated true revives nobody');
  await put(past, true);
  t.equal((await api('POST', `/users/${person.id}/reactivate`)).status, 204);
  t.same([await status(person.id), (await account(person.id)).leaveDate], ['active', undefined]);
  t.equal((await put(past, true)).active, true, 'what HR only repeats is no assertion');
  t.equal((await put(day(-1), true)).active, false, 'another date is one');
});

t.test('L5: a PUT that only repeats the earlier true revives nobody; false and then true does', async (t) => {
  const client = (await makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT] })).token;
  const userName = unique('rehire');
  const made = (await call('POST', '/Users', userBody({ userName, active: true }), { token: client })).body;
  const put = async (isActive: boolean) => (await call('PUT', `/Users/${made.id}`, userBody({ userName, active: isActive }), { token: client })).body.active;
  await api('POST', `/users/${made.id}/deactivate`);
  t.equal(await put(true), false);
  t.equal(await put(false), false);
  t.equal(await put(true), true);
  await api('POST', `/users/${made.id}/deactivate`);
  await call('PATCH', `/Users/${made.id}`, patchBody({ op: 'replace', path: 'title', value: 'x' }), { token: client });
  t.equal(await put(true), false, 'a PATCH of something else says nothing about it');
  t.equal((await call('PATCH', `/Users/${made.id}`, patchBody({ op: 'replace', path: 'active', value: true }), { token: client })).body.active, true, 'a PATCH that names it asserts');
});

t.test('L1: a hire date ahead: inactive until that day, invited on it where the client invites', async (t) => {
  const client = (await makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT], settings: { signInMethod: 'invite' } })).token;
  const person = await somebody({ [ACCOUNT]: { hireDate: day(10) } }, client);
  t.match(await get(person.id), { active: false, [ACCOUNT]: { status: 'deactivated', hireDate: day(10), hiresAt: `${day(10)}T00:00:00.000Z` } });
  t.same(await mailsTo(person), []);
  advance(9 * DAY_MS);
  t.equal(await work(), 0);
  advance(2 * DAY_MS);
  t.equal(await work(), 1);
  t.match(await get(person.id), { active: true, [ACCOUNT]: { status: 'invited' } });
  t.same((await mailsTo(person)).map(({ kind }) => kind), ['invitation']);
  t.equal(await work(), 0);
});

t.test('L1: whoever does not come after all is not activated; an earlier day acts at once', async (t) => {
  const person = await somebody({ [ACCOUNT]: { hireDate: day(10) } });
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'active', value: false }), as);
  advance(11 * DAY_MS);
  t.equal(await work(), 0);
  t.equal(await status(person.id), 'deactivated');
  const early = await somebody({ [ACCOUNT]: { hireDate: day(10) } });
  t.equal((await get(early.id)).active, false);
  const moved = await call('PATCH', `/Users/${early.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:hireDate`, value: day(0) }), as);
  t.equal(moved.body.active, true);
});

t.test('L1: whoever was to be invited on the first day is invited when that is moved to today, by PATCH or PUT', async (t) => {
  const client = (await makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT], settings: { signInMethod: 'invite' } })).token;
  for (const method of ['PATCH', 'PUT']) {
    const person = await somebody({ [ACCOUNT]: { hireDate: day(10) } }, client);
    const moved = { ...(await call('GET', `/Users/${person.id}`, undefined, { token: client })).body, active: true };
    const body = method === 'PATCH' ? patchBody({ op: 'replace', path: `${ACCOUNT}:hireDate`, value: day(0) }) : { ...moved, [ACCOUNT]: { ...moved[ACCOUNT], hireDate: day(0) } };
    const answer = await call(method, `/Users/${person.id}`, body, { token: client });
    t.match(answer.body, { active: true, [ACCOUNT]: { status: 'invited' } }, method);
    t.same((await mailsTo(person)).map(({ kind }) => kind), ['invitation'], `${method}: one mail`);
    t.equal(await work(), 0, 'and the worker has nothing to do');
  }
});

t.test('L1: a PUT that repeats the record of somebody who waits for the first day writes nothing', async (t) => {
  const client = (await makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT], settings: { signInMethod: 'invite' } })).token;
  const body = userBody({ userName: unique('waits'), active: true, [ACCOUNT]: { hireDate: day(10), signInMethod: 'password' } });
  const { id } = (await call('POST', '/Users', body, { token: client })).body;
  const before = await world.everything();
  const answer = await call('PUT', `/Users/${id}`, body, { token: client });
  t.match(answer.body, { active: false, [ACCOUNT]: { hireDate: day(10) } });
  t.same(await world.everything(), before, 'no version, no entry, and nothing that was given out ends');
  const moved = await call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:hireDate`, value: day(12) }), { token: client });
  t.match(moved.body[ACCOUNT], { hireDate: day(12), hiresAt: `${day(12)}T00:00:00.000Z` });
});

t.test('L5: whoever was invited, left, and comes back with a first day ahead is there on that day, and so is everybody behind them', async (t) => {
  const client = (await makeClient(tenants.own, { scopes: ['*'], shows: [ACCOUNT], settings: { signInMethod: 'invite', onRehire: 'adopt' } })).token;
  const [invited, newcomer] = [await somebody({}, client), await somebody({ [ACCOUNT]: { hireDate: day(3) } }, client)];
  await api('POST', `/users/${invited.id}/deactivate`);
  const hireDate = day(2);
  const back = await call('POST', '/Users', userBody({ userName: invited.address, emails: [{ value: invited.address, primary: true }], [ACCOUNT]: { hireDate, signInMethod: 'password' } }), { token: client });
  t.match([back.status, back.body.id, back.body.active], [201, invited.id, false]);
  advance(4 * DAY_MS);
  t.equal(await work(), 2);
  t.match(await get(invited.id), { active: true, [ACCOUNT]: { status: 'invited' } });
  t.equal(await status(newcomer.id), 'invited');
  t.equal((await mailsTo(invited)).length, 1, 'the dead link is not followed by another one by itself, as when they are reactivated');
});

t.test('Combinations: deactivated by hand before the date: nothing, and no second entry', async (t) => {
  const person = await active();
  await leaveOn(person.id, day(1));
  await api('POST', `/users/${person.id}/deactivate`);
  advance(3 * DAY_MS);
  t.equal(await work(), 0);
  t.equal(await audit(person.id, 'leave'), 0);
});

t.test('Combinations: the link of an invitation ends with the leave date', async (t) => {
  const person = await somebody();
  await leaveOn(person.id, day(0));
  await api('POST', `/users/${person.id}/invitation`, {});
  const { invitation, leavesAt } = await account(person.id);
  t.equal(invitation.expiresAt.slice(0, 16), leavesAt.slice(0, 16));
  t.ok(Date.parse(invitation.expiresAt) - clock.now.getTime() < 24 * HOUR);
});

t.test('J10: manager and administrators are told once for each date; who leaves is on the list', async (t) => {
  const manager = await active();
  const person = await active({ 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { manager: { value: manager.id } } });
  await leaveOn(person.id, day(5));
  await Promise.all([tellOfLeavers(surroundings), tellOfLeavers(surroundings)]);
  await tellOfLeavers(surroundings);
  t.same((await mailsTo(manager)).map(({ kind }) => kind), ['leaveNotice']);
  await leaveOn(person.id, day(6));
  await tellOfLeavers(surroundings);
  t.equal((await mailsTo(manager)).length, 2, 'another date is told of');
  const { body } = await api('GET', '/leavers?days=30');
  t.ok(body.leavers.some(({ id, lastDay }: { id: string; lastDay: string }) => id === person.id && lastDay === day(6)));
  t.notOk((await api('GET', '/leavers?days=2')).body.leavers.some(({ id }: { id: string }) => id === person.id));
});
