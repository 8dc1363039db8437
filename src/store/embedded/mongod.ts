/** One mongod process: started, and the reason told when it does not come up. */
import { randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StartError } from '../../errors.ts';
import { identify, type ProcessId } from './process.ts';

export const SET_NAME = 'rollcall';
/** mongod's exit code where an address is taken, by its source `exit_code.h`. */
const EXIT_NET_ERROR = 48;
const LOG_TURNS_AT = 16 * 1024 * 1024;

export interface Mongod {
  readonly id: ProcessId;
  /** Settles when it ended, with its exit code (null when a signal ended it). This process may end before. */
  readonly exited: Promise<number | null>;
  /** The same for whoever waits for it: this process lives until then. */
  exit(): Promise<number | null>;
  /** The last line of its log that tells why it ended. */
  lastWords(): string;
}

/** Detached: it outlives a server that is killed, and the next one goes on with it. */
export async function spawnMongod(options: { binary: string; dataDir: string; port: number }): Promise<Mongod> {
  const logFile = join(options.dataDir, 'mongod.log');
  turn(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const offset = statSync(logFile).size;
  const lastWords = () => reasonIn(readFileSync(logFile).subarray(offset).toString('utf8'));
  const child = spawn(options.binary, argumentsOf(options), { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  // Both listened to at once: one that ends at birth must not be missed.
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  try {
    await once(child, 'spawn');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The mongod at ${options.binary} cannot be started: ${reason}.`, { cause });
  }
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (id === undefined) throw new StartError(notRunning(options.binary, lastWords()));
  const exit = () => {
    child.ref();
    return exited;
  };
  return { id, exited, exit, lastWords };
}

export const notRunning = (binary: string, lastWords: string) => `MongoDB (${binary}) did not start: ${lastWords}`;

export const addressTaken = (exitCode: number | null) => exitCode === EXIT_NET_ERROR;

/** Below the range from which systems give ports to outgoing connections: there one of those could have it at the next start. */
const PORTS = { first: 20_000, count: 10_000, attempts: 50 };

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < PORTS.attempts; attempt++) {
    const port = await tryPort(PORTS.first + randomInt(PORTS.count));
    if (port !== undefined) return port;
  }
  throw new StartError('No port on 127.0.0.1 is free for MongoDB.');
}

/** Answers the port when it can be had, undefined when something has it. */
export async function tryPort(wanted: number): Promise<number | undefined> {
  const probe = createServer().listen(wanted, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return undefined;
  }
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return address === null || typeof address === 'string' ? undefined : address.port;
}

function argumentsOf({ dataDir, port }: { dataDir: string; port: number }): string[] {
  return [
    ...['--dbpath', join(dataDir, 'mongo'), '--replSet', SET_NAME],
    // Nobody but this machine reaches it, so it needs no password; the data directory is its owner's alone.
    ...['--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket'],
    ...['--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '512', '--networkMessageCompressors', 'disabled', '--noscripting'],
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // A server that was killed leaves its transaction open, and what it wrote locked, for so long; 60 s unless said. Ours take 5 s at most.
    ...['--setParameter', 'transactionLifetimeLimitSeconds=8'],
    // Nobody else is in the set, so there is nobody to wait for.
    ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  ];
}

function turn(logFile: string): void {
  const found = statSync(logFile, { throwIfNoEntry: false });
  if (found !== undefined && found.size > LOG_TURNS_AT) renameSync(logFile, `${logFile}.1`);
}

/** mongod writes a JSON object a line; `s` is F(atal), E(rror), W or I. What the loader says is plain text. */
function reasonIn(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const plain = lines.filter((line) => !line.startsWith('{'));
  const grave = lines.filter((line) => /"s":"[FE]"/.test(line)).map(messageOf);
  // The first grave line names the cause; those after it tell that the process ends.
  return grave[0] ?? plain.at(-1) ?? (lines.length > 0 ? messageOf(lines.at(-1) ?? '') : 'it ended without a word.');
}

function messageOf(line: string): string {
  const text = (name: string) => {
    const found = new RegExp(`"${name}":("(?:[^"\\\\]|\\\\.)*")`).exec(line)?.[1];
    return found === undefined ? undefined : String(JSON.parse(found));
  };
  const parts = [text('msg') ?? line.slice(0, 300), text('errmsg') ?? text('error') ?? text('reason')];
  return parts.filter((part) => part !== undefined).join(': ');
}
