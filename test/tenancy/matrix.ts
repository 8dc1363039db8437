/**
 * The route matrix as data: what can be brought about (effects), by which requests (routes), by whom (callers), and what the answer must be.
 * Expectations follow from rules; a pair of effect and route that has neither a request nor a reason fails the test.
 */
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { GROUP, patchBody, USER } from '../helpers/app.ts';
import { query } from '../rfc/queries.ts';
import { members, RIGHTS } from './support.ts';

export const EFFECTS = ['create', 'deactivate', 'delete', 'change an e-mail address', 'set a password', 'add a member', 'remove a member', 'grant a right', 'read an attribute'] as const;
export type Effect = (typeof EFFECTS)[number];
export const ROUTES = ['POST', 'PUT', 'PATCH with a path', 'PATCH without a path', 'Bulk POST', 'Bulk PUT', 'Bulk PATCH', 'Bulk DELETE', 'DELETE', 'GET', 'GET with a filter', '.search', '/Me', 'the path of the tenant'] as const;
export type Route = (typeof ROUTES)[number];

/** What a request is about: a person in the group `home`, a group with nobody in it, a name that nobody has yet. */
export interface Target {
  readonly person: string;
  readonly userName: string;
  readonly home: string;
  readonly homeName: string;
  readonly group: string;
  readonly groupName: string;
  readonly fresh: string;
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  /** As one operation of a bulk request. */
  readonly bulk?: true;
}

/** How it is asked for, or why it cannot be; `attempt` is what somebody might try all the same, and the status that it gets. */
export type Way = { readonly ask: (target: Target) => Request } | { readonly no: string; readonly attempt?: (target: Target) => Request; readonly status?: number };

export const TITLE = 'Keeper of the Seal';
export const ADDRESS = 'changed@example.com';
export const PASSWORD = 'correct horse battery staple';

const request = (method: string, path: string, body?: Json): Request => ({ method, path, ...(body === undefined ? {} : { body }) });
const person = ({ userName }: Target, attributes: Record<string, Json> = {}): Json => ({ schemas: [USER], userName, title: TITLE, emails: [{ value: `${userName}@example.com` }], ...attributes });
const newPerson = ({ fresh }: Target, attributes: Record<string, Json> = {}): Json => ({ schemas: [USER], userName: fresh, ...attributes });
const newGroup = ({ fresh }: Target, attributes: Record<string, Json>): Json => ({ schemas: [GROUP], displayName: fresh, ...attributes });

/** The ways of changing one attribute of a person; `whole` is it as in PUT. */
function ofPerson(path: string, value: Json, whole: Record<string, Json>): Partial<Record<Route, Way>> {
  const at = (target: Target) => `/Users/${target.person}`;
  const withPath = patchBody({ op: 'replace', path, value });
  return {
    'PUT': { ask: (target) => request('PUT', at(target), person(target, whole)) },
    'PATCH with a path': { ask: (target) => request('PATCH', at(target), withPath) },
    'PATCH without a path': { ask: (target) => request('PATCH', at(target), patchBody({ op: 'replace', value: whole })) },
    '/Me': { ask: () => request('PATCH', '/Me', withPath) },
    'the path of the tenant': { ask: (target) => request('PATCH', `/t/default/scim/v2${at(target)}`, withPath) },
  };
}

/** The ways of changing one attribute of a group. */
function ofGroup(id: (target: Target) => string, name: (target: Target) => string, operation: (target: Target) => Json, whole: (target: Target) => Record<string, Json>): Partial<Record<Route, Way>> {
  const at = (target: Target) => `/Groups/${id(target)}`;
  return {
    'PUT': { ask: (target) => request('PUT', at(target), { schemas: [GROUP], displayName: name(target), ...whole(target) }) },
    'PATCH with a path': { ask: (target) => request('PATCH', at(target), patchBody(operation(target))) },
    'PATCH without a path': { ask: (target) => request('PATCH', at(target), patchBody({ op: 'replace', value: whole(target) })) },
    '/Me': { no: 'groups of a person are read-only', attempt: (target) => request('PATCH', '/Me', patchBody({ op: 'replace', path: 'groups', value: members(target.group) })), status: 400 },
    'the path of the tenant': { ask: (target) => request('PATCH', `/t/default/scim/v2${at(target)}`, patchBody(operation(target))) },
  };
}

