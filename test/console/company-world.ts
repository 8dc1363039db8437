/** Companies with contact persons, external users and portal users, made over SCIM and looked at over SCIM. */
import type { Json } from '../../src/scim/json.ts';
import { ACCOUNT, PASSWORD } from '../accounts/world.ts';
import { unique, userBody } from '../helpers/app.ts';
import type { startDesk } from './desk.ts';

export const EXTERNAL = 'urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User';
export const PORTALS = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
const of = (type: string) => `urn:ietf:params:scim:schemas:extension:rollcall:2.0:${type}`;

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

export async function companyWorld({ call, api, makeClient, tenants }: Awaited<ReturnType<typeof startDesk>>) {
  const { token } = await makeClient(tenants.own, { scopes: ['*', 'users.manage', 'externalUsers.manage', 'portalUsers.manage', 'admin.grant'], shows: [ACCOUNT, EXTERNAL, PORTALS, of('Company'), of('Portal'), of('Role')], settings: { signInMethod: 'none' } });
  const made = async (path: string, body: Json): Promise<string> => {
    const answer = await call('POST', path, body, { token });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body.id;
  };
  const contact = async (company: string, attributes: Record<string, Json> = {}): Promise<Contact> => {
    const [familyName, address] = [unique('Relatie'), `${unique('c')}@company.example`];
    return { id: await made('/Users', userBody({ userName: unique('contact'), name: { givenName: 'Kim', familyName }, emails: [{ value: address }], [EXTERNAL]: { companyId: company }, ...attributes })), name: `Kim ${familyName}`, address };
  };
  return {
    contact,
    company: (displayName = unique('Bedrijf ')) => made('/Companies', { schemas: [of('Company')], displayName }),
    portal: (displayName = unique('Portaal ')) => made('/Portals', { schemas: [of('Portal')], displayName }),
    role: (displayName: string) => made('/Roles', { schemas: [of('Role')], displayName }),
    /** Registered, with a user id of their own. */
    external: async (company: string, { loginEnabled = true } = {}): Promise<Contact & { readonly userName: string }> => {
      const userName = unique('ext.');
      return { ...(await contact(company, { userName, password: PASSWORD, [EXTERNAL]: { companyId: company, registered: true, loginEnabled, role: 'Klant' } })), userName };
    },
    /** With a password. @returns the address */
    portalUser: async (access: readonly Record<string, Json>[]): Promise<string> => {
      const address = `${unique('pu')}@klant.example`;
      await made('/Users', userBody({ userName: address, emails: [{ value: address }], password: PASSWORD, [PORTALS]: { access: [...access] } }));
      return address;
    },
    get: async (path: string) => (await call('GET', path, undefined, { token })).body,
    found: async (filter: string) => (await call('GET', `/Users?filter=${encodeURIComponent(filter)}`, undefined, { token })).body.Resources ?? [],
    enterAt: (name: string, portal: string, password = PASSWORD) => api('POST', '/sign-in', { name, password, tenant: 'default', portal }, { token: '' }),
  };
}
