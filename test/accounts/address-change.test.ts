/** Another address: S10 by its link, J5 at once, L2 by a provider. */
import t from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { patchBody, unique, userBody } from '../helpers/app.ts';
import { ACCOUNT, HOUR, near, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { account, active, advance, api, as, audit, browser, call, choose, everything, get, invited, lastToken, links, mailsTo, policy, recover, session, sessionLives, signIn, somebody, status, wrong } = world;
const newAddress = () => `${unique('new')}@people.example`;
const ask = (id: string, address: Json) => api('POST', `/users/${id}/address`, { address });
const confirm = (token: Json) => api('POST', '/confirm-address', { token }, { token: '' });
const addresses = async ({ id }: Pick<Somebody, 'id'>) => (await get(id)).emails.map(({ value }: { value: string }) => value);
const kinds = async (person: Somebody) => (await mailsTo(person)).map(({ kind, to }) => [kind, to.address]);

t.test('S10: until the link is followed nothing has changed', async (t) => {
  const person = await active();
  const cookie = await session(person);
  const before = await get(person.id);
  const address = newAddress();
  advance(SECOND);
  t.match(await ask(person.id, address), { status: 200, body: { outcome: 'confirm' } });
  t.same(await get(person.id), before, 'no new version either');
  t.same(await kinds(person), [['addressConfirm', address]], 'the new address alone is asked');
  t.notMatch((await mailsTo(person))[0]?.['text'], new RegExp(person.address), 'and not told the old one: it may be a stranger\'s');
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(address, PASSWORD)).status, await sessionLives(cookie)], [200, 401, true]);
  await recover(address);
  t.equal((await kinds(person)).length, 1, 'nor does a new password go there');
  const other = await somebody({ emails: [{ value: address }] });
  t.equal((await api('POST', `/users/${other.id}/invitation`, {})).status, 204, 'it is held for nobody');
});

t.test('S10: followed, the new one counts, the old one is free and told, and all sessions end', async (t) => {
  const person = await active();
  const cookie = await session(person);
  await recover(person.address);
  const reset = await lastToken(person);
  const address = newAddress();
  await ask(person.id, address);
  const token = await lastToken(person);
  const visitor = browser();
  const before = await everything();
  for (let time = 0; time < 3; time++) t.match(await visitor.get(`/confirm-email?token=${token}`), { status: 200, text: address });
  t.same(await everything(), before, 'opening it changes nothing');
  advance(SECOND);
  t.match(await visitor.post('/confirm-email', { token }), { status: 200, text: 'href="/sign-in"' });
  t.match(await get(person.id), { userName: address, emails: [{ value: address, type: 'work', primary: true }] }, 'the user name was the address, and follows');
  t.same((await kinds(person)).at(-1), ['addressChanged', person.address]);
  t.notMatch((await mailsTo(person)).at(-1)?.['text'], new RegExp(address), 'who reads there does not learn the new one');
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(address, PASSWORD)).status, await sessionLives(cookie)], [401, 200, false]);
  t.same([(await choose(reset, 'a third sentence here')).status, (await confirm(token)).status, (await visitor.post('/confirm-email', { token })).status], [410, 410, 410]);
  t.equal(await audit(person.id, 'changeAddress'), 1);
  const next = await somebody({ userName: person.address, emails: [{ value: person.address }] });
  t.equal((await api('POST', `/users/${next.id}/invitation`, {})).status, 204, 'the old one is free');
});

t.test('S10: a user name of its own stays; other addresses stay', async (t) => {
  const person = await active({ userName: 'own.name', emails: [{ value: 'home-1@people.example', type: 'home' }, { value: 'work-1@people.example', type: 'work' }] });
  await ask(person.id, 'work-2@people.example');
  t.equal((await confirm(await lastToken(person))).status, 204);
  t.match(await get(person.id), { userName: 'own.name', emails: [{ value: 'home-1@people.example', type: 'home' }, { value: 'work-2@people.example', type: 'work' }] });
});

