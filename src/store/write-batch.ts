/**
 * Writes change sets inside a transaction, step by step for all of them together. What they find there is a snapshot: if somebody else
 * writes one of the documents meanwhile, MongoDB refuses the transaction and it is run again.
 */
import type { mongo } from 'mongoose';
import { conflict, notFound, uniqueness } from '../errors.ts';
import { isComplex, type ResourceType, type Value } from '../scim/schema.ts';
import { atStake, hasAdministrator } from './administrators.ts';
import { writeAudit } from './audit.ts';
import type { BatchResult, ChangeSet, Claim, CommitResult, InsertWrite, RemoveWrite, UpdateWrite, Write } from './change-set.ts';
import { encodeAttributes } from './codec.ts';
import type { ResourceDocument } from './documents.ts';
import { newGroupKey, UNCHANGED, writeEdges, type EdgeChange, type EdgeCounts } from './edges.ts';
import { fieldOf } from './fields.ts';
import { countedFields, type Guarded } from './guarded.ts';
import { useCopy } from './hidden.ts';
import type { Held } from './taken.ts';
import { writeAccounts } from './write-accounts.ts';
import { namedPath } from './models.ts';
import { duplicateOf, isDuplicateKey } from './mongo-errors.ts';
import { lockReferences } from './references.ts';
import { removeResources } from './remove.ts';
import { writeSeatDelta } from './seats.ts';
import type { Transaction } from './transaction.ts';

/** The change set with this index cannot be written; its cause is what the caller is told. */
export class WriteFault extends Error {
  readonly index: number;
  /** Where it is for a value that somebody else has. */
  readonly held: Held | undefined;

  constructor(index: number, cause: unknown, held?: Held) {
    super('a change set cannot be written', { cause });
    this.index = index;
    this.held = held;
  }
}

/** A change set of a batch; `follows` is the position of the one that it follows from: where that is not written, neither is this */
export type Batched = ChangeSet & { readonly follows?: number };

/** Keys of groups whose edges are to be swept after the commit. */
export type Swept = string[];

/** A change set on its way, with what is stored of its resource. */
interface Entry<W extends Write = Write> {
  readonly index: number;
  readonly changeSet: Batched;
  readonly write: W;
  readonly stored: Stored | undefined;
}
type Stored = Pick<ResourceDocument, '_id' | 'v' | 'gk' | 'mc' | 'mr' | 'cr' | 'p' | 'a'>;

/** @throws WriteFault for the first change set that cannot be written */
export async function writeBatch(transaction: Transaction, changeSets: readonly Batched[], swept: Swept, guarded?: Guarded): Promise<readonly BatchResult[]> {
  const entries = await readStored(transaction, changeSets);
  const isLost = (entry: Entry | undefined): boolean => entry !== undefined && (isConflict(entry) || (entry.changeSet.follows !== undefined && isLost(entries[entry.changeSet.follows])));
  const lost = entries.find((entry) => entry.changeSet.together && isLost(entry));
  if (lost) throw fault(lost.index, conflict('Somebody has changed one of them meanwhile: try again.'));
  const present = entries.filter((entry) => !isLost(entry));
  const current = guarded ? await guarded.admit(present) : present;
  const inserts = current.filter((entry): entry is Entry<InsertWrite> => entry.write.kind === 'insert');
  const updates = current.filter((entry): entry is Entry<UpdateWrite> => entry.write.kind === 'update');
  const removes = current.filter((entry): entry is Entry<RemoveWrite> => entry.write.kind === 'remove');
  const keys = new Map(inserts.filter(({ write }) => holdsMembers(write)).map(({ index }) => [index, newGroupKey()]));

  const staked = await atStake(transaction, current);
  const had = staked !== undefined && (await hasAdministrator(transaction));
  swept.push(...(await removeResources(transaction, removes.flatMap(({ write, stored }) => (stored ? [{ write, stored }] : [])))));
  const written = current.filter((entry): entry is Entry<InsertWrite | UpdateWrite> => entry.write.kind !== 'remove');
  await useCopies(transaction, inserts);
  await moveClaims(transaction, written);
  await insertResources(transaction, inserts, keys);
  const counts = await writeEdges(transaction, edgeChanges(written, keys), fault, guarded?.admitRemovals);
  await lockReferences(transaction, written, fault);
  const changed = updates.filter((entry) => isChanged(entry, counts.get(entry.index)));
  const changedIndexes = new Set(changed.map(({ index }) => index));
  await updateResources(transaction, changed, counts);
  for (const { index, stored } of changed) if (counts.get(index)?.newKey && stored?.gk) swept.push(stored.gk);
  const results = entries.map((entry) => guarded?.resultOf(entry.index) ?? resultOf(entry, changedIndexes.has(entry.index)));
  await writeAccounts(transaction, current.flatMap(({ index, write, changeSet: { account } }) => (account ? [{ index, write, account }] : [])), fault);
  if (had && !(await hasAdministrator(transaction))) throw fault(staked.index, conflict('Nobody would be left who can give rights: make somebody else an administrator first.'));
  await writeSeatDelta(transaction, [...inserts, ...changed, ...removes]);
  await writeEntries(transaction, current, results);
  return results;
}

