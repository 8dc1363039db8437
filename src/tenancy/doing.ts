/** What everybody who administers tenants, clients and tokens says first: on which server, who, and from where. */
import type { Seen } from '../store/audience.ts';
import type { Actor } from '../store/documents.ts';
import type { Store } from '../store/store.ts';

export interface Doing {
  readonly store: Store;
  readonly now: () => Date;
  readonly by: Actor;
  /** What the doer may hand on: scopes and rights. `undefined`: the operator, who may everything. */
  readonly may: ReadonlySet<string> | undefined;
  /** Whom the doer sees; `undefined`: everybody. */
  readonly sees?: readonly Seen[] | undefined;
  /** The id of the request or of the command. */
  readonly request: string;
  readonly from: string | undefined;
  /** Called after a change that requests look at, so that the next one on this server sees it. */
  readonly changed: () => void;
}
