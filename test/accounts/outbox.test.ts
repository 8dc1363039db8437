/** From the outbox to a mail server: each mail once, later where it cannot be now, never where it is no longer meant. */
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { createLog } from '../../src/log.ts';
import { claimMail, settleMail } from '../../src/store/outbox.ts';
import { Keyring } from '../../src/store/keys.ts';
import { setTenantState } from '../../src/tenancy/tenants.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { TASKS } from '../../src/worker.ts';
import { patchBody } from '../helpers/app.ts';
import { startMailServer, startSilentServer, startTransport } from '../mail/smtp.ts';
import { HOUR, MINUTE, PASSWORD, SECOND, startWorld, type Somebody } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, advance, api, as, call, choose, clock, database, invited, lastToken, mailsTo, recover, store } = world;
const task = TASKS.find(({ name }) => name === 'send mail');
const logFile = join(t.testdir(), 'log');
const log = createLog({ level: 'trace', fd: openSync(logFile, 'w') });
const keyring = new Keyring(store, () => world.config.secretKeys, () => clock.now);

/** What the next mails are answered with; taken where there is nothing. @param cuts are lost after DATA */
let answers: readonly (number | 'cut')[] = [];
const server = await startMailServer(t, {
  onData(stream, session, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const source = Buffer.concat(chunks).toString();
      server.received.push({ from: false, to: session.envelope.rcptTo.map(({ address }) => address), secure: session.secure, user: undefined, source });
      const [answer, ...rest] = answers;
      answers = rest;
      if (answer === 'cut') cut();
      else done(answer === undefined ? null : Object.assign(new Error('told so'), { responseCode: answer }), 'taken');
    });
  },
});
const cut = () => {
  for (const connection of server.server.connections as Iterable<{ close: () => void }>) connection.close();
};
const transport = startTransport(t, { smtpUrl: `smtp://127.0.0.1:${server.port}` });
const work = (other = transport) => task?.run({ store, registry: store.registry, behaviours: accountBehaviours, keyring, config: world.config, transport: other, domain: 'rollcall.example', log, now: () => clock.now, random: () => 0.5 });
const taken = () => server.received.splice(0);
const messageId = (source = '') => /^Message-ID: (\S+)/im.exec(source)?.[1];
const state = async (person: Somebody) => {
  const { body } = await api('GET', `/users/${person.id}/mails`);
  return body.mails[0];
};
t.beforeEach(async () => {
  await database.collection('outbox').deleteMany({});
  answers = [];
  taken();
});

t.test('S3: sent once, to one recipient, under the id of the mail; its text is then gone', async (t) => {
  const person = await invited();
  t.same([(await state(person)).state, taken()], ['waiting', []], 'nothing is sent in the request');
  const [mail] = await mailsTo(person);
  await work();
  const [sent, ...others] = taken();
  t.same([others, sent?.to, messageId(sent?.source)], [[], [person.address], `<${String(mail?.['_id'])}@rollcall.example>`]);
  t.match(await state(person), { kind: 'invitation', state: 'sent', attempts: 1, answer: '250 taken', done: clock.now.toISOString() });
  const [kept] = await mailsTo(person);
  t.same([kept?.['text'], kept?.['html'], kept?.['lease']], ['', '', undefined]);
  t.notMatch(JSON.stringify(await database.collection('outbox').find().toArray()), person.token);
  advance(10 * HOUR);
  await work();
  t.same(taken(), []);
  t.equal((await choose(person.token, PASSWORD)).status, 200);
});

t.test('S3: without a mail server mails wait', async (t) => {
  const person = await invited();
  await task?.run({ store, registry: store.registry, behaviours: accountBehaviours, keyring, config: world.config, transport: undefined, domain: 'x', log, now: () => clock.now });
  t.match(await state(person), { state: 'waiting', attempts: 0 });
});

t.test('F7: 4xx comes again later, further and further apart, under the same Message-ID', async (t) => {
  const person = await invited();
  answers = [451, 421, 452];
  const ids = [];
  for (const wait of [30 * SECOND, 2 * MINUTE, 10 * MINUTE]) {
    await work();
    ids.push(...taken().map(({ source }) => messageId(source)));
    t.match(await state(person), { state: 'waiting', attempts: ids.length, answer: /^4\d\d/ });
    advance(wait - 1);
    await work();
    t.same(taken(), [], 'not before its time');
    advance(1);
  }
  await work();
  ids.push(...taken().map(({ source }) => messageId(source)));
  t.same([ids.length, new Set(ids).size], [4, 1]);
  t.match(await state(person), { state: 'sent', attempts: 4 });
});

t.test('F7: 5xx is refused for good, and shown', async (t) => {
  const person = await invited();
  answers = [550];
  await work();
  t.match(await state(person), { state: 'refused', attempts: 1, answer: /^550/ });
  t.equal((await mailsTo(person))[0]?.['text'], '');
  advance(24 * HOUR);
  taken();
  await work();
  t.same(taken(), []);
  const narrow = (await world.makeClient(world.tenants.own, { scopes: ['*'] })).token;
  const foreign = (await world.makeClient(world.tenants.other, { scopes: ['*', 'users.manage'] })).token;
  t.same([(await api('GET', `/users/${person.id}/mails`, undefined, { token: narrow })).status, (await api('GET', `/users/${person.id}/mails`, undefined, { token: foreign })).status], [403, 404]);
  t.notMatch((await api('GET', `/users/${person.id}/mails`)).text, /token=|<html/, 'a manager does not see the link');
});

