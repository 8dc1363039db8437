/** `/Bulk`: RFC 7644 section 3.7. */
import type { FastifyInstance } from 'fastify';
import { bulk, type BulkResult } from '../../resources/bulk.ts';
import { versionTag } from '../../resources/present.ts';
import { readBulk } from '../../scim/bulk-request.ts';
import { MESSAGE } from '../../scim/urns.ts';
import type { Services } from '../services.ts';
import { sendJson } from './answer.ts';
import { preconditionOf } from './conditional.ts';
import { errorBody } from './error-body.ts';
import { contextOf } from './request-context.ts';
import { path } from './routes.ts';

export function bulkRoutes(app: FastifyInstance, services: Services): void {
  const { config } = services;
  path(app, '/Bulk', {
    POST: async (request, reply) => {
      const context = contextOf(request, services);
      const results = await bulk(context, readBulk(context.registry, request.json, config.limits), preconditionOf);
      return sendJson(request, reply, { schemas: [MESSAGE.bulkResponse], Operations: results.map(wireResult) });
    },
  }, { bodyLimit: config.limits.bulkBytes });
}

/** The status is plain text: the RFC's figures with {code: ...} contradict its prose (R-BULK-5). */
function wireResult({ method, bulkId, location, version, status, error }: BulkResult): object {
  return {
    method,
    ...(bulkId === undefined ? {} : { bulkId }),
    ...(location === undefined ? {} : { location }),
    ...(version === undefined ? {} : { version: versionTag(version) }),
    status: String(status),
    ...(error === undefined ? {} : { response: errorBody(error) }),
  };
}
