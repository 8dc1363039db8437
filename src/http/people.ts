/** People at pages and at the API: their tenant, their session, and the throttle in front of sign-in. */
import { isIPv4 } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOpen } from '../accounts/entries.ts';
import { factsOf, statusOf } from '../accounts/facts.ts';
import { findLink, newLink } from '../accounts/links.ts';
import { newSession, type SessionHolder } from '../accounts/sessions.ts';
import { isAudience } from '../accounts/sign-in-audience.ts';
import { atPortal } from '../accounts/portals.ts';
import { mustRenew } from '../accounts/renewal.ts';
import { signIn, STEP_MINUTES, type Attempt, type Begun, type SignedIn } from '../accounts/sign-in.ts';
import { systemContext } from '../accounts/system.ts';
import { beginSession } from '../accounts/token-sessions.ts';
import { userType } from '../accounts/verbs.ts';
import { notFound, ScimError, tooManyRequests } from '../errors.ts';
import { policyOf } from '../policy.ts';
import { auditOf, type Context } from '../resources/context.ts';
import type { StoredResource } from '../store/codec.ts';
import type { Entry, LinkDocument, LinkPurpose } from '../store/account-documents.ts';
import { findById } from '../store/resources.ts';
import { writeApart, writeWhileOpen } from '../store/write-apart.ts';
import { tenantInPath } from './authenticate.ts';
import type { Services } from './services.ts';
import { callerAddress } from './address.ts';

/** In bursts of five. */
const CODES_PER_SECOND = 0.1;

export const DEFAULT_TENANT = 'default';

/** The context of nobody in particular. @param named in the body; else in the path, else the default. @throws ScimError 404 */
export async function tenantContext(request: FastifyRequest, services: Services, named: string | undefined): Promise<Context> {
  const name = named ?? tenantInPath(request) ?? DEFAULT_TENANT;
  const found = await services.store.collections.tenants.findOne({ name, state: 'active' });
  if (!found) throw notFound('Tenant');
  return systemContext(services, { tenant: { id: found._id, name: found.name, policy: policyOf(found.policy) }, actor: { kind: 'system', id: 'sign-in' }, requestId: request.id, from: callerAddress(request) });
}

/** @throws ScimError 429 with the seconds to wait */
export async function enter(request: FastifyRequest, services: Services, context: Context, attempt: Omit<Attempt, 'agent'>): Promise<SignedIn> {
  const wait = services.rates.take(`sign-in ${context.scope.tenant} ${rangeOf(callerAddress(request))}`, services.config.limits.signInsPerSecond);
  if (wait > 0) throw tooManyRequests('Too many attempts to sign in came from this address.', wait);
  return signIn(context, { ...attempt, agent: agentOf(request) });
}

const agentOf = ({ headers }: FastifyRequest) => headers['user-agent'] ?? '';

/** Whoever has one address of a network usually has its neighbours. */
function rangeOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return isIPv4(plain) ? plain.split('.').slice(0, 3).join('.') : plain.split(':').slice(0, 4).join(':');
}

/** On plain http a browser does not take the prefix. */
const cookieName = ({ config }: Services) => (config.publicUrl.startsWith('https:') ? '__Host-rollcall' : 'rollcall');
const cookieOptions = ({ config }: Services) => ({ path: '/', httpOnly: true, sameSite: 'lax', secure: config.publicUrl.startsWith('https:') }) as const;

export const setSessionCookie = (reply: FastifyReply, services: Services, session: string): FastifyReply => reply.setCookie(cookieName(services), session, cookieOptions(services));
export const dropSessionCookie = (reply: FastifyReply, services: Services): FastifyReply => reply.clearCookie(cookieName(services), cookieOptions(services));

/** Whether a session's cookie came along with a request that another site has made: what a cookie decides, no other site may ask for. */
export function isForeign({ cookies, headers }: FastifyRequest, services: Services): boolean {
  if (cookies[cookieName(services)] === undefined) return false;
  const { origin } = headers;
  return (origin !== undefined && origin !== new URL(services.config.publicUrl).origin) || headers['sec-fetch-site'] === 'cross-site';
}

export interface SignedInPerson {
  readonly context: Context;
  readonly person: string;
  /** The id of the session. */
  readonly session: string;
  /** Of the credential that the session is from. */
  readonly epoch: number;
  readonly entry: Entry;
}

export async function findPerson(request: FastifyRequest, services: Services): Promise<SignedInPerson | undefined> {
  const cookie = request.cookies[cookieName(services)];
  const holder = cookie === undefined ? undefined : await services.sessions.find(cookie);
  if (!holder) return undefined;
  const { session } = holder;
  return { context: personContext(request, services, holder), person: session.person, session: session._id, epoch: session.epoch, entry: session.entry ?? { kind: 'staff' } };
}

export const personContext = (request: FastifyRequest, services: Services, { session, tenant }: SessionHolder): Context =>
  systemContext(services, { tenant: { id: tenant.id, name: tenant.name, policy: policyOf(tenant.policy) }, actor: { kind: 'person', id: session.person }, requestId: request.id, from: callerAddress(request) });

