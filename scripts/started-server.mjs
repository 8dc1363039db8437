// Starts the built server the way an operator does, on a free port and with data of its own, for the suites that test it from outside.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// Settings of the caller's shell must not reach the server under test: a MONGODB_URI would be written to.
const OWN_SETTINGS =
  /^(PORT|HOST|PUBLIC_URL|MONGODB_URI|DATA_DIR|SMTP_URL|MAIL_FROM|LOG_LEVEL|TRUST_PROXY|SECRET_KEY|ROLLCALL_.+)(_FILE)?$/;
const READY_WITHIN_MS = 180_000; // the first start on a machine may fetch a mongod
const STOPPED_WITHIN_MS = 15_000; // the server promises 10 s

/**
 * Starts dist/main.js and waits for /readyz. Throws with the server's output when it does not come up.
 * @returns {base, token, dataDir, logged, stop}: `logged()` is what it has written since it was last asked
 */
export async function startServer({ logLevel = 'warn' } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'rollcall-'));
  const port = await freePort();
  const token = 'token-of-a-test-run-0123456789-abcdefghij';
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_SETTINGS.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    LOG_LEVEL: logLevel,
    ROLLCALL_TOKEN: token,
  };
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: join(import.meta.dirname, '..'),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const ended = once(child, 'close');

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      if ((await Promise.race([ended, delay(STOPPED_WITHIN_MS, 'late', { ref: false })])) === 'late') child.kill('SIGKILL');
      await ended;
    }
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };

  const origin = `http://127.0.0.1:${port}`;
  try {
    await ready(origin, child);
  } catch (cause) {
    await stop();
    throw new Error(`the server did not start: ${cause.message}\n${Buffer.concat(output).toString('utf8')}`, { cause });
  }
  const logged = () => Buffer.concat(output.splice(0)).toString('utf8');
  return { base: `${origin}/scim/v2`, token, dataDir, logged, stop };
}

async function ready(origin, child) {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it exited with code ${child.exitCode}`);
    if (child.signalCode !== null) throw new Error(`it was ended by ${child.signalCode}`);
    const answer = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Error(`/readyz was not 200 within ${READY_WITHIN_MS / 1000} s`);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
