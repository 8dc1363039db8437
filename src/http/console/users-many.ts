/** `/console/users/many`: one thing done with several users, after a question, with a result for each; and lists as files (J12). */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { deactivate, setLeaveDate, unlock } from '../../accounts/deactivate.ts';
import { exportPeople, exportSelected } from '../../accounts/export-csv.ts';
import { nameOf, userNameOf } from '../../accounts/facts.ts';
import { inviteAgain } from '../../accounts/invitation.ts';
import { userGroups } from '../../accounts/person-view.ts';
import { moveToGroup } from '../../accounts/user-groups.ts';
import { userType } from '../../accounts/verbs.ts';
import { forbidden, ScimError } from '../../errors.ts';
import { findMany } from '../../store/resources.ts';
import { isDay } from '../../time.ts';
import { parametersOf } from '../scim/request-context.ts';
import { fieldOf, fieldsOf, sendPage, type PageParts } from '../pages/frame.ts';
import { faultOf, goTo } from './forms.ts';
import { filterIn, queryOf } from './users-list.ts';
import { MANY, type Many } from './views/users.tsx';
import { manyQuestion, manyResult, type Chosen, type Outcome } from './views/users-many.tsx';
import { screen, type Visit } from './visit.ts';

const MOST = 500;

export function usersMany(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/users/export', screen(parts, 'users', async ({ request, reply, context, page }) => {
    const text = exportPeople(context, queryOf(filterIn(parametersOf(request))), { language: page.language, bom: true });
    // Read before the answer begins, so that an error is a page.
    const first = await text.next();
    return asFile(reply, context.now()).send(Readable.from((async function* rows() {
      if (first.done !== true) yield first.value;
      yield* text;
    })()));
  }));
  app.get('/console/users/many', screen(parts, 'users', (visit) => goTo(visit, { to: '/console/users' })));
  app.get('/console/users/many/run', screen(parts, 'users', (visit) => goTo(visit, { to: '/console/users' })));
  app.post('/console/users/many', screen(parts, 'users', ask));
  app.post('/console/users/many/run', screen(parts, 'users', run));
}

const asFile = (reply: FastifyReply, now: Date) => reply.type('text/csv; charset=utf-8; header=present').header('content-disposition', `attachment; filename="people-${now.toISOString().slice(0, 10)}.csv"`);

async function chosenIn({ request, context }: Visit): Promise<readonly Chosen[]> {
  const ids = [...new Set(fieldsOf(request, 'person'))].slice(0, MOST);
  const found = await findMany(context.scope, userType(context), ids);
  return ids.flatMap((id) => found.get(id) ?? []).map(({ id, attributes }) => ({ id, name: nameOf(attributes) || userNameOf(attributes) }));
}

const actIn = ({ request }: Visit): Many | undefined => MANY.find((act) => act === fieldOf(request, 'act'));
/** Only back to a list of ours. */
const backIn = ({ request }: Visit) => (/^\/console\/users(\?[\w=&%+.~*-]*)?$/.test(fieldOf(request, 'from')) ? fieldOf(request, 'from') : '/console/users');

async function ask(visit: Visit, problem?: string): Promise<FastifyReply> {
  const { reply, context, page } = visit;
  const [people, act] = [await chosenIn(visit), actIn(visit)];
  if (people.length === 0 || act === undefined) return sendPage(reply, manyQuestion({ page, people, act, groups: [], back: backIn(visit), problem: undefined }), 422);
  if (act === 'export') return asFile(reply, context.now()).send(await exportSelected(context, people.map(({ id }) => id), { language: page.language, bom: true }));
  return sendPage(reply, manyQuestion({ page, people, act, groups: act === 'group' ? await userGroups(context) : [], back: backIn(visit), problem }), problem === undefined ? 200 : 422);
}

async function run(visit: Visit): Promise<FastifyReply> {
  const { reply, page, request } = visit;
  const [people, act, date, group] = [await chosenIn(visit), actIn(visit), fieldOf(request, 'leaveDate'), fieldOf(request, 'group')];
  if (people.length === 0 || act === undefined || act === 'export') return ask(visit);
  if ((act === 'leaveDate' && !isDay(date)) || (act === 'group' && group === '')) return ask(visit, page.translate('console.fault.required'));
  const outcomes: Outcome[] = [];
  for (const person of people) outcomes.push({ ...person, fault: await faultIn(visit, () => doTo(visit, act, person.id, { date, group })) });
  return sendPage(reply, manyResult({ page, act, outcomes, back: backIn(visit) }));
}

/** One who is refused keeps nobody else from being done. */
async function faultIn({ page: { translate } }: Visit, work: () => Promise<void>): Promise<Outcome['fault']> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof ScimError) || error.status >= 500) throw error;
    return faultOf(error, translate);
  }
}

function doTo({ context, person }: Visit, act: Exclude<Many, 'export'>, id: string, { date, group }: { readonly date: string; readonly group: string }): Promise<void> {
  switch (act) {
    case 'again':
      return inviteAgain(context, id);
    case 'unlock':
      return unlock(context, id);
    case 'deactivate':
      if (id === person) throw forbidden('Nobody deactivates themselves: ask another administrator.');
      return deactivate(context, id);
    case 'leaveDate':
      return setLeaveDate(context, id, date);
    case 'group':
      return moveToGroup(context, id, group);
  }
}
