/** People who leave for good (J11), who are hidden and come back (L6), and what is stored of somebody. Each needs `users.manage`. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { erase } from '../../accounts/erase.ts';
import { exportPerson } from '../../accounts/export-person.ts';
import { eraseHidden, listHiddenPeople } from '../../accounts/hidden.ts';
import { merge } from '../../accounts/merge.ts';
import { restore } from '../../accounts/restore.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { invalidValue } from '../../errors.ts';
import { bodyOf, pageRequest, parameter, pathParameter } from './calls.ts';
import { managing } from './managing.ts';

export function erasureRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/users/:id', {
    DELETE: async (request, reply) => {
      const context = managing(request, services);
      await erase(context, pathParameter(request, 'id'), bodyOf(request, { name: 'text' }).name);
      return reply.code(204).send();
    },
  });
  path(app, '/users/:id/data', {
    GET: async (request, reply) => {
      const context = managing(request, services);
      const text = await exportPerson(context, pathParameter(request, 'id'));
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', 'attachment; filename="person.json"')
        .send(Readable.from(text));
    },
  });
  path(app, '/users/:id/merge', {
    POST: (request) => {
      const context = managing(request, services);
      const preview = parameter(request, 'preview') ?? 'false';
      if (preview !== 'true' && preview !== 'false') throw invalidValue('preview must be true or false.');
      const { other } = bodyOf(request, { other: 'text' });
      if (other === undefined) throw invalidValue('other is missing: the id of the record that becomes part of this one and is erased.');
      return merge(context, pathParameter(request, 'id'), other, preview === 'true');
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
