/** Any error to the message of RFC 7644 section 3.12, whatever layer it comes from. */
import { invalidSyntax, notFound, payloadTooLarge, ScimError, unavailable, unsupportedMediaType } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import { MESSAGE } from '../../scim/urns.ts';
import { isMongoError } from '../../store/mongo-errors.ts';

export const SCIM_TYPE = 'application/scim+json; charset=utf-8';

export interface ErrorBody {
  readonly schemas: readonly string[];
  /** Text, as the RFC says. */
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
}

export function errorBody({ status, scimType, message }: ScimError): ErrorBody {
  return { schemas: [MESSAGE.error], status: String(status), ...(scimType ? { scimType } : {}), detail: message };
}

/** What an error means to the caller. The 500 is the last resort: it says nothing, the log says all. */
export function toScimError(error: unknown, bodyLimit: number, limits: Limits): ScimError {
  if (error instanceof ScimError) return error;
  if (isMongoError(error)) return unavailable(error);
  switch (codeOf(error)) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return payloadTooLarge(bodyLimit === limits.bulkBytes ? 'maxPayloadSize' : 'bodyBytes', bodyLimit);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return unsupportedMediaType('Send the body as application/scim+json.');
    // The client left within its body: nobody reads the answer.
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return invalidSyntax('The body did not arrive whole.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalidSyntax('The body is not as long as Content-Length says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return notFound('Path');
    default:
      return new ScimError(500, 'The server failed to answer. The log says why.', { cause: error });
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);
