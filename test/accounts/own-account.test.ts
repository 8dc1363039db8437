/** What people change of their own login below /account, by its forms. */
import t from 'tap';
import { Secret, TOTP } from 'otpauth';
import { DAY_MS } from '../helpers/app.ts';
import { HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, startWorld, type Somebody } from './world.ts';


const world = await startWorld(t, import.meta.url);
const signedIn = async (person: Somebody) => {
  const browser = world.browser();
  const page = await browser.post('/sign-in', { name: person.address, password: PASSWORD });
  if (page.status !== 303) throw new Error(page.text);
  return browser;
};

const sessionByCode = async (person: Somebody, code: () => string) => {
  const { token } = (await world.signIn(person.address, PASSWORD)).body;
  const answer = await world.api('POST', '/second-factor', { token, code: code() }, { token: '' });
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
};

t.test('the password is changed by who knows the present one; this browser goes on, every other is out', async (t) => {
  const person = await world.active();
  const other = await world.session(person);
  const browser = await signedIn(person);
  t.match((await browser.get('/account')).text, '/account/password');
  t.match((await browser.get('/account/password')).text, 'name="current"');
  t.equal((await browser.post('/account/password', { current: PASSWORD, password: OTHER_PASSWORD })).status, 200);
  t.equal((await browser.get('/account')).status, 200, 'this browser goes on');
  t.notOk(await world.sessionLives(other), 'the other one does not');
  t.equal((await world.signIn(person.address, PASSWORD)).status, 401);
  t.equal((await world.signIn(person.address, OTHER_PASSWORD)).body.next, 'none');
  t.same((await world.mailsTo(person)).map(({ kind }) => kind), ['passwordChanged']);
  t.equal(await world.audit(person.id, 'changePassword'), 1);
});

t.test('a wrong present password changes nothing and counts; the third one locks, and the session lives on', async (t) => {
  const person = await world.active();
  const browser = await signedIn(person);
  for (const guess of ['one wrong guess', 'two wrong guesses', 'three wrong guesses']) t.equal((await browser.post('/account/password', { current: guess, password: OTHER_PASSWORD })).status, 422, guess);
  t.equal(await world.status(person.id), 'locked');
  t.equal((await browser.get('/account')).status, 200, 'a lock throws nobody out');
  t.equal((await browser.post('/account/password', { current: PASSWORD, password: OTHER_PASSWORD })).status, 409, 'nor is it opened by the right one');
  t.same(await world.mailsTo(person), []);
});

t.test('a password that breaks a rule is named and not taken', async (t) => {
  const person = await world.active();
  const browser = await signedIn(person);
  const before = await world.credential(person.id);
  const page = await browser.post('/account/password', { current: PASSWORD, password: 'short' });
  t.equal(page.status, 422);
  t.match(page.text, 'At least 12 characters');
  t.equal((await world.credential(person.id))?.hash, before?.hash);
});

t.test('S10: the owner asks for another address; administrators see the pending one, until it is confirmed or over', async (t) => {
  const person = await world.active();
  const browser = await signedIn(person);
  t.equal((await browser.post('/account/address', { address: 'new@people.example', current: 'not it, surely' })).status, 422, 'not without the password');
  t.equal((await browser.post('/account/address', { address: 'no address', current: PASSWORD })).status, 422);
  t.same(await world.mailsTo(person), []);
  t.equal((await browser.post('/account/address', { address: 'new@people.example', current: PASSWORD })).status, 303);
  t.match((await browser.get('/account')).text, 'new@people.example');
  const pending = async () => (await world.call('GET', `/Users/${person.id}?attributes=urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User:pendingEmail`, undefined, world.as)).body['urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User']?.pendingEmail;
  t.equal(await pending(), 'new@people.example');
  t.notOk((await world.account(person.id)).pendingEmail, 'only for who asks for it');
  world.advance(73 * HOUR);
  t.equal(await pending(), undefined, 'not after the link has expired');
});

