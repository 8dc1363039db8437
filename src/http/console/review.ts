/** `/console/access-review`: who may do what through which group, and who has not signed in for long; what was asked stands in the address. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { accessReview, exportAccessReview, readDormantDays, REVIEWED, type ReviewQuery } from '../../accounts/access-review.ts';
import { ScimError } from '../../errors.ts';
import type { Context } from '../../resources/context.ts';
import { POPULATIONS } from '../../store/audience.ts';
import { startingWith } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { reviewScreen, type ReviewFilter } from './views/review.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;

export function reviewScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/access-review', screen(parts, 'review', showReview));
  app.get('/console/access-review/export', screen(parts, 'review', sendFile));
}

/** Whoever only reads the audit log manages nobody, and reviews everybody whom a manager sees. */
function reviewing({ context, rights }: Visit): Context {
  const { scope } = context;
  return rights.has('users.manage') ? context : { ...context, scope: scope.store.scope(scope.tenant, ['all', ...POPULATIONS]) };
}

/** What is no choice of the filter is as if it were not there, but for the days: they are typed. */
function filterIn({ request }: Visit): ReviewFilter {
  const asked = (name: string) => queryOf(request, name) ?? '';
  return {
    people: REVIEWED.find((one) => one === asked('people')) ?? 'rights',
    population: POPULATIONS.find((one) => one === asked('population')),
    days: asked('days').trim() || '90',
    dormantOnly: asked('dormant') === 'true',
  };
}

/** @throws ScimError 400 for what is no number of days */
const queryIn = ({ people, population, days, dormantOnly }: ReviewFilter): ReviewQuery => ({ people, ...(population ? { populations: [population] } : {}), dormantDays: readDormantDays(days), dormantOnly });

async function showReview(visit: Visit): Promise<FastifyReply> {
  const { request, reply, page } = visit;
  const filter = filterIn(visit);
  const cursor = queryOf(request, 'cursor');
  const shown = { page, filter, isFirst: cursor === undefined };
  const query = asQuery(filter);
  if (!query) return sendPage(reply, reviewScreen({ ...shown, people: [], next: undefined, problem: page.translate('console.review.days.wrong') }), 400);
  const { people, cursor: next } = await accessReview(reviewing(visit), query, { count: PAGE, cursor });
  return sendPage(reply, reviewScreen({ ...shown, people, next, problem: undefined }));
}

function asQuery(filter: ReviewFilter): ReviewQuery | undefined {
  try {
    return queryIn(filter);
  } catch (error) {
    if (error instanceof ScimError && error.status === 400) return undefined;
    throw error;
  }
}

async function sendFile(visit: Visit): Promise<FastifyReply> {
  const { context, page, reply } = visit;
  const parts = exportAccessReview(reviewing(visit), queryIn(filterIn(visit)), { language: page.language, bom: true });
  // Read before the answer begins, so that an error is a page.
  const first = await parts.next();
  return reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="access-review-${context.now().toISOString().slice(0, 10)}.csv"`)
    .send(Readable.from(startingWith(first, parts)));
}
