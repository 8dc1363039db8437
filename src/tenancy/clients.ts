/** Provisioning clients: what a token stands for. Nobody can make a client that may more than its maker. */
import { v7 as uuid } from 'uuid';
import { forbidden, invalidValue, notFound, quote, uniqueness } from '../errors.ts';
import { covers, isRight } from '../rights.ts';
import type { Registry } from '../scim/registry.ts';
import { foldName } from '../scim/schema.ts';
import { changeSettings, valuesOf, type Stored } from '../settings.ts';
import { writeAudit, type AuditEntry } from '../store/audit.ts';
import type { ClientDocument } from '../store/documents.ts';
import { isDuplicateKey } from '../store/mongo-errors.ts';
import { findById } from '../store/resources.ts';
import { limitedTo, withReached } from '../store/managed.ts';
import { transact } from '../store/transaction.ts';
import { CLIENT_SETTINGS, settingsOf, type ClientSettings } from './client-settings.ts';
import type { Doing } from './doing.ts';

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The User that it acts as. */
  readonly person: string | undefined;
  readonly created: Date;
  readonly settings: ClientSettings;
}

/** What can be decided of a client; what is left out stays as it is. */
export interface ClientChange {
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly person?: string | null;
  readonly settings?: Stored;
}

export const clientOf = (document: ClientDocument): Client =>
  ({ id: document._id, name: document.name, scopes: document.scopes, person: document.person, created: document.created, settings: settingsOf(document) });

/** @throws ScimError 400 invalidValue naming the setting, 403 for a scope that the doer has not, 409 uniqueness */
export async function createClient(doing: Doing, tenant: string, { name, scopes = [], person, settings = {} }: ClientChange): Promise<Client> {
  const document: ClientDocument = {
    _id: uuid(), t: tenant, name: checkedName(name), created: doing.now(),
    scopes: checkedScopes(doing, scopes),
    settings: checkedSettings(doing, scopes, changeSettings(CLIENT_SETTINGS, {}, settings).stored),
    ...(typeof person === 'string' ? { person } : {}),
  };
  await uniquely(() => transact(doing.store, async (session) => {
    await checkPerson(doing, tenant, person);
    await doing.store.collections.clients.insertOne(document, { session });
    const { name: given, scopes: granted } = document;
    await writeAudit(doing.store, tenant, [entry(doing, 'client.create', document._id, ['name', 'scopes', ...Object.keys(document.settings)], { name: given, scopes: granted, ...document.settings })], doing.now(), session);
  }));
  return clientOf(document);
}

/** @throws ScimError 400, 403, 404, 409; then nothing has changed */
export async function changeClient(doing: Doing, tenant: string, id: string, change: ClientChange): Promise<Client> {
  const { clients } = doing.store.collections;
  const after = await uniquely(() => transact(doing.store, async (session) => {
    const current = await clients.findOne({ _id: id, t: tenant }, { session });
    if (!current) throw notFound('Client');
    checkHolds(doing, current.scopes);
    await checkPerson(doing, tenant, change.person);
    const settings = changeSettings(CLIENT_SETTINGS, current.settings, change.settings ?? {});
    const { person: bound, ...others } = current;
    const person = change.person === undefined ? bound : (change.person ?? undefined);
    const next: ClientDocument = {
      ...others,
      name: change.name === undefined ? current.name : checkedName(change.name),
      scopes: change.scopes === undefined ? current.scopes : checkedScopes(doing, change.scopes),
      settings: checkedSettings(doing, change.scopes ?? current.scopes, settings.stored),
      ...(person === undefined ? {} : { person }),
    };
    const changed = [...(['name', 'scopes', 'person'] as const).filter((name) => JSON.stringify(current[name]) !== JSON.stringify(next[name])), ...settings.changed];
    if (changed.length === 0) return current;
    await clients.replaceOne({ _id: id, t: tenant }, next, { session });
    const values = Object.fromEntries(changed.map((name) => [name, name in settings.stored ? settings.stored[name] : name === 'name' ? next.name : name === 'scopes' ? next.scopes : null]));
    await writeAudit(doing.store, tenant, [entry(doing, 'client.change', id, changed, values)], doing.now(), session);
    return next;
  }));
  doing.changed();
  return clientOf(after);
}

