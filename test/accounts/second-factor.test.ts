/** The second factor: J5. Enrolled on the page, asked at every sign-in, each code once, before a renewal, and taken away by an administrator alone. */
import { Secret, TOTP } from 'otpauth';
import t from 'tap';
import { DAY_MS, patchBody } from '../helpers/app.ts';
import type { Browser } from './browser.ts';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, browser, call, choose, clock, database, everything, mailsTo, session, sessionLives, signIn, status, wrong } = world;
const codeOf = (secret: string, ms = 0) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: clock.now.getTime() + ms });
const secretIn = (html: string) => Array.from(/id="secret"[^>]*>(.*?)<\/code>/s.exec(html)?.[1]?.matchAll(/<span>([A-Z2-7]+) ?<\/span>/g) ?? [], ([, group]) => group).join('');
const enter = (visitor: Browser, { address }: Somebody, password = PASSWORD) => visitor.post('/sign-in', { name: address, password });
const second = (token: string, code: string) => api('POST', '/second-factor', { token, code }, { token: '' });

async function required(): Promise<Somebody> {
  const person = await active();
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:twoFactorRequired`, value: true }), as);
  return person;
}

async function enrolled() {
  const person = await required();
  const visitor = browser();
  await enter(visitor, person);
  const secret = secretIn((await visitor.get('/enrol')).text);
  const done = await visitor.post('/enrol', { code: codeOf(secret) });
  if (done.status !== 200) throw new Error(`${done.status} ${done.text}`);
  const codes = Array.from(done.text.matchAll(/<li><code>([a-z0-9-]{11})<\/code>/g), ([, code = '']) => code);
  advance(MINUTE);
  return { ...person, secret, codes };
}

t.test('J5: required, the first sign-in leads to the enrolment and gives no session before it', async (t) => {
  const person = await required();
  const visitor = browser();
  const sent = await enter(visitor, person);
  t.same([sent.location, visitor.cookies.has('__Host-rollcall')], ['/enrol', false]);
  t.equal((await visitor.get('/account')).status, 303);
  const page = await visitor.get('/enrol');
  t.equal(page.status, 200);
  const secret = secretIn(page.text);
  t.equal(secret.length, 32);
  t.notMatch(JSON.stringify(await database.collection('credentials').find().toArray()), secret, 'it is sealed in the database');
  const wrongCode = await visitor.post('/enrol', { code: codeOf(secret, 10 * MINUTE) });
  t.same([wrongCode.status, secretIn(wrongCode.text), visitor.cookies.has('__Host-rollcall')], [422, secret, false], 'the same secret again');
  t.equal((await account(person.id)).twoFactorEnrolled, undefined);
  const done = await visitor.post('/enrol', { code: codeOf(secret) });
  t.equal(done.status, 200);
  const codes = done.text.match(/<li><code>[a-z0-9]{5}-[a-z0-9]{5}<\/code>/g) ?? [];
  t.equal(new Set(codes).size, 10);
  t.ok(visitor.cookies.has('__Host-rollcall'));
  t.equal((await visitor.get('/account')).status, 200);
  t.equal((await account(person.id)).twoFactorEnrolled, true);
  t.same([await audit(person.id, 'enrolSecondFactor'), (await visitor.get('/enrol')).location], [1, '/sign-in']);
  t.notMatch((await visitor.get('/account')).text, codes[0]?.slice(10, 21) ?? 'x', 'the codes are shown this once');
});

t.test('J5: a code is taken once, within its window', async (t) => {
  const person = await enrolled();
  const step = async () => (await signIn(person.address, PASSWORD)).body;
  const first = await step();
  t.equal(first.next, 'secondFactor');
  t.notOk(await sessionLives(`__Host-rollcall=${first.token}`));
  for (const ms of [-61 * SECOND, 61 * SECOND]) {
    const code = codeOf(person.secret, ms);
    if (![-30, 0, 30].some((seconds) => codeOf(person.secret, seconds * SECOND) === code)) t.match(await second(first.token, code), { status: 401 });
  }
  const code = codeOf(person.secret);
  const entered = await second(first.token, code);
  t.match([entered.status, String(entered.headers['set-cookie'])], [200, /^__Host-rollcall=/]);
  advance(20 * SECOND);
  const next = await step();
  t.equal((await second(next.token, code)).status, 401, 'a code that somebody has seen is worth nothing');
  advance(30 * SECOND);
  t.equal((await second(next.token, codeOf(person.secret, 29 * SECOND))).status, 200, 'a phone that is ahead');
  advance(2 * MINUTE);
  t.equal((await second((await step()).token, codeOf(person.secret, -29 * SECOND))).status, 200, 'or behind');
});

t.test('J5: one code at the same time in four places is one session', async (t) => {
  const person = await enrolled();
  const tokens: string[] = [];
  while (tokens.length < 4) tokens.push((await signIn(person.address, PASSWORD)).body.token);
  const before = await database.collection('sessions').countDocuments({ person: person.id });
  const code = codeOf(person.secret);
  const answers = await Promise.all(tokens.map((token) => second(token, code)));
  t.equal(answers.filter(({ status }) => status === 200).length, 1, answers.map(({ status }) => status).join());
  t.equal(await database.collection('sessions').countDocuments({ person: person.id }), before + 1);
});

t.test('J5: recovery codes, each once, however typed', async (t) => {
  const person = await enrolled();
  const [first = '', next = '', third = ''] = person.codes;
  const use = async (code: string) => {
    advance(MINUTE);
    return (await second((await signIn(person.address, PASSWORD)).body.token, code)).status;
  };
  t.same([await use(first), await use(first), await use(` ${next.toUpperCase().replace('-', ' ')} `), await use(next)], [200, 401, 200, 401]);
  const token = (await signIn(person.address, PASSWORD)).body.token;
  const other = (await signIn(person.address, PASSWORD)).body.token;
  advance(MINUTE);
  const answers = await Promise.all([second(token, third), second(other, third)]);
  t.same(answers.map(({ status }) => status).sort(), [200, 401]);
  t.notMatch(JSON.stringify(await database.collection('credentials').find().toArray()), person.codes[4] ?? 'x');
});

t.test('J5: codes are not guessed', async (t) => {
  const person = await enrolled();
  const { token } = (await signIn(person.address, PASSWORD)).body;
  const statuses = [];
  for (let guess = 0; guess < 8; guess++) statuses.push((await second(token, String(guess).padStart(6, '0'))).status);
  t.same(statuses.slice(5), [429, 429, 429]);
  const again = (await signIn(person.address, PASSWORD)).body.token;
  const throttled = await second(again, codeOf(person.secret));
  t.match([throttled.status, throttled.headers['retry-after']], [429, /^\d+$/], 'a new step is no new chance');
  const visitor = browser();
  await enter(visitor, person);
  const page = await visitor.post('/second-factor', { code: codeOf(person.secret) });
  t.match([page.status, page.headers['retry-after']], [429, /^[1-9]\d*$/], 'the page counts with it');
  advance(MINUTE);
  t.equal((await second(again, codeOf(person.secret))).status, 200);
  advance(MINUTE);
  t.equal((await signIn(person.address, PASSWORD)).body.next, 'secondFactor', 'nor do they lock the account');
  const before = await everything();
  for (const code of ['', '1234567', '１２３４５６', '12 34', 'x'.repeat(1000)]) t.equal((await second(again, code)).status, 410);
  t.same(await everything(), before);
});

t.test('J5: a step is for its own person and purpose, and lives a quarter of an hour', async (t) => {
  const [person, other] = [await enrolled(), await enrolled()];
  const { token } = (await signIn(person.address, PASSWORD)).body;
  t.equal((await second(token, codeOf(other.secret))).status, 401, 'another person\'s code');
  for (const path of ['/renew', '/enrol']) {
    const visitor = browser();
    visitor.cookies.set('__Host-step', token);
    t.equal((await visitor.get(path)).location, '/sign-in', path);
  }
  t.equal((await choose(token, OTHER_PASSWORD)).status, 410);
  advance(15 * MINUTE);
  t.equal((await second(token, codeOf(person.secret))).status, 410);
});

t.test('J5: what ends sessions ends the step; a lock does too', async (t) => {
  for (const [what, act] of [['deactivated', (id: string) => api('POST', `/users/${id}/deactivate`)], ['a new password', (id: string) => api('POST', `/users/${id}/password`, { password: OTHER_PASSWORD })]] as const) {
    const person = await enrolled();
    const { token } = (await signIn(person.address, PASSWORD)).body;
    t.equal((await act(person.id)).status, 204);
    t.equal((await second(token, codeOf(person.secret))).status, 410, what);
  }
  const person = await enrolled();
  const { token } = (await signIn(person.address, PASSWORD)).body;
  await wrong(person, 3);
  t.equal(await status(person.id), 'locked');
  t.not((await second(token, codeOf(person.secret))).status, 200, 'who is locked out does not get in by a step');
});

t.test('J5: second factor, then the renewal, and no session before both', async (t) => {
  const person = await enrolled();
  advance(90 * DAY_MS);
  const visitor = browser();
  t.equal((await enter(visitor, person)).location, '/second-factor');
  const half = await visitor.post('/second-factor', { code: codeOf(person.secret) });
  t.same([half.location, visitor.cookies.has('__Host-rollcall')], ['/renew', false]);
  t.equal((await visitor.post('/renew', { password: OTHER_PASSWORD })).status, 200);
  advance(MINUTE);
  t.equal((await enter(visitor, person, OTHER_PASSWORD)).location, '/second-factor');
  t.equal((await visitor.post('/second-factor', { code: codeOf(person.secret) })).location, '/account');

  advance(90 * DAY_MS);
  const over = await second((await signIn(person.address, OTHER_PASSWORD)).body.token, codeOf(person.secret));
  t.match([over.body?.next, over.headers['set-cookie']], ['renew', undefined], 'over the API too');
  t.equal((await choose(over.body?.token ?? '', 'a third sentence here')).status, 200);

  const newcomer = await required();
  advance(90 * DAY_MS);
  const fresh = browser();
  t.equal((await enter(fresh, newcomer)).location, '/enrol');
  await fresh.post('/enrol', { code: codeOf(secretIn((await fresh.get('/enrol')).text)) });
  t.notOk(fresh.cookies.has('__Host-rollcall'), 'nor at the enrolment');
});

t.test('J5: an administrator takes it away, the person is told, and enrols anew', async (t) => {
  const person = await enrolled();
  advance(MINUTE);
  const entered = await second((await signIn(person.address, PASSWORD)).body.token, codeOf(person.secret));
  const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';
  t.ok(await sessionLives(cookie));
  t.equal((await api('DELETE', `/users/${person.id}/second-factor`)).status, 204);
  t.same((await mailsTo(person)).map(({ kind, to }) => [kind, to.address]), [['secondFactorReset', person.address]]);
  t.same([await sessionLives(cookie), (await account(person.id)).twoFactorEnrolled, await audit(person.id, 'dropSecondFactor')], [false, undefined, 1]);
  t.equal((await signIn(person.address, PASSWORD)).body.next, 'enrol', 'it is still required');
  const before = await everything();
  t.equal((await api('DELETE', `/users/${person.id}/second-factor`)).status, 409, 'there is none');
  t.same(await everything(), before);
});

t.test('J5: not required, nobody is asked', async (t) => {
  const person = await active();
  t.ok(await sessionLives(await session(person)));
  const optional = await enrolled();
  await call('PATCH', `/Users/${optional.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:twoFactorRequired`, value: false }), as);
  t.equal((await signIn(optional.address, PASSWORD)).body.next, 'secondFactor', 'who has one is asked all the same');
  const forged = await call('PATCH', `/Users/${optional.id}`, patchBody({ op: 'replace', path: `${ACCOUNT}:twoFactorEnrolled`, value: false }), as);
  t.same([forged.status, (await account(optional.id)).twoFactorEnrolled], [400, true], 'a client cannot say so');
});