t.test('S10: the owner does not learn whose address it is: one of somebody else is pending as any other, and nobody is asked', async (t) => {
  const [person, other] = [await world.active(), await world.active()];
  const [browser, free] = [await signedIn(person), await signedIn(await world.active())];
  const held = await world.get(other.id);
  const asked = await browser.post('/account/address', { address: other.address.toUpperCase(), current: PASSWORD });
  const alike = await free.post('/account/address', { address: 'nobody.has.it@people.example', current: PASSWORD });
  t.same([asked.status, asked.location, asked.text], [alike.status, alike.location, alike.text]);
  t.equal(asked.status, 303);
  t.match((await browser.get('/account')).text, other.address.toUpperCase(), 'as it would be with any other');
  t.same([await world.mailsTo(person), await world.mailsTo(other)], [[], []], 'no mail to anybody');
  t.same(await world.get(other.id), held);
  t.equal((await world.get(person.id)).emails[0].value, person.address);
  t.match(await world.api('POST', `/users/${person.id}/address`, { address: other.address }), { status: 409, body: { scimType: 'uniqueness' } }, 'who manages people is told');
});

t.test('J5: where nothing is confirmed, the page says that an address is taken', async (t) => {
  const [person, other] = [await world.active(), await world.active()];
  const browser = await signedIn(person);
  await world.policy({ confirmAddress: false });
  t.teardown(() => world.policy({ confirmAddress: true }));
  t.equal((await browser.post('/account/address', { address: other.address, current: PASSWORD })).status, 422);
  t.equal((await world.get(person.id)).emails[0].value, person.address);
});

t.test('J5: codes are not guessed below /account either, and the page says when to try again', async (t) => {
  const person = await world.active();
  const browser = await signedIn(person);
  await browser.post('/account/second-factor/begin', { current: PASSWORD });
  const guesses = [];
  for (let guess = 0; guess < 6; guess++) guesses.push(await browser.post('/account/second-factor', { code: '00000x' }));
  t.same(guesses.map(({ status }) => status), [422, 422, 422, 422, 422, 429]);
  t.same(guesses.map(({ headers }) => /^[1-9]\d*$/.test(String(headers['retry-after']))), [false, false, false, false, false, true], 'RFC 6585 section 4');
});

t.test('J5: a second factor is set up, replaced by who has a code of it, and switched off', async (t) => {
  const person = await world.active();
  const browser = await signedIn(person);
  const enrol = async (secretPage: string) => {
    const secret = (/id="secret"[^>]*>(.*?)<\/code>/s.exec(secretPage)?.[1] ?? '').replace(/<[^>]*>|\s/g, '');
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    return () => totp.generate({ timestamp: world.clock.now.getTime() });
  };
  const before = await world.everything();
  t.match((await browser.get('/account/second-factor')).text, 'name="current"');
  t.same(await world.everything(), before, 'looking begins nothing');
  t.equal((await browser.post('/account/second-factor', { code: '123456' })).status, 409);
  const refused = await browser.post('/account/second-factor/begin', { current: 'not it, surely' });
  t.same([refused.status, refused.text.includes('id="secret"')], [422, false], 'an unwatched browser is not its owner');
  t.equal((await browser.post('/account/second-factor', { code: '123456' })).status, 409);
  const code = await enrol((await browser.post('/account/second-factor/begin', { current: PASSWORD })).text);
  t.equal((await browser.post('/account/second-factor', { code: '000000' })).status, 422);
  const shown = await browser.post('/account/second-factor', { code: code() });
  t.equal(shown.status, 200, shown.text);
  t.ok((await world.account(person.id)).twoFactorEnrolled);

  t.match((await browser.get('/account/second-factor')).location, '/account/second-factor/replace', 'not another one without a code');
  world.advance(MINUTE);
  t.equal((await browser.post('/account/second-factor/replace', { code: '000000' })).status, 422);
  t.ok((await world.account(person.id)).twoFactorEnrolled);
  const other = await sessionByCode(person, code);
  world.advance(MINUTE);
  const next = await enrol((await browser.post('/account/second-factor/replace', { code: code() })).text);
  t.not(next(), code());
  t.equal((await browser.post('/account/second-factor', { code: '000000' })).status, 422);
  t.ok((await world.account(person.id)).twoFactorEnrolled, 'until the new one is confirmed the old one counts');
  world.advance(MINUTE);
  t.ok(await sessionByCode(person, code));
  t.same(await world.mailsTo(person), []);
  world.advance(MINUTE);
  t.equal((await browser.post('/account/second-factor', { code: next() })).status, 200);
  t.same((await world.mailsTo(person)).map(({ kind }) => kind), ['secondFactorReset']);
  t.equal(await world.audit(person.id, 'replaceSecondFactor'), 1);
  t.notOk(await world.sessionLives(other), 'whoever else was in is out');
  world.advance(MINUTE);
  t.equal((await browser.post('/account/second-factor/replace', { code: code() })).status, 422, 'the old one is gone');
  world.advance(MINUTE);
  t.match((await browser.post('/account/second-factor/remove', { code: next() })).location, '/account');
  t.notOk((await world.account(person.id)).twoFactorEnrolled);
  t.equal((await browser.get('/account')).status, 200, 'this browser goes on');
});

