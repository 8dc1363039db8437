/**
 * All that is stored of one person beside their resource, for their right of access: read a batch at a time, for some of it may be long. What opens
 * something (hashes, secrets, the text of a mail with its link) is not read at all.
 */
import type { mongo } from 'mongoose';
import type { CredentialDocument, LinkDocument, OutboxDocument, SessionDocument } from './account-documents.ts';
import type { AuditDocument, MatchDocument, ProvisioningDocument, TraceDocument } from './documents.ts';
import { fieldOf } from './fields.ts';
import type { ImportLineDocument } from './import-documents.ts';
import { namedPath } from './models.ts';
import type { TenantScope } from './store.ts';

const AT_ONCE = 500;

export interface LoginData extends Pick<CredentialDocument, 'changed' | 'failures' | 'tried' | 'lastSignIn' | 'recoveries' | 'reminded' | 'leaveTold' | 'leaveHeld' | 'invitation'> {
  readonly hasPassword: boolean;
  readonly earlierPasswords: number;
  readonly secondFactor?: { readonly confirmed?: Date; readonly recoveryCodesLeft: number };
}

export async function loginData({ tenant, store }: TenantScope, person: string): Promise<LoginData | undefined> {
  const found = await store.collections.credentials.findOne({ _id: person, t: tenant }, { maxTimeMS: store.limits.operationMs });
  if (!found) return undefined;
  const { hash, earlier = [], secondFactor, changed, failures, tried, lastSignIn, recoveries, reminded, leaveTold, leaveHeld, invitation } = found;
  const factor = secondFactor && { confirmed: secondFactor.confirmed, recoveryCodesLeft: secondFactor.recovery.length };
  const known = Object.entries({ changed, failures, tried, lastSignIn, recoveries, reminded, leaveTold, leaveHeld, invitation, secondFactor: factor }).filter(([, value]) => value !== undefined);
  return { hasPassword: hash !== undefined, earlierPasswords: earlier.length, ...Object.fromEntries(known) };
}

export const sessionsOf = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<Pick<SessionDocument, 'created' | 'lastSeen' | 'expires' | 'agent' | 'entry'>> =>
  collections.sessions.find({ t: tenant, person }, { projection: { _id: 0, created: 1, lastSeen: 1, expires: 1, agent: 1, entry: 1 } });

export const linksOf = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<Pick<LinkDocument, 'purpose' | 'created' | 'expires' | 'used' | 'address' | 'entry'>> =>
  collections.links.find({ t: tenant, person }, { projection: { _id: 0, purpose: 1, created: 1, expires: 1, used: 1, address: 1, entry: 1 } });

/** What administrators were asked about the person. */
export const matchesOf = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<Omit<MatchDocument, '_id' | 't' | 'person'>> =>
  collections.matches.find({ t: tenant, person }, { projection: { _id: 0, t: 0, person: 0 } });

export const mailsOf = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<Pick<OutboxDocument, 'kind' | 'to' | 'language' | 'subject' | 'created' | 'state' | 'attempts' | 'done' | 'answer'>> =>
  collections.outbox.find({ t: tenant, person }, { projection: { _id: 0, kind: 1, to: 1, language: 1, subject: 1, created: 1, state: 1, attempts: 1, done: 1, answer: 1 } }).sort({ created: -1 });

/** Mails to others that name the person: when and what about, not to whom. */
export const mailsAbout = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<Pick<OutboxDocument, 'kind' | 'created' | 'state'>> =>
  collections.outbox.find({ t: tenant, about: person }, { projection: { _id: 0, kind: 1, created: 1, state: 1 } });

/** The clients that act as the person. */
export const clientsOf = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<{ readonly name: string }> =>
  collections.clients.find({ t: tenant, person }, { projection: { _id: 0, name: 1 } });

/** Lines of imports that are about the person. */
export const importLinesOf = ({ tenant, store: { collections } }: TenantScope, person: string): AsyncIterable<Pick<ImportLineDocument, 'import' | 'line' | 'cells' | 'outcome'>> =>
  collections.importLines.find({ t: tenant, person }, { projection: { _id: 0, import: 1, line: 1, cells: 1, outcome: 1 } });

export interface ReferenceTo {
  readonly type: string;
  readonly id: string;
  readonly attribute: string;
}

/** Resources that refer to the person, as whose manager they are. */
export async function* referencesTo({ tenant, store }: TenantScope, person: string): AsyncGenerator<ReferenceTo> {
  for (const type of store.registry.resourceTypes) {
    for (const { path, type: target } of type.storage.references) {
      if (target !== 'User') continue;
      const found = store.collections.resources(type).find({ t: tenant, [fieldOf(type, namedPath(type, `${path}.value`))]: person }, { projection: { _id: 1 } });
      for await (const { _id } of found) yield { type: type.name, id: _id, attribute: path };
    }
  }
}

/** What was done to the person and what they did, the newest first, with the addresses that they came from. */
export async function* auditAbout(scope: TenantScope, person: string): AsyncGenerator<Omit<AuditDocument, '_id' | 't'> & { readonly id: string }> {
  const { tenant: t, store: { collections } } = scope;
  const entries = collections.audit.find({ t, $or: [{ t, 'on.id': person }, { t, 'by.id': person }] }, { projection: { t: 0 } }).sort({ at: -1, _id: -1 });
  for await (const batch of inBatches(entries)) {
    const traces = await tracesOf(scope, person, batch);
    for (const { _id: id, ...entry } of batch) yield { id, ...entry, ...traces.get(id)?.own };
  }
}

/** What clients asked about the person. Other operations of the same requests are about others. */
export async function* provisioningAbout(scope: TenantScope, person: string): AsyncGenerator<Omit<ProvisioningDocument, '_id' | 't' | 'tolerances'> & { readonly id: string }> {
  const { tenant: t, store: { collections } } = scope;
  const entries = collections.provisioning.find({ t, 'operations.id': person }, { projection: { t: 0, tolerances: 0, more: 0, erased: 0 } });
  for await (const batch of inBatches(entries)) {
    const traces = await tracesOf(scope, person, batch);
    for (const { _id: id, operations, ...entry } of batch) yield { id, ...entry, operations: operations.filter((operation) => operation.id === person), ...traces.get(id)?.own };
  }
}

async function* inBatches<Document extends mongo.Document>(cursor: mongo.FindCursor<Document>): AsyncGenerator<readonly Document[]> {
  let batch: Document[] = [];
  for await (const document of cursor.batchSize(AT_ONCE)) {
    batch.push(document);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The person's own traces, by entry; those of others in the same entries are theirs. */
async function tracesOf({ tenant, store: { collections } }: TenantScope, person: string, entries: readonly { readonly _id: string }[]): Promise<ReadonlyMap<string, { readonly own: Pick<TraceDocument, 'from' | 'values'> }>> {
  const found = await collections.traces.find({ t: tenant, entry: { $in: entries.map(({ _id }) => _id) }, person }, { projection: { entry: 1, from: 1, values: 1 } }).toArray();
  return new Map(found.map(({ entry, from, values }) => [entry, { own: { ...(from === undefined ? {} : { from }), ...(values === undefined ? {} : { values }) } }]));
}
