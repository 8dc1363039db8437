/** The console as administrators have it: somebody with rights, signed in, in a browser of their own. */
import type { Page } from 'playwright-core';
import type { Test } from 'tap';
import type { Config } from '../../src/config.ts';
import { inviteAdministrator, setAdministrator } from '../../src/accounts/administrators.ts';
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { systemContext } from '../../src/accounts/system.ts';
import { createLog } from '../../src/log.ts';
import type { Right } from '../../src/rights.ts';
import { policyOf } from '../../src/policy.ts';
import type { Json } from '../../src/scim/json.ts';
import { PASSWORD, type Somebody } from '../accounts/world.ts';
import { startChromium, type VisitorOptions } from '../browser/chromium.ts';
import { signIn, startSite } from '../browser/site.ts';
import { unique } from '../helpers/app.ts';

export const RIGHTS_OF_GROUP = 'urn:ietf:params:scim:schemas:extension:rollcallRights:2.0:Group';

export async function startDesk(t: Test, file: string, overrides: Partial<Config> = {}) {
  const site = await startSite(t, file, overrides);
  const { visitor } = await startChromium(t, site.origin);
  const { store, config, clock, tenants } = site;
  const operator = async () => {
    const tenant = await store.collections.tenants.findOne({ _id: tenants.own });
    return systemContext({ store, registry: store.registry, behaviours: accountBehaviours, config, now: () => clock.now, log: createLog({ level: 'silent' }) },
      { tenant: { id: tenants.own, name: 'default', policy: policyOf(tenant?.policy ?? {}) }, actor: { kind: 'system', id: 'test' }, requestId: 'test', from: undefined });
  };
  const grant = (await site.makeClient(tenants.own, { scopes: ['*', 'admin.grant'], shows: [RIGHTS_OF_GROUP] })).token;

  /** A group by SCIM. */
  const group = async (displayName: string, { rights = [], userGroup = true, members = [] }: { rights?: readonly Right[]; userGroup?: boolean; members?: readonly Somebody[] } = {}): Promise<string> => {
    const made = await site.call('POST', '/Groups', { schemas: [], displayName, members: members.map(({ id }) => ({ value: id })), [RIGHTS_OF_GROUP]: { ...(rights.length > 0 ? { rights: [...rights] } : {}), userGroup } }, { token: grant });
    if (made.status !== 201) throw new Error(made.text);
    return made.body.id;
  };
  const administrator = async (attributes: Record<string, Json> = {}): Promise<Somebody> => {
    const person = await site.person({ name: { givenName: 'Anna', familyName: 'Beheer' }, ...attributes });
    await setAdministrator(await operator(), person.id, true);
    return person;
  };
  const holder = async (...rights: readonly Right[]): Promise<Somebody> => {
    const person = await site.person({ name: { givenName: 'Rik', familyName: 'Recht' } });
    await group(unique('rights'), { rights, userGroup: false, members: [person] });
    return person;
  };
  /** Signed in, at the console. */
  const desk = async (t: Test, who?: Somebody, options: VisitorOptions = {}): Promise<Page> => {
    const person = who ?? (await administrator());
    const page = await visitor(t, options);
    await signIn(page, person.address, PASSWORD);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.goto('/console');
    return page;
  };
  return { ...site, visitor, operator, grant, group, administrator, holder, desk, inviteAdministrator };
}
