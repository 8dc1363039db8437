/** Portal users (P1 to P4): `portalUsers.manage`, or `users.manage`. */
import type { FastifyInstance } from 'fastify';
import { makePortalUser, removeAccess, setAccess, switchPortals } from '../../accounts/portal-users.ts';
import { invalidValue } from '../../errors.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { bodyOf, parameter, pathParameter } from './calls.ts';
import { companyList } from './company-routes.ts';
import { managingPortal } from './managing.ts';

const PERSON = { givenName: 'text', familyNamePrefix: 'text', familyName: 'text', address: 'text', language: 'text' } as const;

export function portalRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/portal-users', {
    GET: (request) => companyList(managingPortal(request, services), request, services, 'portal', undefined),
    POST: async (request, reply) => {
      const context = managingPortal(request, services);
      const { portal = '', customer = '', enabled = true, invitation = false, ...person } = bodyOf(request, { ...PERSON, portal: 'text', customer: 'text', enabled: 'flag', invitation: 'flag' });
      return reply.code(201).send(await makePortalUser(context, person, { portal, customer, enabled }, { invited: invitation }));
    },
  });
  path(app, '/portal-users/:id', {
    PUT: (request) => {
      const context = managingPortal(request, services);
      const { enabled } = bodyOf(request, { enabled: 'flag' });
      if (enabled === undefined) throw invalidValue('enabled is missing: the switch over all accesses.');
      return switchPortals(context, pathParameter(request, 'id'), enabled);
    },
  });
  path(app, '/portal-users/:id/access/:portal', {
    PUT: (request) => {
      const context = managingPortal(request, services);
      const { customer = '', enabled = true } = bodyOf(request, { customer: 'text', enabled: 'flag' });
      return setAccess(context, pathParameter(request, 'id'), { portal: pathParameter(request, 'portal'), customer, enabled });
    },
    DELETE: async (request, reply) => {
      const context = managingPortal(request, services);
      await removeAccess(context, pathParameter(request, 'id'), pathParameter(request, 'portal'), parameter(request, 'customer'));
      return reply.code(204).send();
    },
  });
}
