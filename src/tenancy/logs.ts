/** Reading the audit log and the provisioning log: `audit.read`, `clients.manage`. */
import { createHash } from 'node:crypto';
import { invalidCursor } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { parseFilter } from '../scim/filter.ts';
import { strictTolerances } from '../scim/tolerances.ts';
import { seal, unseal } from '../seal.ts';
import type { AuditDocument, ProvisioningDocument, TraceDocument } from '../store/documents.ts';
import { readLog, type LogOwner, type LogPlace, type Logs } from '../store/log-query.ts';
import type { Store } from '../store/store.ts';

export interface LogRequest {
  readonly filter: string | undefined;
  readonly count: number;
  readonly cursor: string | undefined;
}

export interface LogPage<Entry> {
  readonly entries: readonly Entry[];
  readonly nextCursor: string | undefined;
}

/** On whose log, and what cursors are sealed with. */
export interface LogReader {
  readonly store: Store;
  readonly tenant: string;
  readonly limits: Limits;
  readonly secretKeys: readonly string[];
}

/** An entry as people see it: what is personal is in it as long as the person is there. */
export type AuditEntryView = Omit<AuditDocument, '_id' | 't'> & { readonly id: string };
export type ProvisioningView = Omit<ProvisioningDocument, '_id' | 't'> & { readonly id: string; readonly values?: Readonly<Record<string, unknown>> };

/** @throws ScimError 400 invalidFilter, invalidCursor */
export async function readAudit(reader: LogReader, request: LogRequest): Promise<LogPage<AuditEntryView>> {
  const { entries, nextCursor } = await page(reader, 'audit', {}, request);
  const traces = await tracesOf(reader, entries.filter(({ by }) => by.kind === 'person'));
  return { entries: entries.map((entry) => auditView(entry, traces.get(entry._id) ?? [])), nextCursor };
}

/** Every entry that matches, the newest first: for an export of whatever size. @throws ScimError 400 invalidFilter */
export async function* exportAudit(reader: LogReader, filter: string | undefined): AsyncGenerator<AuditEntryView> {
  let cursor: string | undefined;
  do {
    const { entries, nextCursor } = await readAudit(reader, { filter, count: reader.limits.maxPageSize, cursor });
    yield* entries;
    cursor = nextCursor;
  } while (cursor !== undefined);
}

/** @throws ScimError 400 invalidFilter, invalidCursor */
export async function readProvisioning(reader: LogReader, client: string, request: LogRequest): Promise<LogPage<ProvisioningView>> {
  const { entries, nextCursor } = await page(reader, 'provisioning', { client }, request);
  const traces = await tracesOf(reader, entries);
  return { entries: entries.map((entry) => provisioningView(entry, traces.get(entry._id) ?? [])), nextCursor };
}

function auditView(document: AuditDocument, traces: readonly TraceDocument[]): AuditEntryView {
  const { _id: id, t, ...entry } = document;
  const from = entry.from ?? traces.find((trace) => trace.from !== undefined)?.from;
  return { id, ...entry, ...(from === undefined ? {} : { from }) };
}

function provisioningView(document: ProvisioningDocument, traces: readonly TraceDocument[]): ProvisioningView {
  const values = Object.fromEntries(traces.map((trace) => [trace.person, trace.values ?? {}]));
  const { _id: id, t, ...entry } = document;
  return { id, ...entry, ...(traces.length > 0 ? { values } : {}) };
}

async function tracesOf({ store, tenant, limits }: LogReader, entries: readonly { readonly _id: string }[]): Promise<ReadonlyMap<string, readonly TraceDocument[]>> {
  if (entries.length === 0) return new Map();
  const found = await store.collections.traces.find({ t: tenant, entry: { $in: entries.map(({ _id }) => _id) } }, { maxTimeMS: limits.operationMs }).toArray();
  return new Map(entries.map(({ _id }) => [_id, found.filter(({ entry }) => entry === _id)]));
}

async function page<Name extends keyof Logs>({ store, tenant, limits, secretKeys }: LogReader, name: Name, own: LogOwner, { filter, count, cursor }: LogRequest): Promise<LogPage<Logs[Name]>> {
  const parsed = filter === undefined ? undefined : parseFilter(filter, { limits, tolerances: strictTolerances() });
  // Hashed: a filter may be longer than what a key can be derived for.
  const purpose = createHash('sha256').update(JSON.stringify(['log', tenant, name, own, filter ?? null])).digest('hex');
  const place = cursor === undefined ? undefined : placeIn(unseal(secretKeys, purpose, cursor));
  const found = await readLog(store.scope(tenant), name, { own, filter: parsed, place, limit: count + 1 });
  const entries = found.slice(0, count);
  const last = entries.at(-1);
  return { entries, nextCursor: found.length > count && last ? seal(secretKeys, purpose, JSON.stringify({ at: last.at.toISOString(), id: last._id })) : undefined };
}

function placeIn(text: string | undefined): LogPlace {
  if (text === undefined) throw invalidCursor('The cursor is not one of this query.');
  // Only what `page` wrote opens.
  return JSON.parse(text) as LogPlace; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}
