/** What `app.ts` hands to every route. */
import type { SessionReader } from '../accounts/sessions.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Behaviours } from '../resources/behaviours.ts';
import type { Registry } from '../scim/registry.ts';
import type { RefusalLog } from '../store/audit.ts';
import type { Keyring } from '../store/keys.ts';
import type { ProvisioningLog } from '../store/provisioning-log.ts';
import type { Store } from '../store/store.ts';
import type { TokenReader } from '../store/tokens.ts';
import type { AccessTokens } from './oauth/access-tokens.ts';
import type { RateLimit } from './rate-limit.ts';

export interface Services {
  readonly config: Config;
  readonly store: Store;
  readonly registry: Registry;
  readonly behaviours: Behaviours;
  readonly tokens: TokenReader;
  readonly sessions: SessionReader;
  readonly keyring: Keyring;
  readonly accessTokens: AccessTokens;
  readonly rates: RateLimit;
  readonly refusals: RefusalLog;
  readonly provisioning: ProvisioningLog;
  readonly log: Log;
  readonly now: () => Date;
}
