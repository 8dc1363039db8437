/**
 * What all access tokens have in common: JSON web tokens in the profile of RFC 9068, signed with the keys of the `Keyring` and opened to the
 * letter (RFC 8725). Each kind has claims that no other has, so that a token of one kind is none of another.
 */
import { randomUUID } from 'node:crypto';
import type { JWT } from '@fastify/jwt';
import type { Key, Keyring } from '../../store/keys.ts';

export interface CommonClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly client_id: string;
  /** The id of the tenant. */
  readonly tid: string;
  /** The id of what the token ends with. */
  readonly sid: string;
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
const TEXTS = ['iss', 'aud', 'sub', 'client_id', 'tid', 'sid', 'jti'] as const;
const TIMES = ['iat', 'nbf', 'exp'] as const;

/** What a kind says itself; the rest follows from the moment. */
type Said<Own extends string> = Pick<CommonClaims, 'aud' | 'sub' | 'client_id' | 'tid' | 'sid'> & Readonly<Record<Own, string | number>>;

export class SignedTokens {
  readonly issuer: string;
  private readonly jwt: () => JWT;
  private readonly keyring: Keyring;
  private readonly now: () => Date;

  constructor(jwt: () => JWT, { publicUrl, keyring, now }: AccessTokenOptions) {
    this.issuer = publicUrl;
    this.jwt = jwt;
    this.keyring = keyring;
    this.now = now;
  }

  async sign<Own extends string>(said: Said<Own>, seconds: number): Promise<string> {
    const { kid, alg, key } = await this.keyring.signingKey();
    const iat = Math.floor(this.now().getTime() / 1000);
    const claims = { iss: this.issuer, ...said, iat, nbf: iat, exp: iat + seconds, jti: randomUUID() };
    return this.jwt().sign(claims, { key: key.export({ type: 'pkcs8', format: 'pem' }), algorithm: alg, kid, header: { typ: TYPE, alg } });
  }

  /**
   * @param own the claims by which the kind is known
   * @returns undefined for a token that is not ours, not valid now, of another kind, or not written exactly as `sign` writes it
   */
  async open<Own extends string>(token: string, own: readonly Own[]): Promise<(CommonClaims & Readonly<Record<Own, unknown>>) | undefined> {
    if (token.length > MOST_CHARACTERS || !token.split('.').every(isCanonical)) return undefined;
    const header = this.headerOf(token);
    const key = header && (await this.keyring.verificationKey(header.kid));
    if (!key || key.alg !== header.alg) return undefined;
    const payload = this.payloadOf(token, key);
    return isClaims(payload, own) && this.isForNow(payload) ? payload : undefined;
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

  private isForNow({ iss, iat, nbf, exp }: CommonClaims): boolean {
    const seconds = this.now().getTime() / 1000;
    return iss === this.issuer && exp > seconds && Math.max(iat, nbf) <= seconds + LEEWAY_SECONDS;
  }
}

/** A decoder forgives bits that mean nothing at the end; then one token could be written in several ways. */
const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part;

/** These three and no others: what names another key, or must be understood (`crit`), is never ours. */
function isHeader(header: unknown): header is { readonly kid: string; readonly alg: string } {
  if (typeof header !== 'object' || header === null || !('typ' in header) || !('alg' in header) || !('kid' in header)) return false;
  return Object.keys(header).length === 3 && header.typ === TYPE && typeof header.alg === 'string' && typeof header.kid === 'string';
}

/** These and no others. */
function isClaims<Own extends string>(payload: object | undefined, own: readonly Own[]): payload is CommonClaims & Readonly<Record<Own, unknown>> {
  if (!payload) return false;
  const claims = new Map<string, unknown>(Object.entries(payload));
  if (claims.size !== TEXTS.length + TIMES.length + own.length || !own.every((name) => claims.has(name))) return false;
  return TEXTS.every((name) => typeof claims.get(name) === 'string') && TIMES.every((name) => Number.isSafeInteger(claims.get(name)));
}
