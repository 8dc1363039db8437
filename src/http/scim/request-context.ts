/** From a request to the context of its use case. */
import type { FastifyRequest } from 'fastify';
import type { Context } from '../../resources/context.ts';
import type { Json } from '../../scim/json.ts';
import { parseQuery, type Parameters } from '../../scim/list-request.ts';
import { storeFor } from './dry-run.ts';
import { callerOf, tenantInPath } from '../authenticate.ts';
import type { Services } from '../services.ts';
import { callerAddress } from '../address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body, as `body.ts` has parsed it. */
    json: Json | undefined;
  }
  interface FastifyContextConfig {
    /** Answers without a token. */
    public?: boolean;
    /** A public route whose body is read. */
    takesBody?: boolean;
  }
}

/** Links follow PUBLIC_URL alone, never the request's Host (design section 1); the tenant's own path stays in them (R-HTTP-7). */
export function baseUrlOf(request: FastifyRequest, { config }: Services): string {
  const tenant = tenantInPath(request);
  return `${config.publicUrl}${tenant === undefined ? '' : `/t/${encodeURIComponent(tenant)}`}/scim/v2`;
}

export function contextOf(request: FastifyRequest, services: Services): Context {
  const { principal, tenant, tolerances, settings, audience, guard, report } = callerOf(request);
  const { registry, config, behaviours, now } = services;
  const store = storeFor(request, services);
  return {
    scope: store.scope(principal.tenant, audience, guard),
    tenant,
    registry: registry.view(settings.shows), behaviours, principal, tolerances,
    limits: config.limits,
    secretKeys: config.secretKeys,
    now,
    requestId: request.id,
    from: callerAddress(request),
    report,
    log: services.log,
    publicUrl: config.publicUrl,
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
