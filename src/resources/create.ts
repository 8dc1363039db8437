/** POST: RFC 7644 section 3.3. */
import { v7 as uuid } from 'uuid';
import { ScimError } from '../errors.ts';
import type { JsonObject } from '../scim/json.ts';
import { isObject, member, type Json } from '../scim/json.ts';
import type { Projection } from '../scim/project.ts';
import { readResource } from '../scim/read-resource.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import { usualAudience, type Audience } from '../store/audience.ts';
import type { ChangeSet } from '../store/change-set.ts';
import { commit } from '../store/commit.ts';
import { effectsOf } from './behaviours.ts';
import { change, type ChangeRequest } from './change.ts';
import { auditOf, authorize, checkStaysInSight, readOptions, timestamp, type Context } from './context.ts';
import type { Presented } from './present.ts';
import { presentStored } from './read.ts';
import { sourcesAfter } from './sources.ts';
import { claimsOf, exactly, newReferences, reportResult, takeApart } from './write.ts';

/**
 * Creates a resource and answers it as stored.
 * @throws ScimError 400, 403, 409 uniqueness; then nothing is stored
 */
export async function create(context: Context, type: ResourceType, body: Json | undefined, projection: Projection): Promise<Presented> {
  const id = await context.report.watch({ action: 'create', type: type.name }, makeOrChange(context, type, body));
  return presentStored(context, type, id, projection);
}

/** L5: whoever is here already is changed and not made again, where the caller is set so. @returns the id of whom it is now */
async function makeOrChange(context: Context, type: ResourceType, body: Json | undefined): Promise<string> {
  const known = await whoIsMeant(context, type, body, undefined);
  if (known) return changed(context, known);
  try {
    const id = newId();
    await make(context, type, id, body);
    return id;
  } catch (error) {
    const meant = error instanceof ScimError && error.scimType === 'uniqueness' ? await whoIsMeant(context, type, body, error) : undefined;
    if (!meant) throw error;
    return changed(context, meant);
  }
}

async function changed(context: Context, request: ChangeRequest): Promise<string> {
  await change(context, request);
  return request.id;
}

/** @param taken why it could not be made. @throws ScimError 400, 403, 409 */
export async function whoIsMeant(context: Context, type: ResourceType, body: Json | undefined, taken: ScimError | undefined): Promise<ChangeRequest | undefined> {
  const { meant } = context.behaviours.get(type.name) ?? {};
  if (!meant) return undefined;
  authorize(context, type, 'write');
  return meant(context, { type, body, given: readResource(type, body, readOptions(context)), taken });
}

/** Creates without answering. @param audience who may see it, where it is not the usual one */
export async function make(context: Context, type: ResourceType, id: string, body: Json | undefined, audience?: Audience): Promise<void> {
  const changeSet = await prepareCreate(context, type, id, body, audience);
  reportResult(context, changeSet, await commit(context.scope, changeSet));
}

/** Version 7: ids in the order of their making keep the index on them small. */
export const newId = () => uuid();

/** Everything but the writing. @throws ScimError 400, 403 */
export async function prepareCreate(context: Context, type: ResourceType, id: string, body: Json | undefined, audience?: Audience): Promise<ChangeSet> {
  authorize(context, type, 'write');
  const given = readResource(type, body, readOptions(context));
  context.report.sent(type, id, given);
  const { attributes: asked, secrets, externalId, members } = takeApart(context, type, withDefaults(type, given, isObject(body) ? body : {}));
  const delta = members && exactly(members);
  const effects = await effectsOf(context, { type, id, before: undefined, after: asked, secrets, members: delta, named: new Set(), whole: true, decided: false, adopts: false });
  const attributes = effects.attributes ?? asked;
  const { client } = context.principal;
  const seenBy = audience ?? effects.audience ?? usualAudience(type, context.scope);
  checkStaysInSight(context, type, { id, audience: seenBy, attributes });
  return {
    write: {
      kind: 'insert', type, id, audience: seenBy, at: timestamp(context), attributes,
      externalId: externalId === undefined ? undefined : { client, id: externalId },
      ...(effects.said && client !== '' ? { said: { client, ...effects.said } } : {}),
      sources: sourcesAfter(context, type, undefined, attributes),
      claims: claimsOf(context, type, attributes),
      members: delta,
      references: [...newReferences(context, type, {}, attributes), ...(effects.references ?? [])],
    },
    ...(effects.account ? { account: effects.account } : {}),
    ...(effects.also ? { also: effects.also } : {}),
    audit: auditOf(context, 'create', type, id, Object.keys(given)),
  };
}

/** R-CREATE-3: an attribute that the body names, even as null, gets no default. */
function withDefaults(type: ResourceType, given: Attributes, body: JsonObject): Attributes {
  const missing = Object.entries(type.storage.defaults).filter(([name]) => member(body, name) === undefined);
  return { ...Object.fromEntries(missing), ...given };
}
