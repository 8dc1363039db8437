/** Invitations: S3 to S5. Who can be invited, what the mail says, and what its link is good for. */
import t from 'tap';
import { groupBody, patchBody, userBody } from '../helpers/app.ts';
import { ACCOUNT, HOUR, near, OTHER_PASSWORD, PASSWORD, SECOND, startWorld, tokenIn, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, browser, call, choose, everything, get, invited, lastToken, links, mailsTo, policy, signIn, somebody, status } = world;
const invite = (id: string, body: Parameters<typeof userBody>[0] = {}) => api('POST', `/users/${id}/invitation`, body);
const again = (id: string, body: Parameters<typeof userBody>[0] = {}) => api('POST', `/users/${id}/invitation/again`, body);

t.test('S3: an invitation is one version, one mail and one entry of the log, and asks nothing of the person yet', async (t) => {
  const person = await somebody({ preferredLanguage: 'nl-BE', name: { givenName: 'Jan', familyName: 'Berg' } });
  const before = (await get(person.id)).meta.version;
  advance(SECOND);
  const answer = await invite(person.id);
  t.same([answer.status, answer.text], [204, ''], 'the answer has no link');
  t.match(await account(person.id), { status: 'invited', signInMethod: 'password', invitation: { sentAt: world.clock.now.toISOString(), expiresAt: new Date(world.clock.now.getTime() + 72 * HOUR).toISOString() } });
  t.not((await get(person.id)).meta.version, before);
  const [mail, ...others] = await mailsTo(person);
  t.same(others, []);
  t.match(mail, { kind: 'invitation', language: 'nl', state: 'waiting', attempts: 0, to: { name: 'Jan Berg', address: person.address } });
  t.match(mail?.['text'], /^https:\/\/scim\.example\/activate\?token=[\w-]{43}$/m);
  t.equal(await audit(person.id, 'invite'), 1);
  t.notMatch(JSON.stringify(await links(person.id)), new RegExp(await lastToken(person)), 'the token itself is kept in the mail alone');
  t.equal((await call('GET', `/Users/${person.id}`, undefined, { token: world.tokens.strict })).body[ACCOUNT], undefined);
});

t.test('S3: the conditions of each button', async (t) => {
  const people = { none: await somebody(), invited: await invited(), active: await active(), locked: await active(), deactivated: await active(), elsewhere: await somebody({ [ACCOUNT]: { signInMethod: 'sso' } }) };
  await world.wrong(people.locked, 3);
  await api('POST', `/users/${people.deactivated.id}/deactivate`);
  for (const [who, path] of [
    ['invited', 'invitation'], ['active', 'invitation'], ['locked', 'invitation'], ['deactivated', 'invitation'], ['elsewhere', 'invitation'],
    ['none', 'invitation/again'], ['active', 'invitation/again'], ['locked', 'invitation/again'], ['deactivated', 'invitation/again'], ['elsewhere', 'invitation/again'],
  ] as const) {
    const before = await everything();
    const answer = await api('POST', `/users/${people[who].id}/${path}`, {});
    t.match(answer, { status: 409, body: { status: '409', detail: /\w{3}/ } }, `${path} while ${who}`);
    t.same(await everything(), before, `${path} while ${who} changes nothing`);
  }
  for (const path of ['invitation', 'invitation/again']) t.equal((await api('POST', `/users/00000000-0000-7000-8000-000000000000/${path}`, {})).status, 404);
});

t.test('S3: who may not manage people does not invite them', async (t) => {
  const person = await somebody();
  const token = (await world.makeClient(world.tenants.own, { scopes: ['*'] })).token;
  const foreign = (await world.makeClient(world.tenants.other, { scopes: ['*', 'users.manage'] })).token;
  const before = await everything();
  for (const [caller, expected] of [[token, 403], [foreign, 404], ['', 401]] as const) t.equal((await api('POST', `/users/${person.id}/invitation`, {}, { token: caller })).status, expected);
  const after = await everything();
  t.same({ ...after, audit: [] }, { ...before, audit: [] });
});

t.test('S3: subject and text as edited, with their placeholders', async (t) => {
  const person = await somebody({ name: { givenName: 'Ann', familyName: '{{until}}' } });
  const answer = await invite(person.id, { subject: 'Hello {{name}}\r\nBcc: evil@people.example', text: 'Dear {{ name }},\n\n<b>{{link}}</b> of {{organisation}} until {{until}}' });
  t.equal(answer.status, 204, answer.text);
  const [mail] = await mailsTo(person);
  t.notMatch(mail?.['subject'], /[\r\n]/);
  t.match(mail?.['subject'], /^Hello Ann \{\{until\}\} ?Bcc/);
  t.match(mail?.['text'], /Dear Ann \{\{until\}\},/);
  t.notMatch(mail?.['html'], /<b>/);
  t.match(mail?.['text'], /of default until .*2030/);
});

