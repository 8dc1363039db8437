/**
 * What hostile lines call by name: tokens of every kind, the administrators, and forged access tokens. Made by the functions of
 * `src/tenancy` where the database is at hand, else over `/api/v1` as far as the given token may.
 */
import { createHash } from 'node:crypto';
import { URLSearchParams } from 'node:url';
import { forge } from './hostile-jwt.mjs';

const DAY_MS = 24 * 60 * 60 * 1000;
const ALL = ['employee', 'external', 'portal', 'contact'];
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** By the name that lines have for it. Outside of the lines about accounts, those who would have a session are clients with the same rights. */
const SCOPES = {
  tokA_ro: ['users:read', 'groups:read'],
  tokA_users: ['users:read', 'users:write'],
  tokA_groups: ['groups:read', 'groups:write'],
  sessA: ['users:read', 'users:write', 'groups:read', 'users.manage', 'admin.grant', 'clients.manage', 'audit.read'],
  sessHelpdeskA: ['users:read', 'users:write', 'users.manage', 'clients.manage'],
  sessUserA: ['users:read'],
};
/** Who make the people of lines about accounts, and look at them afterwards. */
const MANAGERS = { tokA_manager: ['*', 'users.manage'], tokA_grant: ['*', 'users.manage', 'admin.grant', 'audit.read', 'clients.manage', 'externalUsers.manage', 'portalUsers.manage'] };
const MANAGING = { signInMethod: 'none', shows: ['urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User', 'urn:ietf:params:scim:schemas:extension:rollcallRights:2.0:Group'] };
const ADMIN = ['*', 'admin.grant'];
const SECRET = ['users:read', 'users:write', 'groups:read'];

/**
 * @param doing the operator, as the functions of `src/tenancy` take it
 * @param tenancy those functions
 * @param own the id of tokA's tenant
 */
export async function fixturesByOperator({ origin, basePath, tokA, doing, tenancy, own, signingKey }) {
  const { createTenant, createClient, issueToken, revokeToken, changeClient, setTenantState, deleteTenant } = tenancy;
  const run = unique();
  const token = async (tenant, name, scopes, request = {}, at = doing, settings = {}) => {
    const client = await createClient(doing, tenant, { name: `${name} ${run}`, scopes, settings: { populations: ALL, ...settings } });
    return { client: client.id, tenant, ...(await issueToken(at, tenant, client.id, request)) };
  };
  const tokens = { tokA };
  for (const [name, scopes] of Object.entries(SCOPES)) tokens[name] = (await token(own, name, scopes)).secret;
  for (const [name, scopes] of Object.entries(MANAGERS)) tokens[name] = (await token(own, name, scopes, {}, doing, MANAGING)).secret;

  const other = await createTenant(doing, `other-${run}`);
  const clientB = await token(other.id, 'tokB', ['*']);
  tokens.tokB = clientB.secret;
  tokens.tokB_manager = (await token(other.id, 'tokB_manager', MANAGERS.tokA_manager, {}, doing, MANAGING)).secret;
  const use = (secret) => send(origin, 'GET', `${basePath}/Users?count=0`, secret);

  // What is refused later has been good before, so that no copy in memory may outlive it.
  const revoked = await token(own, 'tokA_revoked', ['users:read']);
  tokens.tokA_revoked = revoked.secret;
  const disabled = await token(own, 'tokA_disabled', ['users:read']);
  tokens.tokA_disabled = disabled.secret;
  const suspended = await createTenant(doing, `suspended-${run}`);
  tokens.tok_suspended_tenant = (await token(suspended.id, 'tok_suspended_tenant', ['*'])).secret;
  const deleted = await createTenant(doing, `deleted-${run}`);
  tokens.tok_deleted_tenant = (await token(deleted.id, 'tok_deleted_tenant', ['*'])).secret;
  for (const secret of [revoked.secret, disabled.secret, tokens.tok_suspended_tenant, tokens.tok_deleted_tenant]) await wanted(use(secret), 200);

  const secretA = await token(own, 'tokA_secret', SECRET, { use: 'secret' });
  const secretB = await token(other.id, 'tokB_secret', SECRET, { use: 'secret' });
  const gone = await token(own, 'tokA_jwt_revoked', SECRET, { use: 'secret' });
  tokens.tokA_secret = secretA.secret;
  tokens.tokA_jwt_revoked = await accessToken(origin, basePath, gone);
  await wanted(use(tokens.tokA_jwt_revoked), 200);

  await revokeToken(doing, own, revoked.id);
  await revokeToken(doing, own, gone.id);
  await changeClient(doing, own, disabled.client, { settings: { enabled: false } });
  await setTenantState(doing, suspended.id, 'suspended');
  await deleteTenant(doing, deleted.id, deleted.name);
  const longAgo = { ...doing, now: () => new Date(doing.now().getTime() - 2 * DAY_MS) };
  tokens.tokA_expired = (await token(own, 'tokA_expired', ['*'], { days: 1 }, longAgo)).secret;

  const admin = await token(own, 'administrator', ADMIN);
  return {
    tokens, tenantB: other.id,
    names: { tenantA: 'default', tenantB: other.name, tenantBid: other.id, clientB: clientB.client, clientBtoken: clientB.id, clientAdmin: admin.client, clientAdminToken: admin.id, ...(await administrators({ origin, basePath, token: admin.secret, run, alone: true })) },
    jwt: forger({ origin, basePath, clients: { A: secretA, B: secretB }, signingKey }),
  };
}

