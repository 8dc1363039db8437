/** Bearer tokens: 256 bits, stored and found by their SHA-256 (design rule 4). Never argon2: what has that much entropy needs no slow hash. */
import { createHash, randomBytes } from 'node:crypto';
import type { ClientDocument, TenantDocument, TokenDocument } from './documents.ts';
import type { Store } from './store.ts';

export const newToken = () => `rc_${randomBytes(32).toString('base64url')}`;

export const tokenHash = (token: string) => createHash('sha256').update(token).digest('hex');

/** By how much a removed token or a changed client may be outlived in another process. */
const REMEMBERED_MS = 1000;
const MOST_REMEMBERED = 10_000;

export interface TokenHolder {
  readonly token: TokenDocument;
  readonly client: ClientDocument;
  readonly tenant: TenantDocument;
}

/** Finds who a token stands for. What it found it remembers for a second, so that a busy client costs no query per request. */
export class TokenReader {
  private readonly remembered = new Map<string, { readonly until: number; readonly holder: Promise<TokenHolder | undefined> }>();
  private readonly store: Store;
  private readonly now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.store = store;
    this.now = now;
  }

  /** @returns undefined for a token that is unknown or has expired: the caller cannot tell which */
  async find(token: string): Promise<TokenHolder | undefined> {
    const time = this.now().getTime();
    const hash = tokenHash(token);
    const known = this.remembered.get(hash);
    const holder = await (known && known.until > time ? known.holder : this.load(hash, time));
    return holder && holder.token.expires.getTime() > time ? holder : undefined;
  }

  private load(hash: string, time: number): Promise<TokenHolder | undefined> {
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    const holder = this.query(hash);
    this.remembered.set(hash, { until: time + REMEMBERED_MS, holder });
    holder.catch(() => this.remembered.delete(hash));
    return holder;
  }

  private async query(hash: string): Promise<TokenHolder | undefined> {
    const { collections, limits } = this.store;
    const token = await collections.tokens.findOne({ _id: hash }, { maxTimeMS: limits.operationMs });
    if (!token) return undefined;
    const [client, tenant] = await Promise.all([
      collections.clients.findOne({ _id: token.client, t: token.t }, { maxTimeMS: limits.operationMs }),
      collections.tenants.findOne({ _id: token.t }, { maxTimeMS: limits.operationMs }),
    ]);
    return client && tenant ? { token, client, tenant } : undefined;
  }
}
