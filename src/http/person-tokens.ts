/** What an application has of a sign-in: an access token and a refresh token in place of a cookie. */
import type { FastifyRequest } from 'fastify';
import { findByRefreshToken, rotate, signOutByToken } from '../accounts/token-sessions.ts';
import { ScimError } from '../errors.ts';
import type { SessionDocument } from '../store/account-documents.ts';
import { PERSON_TOKEN_SECONDS } from './oauth/person-tokens.ts';
import { personContext } from './people.ts';
import type { Services } from './services.ts';

export interface Tokens {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
}

/** @param audience the session's */
export async function tokensOf({ accessTokens }: Services, session: SessionDocument, audience: string, refreshToken: string): Promise<Tokens> {
  return { accessToken: await accessTokens.people.issue(session, audience), tokenType: 'Bearer', expiresIn: PERSON_TOKEN_SECONDS, refreshToken };
}

/** Each refresh token once: one that was used before ends what it began. @throws ScimError 401, the same whatever is wrong with it */
export async function refreshTokens(request: FastifyRequest, services: Services, token: string): Promise<Tokens> {
  const found = await findByRefreshToken(services.sessions, token);
  const next = found && (await rotate(personContext(request, services, found), found));
  if (!next?.session.tokens) throw new ScimError(401, 'The refresh token is not valid, or not any more: sign in again.', { headers: { 'www-authenticate': 'Session realm="account"' } });
  return tokensOf(services, next.session, next.session.tokens.audience, next.refreshToken);
}

/** For a token that is not valid there is nothing left to end. */
export async function endTokens(request: FastifyRequest, services: Services, token: string): Promise<void> {
  const found = await findByRefreshToken(services.sessions, token);
  if (found) await signOutByToken(personContext(request, services, found), found);
}
