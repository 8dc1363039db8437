/** What `app.ts` hands to every route. */
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Behaviours } from '../resources/behaviours.ts';
import type { Registry } from '../scim/registry.ts';
import type { Store } from '../store/store.ts';
import type { TokenReader } from '../store/tokens.ts';

export interface Services {
  readonly config: Config;
  readonly store: Store;
  readonly registry: Registry;
  readonly behaviours: Behaviours;
  readonly tokens: TokenReader;
  readonly log: Log;
  readonly now: () => Date;
}
