/** On whose behalf the worker goes on with an import: with what they might do when they asked, and may still do now. */
import { covers } from '../rights.ts';
import type { Context } from '../resources/context.ts';
import { policyOf } from '../policy.ts';
import { POPULATIONS, type Seen } from '../store/audience.ts';
import type { TenantDocument } from '../store/documents.ts';
import type { ImportDocument } from '../store/import-documents.ts';
import { findById } from '../store/resources.ts';
import { audienceOf, settingsOf } from '../tenancy/client-settings.ts';
import { guardOf } from './guard.ts';
import { rightsOfPerson } from './rights.ts';
import { managerScopes, systemContext, type Acting, type Surroundings } from './system.ts';

/** @returns undefined where they are gone, or may not import any more. Its audit entries carry the import's id as request. */
export async function actingFor(parts: Surroundings, { _id: requestId, t, by }: ImportDocument): Promise<Context | undefined> {
  const tenant = await parts.store.collections.tenants.findOne({ _id: t, state: 'active' });
  if (!tenant) return undefined;
  const held = by.actor.kind === 'client' ? await ofClient(parts, tenant, by.actor.id) : await ofPerson(parts, t, by.actor.id);
  if (!held) return undefined;
  const scopes = new Set([...managerScopes(held.rights)].filter((scope) => by.scopes.includes(scope)));
  if (!covers(scopes, 'users.manage')) return undefined;
  const { audience, guard } = held.reach(scopes);
  const context = systemContext(parts, { tenant: { id: t, name: tenant.name, policy: policyOf(tenant.policy) }, actor: by.actor, scopes, ...(audience ? { audience } : {}), ...(guard ? { guard } : {}), requestId, from: undefined });
  // A client's externalIds are its own.
  return { ...context, import: requestId, principal: { ...context.principal, client: by.actor.kind === 'client' ? by.actor.id : '' } };
}

interface Held {
  readonly rights: ReadonlySet<string>;
  readonly reach: (scopes: ReadonlySet<string>) => { readonly audience: readonly Seen[] | undefined; readonly guard?: Acting['guard'] };
}

async function ofClient(parts: Surroundings, tenant: TenantDocument, id: string): Promise<Held | undefined> {
  const client = await parts.store.collections.clients.findOne({ _id: id, t: tenant._id });
  if (!client) return undefined;
  const settings = settingsOf(client);
  if (!settings.enabled) return undefined;
  return { rights: new Set(client.scopes), reach: (scopes) => ({ audience: audienceOf(settings, scopes), guard: guardOf(parts, tenant, client) }) };
}

async function ofPerson({ store }: Surroundings, tenant: string, id: string): Promise<Held | undefined> {
  const scope = store.scope(tenant);
  const person = await findById(scope, store.registry.type('User'), id);
  if (!person || person.attributes['active'] === false) return undefined;
  return { rights: await rightsOfPerson(scope, id), reach: (scopes) => ({ audience: covers(scopes, 'admin.grant') ? undefined : ['all', ...POPULATIONS] }) };
}