t.test('J5: an enrolment that was begun and left waits a quarter of an hour, and ends with the password', async (t) => {
  for (const [what, act] of Object.entries<(person: Somebody) => Promise<unknown>>({
    'sixteen minutes': async () => {
      world.advance(16 * MINUTE);
      await world.store.settled();
    },
    'another password': (person) => world.api('POST', `/users/${person.id}/password`, { password: OTHER_PASSWORD }),
  })) {
    const person = await world.active();
    const browser = await signedIn(person);
    const page = await browser.post('/account/second-factor/begin', { current: PASSWORD });
    const secret = (/id="secret"[^>]*>(.*?)<\/code>/s.exec(page.text)?.[1] ?? '').replace(/<[^>]*>|\s/g, '');
    await act(person);
    if (what === 'another password') await browser.post('/sign-in', { name: person.address, password: OTHER_PASSWORD });
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: world.clock.now.getTime() });
    t.equal((await browser.post('/account/second-factor', { code })).status, 409, what);
    t.notOk((await world.account(person.id)).twoFactorEnrolled, what);
  }
});

t.test('signing out is on record, and ends this session alone', async (t) => {
  const person = await world.active();
  const other = await world.session(person);
  const browser = await signedIn(person);
  t.equal((await browser.post('/account/sign-out')).status, 303);
  t.equal((await browser.get('/account')).status, 303);
  t.ok(await world.sessionLives(other));
  t.equal(await world.audit(person.id, 'signOut'), 1);
});

t.test('what is computed of a login is for who asks for it, and in no filter', async (t) => {
  const { call, as } = world;
  const urn = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';
  const ask = async (id: string) => (await call('GET', `/Users/${id}?attributes=${['blockedBy', 'billed', 'passwordExpiresAt', 'lastSignInAt', 'rights'].map((name) => `${urn}:${name}`).join(',')}`, undefined, as)).body[urn];
  const person = await world.active();
  t.same(await ask(person.id), { billed: true, passwordExpiresAt: new Date(world.clock.now.getTime() + 90 * DAY_MS).toISOString() });
  const version = (await world.get(person.id)).meta.version;
  await world.session(person);
  t.equal((await ask(person.id)).lastSignInAt, world.clock.now.toISOString());
  t.equal((await world.get(person.id)).meta.version, version, 'a sign-in is no new version');
  await world.wrong(person, 3);
  await call('PATCH', `/Users/${person.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [{ op: 'replace', path: 'active', value: false }] }, as);
  t.same((await ask(person.id)).blockedBy, ['deactivated', 'locked']);
  t.equal((await ask(person.id)).billed, false);
  const invited = await world.invited();
  t.same((await ask(invited.id)).blockedBy, ['invited']);
  t.same((await ask((await world.somebody()).id)).blockedBy, ['noLogin']);
  for (const filter of [`${urn}:blockedBy pr`, `${urn}:billed eq true`, `${urn}:pendingEmail eq "a"`]) t.equal((await call('GET', `/Users?filter=${encodeURIComponent(filter)}`, undefined, as)).status, 400, filter);
});
