/** DELETE: RFC 7644 section 3.6. */
import { notFound, unavailable } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import type { ChangeSet } from '../store/change-set.ts';
import { commit } from '../store/commit.ts';
import { findById } from '../store/resources.ts';
import { checkRemoval } from './behaviours.ts';
import { checkPrecondition, type Precondition } from './change.ts';
import { auditOf, authorize, timestamp, type Context } from './context.ts';
import { reportResult } from './write.ts';

const ATTEMPTS = 5;

/** A verb that removes under a name and conditions of its own. */
export interface Removing {
  /** As the audit log calls it. */
  readonly action: string;
  /** Throws where it may not be; asked of the version that is then removed. */
  readonly check: (stored: StoredResource) => Promise<void>;
}

/** @throws ScimError 403, 404, 409, 412 */
export async function remove(context: Context, type: ResourceType, id: string, precondition: Precondition): Promise<void> {
  await context.report.watch({ action: 'delete', type: type.name, id }, removeOnly(context, type, id, precondition));
}

/** The same where somebody else tells of a refusal. */
export async function removeOnly(context: Context, type: ResourceType, id: string, precondition: Precondition, verb?: Removing): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changeSet = await prepareRemove(context, type, id, precondition, verb);
    const result = await commit(context.scope, changeSet);
    if (result.kind === 'conflict') continue;
    reportResult(context, changeSet, result);
    return;
  }
  throw unavailable();
}

/** Everything but the writing. A verb of its own erases, whatever is set for the caller. @throws ScimError 403, 404, 409, 412 */
export async function prepareRemove(context: Context, type: ResourceType, id: string, precondition: Precondition, verb?: Removing): Promise<ChangeSet> {
  authorize(context, type, 'write');
  const current = await findById(context.scope, type, id);
  if (!current) throw notFound(type.name);
  checkPrecondition(precondition, current);
  await checkRemoval(context, { type, stored: current });
  await verb?.check(current);
  const hides = !verb && hidesInstead(context, type) ? context.principal.actor : undefined;
  return {
    write: { kind: 'remove', type, id, at: timestamp(context), version: precondition === 'any' && !verb ? undefined : current.version, hides },
    // Whoever comes back has no login: what was given out before must not come back with them.
    ...(hides ? { account: { removesCredential: true } } : {}),
    audit: auditOf(context, verb?.action ?? (hides ? 'hide' : 'delete'), type, id, []),
  };
}

/** L6: what a DELETE means is a setting of the client. */
const hidesInstead = ({ principal }: Context, type: ResourceType) => principal.onDelete === 'hide' && type.name === 'User';
