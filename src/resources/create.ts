/** POST: RFC 7644 section 3.3. */
import { v7 as uuid } from 'uuid';
import type { JsonObject } from '../scim/json.ts';
import { isObject, member, type Json } from '../scim/json.ts';
import type { Projection } from '../scim/project.ts';
import { readResource } from '../scim/read-resource.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { ChangeSet } from '../store/change-set.ts';
import { commit } from '../store/commit.ts';
import { effectsOf } from './behaviours.ts';
import { authorize, readOptions, timestamp, type Context } from './context.ts';
import type { Presented } from './present.ts';
import { presentStored } from './read.ts';
import { claimsOf, exactly, newReferences, takeApart } from './write.ts';

/**
 * Creates a resource and answers it as stored.
 * @throws ScimError 400, 403, 409 uniqueness; then nothing is stored
 */
export async function create(context: Context, type: ResourceType, body: Json | undefined, projection: Projection): Promise<Presented> {
  const id = newId();
  await commit(context.scope, await prepareCreate(context, type, id, body));
  return presentStored(context, type, id, projection);
}

/** Version 7: ids in the order of their making keep the index on them small. */
export const newId = () => uuid();

/** Everything but the writing. @throws ScimError 400, 403 */
export async function prepareCreate(context: Context, type: ResourceType, id: string, body: Json | undefined): Promise<ChangeSet> {
  authorize(context, type, 'write');
  const given = readResource(type, body, readOptions(context));
  const { attributes, secrets, externalId, members } = takeApart(context, type, withDefaults(type, given, isObject(body) ? body : {}));
  const effects = await effectsOf(context, { type, before: undefined, after: attributes, secrets });
  const { client } = context.principal;
  return {
    write: {
      kind: 'insert', type, id, at: timestamp(context), attributes,
      externalId: externalId === undefined ? undefined : { client, id: externalId },
      claims: claimsOf(context, type, attributes),
      members: members && exactly(members),
      references: newReferences(context, type, {}, attributes),
    },
    ...effects,
    audit: { by: { kind: 'client', id: client }, action: 'create', on: { type: type.name, id }, request: context.requestId, changed: Object.keys(given) },
  };
}

/** R-CREATE-3: an attribute that the body names, even as null, gets no default. */
function withDefaults(type: ResourceType, given: Attributes, body: JsonObject): Attributes {
  const missing = Object.entries(type.storage.defaults).filter(([name]) => member(body, name) === undefined);
  return { ...Object.fromEntries(missing), ...given };
}
