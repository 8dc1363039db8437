/** The hosted pages: sign-in, activation, recovery, renewal, second factor, address, account. They work without a script. */
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { TenantInfo } from '../../resources/context.ts';
import { policyOf } from '../../policy.ts';
import { findPerson, tenantContext } from '../people.ts';
import { toScimError } from '../scim/error-body.ts';
import type { Services } from '../services.ts';
import { accountPages } from './account-pages.ts';
import { loadAssets, themeAsset, type Asset } from './assets.ts';
import { frameOf, sendPage, type PageParts } from './frame.ts';
import { linkPages } from './link-pages.ts';
import { securityPages } from './security-pages.ts';
import { signInPages } from './sign-in-pages.ts';
import { stepPages } from './step-pages.ts';
import { statusMessage, type PageStatus } from './views/message.tsx';

const FORM_BYTES = 16 * 1024;

export function pages(services: Services) {
  return function routes(app: FastifyInstance, _options: object, done: () => void): void {
    const base = new URL(services.config.publicUrl).pathname.replace(/\/$/, '');
    const parts: PageParts = { services, assets: loadAssets(), base };
    app.removeAllContentTypeParsers();
    app.register(formbody, { bodyLimit: FORM_BYTES });
    app.setErrorHandler((error, request, reply) => errorPage(error, request, reply, parts));
    app.after(() => {
      assetRoutes(app, parts);
      signInPages(app, parts);
      linkPages(app, parts);
      stepPages(app, parts);
      accountPages(app, parts);
      securityPages(app, parts);
    });
    done();
  };
}

function assetRoutes(app: FastifyInstance, { assets }: PageParts): void {
  const send = (reply: FastifyReply, { body, type, hash }: Asset, kept: string) =>
    reply.type(type).headers({ 'cache-control': kept, etag: `"${hash}"`, 'x-content-type-options': 'nosniff' }).send(body);
  for (const asset of [assets.stylesheet, assets.script]) app.get(asset.path, (_request, reply) => send(reply, asset, 'public, max-age=31536000, immutable'));
  app.get('/assets/:name', (request, reply) => {
    const { params } = request;
    const name = typeof params === 'object' && params !== null && 'name' in params ? String(params.name) : '';
    const theme = themeAsset(`/assets/${name}`);
    return theme ? send(reply, theme, 'public, max-age=3600') : reply.code(404).type('text/plain').send('Not found');
  });
}

/** Whatever went wrong is told on a page, with what to do; the tenant may be what is not known. */
async function errorPage(thrown: unknown, request: FastifyRequest, reply: FastifyReply, parts: PageParts): Promise<FastifyReply> {
  const { services } = parts;
  const error = toScimError(thrown, request.routeOptions.bodyLimit, services.config.limits);
  request.failure = error;
  if (error.status >= 500) request.log.error({ err: error.cause ?? error, requestId: request.id }, 'a page failed');
  const tenant = await tenantFor(request, services);
  const page = frameOf(request, reply, parts, tenant);
  const text = page.translate('page.toAccount');
  return sendPage(reply.headers(error.headers), statusMessage({ page, status: pageStatus(error.status), link: { address: `${parts.base}/account`, text } }), error.status);
}

async function tenantFor(request: FastifyRequest, services: Services): Promise<TenantInfo> {
  try {
    return (await findPerson(request, services))?.context.tenant ?? (await tenantContext(request, services, undefined)).tenant;
  } catch {
    return { name: 'Rollcall', policy: policyOf({}) };
  }
}

const STATUSES: readonly PageStatus[] = [400, 403, 404, 409, 429, 503];

function pageStatus(status: number): PageStatus {
  const known = STATUSES.find((one) => one === status);
  return known ?? (status >= 500 ? 500 : 400);
}
