/**
 * The guard in a commit: what the change sets bring about is taken from the client's room before anything of it is written, and given back where
 * it is not written. Every route of a client ends in a commit, so what counts is the effect, whatever the route.
 */
import { tooManyRequests, type ScimError } from '../errors.ts';
import { isComplex, type ComplexValue, type ResourceType } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION } from '../scim/urns.ts';
import type { ChangeSet, Write } from './change-set.ts';
import type { GuardAmount, GuardDocument, ResourceDocument } from './documents.ts';
import { noteRefused, plus, reserve, type Guard, type Refused } from './guard.ts';
import { giveBack, isSome, limitsAt, NOTHING, peopleOf, roomAt, usedOf, type Taken } from './guard-window.ts';
import { isMongoError } from './mongo-errors.ts';
import { loginsClosed } from './logins-closed.ts';
import type { TenantScope } from './store.ts';

/** Some of the change sets are left out: the transaction is run again without them. */
export class LeftOut extends Error {}

export interface Guardable {
  readonly index: number;
  readonly write: Write;
  readonly stored: Pick<ResourceDocument, 'mc' | 'a'> | undefined;
}

/** How many of the change sets are processed where these are refused; a bulk request may end at an error. */
export type Processed = (refused: ReadonlySet<number>) => number;

export interface GuardedBatch {
  readonly changeSets: readonly ChangeSet[];
  /** For each entry of the transaction the position of its change set: what follows from one is refused with it, and counts with it. */
  readonly asked: readonly number[];
  readonly processed: Processed;
}

/** Everything in it goes by the positions of the change sets. */
export class Guarded {
  private readonly refused = new Map<number, ScimError>();
  private readonly granted = new Map<number, GuardAmount>();
  /** In the present run of the transaction. */
  private readonly needed = new Map<number, GuardAmount>();
  private taken: Taken = { window: NOTHING, extra: NOTHING, until: undefined };
  private end = Infinity;
  /** The transaction is about to be committed: should that fail, nobody knows whether it was. */
  private isCommitting = false;
  /** Of the first refusal, with what all of them asked for. */
  private about: Refused['about'] | undefined;
  private readonly scope: TenantScope;
  private readonly guard: Guard;
  private readonly batch: GuardedBatch;
  private readonly at: Date;

  constructor(scope: TenantScope, guard: Guard, batch: GuardedBatch) {
    this.scope = scope;
    this.guard = guard;
    this.batch = batch;
    this.at = new Date(batch.changeSets[0]?.write.at ?? 0);
  }

  /** First in each run of the transaction. @returns those that may go on */
  async admit<E extends Guardable>(entries: readonly E[]): Promise<readonly E[]> {
    this.needed.clear();
    this.isCommitting = false;
    const open = entries.filter(({ index }) => !this.leavesOut(this.asked(index)));
    const closed = await loginsClosed(this.scope, open);
    await this.reserve(open.map((entry) => [entry.index, amountOf(entry, this.at, closed.get(entry.index))]));
    return open.filter(({ index }) => !this.leavesOut(this.asked(index)));
  }

  /** Memberships that would end, by entry: known only when the edges have been read. @throws LeftOut where some may not */
  readonly admitRemovals = async (removals: ReadonlyMap<number, number>): Promise<void> => {
    const isRefused = await this.reserve(Array.from(removals, ([index, members]) => [index, { changes: 0, members }]));
    if (isRefused) throw new LeftOut();
  };

  /** What became of a change set that was not written because of the guard. */
  resultOf(entry: number): { readonly kind: 'refused'; readonly error: ScimError } | { readonly kind: 'skipped' } | undefined {
    const index = this.asked(entry);
    const error = this.refused.get(index);
    if (!this.leavesOut(index)) return undefined;
    return error && index < this.end ? { kind: 'refused', error } : { kind: 'skipped' };
  }

  /** After the commit: what was taken for others than those that were written is given back, and the refusal is told. */
  async settle(): Promise<void> {
    const used = Array.from(this.needed).filter(([index]) => !this.leavesOut(index)).reduce((sum, [, amount]) => plus(sum, amount), NOTHING);
    await this.giveBack(less(plus(this.taken.window, this.taken.extra), used));
    if (!this.about || this.refused.size === 0) return;
    const [first = 0] = this.refused.keys();
    const audit = this.batch.changeSets[first]?.audit;
    const noted = audit && noteRefused(this.scope, this.guard, { about: this.about, count: this.refused.size, audit, at: this.at });
    // It is refused all the same; the next refusal makes the hold.
    await noted?.catch((err: unknown) => this.scope.store.log.error({ err, client: this.guard.client }, 'administrators are not told that a client is held'));
  }

  /** Last in each run of the transaction. */
  commits(): void {
    this.isCommitting = true;
  }

  /** Where nothing was written. After an error in the commit that is not known, so what was taken stays taken (design rule 6). */
  async withdraw(error: unknown): Promise<void> {
    if (!this.isCommitting || !isMongoError(error)) await this.giveBack(plus(this.taken.window, this.taken.extra));
  }

  private asked(entry: number): number {
    return this.batch.asked[entry] ?? entry;
  }

  private leavesOut(index: number): boolean {
    return this.refused.has(index) || index >= this.end;
  }

