/** The audit log: who did what to whom, when and from where. Entries are written with what they tell of, in one transaction. */
import { createHash } from 'node:crypto';
import type { mongo } from 'mongoose';
import { v7 as uuid } from 'uuid';
import type { AuditDocument, TraceDocument } from './documents.ts';
import type { Store } from './store.ts';

/** What the caller of an action says of it; the rest follows from the moment. */
export interface AuditEntry extends Omit<AuditDocument, '_id' | 't' | 'at'> {
  readonly from?: string;
}

/** The tenant of entries that belong to none: a token that nobody knows, and the operator's own commands. */
export const NO_TENANT = '';

/** Writes entries, each with the address of a person apart. @param at when it happened @returns the ids of the entries */
export async function writeAudit(store: Store, tenant: string, entries: readonly AuditEntry[], at: Date, session?: mongo.ClientSession): Promise<readonly string[]> {
  if (entries.length === 0) return [];
  const written = entries.map((entry) => ({ _id: uuid(), t: tenant, at, ...withoutPersonal(entry) }));
  const traces = entries.flatMap(({ by, from }, index): TraceDocument[] => (by.kind === 'person' && from !== undefined ? [{ _id: uuid(), t: tenant, person: by.id, entry: written[index]?._id ?? '', at, from }] : []));
  await store.collections.audit.insertMany(written, session ? { session } : {});
  if (traces.length > 0) await store.collections.traces.insertMany(traces, session ? { session } : {});
  return written.map(({ _id }) => _id);
}

/** Adds to an entry what could not be known when it was written. */
export async function completeAudit({ collections }: Store, tenant: string, id: string, values: Readonly<Record<string, number | boolean>>): Promise<void> {
  await collections.audit.updateOne({ _id: id, t: tenant }, { $set: Object.fromEntries(Object.entries(values).map(([name, value]) => [`values.${name}`, value])) });
}

function withoutPersonal({ from, ...entry }: AuditEntry): AuditEntry {
  return from === undefined || entry.by.kind === 'person' ? entry : { ...entry, from };
}

const MINUTE_MS = 60_000;

/**
 * Refusals of callers who may be anybody, one entry for each minute, caller, address, route and reason: a storm of wrong tokens, or one that
 * walks over all ids, is one line with a number and not a flood. Never awaited by the answer, and while one write is under way the next ones add up.
 */
export class RefusalLog {
  private readonly pending = new Map<string, { readonly tenant: string; readonly entry: AuditEntry; readonly at: Date; times: number }>();
  private writing = false;
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  /** @param route without ids: what was asked for. The entry keeps the id of the first that it was asked of. */
  note(tenant: string, entry: AuditEntry, route: string, at: Date): void {
    const minute = Math.floor(at.getTime() / MINUTE_MS);
    const key = `refusal-${createHash('sha256').update(JSON.stringify([tenant, minute, entry.by, route, entry.on.type, entry.refused, entry.from])).digest('hex').slice(0, 32)}`;
    const known = this.pending.get(key);
    if (known) known.times++;
    else if (this.pending.size < MOST_PENDING) this.pending.set(key, { tenant, entry, at, times: 1 });
    if (!this.writing) this.store.background(this.flush(), 'refusals are missing in the audit log');
  }

  private async flush(): Promise<void> {
    this.writing = true;
    try {
      while (this.pending.size > 0) {
        const batch = [...this.pending];
        this.pending.clear();
        await this.store.collections.audit.bulkWrite(batch.map(([key, { tenant, entry, at, times }]) => ({
          updateOne: {
            filter: { _id: key, t: tenant },
            update: { $inc: { times }, $setOnInsert: { at, ...withoutPersonal(entry) } },
            upsert: true,
          },
        })), { ordered: false });
      }
    } finally {
      this.writing = false;
    }
  }
}

/** Addresses and reasons waiting to be written. */
const MOST_PENDING = 1000;

