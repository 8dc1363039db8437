/**
 * The keys that sign access tokens (RFC 7517, ES256 of RFC 7518 section 3.4), shared by all tenants and all processes. Private keys are stored
 * sealed by SECRET_KEY. A kid is a number that only one process can take, so processes that make a key in the same moment make the same one.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { seal, unseal } from '../seal.ts';
import { isDuplicateKey } from './mongo-errors.ts';
import type { Store } from './store.ts';
import { transact } from './transaction.ts';
import { DAY_MS } from '../time.ts';

export interface KeyDocument {
  /** The kid: 1, 2, 3 as text. */
  readonly _id: string;
  readonly alg: 'ES256';
  readonly public: JsonWebKey;
  /** PKCS #8, sealed by SECRET_KEY. */
  readonly sealed: string;
  readonly created: Date;
  /** From when it signs. */
  readonly signs: Date;
  /** Until when its tokens are accepted; the newest key has no end. */
  readonly retires?: Date;
}

/** One key of a pair. Neither a log nor JSON shows the inside of a `KeyObject`. */
export interface Key {
  readonly kid: string;
  readonly alg: KeyDocument['alg'];
  readonly key: KeyObject;
}

/** How long a token lives: its key is accepted for that much longer than it signs. */
export const TOKEN_SECONDS = 600;

/** What private keys are sealed for. */
export const PURPOSE = 'signing key';
/** By how much a copy in memory may be behind the database. */
const REFRESH_MS = 5000;
/** How often an unknown kid makes a query: anybody can send one. */
const UNKNOWN_MS = 1000;
/** A new key signs when every process has had time to learn of it, and everybody who keeps a copy of the key set. */
export const ROLLOUT_MS = 10 * 60_000;
const ROTATION_MS = 30 * DAY_MS;

export class Keyring {
  private readonly store: Store;
  private readonly secretKeys: () => readonly string[];
  private readonly now: () => Date;
  private copy: { readonly at: number; readonly keys: Promise<readonly KeyDocument[]> } | undefined;

  /** @param secretKeys the first one seals, all of them open */
  constructor(store: Store, secretKeys: () => readonly string[], now: () => Date) {
    this.store = store;
    this.secretKeys = secretKeys;
    this.now = now;
  }

  /** The newest private key whose time has come. Makes one where there is none, or none that SECRET_KEY opens. */
  async signingKey(): Promise<Key> {
    const known = this.newestOpen(await this.keys(REFRESH_MS));
    if (known) return known;
    for (;;) {
      const keys = await this.load();
      const key = this.newestOpen(keys);
      if (key) return key;
      if (keys.length > 0) this.store.log.warn('SECRET_KEY opens no signing key, so a new one is made: keep the former SECRET_KEY beside a new one');
      await this.make(keys, 0);
    }
  }

  /** What checks the tokens that are about, as a JWK set shows it. */
  async publicKeys(): Promise<readonly JsonWebKey[]> {
    const keys = await this.keys(REFRESH_MS);
    return keys.filter((key) => !this.isRetired(key)).map((key) => ({ ...key.public, kid: key._id, alg: key.alg, use: 'sig' }));
  }

  /** The public key, unless it has retired. */
  async verificationKey(kid: string): Promise<Key | undefined> {
    const isIt = (key: KeyDocument) => key._id === kid;
    const key = (await this.keys(REFRESH_MS)).find(isIt) ?? (await this.keys(UNKNOWN_MS)).find(isIt);
    return key && !this.isRetired(key) ? { kid, alg: key.alg, key: createPublicKey({ key: key.public, format: 'jwk' }) } : undefined;
  }

  /** @returns the kid of the new key, which another process may have made in this moment */
  async rotate(): Promise<string> {
    return this.make(await this.load(), ROLLOUT_MS);
  }

  /** @returns the kid of the new key, where it was time for one */
  async rotateWhenDue(): Promise<string | undefined> {
    const keys = await this.load();
    const [newest] = keys;
    return newest && this.now().getTime() - newest.created.getTime() > ROTATION_MS ? this.make(keys, ROLLOUT_MS) : undefined;
  }

  /** Seals every key with the first secret, so that the others can be taken away. @returns how many */
  async reseal(): Promise<number> {
    const secrets = this.secretKeys();
    let resealed = 0;
    for (const { _id, sealed } of await this.load()) {
      const text = unseal(secrets, PURPOSE, sealed);
      if (text === undefined) this.store.log.warn({ kid: _id }, 'SECRET_KEY does not open this signing key: it stays as it is');
      else resealed += (await this.store.collections.keys.updateOne({ _id }, { $set: { sealed: seal(secrets, PURPOSE, text) } })).matchedCount;
    }
    this.copy = undefined;
    return resealed;
  }

  /** @returns how many */
  async dropRetired(): Promise<number> {
    const { deletedCount } = await this.store.collections.keys.deleteMany({ retires: { $lte: this.now() } });
    this.copy = undefined;
    return deletedCount;
  }

  /** Newest first, at most so many milliseconds old. */
  private keys(mostAge: number): Promise<readonly KeyDocument[]> {
    const age = this.copy ? this.now().getTime() - this.copy.at : Infinity;
    // A clock that was set back makes the copy look as if it were from the future.
    return this.copy && age >= 0 && age < mostAge ? this.copy.keys : this.load();
  }

  private load(): Promise<readonly KeyDocument[]> {
    const { collections, limits } = this.store;
    const keys = collections.keys.find({}, { maxTimeMS: limits.operationMs }).toArray().then((found) => found.sort((a, b) => numberOf(b) - numberOf(a)));
    const copy = { at: this.now().getTime(), keys };
    this.copy = copy;
    keys.catch(() => {
      if (this.copy === copy) this.copy = undefined;
    });
    return keys;
  }

  private newestOpen(keys: readonly KeyDocument[]): Key | undefined {
    const time = this.now();
    const living = keys.filter((key) => !this.isRetired(key));
    // The maker's clock may be ahead of ours: a key too early is better than none.
    for (const { _id: kid, alg, sealed } of [...living.filter(({ signs }) => signs <= time), ...living.filter(({ signs }) => signs > time).reverse()]) {
      const text = unseal(this.secretKeys(), PURPOSE, sealed);
      if (text !== undefined) return { kid, alg, key: createPrivateKey(text) };
    }
    return undefined;
  }

  /** The next key after those that are there; they retire when their last tokens have expired. */
  private async make([newest]: readonly KeyDocument[], delay: number): Promise<string> {
    const { keys } = this.store.collections;
    const kid = String((newest ? numberOf(newest) : 0) + 1);
    const created = this.now();
    const signs = new Date(created.getTime() + delay);
    const retires = new Date(signs.getTime() + TOKEN_SECONDS * 1000);
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sealed = seal(this.secretKeys(), PURPOSE, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    try {
      await transact(this.store, async (session) => {
        await keys.insertOne({ _id: kid, alg: 'ES256', public: publicKey.export({ format: 'jwk' }), sealed, created, signs }, { session });
        await keys.updateMany({ _id: { $ne: kid }, retires: { $exists: false } }, { $set: { retires } }, { session });
      });
    } catch (error) {
      // Another process was first: its key is the one.
      if (!isDuplicateKey(error)) throw error;
    }
    this.copy = undefined;
    return kid;
  }

  private isRetired({ retires }: KeyDocument): boolean {
    return retires !== undefined && retires <= this.now();
  }
}

const numberOf = ({ _id }: KeyDocument) => Number(_id);
