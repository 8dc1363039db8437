/** `/livez`: the process answers. `/readyz`: it can do its work; 503 also while it drains (Fastify refuses by itself then). */
import type { FastifyInstance } from 'fastify';
import type { Store } from '../store/store.ts';

export function health(app: FastifyInstance, store: Store): void {
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await store.ping();
      return { status: 'ok' };
    } catch {
      return reply.code(503).header('retry-after', '2').send({ status: 'MongoDB does not answer' });
    }
  });
}
