/**
 * `/openapi.json`: the interface as OpenAPI 3.1, from the registry and the limits. Whoever sends a token gets what that client sees, anybody
 * else what every client sees.
 */
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import type { Registry } from '../scim/registry.ts';
import { MESSAGE } from '../scim/urns.ts';
import { authenticate } from './authenticate.ts';
import { ERRORS, HEADERS, messageComponents, parameterComponents } from './openapi/messages.ts';
import { contentOf, scimPaths } from './openapi/paths.ts';
import { objectOf, refToUrn, schemaComponents, type JsonSchema } from './openapi/schemas.ts';
import { path } from './scim/routes.ts';
import type { Services } from './services.ts';

export function openapi(services: Services) {
  const { config, registry } = services;
  return function routes(app: FastifyInstance, _options: object, done: () => void): void {
    const built = new WeakMap<Registry, string>();
    app.decorateRequest('caller', null);

    path(app, '/openapi.json', {
      GET: async (request, reply) => {
        if (request.headers.authorization !== undefined) await authenticate(request, services);
        const view = registry.view(request.caller?.settings.shows ?? []);
        const text = built.get(view) ?? JSON.stringify(openapiDocument(view, config));
        built.set(view, text);
        return reply.header('vary', 'authorization').type('application/json; charset=utf-8').send(text);
      },
    }, { public: true });
    done();
  };
}

export function openapiDocument(view: Registry, { limits, publicUrl }: Pick<Config, 'limits' | 'publicUrl'>): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rollcall',
      // Of the interface, which is the one that the RFCs define; discovery says what this server adds.
      version: '2.0',
      description: 'SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865). HEAD is answered wherever GET is, OPTIONS everywhere.',
    },
    servers: [
      { url: publicUrl, description: 'The tenant follows from the token' },
      { url: `${publicUrl}/t/{tenant}`, description: "A tenant's own path; the token must be of that tenant", variables: { tenant: { default: 'default' } } },
    ],
    security: [{ bearer: [] }],
    paths: { ...scimPaths(view), ...plainPaths(publicUrl) },
    components: {
      schemas: { ...messageComponents(limits), ...schemaComponents(view) },
      parameters: parameterComponents(limits),
      responses: errorComponents(),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A token of a provisioning client' } },
    },
  };
}

function errorComponents(): JsonSchema {
  return Object.fromEntries(Object.entries(ERRORS).map(([status, { description, headers = [] }]) => [status, {
    description,
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers.map((name) => [name, HEADERS[name]])) } : {}),
    content: contentOf(refToUrn(MESSAGE.error)),
  }]));
}

/** Outside of SCIM, for machines that watch and for readers of this document. */
function plainPaths(publicUrl: string): JsonSchema {
  const health = objectOf({ status: { type: 'string' } }, ['status']);
  const answer = (description: string, schema: JsonSchema) => ({ description, content: { 'application/json': { schema } } });
  const get = (operationId: string, summary: string, responses: JsonSchema) => ({ operationId, summary, tags: ['Server'], security: [], responses });
  // Probes ask the process itself, so these are not under the path that PUBLIC_URL may have.
  const servers = [{ url: new URL(publicUrl).origin }];
  return {
    '/livez': { servers, get: get('livez', 'Whether the process answers', { 200: answer('It does', health) }) },
    '/readyz': { servers, get: get('readyz', 'Whether it can do its work', { 200: answer('It can', health), 503: answer('MongoDB does not answer', health) }) },
    '/openapi.json': {
      servers: [{ url: publicUrl }],
      get: get('openapi', 'This document, as the caller sees the interface', { 200: answer('The document', { type: 'object' }), 401: { $ref: '#/components/responses/401' } }),
    },
  };
}
