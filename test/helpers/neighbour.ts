/**
 * A tenant in every test database that holds the same: what a file makes first is copied to it under an id that is next to the original's,
 * with its members and claims. Whatever forgets its tenant finds it twice, and at the end nothing of it may have changed.
 */
import { mongo } from 'mongoose';
import type { ResourceType } from '../../src/scim/schema.ts';
import type { EdgeDocument, ResourceDocument } from '../../src/store/documents.ts';
import type { Store } from '../../src/store/store.ts';

const NEIGHBOUR = 'tenant-neighbour';
/** More would say little more, and take time. */
const MOST = 20;

export class Neighbour {
  private readonly store: Store;
  private readonly own: string;
  /** Ids of copies by those of the originals. */
  private readonly copies = new Map<string, string>();
  private readonly inserted = new Map<string, unknown[]>();

  constructor(store: Store, own: string) {
    this.store = store;
    this.own = own;
  }

  /** Copies a resource that was made in the test's own tenant. */
  async copy(type: ResourceType, id: string): Promise<void> {
    if (this.copies.size >= MOST || this.copies.has(id)) return;
    const { collections } = this.store;
    const original = await collections.resources(type).findOne({ _id: id, t: this.own });
    if (!original || this.copies.size >= MOST) return;
    const copy = beside(id);
    this.copies.set(id, copy);
    const edges = original.gk === undefined ? [] : await this.edgesOf(original.gk);
    const document: ResourceDocument = { ...original, _id: copy, t: NEIGHBOUR, ...(original.gk === undefined ? {} : { gk: `${original.gk}n`, mc: edges.length }) };
    try {
      await collections.resources(type).insertOne({ ...document });
    } catch (error) {
      // The name was free again in the own tenant; here somebody has it, which is what counts.
      if (error instanceof mongo.MongoServerError && error.code === 11000) return;
      throw error;
    }
    this.remember(type.storage.collection, document);
    if (edges.length > 0) await collections.members.insertMany(edges.map((edge) => ({ ...edge })));
    for (const edge of edges) this.remember('members', edge);
    for (const claim of await collections.claims.find({ t: this.own, owner: id }).toArray()) {
      const copied = { ...claim, _id: claim._id.replace(this.own, NEIGHBOUR), t: NEIGHBOUR, owner: copy };
      await collections.claims.insertOne({ ...copied });
      this.remember('claims', copied);
    }
  }

  /** @throws where a document of the neighbour was changed, taken away or added, in whatever collection */
  async check(): Promise<void> {
    const database = this.store.collections.tenants.db;
    const names = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    const changed = await Promise.all(names.map(async (name) => {
      const before = new Set((this.inserted.get(name) ?? []).map((document) => JSON.stringify(document)));
      const after = (await database.collection(name).find({ t: NEIGHBOUR }).toArray()).map((document) => JSON.stringify(document));
      return after.length === before.size ? after.filter((document) => !before.has(document)).map((document) => `${name}: ${document}`) : [`${name}: ${after.length} documents instead of ${before.size}`];
    }));
    if (changed.flat().length > 0) throw new Error(`another tenant was changed:\n${changed.flat().join('\n')}`);
  }

  private async edgesOf(key: string): Promise<EdgeDocument[]> {
    const edges = await this.store.collections.members.find({ t: this.own, g: key }).limit(100).toArray();
    return edges.flatMap((edge) => {
      const member = this.copies.get(edge.m);
      return member === undefined ? [] : [{ ...edge, _id: `${key}n|${member}`, t: NEIGHBOUR, g: `${key}n`, m: member }];
    });
  }

  private remember(collection: string, document: unknown): void {
    this.inserted.set(collection, [...(this.inserted.get(collection) ?? []), document]);
  }
}

const beside = (id: string) => id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');
