/** How many resources refer to another one. */
import { fieldOf } from './fields.ts';
import { namedPath } from './models.ts';
import type { TenantScope } from './store.ts';

/** Counting ends here: more is not worth knowing. */
const MOST = 10_000;

/** @param path of the attribute that holds the id */
export async function countReferring({ tenant, store }: TenantScope, typeName: string, path: string, id: string): Promise<number> {
  const type = store.registry.type(typeName);
  return store.collections.resources(type).countDocuments({ t: tenant, [fieldOf(type, namedPath(type, path))]: id }, { limit: MOST, maxTimeMS: store.limits.operationMs });
}
