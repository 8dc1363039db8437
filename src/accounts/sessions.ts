/** Sessions of people: 256 bits in a cookie, kept as SHA-256, dead with every change that ends them (the credential's epoch). */
import { randomBytes } from 'node:crypto';
import { Remembered } from '../remembered.ts';
import { auditOf, type Context } from '../resources/context.ts';
import type { Entry, SessionDocument } from '../store/account-documents.ts';
import type { Store, TenantScope } from '../store/store.ts';
import { writeApart } from '../store/write-apart.ts';
import { isOpen } from './entries.ts';
import { findById } from '../store/resources.ts';
import { tokenHash } from '../store/tokens.ts';

export const IDLE_MINUTES = 30;
export const MOST_HOURS = 12;
const MINUTE_MS = 60_000;
const TOKEN = /^[\w-]{43}$/;

export interface SessionHolder {
  readonly session: SessionDocument;
  readonly tenant: { readonly id: string; readonly name: string; readonly policy: Readonly<Record<string, unknown>> };
}

/** How a session begins. */
export interface Opening {
  /** Of the credential that was verified. */
  readonly epoch: number;
  readonly entry: Entry;
  /** The header User-Agent. */
  readonly agent: string;
}

export interface NewSession {
  /** The cookie's value, shown to nobody else. */
  readonly token: string;
  /** Written in the transaction of the sign-in. */
  readonly document: Omit<SessionDocument, 't' | 'person'>;
}

export function newSession({ epoch, entry, agent }: Opening, now: Date): NewSession {
  const token = randomBytes(32).toString('base64url');
  return { token, document: { _id: tokenHash(token), epoch, created: now, lastSeen: now, expires: new Date(now.getTime() + MOST_HOURS * 60 * MINUTE_MS), agent: agent.slice(0, 200), entry } };
}

/** Finds who a cookie stands for; what it found it remembers for a second. */
export class SessionReader {
  private readonly remembered = new Remembered((hash) => this.query(hash));
  private readonly store: Store;
  private readonly now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.store = store;
    this.now = now;
    store.whenEnded.add(() => this.remembered.forget());
  }

  /** @returns undefined for a session that is unknown, over, or of a person or tenant that is not active */
  async find(token: string): Promise<SessionHolder | undefined> {
    if (!TOKEN.test(token)) return undefined;
    const time = this.now().getTime();
    const holder = await this.remembered.get(tokenHash(token), time);
    if (!holder || isOver(holder.session, time)) return undefined;
    if (time - holder.session.lastSeen.getTime() > MINUTE_MS) this.store.background(this.noteSeen(holder.session, new Date(time)), 'a session is not kept alive');
    return holder;
  }

  private async query(key: string): Promise<SessionHolder | undefined> {
    const { collections, registry } = this.store;
    const session = await collections.sessions.findOne({ _id: key });
    if (!session) return undefined;
    const { t, person } = session;
    const [user, credential, tenant] = await Promise.all([
      findById(this.store.scope(t), registry.type('User'), person),
      collections.credentials.findOne({ _id: person, t }, { projection: { epoch: 1 } }),
      collections.tenants.findOne({ _id: t, state: 'active' }),
    ]);
    if (user?.attributes['active'] === false || !user || !tenant || (credential?.epoch ?? 0) !== session.epoch) return undefined;
    if (!(await isOpen(this.store.scope(t), user, session.entry ?? { kind: 'staff' }))) return undefined;
    return { session, tenant: { id: tenant._id, name: tenant.name, policy: tenant.policy } };
  }

  private async noteSeen({ _id, t }: SessionDocument, at: Date): Promise<void> {
    await this.store.collections.sessions.updateOne({ _id, t }, { $max: { lastSeen: at } });
    this.remembered.forget(_id);
  }
}

const isOver = ({ lastSeen, expires }: SessionDocument, time: number) => expires.getTime() <= time || time - lastSeen.getTime() > IDLE_MINUTES * MINUTE_MS;

/** The newest first. */
export async function listSessions({ tenant, store }: TenantScope, person: string, now: Date): Promise<readonly SessionDocument[]> {
  const found = await store.collections.sessions.find({ t: tenant, person }).sort({ created: -1 }).toArray();
  return found.filter((session) => !isOver(session, now.getTime()));
}

/** Which of somebody's sessions: one of them, all but one, or all. */
export interface Which {
  readonly only?: string;
  readonly except?: string;
}

/** By its owner, who is on record for it as for signing in. */
export async function signOut(context: Context, person: string, which: Which = {}): Promise<void> {
  await endSessions(context.scope, person, which);
  const action = which.only === undefined ? 'signOut.all' : 'signOut';
  await writeApart(context.scope, { person, at: context.now(), account: {}, audit: auditOf(context, action, context.scope.store.registry.type('User'), person, []) });
}

/** @returns whether there was one */
export async function endSessions({ tenant, store }: TenantScope, person: string, { only, except }: Which = {}): Promise<boolean> {
  const ids = { ...(only === undefined ? {} : { $eq: only }), ...(except === undefined ? {} : { $ne: except }) };
  const { deletedCount } = await store.collections.sessions.deleteMany({ t: tenant, person, ...(Object.keys(ids).length > 0 ? { _id: ids } : {}) });
  store.sessionsEnded();
  return deletedCount > 0;
}
