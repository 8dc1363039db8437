/** Provisioning clients, their tokens, their guard and their log. Every route needs `clients.manage`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { changeClient, createClient, deleteClient, getClient, listClients } from '../../tenancy/clients.ts';
import { getGuard, refuseGuard, releaseGuard } from '../../tenancy/guard.ts';
import { readProvisioning } from '../../tenancy/logs.ts';
import { issueToken, listTokens, revokeToken, succeedToken } from '../../tenancy/tokens.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { invalidValue } from '../../errors.ts';
import { bodyOf, doing, logReader, logRequest, pathParameter } from './calls.ts';

const CLIENT = { name: 'text', scopes: 'texts', person: 'textOrNull', settings: 'object' } as const;
const TOKEN = { use: 'text', days: 'number' } as const;
const RELEASE = { changes: 'number', members: 'number', minutes: 'number' } as const;
const SUCCESSOR = { days: 'number', graceSeconds: 'number' } as const;

export function clientRoutes(app: FastifyInstance, services: Services): void {
  /** What is done, for whom, and with which id of the path. */
  const by = (request: FastifyRequest) => {
    const who = doing(request, services, 'clients.manage');
    return [who, who.tenant, pathParameter(request, 'id')] as const;
  };
  const inTenant = (request: FastifyRequest) => {
    const [who, tenant] = by(request);
    return [who, tenant] as const;
  };

  path(app, '/clients', {
    GET: async (request) => ({ clients: await listClients(...inTenant(request)) }),
    POST: async (request, reply) => reply.code(201).send(await createClient(...inTenant(request), bodyOf(request, CLIENT))),
  });
  path(app, '/clients/:id', {
    GET: (request) => getClient(...by(request)),
    PATCH: (request) => changeClient(...by(request), bodyOf(request, CLIENT)),
    DELETE: async (request, reply) => {
      await deleteClient(...by(request));
      return reply.code(204).send();
    },
  });
  path(app, '/clients/:id/tokens', {
    GET: async (request) => {
      const { id: client } = await getClient(...by(request));
      return { tokens: await listTokens(...inTenant(request), client) };
    },
    // The only answers that hold a token.
    POST: async (request, reply) => {
      const { use = 'bearer', ...body } = bodyOf(request, TOKEN);
      if (use !== 'bearer' && use !== 'secret') throw invalidValue('use must be one of bearer, secret.');
      return reply.code(201).send(await issueToken(...by(request), { ...body, use }));
    },
  });
  path(app, '/tokens/:id', {
    DELETE: async (request, reply) => {
      await revokeToken(...by(request));
      return reply.code(204).send();
    },
  });
  path(app, '/tokens/:id/successor', {
    POST: async (request, reply) => reply.code(201).send(await succeedToken(...by(request), bodyOf(request, SUCCESSOR))),
  });
  path(app, '/clients/:id/guard', { GET: (request) => getGuard(...by(request)) });
  path(app, '/clients/:id/guard/release', { POST: (request) => releaseGuard(...by(request), bodyOf(request, RELEASE)) });
  path(app, '/clients/:id/guard/refuse', { POST: (request) => refuseGuard(...by(request)) });
  path(app, '/clients/:id/log', {
    GET: async (request) => {
      const { id: client } = await getClient(...by(request));
      await services.provisioning.written();
      return readProvisioning(logReader(request, services, 'clients.manage'), client, logRequest(request, services));
    },
  });
}
