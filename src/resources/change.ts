/** PUT and PATCH of one resource: read it, compute what it should be, write it under the version that was read, or do it again. */
import { notFound, preconditionFailed, unavailable } from '../errors.ts';
import { equalValues } from '../scim/equal.ts';
import type { MemberDelta } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import type { AccountWrites, ChangeSet, CommitResult } from '../store/change-set.ts';
import { commit, commitInTurn } from '../store/commit.ts';
import { findById } from '../store/resources.ts';
import { newlySaid, noteSaid } from '../store/said.ts';
import { effectsOf, merged, type Effects } from './behaviours.ts';
import { auditOf, authorize, checkStaysInSight, timestamp, type Context } from './context.ts';
import { sourcesAfter } from './sources.ts';
import { AS_IT_WAS, attributesFor, changedNames, claimsOf, externalIdOf, heldClaims, newReferences, reportResult, takeApart } from './write.ts';

/** The versions that If-Match allows; `any` stands for an absent header. */
export type Precondition = 'any' | { readonly matches: (version: number) => boolean };

/** What the resource should be: all its attributes as the client writes them, and the change of its members. */
export interface Wanted {
  readonly attributes: Attributes;
  readonly members: MemberDelta | undefined;
}

/** Computes the wanted state from the stored one; called again after a conflict. */
export type Want = (current: StoredResource) => Wanted | Promise<Wanted>;

export interface ChangeRequest {
  readonly type: ResourceType;
  readonly id: string;
  /** `replace`, `patch`, or the verb that changes it. */
  readonly action: string;
  readonly precondition: Precondition;
  readonly want: Want;
  /** Paths that a PATCH names. */
  readonly named?: () => ReadonlySet<string>;
  /** Nothing will be written: it is only to be known what would be. */
  readonly isTrial?: boolean;
  /** What a verb writes besides. */
  readonly effects?: (current: StoredResource) => Promise<Effects>;
  /** What a client's change writes of the login besides what follows from it. */
  readonly account?: AccountWrites;
  /** It is a POST that takes over a record (L5). */
  readonly adopts?: boolean;
}

/** On no other version than the one that it was computed from, whatever it writes. */
export const AS_READ: Precondition = { matches: () => true };

const ATTEMPTS = 20;

/**
 * Changes a resource. Without If-Match a version that moved on meanwhile is read again; a change that changes nothing writes nothing
 * and keeps the version (R-PATCH-23).
 * @throws ScimError 404, 412, and whatever `want` throws
 */
export async function change(context: Context, request: ChangeRequest): Promise<void> {
  const changeSet = await prepareChange(context, request);
  const result = changeSet ? await commit(context.scope, changeSet) : UNCHANGED;
  if (result.kind === 'conflict') await changeInTurn(context, request);
  else reportChange(context, request, changeSet, result);
}

/** For a change that has lost against others. */
async function changeInTurn(context: Context, request: ChangeRequest): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let changeSet: ChangeSet | undefined;
    const result = await commitInTurn(context.scope, request.type, request.id, async () => (changeSet = await prepareChange(context, request)));
    if (result.kind === 'conflict') continue;
    reportChange(context, request, changeSet, result);
    return;
  }
  throw unavailable();
}

const UNCHANGED: CommitResult = { kind: 'unchanged' };

function reportChange(context: Context, { action, type, id }: ChangeRequest, changeSet: ChangeSet | undefined, result: CommitResult): void {
  if (changeSet) reportResult(context, changeSet, result);
  else context.report.unchanged({ action, type: type.name, id }, AS_IT_WAS);
}

/** @throws ScimError 412 */
export function checkPrecondition(precondition: Precondition, current: StoredResource): void {
  if (precondition !== 'any' && !precondition.matches(current.version)) throw preconditionFailed();
}

/** Everything but the writing. @returns undefined where there is nothing to change. @throws as `change` does */
export async function prepareChange(context: Context, request: ChangeRequest): Promise<ChangeSet | undefined> {
  const { type, id, action, precondition, want, named, isTrial, effects: own, account: besides, adopts = false } = request;
  authorize(context, type, 'write');
  const current = await findById(context.scope, type, id);
  if (!current) throw notFound(type.name);
  checkPrecondition(precondition, current);
  const wanted = await want(current);

  const { client } = context.principal;
  const parts = takeApart(context, type, wanted.attributes);
  const follows = await effectsOf(context, { type, id, before: current, after: parts.attributes, secrets: parts.secrets, members: wanted.members, named: named?.() ?? new Set(), whole: named === undefined, decided: own !== undefined, adopts });
  const effects = merged(own ? await own(current) : besides ? { account: besides } : {}, follows);
  const attributes = effects.attributes ?? parts.attributes;
  const changed = changedNames(attributesFor(current, client), withoutSecrets({ ...parts, attributes }), equalValues);
  const attributesChanged = changed.some((name) => name !== 'externalId');
  const said = client === '' ? undefined : effects.said && newlySaid(current, { client, ...effects.said });
  if (changed.length === 0 && !wanted.members && !effects.account) {
    if (said && !isTrial) await noteSaid(context.scope, type, id, said);
    return undefined;
  }

  checkStaysInSight(context, type, { id, audience: effects.audience ?? current.audience, attributes });
  const externalChanged = parts.externalId !== externalIdOf(current, client);
  const claims = attributesChanged ? movedClaims(context, type, current.attributes, attributes) : { released: [], taken: [] };
  return {
    write: {
      kind: 'update', type, id, at: timestamp(context),
      // Edges alone may be written on whatever version there is: that is what lets many clients change one group at once.
      version: attributesChanged || precondition !== 'any' ? current.version : undefined,
      attributes: attributesChanged ? attributes : undefined,
      audience: effects.audience,
      ...(said && attributesChanged ? { said } : {}),
      ...(attributesChanged ? { sources: sourcesAfter(context, type, current, attributes) } : {}),
      externalId: externalChanged ? { client, id: parts.externalId } : undefined,
      released: claims.released,
      claims: claims.taken,
      members: wanted.members,
      references: [...newReferences(context, type, current.attributes, attributes), ...(effects.references ?? [])],
    },
    ...(effects.account ? { account: effects.account } : {}),
    ...(effects.also ? { also: effects.also } : {}),
    audit: auditOf(context, action, type, id, [...changed, ...(effects.account?.password ? ['password'] : []), ...(wanted.members ? Object.keys(type.storage.edges) : [])]),
  };
}

function withoutSecrets({ attributes, externalId }: { attributes: Attributes; externalId: string | undefined }): Attributes {
  return externalId === undefined ? attributes : { ...attributes, externalId };
}

function movedClaims(context: Context, type: ResourceType, before: Attributes, after: Attributes) {
  const held = heldClaims(context, type, before);
  const needed = claimsOf(context, type, after);
  const isIn = (list: typeof held) => (claim: (typeof held)[number]) => list.some(({ kind, value }) => kind === claim.kind && value === claim.value);
  return { released: held.filter((claim) => !isIn(needed)(claim)), taken: needed.filter((claim) => !isIn(held)(claim)) };
}