const SHOWS_NOTHING: Partial<Record<Route, Way>> = { 'GET': { no: 'reading changes nothing' }, 'GET with a filter': { no: 'reading changes nothing' }, '.search': { no: 'reading changes nothing' } };
const NO_DELETE: Partial<Record<Route, Way>> = { 'DELETE': { no: 'a deletion is another effect' } };
const NO_POST = (attempt?: (target: Target) => Request): Partial<Record<Route, Way>> => ({ POST: { no: 'POST makes and never adopts what is there', ...(attempt ? { attempt, status: 409 } : {}) } });
const posted = (path: string, body: (target: Target) => Json): Partial<Record<Route, Way>> => ({ POST: { ask: (target) => request('POST', path, body(target)) } });
const empty: Partial<Record<Route, Way>> = { ...SHOWS_NOTHING, ...NO_DELETE };

/** Bulk is left out here: each of its operations is the single request again. */
const SINGLE: Readonly<Record<Effect, Partial<Record<Route, Way>>>> = {
  'create': {
    ...empty, ...posted('/Users', newPerson),
    'PUT': { no: 'PUT makes nothing', attempt: (target) => request('PUT', '/Users/00000000-0000-7000-8000-000000000000', newPerson(target)), status: 404 },
    'PATCH with a path': { no: 'PATCH makes nothing', attempt: (target) => request('PATCH', '/Users/00000000-0000-7000-8000-000000000000', patchBody({ op: 'add', path: 'userName', value: target.fresh })), status: 404 },
    'PATCH without a path': { no: 'PATCH makes nothing', attempt: (target) => request('PATCH', '/Users/00000000-0000-7000-8000-000000000000', patchBody({ op: 'add', value: { userName: target.fresh } })), status: 404 },
    '/Me': { no: 'RFC 7644 section 3.11: not offered', attempt: (target) => request('POST', '/Me', newPerson(target)), status: 501 },
    'the path of the tenant': { ask: (target) => request('POST', '/t/default/scim/v2/Users', newPerson(target)) },
  },
  'deactivate': { ...empty, ...NO_POST((target) => request('POST', '/Users', person(target, { active: false }))), ...ofPerson('active', false, { active: false }) },
  'delete': {
    ...SHOWS_NOTHING, ...NO_POST(),
    'PUT': { no: 'only DELETE deletes' }, 'PATCH with a path': { no: 'only DELETE deletes' }, 'PATCH without a path': { no: 'only DELETE deletes' },
    'DELETE': { ask: (target) => request('DELETE', `/Users/${target.person}`) },
    '/Me': { ask: () => request('DELETE', '/Me') },
    'the path of the tenant': { ask: (target) => request('DELETE', `/t/default/scim/v2/Users/${target.person}`) },
  },
  'change an e-mail address': { ...empty, ...NO_POST((target) => request('POST', '/Users', person(target, { emails: [{ value: ADDRESS }] }))), ...ofPerson('emails', [{ value: ADDRESS }], { emails: [{ value: ADDRESS }] }) },
  'set a password': { ...empty, ...posted('/Users', (target) => newPerson(target, { password: PASSWORD })), ...ofPerson('password', PASSWORD, { password: PASSWORD }) },
  'add a member': {
    ...empty, ...posted('/Groups', (target) => newGroup(target, { members: members(target.person) })),
    ...ofGroup(({ group }) => group, ({ groupName }) => groupName, (target) => ({ op: 'add', path: 'members', value: members(target.person) }), (target) => ({ members: members(target.person) })),
  },
  'remove a member': {
    ...SHOWS_NOTHING, ...NO_POST((target) => request('POST', '/Groups', { schemas: [GROUP], displayName: target.homeName })),
    ...ofGroup(({ home }) => home, ({ homeName }) => homeName, (target) => ({ op: 'remove', path: `members[value eq "${target.person}"]` }), () => ({ members: [] })),
    'DELETE': { ask: (target) => request('DELETE', `/Groups/${target.home}`) },
  },
  'grant a right': {
    ...empty, ...posted('/Groups', (target) => newGroup(target, { members: members(target.person), [RIGHTS]: { rights: ['audit.read'] } })),
    ...ofGroup(({ home }) => home, ({ homeName }) => homeName, () => ({ op: 'add', path: `${RIGHTS}:rights`, value: ['audit.read'] }), (target) => ({ members: members(target.person), [RIGHTS]: { rights: ['audit.read'] } })),
  },
  'read an attribute': {
    ...Object.fromEntries(['POST', 'PUT', 'PATCH with a path', 'PATCH without a path', 'DELETE'].map((route) => [route, { no: 'the answer shows what the caller has just written' }])),
    'GET': { ask: (target) => request('GET', `/Users/${target.person}`) },
    'GET with a filter': { ask: (target) => request('GET', `/Users${query({ filter: `id eq "${target.person}" and title eq "${TITLE}"` })}`) },
    '.search': { ask: (target) => request('POST', '/Users/.search', { schemas: [MESSAGE.searchRequest], filter: `id eq "${target.person}"` }) },
    '/Me': { ask: () => request('GET', '/Me') },
    'the path of the tenant': { ask: (target) => request('GET', `/t/default/scim/v2/Users/${target.person}`) },
  },
};

