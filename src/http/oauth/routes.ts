/**
 * The authorization server: the token endpoint for client credentials (RFC 6749 section 4.4), its metadata (RFC 8414) and its public keys
 * (RFC 7517 section 5). It is for clients that can exchange a secret for tokens that live ten minutes.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TOKEN_SECONDS } from '../../store/keys.ts';
import type { TokenHolder } from '../../store/tokens.ts';
import { knownScopes } from '../../tenancy/clients.ts';
import { checkLimits, noteRefusal } from '../authenticate.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { invalidClient, invalidRequest, sendOAuthError, unsupportedGrantType } from './errors.ts';
import { grantScopes } from './scopes.ts';
import { credentialsOf, readForm, type Credentials } from './token-request.ts';

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
        const holder = await findClient(request, services, credentialsOf(headers.authorization, form));
        const scope = grantScopes(holder.client.scopes, form.get('scope'), registry);
        const token = await accessTokens.clients.issue(holder, scope);
        tokens.noteUse(holder);
        reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' });
        return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope };
      },
    }, isPublic);

    const metadata = {
      issuer: config.publicUrl,
      token_endpoint: `${config.publicUrl}/oauth/token`,
      jwks_uri: `${config.publicUrl}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
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

/** @throws OAuthError invalid_client, the same whether the id, the secret or the kind of secret is wrong */
async function findClient(request: FastifyRequest, services: Services, { id, secret }: Credentials): Promise<TokenHolder> {
  const holder = await services.tokens.find(secret);
  if (holder?.token.use !== 'secret' || !isSame(holder.client._id, id)) throw refusedSecret(request, services);
  checkLimits(request, services, holder.client);
  return holder;
}

function refusedSecret(request: FastifyRequest, services: Services): Error {
  const error = invalidClient();
  noteRefusal(request, services, error);
  return error;
}

/** In a time that says nothing about where they differ. */
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));
const digest = (text: string) => createHash('sha256').update(text).digest();
