/** `/console/connections`: which systems send people here, and the guided way to connect another one. */
import type { FastifyInstance } from 'fastify';
import { CLIENT_KINDS, CLIENT_SETTINGS } from '../../tenancy/client-settings.ts';
import { createClient } from '../../tenancy/clients.ts';
import { listConnections } from '../../tenancy/connections.ts';
import { issueToken } from '../../tenancy/tokens.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { scopeChoices } from './scopes.ts';
import { leaveToken } from './shown-token.ts';
import { connectionsScreen, newConnectionScreen } from './views/connections.tsx';
import { doingOf, screen, type Visit } from './visit.ts';

export const connectionPath = (id: string) => `/console/connections/${encodeURIComponent(id)}`;

export function connectionsList(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/connections', screen(parts, 'connections', async (visit) => {
    const doing = doingOf(visit);
    return sendPage(visit.reply, connectionsScreen({ page: visit.page, connections: await listConnections(doing, doing.tenant) }));
  }));
  form(app, parts, 'connections', '/console/connections/new', {
    find: () => Promise.resolve(undefined),
    show: (visit, _nothing, given) => newConnectionScreen({ page: visit.page, given, scopes: scopeChoices(visit) }),
    save: connect,
  });
}

async function connect(visit: Visit, _nothing: undefined, given: Given): Promise<Saved> {
  const { page: { translate } } = visit;
  const doing = doingOf(visit);
  const name = given.value('name').trim();
  const scopes = given.all('scope');
  const kind = CLIENT_KINDS.find((one) => one === given.value('kind'));
  const problems: Problem[] = [
    ...(kind === undefined ? [{ field: 'kind', text: translate('console.fault.required') }] : []),
    ...(name === '' ? [{ field: 'name', text: translate('console.fault.required') }] : []),
    ...(scopes.length === 0 ? [{ field: 'scope', text: translate('console.connect.scopes.missing') }] : []),
  ];
  if (problems.length > 0) return { problems };
  const settings = { kind, signInMethod: CLIENT_SETTINGS.signInMethod.read(given.value('signInMethod')), onDelete: CLIENT_SETTINGS.onDelete.read(given.value('onDelete')) };
  const client = await createClient(doing, doing.tenant, { name, scopes, settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) });
  const { secret } = await issueToken(doing, doing.tenant, client.id);
  leaveToken(visit, { client: client.id, secret, use: 'bearer' });
  return { to: `${connectionPath(client.id)}/token`, done: 'created', about: client.name };
}