const fault = (index: number, cause: unknown) => new WriteFault(index, cause);
const holdsMembers = ({ type }: Write) => Object.values(type.storage.edges).includes('members');

/** Version, key, count and seat of what is to be changed: one query per resource type. */
async function readStored({ session, tenant, store }: Transaction, changeSets: readonly Batched[]): Promise<readonly Entry[]> {
  const stored = new Map<string, Stored>();
  for (const type of new Set(changeSets.map(({ write }) => write.type))) {
    const ids = changeSets.flatMap(({ write }) => (write.type === type && write.kind !== 'insert' ? [write.id] : []));
    if (ids.length === 0) continue;
    const query = store.collections.resources(type).find({ _id: { $in: ids }, t: tenant }, { session, projection: { v: 1, gk: 1, mc: 1, mr: 1, cr: 1, p: 1, 'a.active': 1, ...countedFields(type) } });
    for await (const document of query) stored.set(document._id, document);
  }
  return changeSets.map((changeSet, index) => ({ index, changeSet, write: changeSet.write, stored: stored.get(changeSet.write.id) }));
}

const isConflict = ({ write, stored }: Entry) =>
  write.kind !== 'insert' && (!stored || (write.version !== undefined && write.version !== stored.v));

const claimId = (tenant: string, { kind, value }: Claim) => `${tenant}|${kind}|${value}`;

/** In the order of the change sets: a claim that a later one releases is still taken for an earlier one. */
async function moveClaims({ session, tenant, store }: Transaction, entries: readonly Entry<InsertWrite | UpdateWrite>[]): Promise<void> {
  const operations = entries.flatMap((entry) => {
    const owner = entry.write.id;
    const released = entry.write.kind === 'update' ? entry.write.released : [];
    return [
      ...released.map((claim) => ({ entry, command: { deleteOne: { filter: { _id: claimId(tenant, claim), t: tenant, owner } } } })),
      ...entry.write.claims.map((claim) => ({ entry, command: { insertOne: { document: { _id: claimId(tenant, claim), t: tenant, owner } } } })),
    ];
  });
  if (operations.length === 0) return;
  await uniquely(operations.map(({ entry }) => entry), () => store.collections.claims.bulkWrite(operations.map(({ command }) => command), { session }));
}

async function useCopies(transaction: Transaction, inserts: readonly Entry<InsertWrite>[]): Promise<void> {
  for (const { index, write } of inserts) if (write.restores && !(await useCopy(transaction, write.id))) throw fault(index, notFound('Hidden person'));
}

async function insertResources(transaction: Transaction, inserts: readonly Entry<InsertWrite>[], keys: ReadonlyMap<number, string>): Promise<void> {
  const { session, store } = transaction;
  for (const [type, entries] of byType(inserts)) {
    await uniquely(entries, () => store.collections.resources(type).insertMany(entries.map((entry) => newDocument(transaction, entry, keys.get(entry.index))), { session }));
  }
}

function newDocument({ tenant, store }: Transaction, { write, changeSet: { account } }: Entry<InsertWrite>, groupKey: string | undefined): ResourceDocument {
  const { type, id, at, audience, externalId, attributes, members, restores } = write;
  const sources = restores?.sources ?? write.sources ?? [];
  const said = restores?.said ?? (write.said ? [write.said] : []);
  return {
    _id: id, t: tenant, v: firstVersion(write), created: restores?.created ?? at, lastModified: at,
    ext: restores?.externalIds ?? (externalId?.id === undefined ? [] : [{ client: externalId.client, id: externalId.id }]),
    ...encodeAttributes(store.registry.type(type.name), attributes),
    ...(said.length > 0 ? { said } : {}),
    ...(sources.length > 0 ? { src: sources } : {}),
    p: audience,
    mr: 0,
    ...(account || restores ? { cr: 1 } : {}),
    ...(groupKey === undefined ? {} : { gk: groupKey, mc: members?.added.size ?? 0 }),
  };
}

/** D-27: a version is never given twice, not to whoever comes back either. */
const firstVersion = ({ restores }: InsertWrite) => (restores?.version ?? 0) + 1;

function edgeChanges(entries: readonly Entry<InsertWrite | UpdateWrite>[], keys: ReadonlyMap<number, string>): readonly EdgeChange[] {
  return entries.flatMap(({ index, write, stored }) => {
    const groupKey = keys.get(index) ?? stored?.gk;
    if (!write.members || groupKey === undefined) return [];
    return [{ index, groupId: write.id, groupKey, count: stored?.mc ?? 0, isNew: write.kind === 'insert', delta: write.members }];
  });
}

const isChanged = ({ write }: Entry<UpdateWrite>, counts: EdgeCounts = UNCHANGED) =>
  write.attributes !== undefined || write.externalId !== undefined || write.inherits !== undefined || counts.added > 0 || counts.removed > 0;

