/** The mongod that set-up chose, without a replica set. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { freePort, waitFor } from './start-server.ts';

interface Test {
  teardown(work: () => Promise<unknown>): void;
}

/** What scripts/setup.mjs wrote down. */
export function chosenMongod(): { mongod: string; version: string } {
  const file = join(import.meta.dirname, '..', '..', 'node_modules', '.rollcall-setup.json');
  return JSON.parse(readFileSync(file, 'utf8')) as { mongod: string; version: string };
}

/** Answers its port, once it can be connected to. */
export async function standaloneMongod(t: Test, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const args = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25'];
  const child = spawn(chosenMongod().mongod, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  t.teardown(() => {
    child.kill('SIGKILL');
    return exited;
  });
  await waitFor(() => canConnect(port), 30_000);
  return port;
}

export async function canConnect(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
