/** `/console/connections/ID`: how it stands, its token shown once, its settings, its guard, its end. */
import type { FastifyInstance } from 'fastify';
import { CLIENT_SETTINGS } from '../../tenancy/client-settings.ts';
import { changeClient, deleteClient, getClient, type Client } from '../../tenancy/clients.ts';
import { connectionOf, firstCalls } from '../../tenancy/connections.ts';
import { getGuard, refuseGuard, releaseGuard, type GuardView, type Release } from '../../tenancy/guard.ts';
import { issueToken, listTokens, revokeToken, succeedToken, type Token } from '../../tenancy/tokens.ts';
import { notFound } from '../../errors.ts';
import { pathParameter } from '../api/calls.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { connectionPath } from './connections.ts';
import { form, type Given, type Saved } from './forms.ts';
import { scopeChoices } from './scopes.ts';
import { checkStamp, numberIn, settingsChange } from './setting-fields.ts';
import { leaveToken, takeToken } from './shown-token.ts';
import { clientSettingsScreen, CLIENT_NAMES, deleteConnectionScreen, issueScreen, refuseScreen, releaseScreen, revokeScreen } from './views/connection-acts.tsx';
import { connectionScreen, tokenScreen } from './views/connection.tsx';
import { doingOf, screen, type Visit } from './visit.ts';

const OVERVIEW = '/console/connections/:id';

const find = (visit: Visit): Promise<Client> => {
  const doing = doingOf(visit);
  return getClient(doing, doing.tenant, pathParameter(visit.request, 'id'));
};

/** @throws ScimError 404 also for a token of another client */
async function findToken(visit: Visit): Promise<{ readonly client: Client; readonly token: Token }> {
  const client = await find(visit);
  const doing = doingOf(visit);
  const token = (await listTokens(doing, doing.tenant, client.id)).find(({ id }) => id === pathParameter(visit.request, 'token'));
  if (!token) throw notFound('Token');
  return { client, token };
}

async function findGuard(visit: Visit): Promise<{ readonly client: Client; readonly guard: GuardView }> {
  const client = await find(visit);
  const doing = doingOf(visit);
  return { client, guard: await getGuard(doing, doing.tenant, client.id) };
}

export function connectionScreens(app: FastifyInstance, parts: PageParts): void {
  app.get(OVERVIEW, screen(parts, 'connections', async (visit) => {
    const { client, guard } = await findGuard(visit);
    const doing = doingOf(visit);
    await parts.services.provisioning.written();
    const [tokens, calls] = await Promise.all([listTokens(doing, doing.tenant, client.id), firstCalls(doing, doing.tenant, client.id)]);
    return sendPage(visit.reply, connectionScreen({ page: visit.page, connection: connectionOf(doing, client, tokens, guard.hold !== undefined), all: tokens, calls, guard, address: scimAddress(visit, client), now: doing.now() }));
  }));
  app.get(`${OVERVIEW}/token`, screen(parts, 'connections', async (visit) => {
    const client = await find(visit);
    return sendPage(visit.reply, tokenScreen({ page: visit.page, client, shown: takeToken(visit, client.id), address: scimAddress(visit, client) }));
  }));

  form(app, parts, 'connections', `${OVERVIEW}/settings`, { find, show: (visit, client, given) => clientSettingsScreen({ page: visit.page, client, given, scopes: scopeChoices(visit, client.scopes) }), save: saveSettings });
  form(app, parts, 'connections', `${OVERVIEW}/tokens/new`, { find, show: ({ page }, client, given) => issueScreen({ page, client, given }), save: (visit, client, given) => issue(visit, client, given) });
  form(app, parts, 'connections', `${OVERVIEW}/tokens/:token/successor`, {
    find: findToken,
    show: ({ page }, { client, token }, given) => issueScreen({ page, client, given, succeeds: token }),
    save: (visit, { client, token }, given) => issue(visit, client, given, token),
  });
  form(app, parts, 'connections', `${OVERVIEW}/tokens/:token/revoke`, {
    find: findToken,
    show: ({ page }, { client, token }, given) => revokeScreen({ page, client, given, token }),
    save: async (visit, { client, token }) => {
      const doing = doingOf(visit);
      await revokeToken(doing, doing.tenant, token.id);
      return { to: connectionPath(client.id), done: 'removed', about: token.label };
    },
  });
  form(app, parts, 'connections', `${OVERVIEW}/release`, { find: findGuard, show: ({ page }, { client, guard }, given) => releaseScreen({ page, client, guard, given }), save: (visit, { client }, given) => release(visit, client, given) });
  form(app, parts, 'connections', `${OVERVIEW}/refuse`, {
    find,
    show: ({ page }, client, given) => refuseScreen({ page, client, given }),
    save: async (visit, client) => {
      const doing = doingOf(visit);
      await refuseGuard(doing, doing.tenant, client.id);
      return { to: connectionPath(client.id), done: 'saved', about: client.name };
    },
  });
  form(app, parts, 'connections', `${OVERVIEW}/delete`, {
    find,
    show: ({ page }, client, given) => deleteConnectionScreen({ page, client, given }),
    save: async (visit, client) => {
      const doing = doingOf(visit);
      await deleteClient(doing, doing.tenant, client.id);
      return { to: '/console/connections', done: 'deleted', about: client.name };
    },
  });
}

