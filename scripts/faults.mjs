// npm run faults [-- --short]: kill -9 of the server, of its mongod and of both while a provider syncs, then a start, again and again.
// What was answered with 2xx must still be there: users, and members of the group. Closing line: `N passed, N failed`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { root } from './setup/support.mjs';
import { checkKept, createGroup, makeSync } from './testing/sync.mjs';

const short = process.argv.includes('--short');
const ROUNDS = short ? 4 : 10;
const VICTIMS = [['server'], ['mongod'], ['server', 'mongod']];
const STOP_STARTING_AFTER_MS = short ? 45_000 : Infinity;
const READY_WITHIN_MS = 30_000;

const dataDir = mkdtempSync(join(tmpdir(), 'rollcall-faults-'));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const client = { base: `${origin}/scim/v2`, token: 'token-of-a-faults-run-0123456789-abcdefghij' };
const count = { passed: 0, failed: 0 };
let server;

try {
  server = await start();
  const group = await createGroup(client);
  const kept = { users: new Map(), members: new Set() };
  const since = performance.now();
  rounds: for (let round = 1; round <= ROUNDS; round += 1) {
    for (const victims of VICTIMS) {
      await fail(`round ${round}, kill -9 of ${victims.join(' and ')}`, victims, { group, kept });
      if (performance.now() - since > STOP_STARTING_AFTER_MS) break rounds;
    }
  }
} catch (error) {
  report(false, `the run ended early: ${error.stack}`);
} finally {
  await stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;

async function fail(name, victims, { group, kept }) {
  const sync = makeSync(client, group, kept);
  const before = kept.users.size;
  await sync.until((acknowledged) => acknowledged >= 30 + Math.floor(Math.random() * 50));
  for (const victim of victims) process.kill(victim === 'server' ? server.pid : mongodPid(), 'SIGKILL');
  if (victims.includes('server')) {
    await once(server, 'close');
    server = await start();
  }
  await ready(server);
  // Through the gap and a little beyond: what it acknowledges after the fault counts as well.
  const mark = sync.acknowledged();
  await sync.until((acknowledged) => acknowledged >= mark + 10);
  await sync.end();
  const { lost, orphans } = await checkKept(client, group, kept);
  report(kept.users.size > before, `${name}: ${kept.users.size - before} users and members were acknowledged`);
  report(lost.length === 0, `${name}: all ${kept.users.size} users and ${kept.members.size} members are there${listed(lost)}`);
  report(orphans.length === 0, `${name}: every member is somebody${listed(orphans)}`);
}

function listed(ids) {
  return ids.length === 0 ? '' : `, but ${ids.length}: ${ids.slice(0, 5).join(' ')}`;
}

function report(ok, text) {
  count[ok ? 'passed' : 'failed'] += 1;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${text}`);
}

async function start() {
  const settings = { PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'fatal', ROLLCALL_TOKEN: client.token };
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...settings };
  const child = spawn(process.execPath, ['dist/main.js'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  await ready(child);
  return child;
}

async function ready(child) {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const answer = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
    await answer?.text();
    if (answer?.ok) return;
    await delay(50);
  }
  throw new Error(`/readyz was not 200 within ${READY_WITHIN_MS / 1000} s`);
}

function mongodPid() {
  return JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')).process.pid;
}

async function stop() {
  if (server !== undefined && server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'close');
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
