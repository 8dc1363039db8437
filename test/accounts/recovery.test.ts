/** Recovery: S6, J9, P5. Who asks learns nothing, who is meant gets one mail to the stored address, and the link is good for an hour. */
import t from 'tap';
import { patchBody } from '../helpers/app.ts';
import { ACCOUNT, MINUTE, OTHER_PASSWORD, PASSWORD, startWorld, tokenIn, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, browser, call, choose, database, everything, get, invited, lastToken, links, mailsTo, policy, recover, session, sessionLives, signIn, somebody, status, wrong } = world;
const kinds = async (person: Somebody) => (await mailsTo(person)).map(({ kind }) => kind);

t.test('S6: the same answer for everybody, and who gets a mail', async (t) => {
  const people = { active: await active(), locked: await active(), deactivated: await active(), invited: await invited(), contact: await somebody(), elsewhere: await somebody({ [ACCOUNT]: { signInMethod: 'sso' } }), left: await somebody({ [ACCOUNT]: { signInMethod: 'sso' }, active: false }), speechless: await active({ emails: [] }) };
  await wrong(people.locked, 3);
  await api('POST', `/users/${people.deactivated.id}/deactivate`);
  const answers = [];
  for (const [who, name] of [...Object.entries(people).map(([who, { address }]) => [who, address] as const), ['nobody', 'nobody@people.example'], ['empty', ''], ['long', 'x'.repeat(100_000)], ['odd', '\u202Ea\u0000']] as const) {
    const { status, headers, text } = await recover(name);
    answers.push([status, Object.keys(headers), headers['content-length'], text].join());
    const page = await browser().post('/forgot', { name: name.slice(0, 2000) });
    t.match([page.status, page.text], [200, 'href="/sign-in"'], who);
    t.notMatch(page.text, /people\.example/);
  }
  await world.store.settled();
  t.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
  const twice = (kind: string) => [kind, kind];
  t.same(await kinds(people.active), twice('recovery'), 'once over the API, once from the page');
  t.same(await kinds(people.locked), twice('recovery'));
  t.same(await kinds(people.invited), ['invitation', ...twice('activationAgain')]);
  t.same(await kinds(people.elsewhere), twice('signInElsewhere'));
  for (const one of [people.deactivated, people.contact, people.left, people.speechless]) t.same(await kinds(one), []);
  t.equal(await database.collection('outbox').countDocuments(), 9, 'and nobody else any');
  t.same([await links(people.elsewhere.id), await links(people.deactivated.id), await status(people.deactivated.id)], [[], [], 'deactivated']);
});

t.test('S6: one mail in the person\'s language to the stored address, no new version', async (t) => {
  const person = await active({ preferredLanguage: 'nl', userName: 'Piet.P' });
  const before = (await get(person.id)).meta;
  advance(MINUTE);
  t.equal((await recover(' PIET.p ')).status, 202);
  t.same((await get(person.id)).meta, before);
  const [mail, ...others] = await mailsTo(person);
  t.same(others, []);
  t.match(mail, { kind: 'recovery', language: 'nl', to: { address: person.address } });
  t.match(mail?.['text'], /^https:\/\/scim\.example\/reset\?token=[\w-]{43}$/m);
  t.match(mail?.['text'], /60/);
  t.same([await audit(person.id, 'recover.ask'), await audit(person.id, 'recover')], [1, 0]);
});

t.test('S6: an address that is typed is never the one that is mailed', async (t) => {
  const person = await active();
  for (const name of [`${person.address},evil@people.example`, `${person.address}\r\nBcc: evil@people.example`, `${person.address} evil@people.example`, person.address.replace('p', 'ᴾ')]) t.equal((await recover(name)).status, 202);
  t.notMatch(JSON.stringify(await mailsTo(person)), /evil/);
  t.equal(await database.collection('outbox').countDocuments({ 'to.address': /evil/ }), 0);
  await recover(person.address.replace('p', 'ｐ'));
  t.ok((await mailsTo(person)).every(({ to }) => to.address === person.address));
});

t.test('S6: what is no text is no name', async (t) => {
  const person = await active();
  const before = await everything();
  for (const name of [[person.address], [person.address, 'evil@people.example'], { $ne: null }, { value: person.address }, null, 1, true]) {
    t.match(await recover(name), { status: 400, body: { scimType: 'invalidValue' } }, JSON.stringify(name));
  }
  const visitor = browser();
  await visitor.get('/forgot');
  await visitor.postRaw('/forgot', new URLSearchParams([['csrf', visitor.cookies.get('__Host-csrf') ?? ''], ['name', person.address], ['name', 'evil@people.example']]).toString());
  await visitor.post('/forgot', { 'name[]': person.address, 'name[$ne]': '' });
  await world.store.settled();
  t.same(await everything(), before);
});