t.test('S10: the link lives three days, for its purpose, and for one person', async (t) => {
  const [person, late] = [await active(), await active()];
  await ask(person.id, newAddress());
  await ask(late.id, newAddress());
  const token = await lastToken(person);
  const before = await everything();
  for (const other of [near(token), token.slice(1), '', null, [token], { $ne: '' }]) t.ok([400, 410].includes((await confirm(other)).status), JSON.stringify(other));
  t.equal((await choose(token, 'a third sentence here')).status, 410);
  t.equal((await browser().get(`/reset?token=${token}`)).status, 410);
  t.same(await everything(), before);
  advance(72 * HOUR - 1);
  t.equal((await confirm(token)).status, 204);
  advance(1);
  t.match(await confirm(await lastToken(late)), { status: 410, body: { detail: /expired/ } });
  t.match(await browser().get(`/confirm-email?token=${await lastToken(late)}`), { status: 410 });
  t.same(await addresses(late), [late.address]);
});

t.test('S10: an address that was taken meanwhile is refused, and the old one stays', async (t) => {
  const person = await active();
  const address = newAddress();
  t.equal((await ask(person.id, address)).status, 200);
  const thief = await active({ userName: unique('thief'), emails: [{ value: address.toUpperCase() }] });
  const before = await everything();
  t.match(await confirm(await lastToken(person)), { status: 409, body: { scimType: 'uniqueness' } });
  const visitor = browser();
  t.equal((await visitor.post('/confirm-email', { token: await lastToken(person) })).status, 410);
  t.same(await everything(), before);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
  t.equal((await ask(person.id, address)).status, 409, 'nor asked for again');
  const named = newAddress();
  await ask(person.id, named);
  await somebody({ userName: named, emails: [] });
  t.equal((await confirm(await lastToken(person))).status, 409, 'nor a user name of somebody else');
  t.same(await addresses(person), [person.address]);
  await call('DELETE', `/Users/${thief.id}`, undefined, as);
});

t.test('S10: two who want the same address', async (t) => {
  const [one, two] = [await active(), await active()];
  const address = newAddress();
  for (const { id } of [one, two]) t.equal((await ask(id, address)).status, 200);
  const answers = await Promise.all([confirm(await lastToken(one)), confirm(await lastToken(two))]);
  t.same(answers.map(({ status }) => status).sort(), [204, 409]);
  t.equal(new Set([...(await addresses(one)), ...(await addresses(two))]).size, 2);
});

t.test('S10: asked again, the last one counts', async (t) => {
  const person = await active();
  const [first, second] = [newAddress(), newAddress()];
  await ask(person.id, first);
  const earlier = await lastToken(person);
  await ask(person.id, second);
  t.equal((await confirm(earlier)).status, 410, 'the first is no longer what is wanted');
  t.equal((await confirm(await lastToken(person))).status, 204);
  t.same(await addresses(person), [second]);
});

t.test('S10: what cancels a pending change', async (t) => {
  for (const [what, act] of Object.entries<(id: string) => Promise<{ readonly status: number }>>({
    'a deactivation': (id) => api('POST', `/users/${id}/deactivate`),
    'a provider that has one of its own': (id) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: newAddress() }), as),
    'a password from an administrator': (id) => api('POST', `/users/${id}/password`, { password: 'a third sentence here' }),
  })) {
    const person = await active();
    await ask(person.id, newAddress());
    const token = await lastToken(person);
    t.ok((await act(person.id)).status < 300, what);
    const now = await addresses(person);
    if (what === 'a deactivation') await api('POST', `/users/${person.id}/reactivate`);
    t.same([(await confirm(token)).status, await addresses(person), await links(person.id)], [410, now, []], what);
  }
});

