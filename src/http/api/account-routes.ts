/** The verbs on a person's login that are no attributes: invitation, unlock, password, address, second factor. Each needs `users.manage`. */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { changeAddress } from '../../accounts/address-change.ts';
import { setPassword } from '../../accounts/choose-password.ts';
import { deactivate, reactivate, setLeaveDate, unlock } from '../../accounts/deactivate.ts';
import { leaversUntil } from '../../accounts/leavers.ts';
import { previewReactivation } from '../../accounts/reactivation.ts';
import { moveToGroup } from '../../accounts/user-groups.ts';
import { invite, inviteAgain, withdraw } from '../../accounts/invitation.ts';
import { dropSecondFactor } from '../../accounts/second-factor.ts';
import { sourcesOf } from '../../accounts/sources.ts';
import { managerScopes, systemContext } from '../../accounts/system.ts';
import { userType } from '../../accounts/verbs.ts';
import { insufficientScope, invalidValue } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import { getStored } from '../../resources/read.ts';
import { covers, isRight } from '../../rights.ts';
import { listMails } from '../../store/outbox.ts';
import { callerOf } from '../authenticate.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { DAY_MS } from '../../time.ts';
import { bodyOf, parameter, pathParameter } from './calls.ts';
import { callerAddress } from '../address.ts';

/** The caller's own rights, and what `users.manage` stands for in SCIM. @throws ScimError 403 */
export function managing(request: FastifyRequest, services: Services): Context {
  if (!covers(callerOf(request).principal.scopes, 'users.manage')) throw insufficientScope('users.manage');
  return acting(request, services, managerScopes(callerOf(request).principal.scopes));
}

/** For whoever only reads about people: `audit.read` is enough. @throws ScimError 403 */
export function reviewing(request: FastifyRequest, services: Services): Context {
  const { scopes } = callerOf(request).principal;
  if (!covers(scopes, 'users.manage') && !covers(scopes, 'audit.read')) throw insufficientScope('audit.read');
  return acting(request, services, new Set(['users:read', 'groups:read', ...[...scopes].filter(isRight)]));
}

function acting(request: FastifyRequest, services: Services, scopes: ReadonlySet<string>): Context {
  const { principal, tenant, audience, guard } = callerOf(request);
  return systemContext(services, { tenant: { ...tenant, id: principal.tenant }, actor: principal.actor, scopes, ...(audience ? { audience } : {}), ...(guard ? { guard } : {}), requestId: request.id, from: callerAddress(request) });
}

type Act = (context: Context, person: string, request: FastifyRequest) => Promise<object | undefined>;

export function accountRoutes(app: FastifyInstance, services: Services): void {
  /** Answers with what the verb says, or with nothing. */
  const verb = (act: Act): RouteHandlerMethod => async (request, reply): Promise<FastifyReply> => {
    const answer = await act(managing(request, services), pathParameter(request, 'id'), request);
    return answer ? reply.send(answer) : reply.code(204).send();
  };
  const quietly = (act: (context: Context, person: string) => Promise<void>) => verb(async (context, person) => {
    await act(context, person);
    return undefined;
  });

  path(app, '/users/:id/invitation', {
    POST: verb(async (context, person, request) => {
      await invite(context, person, bodyOf(request, { group: 'text', subject: 'text', text: 'text' }));
      return undefined;
    }),
    DELETE: quietly(withdraw),
  });
  path(app, '/users/:id/invitation/again', {
    POST: verb(async (context, person, request) => {
      await inviteAgain(context, person, bodyOf(request, { subject: 'text', text: 'text' }));
      return undefined;
    }),
  });
  path(app, '/users/:id/unlock', { POST: quietly(unlock) });
  path(app, '/users/:id/deactivate', { POST: quietly(deactivate) });
  path(app, '/users/:id/reactivate', {
    POST: verb(async (context, person, request) => {
      await reactivate(context, person, bodyOf(request, { unlock: 'flag' }).unlock);
      return undefined;
    }),
  });
  path(app, '/users/:id/reactivation', { GET: verb((context, person) => previewReactivation(context, person)) });
  path(app, '/users/:id/sources', { GET: verb(async (context, person) => ({ sources: await sourcesOf(context, person) })) });
  path(app, '/users/:id/password', {
    POST: verb(async (context, person, request) => {
      const { password, mustChange = false } = bodyOf(request, { password: 'text', mustChange: 'flag' });
      if (password === undefined) throw invalidValue('password is missing.');
      await setPassword(context, person, password, mustChange);
      return undefined;
    }),
  });
  path(app, '/users/:id/address', {
    POST: verb(async (context, person, request) => {
      const { address } = bodyOf(request, { address: 'text' });
      if (address === undefined) throw invalidValue('address is missing.');
      return { outcome: await changeAddress(context, person, address) };
    }),
  });
  // The same change as a PATCH of the attribute.
  path(app, '/users/:id/leave-date', {
    POST: verb(async (context, person, request) => {
      const { date } = bodyOf(request, { date: 'textOrNull' });
      if (date === undefined) throw invalidValue('date is missing: a day like 2030-12-31, or null for none.');
      await setLeaveDate(context, person, date ?? '');
      return undefined;
    }),
  });
  path(app, '/users/:id/group', {
    POST: verb(async (context, person, request) => {
      const { group } = bodyOf(request, { group: 'text' });
      if (group === undefined) throw invalidValue('group is missing.');
      await moveToGroup(context, person, group);
      return undefined;
    }),
  });
  path(app, '/leavers', {
    GET: verb(async (context, _person, request) => {
      const days = parameter(request, 'days') ?? '30';
      if (!/^\d{1,3}$/.test(days)) throw invalidValue('days must be a whole number up to 999.');
      const now = context.now();
      return { leavers: await leaversUntil(context, new Date(0), new Date(now.getTime() + Number(days) * DAY_MS), context.limits.maxPageSize) };
    }),
  });
  path(app, '/users/:id/second-factor', { DELETE: quietly(dropSecondFactor) });
  path(app, '/users/:id/mails', {
    GET: verb(async (context, person) => {
      await getStored(context, userType(context), person);
      return { mails: (await listMails(context.scope, person)).map(({ kind, subject, created, state, attempts, done, answer }) => ({ kind, subject, created, state, attempts, done, answer })) };
    }),
  });
}
