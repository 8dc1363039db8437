/** The database of the server that a command is about: opened as it is, nothing made, nothing brought over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import { createLog, type Log } from '../log.ts';
import { foundMongod, registryOf, secretKeysOf } from '../main/database.ts';
import { connect } from '../store/connect.ts';
import { visitEmbedded, type Visit } from '../store/embedded/visit.ts';
import { DATABASE_VERSION } from '../store/migrations.ts';
import { defineModel } from '../store/models.ts';
import { Store } from '../store/store.ts';

export interface Opened {
  readonly store: Store;
  readonly connection: Awaited<ReturnType<typeof connect>>;
  readonly close: () => Promise<void>;
}

/** @throws StartError saying what to do */
export async function openDatabase(config: Config, log: Log): Promise<Opened> {
  const registry = registryOf(config);
  const visit = await visitDatabase(config, log);
  try {
    const connection = await connect(visit.uri, { log });
    for (const type of registry.resourceTypes) defineModel(connection, type);
    const store = new Store(connection, { registry, limits: config.limits, log });
    return endedBySignal({ store, connection, close: () => store.close().finally(visit.leave) });
  } catch (error) {
    await visit.leave();
    throw error;
  }
}

const visitDatabase = async ({ mongodbUri, dataDir }: Config, log: Log): Promise<Visit> =>
  mongodbUri === undefined ? visitEmbedded({ dataDir, mongod: foundMongod, log }) : { uri: mongodbUri, leave: () => Promise.resolve() };

/** Ctrl-C leaves no MongoDB behind that was started for this command. */
function endedBySignal({ close, ...opened }: Opened): Opened {
  const end = () => void close().finally(() => process.exit(1));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, end);
  return {
    ...opened,
    close: () => {
      for (const signal of signals) process.off(signal, end);
      return close();
    },
  };
}

/** Commands leave it to the server to make a database and to bring it over: it knows when the others are ready for it. */
export async function requireCurrent(store: Store): Promise<void> {
  const version = await versionOf(store);
  if (version === DATABASE_VERSION) return;
  throw new StartError(versionFault(version));
}

export const versionOf = async ({ collections }: Store) => (await collections.system.findOne({ _id: 'version' }))?.version;

export function versionFault(version: number | undefined): string {
  if (version === undefined) return 'No server has ever run on this database: start the server once, or correct MONGODB_URI.';
  const found = `The database has the version ${version}`;
  return version < DATABASE_VERSION
    ? `${found} and this command needs ${DATABASE_VERSION}: start the server once, which brings it over.`
    : `${found}, which is newer than this command (${DATABASE_VERSION}): use the command of the server that runs on it.`;
}

/** As the server takes them, but none is made here: what a new one seals, the server could not open. @throws StartError */
export function knownSecretKeys(config: Config): readonly string[] {
  if (config.secretKeys.length > 0 || existsSync(join(config.dataDir, 'secret.key'))) return secretKeysOf(config, createLog({ level: 'silent' }));
  throw new StartError(`SECRET_KEY is not set and ${config.dataDir} holds none: set SECRET_KEY or DATA_DIR as the server has them.`);
}