async function updateResources({ session, tenant, store }: Transaction, updates: readonly Entry<UpdateWrite>[], counts: ReadonlyMap<number, EdgeCounts>): Promise<void> {
  for (const [type, entries] of byType(updates)) {
    const operations = entries.flatMap((entry) => updateOperations(tenant, store.registry.type(type.name), entry.write, counts.get(entry.index) ?? UNCHANGED).map((updateOne) => ({ entry, updateOne })));
    await uniquely(operations.map(({ entry }) => entry), () =>
      store.collections.resources(type).bulkWrite(operations.map(({ updateOne }) => ({ updateOne })), { session }));
  }
}

type UpdateOperation = mongo.UpdateOneModel<ResourceDocument>;

function updateOperations(tenant: string, type: ResourceType, write: UpdateWrite, counts: EdgeCounts): readonly UpdateOperation[] {
  const { id, at, attributes, audience, externalId, said, sources, inherits } = write;
  const filter = { _id: id, t: tenant };
  const main: UpdateOperation = {
    filter,
    update: {
      $inc: { v: 1, ...(write.members ? { mc: counts.added - counts.removed } : {}) },
      $set: { lastModified: at, ...(attributes ? encodeAttributes(type, attributes) : {}), ...(attributes && sources ? { src: sources } : {}), ...(audience === undefined ? {} : { p: audience }), ...(counts.newKey === undefined ? {} : { gk: counts.newKey }) },
      ...(externalId || said ? { $pull: { ...(externalId ? { ext: { client: externalId.client } } : {}), ...(said ? { said: { client: said.client } } : {}) } } : {}),
    },
  };
  // One update cannot take an element out of a list and put one in.
  const $push = inherits
    ? { ext: { $each: [...inherits.externalIds] }, said: { $each: [...inherits.said] } }
    : { ...(externalId?.id === undefined ? {} : { ext: { client: externalId.client, id: externalId.id } }), ...(said ? { said } : {}) };
  return Object.keys($push).length === 0 ? [main] : [main, { filter, update: { $push } }];
}

function resultOf(entry: Entry, changed: boolean): CommitResult {
  if (isConflict(entry)) return { kind: 'conflict' };
  switch (entry.write.kind) {
    case 'insert':
      return { kind: 'done', version: firstVersion(entry.write) };
    case 'update':
      return changed ? { kind: 'done', version: (entry.stored?.v ?? 0) + 1 } : { kind: 'unchanged' };
    case 'remove':
      return { kind: 'done', version: undefined };
  }
}

/** What changed nothing leaves no entry. */
async function writeEntries({ session, tenant, store }: Transaction, entries: readonly Entry[], results: readonly BatchResult[]): Promise<void> {
  const written = entries.flatMap(({ index, changeSet: { audit, account } }) => {
    const result = results[index];
    if (result?.kind !== 'done' && !account) return [];
    const version = result?.kind === 'done' ? result.version : undefined;
    return [{ ...audit, ...(version === undefined ? {} : { version }) }];
  });
  const [first] = entries;
  if (first) await writeAudit(store, tenant, written, new Date(first.write.at), session);
}

function byType<W extends Write>(entries: readonly Entry<W>[]): ReadonlyMap<W['type'], readonly Entry<W>[]> {
  return new Map(Array.from(new Set(entries.map(({ write }) => write.type)), (type) => [type, entries.filter(({ write }) => write.type === type)]));
}

/** R-CREATE-5: the unique index decides, not a look beforehand. @param entries by position in the command */
async function uniquely(entries: readonly (Entry | undefined)[], command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (cause) {
    if (!isDuplicateKey(cause)) throw cause;
    const duplicate = duplicateOf(cause);
    const entry = entries[duplicate.position] ?? entries[0];
    throw entry ? takenBy(entry, duplicate) : cause;
  }
}

function takenBy({ index, write }: Entry, { collection, fields }: { collection: string; fields: readonly string[] }): WriteFault {
  const { type } = write;
  const attributes = write.kind === 'remove' ? undefined : write.attributes;
  if (collection === 'claims') {
    const claims = write.kind === 'remove' ? [] : write.claims;
    return new WriteFault(index, uniqueness(`${claims.map(({ path }) => path).join(' or ')} is already taken.`), { kind: 'claim', claims: claims.map(({ kind, value }) => `${kind}|${value}`) });
  }
  const path = type.storage.unique.find((candidate) => fields.includes(fieldOf(type, namedPath(type, candidate.path))))?.path;
  const taken = uniqueness(`${path ?? 'A value'} is already taken.`);
  if (path === undefined || !attributes) return new WriteFault(index, taken);
  const named = namedPath(type, path);
  const field = fieldOf(type, named);
  const { k } = encodeAttributes(type, attributes);
  const value = field.split('.').slice(1).reduce<Value | undefined>((holder, key) => (isComplex(holder) ? holder[key] : undefined), k);
  return new WriteFault(index, taken, value === undefined ? undefined : { kind: 'field', type, filter: { [field]: value } });
}
