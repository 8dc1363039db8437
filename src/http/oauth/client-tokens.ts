/** Access tokens of provisioning clients that exchange a secret for them: for SCIM, for ten minutes. Only they have the claim `scope`. */
import { TOKEN_SECONDS } from '../../store/keys.ts';
import type { TokenHolder } from '../../store/tokens.ts';
import type { CommonClaims, SignedTokens } from './signed-tokens.ts';

/** `sub` and `client_id` are both the client's id (RFC 9068 section 2.2); `sid` is the SHA-256 of its secret: the token ends with the secret. */
export interface ClientClaims extends CommonClaims {
  /** Names with a blank between them. */
  readonly scope: string;
}

export class ClientTokens {
  private readonly tokens: SignedTokens;
  private readonly audience: string;

  constructor(tokens: SignedTokens) {
    this.tokens = tokens;
    this.audience = scimAudience(tokens.issuer);
  }

  issue({ token, client, tenant }: TokenHolder, scope: string): Promise<string> {
    return this.tokens.sign({ aud: this.audience, sub: client._id, client_id: client._id, tid: tenant._id, sid: token._id, scope }, TOKEN_SECONDS);
  }

  /** @returns undefined for anything but a token of this kind that is valid now */
  async check(token: string): Promise<ClientClaims | undefined> {
    const claims = await this.tokens.open(token, ['scope']);
    return claims && isClient(claims) && claims.aud === this.audience && claims.sub === claims.client_id ? claims : undefined;
  }
}

/** Whom the tokens of clients are for: SCIM. No application may be called so. */
export const scimAudience = (publicUrl: string) => `${publicUrl}/scim/v2`;

const isClient = (claims: CommonClaims & Readonly<Record<'scope', unknown>>): claims is ClientClaims => typeof claims.scope === 'string';
