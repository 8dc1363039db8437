/** The indexes of the collections that no schema describes; those of resources follow from `storage.json` (models.ts). */
import type { mongo } from 'mongoose';

export interface Index {
  readonly collection: string;
  readonly fields: Readonly<Record<string, 1 | -1>>;
  readonly options?: mongo.CreateIndexesOptions;
}

const index = (collection: string, fields: Index['fields'], options?: mongo.CreateIndexesOptions): Index => ({ collection, fields, ...(options ? { options } : {}) });
const DAY_SECONDS = 86_400;

/** @param groupType the name of the resource type that has members */
export const indexes = (groupType: string): readonly Index[] => [
  index('members', { t: 1, m: 1, g: 1 }),
  // Groups inside groups are few among many members.
  index('members', { t: 1, g: 1, m: 1 }, { partialFilterExpression: { ty: groupType } }),
  index('sweeps', { t: 1 }),
  index('claims', { t: 1, owner: 1 }),
  index('hidden', { t: 1, at: -1, _id: -1 }),
  index('hidden', { t: 1, 'references.id': 1 }),
  index('matches', { t: 1, client: 1, person: 1 }, { unique: true }),
  index('matches', { t: 1, person: 1 }),
  index('matches', { t: 1, at: -1, _id: -1 }),
  index('erasures', { due: 1 }),
  index('credentials', { t: 1, changed: 1 }),
  index('links', { t: 1, person: 1 }),
  // A page must be able to say for a while that a link has expired.
  index('links', { expires: 1 }, { expireAfterSeconds: 30 * DAY_SECONDS }),
  index('sessions', { t: 1, person: 1 }),
  index('sessions', { t: 1, 'entry.company': 1 }, { partialFilterExpression: { 'entry.company': { $exists: true } } }),
  index('sessions', { t: 1, 'entry.portal': 1 }, { partialFilterExpression: { 'entry.portal': { $exists: true } } }),
  index('sessions', { expires: 1 }, { expireAfterSeconds: 0 }),
  index('outbox', { state: 1, due: 1 }),
  index('outbox', { t: 1, person: 1, created: -1 }),
  index('outbox', { t: 1, about: 1 }, { partialFilterExpression: { about: { $exists: true } } }),
  index('audit', { t: 1, at: -1, _id: -1 }),
  // What was done to somebody, and what somebody did.
  index('audit', { t: 1, 'on.id': 1, at: -1, _id: -1 }),
  index('audit', { t: 1, 'by.id': 1, at: -1, _id: -1 }),
  index('traces', { t: 1, person: 1 }),
  index('traces', { t: 1, entry: 1 }),
  index('traces', { t: 1, mentions: 1 }, { partialFilterExpression: { mentions: { $exists: true } } }),
  index('provisioning', { t: 1, client: 1, at: -1, _id: -1 }),
  // What was asked about somebody; most requests only read, and name nobody.
  index('provisioning', { t: 1, 'operations.id': 1 }, { partialFilterExpression: { 'operations.id': { $exists: true } } }),
  index('seatDeltas', { t: 1, _id: 1 }),
  index('seats', { t: 1 }),
  index('seatDays', { t: 1, day: 1 }),
  index('tokens', { t: 1, client: 1 }),
  index('tokens', { expires: 1 }),
  index('guards', { t: 1 }),
  // One import of a tenant runs at a time.
  index('imports', { t: 1 }, { unique: true, partialFilterExpression: { state: 'running' } }),
  index('imports', { t: 1, _id: -1 }),
  index('imports', { state: 1, turn: 1 }),
  index('importLines', { t: 1, import: 1, 'outcome.kind': 1, _id: 1 }, { partialFilterExpression: { 'outcome.kind': { $exists: true } } }),
  index('importLines', { t: 1, import: 1, keys: 1 }, { partialFilterExpression: { keys: { $exists: true } } }),
  index('importLines', { t: 1, person: 1 }, { partialFilterExpression: { person: { $exists: true } } }),
  index('importLines', { t: 1, mentions: 1 }, { partialFilterExpression: { mentions: { $exists: true } } }),
  index('tenants', { name: 1 }, { unique: true }),
  index('clients', { t: 1, name: 1 }, { unique: true }),
];

export function indexesByCollection(groupType: string): ReadonlyMap<string, readonly Index[]> {
  const all = indexes(groupType);
  return new Map(all.map(({ collection }) => [collection, all.filter((one) => one.collection === collection)]));
}
