/**
 * A short visit to the data in DATA_DIR, by a command: on the MongoDB of the server that runs there, else on one that lives as long as the
 * visit. A visitor that runs MongoDB itself owns the directory meanwhile and says so in `visitor.PID.json`, so that the next one waits for
 * it instead of working on a MongoDB that is about to end.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { alive, identify, type ProcessId } from './process.ts';
import { processIdOf, readMongodRecord } from './record.ts';
import { answers, uriOf } from './replica-set.ts';
import { startEmbedded, type EmbeddedOptions } from './start.ts';

/** A server that starts or ends has its MongoDB neither up nor gone for some seconds. */
const ENTERED_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

export interface Visit {
  readonly uri: string;
  /** Ends the MongoDB, where it was started for this visit. */
  readonly leave: () => Promise<void>;
}

export interface VisitOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** Asked where no server runs. */
  readonly mongod: () => Pick<EmbeddedOptions, 'binary' | 'version' | 'named'>;
  readonly log: Log;
}

/** @throws StartError where no server has ever run on the directory, or where its MongoDB cannot be had */
export async function visitEmbedded(options: VisitOptions): Promise<Visit> {
  const { dataDir } = options;
  if (readMongodRecord(dataDir) === undefined) {
    throw new StartError(
      `The data directory ${dataDir} has never been used: start the server once with "npm start", or set DATA_DIR or MONGODB_URI as the server has them.`,
    );
  }
  const deadline = performance.now() + ENTERED_WITHIN_MS;
  for (;;) {
    const owner = livingOwner(dataDir);
    const visit = owner === undefined ? await stay(options) : await joinServer(dataDir, owner);
    if (visit !== undefined) return visit;
    if (performance.now() > deadline) {
      const process = owner === undefined ? '' : ` (process ${owner.pid})`;
      throw new StartError(`The MongoDB of the Rollcall that runs on ${dataDir}${process} does not answer: look into the log of that process.`);
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Undefined while there is nothing to join: the server is starting or ending, or the owner is another visitor. */
async function joinServer(dataDir: string, owner: ProcessId): Promise<Visit | undefined> {
  if (isSame(readProcess(visitorFile(dataDir, owner.pid)), owner)) return undefined;
  const record = readMongodRecord(dataDir);
  if (record?.process === undefined || !alive(record.process) || !(await answers(record.port))) return undefined;
  return { uri: uriOf(record.port), leave: () => Promise.resolve() };
}

/** Undefined when somebody else was faster. */
async function stay({ dataDir, mongod, log }: VisitOptions): Promise<Visit | undefined> {
  const chosen = mongod();
  const file = visitorFile(dataDir, process.pid);
  const leaveNoTrace = () => rmSync(file, { force: true });
  // Before the directory is claimed: whoever sees the claim can see whose it is.
  writeFileSync(file, JSON.stringify(identify(process.pid)));
  try {
    const embedded = await startEmbedded({ dataDir, ...chosen, log });
    removeTraces(dataDir);
    return { uri: embedded.uri, leave: () => embedded.stop().finally(leaveNoTrace) };
  } catch (error) {
    leaveNoTrace();
    if (livingOwner(dataDir) !== undefined) return undefined;
    throw error;
  }
}

/** Of visitors that were killed. */
function removeTraces(dataDir: string): void {
  for (const name of readdirSync(dataDir).filter((name) => /^visitor\.\d+\.json$/.test(name))) {
    const visitor = readProcess(join(dataDir, name));
    if (visitor === undefined || !alive(visitor)) rmSync(join(dataDir, name), { force: true });
  }
}

const visitorFile = (dataDir: string, pid: number) => join(dataDir, `visitor.${pid}.json`);

/** The process in the highest `owner.N.json`, if it runs and is not this one: see owner.ts. */
function livingOwner(dataDir: string): ProcessId | undefined {
  const numbers = readdirSync(dataDir).map((name) => Number(/^owner\.(\d+)\.json$/.exec(name)?.[1] ?? 0));
  const owner = readProcess(join(dataDir, `owner.${Math.max(0, ...numbers)}.json`));
  return owner !== undefined && owner.pid !== process.pid && alive(owner) ? owner : undefined;
}

function readProcess(file: string): ProcessId | undefined {
  try {
    return processIdOf(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined; // gone meanwhile
  }
}

const isSame = (one: ProcessId | undefined, other: ProcessId) => one?.pid === other.pid && one.startedAt === other.startedAt;