/** After a change by its owner that ended every session: this browser goes on in one of the next epoch, and of no later one. */
export async function goOnAfterChange(request: FastifyRequest, reply: FastifyReply, services: Services, { context, person, epoch, entry }: SignedInPerson): Promise<void> {
  const session = newSession({ epoch: epoch + 1, entry, agent: agentOf(request) }, context.now());
  await writeApart(context.scope, { person, at: context.now(), account: { session: session.document }, audit: auditOf(context, 'signIn', userType(context), person, []) });
  void setSessionCookie(reply, services, session.token);
}

/** @throws ScimError 401 */
export async function personOf(request: FastifyRequest, services: Services): Promise<SignedInPerson> {
  const found = await findPerson(request, services);
  if (!found) throw new ScimError(401, 'Sign in first.', { headers: { 'www-authenticate': 'Session realm="account"' } });
  return found;
}

export type OpenedLink =
  | { readonly kind: 'good'; readonly link: LinkDocument; readonly context: Context; readonly person: StoredResource }
  | { readonly kind: 'unknown' | 'used' | 'expired'; readonly context: Context | undefined };

/** What a link stands for now; its tenant follows from it. Looking changes nothing. */
export async function openLink(request: FastifyRequest, services: Services, token: string, purposes: readonly LinkPurpose[]): Promise<OpenedLink> {
  const found = await findLink(services.store, token, purposes, services.now());
  if (found.kind === 'unknown') return { kind: 'unknown', context: undefined };
  const { link } = found;
  const tenant = await services.store.collections.tenants.findOne({ _id: link.t, state: 'active' });
  if (!tenant) return { kind: 'unknown', context: undefined };
  const context = systemContext(services, { tenant: { id: tenant._id, name: tenant.name, policy: policyOf(tenant.policy) }, actor: { kind: 'person', id: link.person }, requestId: request.id, from: callerAddress(request) });
  if (found.kind !== 'good') return { kind: found.kind, context };
  const person = await findById(context.scope, userType(context), link.person);
  return person && person.attributes['active'] !== false ? { kind: 'good', link, context: await atEntry(context, link.entry), person } : { kind: 'unknown', context };
}

/** A link that was asked for at a portal goes on as that portal's (P5). */
async function atEntry(context: Context, entry: Entry | undefined): Promise<Context> {
  if (entry?.portal === undefined) return context;
  const portal = await findById(context.scope, context.scope.store.registry.type('Portal'), entry.portal);
  return portal ? atPortal(context, portal) : context;
}

export type Stepped = ({ readonly kind: 'in' } & Begun) | { readonly kind: 'renew'; readonly token: string } | { readonly kind: 'refused' };

/**
 * After the second factor: the step is used up, and whoever was faster goes on. Combinations: the second factor first, then the renewal. The
 * session is of the epoch that the password was checked in, so that what ended sessions meanwhile ends this one too.
 */
export async function enterByStep(request: FastifyRequest, { context, link, person }: Extract<OpenedLink, { kind: 'good' }>): Promise<Stepped> {
  const facts = factsOf(person.attributes);
  const { entry = { kind: 'staff' }, audience } = link;
  const isOver = audience !== undefined && !isAudience(context.tenant.policy, audience, entry);
  if (statusOf(facts) !== 'active' || isOver || !(await isOpen(context.scope, person, entry))) return { kind: 'refused' };
  const renewal = mustRenew(context, facts) ? newLink(context, 'renew', STEP_MINUTES, { entry, ...(audience === undefined ? {} : { audience }) }) : undefined;
  const session = renewal ? undefined : beginSession(context, { epoch: link.epoch, entry, agent: agentOf(request) }, audience);
  const account = { uses: link._id, ...(renewal ? { links: [renewal.document] } : {}), ...(session ? { session: session.document } : {}) };
  const isIn = await writeWhileOpen(context.scope, { person: link.person, at: context.now(), account, audit: auditOf(context, renewal ? 'signIn.renew' : 'signIn', userType(context), link.person, []) });
  if (!isIn) return { kind: 'refused' };
  if (session) return { kind: 'in', session: session.token, document: { ...session.document, t: context.scope.tenant, person: link.person } };
  return renewal ? { kind: 'renew', token: renewal.token } : { kind: 'refused' };
}

/** A code has a million values: a handful of tries a minute leaves no chance. @throws ScimError 429 */
export function throttleCodes({ rates }: Services, person: string): void {
  const wait = rates.take(`code ${person}`, CODES_PER_SECOND);
  if (wait > 0) throw tooManyRequests('Too many codes were tried.', wait);
}

/** @throws ScimError 429 */
export function throttleRecovery(request: FastifyRequest, { rates, config }: Services, { scope }: Context): void {
  const wait = rates.take(`recover ${scope.tenant} ${rangeOf(callerAddress(request))}`, config.limits.signInsPerSecond);
  if (wait > 0) throw tooManyRequests('Too many requests came from this address.', wait);
}
