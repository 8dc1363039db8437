/** What can be decided for a provisioning client. */
import { covers } from '../rights.ts';
import { TOLERANCES, type ToleranceName } from '../scim/tolerances.ts';
import { choice, flag, integer, line, listOf, network, oneOf, valuesOf, type ValuesOf } from '../settings.ts';
import { POPULATIONS, type Population, type Seen } from '../store/audience.ts';
import { limitedTo, MOST_COMPANIES, withReached } from '../store/managed.ts';
import type { ClientDocument } from '../store/documents.ts';

export const CLIENT_KINDS = ['generic', 'entra', 'okta', 'google', 'authentik', 'jumpcloud', 'onelogin', 'ping', 'sailpoint', 'hr'] as const;
export type ClientKind = (typeof CLIENT_KINDS)[number];

export const CLIENT_SETTINGS = {
  kind: oneOf('generic', CLIENT_KINDS, 'Which product it is: hints for its errors name its own settings.'),
  enabled: flag(true, 'Whether its tokens count.'),
  networks: listOf<string>([], network, 100, 'The addresses that its requests may come from; empty: any.'),
  requestsPerSecond: integer(0, { least: 0, most: 100_000 }, 'How many requests a second it may send to one server, in bursts of twice as many, of five at least; 0: no limit.'),
  patchAnswer: oneOf('resource', ['resource', 'empty'], 'What a successful PATCH answers: the resource, or always 204.'),
  refusedTolerances: listOf<ToleranceName>([], choice(TOLERANCES.map(({ name }) => name)), TOLERANCES.length, 'What it may not send although most clients may: docs/clients.md.'),
  shows: listOf<string>([], line(200), 50, 'URNs of extensions and resource types that it sees beyond those that every client sees.'),
  populations: listOf<Population>(['employee'], choice(POPULATIONS), 4, 'Which people it sees, beside those that it has a right to manage.'),
  companies: listOf<string>([], line(100), MOST_COMPANIES, 'The ids of the companies whose contact persons, external users and portal users it sees; empty: those of all.'),
  guardChanges: integer(5000, { least: 0, most: 100_000_000 }, 'How many people it may deactivate or delete within an hour, if that is more than guardShare; 0: no limit.'),
  guardShare: integer(50, { least: 0, most: 100 }, 'The same in percent of the people that it sees, if that is more than guardChanges; 0: guardChanges alone.'),
  guardMembers: integer(200_000, { least: 0, most: 100_000_000 }, 'How many members it may take out of groups within an hour; 0: no limit.'),
  signInMethod: oneOf('sso', ['sso', 'invite', 'none'], 'How people that it creates sign in (L1): at their own provider, by an invitation, or not at all.'),
  onRehire: oneOf('refuse', ['refuse', 'adopt', 'ask'], 'What a POST of somebody deactivated does (L5): it is refused, takes the record over under the same id, or asks an administrator.'),
  linksActive: oneOf('refuse', ['refuse', 'adopt'], 'What a POST of the userName of somebody active does: it is refused, or the person gets this client\'s externalId and stays as they are.'),
  onDelete: oneOf('permanent', ['permanent', 'hide'], 'What becomes of people whom it deletes (L6): erased for good, or hidden and to be restored for as many days as the policy hiddenDays says.'),
} as const;

export type ClientSettings = ValuesOf<typeof CLIENT_SETTINGS>;

const known = new WeakMap<ClientDocument, ClientSettings>();

/** Read once for each copy of the document, which a busy client's requests share. */
export function settingsOf(client: ClientDocument): ClientSettings {
  const settings = known.get(client) ?? valuesOf(CLIENT_SETTINGS, client.settings);
  known.set(client, settings);
  return settings;
}

/** What a client sees: what is for all, its populations and those that it manages, and with `admin.grant` what is for administrators alone. Undefined: everything. */
export function audienceOf({ populations, companies }: ClientSettings, scopes: ReadonlySet<string>): readonly Seen[] | undefined {
  const all = covers(scopes, 'admin.grant');
  const seen = withReached(populations, scopes);
  if (all && seen.length === POPULATIONS.length && companies.length === 0) return undefined;
  return ['all', ...limitedTo(seen, companies), ...(all ? ['console'] as const : [])];
}