  /** @param needs further ones, by entry. @returns whether some were refused */
  private async reserve(needs: readonly (readonly [entry: number, need: GuardAmount])[]): Promise<boolean> {
    for (const [entry, need] of needs) this.needed.set(this.asked(entry), plus(this.needed.get(this.asked(entry)) ?? NOTHING, this.limited(need)));
    const wanted = Array.from(this.needed, ([index, need]) => ({ index, amount: less(need, this.granted.get(index) ?? NOTHING) })).filter(({ index, amount }) => isSome(amount) && !this.leavesOut(index));
    if (wanted.length === 0) return false;
    const { granted, document, ...taken } = await reserve(this.scope, this.guard, wanted.map(({ amount }) => amount), this.at);
    this.taken = { window: plus(this.taken.window, taken.window), extra: plus(this.taken.extra, taken.extra), until: taken.until };
    for (const [position, { index, amount }] of wanted.entries()) {
      if (granted[position] === true) this.granted.set(index, plus(this.granted.get(index) ?? NOTHING, amount));
      else this.refuse(index, amount, document);
    }
    if (granted.every(Boolean)) return false;
    this.end = this.batch.processed(new Set(this.refused.keys()));
    return true;
  }

  /** A limit of 0 is none. */
  private limited({ changes, members }: GuardAmount): GuardAmount {
    const { limits } = this.guard;
    return { changes: limits.changes === 0 ? 0 : changes, members: limits.members === 0 ? 0 : members };
  }

  private refuse(index: number, amount: GuardAmount, document: GuardDocument): void {
    const limits = limitsAt(this.guard.limits, peopleOf(document, this.at));
    const kind = amount.members === 0 || (amount.changes > 0 && amount.changes > limits.changes - usedOf(document, this.at).changes) ? 'changes' : 'members';
    const about = { kind, limit: limits[kind], asked: amount[kind] } as const;
    this.about = this.about?.kind === kind ? { ...this.about, asked: this.about.asked + amount[kind] } : (this.about ?? about);
    this.refused.set(index, refusalOf(this.guard, document, about, this.at));
  }

  private async giveBack(amount: GuardAmount): Promise<void> {
    if (!isSome(amount)) return;
    const extra = least(amount, this.taken.extra);
    this.taken = { ...this.taken, extra: less(this.taken.extra, extra), window: less(this.taken.window, less(amount, extra)) };
    const given = giveBack(this.scope, this.guard.client, { window: less(amount, extra), extra, until: this.taken.until }, this.at);
    await given.catch((err: unknown) => this.scope.store.log.warn({ err, client: this.guard.client }, 'a client has less room than it should for an hour'));
  }
}

const least = (a: GuardAmount, b: GuardAmount): GuardAmount => ({ changes: Math.min(a.changes, b.changes), members: Math.min(a.members, b.members) });
const less = (a: GuardAmount, b: GuardAmount): GuardAmount => ({ changes: Math.max(0, a.changes - b.changes), members: Math.max(0, a.members - b.members) });

/**
 * What counts: a person who is switched off or goes, and the members of a group that goes, for to them it is as if they were all taken out. The
 * memberships of a person who goes are part of that one change. A leave date acts by itself and not by the client, so one that is near counts when
 * it is set; of a later one people are told before it acts (J10). A company or portal that is closed is that many people who are switched off.
 * @param closed how many
 */
function amountOf({ write, stored }: Guardable, at: Date, closed = 0): GuardAmount {
  const isPerson = write.type.name === 'User';
  switch (write.kind) {
    case 'insert':
      return NOTHING;
    case 'remove':
      return isPerson ? { changes: 1, members: 0 } : { changes: 0, members: stored?.mc ?? 0 };
    case 'update':
      if (closed > 0) return { changes: closed, members: 0 };
      return isPerson && write.attributes && stored && stays(write, stored.a, at) && !stays(write, write.attributes, at) ? { changes: 1, members: 0 } : NOTHING;
  }
}

const NEAR_MS = 48 * 60 * 60 * 1000;

/** Whether a person has access and has it for a while. @param attributes as they are stored, or as they are written */
function stays({ type }: Write, attributes: ComplexValue, at: Date): boolean {
  const account = attributes[ACCOUNT_EXTENSION] ?? attributes[type.storage.extensions[ACCOUNT_EXTENSION] ?? ''];
  const leavesAt = isComplex(account) ? account['leavesAt'] : undefined;
  return attributes['active'] !== false && !(typeof leavesAt === 'string' && leavesAt <= new Date(at.getTime() + NEAR_MS).toISOString());
}

/** What is read of a resource to know what counts. */
export function countedFields({ storage }: ResourceType): Readonly<Record<string, 1>> {
  const account = storage.extensions[ACCOUNT_EXTENSION];
  return { mc: 1, 'a.active': 1, ...(account === undefined ? {} : { [`a.${account}.leavesAt`]: 1 }) };
}

/** Where nothing comes back by itself, a client that asks again every hour is no burden. */
const ASK_AGAIN_SECONDS = 3600;
const WHAT = { changes: (limit: number) => `deactivate or delete ${limit} people`, members: (limit: number) => `end ${limit} memberships of groups` };

/** The text is the same for all that are refused within the same minutes, so that a storm of them is one line of the audit log. */
function refusalOf({ client }: Guard, document: GuardDocument, { kind, limit, asked }: Refused['about'], at: Date): ScimError {
  const release = `an administrator with the right clients.manage releases it: POST /api/v1/clients/${client}/guard/release.`;
  if (document.hold?.state === 'refused') return tooManyRequests(`Deactivations, deletions and member removals by this client were stopped by an administrator. They are refused until ${release}`, ASK_AGAIN_SECONDS);
  const may = `This client may ${WHAT[kind](limit)} within an hour`;
  const when = roomAt(document, kind, asked, limit, at);
  if (!when) return tooManyRequests(`${may}, and this would be ${asked} at once. It is refused until ${release}`, ASK_AGAIN_SECONDS);
  return tooManyRequests(`${may}, and this would be more. It is refused until ${when.toISOString().replace('.000Z', 'Z')}, or until ${release}`, (when.getTime() - at.getTime()) / 1000);
}

