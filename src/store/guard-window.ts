/**
 * How much a client has switched off, deleted and taken out of groups within the last hour: one document for each client, and one update of it
 * that decides and counts at once. So of fifty requests at the limit, on whatever servers, as many pass as are left.
 */
import type { mongo } from 'mongoose';
import type { GuardAmount, GuardDocument } from './documents.ts';
import { isDuplicateKey } from './mongo-errors.ts';
import type { TenantScope } from './store.ts';

/** What may pass within an hour. */
export interface GuardLimits {
  /** People: the larger of a number and a share, in percent, of those that the client sees. 0: no limit; a share of 0: the number alone. */
  readonly changes: number;
  readonly share: number;
  /** Memberships; 0: no limit. */
  readonly members: number;
}

export const NOTHING: GuardAmount = { changes: 0, members: 0 };
export const KINDS = ['changes', 'members'] as const;

const MINUTE_MS = 60_000;
/** What is counted together. */
const STEP_MS = 5 * MINUTE_MS;
/** A step counts until its end is an hour ago: never more than the limit within any hour. */
const COUNTED_MS = 60 * MINUTE_MS + STEP_MS;
/** What was counted once holds so long: people who are deleted meanwhile do not make the share smaller. */
const PEOPLE_MS = 60 * MINUTE_MS;
/** A hold that nobody decides about is over then, and the next one is told of anew. */
export const UNDECIDED_MS = 24 * 60 * MINUTE_MS;

const stepOf = (at: Date) => new Date(Math.floor(at.getTime() / STEP_MS) * STEP_MS);
const before = (at: Date, ms: number) => new Date(at.getTime() - ms);

export interface Taken {
  /** Of the steps, and of what an administrator released. */
  readonly window: GuardAmount;
  readonly extra: GuardAmount;
  /** Which release that was. */
  readonly until: Date | undefined;
}
export interface Reservation extends Taken {
  /** For each amount that was wanted, in order: what does not fit leaves its room to those after it. */
  readonly granted: readonly boolean[];
  /** As it is afterwards. */
  readonly document: GuardDocument;
}

export interface Wanted {
  readonly client: string;
  readonly limits: GuardLimits;
  readonly amounts: readonly GuardAmount[];
  readonly at: Date;
  /** How many people the client sees, where they were counted just now. */
  readonly people?: number;
}

/** Takes what fits, in one command. */
export async function take({ tenant, store }: TenantScope, wanted: Wanted): Promise<Reservation> {
  const { collections: { guards }, limits: { operationMs } } = store;
  // A few of these may be lost with the primary of MongoDB; to wait for the others would cost every deactivation their time.
  const update = () => guards.findOneAndUpdate({ _id: wanted.client, t: tenant }, reserving(wanted), { upsert: true, returnDocument: 'after', writeConcern: { w: 1 }, maxTimeMS: operationMs });
  const document = await update().catch((error: unknown) => {
    // Another one has just made it.
    if (isDuplicateKey(error)) return update();
    throw error;
  });
  const { granted = [], window = NOTHING, extra = NOTHING } = document?.last ?? {};
  return { granted, window, extra, until: document?.released?.until, document: document ?? { _id: wanted.client, t: tenant } };
}

