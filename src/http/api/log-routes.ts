/** The audit log: `audit.read`. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { exportAudit, readAudit, type LogReader } from '../../tenancy/logs.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { logReader, logRequest } from './calls.ts';

export function logRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/audit', {
    GET: async (request) => {
      const reader = logReader(request, services, 'audit.read');
      return readAudit(reader, logRequest(request, services));
    },
  });
  // One JSON object per line: what log stores take, and what needs no memory however long it is.
  path(app, '/audit/export', {
    GET: async (request, reply) => {
      const reader = logReader(request, services, 'audit.read');
      return sendAudit(reply, reader, logRequest(request, services).filter);
    },
  });
}

/** @throws ScimError 400 invalidFilter */
export async function sendAudit(reply: FastifyReply, reader: LogReader, filter: string | undefined): Promise<FastifyReply> {
  const lines = exportAudit(reader, filter);
  const first = await lines.next();
  return reply
    .type('application/x-ndjson; charset=utf-8')
    .header('content-disposition', 'attachment; filename="audit.ndjson"')
    .send(Readable.from(text(first, lines)));
}

/** The first entry was asked for before the answer began, so that a filter that is none is an error and not half an answer. */
async function* text(first: IteratorResult<object>, rest: AsyncIterable<object>): AsyncGenerator<string> {
  if (first.done === true) return;
  yield `${JSON.stringify(first.value)}\n`;
  for await (const entry of rest) yield `${JSON.stringify(entry)}\n`;
}
