/** Importing people from a CSV file: `users.manage`. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DELIMITER_NAMES } from '../../accounts/import-csv.ts';
import { MATCHING } from '../../accounts/import-fields.ts';
import { linesOfImport, reportOfImport } from '../../accounts/import-report.ts';
import { beginImport, cancelImport, deleteImport, getImport, listOfImports, mapImport, runImport } from '../../accounts/import.ts';
import { payloadTooLarge, unsupportedMediaType } from '../../errors.ts';
import { OUTCOMES } from '../../store/import-documents.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { managing } from './managing.ts';
import { bodyOf, choice, oneOf, onlyKnown, pageRequest, pathParameter, startingWith } from './calls.ts';

const EMPTY = ['keep', 'clear'] as const;

export function importRoutes(app: FastifyInstance, services: Services): void {
  app.register((uploads, _options, done) => {
    // The file is read as it comes, by whoever wants it: no parser holds it.
    uploads.addContentTypeParser('text/csv', (_request, payload, parsed) => {
      parsed(null, payload);
    });
    path(uploads, '/imports', {
      GET: async (request) => ({ imports: await listOfImports(managing(request, services)) }),
      POST: async (request, reply) => {
        const context = managing(request, services);
        onlyKnown(request, ['delimiter', 'matchby', 'empty']);
        const options = { delimiter: choice(request, 'delimiter', DELIMITER_NAMES), matchBy: choice(request, 'matchby', MATCHING), empty: choice(request, 'empty', EMPTY) };
        return reply.code(201).send(await beginImport(context, fileIn(request, services), options));
      },
    }, { bodyLimit: services.config.limits.importBytes });
    done();
  });
  path(app, '/imports/:id', {
    GET: (request) => getImport(managing(request, services), pathParameter(request, 'id')),
    PATCH: (request) => {
      const context = managing(request, services);
      const { columns, matchBy, empty } = bodyOf(request, { columns: 'object', matchBy: 'text', empty: 'text' });
      const mapping = { columns, matchBy: matchBy === undefined ? undefined : oneOf('matchBy', matchBy, MATCHING), empty: empty === undefined ? undefined : oneOf('empty', empty, EMPTY) };
      return mapImport(context, pathParameter(request, 'id'), mapping);
    },
    DELETE: async (request, reply) => {
      await deleteImport(managing(request, services), pathParameter(request, 'id'));
      return reply.code(204).send();
    },
  });
  path(app, '/imports/:id/run', { POST: (request) => runImport(managing(request, services), pathParameter(request, 'id')) });
  path(app, '/imports/:id/cancel', { POST: (request) => cancelImport(managing(request, services), pathParameter(request, 'id')) });
  path(app, '/imports/:id/lines', {
    GET: (request) => {
      const context = managing(request, services);
      onlyKnown(request, ['outcome', 'count', 'cursor']);
      const { count, cursor } = pageRequest(request, services);
      return linesOfImport(context, pathParameter(request, 'id'), { outcome: choice(request, 'outcome', OUTCOMES), count, cursor });
    },
  });
  path(app, '/imports/:id/report', {
    GET: async (request, reply) => {
      const context = managing(request, services);
      onlyKnown(request, ['outcome']);
      return sendReport(reply, reportOfImport(context, pathParameter(request, 'id'), choice(request, 'outcome', OUTCOMES)));
    },
  });
}

/** The first part is asked for before the answer begins, so that an error is an answer of its own. */
export async function sendReport(reply: FastifyReply, parts: AsyncGenerator<string>): Promise<FastifyReply> {
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', 'attachment; filename="import.csv"')
    .send(Readable.from(startingWith(await parts.next(), parts)));
}

/** @throws ScimError 413, 415 */
function fileIn({ body, headers }: FastifyRequest, { config: { limits } }: Services): AsyncIterable<Uint8Array> {
  const charset = /;\s*charset="?([\w-]+)"?/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase();
  if (!(body instanceof Readable)) throw unsupportedMediaType('Send the file as text/csv.');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') throw unsupportedMediaType('Send the file in UTF-8.');
  if (headers['content-encoding'] !== undefined) throw unsupportedMediaType('Send the file without Content-Encoding.');
  if (Number(headers['content-length'] ?? 0) > limits.importBytes) throw payloadTooLarge('importBytes', limits.importBytes);
  // A refusal is answered: nobody hears it on a connection that was cut.
  return body.iterator({ destroyOnReturn: false });
}
