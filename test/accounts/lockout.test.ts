/** J7: exactly as many guesses as the policy says, also at once; the lock opens by hand alone, and throws nobody out. */
import type { mongo } from 'mongoose';
import t from 'tap';
import { patchBody, userBody } from '../helpers/app.ts';
import { OTHER_PASSWORD, PASSWORD, ACCOUNT, startWorld, SECOND, MINUTE } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, as, audit, call, credential, everything, get, mailsTo, policy, session, sessionLives, signIn, status, wrong } = world;
const patch = (id: string, ...operations: Parameters<typeof patchBody>) => call('PATCH', `/Users/${id}`, patchBody(...operations), as);

t.test('J7: the third wrong password locks, and the right one does not open', async (t) => {
  const person = await active();
  const version = (await get(person.id)).meta.version;
  const cookie = await session(person);
  await wrong(person, 2);
  t.equal(await status(person.id), 'active', 'two do nothing');
  t.equal((await get(person.id)).meta.version, version, 'nor make a version');
  await wrong(person, 1);
  t.match(await world.account(person.id), { status: 'locked', locked: true, lockedAt: world.clock.now.toISOString() });
  const locked = (await get(person.id)).meta.version;
  t.equal((await signIn(person.address, PASSWORD)).status, 401);
  await wrong(person, 5);
  t.equal((await get(person.id)).meta.version, locked, 'once locked nothing more is written of it');
  t.equal((await credential(person.id))?.failures, 3);
  t.equal(await audit(person.id, 'lock'), 1);
  t.same(await mailsTo(person), []);
  t.ok(await sessionLives(cookie), 'who is in stays in');
});

t.test('J7: a good sign-in resets the count', async (t) => {
  const person = await active();
  for (let round = 0; round < 2; round++) {
    await wrong(person, 2);
    t.equal((await signIn(person.address, PASSWORD)).status, 200);
  }
  t.equal((await credential(person.id))?.failures, 0);
});

t.test('J7: right passwords at once lock nobody', async (t) => {
  const person = await active();
  await Promise.all(Array.from({ length: 12 }, () => signIn(person.address, PASSWORD)));
  t.same([await status(person.id), await audit(person.id, 'lock')], ['active', 0]);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
});

t.test('J7: one count for every way to write the name', async (t) => {
  const person = await active({ userName: 'Count.Me' });
  for (const name of ['count.me', ' COUNT.ME ', person.address.toUpperCase()]) t.equal((await signIn(name, 'wrong guess')).status, 401);
  t.equal(await status(person.id), 'locked');
});

t.test('J7: as many as the policy says', async (t) => {
  await policy({ lockoutAttempts: 5 });
  t.teardown(() => policy({ lockoutAttempts: null }));
  const person = await active();
  await wrong(person, 4);
  t.equal(await status(person.id), 'active');
  await wrong(person, 1);
  t.equal(await status(person.id), 'locked');
});

t.test('J7: of 200 guesses at once three are looked at, and the right one among them comes too late', async (t) => {
  const person = await active();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => signIn(person.address, at === 100 ? PASSWORD : `guess ${at}`)));
  t.same(new Set(answers.map(({ status }) => status).filter((status) => status !== 503)), new Set([401]), 'nobody is in');
  t.equal((await credential(person.id))?.failures, 3);
  t.equal(await status(person.id), 'locked', 'and everybody can see why');
  t.equal(await audit(person.id, 'lock'), 1);
  t.equal(await world.database.collection('sessions').countDocuments({ person: person.id }), 0);
});

t.test('J7: an attempt that a busy server refuses to look at is no guess', async (t) => {
  await policy({ lockoutAttempts: 100 });
  t.teardown(() => policy({ lockoutAttempts: null }));
  const person = await active();
  const own: number[] = [];
  for (let round = 0; round < 10 && !own.includes(503); round++) {
    // They come at once, and the one with an account is the last of them.
    const crowd = Array.from({ length: 200 }, (_, at) => signIn(`nobody-${at}@people.example`, 'whatever it was'));
    own.push((await signIn(person.address, 'wrong')).status);
    await Promise.all(crowd);
  }
  t.ok(own.includes(503), 'the server was busy');
  t.equal((await credential(person.id))?.failures ?? 0, own.filter((status) => status === 401).length);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
});

t.test('J7: whoever is refused because the server is busy has cost the database nothing', async (t) => {
  let looked = 0;
  const look = ({ commandName, command }: mongo.CommandStartedEvent) => {
    if (commandName === 'findAndModify' && command['findAndModify'] === 'credentials') looked++;
  };
  const client = world.store.collections.tenants.db.client;
  client.on('commandStarted', look);
  t.teardown(() => client.off('commandStarted', look));
  const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => signIn(`nobody-${at}@people.example`, 'whatever it was')));
  t.ok(answers.some(({ status }) => status === 503), 'the server was busy');
  t.ok(answers.every(({ status, headers }) => status === 401 || (status === 503 && /^\d+$/.test(String(headers['retry-after'])))));
  t.equal(looked, answers.filter(({ status }) => status === 401).length);
});

