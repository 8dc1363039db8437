/** Who manages people over the API: everybody whom they see with `users.manage`; with the rights of X1 external users and contacts, or portal users, alone. */
import type { FastifyRequest } from 'fastify';
import { managerScopes, systemContext } from '../../accounts/system.ts';
import { insufficientScope } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import { covers, isRight, type Right } from '../../rights.ts';
import type { Seen } from '../../store/audience.ts';
import { managedOf } from '../../store/managed.ts';
import { callerAddress } from '../address.ts';
import { callerOf } from '../authenticate.ts';
import type { Services } from '../services.ts';

/** What the rights of X1 stand for in SCIM. */
const OF_OTHERS = ['users:read', 'users:write', 'users:password', 'companies:read', 'portals:read', 'roles:read'];
/** @throws ScimError 403 */
export const managing = (request: FastifyRequest, services: Services): Context => by(request, services, ['users.manage']);

/** Those whom the caller's rights are about. @throws ScimError 403 */
export const managingTheirs = (request: FastifyRequest, services: Services): Context => by(request, services, ['users.manage', 'externalUsers.manage', 'portalUsers.manage']);
/** For whoever only reads about people: `audit.read` is enough. @throws ScimError 403 */
export function reviewing(request: FastifyRequest, services: Services): Context {
  const { principal: { scopes }, audience } = callerOf(request);
  if (!covers(scopes, 'users.manage') && !covers(scopes, 'audit.read')) throw insufficientScope('audit.read');
  return acting(request, services, new Set(['users:read', 'groups:read', ...[...scopes].filter(isRight)]), audience);
}

export const managingExternal = (request: FastifyRequest, services: Services): Context => by(request, services, ['externalUsers.manage', 'users.manage']);
export const managingPortal = (request: FastifyRequest, services: Services): Context => by(request, services, ['portalUsers.manage', 'users.manage']);

/** @param enough one of them; the first is named to who has none */
function by(request: FastifyRequest, services: Services, enough: readonly [Right, ...Right[]]): Context {
  const { principal, audience } = callerOf(request);
  const managed = enough.some((right) => covers(principal.scopes, right)) ? managedOf(audience, principal.scopes) : undefined;
  if (!managed) throw insufficientScope(enough[0]);
  const scopes = covers(principal.scopes, 'users.manage') ? managerScopes(principal.scopes) : new Set([...OF_OTHERS, ...Array.from(principal.scopes).filter(isRight)]);
  return acting(request, services, scopes, managed.audience);
}

function acting(request: FastifyRequest, services: Services, scopes: ReadonlySet<string>, audience: readonly Seen[] | undefined): Context {
  const { principal, tenant, guard } = callerOf(request);
  return systemContext(services, { tenant: { ...tenant, id: principal.tenant }, actor: principal.actor, scopes, ...(audience ? { audience } : {}), ...(guard ? { guard } : {}), requestId: request.id, from: callerAddress(request) });
}
