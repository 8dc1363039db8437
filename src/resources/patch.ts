/** PATCH: RFC 7644 section 3.5.2. */
import { applyPatch } from '../scim/apply-patch.ts';
import type { Json } from '../scim/json.ts';
import { foldMemberChanges } from '../scim/members.ts';
import { planProjection } from '../scim/project.ts';
import { readPatch, type PatchRequest } from '../scim/patch-request.ts';
import { checkRequired } from '../scim/read-resource.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { change, type ChangeRequest, type Precondition } from './change.ts';
import { readOptions, type Context } from './context.ts';
import { presentOne } from './read.ts';
import { attributesFor } from './write.ts';

/**
 * Applies a PATCH, all of it or nothing.
 * @throws ScimError 400, 403, 404, 409, 412; then nothing has changed
 */
export async function patch(context: Context, type: ResourceType, id: string, body: Json | undefined, precondition: Precondition): Promise<void> {
  await context.report.watch({ action: 'patch', type: type.name, id }, change(context, patchRequest(context, type, id, body, precondition)));
}

export function patchRequest(context: Context, type: ResourceType, id: string, body: Json | undefined, precondition: Precondition): ChangeRequest {
  let request: PatchRequest | undefined;
  const want = async (current: StoredResource) => {
    request ??= readPatch(type, body, readOptions(context));
    context.report.patched(type, id, request.operations, request.members);
    const before = attributesFor(current, context.principal.client);
    const attributes = applyPatch(before, request.operations, { ...readOptions(context), readOnly: await shownOf(context, type, current, request) });
    checkRequired(type, attributes);
    return { attributes, members: request.members.length > 0 ? foldMemberChanges(request.members) : undefined };
  };
  return { type, id, action: 'patch', precondition, want, named: () => request?.named ?? new Set() };
}

/** What the client may have read of the resource and sends back (decision 15); looked up only when it sends any of it. */
async function shownOf(context: Context, type: ResourceType, current: StoredResource, { operations }: PatchRequest): Promise<Attributes> {
  if (!operations.some(({ op }) => op === 'echo')) return {};
  const everything = planProjection(type, { attributes: undefined, excludedAttributes: undefined }, context.tolerances);
  return (await presentOne(context, type, current, everything)).attributes;
}