t.test('S6: the link lives an hour', async (t) => {
  const person = await active();
  await recover(person.address);
  const token = await lastToken(person);
  advance(60 * MINUTE);
  t.match(await choose(token, OTHER_PASSWORD), { status: 410, body: { detail: /expired/ } });
  t.match(await browser().get(`/reset?token=${token}`), { status: 410, text: 'href="/forgot"' }, 'the page leads to another one');
  await recover(person.address);
  advance(60 * MINUTE - 1);
  t.equal((await choose(await lastToken(person), OTHER_PASSWORD)).status, 200);
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, 200);
});

t.test('S6: once used, everything of before is over, and the person is told', async (t) => {
  const person = await active();
  const cookie = await session(person);
  await recover(person.address);
  const first = await lastToken(person);
  await recover(person.address);
  const second = await lastToken(person);
  t.ok(await sessionLives(cookie), 'asking alone ends nothing');
  t.equal((await signIn(person.address, PASSWORD)).status, 200, 'and the old password stays');
  const visitor = browser();
  t.equal((await visitor.get(`/reset?token=${second}`)).status, 200);
  t.equal((await visitor.post('/reset', { token: second, password: 'short' })).status, 422);
  t.match(await visitor.post('/reset', { token: second, password: OTHER_PASSWORD }), { status: 200, text: 'href="/sign-in"' });
  t.notOk(await sessionLives(cookie));
  for (const token of [first, second]) t.equal((await choose(token, 'a third sentence here')).status, 410);
  t.same((await kinds(person)).at(-1), 'passwordChanged');
  t.equal((await mailsTo(person)).at(-1)?.['to'].address, person.address);
  t.notMatch((await mailsTo(person)).at(-1)?.['text'], /token=/);
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(person.address, OTHER_PASSWORD)).status], [401, 200]);
  t.same([await audit(person.id, 'recover.ask'), await audit(person.id, 'recover')], [2, 1], 'asked for twice and done once');
});

t.test('S6: links die with what else changes', async (t) => {
  const changes = {
    'a password from an administrator': (id: string) => api('POST', `/users/${id}/password`, { password: OTHER_PASSWORD }),
    'a password that is synced': (id: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'password', value: OTHER_PASSWORD }), as),
    'an address from a provider': (id: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: 'moved@people.example' }), as),
    'a deactivation': (id: string) => api('POST', `/users/${id}/deactivate`),
    'the end of the account': (id: string) => api('DELETE', `/users/${id}/invitation`),
    'a deletion': (id: string) => call('DELETE', `/Users/${id}`, undefined, as),
  };
  for (const [what, act] of Object.entries(changes)) {
    const person = await active();
    await recover(person.address);
    const token = await lastToken(person);
    const answer = await act(person.id);
    t.ok(answer.status < 300, `${what}: ${answer.text}`);
    t.equal((await choose(token, 'a third sentence here')).status, 410, what);
    t.same(await links(person.id), [], what);
    if (what === 'a deactivation') {
      await api('POST', `/users/${person.id}/reactivate`);
      t.equal((await choose(token, 'a third sentence here')).status, 410, 'and does not come back with the person');
    }
  }
});

t.test('J9: a completed reset unlocks, by policy', async (t) => {
  const person = await active();
  await wrong(person, 3);
  await recover(person.address);
  t.equal(await status(person.id), 'locked', 'asking does not');
  t.match(await choose(await lastToken(person), OTHER_PASSWORD), { status: 200, body: { unlocked: true } });
  t.match(await account(person.id), { status: 'active', lockedAt: undefined });
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, 200);
  await policy({ resetUnlocks: false });
  t.teardown(() => policy({ resetUnlocks: null }));
  await wrong(person, 3);
  await recover(person.address);
  t.match(await choose(await lastToken(person), PASSWORD), { status: 200, body: { unlocked: false } });
  t.equal(await status(person.id), 'locked');
  t.equal((await signIn(person.address, PASSWORD)).status, 401);
});

t.test('J9: two wrong passwords before a reset do not count after it', async (t) => {
  const person = await active();
  await wrong(person, 2);
  await recover(person.address);
  await choose(await lastToken(person), OTHER_PASSWORD);
  await wrong(person, 2);
  t.equal(await status(person.id), 'active');
});

t.test('S6: somebody invited activates by it', async (t) => {
  const person = await invited();
  await recover(person.address);
  t.equal((await choose(person.token, PASSWORD)).status, 410, 'the first link is dead');
  const [, mail] = await mailsTo(person);
  t.match(mail?.['text'], /\/activate\?token=/);
  t.equal((await choose(tokenIn(String(mail?.['text'])) ?? '', PASSWORD)).status, 200);
  t.equal(await status(person.id), 'active');
});

t.test('S6: a crowd of requests is not a crowd of mails', async (t) => {
  const person = await active();
  await Promise.all(Array.from({ length: 60 }, () => recover(person.address)));
  t.ok((await mailsTo(person)).length <= 20, `${(await mailsTo(person)).length} mails for 60 requests`);
});
