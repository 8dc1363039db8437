/** What somebody dealt with last, as the audit log has it. */
import type { TenantScope } from './store.ts';

/** So many entries are looked at. */
const MOST_ENTRIES = 200;

export interface Touched {
  readonly type: string;
  readonly id: string;
}

/** People and companies, the last first. @param actor the id of who did it */
export async function recentlyTouched({ tenant, store }: TenantScope, actor: string): Promise<readonly Touched[]> {
  const entries = await store.collections.audit
    .find({ t: tenant, 'by.id': actor, refused: { $exists: false } }, { projection: { on: 1 }, maxTimeMS: store.limits.operationMs }).sort({ at: -1, _id: -1 }).limit(MOST_ENTRIES).toArray();
  return entries.map(({ on }) => on).filter(({ type }) => type === 'User' || type === 'Company');
}
