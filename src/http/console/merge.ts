/** `/console/merge`: two records of one person become one: both are searched, compared, looked at as they would be, and merged after a question. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { merge, type Merged } from '../../accounts/merge.ts';
import { LISTED } from '../../accounts/people-query.ts';
import { listPeople } from '../../accounts/people.ts';
import { viewPerson, type PersonView } from '../../accounts/person-view.ts';
import { invalidValue, ScimError } from '../../errors.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { faultOf, form } from './forms.ts';
import { pathOf } from './user.ts';
import type { Fault } from './views/shell.tsx';
import { chooseScreen, compareScreen, mergeScreen, type Pair } from './views/merge.tsx';
import { screen, type Visit } from './visit.ts';

const FOUND = 20;

export function mergeScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/merge', screen(parts, 'merge', showMerge));
  form(app, parts, 'merge', '/console/merge/confirm', {
    find: (visit) => {
      const [one, two] = idsIn(visit);
      if (one === undefined || two === undefined) throw invalidValue('Two records have to be chosen first.');
      return pairIn(visit, one, two);
    },
    show: ({ page }, pair, given) => mergeScreen({ page, pair, given }),
    save: async ({ context }, { kept, other }) => {
      await merge(context, kept.stored.id, other.stored.id, false);
      return { to: pathOf(kept.stored.id), done: 'merged', about: kept.name };
    },
  });
}

const idsIn = ({ request }: Visit) => ['one', 'two'].map((name) => queryOf(request, name) || undefined);

async function showMerge(visit: Visit): Promise<FastifyReply> {
  const { reply, page } = visit;
  const [one, two] = idsIn(visit);
  if (one === undefined || two === undefined || one === two) return choose(visit, one ?? two);
  const pair = await pairIn(visit, one, two);
  const { merged, fault } = await preview(visit, pair);
  return sendPage(reply, compareScreen({ page, pair, names: await namesOf(visit, pair), merged, fault }));
}

async function choose({ context, page, request, reply }: Visit, one: string | undefined): Promise<FastifyReply> {
  const search = queryOf(request, 'search') ?? '';
  const [first, found] = await Promise.all([
    one === undefined ? undefined : viewPerson(context, one),
    search.trim() === '' ? undefined : listPeople(context, { populations: LISTED, search }, { count: FOUND }),
  ]);
  return sendPage(reply, chooseScreen({ page, first, search, found: found && { ...found, people: found.people.filter(({ id }) => id !== one) } }));
}

/** The one that stays is the first, unless the other is named; or alone has a login, which is never thrown away. */
async function pairIn(visit: Visit, one: string, two: string): Promise<Pair> {
  const [first, second] = await Promise.all([viewPerson(visit.context, one), viewPerson(visit.context, two)]);
  const hasLogin = ({ facts }: PersonView) => facts.signInMethod === 'password';
  const usual = !hasLogin(first) && hasLogin(second) ? two : one;
  const keep = queryOf(visit.request, 'keep') ?? usual;
  return keep === two ? { one, two, kept: second, other: first } : { one, two, kept: first, other: second };
}

/** As if it were done; or why it cannot be. */
async function preview({ context, page: { translate } }: Visit, { kept, other }: Pair): Promise<{ readonly merged?: Merged; readonly fault?: Fault }> {
  try {
    return { merged: await merge(context, kept.stored.id, other.stored.id, true) };
  } catch (error) {
    if (!(error instanceof ScimError) || error.status >= 500 || error.status === 404) throw error;
    return { fault: faultOf(error, translate) };
  }
}

/** Of the clients that call them something. */
const namesOf = ({ context }: Visit, { kept, other }: Pair) => displayNames(context, [kept, other].flatMap(({ stored }) => stored.externalIds.map(({ client: id }) => ({ type: 'Client', id }))));
