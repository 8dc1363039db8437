/** Errors of the authorization server, as RFC 6749 section 5.2 writes them. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ScimError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { toScimError } from '../scim/error-body.ts';

/** The last two are those of section 4.1.2.1, which every client library knows as well. */
type Code = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope' | 'server_error' | 'temporarily_unavailable';

interface Details {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log. */
  readonly cause?: unknown;
}

export class OAuthError extends Error {
  readonly code: Code;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: Code, description: string, { status = 400, headers = {}, cause }: Details = {}) {
    super(description, { cause });
    this.name = 'OAuthError';
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

export const invalidRequest = (description: string) => new OAuthError('invalid_request', description);
export const invalidScope = (description: string) => new OAuthError('invalid_scope', description);
export const unsupportedGrantType = () => new OAuthError('unsupported_grant_type', 'The grant_type must be client_credentials.');

/** The same whatever is wrong with the client. RFC 9110 section 15.5.2 wants a challenge with every 401, also where the secret came in the body. */
export const invalidClient = () =>
  new OAuthError('invalid_client', 'The client id and a valid client secret are needed, in the Authorization header or in the body.', {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="oauth"' },
  });

export function sendOAuthError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, limits: Limits): FastifyReply {
  const error = thrown instanceof OAuthError ? thrown : translate(toScimError(thrown, request.routeOptions.bodyLimit, limits));
  if (error.status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a request failed');
  const body = { error: error.code, error_description: allowed(error.message) };
  return reply.code(error.status).headers({ ...error.headers, 'cache-control': 'no-store' }).type('application/json').send(JSON.stringify(body));
}

function translate({ status, message, headers, cause }: ScimError): OAuthError {
  if (status < 500) return new OAuthError('invalid_request', message, { status, headers });
  return new OAuthError(status === 503 ? 'temporarily_unavailable' : 'server_error', message, { status, headers, cause });
}

/** The characters that section 5.2 allows in a description. */
const allowed = (description: string) => description.replaceAll(/["\\]/g, "'").replaceAll(/[^ -~]/g, '?');