/** Entra ID sends requests that keep to the RFC with this flag. */
function scimAddress({ context: { tenant, publicUrl } }: Visit, { settings }: Client): string {
  const path = tenant.name === 'default' ? '/scim/v2' : `/t/${tenant.name}/scim/v2`;
  return `${publicUrl}${path}${settings.kind === 'entra' ? '?aadOptscim062020' : ''}`;
}

async function saveSettings(visit: Visit, client: Client, given: Given): Promise<Saved> {
  const { page } = visit;
  const doing = doingOf(visit);
  checkStamp(given, client);
  const name = given.value('name').trim();
  const { change, problems } = settingsChange(page, { table: CLIENT_SETTINGS, names: CLIENT_NAMES, values: client.settings }, given);
  const nameless = name === '' ? [{ field: 'name', text: page.translate('console.fault.required') }] : [];
  if (problems.length + nameless.length > 0) return { problems: [...nameless, ...problems] };
  const scopes = given.all('scope').toSorted();
  const isSame = scopes.join(' ') === client.scopes.toSorted().join(' ');
  await changeClient(doing, doing.tenant, client.id, { name, settings: change, ...(isSame ? {} : { scopes }) });
  return { to: connectionPath(client.id), done: 'saved', about: name };
}

async function issue(visit: Visit, client: Client, given: Given, succeeds?: Token): Promise<Saved> {
  const days = numberIn(given.value('days'));
  if (!Number.isInteger(days) || days < 1 || days > 365) return { problems: [{ field: 'days', text: visit.page.translate('console.setting.range', { least: '1', most: '365' }) }] };
  const doing = doingOf(visit);
  const use = given.value('use') === 'secret' ? 'secret' : 'bearer';
  const issued = succeeds ? await succeedToken(doing, doing.tenant, succeeds.id, { days }) : await issueToken(doing, doing.tenant, client.id, { days, use });
  leaveToken(visit, { client: client.id, secret: issued.secret, use: issued.use });
  return { to: `${connectionPath(client.id)}/token` };
}

async function release(visit: Visit, client: Client, given: Given): Promise<Saved> {
  const fields = (['changes', 'members', 'minutes'] as const).filter((name) => given.value(name).trim() !== '');
  const asked = Object.fromEntries(fields.map((name) => [name, numberIn(given.value(name))]));
  const problems = fields.filter((name) => Number.isNaN(asked[name])).map((field) => ({ field, text: visit.page.translate('console.guard.release.number') }));
  if (problems.length > 0) return { problems };
  const wanted: Release = asked;
  const doing = doingOf(visit);
  await releaseGuard(doing, doing.tenant, client.id, wanted);
  return { to: connectionPath(client.id), done: 'saved', about: client.name };
}
