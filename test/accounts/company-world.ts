/** Companies with contact persons, external users and portal users, and callers who manage some of them. */
import type { Test } from 'tap';
import type { Json } from '../../src/scim/json.ts';
import type { CallOptions } from '../helpers/app.ts';
import { unique, userBody } from '../helpers/app.ts';
import { ACCOUNT, PASSWORD, startWorld } from './world.ts';

export const EXTERNAL = 'urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User';
export const PORTALS = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
export const COMPANY = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Company';
export const PORTAL = 'urn:ietf:params:scim:schemas:extension:rollcall:2.0:Portal';
export const RIGHTS = 'urn:ietf:params:scim:schemas:extension:rollcallRights:2.0:Group';
const SCIM = ['users:read', 'users:write', 'users:password', 'companies:read', 'companies:write', 'portals:read'];
const SHOWS = [ACCOUNT, EXTERNAL, PORTALS, COMPANY, PORTAL];

export async function startCompanies(t: Test, file: string) {
  const world = await startWorld(t, file);
  const { call, api, makeClient, tenants } = world;
  const maker = (await makeClient(tenants.own, { scopes: ['*', 'users.manage', 'externalUsers.manage', 'portalUsers.manage', 'admin.grant'], shows: [...SHOWS, RIGHTS], settings: { signInMethod: 'none' } })).token;
  const made = async (endpoint: string, body: Json, options: CallOptions = { token: maker }) => {
    const answer = await call('POST', endpoint, body, options);
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.id as string;
  };
  const company = (displayName = unique('Company '), attributes: Record<string, Json> = {}) => made('/Companies', { schemas: [COMPANY], displayName, ...attributes });
  const contact = async (companyId: string, attributes: Record<string, Json> = {}) => {
    const address = `${unique('c')}@company.example`;
    return { id: await made('/Users', userBody({ userName: unique('contact'), emails: [{ value: address }], [EXTERNAL]: { companyId }, ...attributes })), address };
  };
  const external = async (companyId: string, { loginEnabled = true, ...attributes }: { loginEnabled?: boolean } & Record<string, Json> = {}) => {
    const userName = unique('ext.');
    const { id, address } = await contact(companyId, { userName, password: PASSWORD, [EXTERNAL]: { companyId, registered: true, loginEnabled, role: 'Klant' }, ...attributes });
    return { id, address, userName };
  };
  return {
    ...world, maker, made, company, contact, external,
    portal: (displayName = unique('Portal ')) => made('/Portals', { schemas: [PORTAL], displayName }),
    portalUser: async (access: readonly Record<string, Json>[], attributes: Record<string, Json> = {}) => {
      const address = `${unique('pu')}@klant.example`;
      return { id: await made('/Users', userBody({ userName: address, emails: [{ value: address }], password: PASSWORD, [PORTALS]: { access: [...access] }, ...attributes })), address };
    },
    /** With the scopes of SCIM besides, and the populations of the rights alone. @param companies those that the client is limited to */
    having: async (rights: readonly string[], companies: readonly string[] = [], tenant = tenants.own) =>
      (await makeClient(tenant, { scopes: [...SCIM, ...rights], shows: SHOWS, settings: { populations: [], companies, signInMethod: 'none' } })).token,
    by: (token: string) => ({
      api: (method: string, path: string, body?: Json) => api(method, path, body, { token }),
      scim: (method: string, path: string, body?: Json) => call(method, path, body, { token }),
    }),
  };
}

/** The ids in an answer of the API or of SCIM. */
export const idsIn = (body: { readonly people?: readonly { readonly id: string }[]; readonly Resources?: readonly { readonly id: string }[] }): readonly string[] =>
  [...body.people ?? body.Resources ?? []].map(({ id }) => id).toSorted();
