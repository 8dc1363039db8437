/** `/Users`, `/Groups` and every other resource type: RFC 7644 section 3.2 table 2. Each handler reads the request and calls one use case. */
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { notFound, notImplemented } from '../../errors.ts';
import { create } from '../../resources/create.ts';
import { list, listAll, listOne } from '../../resources/list.ts';
import { patch } from '../../resources/patch.ts';
import { locationOf, STREAM_ABOVE, versionTag } from '../../resources/present.ts';
import { visibleType, type Context } from '../../resources/context.ts';
import { getStored, isCoveredByVersion, presentOne, read } from '../../resources/read.ts';
import { remove } from '../../resources/remove.ts';
import { replace } from '../../resources/replace.ts';
import { readListParameters, readProjection, readSearchRequest } from '../../scim/list-request.ts';
import { planProjection, suppliedAttributes, type Projection } from '../../scim/project.ts';
import type { ResourceType } from '../../scim/schema.ts';
import type { StoredResource } from '../../store/codec.ts';
import type { Services } from '../services.ts';
import { sendList, sendResource } from './answer.ts';
import { noneMatches, preconditionOf } from './conditional.ts';
import { callerOf } from '../authenticate.ts';
import { contextOf, idOf, parametersOf } from './request-context.ts';
import { path } from './routes.ts';

export function resourceRoutes(app: FastifyInstance, registered: ResourceType, services: Services): void {
  const { limits } = services.config;
  const { endpoint } = registered;
  // A type that is not switched on for the caller is a path that is not there, whatever the method.
  const guard = (request: FastifyRequest) => visibleType(contextOf(request, services), registered);

  path(app, endpoint, {
    GET: async (request, reply) => {
      const { context, type } = calledOn(registered, request, services);
      return sendList(request, reply, await list(context, type, readListParameters(parametersOf(request), limits)));
    },
    POST: async (request, reply) => {
      const { context, type, projection } = calledOn(registered, request, services);
      const created = await create(context, type, request.json, projection());
      return sendResource(request, reply.code(201).header('location', created.location), created);
    },
  }, { guard });

  path(app, `${endpoint}/.search`, {
    POST: async (request, reply) => {
      const { context, type } = calledOn(registered, request, services);
      return sendList(request, reply, await list(context, type, readSearchRequest(request.json, limits)));
    },
  }, { guard });

  path(app, `${endpoint}/:id`, itemHandlers(registered, services, idOf), { guard });
}

interface Call {
  readonly context: Context;
  /** As the caller sees it. */
  readonly type: ResourceType;
  /** What the answer shows; a contradiction in the parameters is told before anything is written. */
  readonly projection: () => Projection;
}

function calledOn(registered: ResourceType, request: FastifyRequest, services: Services): Call {
  const context = contextOf(request, services);
  const type = visibleType(context, registered);
  const projection = () => planProjection(type, readProjection(parametersOf(request)), context.tolerances, suppliedAttributes(type, request.json));
  return { context, type, projection };
}

/** RFC 7644 section 3.11: the resource of the person for whom the token stands, under its own permanent location. */
export function meRoutes(app: FastifyInstance, services: Services): void {
  const type = services.registry.type('User');
  const { GET, ...others } = itemHandlers(type, services, personOf);
  path(app, '/Me', {
    ...others,
    GET: function (request, reply) {
      reply.header('location', locationOf(contextOf(request, services), type, personOf(request)));
      return GET.call(this, request, reply);
    },
    POST: () => {
      throw notImplemented('A person cannot be created at /Me.');
    },
  });
}

/** @throws ScimError 404 for a client that is bound to nobody (R-ME-4) */
function personOf(request: FastifyRequest): string {
  const { person } = callerOf(request).principal;
  if (person === undefined) throw notFound('Person of this token');
  return person;
}

type ItemMethod = 'GET' | 'PUT' | 'PATCH' | 'DELETE';

function itemHandlers(registered: ResourceType, services: Services, idOf: (request: FastifyRequest) => string): Record<ItemMethod, RouteHandlerMethod> {
  const { limits } = services.config;
  return {
    GET: async (request, reply) => {
      const { context, type, ...call } = calledOn(registered, request, services);
      const parameters = parametersOf(request);
      if (parameters.has('filter')) return sendList(request, reply, await listOne(context, type, idOf(request), readListParameters(parameters, limits)));
      const projection = call.projection();
      const stored = await read(context, type, idOf(request));
      if (noneMatches(request.headers['if-none-match'])(stored.version) && isCoveredByVersion(type, stored, projection)) {
        return reply.code(304).header('etag', versionTag(stored.version)).send();
      }
      return sendResource(request, reply, await presentOne(context, type, stored, projection));
    },
    PUT: async (request, reply) => {
      const { context, type, projection } = calledOn(registered, request, services);
      const replaced = await replace(context, type, idOf(request), request.json, preconditionOf(request.headers['if-match']), projection());
      return sendResource(request, reply.header('location', replaced.location), replaced);
    },
    PATCH: async (request, reply) => {
      const { context, type, ...call } = calledOn(registered, request, services);
      const projection = call.projection();
      await patch(context, type, idOf(request), request.json, preconditionOf(request.headers['if-match']));
      const stored = await getStored(context, type, idOf(request));
      if (!answersPatch(request, stored, projection, context)) return reply.code(204).header('etag', versionTag(stored.version)).send();
      return sendResource(request, reply, await presentOne(context, type, stored, projection));
    },
    DELETE: async (request, reply) => {
      const { context, type } = calledOn(registered, request, services);
      await remove(context, type, idOf(request), preconditionOf(request.headers['if-match']));
      return reply.code(204).send();
    },
  };
}

/** The root query over all types: RFC 7644 sections 3.4.2.1 and 3.4.3. */
export function rootSearch(app: FastifyInstance, services: Services): void {
  path(app, '', {
    GET: async (request, reply) => sendList(request, reply, await listAll(contextOf(request, services), readListParameters(parametersOf(request), services.config.limits))),
  });
  path(app, '/.search', {
    POST: async (request, reply) => sendList(request, reply, await listAll(contextOf(request, services), readSearchRequest(request.json, services.config.limits))),
  });
}

/**
 * R-PATCH-9: with `attributes` the answer has a body. Otherwise a client may have asked never to get one, and a group with many members
 * is not sent back for every one that is added (Entra asks for that too).
 */
function answersPatch(request: FastifyRequest, stored: StoredResource, projection: Projection, { principal }: Context): boolean {
  if (readProjection(parametersOf(request)).attributes !== undefined) return true;
  const isLarge = stored.memberCount > STREAM_ABOVE && projection.shows('members');
  return principal.patchAnswer === 'resource' && !isLarge;
}
