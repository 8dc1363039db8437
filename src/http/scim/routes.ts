/** One way to declare a path: what it answers to, and for everything else 405 with `Allow` (R-HTTP-8), OPTIONS included. */
import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { methodNotAllowed } from '../../errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

interface PathOptions {
  readonly public?: boolean;
  readonly takesBody?: boolean;
  /** Throws where the path is none for this caller. */
  readonly guard?: (request: FastifyRequest) => unknown;
  /** Bytes, where it is not the usual limit. */
  readonly bodyLimit?: number;
}

export function path(app: FastifyInstance, url: string, handlers: Partial<Record<Method, RouteHandlerMethod>>, { bodyLimit, guard, ...config }: PathOptions = {}): void {
  const allowed = METHODS.filter((method) => handlers[method]).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const refusing = (method: Method): RouteHandlerMethod => (request) => {
    guard?.(request);
    throw methodNotAllowed(method, [...allowed, 'OPTIONS']);
  };
  for (const method of METHODS) {
    const handler = handlers[method];
    app.route({ method, url, config, ...(bodyLimit === undefined ? {} : { bodyLimit }), handler: handler ?? refusing(method) });
  }
  app.route({ method: 'OPTIONS', url, config, handler: (request, reply) => {
    guard?.(request);
    return reply.header('allow', [...allowed, 'OPTIONS'].join(', ')).code(204).send();
  } });
}
