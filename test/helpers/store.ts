/**
 * A store on a database of its own, whose every command is looked at: one without its tenant fails the test file (`commands.ts`). No test
 * opens a store in another way, which `test/tenancy/watched.test.ts` sees to.
 */
import { createHash, randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { mongo } from 'mongoose';
import type { Test } from 'tap';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import { createLog, type Log } from '../../src/log.ts';
import { loadRegistry, type Registry } from '../../src/scim/registry.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { watchCommands } from './commands.ts';

export const SCHEMAS = new URL('../../schemas', import.meta.url);

export interface StoreOptions {
  readonly registry?: Registry;
  readonly limits?: Limits;
  readonly log?: Log;
  /** Called with every command as well. */
  readonly monitor?: (event: mongo.CommandStartedEvent) => void;
  /** One that is there already, and is left to who made it. */
  readonly database?: string;
  /** Before the store is closed. */
  readonly closing?: () => Promise<unknown>;
}

const uri = process.env['ROLLCALL_TEST_MONGODB_URI'];

/** Times that no test is about, as those of the driver in scripts/test.mjs. */
const PATIENT_MS = 60_000;
const patient = (limits: Limits): Limits => ({ ...limits, operationMs: Math.max(limits.operationMs, PATIENT_MS), lockMs: Math.max(limits.lockMs, PATIENT_MS) });

/** @param file `import.meta.url`: names the database, which ends with the test */
export async function openTestStore(t: Test, file: string, options: StoreOptions = {}): Promise<Store> {
  if (uri === undefined) throw new Error('ROLLCALL_TEST_MONGODB_URI is not set: run the tests with npm test');
  const { registry = loadRegistry(SCHEMAS), limits = DEFAULT_LIMITS, log = createLog({ level: 'silent' }), monitor, closing, database } = options;
  const location = new URL(uri);
  location.pathname = `/${database ?? nameOf(file)}`;
  const commands = watchCommands();
  const seen = (event: mongo.CommandStartedEvent) => {
    commands.monitor(event);
    monitor?.(event);
  };
  const store = await openStore({ uri: location.href, registry, limits: patient(limits), log, monitor: seen });
  t.teardown(async () => {
    try {
      await closing?.();
    } finally {
      if (database === undefined) await store.collections.tenants.db.dropDatabase();
      await store.close();
    }
    // When everything is closed: what is open would keep the file from ending.
    const offenders = commands.withoutTenant();
    if (offenders.length > 0) throw new Error(`commands to MongoDB without a tenant:\n${offenders.join('\n')}`);
  });
  return store;
}

const nameOf = (file: string) => `${basename(file).replace(/\.test\.[jt]s$/, '').slice(0, 20)}-${createHash('sha256').update(file).update(randomBytes(8)).digest('hex').slice(0, 12)}`;

/** The database of a store for the test's own looks at all tenants, which nobody watches. */
export async function openUnwatched(t: Test, store: Store): Promise<mongo.Db> {
  const client = await mongo.MongoClient.connect(uri ?? '');
  t.teardown(() => client.close());
  return client.db(store.collections.tenants.db.databaseName);
}