/** Its tokens end with it; what it has provisioned stays. @throws ScimError 403, 404 */
export async function deleteClient(doing: Doing, tenant: string, id: string): Promise<void> {
  const { clients, tokens, guards, matches } = doing.store.collections;
  await transact(doing.store, async (session) => {
    const current = await clients.findOne({ _id: id, t: tenant }, { session });
    if (!current) throw notFound('Client');
    checkHolds(doing, current.scopes);
    await clients.deleteOne({ _id: id, t: tenant }, { session });
    await tokens.deleteMany({ t: tenant, client: id }, { session });
    await matches.deleteMany({ t: tenant, client: id }, { session });
    await guards.deleteOne({ _id: id, t: tenant }, { session });
    await writeAudit(doing.store, tenant, [entry(doing, 'client.delete', id, [], { name: current.name })], doing.now(), session);
  });
  doing.changed();
}

export async function listClients({ store }: Doing, tenant: string): Promise<readonly Client[]> {
  return (await store.collections.clients.find({ t: tenant }).sort({ name: 1 }).toArray()).map(clientOf);
}

/** @throws ScimError 404 */
export async function getClient({ store }: Doing, tenant: string, id: string): Promise<Client> {
  const found = await store.collections.clients.findOne({ _id: id, t: tenant });
  if (!found) throw notFound('Client');
  return clientOf(found);
}

/** @throws ScimError 404 */
export async function findClientByName({ store }: Doing, tenant: string, name: string): Promise<Client> {
  const found = await store.collections.clients.findOne({ t: tenant, name });
  if (!found) throw notFound('Client');
  return clientOf(found);
}

function checkedName(name: string | undefined): string {
  const trimmed = name?.trim() ?? '';
  if (trimmed === '' || trimmed.length > 100 || /\p{Cc}/u.test(trimmed)) throw invalidValue('name must be text of 1 to 100 characters on one line.');
  return trimmed;
}

/** The scopes of SCIM. `*` for all of them and the rights come besides. */
export const knownScopes = (registry: Registry): readonly string[] =>
  [...new Set([...registry.resourceTypes.flatMap(({ endpoint }) => ['read', 'write'].map((access) => `${endpoint.slice(1).toLowerCase()}:${access}`)), 'users:password'])];

/** @throws ScimError 400 for a scope that does not exist, 403 for one that the doer has not */
export function checkedScopes(doing: Doing, scopes: readonly string[]): readonly string[] {
  const known = new Set(knownScopes(doing.store.registry));
  const unknown = scopes.find((scope) => scope !== '*' && !isRight(scope) && !known.has(scope));
  if (unknown !== undefined) throw invalidValue(`There is no scope ${quote(unknown)}; there are *, ${[...known].join(', ')}.`);
  checkHolds(doing, scopes);
  return [...new Set(scopes)].toSorted();
}

/** Who may less than a client does not decide about it: with its tokens it could do what it may not. @throws ScimError 403 */
export function checkHolds({ may }: Doing, scopes: readonly string[]): void {
  const lacking = may && scopes.find((scope) => (scope === '*' ? !may.has('*') : !covers(may, scope)));
  if (lacking !== undefined) throw forbidden(`Only who has the scope ${lacking} can give it to a client or decide about a client that has it.`);
}

function checkedSettings({ store, sees }: Doing, scopes: readonly string[], settings: Stored): Stored {
  const { populations: named, companies } = valuesOf(CLIENT_SETTINGS, settings);
  const populations = withReached(named, new Set(scopes));
  const given = limitedTo(populations, companies);
  const unseen = sees && given.find((one) => !sees.includes(one) && !sees.some((whole) => one.startsWith(`${whole}@`)));
  if (unseen !== undefined) throw forbidden(`populations: only who sees ${unseen} can let a client see them.`);
  const shows = settings['shows'];
  const urns = new Set(store.registry.schemaDefinitions.map(({ id }) => foldName(id)));
  const unknown = Array.isArray(shows) ? shows.map(String).find((urn) => !urns.has(foldName(urn))) : undefined;
  if (unknown !== undefined) throw invalidValue(`shows: there is no schema ${quote(unknown)}.`);
  return settings;
}

async function checkPerson({ store, sees }: Doing, tenant: string, person: string | null | undefined): Promise<void> {
  if (typeof person !== 'string') return;
  if (!(await findById(store.scope(tenant, sees), store.registry.type('User'), person))) throw invalidValue('person: there is no User with this id.');
}

async function uniquely<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDuplicateKey(error)) throw uniqueness('name is already taken.');
    throw error;
  }
}

const entry = ({ by, request, from }: Doing, action: string, id: string, changed: readonly string[], values: Stored): AuditEntry =>
  ({ by, action, on: { type: 'Client', id }, request, ...(from === undefined ? {} : { from }), changed, values });
