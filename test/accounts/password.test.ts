/** Passwords: the rules of S4, an administrator's (J8) and a provider's (L7). */
import argon2 from 'argon2';
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, USER, userBody } from '../helpers/app.ts';
import { ACCOUNT, OTHER_PASSWORD, PASSWORD, SECOND, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, call, choose, credential, everything, get, invited, links, mailsTo, policy, recover, session, sessionLives, signIn, somebody, status, wrong } = world;
const patch = (id: string, ...operations: Json[]) => call('PATCH', `/Users/${id}`, patchBody(...operations), as);
const setPassword = (id: string, password: Json, more: Record<string, Json> = {}) => api('POST', `/users/${id}/password`, { password, ...more });
const synced = (id: string, password: string, token = world.manager) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: password }), { token });

t.test('S4: each rule by its name', async (t) => {
  await policy({ passwordWords: ['Zeppelin'], displayName: 'Gemeente Utrecht', passwordClasses: 2 });
  advance(2 * SECOND);
  t.teardown(() => policy({ passwordWords: null, displayName: null, passwordClasses: null }));
  const person = await invited({ name: { givenName: 'Willemijn', familyName: 'Berg' }, emails: [{ value: 'someone@host.example' }], userName: 'wberg-1234' });
  const before = await everything();
  for (const [password, ...broken] of [
    ['four words', 'length'],
    ['x'.repeat(1025), 'tooLong', 'classes', 'common'],
    [`Correct${'é'.repeat(509)}`, 'tooLong'],
    ['correct horse\tbattery', 'control'], ['correct horse\u0085battery', 'control'],
    ['onlylowercaseletters', 'classes'],
    ['8642097531864', 'classes'],
    ['!!!!!!!!!!!!!!', 'classes', 'common'],
    ['Willemijn drinks tea', 'ownWords'], ['so WILLEMIJN it is', 'ownWords'], ['ｗｉｌｌｅｍｉｊｎ drinks', 'ownWords'],
    ['someone far away 1', 'ownWords'], ['a HOST of birds 12', 'ownWords'], ['my wberg and more', 'ownWords'],
    ['zeppelin over town', 'ownWords'], ['Utrecht is a town', 'ownWords'],
    ['', 'length', 'classes'],
  ] as [string, ...string[]][]) {
    const answer = await choose(person.token, password);
    t.same([answer.status, answer.body.broken], [400, broken], password.slice(0, 30));
  }
  t.same(await everything(), before, 'and the link is as good as before');
  t.equal((await choose(person.token, 'Bergen op Zoom 12')).status, 400, 'Berg has four letters');
  t.equal((await choose(person.token, `Correct ${'é'.repeat(508)}`)).status, 200, 'exactly 1,024 bytes');
});

t.test('S4: length is counted in characters as they are hashed', async (t) => {
  const person = await invited();
  for (const password of ['e\u0301a'.repeat(5), 'aä'.normalize('NFD').repeat(4)]) t.same((await choose(person.token, password)).body.broken, ['length'], password);
  t.equal((await choose(person.token, '🐎🦆🐢🦉🐝🦔🐿🦊🐇🐟🐙🦜')).status, 200, 'twelve animals');
});

t.test('S4: one password on every keyboard, and not one character more', async (t) => {
  const person = await active({ password: ' Crème brûlée  Ω ' });
  for (const same of [' Crème brûlée  Ω '.normalize('NFD'), ' Crème\u00a0brûlée\u3000 Ω ', ' Crème brûlée  \u2126 ']) t.equal((await signIn(person.address, same)).status, 200, JSON.stringify(same));
  for (const other of ['Crème brûlée  Ω', ' Crème brûlée Ω ', ' crème brûlée  Ω ', ' Creme brulee  Ω ', ' Crème brûlée  Ω']) {
    t.equal((await signIn(person.address, other)).status, 401, JSON.stringify(other));
    await signIn(person.address, ' Crème brûlée  Ω ');
  }
});

t.test('S4: earlier passwords, as many as the policy looks back', async (t) => {
  const set = async (id: string, password: string) => {
    const { status } = await setPassword(id, password);
    return status;
  };
  const person = await active();
  t.match((await setPassword(person.id, PASSWORD)).body, { status: '400', scimType: 'invalidValue', detail: /one of the last 1/ });
  t.same([await set(person.id, OTHER_PASSWORD), await set(person.id, PASSWORD)], [204, 204], 'by default the present one alone');
  await policy({ passwordHistory: 3 });
  advance(2 * SECOND);
  t.teardown(() => policy({ passwordHistory: null }));
  const sentence = (at: number) => `sentence number ${at}`;
  for (const at of [1, 2, 3]) t.equal(await set(person.id, sentence(at)), 204);
  for (const at of [1, 2, 3]) t.equal(await set(person.id, sentence(at)), 400, `${at} of the last three`);
  t.equal(await set(person.id, sentence(3).normalize('NFD')), 400);
  t.equal(await set(person.id, sentence(4)), 204);
  t.equal(await set(person.id, sentence(1)), 204, 'the fourth is forgotten');
  await policy({ passwordHistory: 0 });
  advance(2 * SECOND);
  t.equal(await set(person.id, sentence(1)), 204);
  t.notOk(JSON.stringify((await credential(person.id)) ?? {}).match(/sentence/), 'only hashes are kept');
});