t.test('S10: what is no address, or nobody\'s to change', async (t) => {
  const [person, gone] = [await active(), await active()];
  await api('POST', `/users/${gone.id}/deactivate`);
  const before = await everything();
  for (const address of ['', 'none', 'a@b.example,c@d.example', 'a@b.example\r\nBcc: e@f.example', `${'x'.repeat(300)}@people.example`, 'mıke@people.example', ['a@people.example'], { value: 'a@people.example' }, null]) {
    t.match(await ask(person.id, address), { status: 400, body: { scimType: 'invalidValue' } }, JSON.stringify(address));
  }
  t.equal((await ask(gone.id, newAddress())).status, 409);
  t.equal((await ask('00000000-0000-7000-8000-000000000000', newAddress())).status, 404);
  t.same(await everything(), before);
});

t.test('S10: somebody invited is invited at the new address at once', async (t) => {
  for (const [what, act] of [
    ['an administrator', (id: string, address: string) => ask(id, address)],
    ['a provider', (id: string, address: string) => call('PATCH', `/Users/${id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: address }), as)],
    ['a PUT', (id: string, address: string) => call('PUT', `/Users/${id}`, userBody({ userName: address, emails: [{ value: address }] }), as)],
  ] as const) {
    const person = await invited();
    const address = newAddress();
    t.equal((await act(person.id, address)).status, 200, what);
    t.same([await status(person.id), await addresses(person), (await choose(person.token, PASSWORD)).status], ['invited', [address], 410], what);
    const sent = await kinds(person);
    t.same([sent.length, sent.at(-1)], [2, ['activationAgain', address]], `${what}: the old address hears nothing`);
    t.equal((await choose(await lastToken(person), PASSWORD)).status, 200, what);
  }
});

t.test('J5: a plain save where the policy says so', async (t) => {
  await policy({ confirmAddress: false });
  advance(2 * SECOND);
  t.teardown(() => policy({ confirmAddress: null }));
  const person = await active();
  const cookie = await session(person);
  const address = newAddress();
  t.match(await ask(person.id, address), { status: 200, body: { outcome: 'changed' } });
  t.same([await kinds(person), await sessionLives(cookie), (await get(person.id)).userName], [[['addressChanged', person.address]], false, address]);
  t.same([(await signIn(person.address, PASSWORD)).status, (await signIn(address, PASSWORD)).status], [401, 200]);
});

t.test('L2: an address from a provider counts at once; the old one is told, and a lock stays', async (t) => {
  const person = await active();
  await wrong(person, 3);
  const address = newAddress();
  t.equal((await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: address }), as)).status, 200);
  t.same([await kinds(person), await status(person.id), (await get(person.id)).userName], [[['addressChanged', person.address]], 'locked', person.address], 'the user name is the provider\'s own');
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: address.toUpperCase() }), as);
  const other = await active();
  const taken = await call('PATCH', `/Users/${other.id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: address }), as);
  t.same([taken.status, taken.body.scimType, await addresses(other)], [409, 'uniqueness', [other.address]]);
});

t.test('L2: what is not the address ends nothing and mails nobody', async (t) => {
  const person = await active();
  const cookie = await session(person);
  for (const operation of [{ op: 'replace', path: 'displayName', value: 'New' }, { op: 'add', path: 'emails', value: [{ value: 'second@people.example', type: 'home' }] }, { op: 'replace', path: 'userName', value: unique('renamed') }, { op: 'replace', path: `${ACCOUNT}:twoFactorRequired`, value: false }]) {
    t.equal((await call('PATCH', `/Users/${person.id}`, patchBody(operation), as)).status, 200);
  }
  t.ok(await sessionLives(cookie));
  t.same(await mailsTo(person), []);
});

t.test('L2: a PUT of a client that does not know the login leaves it', async (t) => {
  const person = await active();
  const before = await account(person.id);
  const strict = (await world.makeClient(world.tenants.own, { tolerances: 'strict', settings: { signInMethod: 'sso' } })).token;
  t.equal((await call('PUT', `/Users/${person.id}`, userBody({ userName: person.address, emails: [{ value: person.address, type: 'work', primary: true }], title: 'Mover' }), { token: strict })).status, 200);
  t.same(await account(person.id), before);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
});
