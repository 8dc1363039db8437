/** SMTP_URL taken apart: scheme, user, password, host and port, and nothing that it could say besides. */
import { isIP } from 'node:net';
import { StartError } from '../errors.ts';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  readonly requireTLS: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
}

/** RFC 8314 section 3.3 and RFC 6409 section 3.1. */
const PORTS = { smtps: 465, smtp: 587 };

/** @throws StartError with a sentence that does not hold the URL: it may have a password */
export function readSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new StartError('SMTP_URL must be smtp://host:port or smtps://host:port, with user:password@ before the host where one is needed, and nothing after the port.');
  }
  const host = decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'smtps:';
  const server = { host, port: url.port === '' ? PORTS[secure ? 'smtps' : 'smtp'] : Number(url.port), secure };
  if (url.username === '') return { ...server, requireTLS: false };
  // With a password the server must offer TLS: somebody in between could take the offer out of its answer (RFC 3207 section 6).
  return { ...server, requireTLS: !secure && !isLoopback(host), auth: { user: decode(url.username), pass: decode(url.password) } };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new StartError('SMTP_URL holds a % that is none of %00 to %FF: write %25 for a percent sign.', { cause });
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
