/**
 * The authorization server: the token endpoint for client credentials (RFC 6749 section 4.4), introspection (RFC 7662), its metadata (RFC 8414)
 * and its public keys (RFC 7517 section 5). Tokens of people are given out by `/api/v1/sign-in`.
 */
import type { FastifyInstance } from 'fastify';
import { TOKEN_SECONDS } from '../../store/keys.ts';
import { knownScopes } from '../../tenancy/clients.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { AUTHENTICATION_METHODS, findClient } from './client-authentication.ts';
import { invalidRequest, sendOAuthError, unsupportedGrantType } from './errors.ts';
import { introspect } from './introspection.ts';
import { grantScopes } from './scopes.ts';
import { readForm } from './token-request.ts';

const BODY_BYTES = 8 * 1024;
const METADATA = '/.well-known/oauth-authorization-server';
const KEYS_SECONDS = 300;

/** To be registered without a prefix: section 3.1 of RFC 8414 puts the path of PUBLIC_URL behind the well-known part. */
export function oauth(services: Services) {
  const { config, registry, tokens, keyring, accessTokens } = services;
  return function routes(app: FastifyInstance, _options: object, done: () => void): void {
    const base = new URL(config.publicUrl).pathname.replace(/\/$/, '');
    const isPublic = { public: true, bodyLimit: BODY_BYTES };

    // Whatever the media type: it is for the handler to refuse, so that another method is 405 with any body.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => parsed(null, body));
    app.setErrorHandler((error, request, reply) => sendOAuthError(error, request, reply, config.limits));

    path(app, `${base}/oauth/token`, {
      POST: async (request, reply) => {
        const { headers, body } = request;
        const form = readForm(headers['content-type'], body);
        const grant = form.get('grant_type');
        if (grant === undefined) throw invalidRequest('The grant_type is missing.');
        if (grant !== 'client_credentials') throw unsupportedGrantType();
        const holder = await findClient(request, services, form);
        const scope = grantScopes(holder.client.scopes, form.get('scope'), registry);
        const token = await accessTokens.clients.issue(holder, scope);
        tokens.noteUse(holder);
        reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
        return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope };
      },
    }, isPublic);

    path(app, `${base}/oauth/introspect`, {
      POST: async (request, reply) => {
        const form = readForm(request.headers['content-type'], request.body);
        const holder = await findClient(request, services, form);
        const token = form.get('token');
        if (token === undefined) throw invalidRequest('The token is missing.');
        tokens.noteUse(holder);
        return reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' }).send(await introspect(services, holder, token));
      },
    }, isPublic);

    const metadata = {
      issuer: config.publicUrl,
      token_endpoint: `${config.publicUrl}/oauth/token`,
      jwks_uri: `${config.publicUrl}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
      introspection_endpoint: `${config.publicUrl}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
      response_types_supported: [],
      scopes_supported: knownScopes(registry.view([])),
    };
    for (const url of new Set([`${METADATA}${base}`, `${base}${METADATA}`])) path(app, url, { GET: () => metadata }, isPublic);

    path(app, `${base}/.well-known/jwks.json`, {
      GET: async (_request, reply) => reply.header('cache-control', `public, max-age=${KEYS_SECONDS}`).send({ keys: await keyring.publicKeys() }),
    }, isPublic);
    done();
  };
}
