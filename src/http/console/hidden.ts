/** `/console/hidden-users`: people whom a connection has deleted and who are kept for a while (L6): brought back, or erased for good. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { eraseHidden, listHiddenPeople, viewHidden, type HiddenDetail } from '../../accounts/hidden.ts';
import { restore } from '../../accounts/restore.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { form, type Given, type Saved } from './forms.ts';
import { pathOf } from './user.ts';
import { eraseScreen, hiddenScreen, restoreScreen } from './views/hidden.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;
const LIST = '/console/hidden-users';

export function hiddenScreens(app: FastifyInstance, parts: PageParts): void {
  app.get(LIST, screen(parts, 'hidden', showHidden));
  const find = (visit: Visit) => viewHidden(visit.context, pathParameter(visit.request, 'id'));
  form(app, parts, 'hidden', `${LIST}/:id/restore`, { find, show: ({ page }, person, given) => restoreScreen({ page, person, given }), save: saveRestore });
  form(app, parts, 'hidden', `${LIST}/:id/erase`, { find, show: ({ page }, person, given) => eraseScreen({ page, person, given }), save: saveErasure });
}

async function showHidden({ context, page, request, reply }: Visit): Promise<FastifyReply> {
  const cursor = queryOf(request, 'cursor');
  const { people, nextCursor } = await listHiddenPeople(context, { count: PAGE, cursor });
  const names = await displayNames(context, people.map(({ hiddenBy: { kind, id } }) => ({ type: kind === 'client' ? 'Client' : 'User', id })));
  return sendPage(reply, hiddenScreen({ page, people, names, next: nextCursor, isFirst: cursor === undefined }));
}

async function saveRestore({ context }: Visit, { id, name, userName }: HiddenDetail): Promise<Saved> {
  await restore(context, id);
  return { to: pathOf(id), done: 'restored', about: name || userName };
}

/** J11's tick: what the API asks the name for. */
async function saveErasure({ context, page: { translate } }: Visit, { id, userName }: HiddenDetail, given: Given): Promise<Saved> {
  if (!given.ticked('understood')) return { problems: [{ field: 'understood', text: translate('console.user.delete.erase.missing') }] };
  await eraseHidden(context, id, userName);
  return { to: LIST, done: 'erased' };
}
