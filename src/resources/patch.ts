/** PATCH: RFC 7644 section 3.5.2. */
import { applyPatch } from '../scim/apply-patch.ts';
import type { Json } from '../scim/json.ts';
import { foldMemberChanges } from '../scim/members.ts';
import { readPatch, type PatchRequest } from '../scim/patch-request.ts';
import { checkRequired } from '../scim/read-resource.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { change, type Precondition } from './change.ts';
import { authorize, readOptions, type Context } from './context.ts';
import { versionTag } from './present.ts';
import { attributesFor } from './write.ts';

/**
 * Applies a PATCH, all of it or nothing.
 * @throws ScimError 400, 403, 404, 409, 412; then nothing has changed
 */
export async function patch(context: Context, type: ResourceType, id: string, body: Json | undefined, precondition: Precondition): Promise<void> {
  authorize(context, type, 'write');
  let request: PatchRequest | undefined;
  await change(context, type, id, 'patch', precondition, (current) => {
    request ??= readPatch(type, body, readOptions(context));
    const before = attributesFor(current, context.principal.client);
    const attributes = applyPatch(before, request.operations, { ...readOptions(context), readOnly: readOnlyOf(type, current) });
    checkRequired(type, attributes);
    return { attributes, members: request.members.length > 0 ? foldMemberChanges(request.members) : undefined };
  });
}

function readOnlyOf(type: ResourceType, { id, created, lastModified, version }: StoredResource): Attributes {
  return { id, meta: { resourceType: type.name, created, lastModified, version: versionTag(version) } };
}
