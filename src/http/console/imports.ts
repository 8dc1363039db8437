/** `/console/imports`: people from a CSV file; the list, one of them with what its lines would do or have done, and what is done with it. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { displayNames } from '../../accounts/display-names.ts';
import { linesOfImport, reportOfImport } from '../../accounts/import-report.ts';
import { cancelImport, deleteImport, getImport, listOfImports, runImport, type ImportView } from '../../accounts/import.ts';
import { OUTCOMES } from '../../store/import-documents.ts';
import { pathParameter } from '../api/calls.ts';
import { sendReport } from '../api/import-routes.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { form, goTo } from './forms.ts';
import { deleteImportScreen, importScreen, runImportScreen } from './views/import.tsx';
import { importsScreen } from './views/imports.tsx';
import { screen, type Visit } from './visit.ts';

const PAGE = 50;

export const importIn = ({ request }: Visit): string => pathParameter(request, 'id');
export const pathOfImport = (id: string): string => `/console/imports/${encodeURIComponent(id)}`;
const find = (visit: Visit) => getImport(visit.context, importIn(visit));
const outcomeIn = ({ request }: Visit) => OUTCOMES.find((outcome) => outcome === queryOf(request, 'outcome'));

export function importScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/imports', screen(parts, 'imports', async (visit) => {
    const imports = await listOfImports(visit.context);
    return sendPage(visit.reply, importsScreen({ page: visit.page, imports, names: await makersOf(visit, imports), visitor: visit.person }));
  }));
  app.get('/console/imports/:id', screen(parts, 'imports', showImport));
  app.get('/console/imports/:id/report', screen(parts, 'imports', (visit) => sendReport(visit.reply, forSpreadsheets(reportOfImport(visit.context, importIn(visit), outcomeIn(visit))))));
  form(app, parts, 'imports', '/console/imports/:id/run', {
    find,
    show: ({ page }, found, given) => runImportScreen({ page, found, given }),
    save: async ({ context }, { id }) => {
      await runImport(context, id);
      return { to: pathOfImport(id), done: 'importBegun' };
    },
  });
  form(app, parts, 'imports', '/console/imports/:id/delete', {
    find,
    show: ({ page }, found, given) => deleteImportScreen({ page, found, given }),
    save: async ({ context }, { id }) => {
      await deleteImport(context, id);
      return { to: '/console/imports', done: 'importDeleted' };
    },
  });
  // What is done stays, and the rest can be done later: nothing that has to be asked twice.
  app.post('/console/imports/:id/cancel', screen(parts, 'imports', async (visit) => {
    await cancelImport(visit.context, importIn(visit));
    return goTo(visit, { to: pathOfImport(importIn(visit)), done: 'importCancelled' });
  }));
}

const makersOf = ({ context }: Visit, imports: readonly ImportView[]) => displayNames(context, imports.map(({ by }) => ({ type: by.kind === 'client' ? 'Client' : 'User', id: by.id })));

async function showImport(visit: Visit): Promise<FastifyReply> {
  const { context, page, reply, request } = visit;
  const id = importIn(visit);
  const [outcome, cursor] = [outcomeIn(visit), queryOf(request, 'cursor')];
  const [found, { lines, nextCursor }] = await Promise.all([getImport(context, id), linesOfImport(context, id, { outcome, count: PAGE, cursor })]);
  return sendPage(reply, importScreen({ page, found, lines, outcome, next: nextCursor, isFirst: cursor === undefined, names: await makersOf(visit, [found]), visitor: visit.person }));
}

/** They take a file for UTF-8 where its mark says so. */
async function* forSpreadsheets(parts: AsyncGenerator<string>): AsyncGenerator<string> {
  const first = await parts.next();
  if (first.done === true) return;
  yield `\ufeff${first.value}`;
  yield* parts;
}