/** A pipeline: each stage sees what the one before has set. Everything in it is a number or an instant of ours. */
function reserving({ limits, amounts, at, people }: Wanted): mongo.Document[] {
  const step = stepOf(at);
  const all = { $eq: ['$released.all', true] };
  const isOver = { $and: [{ $eq: ['$hold.state', 'open'] }, { $lte: ['$hold.since', before(at, UNDECIDED_MS)] }] };
  const share = { $floor: { $divide: [{ $multiply: [limits.share, { $ifNull: ['$people.count', 0] }] }, 100] } };
  const room = (kind: keyof GuardAmount, limit: unknown) => ({ $max: [0, { $subtract: [limit, { $sum: `$used.${kind}` }] }] });
  const fits = (kind: keyof GuardAmount) => ({ $lte: [{ $add: [`$$value.${kind}`, `$$this.${kind}`] }, { $add: [`$room.${kind}`, { $ifNull: [`$released.${kind}`, 0] }] }] });
  const sum = (kind: keyof GuardAmount) => ({ $add: [`$$value.${kind}`, { $cond: ['$$fits', `$$this.${kind}`, 0] }] });
  /** What is released is taken last, and while everything is released nothing is counted. */
  const ofWindow = (kind: keyof GuardAmount) => ({ $cond: [all, 0, { $min: [`$last.${kind}`, `$room.${kind}`] }] });
  const ofStep = (kind: keyof GuardAmount) => ({ $add: [`$last.window.${kind}`, { $sum: { $map: { input: { $filter: { input: '$used', cond: { $eq: ['$$this.at', step] } } }, in: `$$this.${kind}` } } }] });
  return [
    { $set: {
      used: { $filter: { input: { $ifNull: ['$used', []] }, cond: { $gt: ['$$this.at', before(at, COUNTED_MS)] } } },
      people: people === undefined ? { $cond: [{ $gt: ['$people.at', before(at, PEOPLE_MS)] }, '$people', '$$REMOVE'] } : { $literal: { count: people, at } },
      released: { $cond: [{ $gt: ['$released.until', at] }, '$released', '$$REMOVE'] },
      hold: { $cond: [isOver, '$$REMOVE', '$hold'] },
    } },
    { $set: { room: { changes: room('changes', { $max: [limits.changes, share] }), members: room('members', limits.members) } } },
    { $set: { last: { $reduce: {
      input: { $literal: amounts },
      initialValue: { granted: [], ...NOTHING },
      in: { $let: {
        vars: { fits: { $and: [{ $ne: ['$hold.state', 'refused'] }, { $or: [all, { $and: KINDS.map(fits) }] }] } },
        in: { granted: { $concatArrays: ['$$value.granted', ['$$fits']] }, changes: sum('changes'), members: sum('members') },
      } },
    } } } },
    { $set: { last: { window: { changes: ofWindow('changes'), members: ofWindow('members') } } } },
    { $set: { last: { extra: { changes: leftOf('$last.changes', '$last.window.changes', all), members: leftOf('$last.members', '$last.window.members', all) } } } },
    { $set: {
      used: { $cond: [
        { $gt: [{ $add: ['$last.window.changes', '$last.window.members'] }, 0] },
        { $concatArrays: [{ $filter: { input: '$used', cond: { $ne: ['$$this.at', step] } } }, [{ at: step, changes: ofStep('changes'), members: ofStep('members') }]] },
        '$used',
      ] },
      released: { $cond: [
        { $eq: [{ $type: '$released' }, 'missing'] }, '$$REMOVE',
        { $mergeObjects: ['$released', { changes: { $subtract: ['$released.changes', '$last.extra.changes'] }, members: { $subtract: ['$released.members', '$last.extra.members'] } }] },
      ] },
    } },
    { $unset: 'room' },
  ];
}

const leftOf = (whole: string, part: string, none: object) => ({ $cond: [none, 0, { $subtract: [whole, part] }] });

/** What was taken and did not happen. Its failure costs the client that much of its room, for an hour. */
export async function giveBack({ tenant, store: { collections: { guards } } }: TenantScope, client: string, { window, extra, until }: Taken, at: Date): Promise<void> {
  const which = { _id: client, t: tenant };
  const options = { writeConcern: { w: 1 } };
  if (isSome(window)) {
    await guards.updateOne(which, { $inc: { 'used.$[step].changes': -window.changes, 'used.$[step].members': -window.members } }, { ...options, arrayFilters: [{ 'step.at': stepOf(at) }] });
  }
  if (until && isSome(extra)) await guards.updateOne({ ...which, 'released.until': until }, { $inc: { 'released.changes': extra.changes, 'released.members': extra.members } }, options);
}

export const isSome = ({ changes, members }: GuardAmount) => changes > 0 || members > 0;

/** What counts at this moment. */
const counted = ({ used = [] }: GuardDocument, at: Date) => used.filter((step) => step.at > before(at, COUNTED_MS));

export function usedOf(document: GuardDocument, at: Date): GuardAmount {
  const steps = counted(document, at);
  return { changes: steps.reduce((sum, { changes }) => sum + changes, 0), members: steps.reduce((sum, { members }) => sum + members, 0) };
}

export const peopleOf = ({ people }: GuardDocument, at: Date) => (people && people.at > before(at, PEOPLE_MS) ? people.count : undefined);

/** @param people that the client sees */
export const limitsAt = ({ changes, share, members }: GuardLimits, people = 0): GuardAmount => ({ changes: Math.max(changes, Math.floor((share * people) / 100)), members });

/** When there is room for so much by itself; undefined: never, for it is more than the limit. */
export function roomAt(document: GuardDocument, kind: keyof GuardAmount, amount: number, limit: number, at: Date): Date | undefined {
  if (amount > limit) return undefined;
  const steps = counted(document, at).toSorted((a, b) => a.at.getTime() - b.at.getTime());
  let left = limit - steps.reduce((sum, step) => sum + step[kind], 0);
  for (const step of steps) {
    left += step[kind];
    if (left >= amount) return new Date(step.at.getTime() + COUNTED_MS);
  }
  return at;
}
