/** How many people a company or a portal that is closed switches off: to the guard they are so many deactivations (Combinations). */
import type { mongo } from 'mongoose';
import { EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import type { Write } from './change-set.ts';
import type { ResourceDocument } from './documents.ts';
import { shortKey } from './fields.ts';
import type { TenantScope } from './store.ts';

export interface Closable {
  readonly index: number;
  readonly write: Write;
  readonly stored: Pick<ResourceDocument, 'a'> | undefined;
}

/** By index, of those that close. Closed again there is nobody left. */
export async function loginsClosed(scope: TenantScope, entries: readonly Closable[]): Promise<ReadonlyMap<number, number>> {
  const closing = entries.filter(({ write, stored }) => isClosable(write) && write.kind === 'update' && write.attributes?.['active'] === false && stored?.a['active'] !== false);
  return new Map(await Promise.all(closing.map(async ({ index, write }) => [index, await countLogins(scope, write)] as const)));
}

const isClosable = ({ type }: Write) => type.name === 'Company' || type.name === 'Portal';

async function countLogins({ tenant: t, store: { collections, registry, limits } }: TenantScope, { type, id }: Write): Promise<number> {
  const users = registry.type('User');
  const [external, portals] = [`k.${shortKey(users, EXTERNAL_EXTENSION)}`, `k.${shortKey(users, PORTAL_EXTENSION)}`];
  const access = (name: string): mongo.Filter<ResourceDocument> => ({ t, [`${portals}.access.${name}`]: id, [`${portals}.enabled`]: { $ne: false }, [`${portals}.access`]: { $elemMatch: { [name]: id, enabled: { $ne: false } } } });
  const open = type.name === 'Portal' ? [access('portal')] : [{ t, [`${external}.company.value`]: id, [`${external}.loginEnabled`]: true }, access('customer')];
  return collections.resources(users).countDocuments({ t, 'k.active': { $ne: false }, $or: open }, { maxTimeMS: limits.operationMs });
}