t.test('S3: an edited text that would not work is refused', async (t) => {
  const person = await somebody();
  const before = await everything();
  for (const body of [{ text: 'no link' }, { text: '{{link}} {{password}}' }, { subject: 'see {{link}}' }, { text: '{{link}} {{name' }, { text: 1 }, { text: ['{{link}}'] }, { subject: null }, { to: 'evil@people.example' }]) {
    const answer = await invite(person.id, body);
    t.same([answer.status, answer.body.scimType], [400, 'invalidValue'], JSON.stringify(body));
  }
  t.same(await everything(), before);
});

t.test('S3: the person joins the group, or nothing happens', async (t) => {
  const grantor = (await world.makeClient(world.tenants.own, { scopes: ['*', 'users.manage', 'admin.grant'] })).token;
  const group = (await call('POST', '/Groups', groupBody(), { token: grantor })).body.id;
  const members = async () => ((await call('GET', `/Groups/${group}`, undefined, { token: grantor })).body.members ?? []).map(({ value }: { value: string }) => value);
  const person = await somebody();
  t.equal((await invite(person.id, { group })).status, 204);
  t.same(await members(), [person.id]);
  const [confirmed, speechless] = [await active(), await somebody({ emails: [] })];
  for (const one of [confirmed, speechless]) t.equal((await invite(one.id, { group })).status, 409);
  t.same(await members(), [person.id], 'who is not invited does not join');
  const other = await somebody();
  t.equal((await invite(other.id, { group: 'no-such-group' })).status, 404);
  t.same([await status(other.id), await mailsTo(other)], ['none', []]);
});

t.test('S3: without an address that mail can go to there is no invitation', async (t) => {
  const faults = [[], [{ value: 'none' }], [{ value: 'a@b.example, c@d.example' }], [{ value: '"a b"@people.example' }], [{ value: 'a@people.example\r\nBcc: evil@people.example' }]];
  for (const emails of faults) {
    const made = await call('POST', '/Users', userBody({ emails }), as);
    if (made.status === 400) continue;
    t.match(await invite(made.body.id), { status: 409, body: { detail: /e-mail address/ } }, JSON.stringify(emails));
    t.equal(await status(made.body.id), 'none');
  }
});

t.test('S4: the link lives three days, to the second', async (t) => {
  const [early, late] = [await invited(), await invited()];
  advance(72 * HOUR - 1);
  t.equal((await choose(early.token, PASSWORD)).status, 200);
  advance(1);
  const before = await everything();
  const answer = await choose(late.token, PASSWORD);
  t.match(answer, { status: 410, body: { detail: /expired/ } });
  t.same(await everything(), before);
  const page = await browser().get(`/activate?token=${late.token}`);
  t.equal(page.status, 410);
  t.match(page.text, /expired/);
  t.match(page.text, /ask|new (one|link|invitation)/i, 'and what to do');
  t.equal(await status(late.id), 'invited');
});

t.test('S4: opening the link changes nothing, however often', async (t) => {
  const person = await invited();
  const before = await everything();
  for (let time = 0; time < 20; time++) t.equal((await browser().get(`/activate?token=${person.token}`)).status, 200);
  t.same(await everything(), before);
  const page = await browser().get(`/activate?token=${person.token}`);
  t.match(page.text, /12/, 'the rules stand there before anything is typed');
  t.match(page.text, /<form[^>]*method="post"[^>]*>/);
  t.equal((await choose(person.token, PASSWORD)).status, 200);
});

t.test('S4: the page names the rule, sets the password once, and signs nobody in', async (t) => {
  const person = await invited();
  const visitor = browser();
  const broken = await visitor.post('/activate', { token: person.token, password: 'people.example' });
  t.equal(broken.status, 422);
  t.notMatch(broken.text, /value="people\.example"/, 'what was typed does not come back');
  t.equal(await status(person.id), 'invited');
  const done = await visitor.post('/activate', { token: person.token, password: PASSWORD });
  t.match(done, { status: 200, text: 'href="/sign-in"' });
  t.notOk(visitor.cookies.has('__Host-rollcall'));
  t.equal(await audit(person.id, 'activate'), 1);
  t.equal((await mailsTo(person)).length, 1, 'nobody is told what they have just done');
  const used = await visitor.post('/activate', { token: person.token, password: OTHER_PASSWORD });
  t.match(used, { status: 410, text: 'href="/sign-in"' });
  t.same([(await signIn(person.address, OTHER_PASSWORD)).status, (await signIn(person.address, PASSWORD)).status], [401, 200]);
});

