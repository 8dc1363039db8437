/**
 * Writes a change set in one transaction: the resource, its edges and claims, its credential and the audit entry (design rule 3: no audit
 * entry, no change). Change sets for the same resource queue up in this process; across processes the version decides.
 */
import type { mongo } from 'mongoose';
import { v7 as uuid } from 'uuid';
import { uniqueness } from '../errors.ts';
import { encodeAttributes } from './codec.ts';
import type { ChangeSet, Claim, CommitResult, InsertWrite, RemoveWrite, UpdateWrite, Write } from './change-set.ts';
import type { ResourceDocument } from './documents.ts';
import { newGroupKey, writeEdges, type EdgeCounts } from './edges.ts';
import { isDuplicateKey, duplicateOf } from './mongo-errors.ts';
import { lockReferences } from './references.ts';
import { removeResource, sweepGroup } from './remove.ts';
import type { TenantScope } from './store.ts';
import { transact } from './transaction.ts';

/** Inside one transaction. */
export interface Transaction extends TenantScope {
  readonly session: mongo.ClientSession;
}

/** A conflict that must roll back what the transaction has written so far. */
export class VersionConflict extends Error {}

/**
 * @throws ScimError 409 uniqueness, 400 invalidValue for a reference or member that does not exist; a MongoDB error where the outcome is
 *   unknown
 */
export function commit(scope: TenantScope, changeSet: ChangeSet): Promise<CommitResult> {
  const { type, id } = changeSet.write;
  return scope.store.lock.run([`${type.name}|${id}`], () => inTransaction(scope, changeSet));
}

async function inTransaction(scope: TenantScope, changeSet: ChangeSet): Promise<CommitResult> {
  const swept: string[] = [];
  try {
    const result = await transact(scope.store, (session) => {
      swept.length = 0;
      return write({ ...scope, session }, changeSet, swept);
    });
    for (const key of swept) sweepGroup(scope, key);
    return result;
  } catch (cause) {
    if (cause instanceof VersionConflict) return { kind: 'conflict' };
    if (isDuplicateKey(cause)) throw takenValue(changeSet.write, cause);
    throw cause;
  }
}

async function write(transaction: Transaction, changeSet: ChangeSet, swept: string[]): Promise<CommitResult> {
  const version = await writeResource(transaction, changeSet.write, swept);
  if (version === 'unchanged' && !changeSet.credential) return { kind: 'unchanged' };
  const { write: { at, id }, credential, audit } = changeSet;
  const { session, tenant, store: { collections } } = transaction;
  if (credential) {
    await collections.credentials.updateOne({ _id: id, t: tenant }, { $set: { hash: credential.hash, changed: new Date(at) } }, { session, upsert: true });
  }
  const resulting = typeof version === 'number' ? { version } : {};
  await collections.audit.insertOne({ _id: uuid(), t: tenant, at: new Date(at), ...audit, ...resulting }, { session });
  return typeof version === 'number' ? { kind: 'done', version } : { kind: 'unchanged' };
}

async function writeResource(transaction: Transaction, resource: Write, swept: string[]): Promise<number | 'unchanged' | 'removed'> {
  switch (resource.kind) {
    case 'insert':
      return insert(transaction, resource);
    case 'update':
      return update(transaction, resource, swept);
    case 'remove':
      return remove(transaction, resource, swept);
  }
}

async function insert(transaction: Transaction, write: InsertWrite): Promise<number> {
  const { type, id, at, externalId } = write;
  const isGroup = Object.values(type.storage.edges).includes('members');
  const key = isGroup ? newGroupKey() : undefined;
  await takeClaims(transaction, write, write.claims);
  await lockReferences(transaction, write.references);
  const counts = key && write.members ? await writeEdges(transaction, { groupId: id, groupKey: key, count: 0 }, write.members) : undefined;
  const document: ResourceDocument = {
    _id: id,
    t: transaction.tenant,
    v: 1,
    created: at,
    lastModified: at,
    ext: externalId?.id === undefined ? [] : [{ client: externalId.client, id: externalId.id }],
    ...encodeAttributes(type, write.attributes),
    mr: 0,
    ...(key ? { gk: key, mc: counts?.added ?? 0 } : {}),
  };
  await transaction.store.collections.resources(type).insertOne(document, { session: transaction.session });
  return 1;
}

