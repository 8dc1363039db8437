/** A context of the server's own, for what people do without a provisioning client: they act for themselves, or by the rights they have. */
import type { Behaviours } from '../resources/behaviours.ts';
import type { Context, TenantInfo } from '../resources/context.ts';
import { Report } from '../resources/report.ts';
import type { Limits } from '../limits.ts';
import type { Log } from '../log.ts';
import { isRight } from '../rights.ts';
import type { Registry } from '../scim/registry.ts';
import { strictTolerances } from '../scim/tolerances.ts';
import type { Seen } from '../store/audience.ts';
import type { Actor } from '../store/documents.ts';
import type { Guard } from '../store/guard.ts';
import type { Store } from '../store/store.ts';

/** What is the same for the whole process. */
export interface Surroundings {
  readonly store: Store;
  readonly registry: Registry;
  readonly behaviours: Behaviours;
  readonly config: { readonly limits: Limits; readonly secretKeys: readonly string[]; readonly publicUrl: string };
  readonly now: () => Date;
  readonly log: Log;
}

export interface Acting {
  readonly tenant: TenantInfo & { readonly id: string };
  readonly actor: Actor;
  /** Undefined: whatever the account rules ask for. */
  readonly scopes?: ReadonlySet<string>;
  readonly audience?: readonly Seen[];
  /** Of a client that acts; people and the server itself have none. */
  readonly guard?: Guard;
  readonly requestId: string;
  readonly from: string | undefined;
}

/** The rights among what somebody holds, and what `users.manage` stands for in SCIM. */
export const managerScopes = (held: ReadonlySet<string>): ReadonlySet<string> => new Set([...SCIM_OF_MANAGERS, ...[...held].filter(isRight)]);
const SCIM_OF_MANAGERS = ['users:read', 'users:write', 'users:password', 'groups:read', 'groups:write', 'companies:read', 'companies:write', 'portals:read', 'portals:write', 'roles:read'];

const EVERYTHING: ReadonlySet<string> = new Set(['*', 'admin.grant']);

export function systemContext({ store, registry, behaviours, config, now, log }: Surroundings, { tenant, actor, scopes = EVERYTHING, audience, guard, requestId, from }: Acting): Context {
  return {
    scope: store.scope(tenant.id, audience, guard),
    tenant: { name: tenant.name, policy: tenant.policy },
    registry, behaviours,
    principal: { actor, client: '', tenant: tenant.id, person: actor.kind === 'person' ? actor.id : undefined, scopes, newcomers: 'none', onRehire: 'refuse', linksActive: 'refuse', onDelete: 'permanent', patchAnswer: 'resource' },
    tolerances: strictTolerances(),
    limits: config.limits, secretKeys: config.secretKeys,
    now, requestId, from,
    report: new Report(),
    log,
    publicUrl: config.publicUrl,
    baseUrl: `${config.publicUrl}/scim/v2`,
  };
}
