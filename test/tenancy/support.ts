/** What the tests of tenants, clients, rights and logs have in common: any path of the server, and looks into the database. */
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import { createLog } from '../../src/log.ts';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE, RIGHTS_EXTENSION } from '../../src/scim/urns.ts';
import type { AuditDocument } from '../../src/store/documents.ts';
import { Keyring } from '../../src/store/keys.ts';
import type { Doing } from '../../src/tenancy/doing.ts';
import { createTenant } from '../../src/tenancy/tenants.ts';
import { TASKS, type WorkerParts } from '../../src/worker.ts';
import { patchBody, unique, type Answer, type ClientOptions, type TestApp } from '../helpers/app.ts';

export const RIGHTS = RIGHTS_EXTENSION;

export interface Sent {
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly from?: string;
}

/** Calls any path of a server, from any address. */
export async function send(app: FastifyInstance, method: string, url: string, body?: Json, { token, headers = {}, from }: Sent = {}): Promise<Answer> {
  const response = await app.inject({
    method: method as 'GET', url,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/scim+json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    ...(from === undefined ? {} : { remoteAddress: from }),
  });
  const isJson = response.body !== '' && /json(;|$)/.test(response.headers['content-type']?.toString() ?? '') && !/ndjson/.test(response.headers['content-type']?.toString() ?? '');
  return { status: response.statusCode, headers: response.headers, text: response.body, body: isJson ? JSON.parse(response.body) : undefined };
}

/** The operator at the command line. @param changed what a server does that must see the change at once */
export const operator = ({ store, clock }: Pick<TestApp, 'store' | 'clock'>, changed: () => void = () => undefined): Doing =>
  ({ store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: 'command', from: undefined, changed });

/** One request as one operation of a bulk request. */
export const asBulk = (method: string, path: string, data?: Json): Json => ({
  schemas: [MESSAGE.bulkRequest],
  Operations: [{ method, path, ...(method === 'POST' ? { bulkId: 'one' } : {}), ...(data === undefined ? {} : { data }) }],
});

export const members = (...ids: readonly string[]): Json => ids.map((value) => ({ value }));
export const addMembers = (...ids: readonly string[]): Json => patchBody({ op: 'add', path: 'members', value: members(...ids) });
export const removeMember = (id: string): Json => patchBody({ op: 'remove', path: `members[value eq "${id}"]` });

/** People, groups, memberships, claims and passwords of a tenant as text: equal text, nothing changed. What counts references is left out. */
export async function resourcesIn({ store, registry }: Pick<TestApp, 'store' | 'registry'>, tenant: string): Promise<string> {
  const { members: edges, claims, credentials, resources } = store.collections;
  const found = await Promise.all([
    ...registry.resourceTypes.map((type) => resources(type).find({ t: tenant }).sort({ _id: 1 }).toArray()),
    ...[edges, claims, credentials].map((collection) => collection.find({ t: tenant }).sort({ _id: 1 }).toArray()),
  ]);
  return JSON.stringify(found);
}

/** Entries of the audit log in the order in which they were made, refusals apart. */
export async function auditOf({ store }: Pick<TestApp, 'store'>, tenant: string, filter: { readonly refused?: boolean; readonly on?: string } = {}): Promise<readonly AuditDocument[]> {
  await store.settled();
  const found = await store.collections.audit.find({ t: tenant, ...(filter.on === undefined ? {} : { 'on.id': filter.on }) }).sort({ at: 1, _id: 1 }).toArray();
  return found.filter(({ refused }) => (refused !== undefined) === (filter.refused ?? false));
}

/** How many changes were audited. */
export const auditCount = ({ store }: Pick<TestApp, 'store'>, tenant: string): Promise<number> => store.collections.audit.countDocuments({ t: tenant, refused: { $exists: false } });

/** Does something that must leave people, groups and what was audited of them as they are. */
export async function leaves(t: Test, app: TestApp, tenant: string, what: string, act: () => Promise<void>): Promise<void> {
  const before = await resourcesIn(app, tenant);
  const entries = await auditCount(app, tenant);
  await act();
  t.equal(await resourcesIn(app, tenant), before, `${what}: the documents are as they were`);
  t.equal(await auditCount(app, tenant), entries, `${what}: nothing that did not happen is in the audit log`);
}

/** What the callers of a tenant of its own are: all of SCIM with and without the right to grant. */
export interface OwnTenant {
  readonly id: string;
  readonly plain: string;
  readonly grantor: string;
  /** The id of the built-in group. */
  readonly administrators: string;
  /** Makes a resource as somebody who may everything. @returns its id */
  readonly make: (endpoint: string, body: Json) => Promise<string>;
}

export async function ownTenant(app: TestApp, options: ClientOptions = {}): Promise<OwnTenant> {
  const { id } = await createTenant(operator(app), unique('tenant'));
  const shown = { shows: [RIGHTS], ...options };
  const plain = (await app.makeClient(id, { ...shown, scopes: ['*'] })).token;
  const grantor = (await app.makeClient(id, { ...shown, scopes: ['*', 'admin.grant'] })).token;
  const { body } = await app.call('GET', '/Groups', undefined, { token: grantor });
  const make = async (endpoint: string, body: Json) => {
    const answer = await app.call('POST', endpoint, body, { token: grantor });
    if (answer.status !== 201) throw new Error(`POST ${endpoint}: ${answer.text}`);
    return String(answer.body.id);
  };
  return { id, plain, grantor, administrators: body.Resources[0].id, make };
}

/** Makes somebody or something be for administrators alone. */
export async function hide({ store, registry }: Pick<TestApp, 'store' | 'registry'>, tenant: string, type: 'User' | 'Group', id: string): Promise<void> {
  await store.collections.resources(registry.type(type)).updateOne({ _id: id, t: tenant }, { $set: { p: 'console' } });
}

/** A second server on the same database, as another process would be: nothing in memory is shared. */
export async function secondServer(t: Test, { store, registry, config, clock }: TestApp): Promise<FastifyInstance> {
  const now = () => clock.now;
  const app = buildApp({ config, store, registry, keyring: new Keyring(store, () => config.secretKeys, now), log: createLog({ level: 'silent' }), now });
  await app.ready();
  t.teardown(() => app.close());
  return app;
}

export function pass({ clock }: Pick<TestApp, 'clock'>, seconds: number): void {
  clock.now = new Date(clock.now.getTime() + seconds * 1000);
}

/** Everything that is stored of a tenant, and of none, as text: where a secret or a name must not stand. */
export async function everythingOf({ store }: Pick<TestApp, 'store'>, tenant: string, ...without: readonly string[]): Promise<string> {
  const { db } = store.collections.tenants;
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).filter((name) => !without.includes(name));
  return JSON.stringify(await Promise.all(names.flatMap((name) => [tenant, ''].map((t) => db.collection(name).find({ t }).toArray()))));
}

export async function trimLogs({ store, clock }: Pick<TestApp, 'store' | 'clock'>): Promise<void> {
  await TASKS.find(({ name }) => name === 'trim the logs')?.run({ store, now: () => clock.now } as WorkerParts);
}
