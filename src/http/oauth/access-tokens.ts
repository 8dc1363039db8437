/** Access tokens for clients that use OAuth 2.0: JSON web tokens in the profile of RFC 9068, checked to the letter (RFC 8725). */
import { randomUUID } from 'node:crypto';
import fastifyJwt, { type JWT } from '@fastify/jwt';
import type { FastifyInstance } from 'fastify';
import { TOKEN_SECONDS, type Key, type Keyring } from '../../store/keys.ts';
import type { TokenHolder } from '../../store/tokens.ts';

export interface Claims {
  readonly iss: string;
  readonly aud: string;
  /** The client's id, twice: RFC 9068 section 2.2. */
  readonly sub: string;
  readonly client_id: string;
  /** The id of the client's tenant. */
  readonly tid: string;
  /** SHA-256 of the client secret that it was issued for: the token ends with the secret. */
  readonly sid: string;
  /** Names with a blank between them. */
  readonly scope: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
}

export interface AccessTokenOptions {
  readonly publicUrl: string;
  readonly keyring: Keyring;
  readonly now: () => Date;
}

const TYPE = 'at+jwt';
const MOST_CHARACTERS = 4096;
/** By how much the clock of the process that issued a token may be ahead of ours. */
const LEEWAY_SECONDS = 60;
const TEXTS = ['iss', 'aud', 'sub', 'client_id', 'tid', 'sid', 'scope', 'jti'] as const;
const TIMES = ['iat', 'nbf', 'exp'] as const;

/** Registers `@fastify/jwt` with the app. Keys are named with every call; what the plugin adds to requests and replies has none. */
export function accessTokens(app: FastifyInstance, options: AccessTokenOptions): AccessTokens {
  app.register(fastifyJwt, { secret: () => Promise.reject(new Error('Use AccessTokens.')), verify: { algorithms: ['ES256'], cache: false } });
  return new AccessTokens(() => app.jwt, options);
}

export class AccessTokens {
  private readonly jwt: () => JWT;
  private readonly keyring: Keyring;
  private readonly now: () => Date;
  private readonly issuer: string;
  private readonly audience: string;

  constructor(jwt: () => JWT, { publicUrl, keyring, now }: AccessTokenOptions) {
    this.jwt = jwt;
    this.keyring = keyring;
    this.now = now;
    this.issuer = publicUrl;
    this.audience = `${publicUrl}/scim/v2`;
  }

  async issue({ token, client, tenant }: TokenHolder, scope: string): Promise<string> {
    const { kid, alg, key } = await this.keyring.signingKey();
    const iat = Math.floor(this.now().getTime() / 1000);
    const claims: Claims = {
      iss: this.issuer, aud: this.audience, sub: client._id, client_id: client._id, tid: tenant._id, sid: token._id, scope,
      iat, nbf: iat, exp: iat + TOKEN_SECONDS, jti: randomUUID(),
    };
    return this.jwt().sign(claims, { key: key.export({ type: 'pkcs8', format: 'pem' }), algorithm: alg, kid, header: { typ: TYPE, alg } });
  }

  /** @returns undefined for a token that is not ours, not valid now, or not written exactly as `issue` writes it */
  async check(token: string): Promise<Claims | undefined> {
    if (token.length > MOST_CHARACTERS || !token.split('.').every(isCanonical)) return undefined;
    const header = this.headerOf(token);
    const key = header && (await this.keyring.verificationKey(header.kid));
    if (!key || key.alg !== header.alg) return undefined;
    const payload = this.payloadOf(token, key);
    return isClaims(payload) && this.isForNow(payload) ? payload : undefined;
  }

  private headerOf(token: string): { readonly kid: string; readonly alg: string } | undefined {
    try {
      const decoded = this.jwt().decode<object>(token, { complete: true });
      return decoded && 'header' in decoded && isHeader(decoded.header) ? decoded.header : undefined;
    } catch {
      return undefined;
    }
  }

  /** Verifies the signature, with the key's own algorithm and no other. */
  private payloadOf(token: string, { alg, key }: Key): object | undefined {
    try {
      const pem = key.export({ type: 'spki', format: 'pem' });
      return this.jwt().verify<object>(token, { key: pem, algorithms: [alg], clockTimestamp: this.now().getTime(), clockTolerance: LEEWAY_SECONDS * 1000 });
    } catch {
      return undefined;
    }
  }

  private isForNow({ iss, aud, sub, client_id: client, iat, nbf, exp }: Claims): boolean {
    const seconds = this.now().getTime() / 1000;
    return iss === this.issuer && aud === this.audience && sub === client && exp > seconds && Math.max(iat, nbf) <= seconds + LEEWAY_SECONDS;
  }
}

/** A decoder forgives bits that mean nothing at the end; then one token could be written in several ways. */
const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;

/** These three and no others: what names another key, or must be understood (`crit`), is never ours. */
function isHeader(header: unknown): header is { readonly kid: string; readonly alg: string } {
  if (typeof header !== 'object' || header === null || !('typ' in header) || !('alg' in header) || !('kid' in header)) return false;
  return Object.keys(header).length === 3 && header.typ === TYPE && typeof header.alg === 'string' && typeof header.kid === 'string';
}

function isClaims(payload: object | undefined): payload is Claims {
  if (!payload) return false;
  const claims = new Map<string, unknown>(Object.entries(payload));
  return TEXTS.every((name) => typeof claims.get(name) === 'string') && TIMES.every((name) => Number.isSafeInteger(claims.get(name)));
}
