/**
 * Imports in the database. What becomes of a line is written in the transaction of the change that it asks for, so each is done once, whoever dies;
 * the lease and the state are part of every such write, so whoever was taken over or cancelled writes nothing more.
 */
import type { mongo } from 'mongoose';
import { OUTCOMES, type ImportDocument, type ImportLineDocument, type ImportPhase, type ImportState, type LineOutcome, type OutcomeCounts, type OutcomeKind } from './import-documents.ts';
import { duplicateOf, isDuplicateKey } from './mongo-errors.ts';
import type { Store, TenantScope } from './store.ts';
import { transact, type Transaction } from './transaction.ts';
import { writeAudit, type AuditEntry } from './audit.ts';

/** Longer than any batch takes. */
const LEASE_MS = 60_000;
/** Lines in one command that takes them away. */
const AT_ONCE = 5000;

export const NO_COUNTS: OutcomeCounts = { create: 0, change: 0, same: 0, refuse: 0 };

/** Somebody else is at it, or it was cancelled, or a line was erased: nothing was written. */
export class TakenOver extends Error {}

const DIGITS = 7;
export const lineId = (id: string, number: number) => `${id}|${String(number).padStart(DIGITS, '0')}`;
/** "|" is followed by "}". */
const linesOf = (id: string, after: number) => ({ $gt: lineId(id, after), $lt: `${id}}` });

export async function insertImport({ tenant, store }: TenantScope, document: Omit<ImportDocument, 't'>): Promise<void> {
  await store.collections.imports.insertOne({ ...document, t: tenant });
}

export async function insertLines({ tenant, store }: TenantScope, lines: readonly Omit<ImportLineDocument, 't'>[]): Promise<void> {
  if (lines.length > 0) await store.collections.importLines.insertMany(lines.map((line) => ({ ...line, t: tenant })));
}

export const countImports = ({ tenant, store }: TenantScope): Promise<number> =>
  store.collections.imports.countDocuments({ t: tenant, state: { $ne: 'dropped' } }, { maxTimeMS: store.limits.operationMs });

const shown = (maker: string | undefined) => ({ state: { $nin: ['dropped', 'loading'] as ImportState[] }, ...(maker === undefined ? {} : { 'by.actor.id': maker }) });

/** @param maker whose imports alone are meant */
export async function findImport({ tenant, store }: TenantScope, id: string, maker?: string): Promise<ImportDocument | undefined> {
  return (await store.collections.imports.findOne({ _id: id, t: tenant, ...shown(maker) }, { maxTimeMS: store.limits.operationMs })) ?? undefined;
}

/** The last one first. There are few (`limits.imports`). */
export const listImports = ({ tenant, store }: TenantScope, maker?: string): Promise<readonly ImportDocument[]> =>
  store.collections.imports.find({ t: tenant, ...shown(maker) }, { maxTimeMS: store.limits.operationMs }).sort({ _id: -1 }).toArray();

export type ImportChange = Readonly<{ set?: Partial<Omit<ImportDocument, '_id' | 't'>>; unset?: readonly ('lease' | 'reason' | 'finished')[] }>;

/**
 * Changes an import that is in one of these states, with the entry that says so.
 * @returns undefined where it is in another one; `busy` where another import of the tenant is running: the unique index decides
 */
export async function changeImport(scope: TenantScope, { id, from, audit, at }: { id: string; from: readonly ImportState[]; audit: AuditEntry | undefined; at: Date }, { set = {}, unset = [] }: ImportChange): Promise<ImportDocument | undefined | 'busy'> {
  const { tenant, store } = scope;
  const update = { ...(Object.keys(set).length > 0 ? { $set: set } : {}), ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((name) => [name, 1 as const])) } : {}) };
  try {
    return await transact(store, async (session) => {
      const found = await store.collections.imports.findOneAndUpdate({ _id: id, t: tenant, state: { $in: [...from] } }, update, { session, returnDocument: 'after' });
      if (found && audit) await writeAudit(store, tenant, [audit], at, session);
      return found ?? undefined;
    });
  } catch (error) {
    if (isDuplicateKey(error) && duplicateOf(error).collection === 'imports') return 'busy';
    throw error;
  }
}

/** Takes the import whose turn it is. In all tenants: the worker looks for what is due. */
export async function claimImport({ collections, limits }: Store, owner: string, now: Date): Promise<(ImportDocument & { readonly state: ImportPhase }) | undefined> {
  const found = await collections.imports.findOneAndUpdate(
    { state: { $in: ['checking', 'running'] }, $or: [{ lease: { $exists: false } }, { 'lease.until': { $lte: now } }] },
    { $set: { lease: leaseOf(owner, now) } },
    { sort: { turn: 1 }, returnDocument: 'after', maxTimeMS: limits.operationMs },
  );
  return found && isAtWork(found) ? found : undefined;
}

const isAtWork = (document: ImportDocument): document is ImportDocument & { readonly state: ImportPhase } => document.state === 'checking' || document.state === 'running';
const leaseOf = (owner: string, now: Date) => ({ owner, until: new Date(now.getTime() + LEASE_MS) });

/** Lets others have their turn. */
export async function releaseImport({ collections }: Store, { _id, t }: ImportDocument, owner: string, now: Date): Promise<void> {
  await collections.imports.updateOne({ _id, t, 'lease.owner': owner }, { $unset: { lease: 1 }, $set: { turn: now } });
}

