/** The database: its collections and indexes, and the scope that ties every read and write to one tenant. */
import type mongoose from 'mongoose';
import type { mongo } from 'mongoose';
import { StartError } from '../errors.ts';
import { Gate, type GateOptions } from '../gate.ts';
import type { Limits } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Registry } from '../scim/registry.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { Seen } from './audience.ts';
import { ByIdReader } from './by-id.ts';
import type { DryRun } from './dry-run.ts';
import { connect, type ConnectOptions } from './connect.ts';
import type { CredentialDocument, LinkDocument, OutboxDocument, SessionDocument } from './account-documents.ts';
import type { AuditDocument, ClaimDocument, ClientDocument, EdgeDocument, ErasureDocument, GuardDocument, HiddenDocument, MatchDocument, ProvisioningDocument, ResourceDocument, SweepDocument, SystemDocument, TenantDocument, TokenDocument, TraceDocument } from './documents.ts';
import type { Guard } from './guard.ts';
import type { ImportDocument, ImportLineDocument } from './import-documents.ts';
import { indexesByCollection } from './indexes.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { KeyDocument } from './keys.ts';
import { groupType } from './memberships.ts';
import { migrate } from './migrations.ts';
import { defineModel } from './models.ts';
import { duplicateOf, isDuplicateKey } from './mongo-errors.ts';
import type { SeatDayDocument, SeatDeltaDocument, SeatsDocument } from './seat-documents.ts';

export interface Collections {
  readonly resources: (type: ResourceType) => mongo.Collection<ResourceDocument>;
  readonly members: mongo.Collection<EdgeDocument>;
  readonly claims: mongo.Collection<ClaimDocument>;
  readonly sweeps: mongo.Collection<SweepDocument>;
  readonly hidden: mongo.Collection<HiddenDocument>;
  readonly matches: mongo.Collection<MatchDocument>;
  readonly erasures: mongo.Collection<ErasureDocument>;
  readonly credentials: mongo.Collection<CredentialDocument>;
  readonly links: mongo.Collection<LinkDocument>;
  readonly sessions: mongo.Collection<SessionDocument>;
  readonly outbox: mongo.Collection<OutboxDocument>;
  readonly audit: mongo.Collection<AuditDocument>;
  readonly traces: mongo.Collection<TraceDocument>;
  readonly provisioning: mongo.Collection<ProvisioningDocument>;
  readonly seatDeltas: mongo.Collection<SeatDeltaDocument>;
  readonly seats: mongo.Collection<SeatsDocument>;
  readonly seatDays: mongo.Collection<SeatDayDocument>;
  readonly tenants: mongo.Collection<TenantDocument>;
  readonly clients: mongo.Collection<ClientDocument>;
  readonly tokens: mongo.Collection<TokenDocument>;
  readonly guards: mongo.Collection<GuardDocument>;
  readonly imports: mongo.Collection<ImportDocument>;
  readonly importLines: mongo.Collection<ImportLineDocument>;
  readonly keys: mongo.Collection<KeyDocument>;
  readonly system: mongo.Collection<SystemDocument>;
}

/** What every function of the store takes first: no query is written without it, and so none without its tenant. */
export interface TenantScope {
  readonly tenant: string;
  readonly store: Store;
  /** What may be seen; without it everything. */
  readonly audience?: readonly Seen[];
  /** How much may be switched off, deleted and taken out of groups; without it there is no limit. */
  readonly guard?: Guard;
}

export class Store {
  readonly collections: Collections;
  readonly registry: Registry;
  readonly limits: Limits;
  readonly log: Log;
  /** Change sets that write the same document wait for each other here instead of failing against each other in MongoDB. */
  readonly lock: KeyedLock;
  readonly byId: ByIdReader;
  /** Set where what is written is only tried. */
  readonly dry: DryRun | undefined = undefined;
  /** For what one tenant could keep everybody from: by what it is, and tenant. */
  private readonly gates = new Map<string, Gate>();
  private readonly connection: mongoose.Connection;
  private readonly running = new Set<Promise<void>>();
  /** Called when somebody's sessions may have ended, so that nobody in this process goes on with a copy. */
  readonly whenEnded = new Set<() => void>();
  /** Work in the background ends at its next step: what it leaves is found at the next start. */
  closing = false;

  constructor(connection: mongoose.Connection, options: { registry: Registry; limits: Limits; log: Log }) {
    this.connection = connection;
    this.registry = options.registry;
    this.limits = options.limits;
    this.lock = new KeyedLock(options.limits);
    this.log = options.log;
    this.collections = collectionsOf(connection);
    this.byId = new ByIdReader(this);
  }

  scope(tenant: string, audience?: readonly Seen[], guard?: Guard): TenantScope {
    return { tenant, store: this, ...(audience ? { audience } : {}), ...(guard ? { guard } : {}) };
  }

