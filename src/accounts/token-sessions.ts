/**
 * Sessions of applications: a refresh token in place of a cookie. It has two parts of 256 bits, of which only the SHA-256 is kept: the first
 * names the session and stays, the second is another one after each use. Who shows a first part that is right with a second that does not
 * count holds a token that was used before: it was stolen, or this one was, so the session ends (RFC 9700 section 4.14.2).
 */
import { randomBytes } from 'node:crypto';
import type { Context } from '../resources/context.ts';
import type { SessionDocument } from '../store/account-documents.ts';
import { findById } from '../store/resources.ts';
import { tokenHash } from '../store/tokens.ts';
import { factsOf } from './facts.ts';
import { mustRenew } from './renewal.ts';
import { endOnRecord, newSession, signOut, type NewSession, type Opening, type SessionHolder, type SessionReader } from './sessions.ts';
import { userType } from './verbs.ts';

const REFRESH_TOKEN = /^([\w-]{43})\.([\w-]{43})$/;

/** What a refresh token says, whether or not it counts. */
interface Presented {
  /** The id of the session. */
  readonly id: string;
  readonly first: string;
  /** SHA-256 of the second part. */
  readonly secret: string;
}

export interface TokenSession {
  readonly refreshToken: string;
  readonly session: SessionDocument;
}

function readRefreshToken(token: string): Presented | undefined {
  const [, first, second] = REFRESH_TOKEN.exec(token) ?? [];
  return first === undefined || second === undefined ? undefined : { id: tokenHash(first), first, secret: tokenHash(second) };
}

export interface PresentedSession extends SessionHolder {
  readonly presented: Presented;
}

/** What a refresh token stands for, whether or not it counts. */
export async function findByRefreshToken(sessions: SessionReader, token: string): Promise<PresentedSession | undefined> {
  const presented = readRefreshToken(token);
  const holder = presented && (await sessions.findWithTokens(presented.id, 'fresh'));
  return holder && { ...holder, presented };
}

export const counts = ({ session, presented }: PresentedSession): boolean => session.tokens?.secret === presented.secret;

const newSecret = () => randomBytes(32).toString('base64url');

/** @param audience the application; undefined: a cookie's session. @returns the refresh token, or the cookie's value, with what is to be written */
export function beginSession({ tenant, now }: Pick<Context, 'tenant' | 'now'>, opening: Opening, audience: string | undefined): NewSession {
  if (audience === undefined) return newSession(opening, now());
  const secret = newSecret();
  const { token, document } = newSession(opening, now(), { hours: tenant.policy.refreshHours, tokens: { audience, secret: tokenHash(secret) } });
  return { token: `${token}.${secret}`, document };
}

/** Exchanges a refresh token for the next one. @returns undefined where that cannot be, and then the session has ended */
export async function rotate(context: Context, found: PresentedSession): Promise<TokenSession | undefined> {
  const { _id, person } = found.session;
  const step = counts(found) ? await stepDue(context, person) : undefined;
  if (step === undefined) return exchange(context, found);
  await endOnRecord(context, person, `refresh.${step}`, { only: _id });
  return undefined;
}

/** What a sign-in would lead to now ends this one, or who refreshes for months would never come to it (S7, J5). */
async function stepDue(context: Context, id: string): Promise<'enrol' | 'renew' | undefined> {
  const person = await findById(context.scope, userType(context), id);
  const facts = person && factsOf(person.attributes);
  if (facts?.twoFactorRequired && !facts.twoFactorEnrolled) return 'enrol';
  return facts && mustRenew(context, facts) ? 'renew' : undefined;
}

/** Of many at once the update decides which. */
async function exchange(context: Context, { session, presented: { id, first, secret } }: PresentedSession): Promise<TokenSession | undefined> {
  const { tenant, store } = context.scope;
  const next = newSecret();
  const changed = await store.collections.sessions.findOneAndUpdate(
    { _id: id, t: tenant, 'tokens.secret': secret },
    { $set: { 'tokens.secret': tokenHash(next) }, $max: { lastSeen: context.now() } },
    { returnDocument: 'after' },
  );
  if (changed) return { refreshToken: `${first}.${next}`, session: changed };
  await endReused(context, session);
  return undefined;
}

/** By whoever has a token of it: one that was used before ends it too. */
export async function signOutByToken(context: Context, found: PresentedSession): Promise<void> {
  if (counts(found)) await signOut(context, found.session.person, { only: found.session._id });
  else await endReused(context, found.session);
}

/** One after the other, so that a storm of them is one transaction and looks that find nothing. */
const endReused = (context: Context, { _id, person }: SessionDocument): Promise<void> =>
  context.scope.store.lock.run([`session|${_id}`], () => endOnRecord(context, person, 'refresh.reuse', { only: _id }));