t.test('S4: twenty uses at once are one', async (t) => {
  const person = await invited();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => choose(person.token, `sentence number ${at}`)));
  const statuses = answers.map(({ status }) => status);
  t.equal(statuses.filter((status) => status === 200).length, 1, statuses.join());
  t.same(statuses.filter((status) => ![200, 409, 410].includes(status)), []);
  t.equal((await signIn(person.address, `sentence number ${statuses.indexOf(200)}`)).status, 200);
  t.equal(await audit(person.id, 'activate'), 1);
});

t.test('S4: no other token opens it', async (t) => {
  const person = await invited();
  const other = await invited();
  const before = await everything();
  for (const token of [near(person.token), person.token.slice(0, -1), `${person.token}=`, `${person.token} `, person.token.toLowerCase(), '', 'x'.repeat(10_000)]) {
    if (token === person.token) continue;
    t.match(await choose(token, PASSWORD), { status: 410, body: { detail: 'The link is not valid.' } });
    t.equal((await browser().get(`/activate?token=${encodeURIComponent(token)}`)).status, 410);
  }
  for (const page of ['/reset', '/confirm-email']) t.equal((await browser().get(`${page}?token=${person.token}`)).status, 410, `not at ${page}`);
  for (const path of ['/confirm-address', '/second-factor']) t.equal((await api('POST', path, { token: person.token, ...(path === '/second-factor' ? { code: '000000' } : {}) }, { token: '' })).status, 410);
  t.same(await everything(), before);
  t.equal((await choose(other.token, PASSWORD)).status, 200);
  t.equal(await status(person.id), 'invited', 'a link is its own person\'s');
});

t.test('S5: sent again, the old one is dead at once, and three days begin anew', async (t) => {
  const person = await invited();
  const { sentAt } = (await account(person.id)).invitation;
  advance(71 * HOUR);
  t.equal((await again(person.id, { text: 'Once more: {{link}}' })).status, 204);
  t.not((await account(person.id)).invitation.sentAt, sentAt);
  t.equal((await choose(person.token, PASSWORD)).status, 410);
  const mails = await mailsTo(person);
  t.same(mails.map(({ kind }) => kind), ['invitation', 'activationAgain']);
  t.match(mails[1]?.['text'], 'Once more');
  advance(72 * HOUR - 1);
  t.equal((await choose(await lastToken(person), PASSWORD)).status, 200);
  t.equal((await again(person.id)).status, 409, 'the button is gone');
});

t.test('S5: also after it has expired', async (t) => {
  const person = await invited();
  advance(100 * HOUR);
  t.equal(await status(person.id), 'invited');
  t.equal((await again(person.id)).status, 204);
  t.equal((await choose(await lastToken(person), PASSWORD)).status, 200);
});

const EDITED = { subject: 'Come in, {{name}}', text: 'The canteen is open.\n\n{{link}}' };
const kept = async (id: string) => (await world.database.collection<{ _id: string; invitation?: object }>('credentials').findOne({ _id: id }))?.invitation;
const lastMail = async (person: Somebody) => (await mailsTo(person)).at(-1);

t.test('S5: sent again, the mail is the one that was edited', async (t) => {
  const person = await somebody({ name: { givenName: 'Ann' } });
  t.equal((await invite(person.id, EDITED)).status, 204);
  for (const [what, send] of [['by hand', () => again(person.id)], ['by hand, unchanged', () => again(person.id, EDITED)], ['forgot password', () => world.recover(person.address)]] as const) {
    const before = (await mailsTo(person)).length;
    await send();
    t.equal((await mailsTo(person)).length, before + 1, what);
    t.match(await lastMail(person), { kind: 'activationAgain', subject: 'Come in, Ann', text: /The canteen is open\./ }, what);
  }
  t.equal((await again(person.id, { text: 'Bring a pen.\n\n{{link}}' })).status, 204);
  t.match(await lastMail(person), { subject: 'Come in, Ann', text: /Bring a pen/ }, 'each part by itself');
  t.same(await kept(person.id), { subject: EDITED.subject, text: 'Bring a pen.\n\n{{link}}' }, 'the last text counts');
  const exported = (await api('GET', `/users/${person.id}/data`)).body;
  t.match(exported.account.invitation, { text: /Bring a pen/ });
  for (const shown of [await get(person.id), (await api('GET', '/users?search=Ann')).body]) t.notMatch(JSON.stringify(shown), /canteen|Bring a pen/, 'it is for whoever sends it');
  t.equal((await again(person.id, { subject: '', text: ' ' })).status, 204);
  t.notMatch((await lastMail(person))?.['text'], /canteen|Bring a pen/, 'emptied: the usual one');
  t.equal(await kept(person.id), undefined);
});

