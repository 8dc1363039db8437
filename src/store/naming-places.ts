/** Documents about something else that name a person who was erased: they stay, and name nobody any more. */
import type { mongo } from 'mongoose';
import { named, type Place } from './person-places.ts';
import type { Transaction } from './transaction.ts';

interface NamingPlace extends Place {
  /** Takes the person out of documents, a few of them at a time. */
  readonly unname: (transaction: Transaction, documents: readonly string[], person: string) => Promise<unknown>;
}

export const NAMING_PLACES: readonly NamingPlace[] = [
  { collection: 'provisioning', field: 'operations.id', unname: byPipeline('provisioning', (person) => [
    { $set: { erased: { $add: [{ $ifNull: ['$erased', 0] }, { $subtract: [{ $size: '$operations' }, { $size: others('operations', person) }] }] } } },
    { $set: { operations: others('operations', person) } },
  ]) },
  { collection: 'clients', field: 'person', unname: byPipeline('clients', () => [{ $unset: 'person' }]) },
  { name: 'referencesOfHidden', collection: 'hidden', field: 'references.id', unname: byPipeline('hidden', (person) => [{ $set: { references: others('references', person) } }]) },
  // A mail that still waits is not sent any more: its words cannot be mended.
  { name: 'mailsToOthers', collection: 'outbox', field: 'about', unname: byPipeline('outbox', (person) => [
    { $set: { subject: '', text: '', html: '', about: { $setDifference: ['$about', [person]] }, state: { $cond: [{ $eq: ['$state', 'waiting'] }, 'dropped', '$state'] } } },
  ]) },
  // Who is meant is not known, so nothing of it is kept.
  { name: 'linesThatMention', collection: 'importLines', field: 'mentions', unname: byPipeline('importLines', (person) => [{ $set: { cells: [], keys: [], mentions: { $setDifference: ['$mentions', [person]] } } }]) },
  { name: 'tracesOfOthers', collection: 'traces', field: 'mentions', unname: unmention },
];

const others = (list: string, person: string) => ({ $filter: { input: `$${list}`, cond: { $ne: ['$$this.id', person] } } });

function byPipeline(collection: Place['collection'], pipeline: (person: string) => mongo.Document[]): NamingPlace['unname'] {
  return ({ session, tenant, store: { collections } }, documents, person) =>
    named(collections, collection).updateMany({ _id: { $in: [...documents] }, t: tenant }, pipeline(person), { session });
}

/** Values of others that were somebody's id, as of their manager. */
async function unmention({ session, tenant, store: { collections: { traces } } }: Transaction, documents: readonly string[], person: string): Promise<void> {
  const found = await traces.find({ _id: { $in: [...documents] }, t: tenant }, { session, projection: { values: 1, mentions: 1 } }).toArray();
  await traces.bulkWrite(found.map(({ _id, values, mentions = [] }) => ({
    updateOne: { filter: { _id, t: tenant }, update: { $set: { values: recordOf(without(values, person)), mentions: mentions.filter((id) => id !== person) } } },
  })), { session });
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {});

/** A value without all texts that hold the id, and without what is empty then. */
function without(value: unknown, id: string): unknown {
  if (typeof value === 'string') return value.includes(id) ? undefined : value;
  if (Array.isArray(value)) {
    const kept = value.map((element) => without(element, id)).filter((element) => element !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).map(([name, inner]) => [name, without(inner, id)] as const).filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** The ids that stand in values, other than whom the values are about. */
export function mentionsIn(values: Readonly<Record<string, unknown>>, person: string): readonly string[] {
  return [...new Set(JSON.stringify(values).match(ID))].filter((id) => id !== person);
}
