/** How much a stricter policy would touch at once: S7, J7, L6. */
import type { mongo } from 'mongoose';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import { fieldOf } from './fields.ts';
import { namedPath } from './models.ts';
import type { TenantScope } from './store.ts';

/** More are as many. */
const MOST = 10_000;

/** Active people with a password here that was set within the time. */
export const countPasswordsSet = (scope: TenantScope, { after, until }: { readonly after: Date | undefined; readonly until: Date }): Promise<number> =>
  count(scope, { hash: { $exists: true }, changed: { ...(after ? { $gt: after } : {}), $lte: until } });

/** Active people with so many wrong passwords since the last good one, and fewer than `below`. */
export const countFailures = (scope: TenantScope, { from, below }: { readonly from: number; readonly below: number }): Promise<number> =>
  count(scope, { hash: { $exists: true }, failures: { $gte: from, $lt: below } });

/** Hidden people, or entries of a log, of a time. */
export const countOlder = ({ tenant: t, store: { collections, limits } }: TenantScope, collection: 'hidden' | 'audit' | 'provisioning', { after, until }: { readonly after: Date; readonly until: Date }): Promise<number> =>
  collections[collection].db.collection(collection).countDocuments({ t, at: { $gt: after, $lte: until } }, { limit: MOST, maxTimeMS: limits.operationMs });

async function count({ tenant: t, store }: TenantScope, credential: mongo.Document): Promise<number> {
  const { collections, limits, registry } = store;
  const type = registry.type('User');
  const method = fieldOf(type, namedPath(type, `${ACCOUNT_EXTENSION}:signInMethod`));
  const [found] = await collections.credentials.aggregate([
    { $match: { t, ...credential } },
    { $lookup: { from: collections.resources(type).collectionName, localField: '_id', foreignField: '_id', pipeline: [{ $match: { t, 'a.active': { $ne: false }, [method]: 'password' } }, { $project: { _id: 1 } }], as: 'person' } },
    { $match: { t, person: { $ne: [] } } },
    { $limit: MOST },
    { $count: 'count' },
  ], { maxTimeMS: limits.operationMs }).toArray();
  const number: unknown = found?.['count'];
  return typeof number === 'number' ? number : 0;
}
