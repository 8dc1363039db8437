/** GET of one resource: RFC 7644 section 3.4.1. */
import { notFound } from '../errors.ts';
import type { Projection } from '../scim/project.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { findById } from '../store/resources.ts';
import { authorize, type Context } from './context.ts';
import { isShown, present, type Presented } from './present.ts';

/** @throws ScimError 404, with the same words for an id that never was and another tenant's */
export async function getStored(context: Context, type: ResourceType, id: string): Promise<StoredResource> {
  const resource = await findById(context.scope, type, id);
  if (!resource) throw notFound(type.name);
  return resource;
}

/** @throws ScimError 403, 404 */
export async function read(context: Context, type: ResourceType, id: string): Promise<StoredResource> {
  authorize(context, type, 'read');
  return getStored(context, type, id);
}

/** What a write answers: the resource as it is now stored. */
export async function presentStored(context: Context, type: ResourceType, id: string, projection: Projection): Promise<Presented> {
  return presentOne(context, type, await getStored(context, type, id), projection);
}

export async function presentOne(context: Context, type: ResourceType, stored: StoredResource, projection: Projection): Promise<Presented> {
  const [presented] = await present(context, type, [stored], projection);
  if (!presented) throw notFound(type.name);
  return presented;
}

/**
 * Whether a copy of this version that a client holds still says what the resource shows now (R-ETAG-5). The version does not cover what is
 * computed, so it must be certain that neither copy holds any of that.
 */
export function isCoveredByVersion(type: ResourceType, stored: StoredResource, projection: Projection): boolean {
  const edges = Object.entries(type.storage.edges);
  const showsGroups = edges.some(([name, kind]) => kind === 'memberOf' && stored.wasMember && projection.shows(name));
  const showsMembers = edges.some(([name, kind]) => kind === 'members' && stored.memberCount > 0 && projection.shows(name));
  const showsReference = type.storage.references.length > 0 && Object.keys(stored.attributes).some((name) => type.storage.references.some(({ path }) => path === name || path.startsWith(`${name}:`)));
  const showsComputed = type.storage.computed.some((path) => isShown(type, path, projection));
  return !showsGroups && !showsMembers && !showsReference && !showsComputed;
}
