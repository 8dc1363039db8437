/**
 * `/api/v1`: what is not an attribute, so not SCIM: clients and their tokens, policies, logs. The caller needs the right that each route names;
 * a scope of SCIM gives none of them. Errors look as in SCIM.
 */
import type { FastifyInstance } from 'fastify';
import { forbidden, notFound } from '../../errors.ts';
import { isForeign } from '../people.ts';
import { withCallers } from '../callers.ts';
import { noteRefusal } from '../authenticate.ts';
import type { Services } from '../services.ts';
import { accountRoutes } from './account-routes.ts';
import { clientRoutes } from './client-routes.ts';
import { companyRoutes } from './company-routes.ts';
import { erasureRoutes } from './erasure-routes.ts';
import { externalRoutes } from './external-routes.ts';
import { importRoutes } from './import-routes.ts';
import { logRoutes } from './log-routes.ts';
import { matchRoutes } from './match-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { personRoutes } from './person-routes.ts';
import { portalRoutes } from './portal-routes.ts';
import { reviewRoutes } from './review-routes.ts';
import { seatRoutes } from './seat-routes.ts';
import { tenantRoutes } from './tenant-routes.ts';

export function api(services: Services) {
  return function routes(app: FastifyInstance, _options: object, done: () => void): void {
    app.addHook('onRequest', (request, _reply, next) => {
      const error = isForeign(request, services) ? forbidden('The request came from another site.') : undefined;
      if (error) noteRefusal(request, services, error);
      next(error);
    });
    withCallers(app, services);
    app.addHook('onResponse', (request, _reply, logged) => {
      if (request.caller && !request.noted && (request.failure?.status === 403 || request.failure?.status === 429)) noteRefusal(request, services, request.failure);
      logged();
    });
    app.setNotFoundHandler(() => {
      throw notFound('Path');
    });
    accountRoutes(app, services);
    companyRoutes(app, services);
    externalRoutes(app, services);
    portalRoutes(app, services);
    erasureRoutes(app, services);
    matchRoutes(app, services);
    importRoutes(app, services);
    peopleRoutes(app, services);
    personRoutes(app, services);
    clientRoutes(app, services);
    tenantRoutes(app, services);
    logRoutes(app, services);
    reviewRoutes(app, services);
    seatRoutes(app, services);
    done();
  };
}
