/** Errors outside of any scope: unknown paths, broken URLs, and bytes that are no HTTP. They too are answered as SCIM clients read them. */
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { invalidSyntax, invalidVersion, notFound, ScimError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { errorBody, SCIM_TYPE, toScimError } from './scim/error-body.ts';

type ShowError = (error: ScimError, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** @param showPage what a browser gets at an address that is not there */
export function installErrors(app: FastifyInstance, limits: Limits, showPage?: ShowError): void {
  app.decorateRequest('failure', null);
  app.decorateRequest('noted', false);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, limits));
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.raw.httpVersion === '1.1' && !request.raw.headers.host) throw invalidSyntax('An HTTP/1.1 request needs a Host header.');
    done();
  });
  app.setNotFoundHandler(async (request, reply) => {
    const error = unknownPath(request.url);
    if (showPage && error.status === 404 && wantsPage(request)) return showPage(error, request, reply);
    throw error;
  });
}

export function serverErrors(limits: Limits): Pick<FastifyServerOptions, 'frameworkErrors' | 'clientErrorHandler'> {
  return {
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply, limits);
    },
    clientErrorHandler: (error, socket) => refuseSocket(error, socket),
  };
}

function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, limits: Limits): FastifyReply {
  const error = toScimError(thrown, request.routeOptions.bodyLimit, limits);
  request.failure = error;
  if (error.status >= 500 && error.status !== 501) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a request failed');
  return reply.code(error.status).headers(error.headers).type(SCIM_TYPE).send(JSON.stringify(errorBody(error)));
}

/** R-HTTP-5: `/scim/v9/Users` asks for a protocol that is not spoken here. */
function unknownPath(url: string): ScimError {
  const [, version] = /\/scim\/(v\d+)(?:[/?]|$)/.exec(url) ?? [];
  return version !== undefined && version !== 'v2' ? invalidVersion(`SCIM ${version} is not spoken here: use /scim/v2.`) : notFound('Path');
}

/** Browsers name it; programs ask for JSON, or for anything. */
const wantsPage = ({ headers: { accept = '' } }: FastifyRequest) => /\btext\/html\b/i.test(accept);

/** What cannot be parsed as HTTP never becomes a request, so the answer is written by hand. */
function refuseSocket(error: Error, socket: Socket): void {
  if (!socket.writable) return;
  const refusal = refusalOf(error);
  const body = JSON.stringify(errorBody(refusal));
  socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nContent-Type: ${SCIM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

function refusalOf(error: Error): ScimError {
  switch ('code' in error ? error.code : undefined) {
    case 'HPE_HEADER_OVERFLOW':
      return new ScimError(431, 'The URL or the headers are too long. Send long filters with POST to .search.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ScimError(408, 'The request did not arrive in time.');
    default:
      return invalidSyntax('This is not HTTP/1.1 as RFC 9112 defines it.');
  }
}