const SINGLE_OF: Partial<Record<Route, Route>> = { 'Bulk POST': 'POST', 'Bulk PUT': 'PUT', 'Bulk PATCH': 'PATCH with a path', 'Bulk DELETE': 'DELETE' };

/** @returns undefined for a pair that nobody has thought about */
export function wayOf(effect: Effect, route: Route): Way | undefined {
  const single = SINGLE_OF[route];
  if (single === undefined) return SINGLE[effect][route];
  const way = SINGLE[effect][single];
  if (!way || !('ask' in way)) return way && { no: way.no };
  return { ask: (target) => ({ ...way.ask(target), bulk: true }) };
}

const PEOPLE = ['users:read', 'users:write'];
const GROUPS = ['groups:read', 'groups:write'];
export const CALLERS = {
  'nobody': { kind: 'nobody' },
  'an unknown token': { kind: 'nobody' },
  'a suspended tenant': { kind: 'nobody' },
  'another tenant': { kind: 'stranger', scopes: ['*', 'admin.grant'] },
  'who only reads': { kind: 'own', scopes: ['users:read', 'groups:read'] },
  'who has people only': { kind: 'own', scopes: PEOPLE },
  'who has groups only': { kind: 'own', scopes: GROUPS },
  'who has all of SCIM': { kind: 'own', scopes: ['*'] },
  'who may grant rights': { kind: 'own', scopes: ['*', 'admin.grant'] },
} as const satisfies Record<string, { kind: 'nobody' } | { kind: 'own' | 'stranger'; scopes: readonly string[] }>;
export type CallerName = keyof typeof CALLERS;

const NEEDS: Readonly<Record<Effect, readonly string[]>> = {
  'create': ['users:write'], 'deactivate': ['users:write'], 'delete': ['users:write'], 'change an e-mail address': ['users:write'], 'set a password': ['users:write'],
  'add a member': ['groups:write'], 'remove a member': ['groups:write'], 'grant a right': ['groups:write', 'admin.grant'], 'read an attribute': ['users:read'],
};

/**
 * `done`: it is so afterwards. `ignored`: answered as done, but this part was left out. `elsewhere`: done in the caller's own tenant. `empty`: a list of
 * nothing. A status: refused. `impossible`: there is no such request.
 */
export type Expected = 'done' | 'ignored' | 'elsewhere' | 'empty' | 'impossible' | 400 | 401 | 403 | 404;

const holds = (scopes: readonly string[], scope: string) => scopes.includes(scope) || (scope !== 'admin.grant' && scopes.includes('*'));

/** @returns undefined for a cell without an expectation */
export function expectationOf(effect: Effect, route: Route, name: CallerName): Expected | undefined {
  const way = wayOf(effect, route);
  if (!way) return undefined;
  if ('no' in way) return 'impossible';
  const caller = CALLERS[name];
  if (caller.kind === 'nobody') return 401;
  if (caller.kind === 'stranger') {
    if (route === 'GET with a filter' || route === '.search') return 'empty';
    if (route !== 'POST' && route !== 'Bulk POST') return 404;
    // Somebody of another tenant can be no member here either.
    return effect === 'create' || effect === 'set a password' ? 'elsewhere' : 400;
  }
  if (NEEDS[effect].some((scope) => !holds(caller.scopes, scope))) return 403;
  return effect === 'set a password' && !holds(caller.scopes, 'users:password') ? 'ignored' : 'done';
}
