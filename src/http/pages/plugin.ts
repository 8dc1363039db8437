/** The hosted pages: sign-in, activation, recovery, renewal, second factor, address, account. They work without a script. */
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Services } from '../services.ts';
import { accountPages } from './account-pages.ts';
import { loadAssets, themeAsset, type Asset } from './assets.ts';
import { errorPage } from './error-page.ts';
import type { PageParts } from './frame.ts';
import { linkPages } from './link-pages.ts';
import { securityPages } from './security-pages.ts';
import { signInPages } from './sign-in-pages.ts';
import { stepPages } from './step-pages.ts';

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

const everyAsset = ({ stylesheet, script, icon, console, consoleScript }: PageParts['assets']): readonly Asset[] => [stylesheet, script, icon, console, consoleScript];

function assetRoutes(app: FastifyInstance, { assets }: Pick<PageParts, 'assets'>): void {
  const send = (reply: FastifyReply, { body, type, hash }: Asset, kept: string) =>
    reply.type(type).headers({ 'cache-control': kept, etag: `"${hash}"`, 'x-content-type-options': 'nosniff' }).send(body);
  for (const asset of everyAsset(assets)) app.get(asset.path, (_request, reply) => send(reply, asset, 'public, max-age=31536000, immutable'));
  app.get('/assets/:name', (request, reply) => {
    const { params } = request;
    const name = typeof params === 'object' && params !== null && 'name' in params ? String(params.name) : '';
    const theme = themeAsset(`/assets/${name}`);
    return theme ? send(reply, theme, 'public, max-age=3600') : reply.code(404).type('text/plain').send('Not found');
  });
}
