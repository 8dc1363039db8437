/** `/console/log`: what a connection has sent, and what to do about what went wrong. The filter is in the address. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { listClients } from '../../tenancy/clients.ts';
import { readProvisioning } from '../../tenancy/logs.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { daysFilter } from './log-days.ts';
import { logScreen, OUTCOMES, STATUSES, type LogFilter } from './views/log.tsx';
import { doingOf, logReaderOf, screen, type Visit } from './visit.ts';

const PAGE = 50;

export function logScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/log', screen(parts, 'log', showLog));
}

const RANGES = { good: 'status lt 400', bad: 'status ge 400 and status lt 500', failed: 'status ge 500' } as const;

async function showLog(visit: Visit): Promise<FastifyReply> {
  const { request, reply, page, context } = visit;
  const asked = (name: string) => queryOf(request, name) ?? '';
  const doing = doingOf(visit);
  const clients = await listClients(doing, doing.tenant);
  const client = clients.find(({ id }) => id === asked('client')) ?? clients[0];
  const filter: LogFilter = {
    client: client?.id ?? '', from: asked('from'), to: asked('to'),
    outcome: OUTCOMES.find((one) => one === asked('outcome')), status: STATUSES.find((one) => one === asked('status')),
  };
  if (!client) return sendPage(reply, logScreen({ page, clients, filter, entries: [], names: new Map(), next: undefined, isFirst: true }));
  const terms = [
    ...(filter.outcome ? [`outcome eq "${filter.outcome}"`] : []), ...(filter.status ? [RANGES[filter.status]] : []),
    ...daysFilter(filter, context.tenant.policy.timeZone),
  ];
  const cursor = queryOf(request, 'cursor');
  await visit.parts.services.provisioning.written();
  const { entries, nextCursor } = await readProvisioning(logReaderOf(visit), client.id, { filter: terms.length === 0 ? undefined : terms.join(' and '), count: PAGE, cursor });
  const names = await displayNames(context, entries.flatMap(({ operations }) => operations.flatMap(({ type, id }) => (id === undefined ? [] : [{ type, id }]))));
  return sendPage(reply, logScreen({ page, clients, filter, entries, names, next: nextCursor, isFirst: cursor === undefined }));
}