async function update(transaction: Transaction, write: UpdateWrite, swept: string[]): Promise<number | 'unchanged'> {
  const { type, id, at } = write;
  const { session, tenant, store: { collections } } = transaction;
  const own = { _id: id, t: tenant, ...(write.version === undefined ? {} : { v: write.version }) };
  const counts = write.members ? await changeEdges(transaction, write, swept) : undefined;
  if (!write.attributes && !write.externalId && (!counts || isUnchanged(counts))) return 'unchanged';
  await releaseClaims(transaction, write);
  await takeClaims(transaction, write, write.claims);
  await lockReferences(transaction, write.references);
  const changed = await collections.resources(type).findOneAndUpdate(
    own,
    {
      $inc: { v: 1, ...(counts ? { mc: counts.added - counts.removed } : {}) },
      $set: { lastModified: at, ...(write.attributes ? encodeAttributes(type, write.attributes) : {}), ...(counts?.newKey ? { gk: counts.newKey } : {}) },
    },
    { session, returnDocument: 'after', projection: { v: 1 } },
  );
  if (!changed) throw new VersionConflict();
  if (write.externalId) await writeExternalId(transaction, write, write.externalId);
  return changed.v;
}

/** The group's key and count are read inside the transaction: they are what the edges are compared with. */
async function changeEdges(transaction: Transaction, write: UpdateWrite, swept: string[]): Promise<EdgeCounts> {
  const { session, tenant, store: { collections } } = transaction;
  const group = await collections.resources(write.type).findOne({ _id: write.id, t: tenant }, { session, projection: { gk: 1, mc: 1, v: 1 } });
  if (!group?.gk || (write.version !== undefined && group.v !== write.version)) throw new VersionConflict();
  const counts = write.members
    ? await writeEdges(transaction, { groupId: write.id, groupKey: group.gk, count: group.mc ?? 0 }, write.members)
    : { added: 0, removed: 0, newKey: undefined };
  if (counts.newKey) swept.push(group.gk);
  return counts;
}

const isUnchanged = ({ added, removed }: EdgeCounts) => added === 0 && removed === 0;

async function writeExternalId({ session, tenant, store }: Transaction, { type, id }: UpdateWrite, external: { client: string; id: string | undefined }): Promise<void> {
  const collection = store.collections.resources(type);
  await collection.updateOne({ _id: id, t: tenant }, { $pull: { ext: { client: external.client } } }, { session });
  if (external.id === undefined) return;
  await collection.updateOne({ _id: id, t: tenant }, { $push: { ext: { client: external.client, id: external.id } } }, { session });
}

async function remove(transaction: Transaction, write: RemoveWrite, swept: string[]): Promise<'removed'> {
  const dead = await removeResource(transaction, write);
  if (dead) swept.push(dead);
  return 'removed';
}

const claimId = (tenant: string, { kind, value }: Claim) => `${tenant}|${kind}|${value}`;

async function takeClaims({ session, tenant, store }: Transaction, { id }: Write, claims: readonly Claim[]): Promise<void> {
  if (claims.length === 0) return;
  await store.collections.claims.insertMany(claims.map((claim) => ({ _id: claimId(tenant, claim), t: tenant, owner: id })), { session });
}

async function releaseClaims({ session, tenant, store }: Transaction, { id, released }: UpdateWrite): Promise<void> {
  if (released.length === 0) return;
  await store.collections.claims.deleteMany({ _id: { $in: released.map((claim) => claimId(tenant, claim)) }, t: tenant, owner: id }, { session });
}

/** R-CREATE-5: the unique index decides, not a look beforehand. */
function takenValue({ type }: Write, cause: unknown): Error {
  const place = duplicateOf(cause);
  const claim = type.storage.claims[0];
  const path = place.collection === 'claims' && claim ? claim.path : (type.storage.unique.find(({ path }) => place.fields.includes(`k.${path}`))?.path ?? 'A value');
  return uniqueness(`${path} is already taken.`);
}