t.test('S5: a person at another address has the edited mail there', async (t) => {
  for (const move of [
    (id: string, address: string) => api('POST', `/users/${id}/address`, { address }),
    (id: string, address: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails', value: [{ value: address, type: 'work', primary: true }] }), as),
  ]) {
    const person = await somebody();
    await invite(person.id, EDITED);
    const address = `moved-${person.address}`;
    t.ok((await move(person.id, address)).status < 300);
    t.match(await lastMail(person), { to: { address }, text: /The canteen is open\./ });
  }
});

t.test('S5: a text that follows the language is not kept', async (t) => {
  const person = await somebody({ preferredLanguage: 'nl' });
  await invite(person.id, { text: EDITED.text });
  t.same(await kept(person.id), { text: EDITED.text });
  const dutch = (await lastMail(person))?.['subject'];
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'preferredLanguage', value: 'en' }), as);
  await again(person.id);
  t.not((await lastMail(person))?.['subject'], dutch);
  t.match(await lastMail(person), { language: 'en', text: /The canteen is open\./ });
});

t.test('S5: what was edited is refused where it does not work, and nothing else is kept', async (t) => {
  const person = await somebody();
  await invite(person.id, EDITED);
  const before = await everything();
  for (const body of [{ text: 'no link' }, { subject: '{{password}}' }, { text: `{{link}}${'a'.repeat(10_000)}` }, { subject: 'a'.repeat(10_001) }, { text: 1 }]) {
    t.match(await again(person.id, body), { status: 400, body: { scimType: 'invalidValue' } });
  }
  t.same(await everything(), before);
  // As another version with other placeholders might have kept it.
  await world.database.collection<{ _id: string }>('credentials').updateOne({ _id: person.id }, { $set: { 'invitation.text': 'The canteen is open. {{door}} {{link}}' } });
  t.equal((await again(person.id)).status, 204);
  t.match((await lastMail(person))?.['text'], /^(?![\s\S]*(canteen|\{\{))/, 'the usual text');
  t.match(await lastMail(person), { subject: /^Come in/ });
});

t.test('S5: what was edited is gone with the invitation', async (t) => {
  const password = (id: string) => api('POST', `/users/${id}/password`, { password: PASSWORD });
  const erase = (id: string) => call('DELETE', `/Users/${id}`, undefined, as);
  for (const [what, end] of [
    ['activated', async (person: Somebody) => choose(await lastToken(person), PASSWORD)],
    ['withdrawn', ({ id }: Somebody) => api('DELETE', `/users/${id}/invitation`)],
    ['a password by an administrator', ({ id }: Somebody) => password(id)],
    ['erased', ({ id }: Somebody) => erase(id)],
  ] as const) {
    const person = await somebody();
    await invite(person.id, EDITED);
    t.same(await kept(person.id), EDITED);
    const answer = await end(person);
    t.ok(answer.status < 300, `${what}: ${answer.text}`);
    t.equal(await kept(person.id), undefined, what);
    t.notMatch(JSON.stringify(await world.database.collection('links').find({ person: person.id }).toArray()), /canteen/);
  }
  const person = await somebody();
  await invite(person.id, EDITED);
  await api('DELETE', `/users/${person.id}/invitation`);
  t.equal((await invite(person.id)).status, 204);
  t.notMatch((await lastMail(person))?.['text'], /canteen/, 'a new invitation begins anew');
});

t.test('S5: withdrawn, the link is dead and the person stays', async (t) => {
  const person = await invited();
  t.equal((await api('DELETE', `/users/${person.id}/invitation`)).status, 204);
  t.same([(await choose(person.token, PASSWORD)).status, await status(person.id), await links(person.id)], [410, 'none', []]);
  t.equal((await invite(person.id)).status, 204);
});

t.test('S3: the policy says how long a link lives', async (t) => {
  await policy({ invitationHours: 1 });
  advance(10 * SECOND);
  const person = await invited();
  await policy({ invitationHours: null });
  advance(HOUR);
  t.equal((await choose(person.token, PASSWORD)).status, 410);
});

t.test('S3: the mail goes to the stored address, and the link to PUBLIC_URL', async (t) => {
  const person = await somebody();
  const answer = await world.app.inject({ method: 'POST', url: `/api/v1/users/${person.id}/invitation`, headers: { authorization: `Bearer ${world.manager}`, host: 'evil.example', 'x-forwarded-host': 'evil.example', 'content-type': 'application/json' }, payload: '{}' });
  t.equal(answer.statusCode, 204);
  t.notMatch(JSON.stringify(await mailsTo(person)), /evil/);
  t.equal(typeof tokenIn(String((await mailsTo(person))[0]?.['text'])), 'string');
});
