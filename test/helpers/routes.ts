/** The routes of a server, as Fastify itself knows them: whoever adds one is in every test that takes them all. */
import type { FastifyInstance } from 'fastify';

export interface Route {
  readonly path: string;
  readonly methods: readonly string[];
}

/** The tree that Fastify prints, as whole paths. */
export function routesOf(app: FastifyInstance): readonly Route[] {
  const above: string[] = [];
  return app.printRoutes({ commonPrefix: false }).split('\n').flatMap((line) => {
    const [, indent = '', path, methods] = /^([│├└─ ]*)(\S*) ?(?:\((.*)\))?$/.exec(line) ?? [];
    if (path === undefined || indent === '') return [];
    const depth = indent.length / 4 - 1;
    above.splice(depth, above.length, path);
    return methods === undefined ? [] : [{ path: above.join(''), methods: methods.split(', ') }];
  });
}
