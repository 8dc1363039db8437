/**
 * Every error that leaves Rollcall on purpose. `detail` is public text: it names what is wrong and never holds a secret, a stack
 * or somebody else's data; `cause` is for the log.
 */

/** RFC 7644 section 3.12 table 9, and RFC 9865 section 2.1 for the cursor keywords. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** An answer of the SCIM interface that is not a success. */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: ScimType | undefined;
  /** Further response headers, for instance `Allow` or `Retry-After` (whole seconds: RFC 7231, and all that Okta understands). */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    options: { scimType?: ScimType; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'ScimError';
    this.status = status;
    this.scimType = options.scimType;
    this.headers = Object.freeze({ ...options.headers });
  }
}

/** Something that stops the start. The message is one sentence that says what to do; `main.ts` prints it and nothing else. */
export class StartError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** Input in an error text: enough to find it, never enough to carry a secret or a payload back. */
export const quote = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);

const badRequest = (scimType: ScimType) => (detail: string) => new ScimError(400, detail, { scimType });

export const invalidFilter = badRequest('invalidFilter');
export const invalidPath = badRequest('invalidPath');
export const invalidSyntax = badRequest('invalidSyntax');
export const invalidValue = badRequest('invalidValue');
export const invalidVersion = badRequest('invalidVers');
export const mutability = badRequest('mutability');
export const noTarget = badRequest('noTarget');
export const tooMany = badRequest('tooMany');
export const invalidCursor = badRequest('invalidCursor');
export const expiredCursor = badRequest('expiredCursor');
export const invalidCount = badRequest('invalidCount');

/** RFC 7644 section 3.3: a value that is taken is a conflict, on POST, PUT and PATCH alike. */
export const uniqueness = (detail: string) => new ScimError(409, detail, { scimType: 'uniqueness' });

/** RFC 6750 section 3: the challenge names the scheme; the text is the same whatever was wrong with the token. @param given whether one was sent */
export const unauthorized = (given: boolean) =>
  new ScimError(401, 'A valid bearer token is needed: send it as "Authorization: Bearer ...".', {
    headers: { 'www-authenticate': `Bearer realm="scim"${given ? ', error="invalid_token"' : ''}` },
  });
/** A conflict that is not about a unique value. */
export const conflict = (detail: string) => new ScimError(409, detail);
/** RFC 6750 section 3.1: the challenge names the scope that would do. */
export const insufficientScope = (scope: string) =>
  new ScimError(403, `The token lacks the scope ${scope}.`, {
    headers: { 'www-authenticate': `Bearer realm="scim", error="insufficient_scope", scope="${scope}"` },
  });
/** Integer seconds: RFC 9110 section 10.2.3, and all that Okta understands. */
export const tooManyRequests = (detail: string, seconds: number) =>
  new ScimError(429, detail, { headers: { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } });
export const forbidden = (detail: string) => new ScimError(403, detail);
/** The same words for an id that never was, was deleted, or is another tenant's (R-READ-2). */
export const notFound = (what = 'Resource') => new ScimError(404, `${what} not found.`);
export const methodNotAllowed = (method: string, allowed: readonly string[]) =>
  new ScimError(405, `${method} is not possible here; allowed: ${allowed.join(', ')}.`, {
    headers: { allow: allowed.join(', ') },
  });
export const preconditionFailed = () =>
  new ScimError(412, 'The resource has another version than If-Match names. Read it again and repeat the change.');
export const payloadTooLarge = (limit: string, value: number) =>
  new ScimError(413, `The request is larger than the limit ${limit} of ${value} allows.`);
export const unsupportedMediaType = (detail: string) => new ScimError(415, detail);
export const notImplemented = (detail: string) => new ScimError(501, detail);
/** Rule 6 of the design: an error on the way to MongoDB means that the outcome is unknown, so the caller may repeat. */
export const unavailable = (cause?: unknown) =>
  new ScimError(503, 'The database did not answer in time. The change may or may not have been made; repeating it is safe.', {
    headers: { 'retry-after': '2' },
    cause,
  });
