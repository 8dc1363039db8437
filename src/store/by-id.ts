/**
 * By-id reads that arrive in the same turn of the event loop become one `$in`: the driver's cost is per command, and under load this
 * gave 1.7 to 2.7 times the rate of single reads (docs/decisions.md). The tenant is part of every such query.
 */
import type { ResourceType } from '../scim/schema.ts';
import { decode, type StoredResource } from './codec.ts';
import type { Store } from './store.ts';

type Waiting = Map<string, ((resource: StoredResource | undefined) => void)[]>;
interface Batch {
  readonly tenant: string;
  readonly type: ResourceType;
  readonly waiting: Waiting;
  readonly fail: ((error: unknown) => void)[];
}

export class ByIdReader {
  private readonly batches = new Map<string, Batch>();
  private readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  read(tenant: string, type: ResourceType, id: string): Promise<StoredResource | undefined> {
    return new Promise((resolve, reject) => {
      const { waiting, fail } = this.batch(tenant, type);
      waiting.set(id, [...(waiting.get(id) ?? []), resolve]);
      fail.push(reject);
    });
  }

  private batch(tenant: string, type: ResourceType): Batch {
    const key = `${type.name}|${tenant}`;
    const open = this.batches.get(key);
    if (open) return open;
    const batch: Batch = { tenant, type, waiting: new Map(), fail: [] };
    this.batches.set(key, batch);
    setImmediate(() => {
      this.batches.delete(key);
      this.flush(batch).catch((error: unknown) => batch.fail.forEach((reject) => reject(error)));
    });
    return batch;
  }

  private async flush({ tenant, type, waiting }: Batch): Promise<void> {
    const found = await this.store.collections
      .resources(type)
      .find({ _id: { $in: [...waiting.keys()] }, t: tenant }, { projection: { k: 0 }, maxTimeMS: this.store.limits.operationMs })
      .toArray();
    const byId = new Map(found.map((document) => [document._id, decode(type, document)]));
    for (const [id, answer] of waiting) answer.forEach((resolve) => resolve(byId.get(id)));
  }
}