t.test('F7: given up after three days; a link that is over by then is not sent at all', async (t) => {
  const person = await active({});
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: 'later@people.example' }), as);
  const waiting = await invited();
  t.equal((await state(person)).kind, 'addressChanged', 'a mail without a link');
  const began = clock.now.getTime();
  answers = Array.from({ length: 1000 }, () => 451);
  while ((await state(person)).state === 'waiting' && clock.now.getTime() - began < 100 * HOUR) {
    await work();
    advance(4 * HOUR);
  }
  const gone = await state(person);
  t.equal(gone.state, 'givenUp');
  const hours = (Date.parse(gone.done) - began) / HOUR;
  t.ok(hours >= 60 && hours <= 100, `${hours} hours`);
  await work();
  t.equal((await state(waiting)).state, 'dropped');
  t.same((await mailsTo(person)).map(({ text }) => text), ['']);
});

t.test('F7: cut after DATA it comes again, under the same Message-ID', async (t) => {
  const person = await invited();
  answers = ['cut'];
  await work();
  t.match(await state(person), { state: 'waiting', attempts: 1 });
  advance(30 * SECOND);
  await work();
  const ids = taken().map(({ source }) => messageId(source));
  t.same([ids.length, new Set(ids).size], [2, 1]);
  t.equal((await state(person)).state, 'sent');
});

t.test('F7: a server that is away, or says nothing, costs nothing but time', async (t) => {
  const person = await invited();
  await work(startTransport(t, { smtpUrl: 'smtp://127.0.0.1:1' }));
  t.match(await state(person), { state: 'waiting', attempts: 1 });
  advance(30 * SECOND);
  await work(startTransport(t, { smtpUrl: `smtp://127.0.0.1:${await startSilentServer(t)}`, timeouts: { greeting: 50, socket: 50, connection: 50 } }));
  t.match(await state(person), { state: 'waiting', attempts: 2 });
  advance(2 * MINUTE);
  await work();
  t.equal((await state(person)).state, 'sent');
});

t.test('F8: workers at the same time send each mail once', async (t) => {
  const people = await Promise.all(Array.from({ length: 12 }, () => invited()));
  await Promise.all([work(), work(), work(), work()]);
  t.same(taken().map(({ to }) => to[0]).sort(), people.map(({ address }) => address).sort());
  t.equal(await database.collection('outbox').countDocuments({ state: 'sent' }), 12);
});

t.test('F8: what a dead worker held is taken over when its lease is over, and what it says then counts no more', async (t) => {
  const person = await invited();
  const held = await claimMail(store, 'a process that dies', clock.now);
  t.equal(held?.person, person.id);
  await work();
  t.same(taken(), [], 'it is somebody else\'s');
  advance(2 * MINUTE);
  await work();
  t.equal(taken().length, 1);
  if (held) await settleMail(store, held, 'a process that dies', { state: 'refused', done: clock.now });
  t.match(await state(person), { state: 'sent' });
});

t.test('F7: nothing goes to people and tenants that are gone, nor with a dead link', async (t) => {
  const doing = { store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined } as const;
  const cases: Readonly<Record<string, (person: Somebody) => Promise<unknown>>> = {
    deactivated: ({ id }) => api('POST', `/users/${id}/deactivate`),
    deleted: ({ id }) => call('DELETE', `/Users/${id}`, undefined, as),
    withdrawn: ({ id }) => api('DELETE', `/users/${id}/invitation`),
    'used meanwhile': async (person) => choose(await lastToken(person), PASSWORD),
    expired: async () => advance(72 * HOUR),
    'of a suspended tenant': () => setTenantState(doing, world.tenants.own, 'suspended'),
  };
  for (const [what, act] of Object.entries(cases)) {
    const person = await invited();
    await act(person);
    await work();
    t.same(taken(), [], what);
    t.match(await mailsTo(person), what === 'deleted' ? [] : [{ state: 'dropped', text: '', html: '' }], what);
  }
  await setTenantState(doing, world.tenants.own, 'active');
  advance(SECOND);
  const person = await invited();
  await api('POST', `/users/${person.id}/invitation/again`, {});
  await work();
  t.equal(taken().length, 1, 'of two invitations the one with the live link');
});

t.test('S10: who has left is still told that the address was changed', async (t) => {
  const person = await active();
  await call('PATCH', `/Users/${person.id}`, patchBody({ op: 'replace', path: 'emails[type eq "work"].value', value: 'thief@people.example' }), as);
  await api('POST', `/users/${person.id}/deactivate`);
  await work();
  t.same(taken().map(({ to }) => to), [[person.address]]);
});

t.test('S6: a mail that waits is in no log, nor is what it holds', async (t) => {
  const person = await active();
  await recover(person.address);
  const token = await lastToken(person);
  answers = [451, 550];
  await work();
  advance(MINUTE);
  await work();
  const lines = readFileSync(logFile, 'utf8');
  t.ok(lines.split('\n').length > 10);
  t.notMatch(lines, token);
  t.notMatch(lines, /people\.example|token=/);
});
