/**
 * The MongoDB that Rollcall runs itself: a set of one node on 127.0.0.1 with its data in DATA_DIR. It outlives a killed server, and
 * the next start goes on with it; when it is killed itself, the server brings it back.
 */
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { addressTaken, freePort, notRunning, spawnMongod, tryPort, type Mongod } from './mongod.ts';
import { claimOwnership } from './owner.ts';
import { alive, ended, signal, type ProcessId } from './process.ts';
import { endOrphan } from './orphan.ts';
import { readMongodRecord, writeMongodRecord, type MongodRecord } from './record.ts';
import { answers, makeWritable, uriOf } from './replica-set.ts';
import { watch } from './watch.ts';

/** Recovery after a kill reads the journal; a folder of some gigabytes takes seconds, not minutes. */
const WRITABLE_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 3_000;
const PORT_ATTEMPTS = 5;

export interface Embedded {
  readonly uri: string;
  /** Of the mongod that runs now; another one after it was brought back. */
  readonly pid: number;
  /** Ends the mongod cleanly. One that takes longer than 3 s ends by itself later; a start meanwhile waits for it. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Absolute. */
  readonly dataDir: string;
  readonly binary: string;
  readonly version: string;
  /** The operator named this binary, so it is taken in place of the one that was used before. */
  readonly named?: boolean;
  readonly log: Log;
}

export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { dataDir, log } = options;
  prepare(dataDir);
  claimOwnership(dataDir);
  const before = readMongodRecord(dataDir);
  const chosen = choose(options, before);
  const adopted = before === undefined ? undefined : await adopt(before);
  if (adopted === undefined) await endOrphan(dataDir);
  const first = adopted ?? (await launch(dataDir, chosen, before?.port));
  if (adopted !== undefined) log.info({ pid: adopted.process.pid }, 'going on with the MongoDB of a server that was killed');

  const watcher = watch(first.process, {
    restart: async () => (await launchOn(dataDir, first, first.port)).process,
    log,
  });
  return {
    uri: uriOf(first.port),
    get pid() {
      return watcher.current().pid;
    },
    async stop() {
      const last = await watcher.end();
      if (signal(last, 'SIGTERM') && !(await ended(last, STOPPED_WITHIN_MS))) {
        log.warn({ pid: last.pid }, 'MongoDB takes its time to stop and ends by itself');
      }
    },
  };
}

type Running = MongodRecord & { readonly process: ProcessId };

function prepare(dataDir: string): void {
  try {
    mkdirSync(join(dataDir, 'mongo'), { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The data directory ${dataDir} cannot be used (${reason}): give a DATA_DIR that this process may write to.`, { cause });
  }
}

/** The binary used before, as long as it is there: data moves to a newer major version by hand, one step at a time, and never back. */
function choose({ binary, version, named, dataDir }: EmbeddedOptions, before: MongodRecord | undefined): { binary: string; version: string } {
  if (before === undefined) return { binary, version };
  if (named !== true && existsSync(before.binary)) return before;
  if (compareVersions(version, before.version) >= 0) return { binary, version };
  throw new StartError(
    `The data in ${dataDir} was last used with MongoDB ${before.version}, and ${binary} is ${version}, which is older: ` +
      `set MONGOMS_SYSTEM_BINARY to a mongod ${before.version} or newer.`,
  );
}

function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split('.').map(Number));
  const differing = [0, 1, 2].map((index) => (left?.[index] ?? 0) - (right?.[index] ?? 0));
  return differing.find((difference) => difference !== 0) ?? 0;
}

/** The mongod of a server that was killed, when it answers; otherwise it is ended, so that another can have its files. */
async function adopt(before: MongodRecord): Promise<Running | undefined> {
  const { process } = before;
  if (process === undefined || !alive(process)) return undefined;
  if (await answers(before.port)) {
    await makeWritable(before.port, WRITABLE_WITHIN_MS, () => !alive(process));
    return { ...before, process };
  }
  signal(process, 'SIGTERM');
  if (!(await ended(process, 10_000))) signal(process, 'SIGKILL');
  if (await ended(process, 5_000)) return undefined;
  throw new StartError(`The MongoDB of an earlier start (process ${process.pid}) neither answers nor ends: end it, then start again.`);
}

/** On the port used before where it is free; a program that takes a port between the look and the start costs one more attempt. */
async function launch(dataDir: string, chosen: { binary: string; version: string }, kept: number | undefined): Promise<Running> {
  let wanted = kept;
  for (let attempt = 1; ; attempt += 1) {
    const port = (wanted === undefined ? undefined : await tryPort(wanted)) ?? (await freePort());
    try {
      return await launchOn(dataDir, chosen, port);
    } catch (error) {
      if (!(error instanceof PortTaken) || attempt === PORT_ATTEMPTS) throw error;
      wanted = undefined;
    }
  }
}

class PortTaken extends StartError {}

async function launchOn(dataDir: string, { binary, version }: { binary: string; version: string }, port: number): Promise<Running> {
  const mongod = await spawnMongod({ binary, dataDir, port });
  const running = { port, binary, version, process: mongod.id };
  // Before it is waited for: a server killed in between must leave word of its mongod.
  writeMongodRecord(dataDir, running);
  const exit = await writableOrExit(mongod, port);
  if (exit === undefined) return running;
  const message = notRunning(binary, mongod.lastWords());
  throw addressTaken(exit.code) ? new PortTaken(message) : new StartError(message);
}

/** Undefined when it takes writes, otherwise how it ended. */
async function writableOrExit(mongod: Mongod, port: number): Promise<{ code: number | null } | undefined> {
  let exit: { code: number | null } | undefined;
  void mongod.exited.then((code) => (exit = { code }));
  try {
    await makeWritable(port, WRITABLE_WITHIN_MS, () => exit !== undefined || !alive(mongod.id));
    return undefined;
  } catch (cause) {
    if (!alive(mongod.id)) return { code: await mongod.exit() };
    signal(mongod.id, 'SIGTERM');
    throw new StartError(notRunning('the embedded one', mongod.lastWords()), { cause });
  }
}
