/** PUT and PATCH of one resource: read it, compute what it should be, write it under the version that was read, or do it again. */
import { notFound, preconditionFailed, unavailable } from '../errors.ts';
import { equalValues } from '../scim/equal.ts';
import type { MemberDelta } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { commit } from '../store/commit.ts';
import { findById } from '../store/resources.ts';
import { effectsOf } from './behaviours.ts';
import { timestamp, type Context } from './context.ts';
import { attributesFor, changedNames, claimsOf, externalIdOf, newReferences, possibleClaims, takeApart } from './write.ts';

/** The versions that If-Match allows; `any` stands for an absent header. */
export type Precondition = 'any' | { readonly matches: (version: number) => boolean };

/** What the resource should be: all its attributes as the client writes them, and the change of its members. */
export interface Wanted {
  readonly attributes: Attributes;
  readonly members: MemberDelta | undefined;
}

const ATTEMPTS = 20;

/**
 * Changes a resource. Without If-Match a version that moved on meanwhile is read again; a change that changes nothing writes nothing
 * and keeps the version (R-PATCH-23).
 * @param want computes the new state from the stored one; called again after a conflict
 * @throws ScimError 404, 412, and whatever `want` throws
 */
export async function change(
  context: Context, type: ResourceType, id: string, action: 'replace' | 'patch', precondition: Precondition, want: (current: StoredResource) => Wanted,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const current = await findById(context.scope, type, id);
    if (!current) throw notFound(type.name);
    checkPrecondition(precondition, current);
    if (await write(context, type, current, action, precondition, want(current))) return;
  }
  throw unavailable();
}

/** @throws ScimError 412 */
export function checkPrecondition(precondition: Precondition, current: StoredResource): void {
  if (precondition !== 'any' && !precondition.matches(current.version)) throw preconditionFailed();
}

/** @returns false when somebody else was faster */
async function write(context: Context, type: ResourceType, current: StoredResource, action: 'replace' | 'patch', precondition: Precondition, wanted: Wanted): Promise<boolean> {
  const { client } = context.principal;
  const parts = takeApart(type, wanted.attributes);
  const changed = changedNames(attributesFor(current, client), withoutSecrets(parts), equalValues);
  const attributesChanged = changed.some((name) => name !== 'externalId');
  const effects = await effectsOf(context, { type, before: current, after: parts.attributes, secrets: parts.secrets });
  if (changed.length === 0 && !wanted.members && !effects.credential) return true;

  const externalChanged = parts.externalId !== externalIdOf(current, client);
  const claims = attributesChanged ? movedClaims(context, type, current.attributes, parts.attributes) : { released: [], taken: [] };
  const result = await commit(context.scope, {
    write: {
      kind: 'update', type, id: current.id, at: timestamp(context),
      // Edges alone may be written on whatever version there is: that is what lets many clients change one group at once.
      version: attributesChanged || precondition !== 'any' ? current.version : undefined,
      attributes: attributesChanged ? parts.attributes : undefined,
      externalId: externalChanged ? { client, id: parts.externalId } : undefined,
      released: claims.released,
      claims: claims.taken,
      members: wanted.members,
      references: newReferences(context, type, current.attributes, parts.attributes),
    },
    ...effects,
    audit: {
      by: { kind: 'client', id: client }, action, on: { type: type.name, id: current.id }, request: context.requestId,
      changed: [...changed, ...Object.keys(parts.secrets), ...(wanted.members ? Object.keys(type.storage.edges) : [])],
    },
  });
  return result.kind !== 'conflict';
}

function withoutSecrets({ attributes, externalId }: { attributes: Attributes; externalId: string | undefined }): Attributes {
  return externalId === undefined ? attributes : { ...attributes, externalId };
}

function movedClaims(context: Context, type: ResourceType, before: Attributes, after: Attributes) {
  const held = possibleClaims(type, before);
  const needed = claimsOf(context, type, after);
  const isIn = (list: typeof held) => (claim: (typeof held)[number]) => list.some(({ kind, value }) => kind === claim.kind && value === claim.value);
  return { released: held.filter((claim) => !isIn(needed)(claim)), taken: needed.filter((claim) => !isIn(held)(claim)) };
}
