/** `rollcall client`: the provisioning clients of a tenant, for instance an identity provider. */
import type { Command } from 'commander';
import { quote } from '../errors.ts';
import type { Stored } from '../settings.ts';
import { CLIENT_SETTINGS } from '../tenancy/client-settings.ts';
import { changeClient, createClient, deleteClient, findClientByName, listClients, type Client, type ClientChange } from '../tenancy/clients.ts';
import type { Doing } from '../tenancy/doing.ts';
import { isGiven, pair } from './arguments.ts';
import { addCommand, addGroup, type AddCommands, type Output, type Session } from './command.ts';
import { orMissing, Refused } from './faults.ts';
import { facts, table, type Cell } from './lines.ts';
import { departures, described, describedLines } from './settings.ts';
import { tenantNamed } from './tenant.ts';

export interface OfTenant {
  readonly tenant: string;
}
interface Decided extends OfTenant {
  readonly scope?: readonly string[];
  readonly person?: string;
}

export const addClientCommands: AddCommands = (program, { onDatabase }) => {
  const client = addGroup(program, 'client', 'The provisioning clients of a tenant, for instance an identity provider.', [
    'rollcall client create entra --tenant acme --scope users:read users:write groups:read groups:write --set kind=entra',
    'rollcall client set entra requestsPerSecond=50 \'networks=["203.0.113.0/24"]\'',
    'rollcall client delete entra --confirm entra',
  ]);
  addForTenant(client, 'list', 'every client').action(onDatabase(list));
  addDecided(addForTenant(client, 'create', 'a new client, without a token: see "rollcall token issue"').argument('<name>'))
    .option('--set <name=value...>', 'settings that depart from the defaults', pair)
    .action(onDatabase(create));
  addForTenant(client, 'show', 'one client, and its settings that depart from the defaults').argument('<name>').action(onDatabase(show));
  const set = addForTenant(client, 'set', 'change a client; with a name alone, print all settings with what they may be')
    .argument('<name>')
    .argument('[setting=value...]', 'JSON or text; nothing after the = takes a setting back to its default', pair);
  addDecided(set).action(onDatabase(change));
  addForTenant(client, 'delete', 'delete a client and its tokens; what it has provisioned stays')
    .argument('<name>')
    .requiredOption('--confirm <name>', 'the name again')
    .action(onDatabase(remove));
};

/** A command about something that belongs to a tenant. */
export const addForTenant = (parent: Command, usage: string, description: string) =>
  addCommand(parent, usage, description).option('--tenant <name>', 'the tenant', 'default');

const addDecided = (command: Command) =>
  command
    .option('--scope <scope...>', 'all that it may do, in place of what it might before; * for every scope of SCIM')
    .option('--person <id>', 'the id of the User that it acts as; empty for none');

/** @throws Refused where there is none */
export const clientNamed = (doing: Doing, tenant: { readonly id: string; readonly name: string }, name: string): Promise<Client> =>
  orMissing(
    findClientByName(doing, tenant.id, name),
    `There is no client ${quote(name)} in the tenant ${tenant.name}: "rollcall client list --tenant ${tenant.name}" shows those that there are.`,
  );

async function list({ doing }: Session, { tenant: name }: OfTenant): Promise<Output> {
  const tenant = await tenantNamed(doing, name);
  const clients = await listClients(doing, tenant.id);
  const columns = {
    name: (one: Client) => one.name,
    kind: (one: Client) => one.settings.kind,
    enabled: (one: Client) => one.settings.enabled,
    created: (one: Client) => one.created,
    scopes: (one: Client) => one.scopes,
  };
  return { data: clients, lines: table(clients, columns, `The tenant ${name} has no client.`) };
}

const shown = (client: Client): Output => ({ data: client, lines: facts({ ...factsOf(client), ...departures(CLIENT_SETTINGS, client.settings) }) });

const factsOf = ({ name, id, created, scopes, person }: Client): Record<string, Cell> => ({ name, id, created, scopes, person });

/** An empty word takes away: `--scope ''` every scope, `--person ''` the person. */
const decided = ({ scope, person }: Decided): ClientChange => ({
  ...(scope === undefined ? {} : { scopes: scope.filter((one) => one !== '') }),
  ...(person === undefined ? {} : { person: person === '' ? null : person }),
});

async function create({ doing }: Session, name: string, options: Decided & { readonly set?: Stored }): Promise<Output> {
  const tenant = await tenantNamed(doing, options.tenant);
  return shown(await createClient(doing, tenant.id, { name, ...decided(options), settings: options.set ?? {} }));
}

async function show({ doing }: Session, name: string, { tenant }: OfTenant): Promise<Output> {
  return shown(await clientNamed(doing, await tenantNamed(doing, tenant), name));
}

async function change({ doing }: Session, name: string, settings: Stored, options: Decided): Promise<Output> {
  const tenant = await tenantNamed(doing, options.tenant);
  const client = await clientNamed(doing, tenant, name);
  const asked: ClientChange = { ...decided(options), ...(isGiven(settings) ? { settings } : {}) };
  if (Object.keys(asked).length > 0) return shown(await changeClient(doing, tenant.id, client.id, asked));
  return { data: { name, settings: described(CLIENT_SETTINGS, client.settings) }, lines: describedLines(CLIENT_SETTINGS, client.settings) };
}

async function remove({ doing }: Session, name: string, { tenant: tenantName, confirm }: OfTenant & { readonly confirm: string }): Promise<Output> {
  const tenant = await tenantNamed(doing, tenantName);
  const { id } = await clientNamed(doing, tenant, name);
  if (confirm !== name) throw new Refused(`To delete the client, repeat its name: --confirm ${quote(name)}.`);
  await deleteClient(doing, tenant.id, id);
  return { data: { id, name, deleted: true }, lines: [`The client ${name} and its tokens are deleted.`] };
}
