/**
 * Who a request is from. Unknown, expired and revoked tokens, those of a suspended tenant and of a client that is switched off are answered
 * alike; every refusal is in the audit log.
 */
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { guardOf } from '../accounts/guard.ts';
import { forbidden, notFound, tooManyRequests, unauthorized, type ScimError } from '../errors.ts';
import { policyOf } from '../policy.ts';
import type { Principal, TenantInfo } from '../resources/context.ts';
import { Report } from '../resources/report.ts';
import { covers } from '../rights.ts';
import { ALL_TOLERANCES, Tolerances } from '../scim/tolerances.ts';
import type { Seen } from '../store/audience.ts';
import { NO_TENANT, type AuditEntry } from '../store/audit.ts';
import type { ClientDocument } from '../store/documents.ts';
import type { Guard } from '../store/guard.ts';
import type { TokenHolder } from '../store/tokens.ts';
import { audienceOf, settingsOf, type ClientSettings } from '../tenancy/client-settings.ts';
import type { ClientClaims } from './oauth/client-tokens.ts';
import type { Services } from './services.ts';
import { callerAddress } from './address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `authenticate`, before anything else looks at the request. */
    caller: Caller | null;
    /** Its refusal is in the audit log. */
    noted: boolean;
  }
}

export interface Caller {
  readonly principal: Principal;
  readonly tenant: TenantInfo;
  readonly settings: ClientSettings;
  readonly tolerances: Tolerances;
  /** Undefined: nothing is hidden from the caller. */
  readonly audience: readonly Seen[] | undefined;
  /** How much the caller may switch off, delete and take out of groups; undefined: without a limit. */
  readonly guard: Guard | undefined;
  readonly report: Report;
}

/** RFC 6750 section 2.1, to the letter: lax parsing of this header has let tokens through elsewhere. */
const BEARER = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i;

/** Three parts, of which the first is an object in base64url. An operator's own token may have dots too. */
const JWT = /^ey[\w-]*\.[\w-]+\.[\w-]+$/;

/** Wrong tokens a second from one address, beyond which they are told to come back later. Right ones are not counted. */
const WRONG_PER_SECOND = 20;

/**
 * @throws ScimError 401, the same whatever is wrong with the token; 403 for an address that is not the client's; 404 for a tenant in the path
 *   that is not the token's (R-TEN-1); 429
 */
export async function authenticate(request: FastifyRequest, services: Services): Promise<void> {
  const [, token] = isGivenOnce(request) ? (BEARER.exec(request.headers.authorization ?? '') ?? []) : [];
  const found = token === undefined ? undefined : await holderOf(token, services);
  if (!found) throw refusedToken(request, services);
  const { holder: { client, tenant }, scopes } = found;
  const settings = settingsOf(client);
  const refused = new Set<string>(settings.refusedTolerances);
  const actor = { kind: 'client', id: client._id } as const;
  request.caller = {
    principal: { actor, client: client._id, tenant: tenant._id, person: client.person, scopes, newcomers: settings.signInMethod, onRehire: settings.onRehire, linksActive: settings.linksActive, onDelete: settings.onDelete, patchAnswer: settings.patchAnswer },
    tenant: { name: tenant.name, policy: policyOf(tenant.policy) },
    settings,
    tolerances: new Tolerances(ALL_TOLERANCES.filter((name) => !refused.has(name))),
    audience: audienceOf(settings, scopes),
    guard: guardOf(services, tenant, client),
    report: new Report(),
  };
  const named = tenantInPath(request);
  if (named !== undefined && named !== tenant.name) throw noted(request, services, notFound('Path'));
  checkLimits(request, services, client);
  services.tokens.noteUse(found.holder);
}

