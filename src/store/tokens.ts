/** Bearer tokens: 256 bits, stored and found by their SHA-256 (design rule 4). Never argon2: what has that much entropy needs no slow hash. */
import { createHash, randomBytes } from 'node:crypto';
import { Remembered } from '../remembered.ts';
import type { ClientDocument, TenantDocument, TokenDocument } from './documents.ts';
import type { Store } from './store.ts';

/** The prefix tells people and secret scanners what they have found. */
export const newToken = (use: TokenDocument['use'] = 'bearer') => `${use === 'bearer' ? 'rc' : 'rcs'}_${randomBytes(32).toString('base64url')}`;

export const tokenHash = (token: string) => createHash('sha256').update(token).digest('hex');

export const labelOf = (token: string) => token.slice(0, 9);

/** Tokens whose last use is known here. */
const MOST_NOTED = 10_000;
/** How exact the last use is that people are shown. */
const USE_NOTED_MS = 60_000;

export interface TokenHolder {
  readonly token: TokenDocument;
  readonly client: ClientDocument;
  readonly tenant: TenantDocument;
}

const isValid = ({ token, client, tenant }: TokenHolder, time: number) =>
  tenant.state === 'active' && client.settings['enabled'] !== false && token.expires.getTime() > time;

/** Finds who a token stands for. What it found it remembers for a second, so that a busy client costs no query per request. */
export class TokenReader {
  private readonly remembered = new Remembered((hash) => this.query(hash));
  private readonly noted = new Map<string, number>();
  private readonly store: Store;
  private readonly now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.store = store;
    this.now = now;
  }

  /** @returns undefined for a token that is unknown, expired, revoked, of a client that is switched off, or of a tenant that is not active: the caller cannot tell which */
  find(token: string): Promise<TokenHolder | undefined> {
    return this.findByHash(tokenHash(token));
  }

  async findByHash(hash: string): Promise<TokenHolder | undefined> {
    const time = this.now().getTime();
    const holder = await this.remembered.get(hash, time);
    return holder && isValid(holder, time) ? holder : undefined;
  }

  /** Whoever changes a token, a client or a tenant calls this, so that the next request on this server sees it. */
  forget(): void {
    this.remembered.forget();
  }

  /** Remembers in the database that the token was used; its first use gives its predecessor the time it has left. Nobody waits for it. */
  noteUse({ token }: TokenHolder): void {
    const time = this.now().getTime();
    if (time - (this.noted.get(token._id) ?? token.lastUsed?.getTime() ?? 0) < USE_NOTED_MS) return;
    if (this.noted.size >= MOST_NOTED) this.noted.clear();
    this.noted.set(token._id, time);
    // What was not recorded is tried again with the next request.
    const recorded = this.recordUse(token, new Date(time)).catch((error: unknown) => {
      this.noted.delete(token._id);
      throw error;
    });
    this.store.background(recorded, 'the last use of a token is not recorded');
  }

  private async recordUse({ _id, t, succeeds, lastUsed }: TokenDocument, at: Date): Promise<void> {
    const { tokens } = this.store.collections;
    if (succeeds && !lastUsed) {
      const ends = new Date(at.getTime() + succeeds.graceSeconds * 1000);
      await tokens.updateOne({ _id: succeeds.token, t, expires: { $gt: ends } }, { $set: { expires: ends } });
    }
    await tokens.updateOne({ _id, t }, { $max: { lastUsed: at } });
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
