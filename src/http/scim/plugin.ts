/**
 * The SCIM scope: its own body parser, error handler, 404 and authentication, so that every answer under it is SCIM whatever went wrong.
 * Registered twice: at `/scim/v2`, where the tenant follows from the token, and at `/t/:tenant/scim/v2`, which must agree with it.
 */
import type { FastifyInstance } from 'fastify';
import { notFound } from '../../errors.ts';
import type { Services } from '../services.ts';
import { bulkRoutes } from './bulk-routes.ts';
import { withCallers } from '../callers.ts';
import { dryRuns } from './dry-run.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import { logRequest } from './provisioning-hook.ts';
import { meRoutes, resourceRoutes, rootSearch } from './resource-routes.ts';

export function scimPlugin(services: Services) {
  return function scim(app: FastifyInstance, _options: object, done: () => void): void {
    const { registry } = services;

    withCallers(app, services);
    dryRuns(app);
    app.addHook('onResponse', (request, reply, logged) => {
      logRequest(request, reply, services);
      logged();
    });

    app.setNotFoundHandler(() => {
      throw notFound('Path');
    });

    discoveryRoutes(app, services);
    for (const type of registry.resourceTypes) resourceRoutes(app, type, services);
    rootSearch(app, services);
    meRoutes(app, services);
    bulkRoutes(app, services);
    done();
  };
}
