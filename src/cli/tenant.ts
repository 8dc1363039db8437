/** `rollcall tenant`: the organisations that share the server, and their policies. */
import { quote } from '../errors.ts';
import { POLICY } from '../policy.ts';
import type { Stored } from '../settings.ts';
import type { Doing } from '../tenancy/doing.ts';
import { changePolicy, createTenant, deleteTenant, findTenant, listTenants, setTenantState, type Tenant } from '../tenancy/tenants.ts';
import { isGiven, pair } from './arguments.ts';
import { addCommand, addGroup, type AddCommands, type Output, type Session } from './command.ts';
import { orMissing } from './faults.ts';
import { facts, table } from './lines.ts';
import { chosenLines, departures, described, describedLines } from './settings.ts';

export const addTenantCommands: AddCommands = (program, { onDatabase }) => {
  const tenant = addGroup(program, 'tenant', 'The organisations that share the server, and their policies.', [
    'rollcall tenant create acme --policy language=nl passwordLength=14',
    'rollcall tenant policy acme lockoutAttempts=5 contact=',
    'rollcall tenant delete acme --confirm acme',
  ]);
  addCommand(tenant, 'list', 'every tenant').action(onDatabase(list));
  addCommand(tenant, 'create', 'a new tenant with its group of administrators')
    .argument('<name>', 'a-z, 0-9 and -: it stands in paths')
    .option('--policy <name=value...>', 'policies that depart from the defaults', pair)
    .action(onDatabase(create));
  addCommand(tenant, 'show', 'one tenant, and its policies that depart from the defaults').argument('<name>').action(onDatabase(show));
  addCommand(tenant, 'suspend', 'refuse every request of a tenant; nothing is lost').argument('<name>').action(onDatabase(setState('suspended')));
  addCommand(tenant, 'resume', 'take a suspension back').argument('<name>').action(onDatabase(setState('active')));
  addCommand(tenant, 'delete', 'delete a tenant and all it holds, for good')
    .argument('<name>')
    .requiredOption('--confirm <name>', 'the name again')
    .action(onDatabase(remove));
  addCommand(tenant, 'policy', 'change policies; without any, print all of them with what they may be')
    .argument('<name>')
    .argument('[policy=value...]', 'JSON or text; nothing after the = takes a policy back to its default', pair)
    .action(onDatabase(policy));
};

/** @throws Refused where there is none */
export const tenantNamed = (doing: Doing, name: string): Promise<Tenant> =>
  orMissing(findTenant(doing, name), `There is no tenant ${quote(name)}: "rollcall tenant list" shows those that there are.`);

async function list({ doing }: Session): Promise<Output> {
  const tenants = await listTenants(doing);
  const columns = {
    name: (one: Tenant) => one.name,
    state: (one: Tenant) => one.state,
    created: (one: Tenant) => one.created,
    id: (one: Tenant) => one.id,
  };
  return { data: tenants, lines: table(tenants, columns, 'There is no tenant.') };
}

const shown = (tenant: Tenant): Output => {
  const { name, id, state, created } = tenant;
  return { data: tenant, lines: facts({ name, id, state, created, ...departures(POLICY, tenant.policy) }) };
};

async function create({ doing }: Session, name: string, { policy = {} }: { policy?: Stored }): Promise<Output> {
  return shown(await createTenant(doing, name, policy));
}

async function show({ doing }: Session, name: string): Promise<Output> {
  return shown(await tenantNamed(doing, name));
}

const setState = (state: 'active' | 'suspended') => async ({ doing }: Session, name: string): Promise<Output> => {
  const tenant = await tenantNamed(doing, name);
  await setTenantState(doing, tenant.id, state);
  return { data: { ...tenant, state }, lines: [`The tenant ${name} is ${state}.`] };
};

async function remove({ doing }: Session, name: string, { confirm }: { confirm: string }): Promise<Output> {
  const { id } = await tenantNamed(doing, name);
  await deleteTenant(doing, id, confirm);
  return { data: { id, name, state: 'deleted' }, lines: [`The tenant ${name} is deleted: nobody gets in any more, and a server takes away what it held.`] };
}

async function policy({ doing }: Session, name: string, change: Stored): Promise<Output> {
  const tenant = await tenantNamed(doing, name);
  if (!isGiven(change)) return { data: { name, policy: described(POLICY, tenant.policy) }, lines: describedLines(POLICY, tenant.policy) };
  const after = await changePolicy(doing, tenant.id, change);
  return { data: { name, policy: described(POLICY, after) }, lines: chosenLines(after, Object.keys(change)) };
}