  /** Each tenant has its own gate, so that nobody waits for another one's searches. */
  scans(tenant: string): Gate {
    const { scans: atOnce, waitingScans: waiting } = this.limits;
    return this.gate(`scans ${tenant}`, { atOnce, waiting, status: 429, what: 'searches with co or ew' });
  }

  /** Nobody waits for the end of somebody else's export. */
  exports(tenant: string): Gate {
    return this.gate(`exports ${tenant}`, { atOnce: this.limits.exports, waiting: 0, status: 429, what: 'exports' });
  }

  /** A file is in memory while it is read. */
  uploads(tenant: string): Gate {
    return this.gate(`uploads ${tenant}`, { atOnce: 1, waiting: 0, status: 429, what: 'uploads of an import' });
  }

  private gate(key: string, options: GateOptions): Gate {
    const gate = this.gates.get(key) ?? new Gate(options);
    this.gates.set(key, gate);
    return gate;
  }

  sessionsEnded(): void {
    for (const tell of this.whenEnded) tell();
  }

  startSession(options?: mongo.ClientSessionOptions): mongo.ClientSession {
    return this.connection.getClient().startSession(options);
  }

  /** @throws when MongoDB does not answer within two seconds */
  async ping(): Promise<void> {
    await this.connection.getClient().db().command({ ping: 1, maxTimeMS: 2000 });
  }

  /** Work that nobody waits for. Its failure is logged; `close` lets it finish. */
  background(work: Promise<void>, failure: string): void {
    const done = work.catch((err: unknown) => this.log.warn({ err }, failure)).finally(() => this.running.delete(done));
    this.running.add(done);
  }

  /** Resolves when no work is left in the background. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.settled();
    await this.connection.close();
  }

  async createIndexes(): Promise<void> {
    const { db } = this.collections.tenants;
    for (const model of Object.values(this.connection.models)) await model.createIndexes();
    // One command for each collection, one collection after the other: a start under load must not use up the connections.
    for (const [collection, ofOne] of indexesByCollection(groupType(this.scope('')).name)) {
      await db.collection(collection).createIndexes(ofOne.map(({ fields, options }) => ({ key: { ...fields }, ...options })));
    }
  }
}

export interface OpenOptions {
  readonly uri: string;
  readonly registry: Registry;
  readonly limits: Limits;
  readonly log: Log;
  /** Sees every command that goes to MongoDB: for the test that none is without its tenant. */
  readonly monitor?: ConnectOptions['monitor'];
}

/** @throws StartError when MongoDB cannot be reached or is no replica set */
export async function openStore(options: OpenOptions): Promise<Store> {
  await bringUp(options);
  return storeOf(await connect(options.uri, options), options);
}

/** Migrations and indexes, over a connection that waits: what a new version brings is made for everybody who is there. */
async function bringUp(options: OpenOptions): Promise<void> {
  const store = storeOf(await connect(options.uri, { ...options, waits: true }), options);
  try {
    await migrate(store);
    await store.createIndexes();
  } catch (cause) {
    if (!isDuplicateKey(cause)) throw cause;
    const { collection, fields } = duplicateOf(cause);
    throw new StartError(`The collection ${collection} already has values twice where storage.json now wants them unique (${fields.join(', ')}). Change them first, or take the entry out.`, { cause });
  } finally {
    await store.close();
  }
}

function storeOf(connection: mongoose.Connection, options: OpenOptions): Store {
  for (const type of options.registry.resourceTypes) defineModel(connection, type);
  return new Store(connection, options);
}

function collectionsOf(connection: mongoose.Connection): Collections {
  const database = connection.getClient().db(connection.name);
  const byType = new Map<string, mongo.Collection<ResourceDocument>>();
  return {
    resources: (type) => {
      const known = byType.get(type.name) ?? database.collection<ResourceDocument>(type.storage.collection);
      byType.set(type.name, known);
      return known;
    },
    members: database.collection('members'),
    claims: database.collection('claims'),
    sweeps: database.collection('sweeps'),
    hidden: database.collection('hidden'),
    matches: database.collection('matches'),
    erasures: database.collection('erasures'),
    credentials: database.collection('credentials'),
    links: database.collection('links'),
    sessions: database.collection('sessions'),
    outbox: database.collection('outbox'),
    audit: database.collection('audit'),
    traces: database.collection('traces'),
    provisioning: database.collection('provisioning'),
    seatDeltas: database.collection('seatDeltas'),
    seats: database.collection('seats'),
    seatDays: database.collection('seatDays'),
    tenants: database.collection('tenants'),
    clients: database.collection('clients'),
    tokens: database.collection('tokens'),
    guards: database.collection('guards'),
    imports: database.collection('imports'),
    importLines: database.collection('importLines'),
    keys: database.collection('keys'),
    system: database.collection('system'),
  };
}
