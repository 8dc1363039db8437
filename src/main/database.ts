/** What the server and the command line both need before they can open the database: which mongod, which schemas, which SECRET_KEY. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import type { Log } from '../log.ts';
import { loadRegistry, type Registry } from '../scim/registry.ts';
import { keptSecretKey } from '../store/embedded/secret-key.ts';

const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface FoundMongod {
  readonly binary: string;
  readonly version: string;
  /** The operator named it. */
  readonly named: boolean;
}

/** What scripts/setup.mjs found; `npm start` runs it before this process. */
export function foundMongod(): FoundMongod {
  const file = beside('../../node_modules/.rollcall-setup.json');
  const found: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (typeof found === 'object' && found !== null && 'mongod' in found && 'version' in found) {
    const { mongod, version } = found;
    const named = 'source' in found && found.source === 'MONGOMS_SYSTEM_BINARY';
    if (typeof mongod === 'string' && typeof version === 'string') return { binary: mongod, version, named };
  }
  throw new StartError('No mongod has been chosen yet: start with "npm start", which looks for one, or set MONGODB_URI.');
}

/** @throws StartError naming the file that is wrong */
export const registryOf = ({ schemasDir }: Config): Registry => loadRegistry(beside('../../schemas'), schemasDir);

/** Those of the settings, else the one that is kept in DATA_DIR, where it is made when it is not there. */
export function secretKeysOf({ secretKeys, dataDir, mongodbUri }: Config, log: Log): readonly string[] {
  if (secretKeys.length > 0) return secretKeys;
  if (mongodbUri !== undefined) {
    log.warn({ dataDir }, 'SECRET_KEY is not set, so the key is kept in DATA_DIR: set it when several processes share one MongoDB');
  }
  return Object.freeze([keptSecretKey(dataDir)]);
}
