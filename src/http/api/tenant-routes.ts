/** The caller's own tenant: its policies. Tenants themselves are made at the command line, by who runs the server. */
import type { FastifyInstance } from 'fastify';
import { invalidSyntax } from '../../errors.ts';
import { POLICY } from '../../policy.ts';
import { isObject } from '../../scim/json.ts';
import { changePolicy, getTenant } from '../../tenancy/tenants.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { doing } from './calls.ts';

export function tenantRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/policy', {
    GET: async (request) => {
      const by = doing(request, services, 'admin.grant');
      const { policy } = await getTenant(by, by.tenant);
      return { policy, settings: Object.entries(POLICY).map(([name, { default: preset, allowed, description }]) => ({ name, default: preset, allowed, description })) };
    },
    PATCH: async (request) => {
      const by = doing(request, services, 'admin.grant');
      if (!isObject(request.json)) throw invalidSyntax('The body must be a JSON object of policies.');
      return { policy: await changePolicy(by, by.tenant, request.json) };
    },
  });
}
