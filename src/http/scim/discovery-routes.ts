/** `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas`: RFC 7644 section 4. What is said comes from the registry and the limits. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { forbidden, notFound } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { Registry } from '../../scim/registry.ts';
import { foldName } from '../../scim/schema.ts';
import { MESSAGE, SCHEMA } from '../../scim/urns.ts';
import type { Services } from '../services.ts';
import { sendJson } from './answer.ts';
import { baseUrlOf, contextOf, idOf, parametersOf } from './request-context.ts';
import { path } from './routes.ts';

export function discoveryRoutes(app: FastifyInstance, services: Services): void {
  const { config } = services;

  // R-DISC-8: how to authenticate must be readable before one has.
  path(app, '/ServiceProviderConfig', {
    GET: (request, reply) => {
      refuseFilter(request);
      return sendJson(request, reply, serviceProviderConfig(config.limits, baseUrlOf(request, services)));
    },
  }, { public: true });

  collection(app, services, '/ResourceTypes', 'ResourceType', (registry) => registry.resourceTypeDefinitions);
  collection(app, services, '/Schemas', 'Schema', (registry) => registry.schemaDefinitions);
}

function collection(app: FastifyInstance, services: Services, url: string, resourceType: string, definitionsIn: (registry: Registry) => readonly { readonly id: string }[]): void {
  const shown = (request: FastifyRequest) => definitionsIn(contextOf(request, services).registry).map((definition) => ({
    ...definition,
    meta: { resourceType, location: `${baseUrlOf(request, services)}${url}/${definition.id}` },
  }));

  path(app, url, {
    GET: (request, reply) => {
      refuseFilter(request);
      const Resources = shown(request);
      return sendJson(request, reply, { schemas: [MESSAGE.listResponse], totalResults: Resources.length, startIndex: 1, itemsPerPage: Resources.length, Resources });
    },
  });
  path(app, `${url}/:id`, {
    GET: (request, reply) => {
      refuseFilter(request);
      // URNs are case-insensitive (RFC 7644 section 3.10).
      const found = shown(request).find(({ id }) => foldName(id) === foldName(idOf(request)));
      if (!found) throw notFound(resourceType);
      return sendJson(request, reply, found);
    },
  });
}

/** Section 4: a filter here is refused, so that nobody takes the whole list for its answer; paging and sorting have no effect. */
function refuseFilter(request: FastifyRequest): void {
  if (parametersOf(request).has('filter')) throw forbidden('Discovery cannot be filtered.');
}

/** RFC 7643 section 5, RFC 9865 section 4. Every member is there even where a feature is not (Q43). */
function serviceProviderConfig(limits: Limits, baseUrl: string): object {
  return {
    schemas: [SCHEMA.serviceProviderConfig],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: limits.bulkOperations, maxPayloadSize: limits.bulkBytes },
    filter: { supported: true, maxResults: limits.maxPageSize },
    changePassword: { supported: true },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true, index: true, defaultPaginationMethod: 'index',
      defaultPageSize: limits.pageSize, maxPageSize: limits.maxPageSize, cursorTimeout: limits.cursorSeconds,
    },
    authenticationSchemes: [{
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'A token of a provisioning client, sent as "Authorization: Bearer ...".',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    }],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  };
}
