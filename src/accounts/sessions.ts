/**
 * Sessions of people: 256 bits in a cookie, kept as SHA-256, dead with every change that ends them (the credential's epoch). What is different
 * for applications is in `token-sessions.ts`.
 */
import { randomBytes } from 'node:crypto';
import { ScimError } from '../errors.ts';
import { policyOf, type Policy } from '../policy.ts';
import { Remembered } from '../remembered.ts';
import { auditOf, type Context } from '../resources/context.ts';
import type { Entry, SessionDocument } from '../store/account-documents.ts';
import type { Store, TenantScope } from '../store/store.ts';
import { writeApart } from '../store/write-apart.ts';
import { isOpen } from './entries.ts';
import { findById } from '../store/resources.ts';
import { tokenHash } from '../store/tokens.ts';
import { isAudience } from './sign-in-audience.ts';
import { userType } from './verbs.ts';

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
  /** The cookie's value, or the first part of all refresh tokens: shown to nobody else. */
  readonly token: string;
  /** Written in the transaction of the sign-in. */
  readonly document: Omit<SessionDocument, 't' | 'person'>;
}

/** @param more where it is an application's */
export function newSession({ epoch, entry, agent }: Opening, now: Date, { hours = MOST_HOURS, ...more }: { readonly hours?: number } & Pick<SessionDocument, 'tokens'> = {}): NewSession {
  const token = randomBytes(32).toString('base64url');
  const expires = new Date(now.getTime() + hours * 60 * MINUTE_MS);
  return { token, document: { _id: tokenHash(token), epoch, created: now, lastSeen: now, expires, agent: agent.slice(0, 200), entry, ...more } };
}

/** Finds who a cookie or a token stands for; what it found it remembers for a second. */
export class SessionReader {
  private readonly remembered = new Remembered((hash) => this.query(hash));
  private readonly store: Store;
  private readonly now: () => Date;

  constructor(store: Store, now: () => Date) {
    this.store = store;
    this.now = now;
    store.whenEnded.add(() => this.remembered.forget());
  }

  /** @returns undefined for a cookie whose session is unknown, over, or of a person or tenant that is not active; and for what is no cookie */
  async find(cookie: string): Promise<SessionHolder | undefined> {
    if (!TOKEN.test(cookie)) return undefined;
    const time = this.now().getTime();
    const holder = await this.remembered.get(tokenHash(cookie), time);
    if (!holder || holder.session.tokens || isOver(holder, time)) return undefined;
    if (time - holder.session.lastSeen.getTime() > MINUTE_MS) this.store.background(this.noteSeen(holder.session, new Date(time)), 'a session is not kept alive');
    return holder;
  }

  /**
   * An application's session; looking does not keep it alive. @param id of the session
   * @param how `fresh`: what is remembered does not count, for its secret has changed perhaps
   */
  async findWithTokens(id: string, how: 'fresh' | 'remembered'): Promise<SessionHolder | undefined> {
    const time = this.now().getTime();
    const holder = await (how === 'fresh' ? this.query(id) : this.remembered.get(id, time));
    return holder?.session.tokens && !isOver(holder, time) ? holder : undefined;
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

const isOver = ({ session, tenant }: SessionHolder, time: number) => !isLiving(session, policyOf(tenant.policy), time);

/** An application's session ends also when the tenant no longer names the application. */
function isLiving(session: SessionDocument, policy: Policy, time: number): boolean {
  return endOf(session, policy).getTime() > time && (!session.tokens || isAudience(policy, session.tokens.audience, session.entry));
}

/** When it ends if nothing is heard of it until then. */
export function endOf({ lastSeen, expires, tokens }: SessionDocument, { refreshIdleMinutes }: Policy): Date {
  const idle = lastSeen.getTime() + (tokens ? refreshIdleMinutes : IDLE_MINUTES) * MINUTE_MS;
  return new Date(Math.min(expires.getTime(), idle));
}

/** The newest first. */
export async function listSessions({ scope: { tenant, store }, tenant: { policy }, now }: Context, person: string): Promise<readonly SessionDocument[]> {
  const found = await store.collections.sessions.find({ t: tenant, person }).sort({ created: -1 }).toArray();
  return found.filter((session) => isLiving(session, policy, now().getTime()));
}

/** Which of somebody's sessions: one of them, all but one, or all. */
export interface Which {
  readonly only?: string;
  readonly except?: string;
}

/** By its owner, who is on record for it as for signing in. */
export const signOut = (context: Context, person: string, which: Which = {}): Promise<void> => endOnRecord(context, person, which.only === undefined ? 'signOut.all' : 'signOut', which);

/** In one transaction with its entry in the audit log; neither where somebody else was faster. */
export async function endOnRecord(context: Context, person: string, action: string, { only, except }: Which): Promise<void> {
  const { scope } = context;
  const audit = auditOf(context, action, userType(context), person, []);
  try {
    await writeApart(scope, { person, at: context.now(), account: only === undefined ? { endsSessions: [{ person, ...(except === undefined ? {} : { except }) }] } : { endsSession: only }, audit });
  } catch (error) {
    if (!(error instanceof ScimError) || (error.status !== 409 && error.status !== 404)) throw error;
  } finally {
    scope.store.sessionsEnded();
  }
}

/** @returns whether there was one */
export async function endSessions({ tenant, store }: TenantScope, person: string, { only, except }: Which = {}): Promise<boolean> {
  const ids = { ...(only === undefined ? {} : { $eq: only }), ...(except === undefined ? {} : { $ne: except }) };
  const { deletedCount } = await store.collections.sessions.deleteMany({ t: tenant, person, ...(Object.keys(ids).length > 0 ? { _id: ids } : {}) });
  store.sessionsEnded();
  return deletedCount > 0;
}
