/**
 * The provisioning log: what each request of a client asked for and what became of it. It tells of what has happened and decides nothing, so
 * it is written behind the answer, many entries at once; values of persons go into traces, which an erasure finds.
 */
import { v7 as uuid } from 'uuid';
import type { ProvisioningDocument, TraceDocument } from './documents.ts';
import { mentionsIn } from './naming-places.ts';
import type { Store } from './store.ts';

export interface Logged {
  readonly entry: Omit<ProvisioningDocument, '_id'>;
  /** Values by the id of the person whom they are about. */
  readonly values: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

/** Entries waiting to be written; what comes beyond them is lost, which the log of the process says. */
const MOST_PENDING = 10_000;
const AT_ONCE = 1000;

export class ProvisioningLog {
  private pending: Logged[] = [];
  private writing: Promise<void> | undefined;
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  add(logged: Logged): void {
    if (this.pending.length >= MOST_PENDING) {
      this.store.log.warn('the provisioning log cannot keep up: an entry is lost');
      return;
    }
    this.pending.push(logged);
    if (this.writing) return;
    this.writing = this.write().finally(() => (this.writing = undefined));
    this.store.background(this.writing, 'entries of the provisioning log are lost');
  }

  /** Resolves when everything added so far can be read. */
  async written(): Promise<void> {
    await this.writing?.catch(() => undefined);
  }

  /** Nothing is kept about somebody who was erased while it waited, or who was never made. */
  private async ofPeopleWhoAre(traces: readonly TraceDocument[]): Promise<TraceDocument[]> {
    const people = this.store.collections.resources(this.store.registry.type('User'));
    const found = new Set<string>();
    for (const tenant of new Set(traces.map(({ t }) => t))) {
      const ids = traces.filter(({ t }) => t === tenant).map(({ person }) => person);
      for await (const { _id } of people.find({ _id: { $in: ids }, t: tenant }, { projection: { _id: 1 } })) found.add(_id);
    }
    return traces.filter(({ person }) => found.has(person));
  }

  private async write(): Promise<void> {
    // Everything that arrives in the same turn, and while the batch before is written, goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.pending.length > 0) {
      const batch = this.pending.slice(0, AT_ONCE).map((logged) => ({ ...logged, id: uuid() }));
      this.pending = this.pending.slice(AT_ONCE);
      const traces = batch.flatMap(({ id, entry, values }): TraceDocument[] => Array.from(values, ([person, own]) => {
        const mentions = mentionsIn(own, person);
        return { _id: uuid(), t: entry.t, person, entry: id, at: entry.at, values: own, ...(mentions.length > 0 ? { mentions } : {}) };
      }));
      const kept = await this.ofPeopleWhoAre(traces);
      if (kept.length > 0) await this.store.collections.traces.insertMany(kept, { ordered: false });
      await this.store.collections.provisioning.insertMany(batch.map(({ id, entry }) => ({ _id: id, ...entry })), { ordered: false });
    }
  }
}
