/**
 * `/console/imports/new`: the file of an import, or its lines pasted. A form with a file comes as multipart (RFC 7578): its token is read first,
 * and of the file nothing before whoever sends it is known to be allowed to.
 */
import { Readable } from 'node:stream';
import multipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DELIMITER_NAMES } from '../../accounts/import-csv.ts';
import { beginImport } from '../../accounts/import.ts';
import { ScimError } from '../../errors.ts';
import { fieldOf, sendPage, type PageParts } from '../pages/frame.ts';
import { faultOf, goTo, type Problem } from './forms.ts';
import { pathOfImport } from './imports.ts';
import { newImportScreen } from './views/imports.tsx';
import { screen, type Visit } from './visit.ts';

const PATH = '/console/imports/new';
/** What is longer is a file. */
const PASTED_BYTES = 1024 * 1024;
/** The token, the delimiter, the pasted lines. */
const FIELDS = 3;

export function importUpload(app: FastifyInstance, parts: PageParts): void {
  const { importBytes } = parts.services.config.limits;
  app.get(PATH, screen(parts, 'imports', (visit) => show(visit, 200)));
  app.register((uploads, _options, done) => {
    // One byte more than an import takes: it says itself what is too much.
    uploads.register(multipart, { throwFileSizeLimit: false, limits: { fileSize: importBytes + 1, files: 1, fields: FIELDS, parts: FIELDS + 1, fieldSize: PASTED_BYTES, fieldNameSize: 100 } });
    // Browsers hear of a refusal once they have sent everything.
    uploads.addHook('onResponse', (request, _reply, next) => {
      files.get(request)?.file.resume();
      next();
    });
    uploads.post(PATH, { preHandler: readFields }, screen(parts, 'imports', upload));
    done();
  });
}

const files = new WeakMap<FastifyRequest, MultipartFile>();
const cut = new WeakSet<FastifyRequest>();

/** As far as the file; what comes behind it is not looked at. @throws ScimError 400 */
async function readFields(request: FastifyRequest): Promise<void> {
  if (!request.isMultipart()) return;
  const fields = new Map<string, string>();
  const parts = request.parts();
  try {
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
      const part = next.value;
      if (part.type === 'file') {
        files.set(request, part);
        break;
      }
      if (part.valueTruncated) cut.add(request);
      fields.set(part.fieldname, String(part.value));
    }
  } catch (cause) {
    throw new ScimError(400, 'The form did not arrive whole.', { cause });
  }
  request.body = Object.fromEntries(fields);
}

async function upload(visit: Visit): Promise<FastifyReply> {
  const { request, context, page: { translate } } = visit;
  const file = files.get(request);
  const text = fieldOf(request, 'text');
  const isPasted = text.trim() !== '';
  const problem = (field: string, said: string) => show(visit, 422, { problems: [{ field, text: said }] });
  if (cut.has(request)) return problem('text', translate('console.import.paste.long'));
  if (!isPasted && (file === undefined || file.filename === '')) return problem(file === undefined ? 'text' : 'file', translate(file === undefined ? 'console.import.paste.none' : 'console.import.file.none'));
  const options = { delimiter: DELIMITER_NAMES.find((name) => name === fieldOf(request, 'delimiter')) };
  const begun = await beginImport(context, file && !isPasted ? bytesOf(file) : Readable.from([Buffer.from(text)]), options).catch((error: unknown) => {
    if (error instanceof ScimError && error.status < 500) return error;
    throw error;
  });
  if (begun instanceof ScimError) return show(visit, begun.status, { problems: [], fault: faultOf(begun, translate) });
  return goTo(visit, { to: `${pathOfImport(begun.id)}/columns` });
}

async function* bytesOf({ file }: MultipartFile): AsyncGenerator<Uint8Array> {
  try {
    yield* file.iterator({ destroyOnReturn: false });
  } catch (cause) {
    throw new ScimError(400, 'The file did not arrive whole.', { cause });
  }
}

function show({ reply, request, page, context: { limits } }: Visit, status: number, wrong: { readonly problems: readonly Problem[]; readonly fault?: ReturnType<typeof faultOf> } = { problems: [] }): FastifyReply {
  return sendPage(reply, newImportScreen({ page, ...wrong, limits, text: fieldOf(request, 'text'), delimiter: fieldOf(request, 'delimiter') }), status);
}
