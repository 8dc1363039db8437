/** Where the year takes place: a real mongod, the server as a process that is ended and killed, its clock, and a client for each who calls. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { MongoMemoryReplSet } from 'mongodb-memory-server';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { createLog } from '../../src/log.ts';
import type { Json } from '../../src/scim/json.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { createClient } from '../../src/tenancy/clients.ts';
import type { Doing } from '../../src/tenancy/doing.ts';
import { issueToken } from '../../src/tenancy/tokens.ts';
import { TASKS } from '../../src/worker.ts';
import { ACCOUNT, openRegistry, uriOf } from '../storms/place.ts';
import { ask, closeSockets, send, type Answer } from '../storms/send.ts';
import { end, freePort, isRunning, start } from '../storms/servers.ts';
import type { Told } from './server.ts';

export type Caller = 'entra' | 'hr' | 'files' | 'manager' | 'owner';

const CLIENTS: Readonly<Record<Caller, { readonly rights: readonly string[]; readonly settings: Readonly<Record<string, Json>> }>> = {
  entra: { rights: [], settings: { kind: 'entra', signInMethod: 'sso', onRehire: 'refuse' } },
  hr: { rights: [], settings: { kind: 'hr', signInMethod: 'invite', onRehire: 'adopt', onDelete: 'hide', shows: [ACCOUNT] } },
  files: { rights: ['users.manage'], settings: { signInMethod: 'none', shows: [ACCOUNT] } },
  manager: { rights: ['users.manage', 'audit.read'], settings: { signInMethod: 'none', shows: [ACCOUNT] } },
  owner: { rights: ['admin.grant'], settings: {} },
};

const HOUR_S = 3600;
const ALL_TASKS = TASKS.map(({ name }) => name);
const FREQUENT_TASKS = TASKS.filter(({ everySeconds }) => everySeconds < HOUR_S).map(({ name }) => name);

export class Site {
  now: number;
  readonly store: Store;
  readonly tenant: string;
  private child: ChildProcess;
  private readonly tokens = new Map<Caller, string>();
  private readonly settings: Readonly<Record<string, string>>;

  private constructor(start_: number, store: Store, tenant: string, child: ChildProcess, settings: Readonly<Record<string, string>>) {
    this.now = start_;
    this.store = store;
    this.tenant = tenant;
    this.child = child;
    this.settings = settings;
  }

  static async open(mongod: MongoMemoryReplSet, now: number, smtpPort: number): Promise<Site> {
    const settings = {
      PORT: String(await freePort()), HOST: '127.0.0.1', LOG_LEVEL: 'error', TRUST_PROXY: 'true', MONGODB_URI: uriOf(mongod, 'year'),
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, SECRET_KEY: 'a key for a year of at least 32 characters',
    };
    const child = await startAt(now, settings);
    const store = await openStore({ uri: settings.MONGODB_URI, registry: openRegistry(), limits: DEFAULT_LIMITS, log: createLog({ level: 'silent' }) });
    const tenant = (await store.collections.tenants.findOne({ name: 'default' }))?._id ?? '';
    const site = new Site(now, store, tenant, child, settings);
    await site.makeClients();
    return site;
  }

  private async makeClients(): Promise<void> {
    const operator: Doing = { store: this.store, now: () => new Date(this.now), by: { kind: 'system', id: 'year' }, may: undefined, request: '', from: undefined, changed: () => undefined };
    for (const [name, { rights, settings }] of Object.entries(CLIENTS)) {
      const { id } = await createClient(operator, this.tenant, { name, scopes: ['*', ...rights], settings });
      this.tokens.set(name as Caller, (await issueToken(operator, this.tenant, id, { days: 365 })).secret);
    }
  }

  /** @throws where no answer comes: nobody knows what became of it */
  send(caller: Caller, method: string, path: string, body?: Json): Promise<Answer> {
    return send(this.origin, method, path, body, { token: this.tokens.get(caller) ?? '' });
  }

  /** @throws for an answer that is no success */
  async ask(caller: Caller, method: string, path: string, body?: Json): Promise<Json | undefined> {
    return await ask(this.origin, method, path, body, { token: this.tokens.get(caller) ?? '' }) as Json | undefined;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.settings['PORT'] ?? ''}`;
  }

  tokenOf(caller: Caller): string {
    return this.tokens.get(caller) ?? '';
  }

  async setClock(now: number): Promise<void> {
    this.now = now;
    await this.tell({ now });
  }

  /** A turn of the worker. @param isWhole what has its turn each hour is among it. @returns whether the server lived through it */
  turn(now: number, isWhole: boolean): Promise<boolean> {
    return this.work(now, isWhole ? ALL_TASKS : FREQUENT_TASKS);
  }

  /** The same for some of its tasks. */
  work(now: number, tasks: readonly string[]): Promise<boolean> {
    this.now = now;
    return this.tell({ now, tasks });
  }

  private async tell(told: Told): Promise<boolean> {
    const heard = answerOf(this.child);
    this.child.send(told, () => undefined);
    return heard;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Ends as an operator ends it, and starts on the same database. */
  async restart(): Promise<void> {
    await end(this.child);
    closeSockets();
    this.child = await startAt(this.now, this.settings);
  }

  async close(): Promise<void> {
    closeSockets();
    await end(this.child);
    await this.store.close();
  }
}

async function startAt(now: number, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = start(['--import=tsx', fileURLToPath(new URL('server.ts', import.meta.url)), String(now)], settings);
  if (!(await answerOf(child))) throw new Error('the server did not start');
  return child;
}

/** @returns false where it ends first */
async function answerOf(child: ChildProcess): Promise<boolean> {
  if (!isRunning(child)) return false;
  const over = new AbortController();
  const answered = once(child, 'message', { signal: over.signal }).then(() => true);
  const ended = once(child, 'close', { signal: over.signal }).then(() => false);
  try {
    return await Promise.race([answered, ended]);
  } finally {
    over.abort();
    await Promise.allSettled([answered, ended]);
  }
}
