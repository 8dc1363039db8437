/** People who come back, about whom a client has asked (L5). Each needs `users.manage`. */
import type { FastifyInstance } from 'fastify';
import { adoptMatch, matchesPage, refuseMatch } from '../../accounts/matches.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { managing } from './managing.ts';
import { pageRequest, pathParameter } from './calls.ts';

export function matchRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/matches', {
    GET: (request) => matchesPage(managing(request, services), pageRequest(request, services)),
  });
  for (const [name, decide] of [['adopt', adoptMatch], ['refuse', refuseMatch]] as const) {
    path(app, `/matches/:id/${name}`, {
      POST: async (request, reply) => {
        await decide(managing(request, services), pathParameter(request, 'id'));
        return reply.code(204).send();
      },
    });
  }
}
