/** DELETE: RFC 7644 section 3.6. */
import { notFound, unavailable } from '../errors.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { ChangeSet } from '../store/change-set.ts';
import { commit } from '../store/commit.ts';
import { findById } from '../store/resources.ts';
import { checkPrecondition, type Precondition } from './change.ts';
import { authorize, timestamp, type Context } from './context.ts';

const ATTEMPTS = 5;

/** @throws ScimError 403, 404, 412 */
export async function remove(context: Context, type: ResourceType, id: string, precondition: Precondition): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const result = await commit(context.scope, await prepareRemove(context, type, id, precondition));
    if (result.kind !== 'conflict') return;
  }
  throw unavailable();
}

/** Everything but the writing. @throws ScimError 403, 404, 412 */
export async function prepareRemove(context: Context, type: ResourceType, id: string, precondition: Precondition): Promise<ChangeSet> {
  authorize(context, type, 'write');
  const current = await findById(context.scope, type, id);
  if (!current) throw notFound(type.name);
  checkPrecondition(precondition, current);
  return {
    write: { kind: 'remove', type, id, at: timestamp(context), version: precondition === 'any' ? undefined : current.version },
    audit: { by: { kind: 'client', id: context.principal.client }, action: 'delete', on: { type: type.name, id }, request: context.requestId, changed: [] },
  };
}
