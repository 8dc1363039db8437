/** A server in this process on a MongoDB of its own, and timing that compares inside one run: machines here are noisy, ratios are not. */
import { readFileSync } from 'node:fs';
import { MongoMemoryReplSet } from 'mongodb-memory-server';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { bootstrap } from '../../src/accounts/bootstrap.ts';
import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import type { Json } from '../../src/scim/json.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { Keyring } from '../../src/store/keys.ts';
import { openStore, type Store } from '../../src/store/store.ts';

export interface Bench {
  readonly store: Store;
  readonly tenant: string;
  /** Sends a request over a real socket and returns its parsed answer; throws for any status but those of success. */
  readonly send: (method: string, path: string, body?: Json) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export interface Database {
  /** Of a database on it. */
  readonly uri: (name: string) => string;
  readonly stop: () => Promise<unknown>;
}

/** @param given a MongoDB that runs already: what is made there is kept */
export async function startDatabase(given: string | undefined): Promise<Database> {
  if (given !== undefined) {
    const uri = (name: string) => Object.assign(new URL(given), { pathname: `/${name}` }).href;
    return { uri, stop: () => Promise.resolve() };
  }
  const record = JSON.parse(readFileSync(new URL('../../node_modules/.rollcall-setup.json', import.meta.url), 'utf8')) as { mongod: string };
  const mongod = await MongoMemoryReplSet.create({
    replSet: { count: 1, storageEngine: 'wiredTiger', args: ['--networkMessageCompressors', 'disabled', '--wiredTigerCacheSizeGB', '1'] },
    binary: { systemBinary: record.mongod, checkMD5: false },
  });
  return { uri: (name) => mongod.getUri(name), stop: () => mongod.stop() };
}

export async function startBench({ uri }: Database): Promise<Bench> {
  const log = createLog({ level: 'silent' });
  const registry = loadRegistry(new URL('../../schemas', import.meta.url));
  const config = loadConfig({});
  const store = await openStore({ uri: uri('bench'), registry, limits: config.limits, log });
  const now = () => new Date();
  const { token } = await bootstrap({ store, registry, behaviours: accountBehaviours, config, now, log }, undefined);
  const app = buildApp({ config, store, registry, keyring: new Keyring(store, () => config.secretKeys, now), log, now });
  const base = `${await app.listen({ host: '127.0.0.1', port: 0 })}/scim/v2`;
  const tenant = await store.collections.tenants.findOne({});
  const send = async (method: string, path: string, body?: Json) => {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/scim+json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    store,
    tenant: tenant?._id ?? '',
    send,
    stop: async () => {
      await app.close();
      await store.collections.tenants.db.dropDatabase();
      await store.close();
    },
  };
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

