/**
 * A request that is answered as it would be, and of which nothing stays: all that it reads and writes goes through one transaction that is aborted
 * at the end. So what decides (unique indexes, versions, the guard, rules inside of commits) is what decides otherwise too.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { mongo } from 'mongoose';
import { unavailable } from '../errors.ts';
import { ByIdReader } from './by-id.ts';
import type { Collections, Store } from './store.ts';
import { mayRepeat, OPTIONS, pause } from './transaction.ts';

/** Others who write the same wait so long at most: less than they are ready to (`transaction.ts`). */
const LONGEST_MS = 4000;

type Step = () => Promise<unknown>;

export class DryRun {
  readonly store: Store;
  readonly session: mongo.ClientSession;
  /** What was written so far, to be written again: MongoDB aborts a transaction at the first error in it. */
  private readonly steps: Step[] = [];
  private isBroken = true;
  private isOver = false;
  /** Set in what a transaction does, the first time and again. */
  private readonly inside = new AsyncLocalStorage<true>();
  /** One command at a time: a session takes no more. */
  private last: Promise<unknown> = Promise.resolve();
  private repair: Promise<void> | undefined;
  private readonly deadline = Date.now() + LONGEST_MS;

  constructor(store: Store) {
    this.session = store.startSession();
    this.store = dryStore(store, this);
  }

  /** In place of a transaction of its own. What it wrote stays to be seen for the rest of the request. */
  async transact<T>(work: (session: mongo.ClientSession) => Promise<T>): Promise<T> {
    this.lookAgain();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.ready();
        const result = await this.inside.run(true, () => work(this.session));
        this.steps.push(() => work(this.session));
        return result;
      } catch (error) {
        this.isBroken = true;
        if (!mayRepeat(error)) throw error;
        await pause(attempt);
      }
    }
  }

  /** @param isWritten outside of a transaction: what is seen of it afterwards must be seen again */
  async command<T>(run: () => Promise<T>, isWritten: boolean): Promise<T> {
    if (this.inside.getStore() === undefined) await this.ready();
    const turn = this.last.then(run).catch((error: unknown) => {
      this.isBroken = true;
      throw error;
    });
    this.last = turn.catch(() => undefined);
    const result = await turn;
    if (isWritten) this.steps.push(run);
    return result;
  }

  /** Others may have written since the first look: while nothing is written here, what they did is to be seen. */
  lookAgain(): void {
    if (this.steps.length === 0) this.isBroken = true;
  }

  /** Nothing of it stays. May be called more than once. */
  async end(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.last;
    await this.abort();
    await this.session.endSession();
  }

  /** A transaction in which everything is as it was before the error. */
  private async ready(): Promise<void> {
    if (this.isBroken) await (this.repair ??= this.begin().finally(() => (this.repair = undefined)));
    this.checkTime();
  }

  private async begin(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.checkTime();
      try {
        await this.last;
        await this.abort();
        this.session.startTransaction(OPTIONS);
        await this.inside.run(true, async () => {
          for (const step of this.steps) await step();
        });
        this.isBroken = false;
        return;
      } catch (error) {
        if (!mayRepeat(error)) throw error;
        await pause(attempt);
      }
    }
  }

  private checkTime(): void {
    if (this.isOver || Date.now() >= this.deadline) throw unavailable();
  }

  private async abort(): Promise<void> {
    if (this.session.inTransaction()) await this.session.abortTransaction().catch(() => undefined);
  }
}

/** The same store, all of whose commands go through the run; what it does beside the database it does not do. */
function dryStore(store: Store, run: DryRun): Store {
  // Everything else is the store's own.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
  const dry = Object.create(store, {
    collections: { value: dryCollections(store.collections, run) },
    dry: { value: run },
    sessionsEnded: { value: () => undefined },
    background: { value: () => undefined },
  }) as Store;
  Object.defineProperty(dry, 'byId', { value: new ByIdReader(dry) });
  return dry;
}

function dryCollections(collections: Collections, run: DryRun): Collections {
  return new Proxy(collections, {
    get: (target, name: keyof Collections) => (name === 'resources' ? (type: Parameters<Collections['resources']>[0]) => throughRun(target.resources(type), run) : throughRun(target[name], run)),
  });
}

/** Where each method takes its options. What is not here is not used by requests that write. */
const CURSORS = new Map([['find', 1], ['aggregate', 1]]);
const READS = new Map([['findOne', 1], ['countDocuments', 1], ['distinct', 2]]);
const WRITES = new Map([['insertOne', 1], ['insertMany', 1], ['updateOne', 2], ['updateMany', 2], ['replaceOne', 2], ['deleteOne', 1], ['deleteMany', 1], ['findOneAndUpdate', 2], ['findOneAndDelete', 1], ['bulkWrite', 1]]);

type Method = (...args: unknown[]) => unknown;

function throughRun<T extends object>(collection: T, run: DryRun): T {
  return new Proxy(collection, {
    get: (target, property): unknown => {
      const name = String(property);
      if (name === 'collectionName') return Reflect.get(target, name);
      if (name === 'db') return { collection: (other: string) => throughRun(asObject(methodOf(asObject(Reflect.get(target, name)), 'collection')(other)), run) };
      const at = CURSORS.get(name) ?? READS.get(name) ?? WRITES.get(name);
      if (at === undefined) throw new Error(`a dry run has no ${name}`);
      return (...args: unknown[]) => {
        const given = args[at];
        // Inside a transaction these are the transaction's.
        const { writeConcern, readConcern, readPreference, session, ...options } = asOptions(given);
        const all = [...args.slice(0, at), ...Array<unknown>(Math.max(0, at - args.length)), { ...options, session: run.session }];
        const call = () => methodOf(target, name)(...all);
        if (CURSORS.has(name)) return readAtOnce(asObject(call()), run);
        return run.command(() => Promise.resolve(call()), WRITES.has(name) && session === undefined);
      };
    },
  });
}

/** A cursor would send its commands between those of others. */
function readAtOnce<T extends object>(cursor: T, run: DryRun): T {
  const read = () => run.command(() => Promise.resolve(methodOf(cursor, 'toArray')()), false);
  const proxy: T = new Proxy(cursor, {
    get: (target, name): unknown => {
      if (name === 'toArray') return read;
      if (name === Symbol.asyncIterator) return async function* () {
        const all = await read();
        if (Array.isArray(all)) yield* all;
      };
      return (...args: unknown[]) => {
        methodOf(target, String(name))(...args);
        return proxy;
      };
    },
  });
  return proxy;
}

interface Options {
  readonly writeConcern?: unknown;
  readonly readConcern?: unknown;
  readonly readPreference?: unknown;
  readonly session?: unknown;
}
const asOptions = (given: unknown): Options => (typeof given === 'object' && given !== null ? given : {});

function asObject(value: unknown): object {
  if (typeof value !== 'object' || value === null) throw new Error('no cursor');
  return value;
}

function methodOf(target: object, name: string): Method {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') throw new Error(`no method ${name}`);
  return (...args) => Reflect.apply(method, target, args) as unknown;
}
