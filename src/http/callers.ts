/** What every scope with callers has: a token before anything else, JSON that was read to the letter, and answers that nobody keeps. */
import type { FastifyInstance } from 'fastify';
import { authenticate } from './authenticate.ts';
import { strictTolerances } from '../scim/tolerances.ts';
import { checkMediaType, parseBody } from './scim/body.ts';
import type { Services } from './services.ts';

export function withCallers(app: FastifyInstance, services: Services): void {
  const { limits } = services.config;
  app.decorateRequest('caller', null);
  app.decorateRequest('json', undefined);

  app.addHook('onRequest', async (request, reply) => {
    // Answers hold people: no cache on the way may keep them, and no browser may take them for something to run.
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (request.routeOptions.config.public !== true) await authenticate(request, services);
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.bodyBytes }, (request, body: Buffer, parsed) => {
    try {
      // What comes to a public route that takes no body is for its 405 to refuse.
      if (body.length > 0 && (request.caller ?? request.routeOptions.config.takesBody)) {
        checkMediaType(request.headers['content-type'], request.headers['content-encoding'], request.caller?.tolerances ?? strictTolerances());
        request.json = parseBody(body, limits);
      }
      parsed(null, undefined);
    } catch (error) {
      parsed(error instanceof Error ? error : new Error(String(error)), undefined);
    }
  });
}
