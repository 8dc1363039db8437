/** `/console/matches`: people who come back, about whom a provider has asked (L5): the list, and the question before each decision. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { adoptMatch, matchesPage, refuseMatch, viewMatch } from '../../accounts/matches.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { form } from './forms.ts';
import { matchesScreen, matchScreen } from './views/matches.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;
const LIST = '/console/matches';

export function matchScreens(app: FastifyInstance, parts: PageParts): void {
  app.get(LIST, screen(parts, 'matches', showMatches));
  const decision = (act: 'adopt' | 'refuse', decide: typeof adoptMatch) => {
    form(app, parts, 'matches', `${LIST}/:id/${act}`, {
      find: (visit) => viewMatch(visit.context, pathParameter(visit.request, 'id')),
      show: ({ page }, match, given) => matchScreen({ page, match, given, act }),
      save: async ({ context }, { id, person: { name, userName } }) => {
        await decide(context, id);
        return { to: LIST, done: act === 'adopt' ? 'matchAdopted' : 'matchRefused', about: name || userName };
      },
    });
  };
  decision('adopt', adoptMatch);
  decision('refuse', refuseMatch);
}

async function showMatches({ context, page, request, reply, person }: Visit): Promise<FastifyReply> {
  const cursor = queryOf(request, 'cursor');
  const { matches, nextCursor } = await matchesPage(context, { count: PAGE, cursor });
  const names = await displayNames(context, matches.flatMap(({ decided }) => (decided ? [{ type: decided.by.kind === 'client' ? 'Client' : 'User', id: decided.by.id }] : [])));
  return sendPage(reply, matchesScreen({ page, matches, names, visitor: person, next: nextCursor, isFirst: cursor === undefined }));
}
