/** Where a storm takes place: a database of its own on a real mongod, servers on it, and the store as the storm itself looks at it. */
import { readFileSync } from 'node:fs';
import { MongoMemoryReplSet } from 'mongodb-memory-server';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createLog } from '../../src/log.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import type { Json } from '../../src/scim/json.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createClient } from '../../src/tenancy/clients.ts';
import type { Doing } from '../../src/tenancy/doing.ts';
import { issueToken } from '../../src/tenancy/tokens.ts';
import type { Report } from './report.ts';
import { ask, closeSockets, eachOf } from './send.ts';
import { end, startServer, type Preload, type Server } from './servers.ts';

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const ACCOUNT = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';
/** Breaks no rule of the default policy. */
export const PASSWORD = 'correct horse battery';

export interface StormParts {
  readonly mongod: MongoMemoryReplSet;
  readonly report: Report;
  readonly short: boolean;
}
export type Storm = (parts: StormParts) => Promise<void>;

export const startMongod = (): Promise<MongoMemoryReplSet> => {
  const record = new URL('../../node_modules/.rollcall-setup.json', import.meta.url);
  const { mongod, version } = JSON.parse(readFileSync(record, 'utf8')) as { readonly mongod: string; readonly version: string };
  return MongoMemoryReplSet.create({
    replSet: { count: 1, storageEngine: 'wiredTiger', args: ['--networkMessageCompressors', 'disabled', '--wiredTigerCacheSizeGB', '0.5', '--setParameter', 'transactionLifetimeLimitSeconds=8'] },
    binary: { systemBinary: mongod, version, checkMD5: false },
  });
};

/** With time for a busy disk: what a storm looks for is work that is lost or done twice, and the server says in its own tests what it does about a MongoDB that hangs. */
export function uriOf(mongod: MongoMemoryReplSet, database: string): string {
  const uri = new URL(mongod.getUri(database));
  for (const name of ['connectTimeoutMS', 'serverSelectionTimeoutMS', 'socketTimeoutMS']) uri.searchParams.set(name, '60000');
  return uri.href;
}

export const openRegistry = () => loadRegistry(new URL('../../schemas', import.meta.url));

export interface Place {
  readonly uri: string;
  readonly store: Store;
  readonly operator: Doing;
  readonly servers: readonly Server[];
  /** The servers in turn: what comes to one address behind a load balancer. */
  readonly origin: (at: number) => string;
  /** The id of the tenant `default`, and the token of a client there that may do everything with people and sends nobody a mail. */
  readonly tenant: string;
  readonly manager: string;
  /** A client's token. */
  readonly client: (tenant: string, name: string, settings: Readonly<Record<string, unknown>>) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** @param name of the database. */
export async function openPlace(mongod: MongoMemoryReplSet, name: string, servers: number, preload?: Preload): Promise<Place> {
  const uri = uriOf(mongod, `storm-${name}`);
  const started: Server[] = [];
  // One after the other: the first one makes the tenant.
  const settings = { MONGODB_URI: uri, SECRET_KEY: 'a key for storms of at least 32 characters' };
  for (let made = 0; made < servers; made++) started.push(await startServer(settings, preload));
  const store = await openStore({ uri, registry: openRegistry(), limits: DEFAULT_LIMITS, log: createLog({ level: 'silent' }) });
  const now = () => new Date();
  const operator: Doing = { store, now, by: { kind: 'system', id: 'storm' }, may: undefined, request: '', from: undefined, changed: () => undefined };
  const client = async (tenant: string, clientName: string, settings: Readonly<Record<string, unknown>>) => {
    const all = { name: clientName, scopes: ['*', 'users.manage'], settings: { shows: [ACCOUNT], ...settings } };
    const { id } = await createClient(operator, tenant, all);
    return (await issueToken(operator, tenant, id)).secret;
  };
  const tenant = (await store.collections.tenants.findOne({ name: 'default' }))?._id ?? '';
  return {
    uri, store, operator, servers: started, tenant, client,
    origin: (at) => started[at % started.length]?.origin ?? '',
    manager: await client(tenant, 'manager', { signInMethod: 'none' }),
    close: async () => {
      closeSockets();
      await Promise.all(started.map(({ child }) => end(child)));
      await store.collections.tenants.db.dropDatabase();
      await store.close();
    },
  };
}

export interface Person {
  readonly id: string;
  readonly address: string;
}

export const personBody = (address: string, attributes: Readonly<Record<string, Json>> = {}): Json =>
  ({ schemas: [USER], userName: address, emails: [{ value: address, type: 'work', primary: true }], ...attributes });

/** Somebody with a password, made over SCIM. */
export async function makePerson({ origin, manager }: Place, address: string): Promise<Person> {
  const body = personBody(address, { password: PASSWORD });
  const { id } = await ask(origin(0), 'POST', '/scim/v2/Users', body, { token: manager }) as { readonly id: string };
  return { id, address };
}

export async function makePeople(place: Place, prefix: string, count: number): Promise<readonly Person[]> {
  const people: Person[] = [];
  await eachOf(count, 4, async (at) => {
    people[at] = await makePerson(place, `${prefix}-${at}@people.example`);
  });
  return people;
}

/** What a manager sees of somebody's login. */
export async function accountOf({ origin, manager }: Place, { id }: Person): Promise<{ readonly status?: string; readonly lockedAt?: string }> {
  const user = await ask(origin(0), 'GET', `/scim/v2/Users/${id}`, undefined, { token: manager }) as Record<string, Record<string, string>>;
  return user[ACCOUNT] ?? {};
}
