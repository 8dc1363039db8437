/** Who may do what: `audit.read`, which is enough for whoever only reviews, or `users.manage`. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { accessReview, exportAccessReview, readDormantDays, REVIEWED, type ReviewQuery } from '../../accounts/access-review.ts';
import { LISTED } from '../../accounts/people-query.ts';
import { LANGUAGES } from '../../policy.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { reviewing } from './managing.ts';
import { choice, onlyKnown, pageRequest, parameter, startingWith } from './calls.ts';
import { choices } from './people-request.ts';

const FILTERS = ['people', 'population', 'days', 'dormant'];

export function reviewRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/access-review', {
    GET: (request) => {
      const context = reviewing(request, services);
      onlyKnown(request, [...FILTERS, 'count', 'cursor']);
      return accessReview(context, queryOf(request), pageRequest(request, services));
    },
  });
  path(app, '/access-review/export', {
    GET: async (request, reply) => {
      const context = reviewing(request, services);
      onlyKnown(request, [...FILTERS, 'language', 'bom']);
      const query = queryOf(request);
      const format = { language: choice(request, 'language', LANGUAGES) ?? context.tenant.policy.language, bom: choice(request, 'bom', ['true', 'false']) === 'true' };
      reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="access-review-${context.now().toISOString().slice(0, 10)}.csv"`);
      if (request.method === 'HEAD') return reply.send();
      const parts = exportAccessReview(context, query, format);
      return reply.send(Readable.from(startingWith(await parts.next(), parts)));
    },
  });
}

function queryOf(request: FastifyRequest): ReviewQuery {
  const populations = choices(request, 'population', LISTED);
  return {
    people: choice(request, 'people', REVIEWED) ?? 'rights',
    ...(populations.length > 0 ? { populations } : {}),
    dormantDays: readDormantDays(parameter(request, 'days')),
    dormantOnly: choice(request, 'dormant', ['true', 'false']) === 'true',
  };
}
