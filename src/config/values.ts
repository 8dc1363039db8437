/** One function per kind of setting: text of the environment to a typed value, or a `FaultyValue` that says what to write instead. */
import { isIP } from 'node:net';
import { isNetwork } from '../settings.ts';

/** The message continues a sentence that begins with the setting's name, and never holds the value: it may be a secret. */
export class FaultyValue extends Error {}

export type Role = 'all' | 'api' | 'worker';
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
export type TrustProxy = boolean | number | readonly string[];
export interface Mailbox {
  /** Empty when the setting holds an address alone. */
  readonly name: string;
  readonly address: string;
}

/** Shorter ones can be guessed; 256 random bits in base64url are 43 characters. */
const SECRET_LENGTH = 32;
const ROLES: readonly Role[] = ['all', 'api', 'worker'];
const LOG_LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

export function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65_535) throw new FaultyValue('must be a port number from 1 to 65535, for instance 8080');
  return value;
}

export function host(text: string): string {
  const name = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
  if (isIP(text) === 0 && !name.test(text)) {
    throw new FaultyValue('must be an address or a host name to listen on without scheme and port, for instance 127.0.0.1 or 0.0.0.0');
  }
  return text;
}

/** The address as others see it: links, locations and cookies are made from it, so it holds nothing but scheme, host, port and path. */
export function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new FaultyValue('must be an http or https address, for instance https://rollcall.example.com');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new FaultyValue('must hold scheme, host, port and path alone: leave out user, password, query and fragment');
  }
  return url.href.replace(/\/+$/, '');
}

export function mongodbUri(text: string): string {
  if (!/^mongodb(\+srv)?:\/\/[^/?\s]+/.test(text)) {
    throw new FaultyValue('must begin with mongodb:// or mongodb+srv:// and name a host, for instance mongodb://db1:27017/rollcall?replicaSet=rs0');
  }
  return text;
}

export function smtpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new FaultyValue('must be smtp://host:port or smtps://host:port, with user:password@ before the host where one is needed');
  }
  return text;
}

/** `address` or `Name <address>`: one recipient, so no comma or line break that would make more of it. */
export function mailbox(text: string): Mailbox {
  const [, name = '', address = ''] = /^(?:"?([^"<>,;\r\n]*?)"?\s*<)?([^\s<>,;"@]+@[^\s<>,;"@]+)>?$/.exec(text) ?? [];
  if (address === '' || text.includes('<') !== text.endsWith('>')) {
    throw new FaultyValue('must be one address, for instance Rollcall <no-reply@example.com>');
  }
  return Object.freeze({ name, address });
}

export const role = (text: string): Role => oneOf(text, ROLES);
export const logLevel = (text: string): LogLevel => oneOf(text, LOG_LEVELS);

/** Fastify's own names. */
const NAMED_NETWORKS: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

/** What Fastify knows as trustProxy: whose X-Forwarded-For is believed. Addresses are better than `true`, which believes anyone. */
export function trustProxy(text: string): TrustProxy {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  const addresses = text.split(',').map((part) => part.trim());
  if (!addresses.every((address) => NAMED_NETWORKS.includes(address) || isNetwork(address))) {
    throw new FaultyValue('must be false, true, a number of proxies, or their addresses separated by commas, for instance 10.0.0.0/8');
  }
  return Object.freeze(addresses);
}

/** The first key seals, every one opens: so a new key is put before the old one until nothing is sealed with that any more. */
export function secretKeys(text: string): readonly string[] {
  const keys = text.split(',').map((part) => part.trim());
  if (keys.some((key) => key.length < SECRET_LENGTH)) {
    throw new FaultyValue(`must be ${SECRET_LENGTH} random characters or more; several keys are separated by commas, the newest first`);
  }
  return Object.freeze(keys);
}

/** RFC 6750 section 2.1, b64token: with anything else the token could not be sent. */
export function bearerToken(text: string): string {
  if (text.length < SECRET_LENGTH || text.length > 512 || !/^[A-Za-z0-9._~+/-]+=*$/.test(text)) {
    throw new FaultyValue(`must be ${SECRET_LENGTH} to 512 characters of A-Z a-z 0-9 . _ ~ + / -`);
  }
  return text;
}

function oneOf<T extends string>(text: string, values: readonly T[]): T {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new FaultyValue(`must be one of ${values.join(', ')}`);
  return found;
}
