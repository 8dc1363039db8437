/**
 * The whole application on a database of its own, called by `inject`: real MongoDB, fake clock, no socket. Every command that it sends to
 * MongoDB is looked at (`store.ts`), and another tenant that holds the same must stay as it is (`neighbour.ts`).
 */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { mongo } from 'mongoose';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { loadConfig, type Config } from '../../src/config.ts';
import { createLog, type Log } from '../../src/log.ts';
import { scopeOf } from '../../src/resources/context.ts';
import type { Json } from '../../src/scim/json.ts';
import { loadRegistry, type Registry } from '../../src/scim/registry.ts';
import { ALL_TOLERANCES } from '../../src/scim/tolerances.ts';
import { POPULATIONS } from '../../src/store/audience.ts';
import type { ClientDocument } from '../../src/store/documents.ts';
import { Keyring } from '../../src/store/keys.ts';
import type { Store } from '../../src/store/store.ts';
import { tokenHash } from '../../src/store/tokens.ts';
import { createTenant } from '../../src/tenancy/tenants.ts';
import { Neighbour } from './neighbour.ts';
import { openTestStore, SCHEMAS } from './store.ts';

export { SCHEMAS };
export const DAY_MS = 24 * 60 * 60 * 1000;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** The parsed body; undefined where there is none. Tests say what they expect of it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  /** Sent as it is, instead of JSON. */
  readonly raw?: string | Buffer;
}

export interface ClientOptions {
  readonly tolerances?: 'default' | 'strict';
  readonly scopes?: readonly string[];
  readonly patchAnswer?: 'resource' | 'empty';
  /** The User that the client is bound to. */
  readonly person?: string;
  /** URNs of schemas that are switched on for the client. */
  readonly shows?: readonly string[];
  /** Further ones of `CLIENT_SETTINGS`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface TestApp {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly registry: Registry;
  readonly config: Config;
  /** Tokens of the tenant `default`: a client that is tolerant, one with the preset `strict`, and one of another tenant. */
  readonly tokens: { readonly tolerant: string; readonly strict: string; readonly other: string };
  /** The ids of the tenants. */
  readonly tenants: { readonly own: string; readonly other: string };
  readonly clock: { now: Date };
  /** Calls a path under `/scim/v2`, strict unless another token is given. */
  readonly call: (method: string, path: string, body?: Json, options?: CallOptions) => Promise<Answer>;
  readonly makeClient: (tenant: string, options?: ClientOptions) => Promise<{ token: string; client: string }>;
}

export interface Parts {
  /** Other schemas than the ones that are shipped. */
  readonly registry?: Registry;
  readonly log?: Log;
  /** Sees every command that goes to MongoDB. */
  readonly monitor?: (event: mongo.CommandStartedEvent) => void;
}

/** @param file `import.meta.url`: names the database */
export async function startApp(t: Test, file: string, overrides: Partial<Config> = {}, parts: Parts = {}): Promise<TestApp> {
  const config: Config = { ...loadConfig({ PUBLIC_URL: 'https://scim.example', SECRET_KEY: 'a key for tests of at least 32 characters' }), ...overrides };
  const { registry = loadRegistry(SCHEMAS), log = createLog({ level: 'silent' }), monitor } = parts;
  const closing = async () => {
    await app.close();
    await store.settled();
    await neighbour.check();
  };
  const store = await openTestStore(t, file, { registry, limits: config.limits, log, closing, ...(monitor ? { monitor } : {}) });
  const clock = { now: new Date('2026-01-05T09:00:00.000Z') };
  const now = () => clock.now;
  const keyring = new Keyring(store, () => config.secretKeys, now);
  const app = buildApp({ config, store, registry, keyring, log, now });
  await app.ready();

  const makeTenant = async (name: string) => {
    const operator = { store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined } as const;
    return (await createTenant(operator, name)).id;
  };
  const makeClient = async (tenant: string, options: ClientOptions = {}) => {
    const client = `client-${randomBytes(6).toString('hex')}`;
    const token = `test_${randomBytes(24).toString('base64url')}`;
    const all = [...registry.resourceTypes.flatMap((type) => [scopeOf(type, 'read'), scopeOf(type, 'write')]), 'users:password'];
    const document: ClientDocument = {
      _id: client, t: tenant, name: client, created: clock.now,
      scopes: options.scopes ?? all,
      settings: {
        populations: POPULATIONS,
        ...(options.tolerances === 'strict' ? { refusedTolerances: ALL_TOLERANCES } : {}),
        ...(options.patchAnswer === undefined ? {} : { patchAnswer: options.patchAnswer }),
        ...(options.shows === undefined ? {} : { shows: options.shows }),
        ...options.settings,
      },
      ...(options.person === undefined ? {} : { person: options.person }),
    };
    await store.collections.clients.insertOne(document);
    await store.collections.tokens.insertOne({ _id: tokenHash(token), t: tenant, client, use: 'bearer', label: 'test', created: clock.now, expires: new Date(clock.now.getTime() + 3650 * DAY_MS) });
    return { token, client };
  };
  const own = await makeTenant('default');
  const other = await makeTenant('other');
  const neighbour = new Neighbour(store, own);
  const endpoints = new Map(registry.resourceTypes.map((type) => [type.endpoint, type]));
  const tokens = {
    tolerant: (await makeClient(own)).token,
    strict: (await makeClient(own, { tolerances: 'strict' })).token,
    other: (await makeClient(other)).token,
  };

  const call = async (method: string, path: string, body?: Json, options: CallOptions = {}): Promise<Answer> => {
    const token = 'token' in options ? options.token : tokens.strict;
    const payload = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await app.inject({
      method: method as 'GET',
      url: path.startsWith('/t/') || path.startsWith('/scim/') ? path : `/scim/v2${path}`,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(payload === undefined ? {} : { 'content-type': 'application/scim+json' }),
        ...options.headers,
      },
      ...(payload === undefined ? {} : { payload }),
    });
    const type = method === 'POST' && response.statusCode === 201 ? endpoints.get(path) : undefined;
    if (type) await neighbour.copy(type, String(response.headers.location).split('/').at(-1) ?? '');
    return { status: response.statusCode, headers: response.headers, text: response.body, body: response.body === '' ? undefined : JSON.parse(response.body) };
  };

  return { app, store, registry, config, tokens, tenants: { own, other }, clock, call, makeClient };
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let made = 0;
/** A name that nothing else in this process has. */
export const unique = (prefix: string) => `${prefix}-${process.pid}-${++made}`;

export const userBody = (attributes: Record<string, Json> = {}): Json => ({ schemas: [USER], userName: unique('user'), ...attributes });
export const groupBody = (attributes: Record<string, Json> = {}): Json => ({ schemas: [GROUP], displayName: unique('group'), ...attributes });
export const patchBody = (...Operations: Json[]): Json => ({ schemas: [PATCH_OP], Operations });
