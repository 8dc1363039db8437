/** A tenant with many people in a database of its own, kept between the benchmarks of a run and, on a MongoDB that is given, between runs. */
import { mongo } from 'mongoose';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { bootstrap } from '../../src/accounts/bootstrap.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { policyOf } from '../../src/policy.ts';
import type { Context } from '../../src/resources/context.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createClient } from '../../src/tenancy/clients.ts';
import type { Doing } from '../../src/tenancy/doing.ts';
import { issueToken } from '../../src/tenancy/tokens.ts';
import { end, startServer, type Server } from '../storms/servers.ts';
import { makePeople } from './people.ts';

const SETTINGS = { SECRET_KEY: 'a key for benchmarks of at least 32 characters' };

export interface Crowd {
  readonly people: number;
  readonly store: Store;
  readonly tenant: string;
  /** May do everything. */
  readonly context: Context;
  /** Without the limits of time of the store. */
  readonly database: mongo.Db;
  /** What the store has sent. */
  readonly commands: mongo.CommandStartedEvent[];
  /** A process of its own on the same database, and a client's token that may do everything with people. */
  readonly serve: () => Promise<Server & { readonly token: string }>;
  readonly close: () => Promise<void>;
}

/** @param uriOf the MongoDB's, with a database */
export async function openCrowd(uriOf: (database: string) => string, people: number): Promise<Crowd> {
  const uri = uriOf(`bench-people-${people}`);
  const client = await mongo.MongoClient.connect(uri);
  const database = client.db();
  const log = createLog({ level: 'silent' });
  const registry = loadRegistry(new URL('../../schemas', import.meta.url));
  const config = loadConfig(SETTINGS);
  const now = () => new Date();
  const commands: mongo.CommandStartedEvent[] = [];
  const open = () => openStore({ uri, registry, limits: config.limits, log, monitor: (event) => commands.push(event) });
  let store = await open();
  await bootstrap({ store, registry, behaviours: accountBehaviours, config, now, log }, undefined);
  const tenant = (await store.collections.tenants.findOne({ name: 'default' }))?._id ?? '';
  if ((await database.collection('seats').countDocuments({ '_id': { $eq: tenant } as never, 'counts.contact': { $exists: true } })) === 0) {
    await fill(database, store, tenant, people);
    await store.close();
    store = await open();
  }
  const servers: Server[] = [];
  const operator: Doing = { store, now, by: { kind: 'system', id: 'bench' }, may: undefined, request: '', from: undefined, changed: () => undefined };
  return {
    people, store, tenant, database, commands,
    context: systemContext({ store, registry, behaviours: accountBehaviours, config, now, log }, { tenant: { id: tenant, name: 'default', policy: policyOf({}) }, actor: { kind: 'system', id: 'bench' }, requestId: 'bench', from: undefined }),
    serve: async () => {
      const { id } = await createClient(operator, tenant, { name: `bench ${Date.now()}`, scopes: ['*', 'users.manage'], settings: { signInMethod: 'none', populations: ['employee', 'external', 'contact', 'portal'] } });
      const { secret: token } = await issueToken(operator, tenant, id);
      const server = await startServer({ ...SETTINGS, MONGODB_URI: uri });
      servers.push(server);
      return { ...server, token };
    },
    close: async () => {
      await Promise.all(servers.map(({ child }) => end(child)));
      await store.close();
      await client.close();
    },
  };
}

/** Indexes are made behind the people: building one over all of them is faster than adding to all of them with each. */
async function fill(database: mongo.Db, store: Store, tenant: string, people: number): Promise<void> {
  const users = database.collection('users');
  const indexes = await users.indexes();
  await users.dropIndexes();
  const began = performance.now();
  await makePeople(store, tenant, people, (made) => {
    if (made % 100_000 === 0) console.log(`${made} of ${people} people, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  });
  await users.createIndexes(indexes.filter(({ name }) => name !== '_id_').map(({ key, unique, partialFilterExpression, name }) => ({ key, ...(name === undefined ? {} : { name }), ...(unique ? { unique } : {}), ...(partialFilterExpression ? { partialFilterExpression } : {}) })));
  console.log(`${people} people with their indexes in ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
