/** `rollcall token`: tokens and secrets of a client. Each is printed by the command that makes it, and by no other. */
import { Option } from 'commander';
import { quote } from '../errors.ts';
import type { Doing } from '../tenancy/doing.ts';
import { issueToken, listTokens, revokeToken, succeedToken, TOKEN_DAYS, type Issued, type Token } from '../tenancy/tokens.ts';
import { wholeNumber } from './arguments.ts';
import { addForTenant, clientNamed, type OfTenant } from './client.ts';
import { addGroup, type AddCommands, type Output, type Session } from './command.ts';
import { Refused } from './faults.ts';
import { facts, instant, table } from './lines.ts';
import { tenantNamed } from './tenant.ts';

/** Of an id that people are shown; fewer stand for nothing. */
const SHOWN_CHARACTERS = 12;
const LEAST_CHARACTERS = 4;
const MOST_GRACE_HOURS = 30 * 24;

interface IssueOptions extends OfTenant {
  readonly days?: number;
  readonly secret?: boolean;
  readonly quiet?: boolean;
}
interface SuccessorOptions extends Omit<IssueOptions, 'secret'> {
  readonly graceHours?: number;
}

export const addTokenCommands: AddCommands = (program, { onDatabase }) => {
  const token = addGroup(program, 'token', 'Tokens and secrets of a client. TOKEN is the beginning of an id, or a label.', [
    'TOKEN=$(rollcall token issue entra --tenant acme --days 90 --quiet)',
    'rollcall token successor 3fa9c1 --grace-hours 24',
    'rollcall token revoke rc_Zt8w0Q',
  ]);
  addForTenant(token, 'list', 'the tokens of a client, the newest first').argument('<client>').action(onDatabase(list));
  addMaking(addForTenant(token, 'issue', 'a new token, which is printed this once').argument('<client>'))
    .option('--secret', 'an OAuth client secret in place of a bearer token')
    .action(onDatabase(issue));
  addMaking(addForTenant(token, 'successor', 'a new token in place of another one, which ends some time after the first use of the new one').argument('<token>'))
    .option('--grace-hours <hours>', 'that time; 1 unless set', wholeNumber(0, MOST_GRACE_HOURS))
    .action(onDatabase(succeed));
  addForTenant(token, 'revoke', 'refuse a token from now on').argument('<token>').action(onDatabase(revoke));
};

const addMaking = (command: ReturnType<typeof addForTenant>) =>
  command
    .option('--days <days>', `how long it lives; ${TOKEN_DAYS} unless set`, wholeNumber(1, 365))
    .addOption(new Option('--quiet', 'print the token and nothing else').conflicts('json'));

async function list({ doing }: Session, client: string, { tenant: tenantName }: OfTenant): Promise<Output> {
  const tenant = await tenantNamed(doing, tenantName);
  const tokens = await listTokens(doing, tenant.id, (await clientNamed(doing, tenant, client)).id);
  const columns = {
    id: (one: Token) => one.id.slice(0, SHOWN_CHARACTERS),
    label: (one: Token) => one.label,
    use: (one: Token) => one.use,
    created: (one: Token) => one.created,
    expires: (one: Token) => one.expires,
    'last used': (one: Token) => one.lastUsed,
    succeeds: (one: Token) => one.succeeds?.slice(0, SHOWN_CHARACTERS),
  };
  return { data: tokens, lines: table(tokens, columns, `The client ${client} has no token.`) };
}

async function issue({ doing }: Session, client: string, { tenant: tenantName, days, secret = false, quiet = false }: IssueOptions): Promise<Output> {
  const tenant = await tenantNamed(doing, tenantName);
  const { id } = await clientNamed(doing, tenant, client);
  return made(await issueToken(doing, tenant.id, id, { use: secret ? 'secret' : 'bearer', ...(days === undefined ? {} : { days }) }), quiet, id);
}

async function succeed({ doing }: Session, token: string, { tenant: tenantName, days, graceHours, quiet = false }: SuccessorOptions): Promise<Output> {
  const tenant = await tenantNamed(doing, tenantName);
  const request = { ...(days === undefined ? {} : { days }), ...(graceHours === undefined ? {} : { graceSeconds: graceHours * 3600 }) };
  return made(await succeedToken(doing, tenant.id, (await tokenNamed(doing, tenant.id, token)).id, request), quiet);
}

async function revoke({ doing }: Session, token: string, { tenant: tenantName }: OfTenant): Promise<Output> {
  const tenant = await tenantNamed(doing, tenantName);
  const { id, label } = await tokenNamed(doing, tenant.id, token);
  await revokeToken(doing, tenant.id, id);
  return { data: { id, label, revoked: true }, lines: [`The token ${label} is revoked: within a second no server accepts it.`] };
}

/** The one place where a token is printed. @param oauthClient what goes with a secret */
function made({ secret, ...token }: Issued, isQuiet: boolean, oauthClient?: string): Output {
  const { id, label, use, expires, succeeds } = token;
  const lines = facts({
    [use === 'bearer' ? 'token' : 'secret']: `${secret}  (shown this once: keep it)`,
    ...(use === 'secret' && oauthClient !== undefined ? { 'OAuth client': oauthClient } : {}),
    label,
    id: id.slice(0, SHOWN_CHARACTERS),
    expires,
    ...(succeeds === undefined ? {} : { succeeds: succeeds.slice(0, SHOWN_CHARACTERS) }),
  });
  return { data: { ...token, [use === 'bearer' ? 'token' : 'secret']: secret }, lines: isQuiet ? [secret] : lines };
}

/** @throws Refused where the beginning or the label is that of no token or of several */
async function tokenNamed({ store }: Doing, tenant: string, given: string): Promise<{ readonly id: string; readonly label: string }> {
  if (given.length < LEAST_CHARACTERS) {
    throw new Refused(`${quote(given)} is too short to tell a token by: give ${LEAST_CHARACTERS} characters of its id, or its label.`);
  }
  const tokens = await store.collections.tokens.find({ t: tenant }, { projection: { _id: 1, label: 1, expires: 1 } }).toArray();
  const [found, ...others] = tokens.filter(({ _id, label }) => _id.startsWith(given.toLowerCase()) || label === given);
  if (found === undefined) throw new Refused(`There is no token ${quote(given)}: "rollcall token list CLIENT" shows those that there are.`);
  if (others.length > 0) {
    const told = [found, ...others].map(({ _id, expires }) => `${_id.slice(0, SHOWN_CHARACTERS)} (until ${instant(expires)})`);
    throw new Refused(`${quote(given)} stands for ${told.length} tokens: ${told.join(', ')}. Give more of the id.`);
  }
  return { id: found._id, label: found.label };
}