/** @throws ScimError 403 for an address outside of the client's networks, 429 with the seconds to wait */
export function checkLimits(request: FastifyRequest, services: Services, client: ClientDocument): void {
  const { requestsPerSecond } = settingsOf(client);
  if (!isInside(client, callerAddress(request))) throw noted(request, services, forbidden('The token may not be used from this address.'), client);
  const wait = requestsPerSecond === 0 ? 0 : services.rates.take(client._id, requestsPerSecond);
  if (wait > 0) throw noted(request, services, tooManyRequests('The client sends more requests a second than it may.', wait), client);
}

/** Node keeps the first of two, a proxy in front may have looked at the second. */
const isGivenOnce = ({ raw }: FastifyRequest) => raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization').length === 1;

export interface Found {
  readonly holder: TokenHolder;
  readonly scopes: ReadonlySet<string>;
}

/** An opaque token, or a JWT that was given for a secret: it ends with the secret, and never gives more than its client has now. */
async function holderOf(token: string, { tokens, accessTokens }: Services): Promise<Found | undefined> {
  const claims = JWT.test(token) ? await accessTokens.clients.check(token) : undefined;
  if (!claims) {
    const holder = await tokens.find(token);
    return holder?.token.use === 'bearer' ? { holder, scopes: new Set(holder.client.scopes) } : undefined;
  }
  return holderOfClaims(claims, { tokens });
}

/** @returns undefined where the secret, its client or its tenant has ended since */
export async function holderOfClaims(claims: ClientClaims, { tokens }: Pick<Services, 'tokens'>): Promise<Found | undefined> {
  const holder = await tokens.findByHash(claims.sid);
  if (holder?.token.use !== 'secret' || holder.client._id !== claims.client_id || holder.tenant._id !== claims.tid) return undefined;
  const held = new Set(holder.client.scopes);
  return { holder, scopes: new Set(claims.scope.split(' ').filter((scope) => (scope === '*' ? held.has('*') : covers(held, scope)))) };
}

function refusedToken(request: FastifyRequest, services: Services): ScimError {
  const wait = request.headers.authorization === undefined ? 0 : services.rates.take(`address ${callerAddress(request)}`, WRONG_PER_SECOND);
  return noted(request, services, wait > 0 ? tooManyRequests('Too many wrong tokens came from this address.', wait) : unauthorized(request.headers.authorization !== undefined));
}

function noted(request: FastifyRequest, services: Services, error: ScimError, client?: ClientDocument): ScimError {
  noteRefusal(request, services, error, undefined, client);
  return error;
}

/** An entry of the audit log; the same refusal again within the minute is counted there, on whatever id. */
export function noteRefusal(request: FastifyRequest, { refusals, now }: Services, { status, message }: Pick<ScimError, 'status' | 'message'>, on?: AuditEntry['on'], client?: ClientDocument): void {
  request.noted = true;
  const route = routeOf(request);
  const principal = request.caller?.principal;
  const by = principal?.actor ?? { kind: 'client', id: client?._id ?? 'unknown' } as const;
  const entry = { by, action: 'refuse', on: on ?? { type: 'Request', id: route }, request: request.id, from: callerAddress(request), changed: [], refused: `${status} ${message}` };
  refusals.note(principal?.tenant ?? client?.t ?? NO_TENANT, entry, route, now());
}

/** Without ids: they would make an entry each. */
const routeOf = ({ method, routeOptions }: FastifyRequest) => `${method} ${routeOptions.url ?? ''}`;

const lists = new WeakMap<ClientDocument, BlockList>();

function isInside(client: ClientDocument, address: string): boolean {
  const { networks } = settingsOf(client);
  if (networks.length === 0) return true;
  const list = lists.get(client) ?? blockListOf(networks);
  lists.set(client, list);
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

export function callerOf({ caller }: FastifyRequest): Caller {
  if (!caller) throw unauthorized(false);
  return caller;
}

export function tenantInPath({ params }: FastifyRequest): string | undefined {
  return typeof params === 'object' && params !== null && 'tenant' in params && typeof params.tenant === 'string' ? params.tenant : undefined;
}
