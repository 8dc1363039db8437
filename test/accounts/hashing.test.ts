/** J7, F16: passwords are hashed by a process of lower priority, and its end is nobody's guess. */
import { readdirSync } from 'node:fs';
import { getPriority } from 'node:os';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import t from 'tap';
import { hashApart } from '../../src/accounts/passwords.ts';
import { alive, identify } from '../../src/store/embedded/process.ts';
import { waitFor } from '../helpers/start-server.ts';
import { OTHER_PASSWORD, PASSWORD, startWorld } from './world.ts';

const world = await startWorld(t, import.meta.url);
const { active, credential, signIn, status } = world;
const lines = new PassThrough();
const logged = () => String(lines.read() ?? '');
const apart = hashApart(pino(lines));
t.teardown(() => apart.close());

const WITHIN_MS = 30_000;
const signal = (name: NodeJS.Signals) => {
  if (apart.pid === undefined) throw new Error('no process hashes');
  process.kill(apart.pid, name);
};

t.test('F16: one process of lower priority hashes them all', async (t) => {
  const person = await active();
  const { pid = 0 } = apart;
  t.ok(alive({ pid, startedAt: identify(pid)?.startedAt ?? '' }));
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
  t.equal((await signIn(person.address, OTHER_PASSWORD)).status, 401);
  t.equal((await signIn('nobody@people.example', PASSWORD)).status, 401);
  t.equal(apart.pid, pid, 'one for known and unknown, right and wrong');
  const threads = process.platform === 'linux' ? readdirSync(`/proc/${pid}/task`).map(Number) : [pid];
  const own = getPriority();
  if (own < 19) t.same(threads.filter((thread) => getPriority(thread) <= own), [], 'those of its threads that hash too');
});

t.test('J7: a process that dies in the middle of an attempt is followed by another one, which judges it', async (t) => {
  const person = await active();
  for (const [password, expected] of [[PASSWORD, 200], ['wrong guess', 401]] as const) {
    const { pid } = apart;
    signal('SIGSTOP');
    const answer = signIn(person.address, password);
    await waitFor(() => apart.underWay === 1, WITHIN_MS);
    signal('SIGKILL');
    t.equal((await answer).status, expected);
    t.not(apart.pid, pid);
    t.match(logged(), /"underWay":1,"msg":"the process for passwords has ended/);
  }
  t.equal((await credential(person.id))?.failures, 1, 'the wrong guess, once');
});

t.test('J7: an attempt that two processes died of is none', async (t) => {
  const person = await active();
  for (const name of [person.address, 'nobody@people.example']) {
    await signIn('somebody@people.example', PASSWORD);
    const answer = dyingTwice(name);
    t.match(await answer, { status: 503, headers: { 'retry-after': '2' } });
    t.equal((await credential(person.id))?.failures ?? 0, 0, 'it is given back');
    const said = logged();
    t.equal(said.match(/has ended/g)?.length, 2);
    t.notMatch(said, new RegExp(`${PASSWORD}|argon2`), 'and the log does not say what it was');
  }
  t.equal(await status(person.id), 'active');
  t.equal((await signIn(person.address, PASSWORD)).status, 200, 'the next one starts the next process');
  t.equal(await world.database.collection('sessions').countDocuments({ person: person.id }), 1);
});

t.test('a process is told to end, and the next password starts another one', async (t) => {
  const person = await active();
  const was = identify(apart.pid ?? 0);
  if (was === undefined) throw new Error('no process hashes');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(was.pid, signal);
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
  t.equal(apart.pid, was.pid, 'what a terminal or a service manager tells all processes does not end it before its server');
  await apart.close();
  t.notOk(alive(was));
  t.equal(apart.pid, undefined);
  t.equal(logged(), '', 'which is no death');
  await apart.close();
  t.equal((await signIn(person.address, PASSWORD)).status, 200);
  t.not(apart.pid, was.pid);
});

async function dyingTwice(name: string) {
  const { pid } = apart;
  signal('SIGSTOP');
  const answer = signIn(name, PASSWORD);
  await waitFor(() => apart.underWay === 1, WITHIN_MS);
  signal('SIGKILL');
  while (apart.pid === undefined || apart.pid === pid) await turn();
  signal('SIGKILL');
  return answer;
}
