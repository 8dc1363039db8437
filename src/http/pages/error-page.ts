/** What a browser is told when something went wrong: what it was, and what to do. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { policyOf } from '../../policy.ts';
import type { TenantInfo } from '../../resources/context.ts';
import { findPerson, tenantContext } from '../people.ts';
import { toScimError } from '../scim/error-body.ts';
import type { Services } from '../services.ts';
import { frameOf, sendPage, type PageParts } from './frame.ts';
import { statusMessage, type PageStatus } from './views/message.tsx';

/** The tenant may be what is not known. */
export async function errorPage(thrown: unknown, request: FastifyRequest, reply: FastifyReply, parts: PageParts): Promise<FastifyReply> {
  const { services } = parts;
  const error = toScimError(thrown, request.routeOptions.bodyLimit, services.config.limits);
  request.failure = error;
  if (error.status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a page failed');
  const tenant = await tenantFor(request, services);
  const page = frameOf(request, reply, parts, tenant);
  const text = page.translate('page.toAccount');
  return sendPage(reply.headers(error.headers), statusMessage({ page, status: pageStatus(error.status), link: { address: `${parts.base}/account`, text } }), error.status);
}

async function tenantFor(request: FastifyRequest, services: Services): Promise<TenantInfo> {
  try {
    return (await findPerson(request, services))?.context.tenant ?? (await tenantContext(request, services, undefined)).tenant;
  } catch {
    return { name: 'Rollcall', policy: policyOf({}) };
  }
}

const STATUSES: readonly PageStatus[] = [400, 403, 404, 409, 429, 503];

function pageStatus(status: number): PageStatus {
  const known = STATUSES.find((one) => one === status);
  return known ?? (status >= 500 ? 500 : 400);
}
