/** The kinds of access tokens that there are. */
import fastifyJwt from '@fastify/jwt';
import type { FastifyInstance } from 'fastify';
import { ClientTokens } from './client-tokens.ts';
import { PersonTokens } from './person-tokens.ts';
import { SignedTokens, type AccessTokenOptions } from './signed-tokens.ts';

export interface AccessTokens {
  readonly clients: ClientTokens;
  readonly people: PersonTokens;
}

/** Registers `@fastify/jwt` with the app. Keys are named with every call; what the plugin adds to requests and replies has none. */
export function accessTokens(app: FastifyInstance, options: AccessTokenOptions): AccessTokens {
  app.register(fastifyJwt, { secret: () => Promise.reject(new Error('Use AccessTokens.')), verify: { algorithms: ['ES256'], cache: false } });
  const tokens = new SignedTokens(() => app.jwt, options);
  return { clients: new ClientTokens(tokens), people: new PersonTokens(tokens) };
}
