/** DELETE: RFC 7644 section 3.6. */
import { notFound, unavailable } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { ChangeSet } from '../store/change-set.ts';
import { commit } from '../store/commit.ts';
import { findById } from '../store/resources.ts';
import { checkRemoval } from './behaviours.ts';
import { checkPrecondition, type Precondition } from './change.ts';
import { auditOf, authorize, timestamp, type Context } from './context.ts';
import { reportResult } from './write.ts';

const ATTEMPTS = 5;

/** @throws ScimError 403, 404, 412 */
export async function remove(context: Context, type: ResourceType, id: string, precondition: Precondition): Promise<void> {
  await context.report.watch({ action: 'delete', type: type.name, id }, removeOnly(context, type, id, precondition));
}

/** The same where somebody else tells of a refusal. */
export async function removeOnly(context: Context, type: ResourceType, id: string, precondition: Precondition): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const changeSet = await prepareRemove(context, type, id, precondition);
    const result = await commit(context.scope, changeSet);
    if (result.kind === 'conflict') continue;
    reportResult(context, changeSet, result);
    return;
  }
  throw unavailable();
}

/** Everything but the writing. @throws ScimError 403, 404, 412 */
export async function prepareRemove(context: Context, type: ResourceType, id: string, precondition: Precondition): Promise<ChangeSet> {
  authorize(context, type, 'write');
  const current = await findById(context.scope, type, id);
  if (!current) throw notFound(type.name);
  checkPrecondition(precondition, current);
  await checkRemoval(context, { type, stored: current });
  return {
    write: { kind: 'remove', type, id, at: timestamp(context), version: precondition === 'any' ? undefined : current.version },
    audit: auditOf(context, 'delete', type, id, []),
  };
}
