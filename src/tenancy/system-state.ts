/** How the server does, as far as its database tells: what waits, since when, and which keys sign. */
import type { Store } from '../store/store.ts';

export interface SystemState {
  /** How long the database took to answer. */
  readonly pingMs: number;
  /** Of the data. */
  readonly version: number | undefined;
  /** Of the tenant. */
  readonly mails: { readonly waiting: number; readonly refused: number; readonly givenUp: number; readonly oldest: Date | undefined };
  readonly seats: { readonly waiting: number; readonly oldest: Date | undefined };
  readonly erasures: number;
  /** The newest first. */
  readonly keys: readonly { readonly kid: string; readonly signs: Date; readonly retires: Date | undefined }[];
}

/** Counted up to here. */
const MOST = 10_000;

export async function systemState(store: Store, tenant: string): Promise<SystemState> {
  const { collections, limits } = store;
  const options = { limit: MOST, maxTimeMS: limits.operationMs };
  const mails = (state: 'waiting' | 'refused' | 'givenUp') => collections.outbox.countDocuments({ t: tenant, state }, options);
  const begun = process.hrtime.bigint();
  await store.ping();
  const pingMs = Number(process.hrtime.bigint() - begun) / 1e6;
  const [system, waiting, refused, givenUp, oldestMail, deltas, oldestDelta, erasures, keys] = await Promise.all([
    collections.system.findOne({ _id: 'version' }), mails('waiting'), mails('refused'), mails('givenUp'),
    collections.outbox.findOne({ t: tenant, state: 'waiting' }, { sort: { created: 1 }, projection: { created: 1 }, maxTimeMS: limits.operationMs }),
    collections.seatDeltas.countDocuments({ t: tenant }, options),
    collections.seatDeltas.findOne({ t: tenant }, { sort: { _id: 1 }, projection: { at: 1 }, maxTimeMS: limits.operationMs }),
    collections.erasures.countDocuments({ t: tenant }, options),
    collections.keys.find({}, { projection: { sealed: 0 }, maxTimeMS: limits.operationMs }).toArray(),
  ]);
  return {
    pingMs, version: system?.version,
    mails: { waiting, refused, givenUp, oldest: oldestMail?.created },
    seats: { waiting: deltas, oldest: oldestDelta?.at },
    erasures,
    keys: keys.map(({ _id: kid, signs, retires }) => ({ kid, signs, retires })).sort((a, b) => Number(b.kid) - Number(a.kid)),
  };
}
