/**
 * The only way to write resources: change sets, each all or nothing, in one transaction with its edges, claims, credential and audit entry
 * (design rule 3: no audit entry, no change). Change sets of one call share the transaction; one that cannot be written fails alone.
 */
import { ScimError, uniqueness } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { BatchResult, ChangeSet, CommitResult } from './change-set.ts';
import { Guarded, LeftOut, type Processed } from './guarded.ts';
import { sweepGroup } from './sweep.ts';
import type { TenantScope } from './store.ts';
import { isHeldUnseen } from './taken.ts';
import { transact, type Transaction } from './transaction.ts';
import { WriteFault, writeBatch, type Batched, type Swept } from './write-batch.ts';

/**
 * @throws ScimError 409 uniqueness, 400 invalidValue for a reference or member that does not exist, 429 from the client's guard; a MongoDB error
 *   where the outcome is unknown
 */
export async function commit(scope: TenantScope, changeSet: ChangeSet): Promise<CommitResult> {
  return single(await commitAll(scope, [changeSet]));
}

/**
 * Prepares and commits while nobody else in this process writes the resource: for a change that has lost against others before.
 * @param prepare reads and computes; undefined where there is nothing to write
 */
export function commitInTurn(scope: TenantScope, type: ResourceType, id: string, prepare: () => Promise<ChangeSet | undefined>): Promise<CommitResult> {
  return scope.store.lock.run([lockKey(type, id)], async () => {
    scope.store.dry?.lookAgain();
    const changeSet = await prepare();
    return changeSet ? single(await writeAll(scope, [changeSet])) : { kind: 'unchanged' };
  });
}

const lockKey = (type: ResourceType, id: string) => `${type.name}|${id}`;

function single({ results: [result], fault }: BatchOutcome): CommitResult {
  if (fault) throw fault.cause;
  if (result?.kind === 'refused') throw result.error;
  return result === undefined || result.kind === 'skipped' ? { kind: 'conflict' } : result;
}

export interface BatchOutcome {
  /** One for each change set, in order; empty where there was a fault. */
  readonly results: readonly BatchResult[];
  /** The first change set that cannot be written, and why. Nothing of the batch is written then. */
  readonly fault: { readonly index: number; readonly cause: unknown } | undefined;
}

/** Written in the same transaction, when it is known what becomes of each change set: what it throws undoes all of them. */
export type Beside = (transaction: Transaction, results: readonly BatchResult[]) => Promise<void>;

/**
 * Writes change sets of different resources in one transaction, in a number of commands that does not depend on how many they are.
 * Change sets for the same resource queue up in this process; across processes the version and MongoDB's conflicts decide.
 * @param processed how many of them are processed where the guard refuses some: all unless said otherwise
 */
export function commitAll(scope: TenantScope, changeSets: readonly ChangeSet[], processed?: Processed, beside?: Beside): Promise<BatchOutcome> {
  return scope.store.lock.run(withFollowing(changeSets).map(({ write: { type, id } }) => lockKey(type, id)), () => writeAll(scope, changeSets, processed, beside));
}

/** Each with those that follow from it. @returns with the position of the one that a change set follows from */
function withFollowing(changeSets: readonly ChangeSet[]): readonly Batched[] {
  const all: Batched[] = [];
  for (const changeSet of changeSets) {
    const follows = all.push(changeSet) - 1;
    for (const also of changeSet.also ?? []) all.push({ ...also, follows });
  }
  return all;
}

async function writeAll(scope: TenantScope, changeSets: readonly ChangeSet[], processed: Processed = () => changeSets.length, beside?: Beside): Promise<BatchOutcome> {
  const swept: Swept = [];
  const all = withFollowing(changeSets);
  const guarded = scope.guard && new Guarded(scope, scope.guard, { changeSets, asked: positionsAsked(all), processed });
  try {
    const results = await writeAdmitted(scope, all, swept, guarded, beside);
    await guarded?.settle();
    for (const key of swept) sweepGroup(scope, key);
    if (changeSets.some(({ write, account }) => write.kind === 'remove' || account?.endsAll || account?.removesCredential || account?.endsSessions?.length)) scope.store.sessionsEnded();
    return { results, fault: undefined };
  } catch (error) {
    await guarded?.withdraw(error);
    if (error instanceof WriteFault) return { results: [], fault: { index: positionsAsked(all)[error.index] ?? 0, cause: await causeOf(scope, error) } };
    throw error;
  }
}

/** Again without those that the guard leaves out, where that shows only on the way. @returns the results of what was asked for */
async function writeAdmitted(scope: TenantScope, changeSets: readonly Batched[], swept: Swept, guarded: Guarded | undefined, beside: Beside | undefined): Promise<readonly BatchResult[]> {
  for (;;) {
    try {
      return await transact(scope.store, async (session) => {
        swept.length = 0;
        const transaction = { ...scope, session };
        const everyResult = await writeBatch(transaction, changeSets, swept, guarded);
        const results = everyResult.filter((_result, position) => changeSets[position]?.follows === undefined);
        await beside?.(transaction, results);
        guarded?.commits();
        return results;
      });
    } catch (error) {
      if (!(error instanceof LeftOut)) throw error;
    }
  }
}

/** Of each, the position of what was asked for among the change sets: those that follow come right behind it. */
function positionsAsked(all: readonly Batched[]): readonly number[] {
  let asked = -1;
  return all.map(({ follows }) => (follows === undefined ? ++asked : asked));
}

/** A value that is held by somebody whom the caller cannot see would otherwise look like a mistake of ours. */
async function causeOf(scope: TenantScope, { cause, held }: WriteFault): Promise<unknown> {
  if (!held || !(cause instanceof ScimError) || !(await isHeldUnseen(scope, held))) return cause;
  return uniqueness(`${cause.message.replace(/\.$/, '')} by somebody whom this client cannot see.`);
}
