/** The first start: design section 1. Later starts change nothing and print no secret again. */
import { randomUUID } from 'node:crypto';
import { policyOf } from '../policy.ts';
import { newToken } from '../store/tokens.ts';
import { makeFirstTenant, tokenExists } from '../tenancy/first-start.ts';
import { inviteAdministrator } from './administrators.ts';
import { systemContext, type Surroundings } from './system.ts';

export interface Bootstrapped {
  /** The bootstrap client's token, only when this start made it. */
  readonly token: string | undefined;
  /** Where the first administrator activates their account, only when this start made them. */
  readonly activation: string | undefined;
  readonly warnings: readonly string[];
}

/** @param bootstrapToken ROLLCALL_TOKEN: taken in place of a random one, on the first start alone */
export async function bootstrap(surroundings: Surroundings, bootstrapToken: string | undefined): Promise<Bootstrapped> {
  const { store, now } = surroundings;
  const token = bootstrapToken ?? newToken();
  const tenant = await makeFirstTenant(store, token, now());
  if (tenant !== undefined) {
    const context = systemContext(surroundings, { tenant: { id: tenant, name: 'default', policy: policyOf({}) }, actor: { kind: 'system', id: 'first start' }, requestId: randomUUID(), from: undefined });
    return { token, activation: await inviteAdministrator(context, { userName: 'admin' }), warnings: [] };
  }
  const isOther = bootstrapToken !== undefined && !(await tokenExists(store, bootstrapToken));
  return { token: undefined, activation: undefined, warnings: isOther ? ['ROLLCALL_TOKEN is not a token of this database; it is only used on the first start.'] : [] };
}
