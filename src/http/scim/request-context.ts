/** From a request to the context of its use case. */
import type { FastifyRequest } from 'fastify';
import { notFound, unauthorized } from '../../errors.ts';
import type { Services } from '../services.ts';
import type { Context, Principal } from '../../resources/context.ts';
import type { Json } from '../../scim/json.ts';
import { parseQuery, type Parameters } from '../../scim/list-request.ts';
import { ALL_TOLERANCES, Tolerances } from '../../scim/tolerances.ts';
import type { TokenReader } from '../../store/tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `authenticate`, before anything else looks at the request. */
    caller: Caller | null;
    /** The body, as `body.ts` has parsed it. */
    json: Json | undefined;
  }
  interface FastifyContextConfig {
    /** Answers without a token. */
    public?: boolean;
  }
}

export interface Caller {
  readonly principal: Principal;
  readonly tenantName: string;
  /** URNs of schemas switched on for the client. */
  readonly shows: readonly string[];
  readonly tolerances: Tolerances;
}

/** RFC 6750 section 2.1, to the letter: lax parsing of this header has let tokens through elsewhere. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i;

/** @throws ScimError 401, the same whatever is wrong with the token; 404 for a tenant in the path that is not the token's (R-TEN-1) */
export async function authenticate(request: FastifyRequest, tokens: TokenReader): Promise<void> {
  const [, token] = BEARER.exec(request.headers.authorization ?? '') ?? [];
  const holder = token === undefined ? undefined : await tokens.find(token);
  if (!holder) throw unauthorized();
  const { client, tenant } = holder;
  const refused = new Set(client.refusedTolerances);
  request.caller = {
    principal: { client: client._id, tenant: tenant._id, person: client.person, scopes: new Set(client.scopes), patchAnswer: client.patchAnswer },
    tenantName: tenant.name,
    shows: client.shows ?? [],
    tolerances: new Tolerances(ALL_TOLERANCES.filter((name) => !refused.has(name))),
  };
  const named = tenantInPath(request);
  if (named !== undefined && named !== tenant.name) throw notFound('Path');
}

export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw unauthorized();
  return caller;
}

function tenantInPath({ params }: FastifyRequest): string | undefined {
  return typeof params === 'object' && params !== null && 'tenant' in params && typeof params.tenant === 'string' ? params.tenant : undefined;
}

/** Links follow PUBLIC_URL alone, never the request's Host (design section 1); the tenant's own path stays in them (R-HTTP-7). */
export function baseUrlOf(request: FastifyRequest, { config }: Services): string {
  const tenant = tenantInPath(request);
  return `${config.publicUrl}${tenant === undefined ? '' : `/t/${encodeURIComponent(tenant)}`}/scim/v2`;
}

export function contextOf(request: FastifyRequest, services: Services): Context {
  const { principal, tolerances, shows } = callerOf(request);
  const { store, registry, config, behaviours, now } = services;
  return {
    scope: store.scope(principal.tenant),
    registry: registry.view(shows), behaviours, principal, tolerances,
    limits: config.limits,
    secretKeys: config.secretKeys,
    now,
    requestId: request.id,
    log: services.log,
    baseUrl: baseUrlOf(request, services),
  };
}

export function parametersOf({ raw }: FastifyRequest): Parameters {
  const url = raw.url ?? '';
  const query = url.indexOf('?');
  return parseQuery(query < 0 ? '' : url.slice(query + 1));
}

export function idOf({ params }: FastifyRequest): string {
  return typeof params === 'object' && params !== null && 'id' in params && typeof params.id === 'string' ? params.id : '';
}
