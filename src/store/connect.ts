/** The one way to a MongoDB, embedded or not: how the client is set up, and the two faults that are told at start. */
import mongoose, { mongo, type Connection } from 'mongoose';
import { StartError } from '../errors.ts';
import type { Log } from '../log.ts';

const DEFAULT_DATABASE = 'rollcall';

/**
 * Without limits of time a stopped mongod held a request for 34 s (measured). Acknowledged means on disk on a majority: nothing that
 * a client got a 2xx for is lost with a process or a node.
 */
const OPTIONS = Object.freeze({
  retryWrites: true,
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  // Collections and indexes are made at start, in one place; a command to a server that is away fails and does not wait.
  autoCreate: false,
  autoIndex: false,
  bufferCommands: false,
} as const);

/** What MONGODB_URI names of these decides: a database far away needs more time. */
const TIMES = Object.freeze({ connectTimeoutMS: 2000, serverSelectionTimeoutMS: 3000, socketTimeoutMS: 5000, heartbeatFrequencyMS: 1000, maxPoolSize: 50, waitQueueTimeoutMS: 1000 });

export type CommandListener = (event: mongo.CommandStartedEvent) => void;

export interface ConnectOptions {
  readonly log: Log;
  /** Called with every command that the driver sends, for tests that look at them. */
  readonly monitor?: CommandListener | undefined;
  /** For an answer, however long it takes. */
  readonly waits?: boolean;
}

/** Throws a `StartError` when nothing answers within about 3 s, or when what answers cannot do transactions. */
export async function connect(uri: string, { log, monitor, waits = false }: ConnectOptions): Promise<Connection> {
  const connection = mongoose.createConnection();
  try {
    await connection.openUri(uri, { ...OPTIONS, ...timesBeside(uri), ...(waits ? { socketTimeoutMS: 0 } : {}), ...databaseOf(uri), monitorCommands: monitor !== undefined });
    await requireReplicaSet(connection);
  } catch (error) {
    await connection.close(true);
    throw error instanceof StartError ? error : toStartError(uri, error);
  }
  connection.on('error', (err: unknown) => log.warn({ err }, 'the connection to MongoDB has an error'));
  if (monitor !== undefined) connection.getClient().on('commandStarted', monitor);
  return connection;
}

/** Rule 3 of the design needs transactions, and MongoDB has them on replica sets (`setName`) and behind mongos (`isdbgrid`) alone. */
async function requireReplicaSet(connection: Connection): Promise<void> {
  const hello = await connection.getClient().db('admin').command({ hello: 1 });
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return;
  throw new StartError(
    `The MongoDB at ${connection.host}:${connection.port} is a standalone server, and Rollcall needs transactions: ` +
      'start it with --replSet and run rs.initiate() once, or let MONGODB_URI name a replica set.',
  );
}

function toStartError(uri: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const hosts = hostsOf(uri);
  const { code } = cause instanceof mongo.MongoServerError ? cause : { code: undefined };
  // 18 AuthenticationFailed, 8000 Atlas' own, 13 Unauthorized
  if (code === 18 || code === 8000) return new StartError(`MongoDB at ${hosts} refuses the user or the password in MONGODB_URI: correct them.`, { cause });
  if (code === 13) return new StartError(`The user in MONGODB_URI may not use MongoDB at ${hosts}: give it the role readWrite on the database.`, { cause });
  if (cause instanceof mongo.MongoParseError || cause instanceof mongo.MongoAPIError) {
    // The parser may quote the address, and the password with it.
    const reason = cause.message.includes('@') ? '' : ` (${cause.message})`;
    return new StartError(`MONGODB_URI is not valid${reason}: correct it.`, { cause });
  }
  return new StartError(
    `MongoDB at ${hosts} cannot be reached (${reasonOf(cause)}): start it, or correct MONGODB_URI.`,
    { cause },
  );
}

/** The selection error's own message may be empty of reasons; each server of its description knows why it was not chosen. */
function reasonOf(error: Error): string {
  const description: unknown = error instanceof mongo.MongoServerSelectionError ? error.reason : undefined;
  const servers = typeof description === 'object' && description !== null && 'servers' in description ? description.servers : undefined;
  const reasons = (servers instanceof Map ? [...servers.values()] : []).map((server: { error?: unknown }) => server.error);
  return reasons.find((reason) => reason instanceof Error)?.message ?? error.message;
}

/** Without user and password: the text is shown and logged. */
function hostsOf(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/(?:[^/]*@)?([^/?]+)/.exec(uri)?.[1] ?? 'MONGODB_URI';
}

function timesBeside(uri: string): Partial<typeof TIMES> {
  const named = new Set([...new URLSearchParams(uri.split('?')[1]).keys()].map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(TIMES).filter(([name]) => !named.has(name.toLowerCase())));
}

function databaseOf(uri: string): { dbName?: string } {
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.test(uri);
  return named ? {} : { dbName: DEFAULT_DATABASE };
}
