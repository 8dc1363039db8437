/** Applications that people of the world sign in to, and a client that asks what tokens are worth. */
import { createHash, sign, type KeyObject } from 'node:crypto';
import type { Json } from '../../src/scim/json.ts';
import { newToken, tokenHash } from '../../src/store/tokens.ts';
import { DAY_MS, type Answer, type ClientOptions } from '../helpers/app.ts';
import { PASSWORD, type CallAs, type Somebody, type World } from './world.ts';

export const PLANNER = 'https://planner.example/';
export const LEDGER = 'ledger';
export const ISSUER = 'https://scim.example';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Secret {
  readonly id: string;
  readonly secret: string;
}

export async function withApplications(world: World) {
  const { api, app, clock, makeClient, policy, signIn, store, tenants } = world;
  await policy({ applications: [PLANNER, LEDGER] });

  const makeSecret = async (tenant = tenants.own, options: ClientOptions = {}): Promise<Secret> => {
    const { client: id } = await makeClient(tenant, { scopes: [], ...options });
    const secret = newToken('secret');
    await store.collections.tokens.insertOne({ _id: tokenHash(secret), t: tenant, client: id, use: 'secret', label: 'test', created: clock.now, expires: new Date(clock.now.getTime() + 3650 * DAY_MS) });
    return { id, secret };
  };
  const asking = await makeSecret();

  const form = async (url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await app.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, payload: new URLSearchParams(fields).toString() });
    return { status: response.statusCode, headers: response.headers, text: response.body, body: response.body === '' ? undefined : response.json() };
  };
  const introspect = (token: string, by: Secret = asking) => form('/oauth/introspect', { client_id: by.id, client_secret: by.secret, token });
  const refresh = (refreshToken: Json, options: CallAs = {}) => api('POST', '/refresh', { refreshToken }, { token: '', ...options });

  return {
    asking, makeSecret, form, introspect, refresh,
    signInFor: (person: Somebody, audience: Json = PLANNER, password = PASSWORD, options: CallAs = {}) => api('POST', '/sign-in', { name: person.address, password, tenant: 'default', audience }, { token: '', ...options }),
    /** @throws where the sign-in is refused or asks for a step */
    tokens: async (person: Somebody, audience = PLANNER): Promise<Tokens> => tokensIn(await api('POST', '/sign-in', { name: person.address, password: PASSWORD, tenant: 'default', audience }, { token: '' })),
    refreshed: async (refreshToken: string): Promise<Tokens> => tokensIn(await refresh(refreshToken)),
    signOut: (refreshToken: Json) => api('POST', '/sign-out', { refreshToken }, { token: '' }),
    /** Whether tokens are worth something. */
    active: async (...tokens: readonly string[]): Promise<readonly boolean[]> => {
      const answers = [];
      for (const token of tokens) answers.push(await introspect(token));
      for (const { status, text } of answers) if (status !== 200) throw new Error(text);
      return answers.map(({ body }) => body.active);
    },
    sessionsOf: ({ id }: Somebody) => world.database.collection('sessions').find({ person: id }).sort({ created: 1 }).toArray(),
    signIn,
  };
}

function tokensIn({ text, body }: { readonly text: string; readonly body: Tokens | undefined }): Tokens {
  if (typeof body?.refreshToken !== 'string' || typeof body.accessToken !== 'string') throw new Error(text);
  return body;
}

const encoded = (part: unknown) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
export const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());
/** With the claims that are numbers. */
interface Claims extends Readonly<Record<string, unknown>> {
  readonly iat: number;
  readonly exp: number;
  readonly epoch: number;
}

export const partsOf = (token: string): { readonly header: Readonly<Record<string, unknown>>; readonly claims: Claims; readonly signature: string } => {
  const [header, payload, signature = ''] = token.split('.');
  return { header: decoded(header), claims: decoded(payload), signature };
};

/** As our server signs, or somebody who has got hold of a key. */
export function forge(header: unknown, claims: unknown, key: KeyObject): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
