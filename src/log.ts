/**
 * Structured logs as JSON lines on stderr; stdout belongs to the few lines that a person reads at start. No line holds a secret,
 * a query string (filters name people) or a body.
 */
import { destination, pino, type Logger } from 'pino';

export type Log = Logger;

const SECRET_NAMES = ['authorization', 'cookie', 'set-cookie', 'password', 'newPassword', 'token', 'secret'];
const redact = {
  paths: SECRET_NAMES.flatMap((name) => ['', '*.'].map((prefix) => (name.includes('-') ? `${prefix.slice(0, -1)}["${name}"]` : `${prefix}${name}`))),
  censor: '[redacted]',
};

interface RequestLike {
  readonly method?: string;
  readonly url?: string;
}
interface ReplyLike {
  readonly statusCode?: number;
}

export function createLog({ level, fd = 2 }: { level: string; fd?: number }): Log {
  return pino(
    {
      level,
      base: null,
      redact,
      serializers: {
        req: ({ method, url }: RequestLike) => ({ method, path: url?.split('?', 1)[0] }),
        res: ({ statusCode }: ReplyLike) => ({ status: statusCode }),
        err: (error: unknown) => describe(error, 0),
      },
    },
    // Written as it happens: the last line before an end is the one that matters.
    destination({ fd, sync: true }),
  );
}

/** Message, stack and causes alone: what drivers hang on their errors as further properties may be somebody's data. */
function describe(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code: unknown = 'code' in error ? error.code : undefined;
  return { name, message, code, stack, cause: cause === undefined || depth === 4 ? undefined : describe(cause, depth + 1) };
}
