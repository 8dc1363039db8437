/** One way to declare a path: what it answers to, and for everything else 405 with `Allow` (R-HTTP-8), OPTIONS included. */
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { methodNotAllowed } from '../../errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

interface PathOptions {
  readonly public?: boolean;
  /** Bytes, where it is not the usual limit. */
  readonly bodyLimit?: number;
}

export function path(app: FastifyInstance, url: string, handlers: Partial<Record<Method, RouteHandlerMethod>>, { bodyLimit, ...config }: PathOptions = {}): void {
  const allowed = METHODS.filter((method) => handlers[method]).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  for (const method of METHODS) {
    const handler = handlers[method];
    app.route({ method, url, config, ...(bodyLimit === undefined ? {} : { bodyLimit }), handler: handler ?? (() => { throw methodNotAllowed(method, [...allowed, 'OPTIONS']); }) });
  }
  app.route({ method: 'OPTIONS', url, config, handler: (_request, reply) => reply.header('allow', [...allowed, 'OPTIONS'].join(', ')).code(204).send() });
}