/**
 * @param maker may make clients; if not, it is tokA itself and there is little besides
 * @returns fewer of them: what needs another tenant or the past is not there
 */
export async function fixturesByApi({ origin, basePath, maker, tokB }) {
  const run = unique();
  const api = apiOf(basePath);
  const token = async (name, scopes, use = 'bearer', settings = {}) => {
    const client = await send(origin, 'POST', `${api}/clients`, maker, { name: `${name} ${run}`, scopes, settings: { populations: ALL, ...settings } });
    if (client.status !== 201) return undefined;
    const issued = await send(origin, 'POST', `${api}/clients/${client.body.id}/tokens`, maker, { use });
    return issued.status === 201 ? { client: client.body.id, ...issued.body } : undefined;
  };
  const tokens = { tokA: (await token('tokA', ['*']))?.secret ?? maker, ...(tokB === undefined ? {} : { tokB }) };
  for (const [name, scopes] of Object.entries(SCOPES)) {
    const made = await token(name, scopes);
    if (made) tokens[name] = made.secret;
  }
  for (const [name, scopes] of Object.entries(MANAGERS)) {
    const made = await token(name, scopes, 'bearer', MANAGING);
    if (made) tokens[name] = made.secret;
  }
  const revoked = await token('tokA_revoked', ['users:read']);
  if (revoked) {
    tokens.tokA_revoked = revoked.secret;
    await wanted(send(origin, 'GET', `${basePath}/Users?count=0`, revoked.secret), 200);
    await wanted(send(origin, 'DELETE', `${api}/tokens/${revoked.id}`, maker), 204);
  }
  const admin = await token('administrator', ADMIN);
  const secret = await token('tokA_secret', SECRET, 'secret');
  if (secret) tokens.tokA_secret = secret.secret;
  return {
    tokens,
    names: admin ? { tenantA: 'default', clientAdmin: admin.client, clientAdminToken: admin.id, ...(await administrators({ origin, basePath, token: admin.secret, run })) } : { tenantA: 'default' },
    ...(secret ? { jwt: forger({ origin, basePath, clients: { A: secret } }) } : {}),
  };
}

/**
 * Somebody who is an administrator, and a group around the group that makes it so.
 * @param alone no other administrator stays; without it there is none where somebody is one already
 */
async function administrators({ origin, basePath, token, run, alone = false }) {
  const groupAdminsName = 'Administrators';
  const filter = encodeURIComponent(`displayName eq "${groupAdminsName}"`);
  const found = await wanted(send(origin, 'GET', `${basePath}/Groups?filter=${filter}&attributes=members`, token), 200);
  const [{ id: groupAdmins, members = [] }] = found.body.Resources;
  const person = await wanted(send(origin, 'POST', `${basePath}/Users`, token, { schemas: [USER], userName: `admin-${run}@x.test`, active: true }), 201);
  const add = { schemas: [PATCH_OP], Operations: [{ op: alone ? 'replace' : 'add', path: 'members', value: [{ value: person.body.id }] }] };
  await wanted(send(origin, 'PATCH', `${basePath}/Groups/${groupAdmins}`, token, add), 200, 204);
  const parent = await wanted(send(origin, 'POST', `${basePath}/Groups`, token, { schemas: [GROUP], displayName: `parent-${run}`, members: [{ value: groupAdmins }] }), 201);
  const last = alone || members.length === 0 ? { adminA: person.body.id, adminAname: person.body.userName } : {};
  return { groupAdminsName, groupAdmins, ...last, groupParentOfAdmins: parent.body.id };
}

/** `{{jwt:A:noexp}}`: a new access token, changed. Undefined for what cannot be made. */
function forger({ origin, basePath, clients, signingKey }) {
  return async (tenant, mutations) => {
    const client = clients[tenant];
    if (!client) return undefined;
    const base = await accessToken(origin, basePath, client);
    const { kid } = JSON.parse(Buffer.from(base.split('.')[0], 'base64url').toString('utf8'));
    const { keys } = (await wanted(send(origin, 'GET', `${rootOf(basePath)}/.well-known/jwks.json`), 200)).body;
    return forge(base, mutations, { signingKey: await signingKey?.(), publicKey: keys.find((key) => key.kid === kid) });
  };
}

async function accessToken(origin, basePath, { client, secret }) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: client, client_secret: secret });
  const response = await fetch(`${origin}${rootOf(basePath)}/oauth/token`, { method: 'POST', body: form });
  if (response.status !== 200) throw new Error(`/oauth/token answers ${response.status}: ${await response.text()}`);
  return (await response.json()).access_token;
}

const rootOf = (basePath) => basePath.replace(/(\/t\/[^/]+)?\/scim\/v2$/, '');
export const apiOf = (basePath) => `${rootOf(basePath)}/api/v1`;
const unique = () => createHash('sha256').update(`${process.pid} ${Math.random()}`).digest('hex').slice(0, 10);

async function send(origin, method, path, token, json) {
  const response = await fetch(origin + path, {
    method,
    headers: { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
}

async function wanted(answer, ...statuses) {
  const { status, text, ...rest } = await answer;
  if (!statuses.includes(status)) throw new Error(`a fixture could not be made: ${status} ${text}`);
  return { status, text, ...rest };
}