t.test('J7: the guess that locks is answered as any other, before there is a lock', async (t) => {
  const person = await active();
  await wrong(person, 2);
  const writer = world.database.client.startSession();
  writer.startTransaction();
  await world.database.collection<{ _id: string }>('users').updateOne({ _id: person.id }, { $set: { held: true } }, { session: writer });
  t.equal((await signIn(person.address, 'the last guess')).status, 401, 'although nobody can write the lock');
  t.equal((await get(person.id))[ACCOUNT].status, 'active');
  t.equal((await signIn(person.address, PASSWORD)).status, 401, 'the count refuses everybody meanwhile');
  await writer.abortTransaction();
  await writer.endSession();
  t.equal(await status(person.id), 'locked');
  t.equal(await audit(person.id, 'lock'), 1);
});

t.test('J7: whoever cannot sign in can be unlocked', async (t) => {
  await t.test('guesses while deactivated', async (t) => {
    const person = await active();
    await api('POST', `/users/${person.id}/deactivate`);
    await wrong(person, 3);
    await api('POST', `/users/${person.id}/reactivate`);
    t.equal(await status(person.id), 'active');
    t.equal((await signIn(person.address, PASSWORD)).status, 200, 'active is who can sign in');
  });
  await t.test('a stricter policy', async (t) => {
    await policy({ lockoutAttempts: 5 });
    const person = await active();
    await wrong(person, 4);
    await policy({ lockoutAttempts: null });
    // Until then another process might still be judging the last attempt.
    world.clock.now = new Date(world.clock.now.getTime() + 120_000);
    const answer = await signIn(person.address, PASSWORD);
    const now = await status(person.id);
    t.ok(answer.status === 200 ? now === 'active' : now === 'locked', `${answer.status} while ${now}`);
  });
});

t.test('J7: the lock can be filtered and sorted by', async (t) => {
  const person = await active();
  await wrong(person, 3);
  const filter = `${ACCOUNT}:status eq "locked" and userName eq "${person.address}"`;
  const found = await call('GET', `/Users?filter=${encodeURIComponent(filter)}`, undefined, as);
  t.same(found.body.Resources.map(({ id }: { id: string }) => id), [person.id]);
});

t.test('J7: unlocked over the API', async (t) => {
  const person = await active();
  await wrong(person, 3);
  t.equal((await api('POST', `/users/${person.id}/unlock`)).status, 204);
  t.same([await status(person.id), (await credential(person.id))?.failures, await audit(person.id, 'unlock')], ['active', 0, 1]);
  t.same(await mailsTo(person), []);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
  const before = await everything();
  t.match(await api('POST', `/users/${person.id}/unlock`), { status: 409, body: { detail: 'The account is not locked.' } }, 'the button is there only while locked');
  t.same(await everything(), before);
});

t.test('J7: unlocked over SCIM, by a path that says so', async (t) => {
  const person = await active();
  await wrong(person, 3);
  advance(SECOND);
  const body = await get(person.id);
  for (const [what, act] of [
    ['a PUT', () => call('PUT', `/Users/${person.id}`, { ...body, [ACCOUNT]: { ...body[ACCOUNT], locked: false } }, as)],
    ['no path', () => patch(person.id, { op: 'replace', value: { [ACCOUNT]: { locked: false } } })],
    ['no path, the name in full', () => patch(person.id, { op: 'replace', value: { [`${ACCOUNT}:locked`]: false } })],
  ] as const) {
    const answer = await act();
    t.match([answer.status, await status(person.id)], [200, 'locked'], `${what} only repeats what was read: ${answer.text}`);
  }
  for (const locked of [true, 'True']) t.equal((await patch(person.id, { op: 'replace', path: `${ACCOUNT}:locked`, value: locked })).status, 200, 'already so');
  const opened = await patch(person.id, { op: 'replace', path: `${ACCOUNT}:locked`, value: false });
  t.match(opened.body[ACCOUNT], { status: 'active', locked: undefined, lockedAt: undefined });
  t.equal((await credential(person.id))?.failures, 0);
  const refused = await patch(person.id, { op: 'replace', path: `${ACCOUNT}:locked`, value: true });
  t.same([refused.status, refused.body.scimType, await status(person.id)], [400, 'invalidValue', 'active'], 'nobody is locked by hand');
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
});

t.test('J7: what else leaves a lock as it is', async (t) => {
  const person = await active();
  await wrong(person, 3);
  t.equal((await api('POST', `/users/${person.id}/password`, { password: OTHER_PASSWORD })).status, 204);
  t.equal(await status(person.id), 'locked');
  t.equal((await call('PUT', `/Users/${person.id}`, userBody({ userName: person.address, emails: [{ value: person.address }] }), as)).status, 200);
  t.equal(await status(person.id), 'locked');
  advance(30 * 24 * 60 * MINUTE);
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, 401, 'time does not heal it');
});
