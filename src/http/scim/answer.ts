/** Answers with resources in them. What is small is one string; the members of a large group are written as they are read. */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Listed } from '../../resources/list.ts';
import { versionTag, type Presented } from '../../resources/present.ts';
import { MESSAGE } from '../../scim/urns.ts';
import { SCIM_TYPE } from './error-body.ts';

/** R-HTTP-1 and Q27: SCIM's own type unless the client names application/json and nothing else. Never 406. */
export function contentTypeFor(request: FastifyRequest): string {
  const accepted = (request.headers.accept ?? '').split(',').map((part) => part.split(';', 1)[0]?.trim().toLowerCase());
  return accepted.length > 0 && accepted.every((type) => type === 'application/json') ? 'application/json; charset=utf-8' : SCIM_TYPE;
}

export function sendJson(request: FastifyRequest, reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type(contentTypeFor(request)).send(JSON.stringify(body));
}

export function sendResource(request: FastifyRequest, reply: FastifyReply, resource: Presented): FastifyReply {
  reply.header('etag', versionTag(resource.version)).type(contentTypeFor(request));
  return reply.send(resource.members ? Readable.from(resourceParts(resource)) : JSON.stringify(resource.attributes));
}

/** R-QUERY-1 and R-QUERY-2. */
export function sendList(request: FastifyRequest, reply: FastifyReply, { resources, ...page }: Listed): FastifyReply {
  // JSON.stringify leaves out what is undefined: startIndex on pages by cursor, cursors on pages by index.
  const envelope = { schemas: [MESSAGE.listResponse], ...page, itemsPerPage: resources.length };
  if (resources.every(({ members }) => !members)) return sendJson(request, reply, { ...envelope, Resources: resources.map(({ attributes }) => attributes) });
  return reply.type(contentTypeFor(request)).send(Readable.from(listParts(envelope, resources)));
}

async function* listParts(envelope: object, resources: readonly Presented[]): AsyncGenerator<string> {
  yield `${JSON.stringify(envelope).slice(0, -1)},"Resources":[`;
  for (const [index, resource] of resources.entries()) {
    if (index > 0) yield ',';
    if (resource.members) yield* resourceParts(resource);
    else yield JSON.stringify(resource.attributes);
  }
  yield ']}';
}

async function* resourceParts({ attributes, members }: Presented): AsyncGenerator<string> {
  yield JSON.stringify(attributes).slice(0, -1);
  if (members) {
    yield `,${JSON.stringify(members.name)}:[`;
    let separator = '';
    for await (const batch of members.batches()) {
      if (batch.length > 0) yield separator + batch.map((element) => JSON.stringify(element)).join(',');
      if (batch.length > 0) separator = ',';
    }
    yield ']';
  }
  yield '}';
}
