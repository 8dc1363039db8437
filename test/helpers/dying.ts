/** A process that ends in the middle of something: a store whose work stops before or after one of its commands. */
import type { mongo } from 'mongoose';
import type { Collections, Store } from '../../src/store/store.ts';

/** Where it ends: at a command of a collection, or when it commits. */
export type Death = { readonly collection: keyof Collections; readonly command: string; readonly when: 'before' | 'after' } | { readonly when: 'before commit' | 'after commit' };

export const DIED = 'the process has ended';
export class Died extends Error {
  constructor() {
    super(DIED);
  }
}

export function dyingStore(store: Store, death: Death): Store {
  const die = () => {
    throw new Died();
  };
  const ending = <T extends object>(target: T, name: string, isBefore: boolean): T => new Proxy(target, {
    get: (object, key) => {
      const found: unknown = Reflect.get(object, key, object);
      if (typeof found !== 'function') return found;
      if (key !== name) return (...given: unknown[]): unknown => Reflect.apply(found, object, given);
      return isBefore ? () => Promise.reject(new Died()) : async (...given: unknown[]) => {
        await Reflect.apply(found, object, given);
        die();
      };
    },
  });
  const replaced: Partial<Record<keyof Store, unknown>> = 'collection' in death
    ? { collections: { ...store.collections, [death.collection]: ending(store.collections[death.collection], death.command, death.when === 'before') } }
    : { startSession: (options?: mongo.ClientSessionOptions) => endingSession(store.startSession(options), death.when === 'before commit') };
  return new Proxy(store, { get: (object, key) => (Object.hasOwn(replaced, key) ? Reflect.get(replaced, key) : Reflect.get(object, key, object)) });
}

/** The driver looks inside of a session, so it is the real one with another `commitTransaction`. */
function endingSession(session: mongo.ClientSession, isBefore: boolean): mongo.ClientSession {
  const commit = session.commitTransaction.bind(session);
  session.commitTransaction = async () => {
    if (!isBefore) await commit();
    throw new Died();
  };
  return session;
}
