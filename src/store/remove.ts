/** Deletes a resource and everything that points to it: no edge, no reference and no claim of it is left (R-DEL-3, R-DEL-4). */
import { isComplex, type Attributes, type ResourceType, type Value } from '../scim/schema.ts';
import type { RemoveWrite } from './change-set.ts';
import { decode, encodeAttributes } from './codec.ts';
import { SWEEP_ABOVE } from './edges.ts';
import { fieldOf } from './fields.ts';
import { edgesOfGroup, groupType } from './memberships.ts';
import { namedPath } from './models.ts';
import type { TenantScope } from './store.ts';
import type { Transaction } from './write-batch.ts';

/** The version has been compared in this transaction. @returns the key of a deleted group whose edges are left to be swept, if any */
export async function removeResource(transaction: Transaction, write: RemoveWrite): Promise<readonly string[]> {
  const { session, tenant, store: { collections } } = transaction;
  const removed = await collections.resources(write.type).findOneAndDelete({ _id: write.id, t: tenant }, { session, projection: { gk: 1, mc: 1, mr: 1 } });
  await collections.claims.deleteMany({ t: tenant, owner: write.id }, { session });
  await collections.credentials.deleteOne({ _id: write.id, t: tenant }, { session });
  if (removed && removed.mr > 0) {
    await leaveGroups(transaction, write);
    await clearReferences(transaction, write);
  }
  return removed?.gk === undefined ? [] : dropMembers(transaction, removed.gk, removed.mc ?? 0);
}

/** A membership that ends is a new version of the group. */
async function leaveGroups(transaction: Transaction, { id, at }: RemoveWrite): Promise<void> {
  const { session, tenant, store: { collections } } = transaction;
  const keys = await collections.members.find({ t: tenant, m: id }, { session, projection: { _id: 0, g: 1 } }).map(({ g }) => g).toArray();
  if (keys.length === 0) return;
  await collections.members.deleteMany({ t: tenant, m: id }, { session });
  await collections.resources(groupType(transaction)).updateMany({ t: tenant, gk: { $in: keys } }, { $inc: { v: 1, mc: -1 }, $set: { lastModified: at } }, { session });
}

/** R-ENT-3: a reference to what is gone goes too, and the resource that held it gets a new version. */
async function clearReferences(transaction: Transaction, { type, id, at }: RemoveWrite): Promise<void> {
  const { session, tenant, store } = transaction;
  for (const holder of store.registry.resourceTypes) {
    for (const reference of holder.storage.references.filter((candidate) => candidate.type === type.name)) {
      const field = fieldOf(holder, namedPath(holder, `${reference.path}.value`));
      const collection = store.collections.resources(holder);
      for await (const document of collection.find({ t: tenant, [field]: id }, { session, projection: { k: 0 } })) {
        const attributes = withoutAttribute(holder, decode(holder, document).attributes, reference.path);
        await collection.updateOne({ _id: document._id, t: tenant }, { $inc: { v: 1 }, $set: { lastModified: at, ...encodeAttributes(holder, attributes) } }, { session });
      }
    }
  }
}

function withoutAttribute(type: ResourceType, attributes: Attributes, path: string): Attributes {
  const { extension, attribute } = namedPath(type, path);
  const drop = (object: Attributes): Attributes => Object.fromEntries(Object.entries(object).filter(([name]) => name !== attribute.name));
  if (!extension) return drop(attributes);
  const urn = extension.schema.urn;
  const holder: Value | undefined = attributes[urn];
  const kept = isComplex(holder) ? drop(holder) : {};
  const others = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== urn));
  return Object.keys(kept).length === 0 ? others : { ...others, [urn]: kept };
}

/** A dead key's edges lead nowhere: readers skip them, so a large group's may go after the answer. */
async function dropMembers(transaction: Transaction, groupKey: string, count: number): Promise<readonly string[]> {
  const { session, tenant, store: { collections } } = transaction;
  if (count > SWEEP_ABOVE) {
    await collections.sweeps.insertOne({ _id: groupKey, t: tenant }, { session });
    return [groupKey];
  }
  await collections.members.deleteMany({ _id: edgesOfGroup(groupKey), t: tenant }, { session });
  return [];
}

const SWEEP_BATCH = 5000;

/** Deletes the edges of a dead key in the background. What a crash leaves is swept at the next start. */
export function sweepGroup(scope: TenantScope, groupKey: string): void {
  sweep(scope, groupKey).catch((error: unknown) => scope.store.log.warn({ err: error }, 'edges of a deleted group are left for the next sweep'));
}

async function sweep({ tenant, store: { collections } }: TenantScope, groupKey: string): Promise<void> {
  for (;;) {
    const batch = await collections.members.find({ _id: edgesOfGroup(groupKey), t: tenant }, { projection: { _id: 1 } }).limit(SWEEP_BATCH).map(({ _id }) => _id).toArray();
    if (batch.length > 0) await collections.members.deleteMany({ _id: { $in: batch }, t: tenant });
    if (batch.length < SWEEP_BATCH) break;
  }
  await collections.sweeps.deleteOne({ _id: groupKey, t: tenant });
}