/** The next lines that the phase has not settled. */
export const nextLines = ({ tenant, store }: TenantScope, id: string, { after, phase, count }: { after: number; phase: ImportPhase; count: number }): Promise<readonly ImportLineDocument[]> =>
  store.collections.importLines.find({ t: tenant, _id: linesOf(id, after), ...(phase === 'running' ? { ran: { $exists: false } } : {}) }, { maxTimeMS: store.limits.operationMs }).sort({ _id: 1 }).limit(count).toArray();

/** Lines before one that have any of these keys. */
export const linesWithKeys = ({ tenant, store }: TenantScope, id: string, before: number, keys: readonly string[]): Promise<readonly Pick<ImportLineDocument, 'line' | 'keys'>[]> =>
  store.collections.importLines.find({ t: tenant, import: id, keys: { $in: [...keys] }, _id: { $lt: lineId(id, before) } }, { projection: { line: 1, keys: 1 }, maxTimeMS: store.limits.operationMs }).toArray();

export interface LinePage {
  readonly outcome: OutcomeKind | undefined;
  /** The number of the line behind which to go on. */
  readonly after: number;
  readonly count: number;
}

export const readLines = ({ tenant, store }: TenantScope, id: string, { outcome, after, count }: LinePage): Promise<readonly ImportLineDocument[]> =>
  store.collections.importLines.find({ t: tenant, ...(outcome === undefined ? {} : { import: id, 'outcome.kind': outcome }), _id: linesOf(id, after) }, { maxTimeMS: store.limits.operationMs }).sort({ _id: 1 }).limit(count).toArray();

/** Who is at which import, in which phase. */
export interface Holding {
  readonly id: string;
  readonly owner: string;
  readonly phase: ImportPhase;
}

export interface SettledLine extends Pick<ImportLineDocument, 'keys' | 'person' | 'mentions'> {
  readonly id: string;
  readonly outcome: LineOutcome;
}

/**
 * Writes what has become of lines, inside the transaction of the changes that they ask for.
 * @param position where all lines up to one are settled. @throws TakenOver
 */
export async function settleLines({ session, tenant, store: { collections } }: Transaction, { id, owner, phase }: Holding, settled: readonly SettledLine[], at: Date, position?: number): Promise<void> {
  const counts = phase === 'checking' ? 'planned' : 'done';
  const $inc = Object.fromEntries(OUTCOMES.map((kind) => [`${counts}.${kind}`, settled.filter(({ outcome }) => outcome.kind === kind).length]));
  const held = await collections.imports.updateOne({ _id: id, t: tenant, state: phase, 'lease.owner': owner }, { $inc, $set: { lease: leaseOf(owner, at), ...(position === undefined ? {} : { position }) } }, { session });
  if (held.matchedCount === 0) throw new TakenOver();
  if (settled.length === 0) return;
  const { matchedCount } = await collections.importLines.bulkWrite(settled.map((line) => updateOf(tenant, phase, line)), { session });
  if (phase === 'running' && matchedCount < settled.length) throw new TakenOver();
}

function updateOf(tenant: string, phase: ImportPhase, { id, outcome, keys, person, mentions }: SettledLine): mongo.AnyBulkWriteOperation<ImportLineDocument> {
  const known = { ...(keys ? { keys } : {}), ...(person === undefined ? {} : { person }), ...(mentions?.length ? { mentions } : {}) };
  // Nothing of an earlier check stays.
  const $unset = Object.fromEntries((['keys', 'person', 'mentions'] as const).filter((name) => !(name in known)).map((name) => [name, 1] as const));
  const running = phase === 'running';
  return { updateOne: { filter: { _id: id, t: tenant, ...(running ? { ran: { $exists: false } } : {}) }, update: { $set: { outcome, ...known, ...(running ? { ran: true as const } : {}) }, ...(Object.keys($unset).length > 0 ? { $unset } : {}) } } };
}

/** The end of a phase. @throws TakenOver */
export async function endPhase({ tenant, store }: TenantScope, { id, owner, phase }: Holding, set: Partial<ImportDocument>, audit: (ended: ImportDocument) => AuditEntry, at: Date): Promise<void> {
  await transact(store, async (session) => {
    const ended = await store.collections.imports.findOneAndUpdate({ _id: id, t: tenant, state: phase, 'lease.owner': owner }, { $set: set, $unset: { lease: 1 } }, { session, returnDocument: 'after' });
    if (!ended) throw new TakenOver();
    await writeAudit(store, tenant, [audit(ended)], at, session);
  });
}

/** Those of a tenant whose time is over, and uploads that never ended. What is at work stays until it has ended. */
export async function expireImports({ tenant, store }: TenantScope, before: Date, loadingBefore: Date): Promise<void> {
  await store.collections.imports.updateMany(
    { t: tenant, $or: [{ t: tenant, created: { $lt: before }, state: { $nin: ['checking', 'running', 'dropped'] } }, { t: tenant, created: { $lt: loadingBefore }, state: 'loading' }] },
    { $set: { state: 'dropped' } },
  );
}

/** In all tenants. Every step is small and can be repeated: the lines first, so that none is left behind. */
export async function dropImports(store: Store): Promise<void> {
  for await (const { _id, t } of store.collections.imports.find({ state: 'dropped' }, { projection: { t: 1 } })) await dropImport(store.scope(t), _id);
}

export async function dropImport({ tenant, store }: TenantScope, id: string): Promise<void> {
  for (;;) {
    if (store.closing) return;
    const ids = await store.collections.importLines.find({ t: tenant, _id: linesOf(id, 0) }, { projection: { _id: 1 } }).limit(AT_ONCE).map(({ _id }) => _id).toArray();
    if (ids.length === 0) break;
    await store.collections.importLines.deleteMany({ t: tenant, _id: { $in: ids } });
  }
  await store.collections.imports.deleteOne({ _id: id, t: tenant });
}
