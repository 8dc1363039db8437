/** `/console/audit`: who did what, filtered by what people ask for or by a SCIM filter, and all of it as a file. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { findAccount } from '../../accounts/find-account.ts';
import { ScimError } from '../../errors.ts';
import { readAudit, type AuditEntryView, type LogPage } from '../../tenancy/logs.ts';
import { sendAudit } from '../api/log-routes.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { daysFilter } from './log-days.ts';
import { ACTIONS } from './views/action-words.tsx';
import { auditScreen, type AuditFilter } from './views/audit.tsx';
import { logReaderOf, screen, type Visit } from './visit.ts';

const PAGE = 50;

export function auditScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/audit', screen(parts, 'audit', showAudit));
  app.get('/console/audit/export', screen(parts, 'audit', async (visit) => sendAudit(visit.reply, logReaderOf(visit), (await queryIn(visit)).filter)));
}

function filterIn({ request }: Visit): AuditFilter {
  const asked = (name: string) => queryOf(request, name)?.trim() ?? '';
  return { action: ACTIONS.find((one) => one === asked('action')), person: asked('person'), from: asked('from'), to: asked('to'), filter: asked('filter') };
}

/** @returns `isUnknown` where nobody is called so */
async function queryIn(visit: Visit): Promise<{ readonly filter: string | undefined; readonly isUnknown: boolean }> {
  const { context } = visit;
  const { action, person, from, to, filter } = filterIn(visit);
  const found = person === '' ? undefined : await findAccount(context, person);
  const terms = [
    ...(action === undefined ? [] : [`action eq "${action}"`]),
    ...(found ? [`(on eq "${found.id}" or by eq "${found.id}")`] : []),
    ...daysFilter({ from, to }, context.tenant.policy.timeZone),
    ...(filter === '' ? [] : [`(${filter})`]),
  ];
  return { filter: terms.length === 0 ? undefined : terms.join(' and '), isUnknown: person !== '' && !found };
}

async function showAudit(visit: Visit): Promise<FastifyReply> {
  const { request, reply, page, context } = visit;
  const filter = filterIn(visit);
  const cursor = queryOf(request, 'cursor');
  const { filter: query, isUnknown } = await queryIn(visit);
  const shown = isUnknown ? NOTHING : await read(visit, query, cursor);
  const { entries, nextCursor } = shown.page;
  const names = await displayNames(context, entries.flatMap(({ by, on }) => [{ type: by.kind === 'client' ? 'Client' : 'User', id: by.id }, on]));
  const { translate } = page;
  const problem = shown.problem === undefined ? (isUnknown ? { field: 'person', text: translate('console.audit.person.unknown'), detail: '' } : undefined) : { field: 'filter', text: translate('console.audit.filter.wrong'), detail: shown.problem };
  return sendPage(reply, auditScreen({ page, filter, entries, names, visitor: visit.person, next: nextCursor, isFirst: cursor === undefined, problem }), shown.problem === undefined ? 200 : 400);
}

interface Read {
  readonly page: LogPage<AuditEntryView>;
  /** What is wrong with the filter. */
  readonly problem?: string;
}

const NOTHING: Read = { page: { entries: [], nextCursor: undefined } };

async function read(visit: Visit, filter: string | undefined, cursor: string | undefined): Promise<Read> {
  try {
    return { page: await readAudit(logReaderOf(visit), { filter, count: PAGE, cursor }) };
  } catch (error) {
    if (!(error instanceof ScimError) || error.scimType !== 'invalidFilter') throw error;
    return { ...NOTHING, problem: error.message };
  }
}
