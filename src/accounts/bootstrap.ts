/** The first start: design section 1. Later starts change nothing and print no secret again. */
import type { Store } from '../store/store.ts';
import { newToken } from '../store/tokens.ts';
import { makeFirstTenant, tokenExists } from '../tenancy/first-start.ts';

export interface Bootstrapped {
  /** The bootstrap client's token, only when this start made it. */
  readonly token: string | undefined;
  readonly warnings: readonly string[];
}

/** @param config.bootstrapToken ROLLCALL_TOKEN: taken in place of a random one, on the first start alone */
export async function bootstrap({ store, config, now }: { store: Store; config: { readonly bootstrapToken: string | undefined }; now: () => Date }): Promise<Bootstrapped> {
  const token = config.bootstrapToken ?? newToken();
  if (await makeFirstTenant(store, token, now())) return { token, warnings: [] };
  const isOther = config.bootstrapToken !== undefined && !(await tokenExists(store, config.bootstrapToken));
  return { token: undefined, warnings: isOther ? ['ROLLCALL_TOKEN is not a token of this database; it is only used on the first start.'] : [] };
}
