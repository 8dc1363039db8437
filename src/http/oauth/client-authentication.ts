/** Who asks the authorization server: a client by its id and a secret (RFC 6749 section 2.3.1), never by a bearer token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { TokenHolder } from '../../store/tokens.ts';
import { checkLimits, noteRefusal } from '../authenticate.ts';
import type { Services } from '../services.ts';
import { invalidClient } from './errors.ts';
import { credentialsOf, type Form } from './token-request.ts';

/** As the metadata call them. */
export const AUTHENTICATION_METHODS = ['client_secret_basic', 'client_secret_post'];

/** @throws OAuthError invalid_client, the same whether the id, the secret or the kind of secret is wrong; ScimError 403 and 429 as everywhere */
export async function findClient(request: FastifyRequest, services: Services, form: Form): Promise<TokenHolder> {
  const { id, secret } = credentialsOf(request.headers.authorization, form);
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
