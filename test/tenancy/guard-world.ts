/** A tenant with administrators who can be written to, people, and clients with a guard of their own. */
import type { Test } from 'tap';
import type { Json } from '../../src/scim/json.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import type { OutboxDocument } from '../../src/store/account-documents.ts';
import type { GuardDocument } from '../../src/store/documents.ts';
import { patchBody, startApp, unique, userBody, type Answer, type Parts } from '../helpers/app.ts';
import { addMembers, auditCount, ownTenant, resourcesIn, RIGHTS, send } from './support.ts';

export const MINUTE = 60;
export const ROLE = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Role';
export const OFF = { guardChanges: 0, guardShare: 0, guardMembers: 0 };

export async function startGuardWorld(t: Test, file: string, parts: Parts = {}) {
  const app = await startApp(t, file, {}, parts);
  const { store, makeClient } = app;
  const { id: tenant, administrators, grantor } = await ownTenant(app, { settings: OFF, shows: [RIGHTS, ROLE] });
  const manager = (await makeClient(tenant, { scopes: ['clients.manage'] })).token;

  const as = async (token: string, method: string, path: string, body?: Json): Promise<Answer> => send(app.app, method, path.startsWith('/api/') ? path : `/scim/v2${path}`, body, { token });
  const must = async (method: string, path: string, body?: Json): Promise<Answer> => {
    const answer = await as(grantor, method, path, body);
    if (answer.status >= 300) throw new Error(answer.text);
    return answer;
  };
  /** Made by somebody without limits. @returns ids */
  const people = async (count: number, attributes: Record<string, Json> = {}): Promise<readonly string[]> => {
    const made: string[] = [];
    for (let start = 0; start < count; start += 1000) {
      const { body } = await must('POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: Array.from({ length: Math.min(1000, count - start) }, (_, index) => ({ method: 'POST', path: '/Users', bulkId: `b${index}`, data: userBody(attributes) })) });
      made.push(...body.Operations.map(({ location }: { location: string }) => location.split('/').at(-1)));
    }
    return made;
  };
  const group = async (...members: readonly string[]): Promise<string> => {
    const { body } = await must('POST', '/Groups', { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: unique('group') });
    for (let start = 0; start < members.length; start += 1000) await must('PATCH', `/Groups/${body.id}`, addMembers(...members.slice(start, start + 1000)));
    return String(body.id);
  };
  const administrator = async (attributes: Record<string, Json>): Promise<string> => {
    const { id } = (await must('POST', '/Users', userBody(attributes))).body;
    await must('PATCH', `/Groups/${administrators}`, addMembers(id));
    return String(id);
  };
  const mail = (name: string) => ({ emails: [{ value: `${name}@admins.example`, primary: true }] });
  const told = {
    nl: await administrator({ ...mail('nl'), displayName: 'Noor', preferredLanguage: 'nl' }),
    nb: await administrator({ ...mail('nb'), displayName: 'Nils', preferredLanguage: 'nb' }),
    en: await administrator({ ...mail('en'), displayName: 'Eve', preferredLanguage: 'en' }),
  };
  await administrator({ ...mail('gone'), active: false });
  await administrator({});

  const client = async (settings: Readonly<Record<string, unknown>>, scopes: readonly string[] = ['*', 'admin.grant', 'users.manage']) => {
    const made = await makeClient(tenant, { scopes, settings: { guardShare: 0, guardMembers: 0, ...settings } });
    const guardPath = `/api/v1/clients/${made.client}/guard`;
    return {
      ...made,
      ask: (method: string, path: string, body?: Json) => as(made.token, method, path, body),
      remove: (id: string) => as(made.token, 'DELETE', `/Users/${id}`),
      deactivate: (id: string) => as(made.token, 'PATCH', `/Users/${id}`, OFFLINE),
      bulk: (Operations: readonly Json[], more: Record<string, Json> = {}) => as(made.token, 'POST', '/Bulk', { schemas: [MESSAGE.bulkRequest], Operations: [...Operations], ...more }),
      guard: async () => (await as(manager, 'GET', guardPath)).body,
      release: (body: Json) => as(manager, 'POST', `${guardPath}/release`, body),
      refuse: () => as(manager, 'POST', `${guardPath}/refuse`),
      document: (): Promise<GuardDocument | null> => store.collections.guards.findOne({ _id: made.client, t: tenant }, { readConcern: { level: 'local' } }),
      holds: () => store.collections.audit.find({ t: tenant, action: 'guard.hold', 'on.id': made.client }).toArray(),
    };
  };

  const mails = (): Promise<OutboxDocument[]> => store.collections.outbox.find({ t: tenant, kind: 'guardHeld' }).sort({ created: 1, 'to.address': 1 }).toArray();

  return {
    ...app, tenant, administrators, grantor, manager, told, as, people, group, client, mails,
    isActive: async (id: string) => (await as(grantor, 'GET', `/Users/${id}`)).body.active,
    /** Does something that must leave people, groups, memberships and versions as they are, and tells of nothing that did not happen. */
    leaves: async (t: Test, act: () => Promise<unknown>) => {
      const before = [await resourcesIn(app, tenant), (await auditCount(app, tenant)) - (await held())];
      await act();
      t.same([await resourcesIn(app, tenant), (await auditCount(app, tenant)) - (await held())], before, 'nothing changed, and nothing else is audited');
    },
  };

  function held(): Promise<number> {
    return store.collections.audit.countDocuments({ t: tenant, action: 'guard.hold' });
  }
}

/** As a client does: what a busy server did not do in time is asked again. What was done after all, and is gone now, counts as done. */
export async function patiently(ask: () => Promise<Answer>): Promise<number> {
  let answer = await ask();
  for (let time = 0; answer.status === 503 && time < 20; time++) {
    answer = await ask();
    if (answer.status === 404) return 204;
  }
  return answer.status;
}
export const howMany = (statuses: readonly number[], ...wanted: readonly number[]) => statuses.filter((status) => wanted.includes(status)).length;

export const OFFLINE = patchBody({ op: 'replace', path: 'active', value: false });
export const ONLINE = patchBody({ op: 'replace', path: 'active', value: true });
