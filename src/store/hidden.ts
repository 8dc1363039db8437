/** People who were hidden (L6): their copies, made in the transaction that removes them and used up by the one that brings them back. */
import type { mongo } from 'mongoose';
import type { ResourceType } from '../scim/schema.ts';
import { hiddenSeenIn } from './audience.ts';
import { writeAudit, type AuditEntry } from './audit.ts';
import type { RemoveWrite } from './change-set.ts';
import { decode, encodeAttributes, type StoredResource } from './codec.ts';
import type { HiddenDocument, ResourceDocument } from './documents.ts';
import { beginErasures } from './erasures.ts';
import { groupType } from './memberships.ts';
import { removeOwn } from './person-places.ts';
import { attributeAt, targetOf, withoutAttribute } from './reference-attributes.ts';
import type { TenantScope } from './store.ts';
import { transact, type Transaction } from './transaction.ts';

/** The copies of those whom a write hides, as they are now; the groups are not known yet. */
export async function copiesOf(transaction: Transaction, writes: readonly RemoveWrite[]): Promise<readonly Omit<HiddenDocument, 'groups'>[]> {
  const hiding = new Map(writes.flatMap(({ id, hides, at, type }) => (hides ? [[id, { by: hides, at: new Date(at), type }] as const] : [])));
  const [type] = Array.from(hiding.values(), (one) => one.type);
  if (!type) return [];
  const { session, tenant, store } = transaction;
  const found = await store.collections.resources(type).find({ _id: { $in: [...hiding.keys()] }, t: tenant }, { session, projection: { k: 0 } }).toArray();
  return found.flatMap((document) => {
    const hidden = hiding.get(document._id);
    return hidden ? [copyOf(store.registry.type(type.name), document, hidden)] : [];
  });
}

function copyOf(type: ResourceType, document: ResourceDocument, { by, at }: Pick<HiddenDocument, 'by' | 'at'>): Omit<HiddenDocument, 'groups'> {
  const { _id, t, v, created, ext, p, said, src } = document;
  let { attributes } = decode(type, document);
  const references = type.storage.references.flatMap(({ path }) => {
    const value = attributeAt(type, attributes, path);
    const id = targetOf(value);
    return id === undefined || value === undefined ? [] : [{ path, id, value }];
  });
  for (const { path } of references) attributes = withoutAttribute(type, attributes, path);
  return { _id, t, v, created, ext, p, ...(said ? { said } : {}), ...(src ? { src } : {}), by, at, a: encodeAttributes(type, attributes).a, references };
}

/** @param keys of the groups that each was in */
export async function keepCopies(transaction: Transaction, copies: readonly Omit<HiddenDocument, 'groups'>[], keys: ReadonlyMap<string, readonly string[]>): Promise<void> {
  if (copies.length === 0) return;
  const { session, tenant, store: { collections } } = transaction;
  const wanted = [...new Set(copies.flatMap(({ _id }) => keys.get(_id) ?? []))];
  const groups = wanted.length === 0 ? [] : await collections.resources(groupType(transaction)).find({ gk: { $in: wanted }, t: tenant }, { session, projection: { gk: 1 } }).toArray();
  const idOf = new Map(groups.map(({ _id, gk = '' }) => [gk, _id]));
  await collections.hidden.insertMany(copies.map((copy) => ({ ...copy, groups: (keys.get(copy._id) ?? []).flatMap((key) => idOf.get(key) ?? []) })), { session });
}

/** @returns whether there was one: who comes second finds none */
export async function useCopy({ session, tenant, store }: Transaction, id: string): Promise<boolean> {
  return (await store.collections.hidden.deleteOne({ _id: id, t: tenant }, { session })).deletedCount === 1;
}

export interface HiddenPerson extends Pick<HiddenDocument, 'at' | 'by' | 'references' | 'groups'> {
  /** Without the references. */
  readonly stored: StoredResource;
}

function hiddenOf({ store }: TenantScope, document: HiddenDocument): HiddenPerson {
  const { at, by, references, groups } = document;
  const stored = decode(store.registry.type('User'), { ...document, lastModified: at.toISOString(), k: {}, mr: 0 });
  return { at, by, references, groups, stored };
}

/** What is not for the caller to see is as if it were not there. */
export async function findHidden(scope: TenantScope, id: string): Promise<HiddenPerson | undefined> {
  const found = await scope.store.collections.hidden.findOne({ _id: id, ...hiddenSeenIn(scope) }, { maxTimeMS: scope.store.limits.operationMs });
  return found ? hiddenOf(scope, found) : undefined;
}

export interface HiddenPlace {
  readonly at: string;
  readonly id: string;
}

/** The last hidden first. @param place of the last one of the page before */
export async function listHidden(scope: TenantScope, place: HiddenPlace | undefined, limit: number): Promise<readonly HiddenPerson[]> {
  const { tenant: t, store } = scope;
  const after: mongo.Document = place ? { $or: [{ t, at: { $lt: new Date(place.at) } }, { t, at: new Date(place.at), _id: { $lt: place.id } }] } : {};
  const found = await store.collections.hidden.find({ ...hiddenSeenIn(scope), ...after }, { maxTimeMS: store.limits.operationMs }).sort({ at: -1, _id: -1 }).limit(limit).toArray();
  return found.map((document) => hiddenOf(scope, document));
}

/** Those who were hidden before an instant, a few at a time. */
export async function hiddenBefore({ tenant, store }: TenantScope, before: Date): Promise<readonly string[]> {
  return store.collections.hidden.find({ t: tenant, at: { $lte: before } }, { projection: { _id: 1 } }).sort({ at: 1 }).limit(100).map(({ _id }) => _id).toArray();
}

/** The first phase of the erasure of somebody hidden. @returns false where they are hidden no more */
export async function removeHidden(scope: TenantScope, id: string, audit: AuditEntry, at: Date): Promise<boolean> {
  return transact(scope.store, async (session) => {
    const transaction = { ...scope, session };
    if (!(await useCopy(transaction, id))) return false;
    const removed = await removeOwn(transaction, [{ id, hadLogin: true }]);
    await beginErasures(transaction, [{ id, removed: { hidden: 1, ...removed.get(id) } }], at);
    await writeAudit(scope.store, scope.tenant, [audit], at, session);
    return true;
  });
}

