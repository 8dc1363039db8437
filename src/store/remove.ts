/** Deletes a resource and everything that points to it: no edge, no reference and no claim of it is left (R-DEL-3, R-DEL-4). */
import { isComplex, type Attributes, type ResourceType, type Value } from '../scim/schema.ts';
import type { RemoveWrite } from './change-set.ts';
import { decode, encodeAttributes } from './codec.ts';
import type { ResourceDocument } from './documents.ts';
import { SWEEP_ABOVE } from './edges.ts';
import { fieldOf } from './fields.ts';
import { edgesOfGroup, groupType } from './memberships.ts';
import { namedPath } from './models.ts';
import type { Transaction } from './transaction.ts';

/** A resource to delete; its version has been compared in this transaction. */
export interface Removal {
  readonly write: RemoveWrite;
  readonly stored: Pick<ResourceDocument, 'gk' | 'mc' | 'mr'>;
}

/** @returns the keys of deleted groups whose edges are left to be swept */
export async function removeResources(transaction: Transaction, removals: readonly Removal[]): Promise<readonly string[]> {
  if (removals.length === 0) return [];
  const { session, tenant, store: { collections } } = transaction;
  const ids = removals.map(({ write }) => write.id);
  for (const type of new Set(removals.map(({ write }) => write.type))) {
    const ofType = removals.filter(({ write }) => write.type === type).map(({ write }) => write.id);
    await collections.resources(type).deleteMany({ _id: { $in: ofType }, t: tenant }, { session });
  }
  await collections.claims.deleteMany({ t: tenant, owner: { $in: ids } }, { session });
  await collections.credentials.deleteMany({ _id: { $in: ids }, t: tenant }, { session });
  // What the logs know of a person, and not of the change itself, goes with them (J11).
  for (const collection of [collections.traces, collections.sessions, collections.links, collections.outbox]) await collection.deleteMany({ t: tenant, person: { $in: ids } }, { session });
  // Nobody ever pointed to a resource that was never touched.
  const touched = removals.filter(({ stored }) => stored.mr > 0);
  await leaveGroups(transaction, touched);
  await clearReferences(transaction, touched);
  return dropMembers(transaction, removals);
}

/** Each membership that ends is a new version of the group. */
async function leaveGroups(transaction: Transaction, removals: readonly Removal[]): Promise<void> {
  const [first] = removals;
  if (!first) return;
  const { session, tenant, store: { collections } } = transaction;
  const members = removals.map(({ write }) => write.id);
  const ended = new Map<string, number>();
  for await (const { g } of collections.members.find({ t: tenant, m: { $in: members } }, { session, projection: { _id: 0, g: 1 } })) ended.set(g, (ended.get(g) ?? 0) + 1);
  if (ended.size === 0) return;
  await collections.members.deleteMany({ t: tenant, m: { $in: members } }, { session });
  await collections.resources(groupType(transaction)).bulkWrite(Array.from(ended, ([gk, count]) => ({
    updateOne: { filter: { t: tenant, gk }, update: { $inc: { v: count, mc: -count }, $set: { lastModified: first.write.at } } },
  })), { session });
}

/** R-ENT-3: a reference to what is gone goes too, and the resource that held it gets a new version. */
async function clearReferences(transaction: Transaction, removals: readonly Removal[]): Promise<void> {
  const { session, tenant, store } = transaction;
  for (const holder of store.registry.resourceTypes) {
    for (const reference of holder.storage.references) {
      const gone = removals.filter(({ write }) => write.type.name === reference.type);
      if (gone.length === 0) continue;
      const field = fieldOf(holder, namedPath(holder, `${reference.path}.value`));
      const collection = store.collections.resources(holder);
      for await (const document of collection.find({ t: tenant, [field]: { $in: gone.map(({ write }) => write.id) } }, { session, projection: { k: 0 } })) {
        const attributes = withoutAttribute(holder, decode(holder, document).attributes, reference.path);
        const $set = { lastModified: gone[0]?.write.at ?? document.lastModified, ...encodeAttributes(holder, attributes) };
        await collection.updateOne({ _id: document._id, t: tenant }, { $inc: { v: 1 }, $set }, { session });
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
async function dropMembers(transaction: Transaction, removals: readonly Removal[]): Promise<readonly string[]> {
  const { session, tenant, store: { collections } } = transaction;
  const groups = removals.flatMap(({ stored: { gk, mc = 0 } }) => (gk === undefined || mc === 0 ? [] : [{ gk, mc }]));
  const large = groups.filter(({ mc }) => mc > SWEEP_ABOVE).map(({ gk }) => gk);
  const small = groups.filter(({ mc }) => mc <= SWEEP_ABOVE).map(({ gk }) => ({ t: tenant, _id: edgesOfGroup(gk) }));
  if (large.length > 0) await collections.sweeps.insertMany(large.map((_id) => ({ _id, t: tenant })), { session });
  if (small.length > 0) await collections.members.deleteMany({ t: tenant, $or: small }, { session });
  return large;
}