t.test('S4: a hash with weaker parameters is replaced at a good sign-in, silently', async (t) => {
  const person = await active();
  const weak = await argon2.hash(PASSWORD, { type: argon2.argon2id, memoryCost: 8192, timeCost: 1, parallelism: 1 });
  await world.database.collection<{ _id: string }>('credentials').updateOne({ _id: person.id }, { $set: { hash: weak } });
  const { meta } = await get(person.id);
  advance(SECOND);
  t.equal((await signIn(person.address, 'wrong guess')).status, 401);
  t.equal((await credential(person.id))?.hash, weak, 'not at a wrong one');
  const cookie = await session(person);
  t.match((await credential(person.id))?.hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  t.ok(await sessionLives(cookie), 'nothing ends by it');
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
  t.same([(await get(person.id)).meta, await mailsTo(person)], [meta, []]);
});

t.test('J8: no mail, no session left, one entry of the log', async (t) => {
  const person = await active();
  const cookie = await session(person);
  await recover(person.address);
  const mails = (await mailsTo(person)).length;
  t.match(await setPassword(person.id, OTHER_PASSWORD), { status: 204, text: '' });
  t.same([await sessionLives(cookie), await links(person.id), (await mailsTo(person)).length, await audit(person.id, 'setPassword')], [false, [], mails, 1]);
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(person.address, OTHER_PASSWORD)).body.next], [401, 'none'], 'to be changed only where that was asked for');
});

t.test('J8: does not unlock', async (t) => {
  const person = await active();
  await wrong(person, 3);
  t.equal((await setPassword(person.id, OTHER_PASSWORD)).status, 204);
  t.same([await status(person.id), (await signIn(person.address, OTHER_PASSWORD)).status], ['locked', 401]);
  await api('POST', `/users/${person.id}/unlock`);
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, 200);
});

t.test('J8: to be changed at the next sign-in', async (t) => {
  const person = await active();
  t.equal((await setPassword(person.id, OTHER_PASSWORD, { mustChange: true })).status, 204);
  t.match(await account(person.id), { mustChangePassword: true });
  const due = await signIn(person.address, OTHER_PASSWORD);
  t.same([due.body.next, due.headers['set-cookie']], ['renew', undefined]);
  t.same((await choose(due.body.token, OTHER_PASSWORD)).body.broken, ['history']);
  t.equal((await choose(due.body.token, 'a third sentence here')).status, 200);
  t.equal((await account(person.id)).mustChangePassword, undefined);
  t.equal((await signIn(person.address, 'a third sentence here')).body.next, 'none');
});

t.test('J8: whom it is for', async (t) => {
  const [none, waiting, elsewhere] = [await somebody(), await invited(), await somebody({ [ACCOUNT]: { signInMethod: 'sso' } })];
  t.equal((await setPassword(none.id, PASSWORD)).status, 204);
  t.equal((await signIn(none.address, PASSWORD)).status, 200);
  t.equal((await setPassword(waiting.id, PASSWORD)).status, 204);
  t.same([await status(waiting.id), (await choose(waiting.token, OTHER_PASSWORD)).status], ['active', 410], 'the invitation is over');
  const before = await everything();
  t.match(await setPassword(elsewhere.id, PASSWORD), { status: 409, body: { detail: /own organisation/ } });
  for (const password of ['', 'short', 'x'.repeat(2000), 'control\u0000control', ['correct horse battery'], { a: 1 }, null, 123456789012]) {
    const answer = await setPassword(none.id, password);
    t.same([answer.status, answer.body.scimType], [400, 'invalidValue'], JSON.stringify(password).slice(0, 40));
    t.notMatch(answer.text, /short|control\\u0000|correct horse/);
  }
  t.equal((await api('POST', `/users/${none.id}/password`, {})).status, 400);
  t.same(await everything(), before);
});

t.test('L7: a password by every request that can carry one', async (t) => {
  let last = PASSWORD;
  const person = await active();
  const body = userBody({ userName: person.address, emails: [{ value: person.address }] });
  const bulk = (...Operations: Json[]) => call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations }, as);
  for (const [what, act] of Object.entries<(password: string) => Promise<{ readonly status: number; readonly text: string }>>({
    PUT: (password) => call('PUT', `/Users/${person.id}`, { ...(body as object), password }, as),
    'PATCH with a path': (password) => synced(person.id, password),
    'PATCH without': (password) => patch(person.id, { op: 'replace', value: { password } }),
    'PATCH by URN': (password) => patch(person.id, { op: 'add', path: `${USER}:password`, value: password }),
    'a PATCH in Bulk': (password) => bulk({ method: 'PATCH', path: `/Users/${person.id}`, data: patchBody({ op: 'replace', path: 'password', value: password }) }),
    'a PUT in Bulk': (password) => bulk({ method: 'PUT', path: `/Users/${person.id}`, data: { ...(body as object), password } as Json }),
  })) {
    const cookie = await session(person, last);
    last = `sentence for ${what}`;
    const answer = await act(last);
    t.equal(answer.status, 200, answer.text);
    t.notMatch(answer.text, /sentence for|argon2|"password":/, what);
    t.equal((await signIn(person.address, last)).status, 200, what);
    t.notOk(await sessionLives(cookie), `${what} ends sessions`);
  }
  t.same(await mailsTo(person), []);
  for (const path of [`/Users/${person.id}?attributes=password`, `/Users?filter=${encodeURIComponent('password pr')}`]) t.notMatch((await call('GET', path, undefined, as)).text, /argon2|sentence/);
  t.notMatch(JSON.stringify(await world.database.collection('users').find().toArray()), /argon2|sentence for/);
});

