/** What every use case is given first: who asks, for which tenant, under which limits, at what time. There is no container. */
import { forbidden, insufficientScope, notFound } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Policy } from '../policy.ts';
import { covers } from '../rights.ts';
import type { Registry } from '../scim/registry.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { Tolerances } from '../scim/tolerances.ts';
import { isLimited, isSeen } from '../store/audience.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { Actor } from '../store/documents.ts';
import type { TenantScope } from '../store/store.ts';
import type { Behaviours } from './behaviours.ts';
import type { Report } from './report.ts';

/** On whose behalf a request is made: a provisioning client, or a person with their rights. */
export interface Principal {
  readonly actor: Actor;
  /** Whose externalIds are meant: the client's id. */
  readonly client: string;
  readonly tenant: string;
  /** The id of the User that the client is bound to: who `/Me` is. */
  readonly person: string | undefined;
  readonly scopes: ReadonlySet<string>;
  /** How people sign in whom it creates (L1). */
  readonly newcomers: 'sso' | 'invite' | 'none';
  /** What its POST of somebody deactivated does (L5). */
  readonly onRehire: 'refuse' | 'adopt' | 'ask';
  /** What its POST of the userName of somebody active does. */
  readonly linksActive: 'refuse' | 'adopt';
  /** What becomes of people whom it deletes (L6). */
  readonly onDelete: 'permanent' | 'hide';
  /** What a successful PATCH answers: the resource, or always 204. */
  readonly patchAnswer: 'resource' | 'empty';
}

/** The organisation, as pages and mails call it and as it has decided. */
export interface TenantInfo {
  readonly name: string;
  readonly policy: Policy;
}

export interface Context {
  readonly scope: TenantScope;
  readonly tenant: TenantInfo;
  /** As the caller sees it; the store knows all of it. */
  readonly registry: Registry;
  readonly behaviours: Behaviours;
  readonly principal: Principal;
  readonly tolerances: Tolerances;
  readonly limits: Limits;
  readonly now: () => Date;
  readonly requestId: string;
  /** The id of the import that it is part of, which the sources of attributes name. */
  readonly import?: string;
  /** The address that the request came from. */
  readonly from: string | undefined;
  /** What becomes of the request, for the provisioning log. */
  readonly report: Report;
  readonly log: Log;
  /** The first one seals what goes out and comes back, all of them open it. */
  readonly secretKeys: readonly string[];
  /** Absolute, without a trailing slash: what links in mails begin with. */
  readonly publicUrl: string;
  /** Absolute, without a trailing slash: what `meta.location` and `$ref` begin with. */
  readonly baseUrl: string;
}

/** @throws ScimError 403 naming the scope that is missing */
export function authorize({ principal }: Context, type: ResourceType, access: 'read' | 'write'): void {
  const scope = scopeOf(type, access);
  if (!mayDo(principal, scope)) throw insufficientScope(scope);
}

export const mayDo = ({ scopes }: Principal, scope: string) => covers(scopes, scope);

/** X1: what a caller for some companies writes they must be able to read afterwards: nobody is taken to where their maker cannot follow. @throws ScimError 403 */
export function checkStaysInSight({ scope }: Context, type: ResourceType, resource: Parameters<typeof isSeen>[2]): void {
  if (isLimited(scope) && !isSeen(scope, type, resource)) throw forbidden(`The ${type.name} would be none of the companies that this caller is limited to.`);
}

/** The type as the caller sees it. @throws ScimError 404 where it is not switched on for the caller */
export function visibleType({ registry }: Context, type: ResourceType): ResourceType {
  const visible = registry.resourceTypes.find(({ name }) => name === type.name);
  if (!visible) throw notFound('Path');
  return visible;
}

/** `users:read`, `groups:write`, and the like for every resource type. */
export const scopeOf = (type: ResourceType, access: 'read' | 'write') => `${type.endpoint.slice(1).toLowerCase()}:${access}`;

export const readOptions = ({ limits, tolerances }: Context) => ({ limits, tolerances });

/** Canonical text of an instant, as it is stored. */
export const timestamp = ({ now }: Context) => now().toISOString();

/** What the audit log says of a change: names of attributes, never their values. */
export function auditOf({ principal, requestId, from }: Context, action: string, type: ResourceType, id: string, changed: readonly string[]): AuditEntry {
  return { by: principal.actor, action, on: { type: type.name, id }, request: requestId, changed, ...(from === undefined ? {} : { from }) };
}
