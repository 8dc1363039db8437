/**
 * The SCIM scope: its own body parser, error handler, 404 and authentication, so that every answer under it is SCIM whatever went wrong.
 * Registered twice: at `/scim/v2`, where the tenant follows from the token, and at `/t/:tenant/scim/v2`, which must agree with it.
 */
import type { FastifyInstance } from 'fastify';
import { notFound } from '../../errors.ts';
import type { Services } from '../services.ts';
import { checkMediaType, parseBody } from './body.ts';
import { bulkRoutes } from './bulk-routes.ts';
import { discoveryRoutes } from './discovery-routes.ts';
import { authenticate } from './request-context.ts';
import { meRoutes, resourceRoutes, rootSearch } from './resource-routes.ts';

export function scimPlugin(services: Services) {
  return function scim(app: FastifyInstance, _options: object, done: () => void): void {
    const { config, registry, tokens } = services;

    app.decorateRequest('caller', null);
    app.decorateRequest('json', undefined);

    app.addHook('onRequest', async (request) => {
      if (request.routeOptions.config.public !== true) await authenticate(request, tokens);
    });

    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: config.limits.bodyBytes }, (request, body: Buffer, parsed) => {
      try {
        // A public route takes no body: whatever comes is for its 405 to refuse.
        if (body.length > 0 && request.caller) {
          checkMediaType(request.headers['content-type'], request.headers['content-encoding'], request.caller.tolerances);
          request.json = parseBody(body, config.limits);
        }
        parsed(null, undefined);
      } catch (error) {
        parsed(error instanceof Error ? error : new Error(String(error)), undefined);
      }
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