t.test('L7: without the scope it is ignored, whatever it is', async (t) => {
  const token = (await world.makeClient(world.tenants.own, { scopes: ['users:read', 'users:write'], settings: { signInMethod: 'none' } })).token;
  const person = await active();
  const before = await everything();
  for (const password of [OTHER_PASSWORD, 'short']) t.equal((await synced(person.id, password, token)).status, 200, password);
  t.same(await everything(), before, 'no version, no entry of the log');
  const made = await call('POST', '/Users', userBody({ userName: 'scopeless@people.example', password: PASSWORD }), { token });
  t.equal(made.status, 201);
  t.same([await credential(made.body.id), (await signIn('scopeless@people.example', PASSWORD)).status], [null, 401]);
  const bulk = await call('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: [{ method: 'PATCH', path: `/Users/${person.id}`, data: patchBody({ op: 'replace', path: 'password', value: OTHER_PASSWORD }) }] }, { token });
  t.equal(bulk.body.Operations[0].status, '200');
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
});

t.test('L7: the policy counts, and what breaks it changes nothing', async (t) => {
  const person = await active();
  const before = await everything();
  for (const password of ['1234567', 'password', 'x'.repeat(1025), 'tab\tulator key', PASSWORD]) {
    const answer = await patch(person.id, { op: 'replace', path: 'password', value: password }, { op: 'replace', path: 'displayName', value: 'changed' });
    t.same([answer.status, answer.body.scimType], [400, 'invalidValue'], password.slice(0, 20));
    t.match(answer.body.detail, /^password /);
    const made = await call('POST', '/Users', userBody({ password: password === PASSWORD ? 'aaaaaaaaaaaa' : password }), as);
    t.same([made.status, made.body.scimType], [400, 'invalidValue']);
  }
  t.same(await everything(), before);
  t.equal((await synced(person.id, 'kw8!xyzz')).status, 200, 'what is synced may be shorter');
});

t.test('L7: a lock survives, and the person is one with a password from now on', async (t) => {
  const person = await active();
  await wrong(person, 3);
  t.equal((await synced(person.id, OTHER_PASSWORD)).status, 200);
  t.same([await status(person.id), (await signIn(person.address, OTHER_PASSWORD)).status], ['locked', 401]);
  const waiting = await invited();
  await synced(waiting.id, OTHER_PASSWORD);
  t.same([await status(waiting.id), (await choose(waiting.token, PASSWORD)).status], ['active', 410]);
});

t.test('L7: how somebody signs in is changed over SCIM, with all that follows', async (t) => {
  const person = await active();
  const cookie = await session(person);
  const method = (value: string) => patch(person.id, { op: 'replace', path: `${ACCOUNT}:signInMethod`, value });
  t.match((await method('sso')).body[ACCOUNT], { signInMethod: 'sso', status: 'active', passwordChangedAt: undefined });
  t.same([await sessionLives(cookie), (await credential(person.id))?.hash, (await signIn(person.address, PASSWORD)).status], [false, undefined, 401]);
  t.match((await method('password')).status, 200);
  t.not(await status(person.id), 'active', 'nobody is in with a password that is gone');
  t.equal((await method('none')).status, 200);
  t.equal((await api('POST', `/users/${person.id}/invitation`, {})).status, 204);
  t.same(await mailsTo(person).then((mails) => mails.map(({ kind }) => kind)), ['invitation']);
});

t.test('L7: a method and a password in one PATCH', async (t) => {
  const person = await somebody({ [ACCOUNT]: { signInMethod: 'sso' } });
  const both = (method: string, password: string) => patch(person.id, { op: 'replace', path: `${ACCOUNT}:signInMethod`, value: method }, { op: 'replace', path: 'password', value: password });
  t.equal((await both('password', PASSWORD)).status, 200);
  t.same([await status(person.id), (await signIn(person.address, PASSWORD)).status], ['active', 200], 'what is asked for is what there is');
  const away = await both('sso', OTHER_PASSWORD);
  t.ok([200, 400, 409].includes(away.status), away.text);
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, away.body[ACCOUNT]?.signInMethod === 'password' ? 200 : 401);
});
