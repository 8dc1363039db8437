/**
 * The only way to write resources: change sets, each all or nothing, in one transaction with its edges, claims, credential and audit entry
 * (design rule 3: no audit entry, no change). Change sets of one call share the transaction; one that cannot be written fails alone.
 */
import { ScimError, uniqueness } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { ChangeSet, CommitResult } from './change-set.ts';
import { sweepGroup } from './sweep.ts';
import type { TenantScope } from './store.ts';
import { isHeldUnseen } from './taken.ts';
import { transact } from './transaction.ts';
import { WriteFault, writeBatch, type Batched, type Swept } from './write-batch.ts';

/**
 * @throws ScimError 409 uniqueness, 400 invalidValue for a reference or member that does not exist; a MongoDB error where the outcome is
 *   unknown
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
    const changeSet = await prepare();
    return changeSet ? single(await writeAll(scope, [changeSet])) : { kind: 'unchanged' };
  });
}

const lockKey = (type: ResourceType, id: string) => `${type.name}|${id}`;

function single({ results, fault }: BatchOutcome): CommitResult {
  if (fault) throw fault.cause;
  return results[0] ?? { kind: 'conflict' };
}

export interface BatchOutcome {
  /** One for each change set, in order; empty where there was a fault. */
  readonly results: readonly CommitResult[];
  /** The first change set that cannot be written, and why. Nothing of the batch is written then. */
  readonly fault: { readonly index: number; readonly cause: unknown } | undefined;
}

/**
 * Writes change sets of different resources in one transaction, in a number of commands that does not depend on how many they are.
 * Change sets for the same resource queue up in this process; across processes the version and MongoDB's conflicts decide.
 */
export function commitAll(scope: TenantScope, changeSets: readonly ChangeSet[]): Promise<BatchOutcome> {
  return scope.store.lock.run(withFollowing(changeSets).map(({ write: { type, id } }) => lockKey(type, id)), () => writeAll(scope, changeSets));
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

async function writeAll(scope: TenantScope, changeSets: readonly ChangeSet[]): Promise<BatchOutcome> {
  const swept: Swept = [];
  const all = withFollowing(changeSets);
  try {
    const everyResult = await transact(scope.store, (session) => {
      swept.length = 0;
      return writeBatch({ ...scope, session }, all, swept);
    });
    const results = everyResult.filter((_result, position) => all[position]?.follows === undefined);
    for (const key of swept) sweepGroup(scope, key);
    if (changeSets.some(({ write, account }) => write.kind === 'remove' || account?.endsAll || account?.removesCredential || account?.endsSessions?.length)) scope.store.sessionsEnded();
    return { results, fault: undefined };
  } catch (error) {
    if (error instanceof WriteFault) return { results: [], fault: { index: changeSetOf(all, error.index), cause: await causeOf(scope, error) } };
    throw error;
  }
}

/** The position among the change sets that were asked for. */
const changeSetOf = (all: readonly Batched[], position: number) => all.slice(0, (all[position]?.follows ?? position) + 1).filter(({ follows }) => follows === undefined).length - 1;

/** A value that is held by somebody whom the caller cannot see would otherwise look like a mistake of ours. */
async function causeOf(scope: TenantScope, { cause, held }: WriteFault): Promise<unknown> {
  if (!held || !(cause instanceof ScimError) || !(await isHeldUnseen(scope, held))) return cause;
  return uniqueness(`${cause.message.replace(/\.$/, '')} by somebody whom this client cannot see.`);
}
