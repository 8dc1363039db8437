/** Who looks at the console: somebody with a session, with the rights that their groups give them now (design rule 10: at the next request). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { nameOf, userNameOf } from '../../accounts/facts.ts';
import { rightsOfPerson, seenByRights } from '../../accounts/rights.ts';
import { systemContext } from '../../accounts/system.ts';
import { userType } from '../../accounts/verbs.ts';
import { forbidden } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import { RIGHTS, type Right } from '../../rights.ts';
import { POPULATIONS, type Seen } from '../../store/audience.ts';
import { findById } from '../../store/resources.ts';
import type { TenantScope } from '../../store/store.ts';
import type { Doing } from '../../tenancy/doing.ts';
import type { LogReader } from '../../tenancy/logs.ts';
import { callerAddress } from '../address.ts';
import { checkForm, frameOf, type PageParts } from '../pages/frame.ts';
import { findPerson } from '../people.ts';
import { consoleFrame, type ConsoleFrame } from './views/frame.ts';
import { MENU, type Place } from './menu.ts';
import { takeNotice } from './notice.ts';

export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly parts: PageParts;
  /** May what the visitor may, and no more. */
  readonly context: Context;
  readonly rights: ReadonlySet<Right>;
  /** The id of the visitor. */
  readonly person: string;
  readonly page: ConsoleFrame;
}

/** What somebody with a right needs of SCIM for it. */
const SCOPES: Readonly<Record<Right, readonly string[]>> = {
  'users.manage': ['*', 'users:password'],
  'externalUsers.manage': ['users:read', 'users:write', 'users:password', 'companies:read', 'roles:read'],
  'portalUsers.manage': ['users:read', 'users:write', 'users:password', 'companies:read', 'portals:read'],
  'admin.grant': [],
  'audit.read': [],
  'clients.manage': [],
};

/** X1: whoever manages external or portal users sees those, of some companies alone where the right says so. Undefined: everything. */
async function sightOf(scope: TenantScope, person: string, rights: ReadonlySet<Right>): Promise<readonly Seen[] | undefined> {
  if (rights.has('admin.grant')) return undefined;
  return rights.has('users.manage') ? ['all', ...POPULATIONS] : ['all', ...(await seenByRights(scope, person))];
}

type Show = (visit: Visit) => Promise<FastifyReply> | FastifyReply;

/**
 * A screen for whoever has one of the rights of its place in the menu. Anybody else is told so, and who is not signed in signs in first.
 * @param place in the menu; undefined: for everybody with any right
 */
export const screen = (parts: PageParts, place: Place | undefined, show: Show) => async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  if (request.method === 'POST') checkForm(request, parts.services);
  const visit = await visitOf(request, reply, parts, place);
  return visit ? show(visit) : reply.redirect(`${parts.base}/sign-in?${new URLSearchParams({ next: request.url.slice(parts.base.length).split('?')[0] ?? '' }).toString()}`, 303);
};

/** @returns undefined for whoever is not signed in. @throws ScimError 403 */
export async function visitOf(request: FastifyRequest, reply: FastifyReply, parts: PageParts, place: Place | undefined): Promise<Visit | undefined> {
  const { services } = parts;
  const found = await findPerson(request, services);
  // Whoever signed in at a portal or as an external user is a guest: their session opens nothing else.
  if (found?.entry.kind !== 'staff') return undefined;
  const { person, context: { scope, tenant } } = found;
  const [stored, rights] = await Promise.all([findById(scope, userType({ scope }), person), rightsOfPerson(scope, person)]);
  if (!stored) return undefined;
  const needed = place === undefined ? RIGHTS : MENU[place].rights;
  if (!needed.some((right) => rights.has(right))) throw forbidden('The console needs a right that this person has not.');
  const audience = await sightOf(scope, person, rights);
  const scopes = new Set([...rights, ...[...rights].flatMap((right) => SCOPES[right])]);
  const { timezone } = stored.attributes;
  return {
    request, reply, parts, rights, person,
    context: systemContext(services, { tenant: { ...tenant, id: scope.tenant }, actor: { kind: 'person', id: person }, scopes, ...(audience ? { audience } : {}), requestId: request.id, from: callerAddress(request) }),
    page: consoleFrame(frameOf(request, reply, parts, tenant, stored.attributes), {
      base: parts.base, place, rights, name: nameOf(stored.attributes) || userNameOf(stored.attributes), vocabulary: tenant.policy.vocabulary,
      timeZone: typeof timezone === 'string' ? timezone : tenant.policy.timeZone, notice: takeNotice(request, reply, services),
    }),
  };
}

/** For what is not the people's: tenants, clients, tokens, policies. */
export function doingOf({ request, context: { scope, principal }, parts: { services } }: Visit): Doing & { readonly tenant: string } {
  const { store, now, tokens } = services;
  const changed = () => {
    tokens.forget();
    store.sessionsEnded();
  };
  return { store, now, by: principal.actor, may: principal.scopes, sees: scope.audience, request: request.id, from: callerAddress(request), changed, tenant: scope.tenant };
}

export const logReaderOf = ({ context: { scope }, parts: { services: { store, config } } }: Visit): LogReader => ({ store, tenant: scope.tenant, limits: config.limits, secretKeys: config.secretKeys });
