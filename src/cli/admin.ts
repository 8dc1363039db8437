/** `rollcall admin`: administrators of a tenant, for when nobody is left who could make one. */
import { inviteAdministrator } from '../accounts/administrators.ts';
import { accountBehaviours } from '../accounts/behaviours.ts';
import { systemContext } from '../accounts/system.ts';
import { checkAddress } from '../mail/address.ts';
import { createLog } from '../log.ts';
import { findTenant } from '../tenancy/tenants.ts';
import { addCommand, addGroup, type AddCommands, type Output, type Session } from './command.ts';
import { Refused } from './faults.ts';

interface Given {
  readonly tenant: string;
  readonly givenName?: string;
  readonly familyName?: string;
}

export const addAdminCommands: AddCommands = (program, { onDatabase }) => {
  const admin = addGroup(program, 'admin', 'The administrators of a tenant.', [
    'rollcall admin invite ada@example.com',
    'rollcall admin invite ada@example.com --tenant acme --given-name Ada --family-name Lovelace',
  ]);
  addCommand(admin, 'invite <address>', 'make an administrator; prints the link by which they choose a password')
    .option('--tenant <name>', 'the tenant', 'default')
    .option('--given-name <name>', 'their given name')
    .option('--family-name <name>', 'their family name')
    .action(onDatabase(invite));
};

async function invite({ doing, config, secretKeys }: Session, address: string, { tenant: name, ...names }: Given): Promise<Output> {
  const wrong = checkAddress(address);
  if (wrong !== undefined) throw new Refused(`The address ${wrong}.`);
  const tenant = await findTenant(doing, name);
  const surroundings = { store: doing.store, registry: doing.store.registry, behaviours: accountBehaviours, config: { ...config, secretKeys: secretKeys() }, now: doing.now, log: createLog({ level: config.logLevel }) };
  const context = systemContext(surroundings, { tenant, actor: doing.by, requestId: doing.request, from: undefined });
  const link = await inviteAdministrator(context, { userName: address, address, ...names });
  return { data: { userName: address, tenant: tenant.name, link }, lines: [`${address} is an administrator of ${tenant.name} as soon as they have chosen a password, within three days:`, link] };
}
