/** The environment, read once and checked as a whole: every fault is told at once, each with what to write instead. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import * as values from './config/values.ts';
import { StartError } from './errors.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Without a slash at its end; may have a path. Links, locations and cookies follow it alone. */
  readonly publicUrl: string;
  /** Undefined: Rollcall runs a MongoDB of its own in `dataDir`. */
  readonly mongodbUri: string | undefined;
  /** Absolute; undefined where there are no schemas but ours. */
  readonly schemasDir: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: values.Mailbox;
  readonly logLevel: values.LogLevel;
  readonly role: values.Role;
  readonly trustProxy: values.TrustProxy;
  /** The first one seals, all of them open. Empty when the setting is not given: main.ts then takes the key kept in `dataDir`. */
  readonly secretKeys: readonly string[];
  /** The bootstrap client's token, in place of a random one. */
  readonly bootstrapToken: string | undefined;
  readonly limits: Limits;
}

export interface Setting {
  readonly name: string;
  /** As it would be written in the environment; undefined where there is none. */
  readonly default: string | undefined;
  readonly description: string;
  /** May also be given as NAME_FILE, the path of a file that holds it. */
  readonly secret: boolean;
}

const setting = (name: string, preset: string | undefined, description: string): Setting =>
  Object.freeze({ name, default: preset, description, secret: false });
const secret = (name: string, description: string): Setting => Object.freeze({ name, default: undefined, description, secret: true });

export const SETTINGS: readonly Setting[] = Object.freeze([
  setting('PORT', '8080', 'The port to listen on.'),
  setting('HOST', '127.0.0.1', 'The address to listen on; `0.0.0.0` for every one.'),
  setting('PUBLIC_URL', undefined, 'The address under which others reach the server, `http://HOST:PORT` unless set; may have a path.'),
  secret('MONGODB_URI', 'A MongoDB replica set; without it Rollcall runs a MongoDB of its own in `DATA_DIR`.'),
  setting('SCHEMAS_DIR', undefined, 'A folder with schemas, resource types and storage entries of your own: see `docs/custom-resource-types.md`.'),
  setting('DATA_DIR', './data', 'The folder for the data of that MongoDB and for the secret key.'),
  secret('SMTP_URL', 'The mail server, `smtp://` or `smtps://`; without it mail stays in the outbox (`GET /api/v1/dev/mailbox`).'),
  setting('MAIL_FROM', 'Rollcall <rollcall@localhost>', 'The sender of mail.'),
  setting('LOG_LEVEL', 'info', '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.'),
  setting('ROLLCALL_ROLE', 'all', '`all`, `api` (requests alone) or `worker` (periodic work alone).'),
  setting('TRUST_PROXY', 'false', '`true`, a number of proxies, or their addresses separated by commas: whose `X-Forwarded-For` is believed.'),
  secret('SECRET_KEY', '32 random characters or more, the same for all processes; several separated by commas, the newest first. Made and kept in `DATA_DIR` unless set.'),
  secret('ROLLCALL_TOKEN', "The first provisioning client's token, 32 characters or more, in place of a random one. Counts at the first start alone."),
]);

/** Throws a `StartError` whose message lists every fault on a line of its own. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const faults = unknownNames(env);
  const read = <T>(name: string, parse: (text: string) => T): T | undefined => {
    try {
      const text = textOf(env, settingOf(name));
      return text === undefined ? undefined : parse(text);
    } catch (error) {
      if (!(error instanceof values.FaultyValue)) throw error;
      faults.push(`${name} ${error.message}.`);
      return undefined;
    }
  };
  // A value with a fault is undefined from here on; nothing is returned then, so the stand-ins below are never seen.
  const host = read('HOST', values.host) ?? '';
  const port = read('PORT', values.port) ?? 0;
  const config: Config = {
    port,
    host,
    publicUrl: read('PUBLIC_URL', values.publicUrl) ?? `http://${reachable(host)}:${port}`,
    mongodbUri: read('MONGODB_URI', values.mongodbUri),
    schemasDir: read('SCHEMAS_DIR', (text) => resolve(text)),
    dataDir: read('DATA_DIR', (text) => resolve(text)) ?? '',
    smtpUrl: read('SMTP_URL', values.smtpUrl),
    mailFrom: read('MAIL_FROM', values.mailbox) ?? { name: '', address: '' },
    logLevel: read('LOG_LEVEL', values.logLevel) ?? 'info',
    role: read('ROLLCALL_ROLE', values.role) ?? 'all',
    trustProxy: read('TRUST_PROXY', values.trustProxy) ?? false,
    secretKeys: read('SECRET_KEY', values.secretKeys) ?? Object.freeze([]),
    bootstrapToken: read('ROLLCALL_TOKEN', values.bearerToken),
    limits: DEFAULT_LIMITS,
  };
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  return Object.freeze(config);
}

/** A name that begins like one of ours and is none is a slip of the pen, and its value would silently not count. */
function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(SETTINGS.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name])));
  const ours = [...known].filter((name) => name.startsWith('ROLLCALL_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('ROLLCALL_') && !known.has(name))
    .map((name) => `${name} is not a setting; those that begin so are ${ours.join(', ')}.`);
}

function settingOf(name: string): Setting {
  const found = SETTINGS.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`${name} is not in SETTINGS`);
  return found;
}

/** An empty value is an absent one: that is what compose files pass on for a variable that is not set. */
function textOf(env: Readonly<Record<string, string | undefined>>, { name, default: preset, secret }: Setting): string | undefined {
  const direct = env[name]?.trim() || undefined;
  const file = secret ? env[`${name}_FILE`]?.trim() || undefined : undefined;
  if (file === undefined) return direct ?? preset;
  if (direct !== undefined) throw new values.FaultyValue(`is given twice: set either ${name} or ${name}_FILE`);
  return contentOf(file, name);
}

function contentOf(file: string, name: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new values.FaultyValue(`cannot be read: ${name}_FILE must be the path of a file that this process may read`, { cause });
  }
  if (text === '') throw new values.FaultyValue(`is empty: the file that ${name}_FILE names holds nothing`);
  return text;
}

/** "Every address" is no address to go to. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}
