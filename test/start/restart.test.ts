import t, { type Test } from 'tap';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { canConnect } from '../helpers/standalone-mongod.ts';
import {
  alive, dataDirectory, freePort, identify, kill, mongodOf, serverOf, startServer, waitFor, type Env, type Started,
} from '../helpers/start-server.ts';

const TOKEN: Env = { ROLLCALL_TOKEN: 'a-token-that-these-tests-know-0123456789' };
const headers = (token: string | undefined) => ({ authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/scim+json' });
const user = (userName: string) => JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });

async function create({ base, token = TOKEN['ROLLCALL_TOKEN'] }: Started, userName: string): Promise<string> {
  const answer = await fetch(`${base}/Users`, { method: 'POST', headers: headers(token), body: user(userName) });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}
const status = async ({ base }: Started, id: string, token = TOKEN['ROLLCALL_TOKEN']) =>
  (await fetch(`${base}/Users/${id}`, { headers: headers(token) })).status;

t.test('a restart keeps the data and its token, and prints no new one', async (t) => {
  const dataDir = await dataDirectory(t);
  const first = await startServer(t, { dataDir });
  t.match(first.token, /^\S{32,}$/, 'the first start prints a token');
  t.match(first.stdout(), new RegExp(`^SCIM base URL +${first.base}\\n`));
  t.match(first.stdout(), /ready\.\n$/, 'the last line says ready');
  const id = await create(first, 'kept');
  const mongod = await mongodOf(dataDir);
  t.equal((await first.stop()).code, 0);
  t.equal(mongod !== undefined && alive(mongod), false, 'its mongod was stopped');

  const second = await startServer(t, { dataDir });
  t.equal(second.token, undefined);
  t.notMatch(second.stdout(), first.token ?? 'x');
  t.equal(await status(second, id, first.token), 200);
  t.equal((await second.stop()).code, 0);
});

for (const victim of ['server', 'mongod', 'both'] as const) {
  t.test(`kill -9 of ${victim}: what was answered with 201 is there after the next start`, async (t) => {
    const dataDir = await dataDirectory(t);
    const first = await startServer(t, { dataDir, env: TOKEN });
    const id = await create(first, 'kept');
    const mongod = await mongodOf(dataDir);
    if (victim !== 'mongod') await kill(first.pid);
    if (victim !== 'server') await kill(mongod?.pid ?? 0);

    const next = victim === 'mongod' ? first : await startServer(t, { dataDir, env: TOKEN });
    // The server brings its mongod back; until then it answers 503 and does not hang.
    await waitFor(async () => (await fetch(`${next.origin}/readyz`)).status === 200, 30_000);
    t.equal(await status(next, id), 200);
    t.equal(typeof (await create(next, 'after')), 'string', 'writes work as well');
    t.equal((await mongodOf(dataDir))?.pid === mongod?.pid, victim === 'server', 'a mongod that still runs is gone on with');
    t.equal((await next.stop()).code, 0);
  });
}

for (const command of ['node', 'npm'] as const) {
  t.test(`SIGTERM to ${command}: what was accepted is finished, nothing new is accepted, exit 0 within 10 s`, async (t) => {
    const dataDir = await dataDirectory(t);
    const port = await freePort();
    const server = await startServer(t, { dataDir, command, env: { ...TOKEN, PORT: String(port) } });
    const mongod = await mongodOf(dataDir);
    const pending = await acceptedPost(t, port);
    const started = performance.now();
    const exited = server.stop();
    await waitFor(async () => !(await canConnect(port)), 5_000);
    t.equal(await pending(), 201, 'the request that was half sent is answered');
    t.equal((await exited).code, 0);
    t.ok(performance.now() - started < 10_000);
    t.equal(mongod !== undefined && alive(mongod), false, 'its mongod was stopped');
    t.equal(identify(await serverOf(dataDir)), undefined, 'no process is left');
  });
}

/** Sends the head of a request and waits until the server says go on; answers what sends the body and tells the status. */
async function acceptedPost(t: Test, port: number): Promise<() => Promise<number | undefined>> {
  const body = user('half-sent');
  const post = request({
    host: '127.0.0.1',
    port,
    path: '/scim/v2/Users',
    method: 'POST',
    headers: { ...headers(TOKEN['ROLLCALL_TOKEN']), 'content-length': Buffer.byteLength(body), expect: '100-continue' },
  });
  t.teardown(() => post.destroy());
  post.flushHeaders();
  await once(post, 'continue');
  return async () => {
    post.end(body);
    const [answer] = (await once(post, 'response')) as [IncomingMessage];
    await text(answer);
    return answer.statusCode;
  };
}
