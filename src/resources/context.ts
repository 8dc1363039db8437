/** What every use case is given first: who asks, for which tenant, under which limits, at what time. There is no container. */
import { forbidden, notFound } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Registry } from '../scim/registry.ts';
import type { ResourceType } from '../scim/schema.ts';
import type { Tolerances } from '../scim/tolerances.ts';
import type { TenantScope } from '../store/store.ts';
import type { Behaviours } from './behaviours.ts';

/** The provisioning client that a token stands for. */
export interface Principal {
  readonly client: string;
  readonly tenant: string;
  /** The id of the User that the client is bound to: who `/Me` is. */
  readonly person: string | undefined;
  readonly scopes: ReadonlySet<string>;
  /** What a successful PATCH answers: the resource, or always 204. */
  readonly patchAnswer: 'resource' | 'empty';
}

export interface Context {
  readonly scope: TenantScope;
  /** As the caller sees it; the store knows all of it. */
  readonly registry: Registry;
  readonly behaviours: Behaviours;
  readonly principal: Principal;
  readonly tolerances: Tolerances;
  readonly limits: Limits;
  readonly now: () => Date;
  readonly requestId: string;
  readonly log: Log;
  /** The first one seals what goes out and comes back, all of them open it. */
  readonly secretKeys: readonly string[];
  /** Absolute, without a trailing slash: what `meta.location` and `$ref` begin with. */
  readonly baseUrl: string;
}

/** @throws ScimError 403 naming the scope that is missing */
export function authorize({ principal }: Context, type: ResourceType, access: 'read' | 'write'): void {
  const scope = scopeOf(type, access);
  if (!mayDo(principal, scope)) throw forbidden(`The token lacks the scope ${scope}.`);
}

/** The scope `*` stands for all there are, those of resource types that are added later too. */
export const mayDo = ({ scopes }: Principal, scope: string) => scopes.has('*') || scopes.has(scope);

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
