/** Deletes resources and everything that points to them: no edge, no reference and no claim is left (R-DEL-3, R-DEL-4), and of people nothing of their own. */
import type { RemoveWrite } from './change-set.ts';
import { decode, encodeAttributes } from './codec.ts';
import type { ResourceDocument } from './documents.ts';
import { SWEEP_ABOVE } from './edges.ts';
import { beginErasures } from './erasures.ts';
import { fieldOf } from './fields.ts';
import { copiesOf, keepCopies } from './hidden.ts';
import { edgesOfGroup, groupType } from './memberships.ts';
import { namedPath } from './models.ts';
import { removeOwn } from './person-places.ts';
import { touch } from './references.ts';
import { attributeAt, targetOf, withAttribute, withoutAttribute } from './reference-attributes.ts';
import type { Transaction } from './transaction.ts';

/** A resource to delete; its version has been compared in this transaction. */
export interface Removal {
  readonly write: RemoveWrite;
  readonly stored: Pick<ResourceDocument, 'gk' | 'mc' | 'mr' | 'cr'>;
}

/** @returns the keys of deleted groups whose edges are left to be swept */
export async function removeResources(transaction: Transaction, removals: readonly Removal[]): Promise<readonly string[]> {
  if (removals.length === 0) return [];
  const copies = await copiesOf(transaction, removals.map(({ write }) => write));
  await deleteDocuments(transaction, removals);
  const erased = removals.filter(({ write }) => isPerson(write) && !write.hides);
  const own = await removeOwn(transaction, erased.map(({ write: { id }, stored }) => ({ id, hadLogin: stored.cr !== undefined })));
  await releaseClaims(transaction, removals.filter((removal) => !erased.includes(removal)));
  // Nobody ever pointed to a resource that was never touched.
  const touched = removals.filter(({ stored }) => stored.mr > 0);
  const left = await leaveGroups(transaction, touched);
  const cleared = await clearReferences(transaction, touched);
  await keepCopies(transaction, copies, left);
  const [first] = erased;
  if (first) await beginErasures(transaction, erased.map(({ write: { id, type } }) => ({ id, removed: { [type.storage.collection]: 1, ...own.get(id), ...numberOf('members', left.get(id)?.length), ...numberOf('references', cleared.get(id)) } })), new Date(first.write.at));
  return dropMembers(transaction, removals);
}

const isPerson = ({ type }: RemoveWrite) => type.name === 'User';
const numberOf = (name: string, count = 0) => (count === 0 ? {} : { [name]: count });

async function deleteDocuments({ session, tenant, store: { collections } }: Transaction, removals: readonly Removal[]): Promise<void> {
  for (const type of new Set(removals.map(({ write }) => write.type))) {
    const ofType = removals.filter(({ write }) => write.type === type).map(({ write }) => write.id);
    await collections.resources(type).deleteMany({ _id: { $in: ofType }, t: tenant }, { session });
  }
}

/** Of what is no person, and of people who are hidden: their names are free at once (L6). */
async function releaseClaims({ session, tenant, store: { collections } }: Transaction, removals: readonly Removal[]): Promise<void> {
  if (removals.length > 0) await collections.claims.deleteMany({ t: tenant, owner: { $in: removals.map(({ write }) => write.id) } }, { session });
}

/** Each membership that ends is a new version of the group. @returns the keys of the groups that each was in */
async function leaveGroups(transaction: Transaction, removals: readonly Removal[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const left = new Map<string, string[]>();
  const [first] = removals;
  if (!first) return left;
  const { session, tenant, store: { collections } } = transaction;
  const members = removals.map(({ write }) => write.id);
  const ended = new Map<string, number>();
  for await (const { g, m } of collections.members.find({ t: tenant, m: { $in: members } }, { session, projection: { _id: 0, g: 1, m: 1 } })) {
    ended.set(g, (ended.get(g) ?? 0) + 1);
    left.set(m, [...(left.get(m) ?? []), g]);
  }
  if (ended.size === 0) return left;
  await collections.members.deleteMany({ t: tenant, m: { $in: members } }, { session });
  await collections.resources(groupType(transaction)).bulkWrite(Array.from(ended, ([gk, count]) => ({
    updateOne: { filter: { t: tenant, gk }, update: { $inc: { v: count, mc: -count }, $set: { lastModified: first.write.at } } },
  })), { session });
  return left;
}

/** R-ENT-3: a reference to what is gone goes too, or leads to whoever takes its place; and the resource that held it gets a new version. @returns how many led to each */
async function clearReferences(transaction: Transaction, removals: readonly Removal[]): Promise<ReadonlyMap<string, number>> {
  const { session, tenant, store } = transaction;
  const cleared = new Map<string, number>();
  for (const holder of store.registry.resourceTypes) {
    for (const reference of holder.storage.references) {
      const gone = removals.filter(({ write }) => write.type.name === reference.type);
      if (gone.length === 0) continue;
      const field = fieldOf(holder, namedPath(holder, `${reference.path}.value`));
      const collection = store.collections.resources(holder);
      for await (const document of collection.find({ t: tenant, [field]: { $in: gone.map(({ write }) => write.id) } }, { session, projection: { k: 0 } })) {
        const { attributes } = decode(holder, document);
        const target = targetOf(attributeAt(holder, attributes, reference.path)) ?? '';
        cleared.set(target, (cleared.get(target) ?? 0) + 1);
        const heir = gone.find(({ write }) => write.id === target)?.write.heir;
        const now = heir === undefined || heir === document._id ? withoutAttribute(holder, attributes, reference.path) : withAttribute(holder, attributes, reference.path, { value: heir });
        const $set = { lastModified: gone[0]?.write.at ?? document.lastModified, ...encodeAttributes(holder, now) };
        await collection.updateOne({ _id: document._id, t: tenant }, { $inc: { v: 1 }, $set }, { session });
      }
    }
  }
  // Who is referred to is written, so that whoever deletes them sees it.
  if (cleared.size > 0) await touch(transaction, removals.flatMap(({ write: { heir } }) => heir ?? []));
  return cleared;
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
