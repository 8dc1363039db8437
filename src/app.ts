/** The whole application: every registration, in one visible order. The process around it is `main.ts`. */
import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { accountBehaviours } from './accounts/behaviours.ts';
import { SessionReader } from './accounts/sessions.ts';
import type { Config } from './config.ts';
import { api } from './http/api/plugin.ts';
import { adminConsole } from './http/console/plugin.ts';
import { installErrors, serverErrors } from './http/errors.ts';
import { health } from './http/health.ts';
import { accessTokens } from './http/oauth/access-tokens.ts';
import { oauth } from './http/oauth/routes.ts';
import { openapi } from './http/openapi.ts';
import { loadAssets } from './http/pages/assets.ts';
import { errorPage } from './http/pages/error-page.ts';
import { pages } from './http/pages/plugin.ts';
import { RateLimit } from './http/rate-limit.ts';
import { requestLog } from './http/request-log.ts';
import { scimPlugin } from './http/scim/plugin.ts';
import type { Services } from './http/services.ts';
import type { Log } from './log.ts';
import type { Registry } from './scim/registry.ts';
import { RefusalLog } from './store/audit.ts';
import type { Keyring } from './store/keys.ts';
import { ProvisioningLog } from './store/provisioning-log.ts';
import type { Store } from './store/store.ts';
import { TokenReader } from './store/tokens.ts';

export interface AppOptions {
  readonly config: Config;
  readonly store: Store;
  readonly registry: Registry;
  readonly keyring: Keyring;
  readonly log: Log;
  readonly now: () => Date;
}

export function buildApp(options: AppOptions): FastifyInstance {
  const { config, log, store, keyring, now } = options;
  const base = new URL(config.publicUrl).pathname.replace(/\/$/, '');

  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance,
    // `requestLog` writes one line per request, without its query string.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: trusted(config.trustProxy),
    bodyLimit: config.limits.bodyBytes,
    requestTimeout: 30_000,
    // A connection that does not get its headers out is cut; one without Host gets an answer of ours, not Node's bare one.
    http: { headersTimeout: 8000, connectionsCheckingInterval: 1000, requireHostHeader: false },
    forceCloseConnections: 'idle',
    // Q37: some clients write //Users and /Users/. A URN as an id is longer than the 100 characters that Fastify allows.
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 1000 },
    ...serverErrors(config.limits),
  });

  const services: Services = {
    ...options,
    behaviours: accountBehaviours,
    tokens: new TokenReader(store, now),
    sessions: new SessionReader(store, now),
    accessTokens: accessTokens(app, { publicUrl: config.publicUrl, keyring, now }),
    rates: new RateLimit(now),
    refusals: new RefusalLog(store),
    provisioning: new ProvisioningLog(store),
  };

  app.register(cookie);
  const assets = loadAssets();
  installErrors(app, config.limits, (error, request, reply) => errorPage(error, request, reply, { services, assets, base }));
  requestLog(app);
  health(app, store);
  app.register(openapi(services), { prefix: base });
  app.register(oauth(services));
  app.register(api(services), { prefix: `${base}/api/v1` });
  app.register(pages(services), { prefix: base });
  app.register(adminConsole(services), { prefix: base });
  app.register(scimPlugin(services), { prefix: `${base}/scim/v2` });
  app.register(scimPlugin(services), { prefix: `${base}/t/:tenant/scim/v2` });
  return app;
}

/** A number means so many proxies in front of us, counted from here. */
function trusted(proxies: Config['trustProxy']): boolean | string[] | ((address: string, hop: number) => boolean) {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  return typeof proxies === 'boolean' ? proxies : [...proxies];
}
