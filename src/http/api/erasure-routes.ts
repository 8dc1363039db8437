/** People who leave for good (J11), and who are hidden and come back (L6). Each needs `users.manage`. */
import type { FastifyInstance } from 'fastify';
import { erase } from '../../accounts/erase.ts';
import { eraseHidden, listHiddenPeople } from '../../accounts/hidden.ts';
import { restore } from '../../accounts/restore.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { managing } from './account-routes.ts';
import { bodyOf, pageRequest, pathParameter } from './calls.ts';

export function erasureRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/users/:id', {
    DELETE: async (request, reply) => {
      const context = managing(request, services);
      await erase(context, pathParameter(request, 'id'), bodyOf(request, { name: 'text' }).name);
      return reply.code(204).send();
    },
  });
  path(app, '/hidden-users', {
    GET: (request) => listHiddenPeople(managing(request, services), pageRequest(request, services)),
  });
  path(app, '/hidden-users/:id', {
    DELETE: async (request, reply) => {
      const context = managing(request, services);
      await eraseHidden(context, pathParameter(request, 'id'), bodyOf(request, { name: 'text' }).name);
      return reply.code(204).send();
    },
  });
  path(app, '/hidden-users/:id/restore', {
    POST: (request) => restore(managing(request, services), pathParameter(request, 'id')),
  });
}
