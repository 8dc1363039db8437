/** Sign-in and sessions: J7, S7, S11. What a stranger learns, what a cookie is good for, and when it ends. */
import t from 'tap';
import { setTenantState } from '../../src/tenancy/tenants.ts';
import { DAY_MS, startApp, userBody } from '../helpers/app.ts';
import { ACCOUNT, cookieOf, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, SECOND, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, browser, call, choose, clock, credential, invited, policy, session, sessionLives, signIn, somebody, wrong } = world;
const anonymous = { token: '' };

t.test('J7: unknown, wrong, locked, deactivated, invited, with no account or with one elsewhere: all told alike', async (t) => {
  const [known, locked, gone, waiting, contact, elsewhere] = [await active(), await active(), await active(), await invited(), await somebody(), await somebody({ [ACCOUNT]: { signInMethod: 'sso' } })];
  await wrong(locked, 3);
  await api('POST', `/users/${gone.id}/deactivate`);
  const answers = [];
  const pages = [];
  for (const [name, password] of [
    ['nobody@people.example', PASSWORD], [known.address, 'wrong'], [locked.address, PASSWORD], [locked.address, 'wrong'], [gone.address, PASSWORD], [waiting.address, PASSWORD],
    [contact.address, PASSWORD], [elsewhere.address, PASSWORD], ['', PASSWORD], [known.address, ''], [known.address, 'x'.repeat(5000)], ['a\u0000b', PASSWORD], ['x'.repeat(2000), PASSWORD],
  ] as const) {
    const { status, headers, text } = await signIn(name, password);
    answers.push(JSON.stringify([status, headers['set-cookie'], Object.keys(headers), text]));
    // The page shows what was typed: what is no name at all looks otherwise.
    if (!name.includes('@')) continue;
    const page = await browser().post('/sign-in', { name, password });
    pages.push(JSON.stringify([page.status, page.location, page.text.replaceAll(/name="csrf" value="[^"]*"/g, '').replaceAll(name, '')]));
    await policy({ lockoutAttempts: 100 });
  }
  await policy({ lockoutAttempts: null });
  t.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
  t.same([...new Set(pages)], pages.slice(0, 1));
  t.match(answers[0], /^\[401,null,/);
});

t.test('J7: the cookie of a session', async (t) => {
  const person = await active();
  const { headers } = await signIn(person.address, PASSWORD);
  t.match(headers['set-cookie'], /^__Host-rollcall=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  const token = cookieOf(headers).split('=')[1] ?? '';
  t.notMatch(JSON.stringify(await world.everything()), token, 'nothing in the database is the cookie');
  t.notOk(await sessionLives(`__Host-rollcall=${token.slice(0, -1)}`));
  t.notOk(await sessionLives(`rollcall=${token}`), 'without the prefix it is not believed');
});

t.test('J7: the cookie on plain http', async (t) => {
  const plain = await startApp(t, import.meta.url, { publicUrl: 'http://rollcall.example:8080' });
  const token = (await plain.makeClient(plain.tenants.own, { settings: { signInMethod: 'none' } })).token;
  await plain.call('POST', '/Users', userBody({ userName: 'plain@people.example', password: PASSWORD }), { token });
  const { headers } = await plain.app.inject({ method: 'POST', url: '/api/v1/sign-in', headers: { 'content-type': 'application/json' }, payload: JSON.stringify({ name: 'plain@people.example', password: PASSWORD }) });
  t.match(headers['set-cookie'], /^rollcall=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
});

t.test('J7: a session ends after half an hour without a request', async (t) => {
  const cookie = await session(await active());
  for (let time = 0; time < 3; time++) {
    advance(29 * MINUTE);
    t.ok(await sessionLives(cookie), 'each request keeps it');
    await world.store.settled();
  }
  advance(30 * MINUTE + 1);
  t.notOk(await sessionLives(cookie));
  advance(-20 * MINUTE);
  t.ok(await sessionLives(cookie), 'a clock that goes back is the same clock: nothing was written');
});

t.test('J7: a session ends after twelve hours, however busy', async (t) => {
  const cookie = await session(await active());
  for (let time = 0; time < 35; time++) {
    advance(20 * MINUTE);
    if (!(await sessionLives(cookie))) t.fail(`over after ${time}`);
    await world.store.settled();
  }
  advance(20 * MINUTE - 1);
  t.ok(await sessionLives(cookie));
  advance(1);
  t.notOk(await sessionLives(cookie));
});

t.test('J7: sign out here, there, everywhere', async (t) => {
  const [person, other] = [await active(), await active()];
  const [one, two, three, others] = [await session(person), await session(person), await session(person), await session(other)];
  const list = async (cookie: string) => (await api('GET', '/sessions', undefined, { ...anonymous, cookie })).body.sessions;
  t.equal((await list(one)).length, 3);
  t.same((await list(one)).filter(({ current }: { current: boolean }) => current).length, 1);
  const [foreign] = await list(others);
  t.equal((await api('DELETE', `/sessions/${foreign.id}`, undefined, { ...anonymous, cookie: one })).status, 404, 'not those of others');
  t.ok(await sessionLives(others));
  const ended = (await list(two)).find(({ current }: { current: boolean }) => current);
  t.equal((await api('DELETE', `/sessions/${ended.id}`, undefined, { ...anonymous, cookie: one })).status, 204);
  t.same([await sessionLives(one), await sessionLives(two), await sessionLives(three)], [true, false, true]);
  t.equal((await api('DELETE', '/sessions', undefined, { ...anonymous, cookie: one })).status, 204);
  t.same([await sessionLives(one), await sessionLives(three), await sessionLives(others)], [false, false, true]);
  t.equal((await api('DELETE', '/sessions', undefined, anonymous)).status, 401);
  t.equal((await api('GET', '/sessions')).status, 401, 'a token of a client is no session');
});

t.test('J7: the page signs in, shows the sessions, and signs out', async (t) => {
  const person = await active();
  const visitor = browser();
  t.equal((await visitor.get('/account')).location, '/sign-in?next=/account');
  const entered = await visitor.post('/sign-in', { name: person.address, password: PASSWORD, next: '/account' });
  t.same([entered.status, entered.location], [303, '/account']);
  const account = await visitor.get('/account');
  t.match([account.status, account.text], [200, person.address]);
  const out = await visitor.post('/account/sign-out');
  t.same([out.status, out.location, visitor.cookies.has('__Host-rollcall')], [303, '/sign-in', false]);
  t.equal((await visitor.get('/account')).status, 303);
});

t.test('J7: a range of addresses that tries too often waits; others do not', async (t) => {
  const person = await active();
  const attempts = await Promise.all(Array.from({ length: 25 }, (_, at) => signIn('nobody', 'x', { from: `192.0.2.${at}` })));
  t.same(attempts.map(({ status }) => status).sort(), [...Array.from({ length: 20 }, () => 401), ...Array.from({ length: 5 }, () => 429)]);
  t.match(attempts.find(({ status }) => status === 429)?.headers['retry-after'], /^[1-9]\d*$/);
  const throttled = await signIn(person.address, PASSWORD, { from: '192.0.2.200' });
  t.same([throttled.status, throttled.headers['set-cookie']], [429, undefined]);
  t.equal((await signIn(person.address, PASSWORD, { from: '::ffff:192.0.2.7' })).status, 429, 'the same range, written otherwise');
  t.equal((await signIn(person.address, PASSWORD, { from: '192.0.3.1' })).status, 200);
  const page = await browser('192.0.2.1').post('/sign-in', { name: person.address, password: PASSWORD });
  t.same([page.status, /^[1-9]\d*$/.test(String(page.headers['retry-after']))], [429, true], 'the page counts with it');
  t.match(page.text, /<form[^>]+action="\/sign-in"/);
  advance(SECOND);
  t.equal((await signIn(person.address, PASSWORD, { from: '192.0.2.1' })).status, 200);
  t.equal((await credential(person.id))?.failures, 0, 'what was not looked at is no guess');
  await Promise.all(Array.from({ length: 20 }, (_, at) => signIn('nobody', 'x', { from: `2001:db8:1:2::${at}` })));
  t.same([(await signIn('nobody', 'x', { from: '2001:db8:1:2:ffff::1' })).status, (await signIn('nobody', 'x', { from: '2001:db8:1:3::1' })).status], [429, 401], 'a /64 is one household');
});

t.test('J7: a suspended tenant lets nobody in, and comes back with its people', async (t) => {
  const person = await active();
  const cookie = await session(person);
  const doing = { store: world.store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined } as const;
  await setTenantState(doing, world.tenants.own, 'suspended');
  advance(SECOND);
  t.notOk(await sessionLives(cookie));
  t.equal((await signIn(person.address, PASSWORD)).status, 404);
  t.equal((await browser().get('/sign-in')).status, 404);
  await setTenantState(doing, world.tenants.own, 'active');
  advance(SECOND);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
});

t.test('J7: a person of another tenant is nobody here', async (t) => {
  const token = (await world.makeClient(world.tenants.other, { settings: { signInMethod: 'none' } })).token;
  await call('POST', '/Users', userBody({ userName: 'elsewhere@people.example', password: PASSWORD }), { token });
  t.equal((await signIn('elsewhere@people.example', PASSWORD)).status, 401);
  const there = await api('POST', '/sign-in', { name: 'elsewhere@people.example', password: PASSWORD, tenant: 'other' }, anonymous);
  t.equal(there.status, 200);
  t.equal((await api('POST', '/sign-in', { name: 'elsewhere@people.example', password: PASSWORD, tenant: 'no-such' }, anonymous)).status, 404);
});

t.test('S7: after 90 days no session before a new password', async (t) => {
  const person = await active();
  const cookie = await session(person);
  advance(90 * DAY_MS - 1);
  t.equal((await signIn(person.address, PASSWORD)).body.next, 'none', 'not a moment earlier');
  advance(1);
  const due = await signIn(person.address, PASSWORD);
  t.same([due.status, due.body.next, due.headers['set-cookie']], [200, 'renew', undefined]);
  t.notOk(await sessionLives(`__Host-rollcall=${due.body.token}`), 'the step is no session');
  t.equal((await api('POST', '/second-factor', { token: due.body.token, code: '000000' }, anonymous)).status, 410, 'nor another step');
  t.same((await choose(due.body.token, PASSWORD)).body, { broken: ['history'] });
  advance(15 * MINUTE);
  t.equal((await choose(due.body.token, OTHER_PASSWORD)).status, 410, 'a step lives a quarter of an hour');
  const again = (await signIn(person.address, PASSWORD)).body.token;
  advance(15 * MINUTE - 1);
  t.equal((await choose(again, OTHER_PASSWORD)).status, 200);
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(person.address, OTHER_PASSWORD)).body.next], [401, 'none']);
  t.notOk(await sessionLives(cookie), 'sessions of before are over');
  t.same((await world.mailsTo(person)).map(({ kind }) => kind), ['passwordChanged']);
});

t.test('S7: the page leads to the renewal', async (t) => {
  const person = await active();
  advance(90 * DAY_MS);
  const visitor = browser();
  const sent = await visitor.post('/sign-in', { name: person.address, password: PASSWORD });
  t.same([sent.status, sent.location, visitor.cookies.has('__Host-rollcall')], [303, '/renew', false]);
  t.equal((await visitor.get('/account')).status, 303, 'nothing else opens');
  t.match(await visitor.get('/renew'), { status: 200, text: 'name="password"' });
  t.match(await visitor.post('/renew', { password: 'short' }), { status: 422 });
  t.match(await visitor.post('/renew', { password: OTHER_PASSWORD }), { status: 200, text: 'href="/sign-in"' });
  t.equal((await visitor.post('/renew', { password: 'yet another sentence' })).location, '/sign-in', 'once');
  t.equal((await visitor.post('/sign-in', { name: person.address, password: OTHER_PASSWORD })).location, '/account');
});

t.test('S7: the policy decides, and 0 is never', async (t) => {
  const person = await active();
  await policy({ passwordDays: 0 });
  t.teardown(() => policy({ passwordDays: null }));
  advance(3650 * DAY_MS / 10);
  t.equal((await signIn(person.address, PASSWORD)).body.next, 'none');
  await policy({ passwordDays: 1 });
  t.equal((await signIn(person.address, PASSWORD)).body.next, 'renew');
  await policy({ passwordDays: 1000 });
  advance(HOUR);
  t.equal((await signIn(person.address, PASSWORD)).body.next, 'none');
});
