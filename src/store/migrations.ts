/** Brings a database of an earlier version to this one's shapes, each step once. Safe with several processes: every step can be repeated. */
import type { mongo } from 'mongoose';
import { policyOf } from '../policy.ts';
import type { ResourceType } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import { dayIn } from '../time.ts';
import { administratorsGroup } from './administrators.ts';
import { decodeAttributes } from './codec.ts';
import type { ResourceDocument } from './documents.ts';
import { fieldOf } from './fields.ts';
import { groupType } from './memberships.ts';
import { namedPath } from './models.ts';
import { searchKeys } from './search-keys.ts';
import { openBooks } from './seat-counts.ts';
import type { Store, TenantScope } from './store.ts';
import { transact } from './transaction.ts';
import { writeBatch } from './write-batch.ts';

/** Step n leads to version n + 1. */
const STEPS: readonly ((store: Store) => Promise<void>)[] = [tenantsAndClients, countSeats, peopleBySearch, peopleByCompany, peopleWithStatus];

/** What a database has after all steps. */
export const DATABASE_VERSION = STEPS.length;

/** A database without a version is new and has nothing to be brought over, or is from before there were versions. */
export async function migrate(store: Store): Promise<void> {
  const { system, tenants } = store.collections;
  const found = await system.findOne({ _id: 'version' });
  const isNew = !found && !(await tenants.findOne({}, { projection: { _id: 1 } }));
  if (!isNew) for (const step of STEPS.slice(found?.version ?? 0)) await step(store);
  if (found?.version !== STEPS.length) await system.updateOne({ _id: 'version' }, { $max: { version: STEPS.length } }, { upsert: true });
}

/** Tenants have a state, policies and a group of administrators, clients keep their settings in one place, tokens have a use, resources an audience. */
async function tenantsAndClients(store: Store): Promise<void> {
  const { registry, collections } = store;
  await collections.tenants.updateMany({ state: { $exists: false } }, { $set: { state: 'active', policy: {} } });
  await collections.tokens.updateMany({ use: { $exists: false } }, { $set: { use: 'bearer' } });
  await collections.clients.updateMany({ settings: { $exists: false } }, [
    { $set: { settings: { $arrayToObject: { $filter: {
      input: ['refusedTolerances', 'patchAnswer', 'shows'].map((name) => ({ k: name, v: `$${name}` })),
      cond: { $ne: [{ $type: '$$this.v' }, 'missing'] },
    } } } } },
    { $unset: ['refusedTolerances', 'patchAnswer', 'shows'] },
  ]);
  await collections.system.updateOne({ _id: 'firstStart' }, { $setOnInsert: { at: new Date() } }, { upsert: true });
  for await (const { _id } of collections.tenants.find({})) await makeAdministrators(store.scope(_id));
  for (const type of registry.resourceTypes) await collections.resources(type).updateMany({ p: { $exists: false } }, { $set: { p: type.name === 'User' ? 'employee' : 'all' } });
}

const BATCH = 500;

/** Resources get the keys by which lists find them: no new version, for nothing is shown of them. What was interrupted goes on where it was. */
function peopleBySearch(store: Store): Promise<void> {
  return findable(store, () => [NOT_YET]);
}

/** Companies too, and their people by them. */
function peopleByCompany(store: Store): Promise<void> {
  const extensions = [EXTERNAL_EXTENSION, PORTAL_EXTENSION];
  return findable(store, ({ storage }) => [NOT_YET, ...extensions.flatMap((urn) => storage.extensions[urn] ?? []).map((key) => ({ [`k.${key}`]: { $exists: true } }))]);
}

/** Whoever never had a login is found by that too: no new version, for nothing has changed about them. */
async function peopleWithStatus({ registry, collections }: Store): Promise<void> {
  const type = registry.type('User');
  const field = fieldOf(type, namedPath(type, `${ACCOUNT_EXTENSION}:status`));
  const shown = field.replace(/^k\./, 'a.');
  for (const [status, active] of [['deactivated', false], ['none', { $ne: false }]] as const) {
    await collections.resources(type).updateMany({ [field]: { $exists: false }, 'a.active': active }, { $set: { [field]: status, [shown]: status }, $addToSet: { 'k.schemas': ACCOUNT_EXTENSION.toLowerCase() } });
  }
}

const NOT_YET = { 'k._search': { $exists: false } };

async function findable(store: Store, which: (type: ResourceType) => mongo.Filter<ResourceDocument>[]): Promise<void> {
  for (const type of store.registry.resourceTypes) {
    if (!type.storage.search) continue;
    const collection = store.collections.resources(type);
    for (let last = ''; ;) {
      const batch = await collection.find({ $or: which(type), _id: { $gt: last } }, { projection: { k: 0 }, sort: { _id: 1 }, limit: BATCH }).toArray();
      if (batch.length === 0) break;
      await collection.bulkWrite(batch.map(({ _id, t, v, a }) => ({
        // Who is changed meanwhile has got keys by that, and newer ones.
        updateOne: { filter: { _id, t, v }, update: { $set: { 'k._search': { ...searchKeys(type, decodeAttributes(type, a)) } } } },
      })), { ordered: false });
      last = batch.at(-1)?._id ?? last;
    }
  }
}

/** Whoever writes to the tenant first makes it; another process sees it then. */
async function makeAdministrators(scope: TenantScope): Promise<void> {
  const { tenant, store } = scope;
  await transact(store, async (session) => {
    await store.collections.tenants.updateOne({ _id: tenant }, { $inc: { administrators: 1 } }, { session });
    const found = await store.collections.resources(groupType(scope)).findOne({ t: tenant, p: 'console' }, { session, projection: { _id: 1 } });
    if (!found) await writeBatch({ ...scope, session }, [administratorsGroup(scope, new Date())], []);
  });
}

/** The people who are there are the opening counts of the first day: nobody knows what was before. */
async function countSeats(store: Store): Promise<void> {
  for await (const { _id, policy } of store.collections.tenants.find({ state: { $ne: 'deleted' } })) await openBooks(store.scope(_id), dayIn(new Date(), policyOf(policy).timeZone));
}
