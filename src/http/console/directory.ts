/** `/console/companies` and `/console/portals`: found, added, changed, closed, opened and deleted in the same way. */
import type { FastifyInstance } from 'fastify';
import { changeOrganisation, getOrganisation, listOrganisations, makeOrganisation, removeOrganisation, setOpen, usesOf, type Organisation, type OrganisationKind, type OrganisationValues } from '../../accounts/organisations.ts';
import { forbidden } from '../../errors.ts';
import { pathParameter } from '../api/calls.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { form, goTo, type Given, type Problem } from './forms.ts';
import { recentCompanies, rememberCompany } from './recent.ts';
import { closeScreen, directoryScreen, editScreen, organisationScreen, removeScreen } from './views/directory.tsx';
import { screen, type Visit } from './visit.ts';

export const DIRECTORIES = {
  companies: { kind: 'Company', fields: ['displayName', 'number', 'url'] },
  portals: { kind: 'Portal', fields: ['displayName', 'url', 'locale'] },
} as const satisfies Readonly<Record<string, { readonly kind: OrganisationKind; readonly fields: readonly string[] }>>;
export type Directory = keyof typeof DIRECTORIES;

const PAGE = 50;
export const idIn = ({ request }: Visit) => pathParameter(request, 'id');
export const pathIn = (directory: Directory, id: string) => `/console/${directory}/${encodeURIComponent(id)}`;

export function directoryScreens(app: FastifyInstance, parts: PageParts): void {
  directoryOf(app, parts, 'companies');
  directoryOf(app, parts, 'portals');
}

function directoryOf(app: FastifyInstance, parts: PageParts, directory: Directory): void {
  const { kind } = DIRECTORIES[directory];
  const list = `/console/${directory}`;
  const find = (visit: Visit): Promise<Organisation> => {
    forManagers(visit);
    return getOrganisation(visit.context, kind, idIn(visit));
  };

  app.get(list, screen(parts, directory, async (visit) => {
    const { request, reply, context, page } = visit;
    const [search, cursor] = [queryOf(request, 'search') ?? '', queryOf(request, 'cursor')];
    const isStart = search === '' && cursor === undefined;
    const [found, recent] = await Promise.all([listOrganisations(context, kind, search, { count: PAGE, cursor }), isStart && directory === 'companies' ? recentCompanies(visit) : []]);
    return sendPage(reply, directoryScreen({ page, directory, search, found, recent, isFirst: cursor === undefined }));
  }));
  form(app, parts, directory, `${list}/new`, {
    find: (visit) => {
      forManagers(visit);
      return Promise.resolve(undefined);
    },
    show: ({ page }, _nothing, given) => editScreen({ page, directory, given, organisation: undefined }),
    save: async ({ context, page }, _nothing, given) => {
      const problems = problemsOf(page, given);
      if (problems.length > 0) return { problems };
      const id = await makeOrganisation(context, kind, valuesOf(directory, given));
      return { to: pathIn(directory, id), done: 'created', about: given.value('displayName').trim() };
    },
  });
  app.get(`${list}/:id`, screen(parts, directory, async (visit) => {
    const organisation = await getOrganisation(visit.context, kind, idIn(visit));
    if (directory === 'companies') rememberCompany(visit, organisation.id);
    return sendPage(visit.reply, organisationScreen({ page: visit.page, directory, organisation, uses: await usesOf(visit.context, kind, organisation.id) }));
  }));
  form(app, parts, directory, `${list}/:id/edit`, {
    find,
    show: ({ page }, organisation, given) => editScreen({ page, directory, given, organisation }),
    save: async ({ context, page }, { id }, given) => {
      const problems = problemsOf(page, given);
      if (problems.length > 0) return { problems };
      await changeOrganisation(context, kind, id, valuesOf(directory, given));
      return { to: pathIn(directory, id), done: 'saved', about: given.value('displayName').trim() };
    },
  });
  form(app, parts, directory, `${list}/:id/close`, {
    find,
    show: async ({ page, context }, organisation, given) => closeScreen({ page, directory, given, organisation, uses: await usesOf(context, kind, organisation.id) }),
    save: async ({ context }, { id, name }) => {
      await setOpen(context, kind, id, false);
      return { to: pathIn(directory, id), done: 'closed', about: name };
    },
  });
  app.post(`${list}/:id/open`, screen(parts, directory, async (visit) => {
    const { id, name } = await find(visit);
    await setOpen(visit.context, kind, id, true);
    return goTo(visit, { to: pathIn(directory, id), done: 'opened', about: name });
  }));
  form(app, parts, directory, `${list}/:id/delete`, {
    find,
    show: async ({ page, context }, organisation, given) => removeScreen({ page, directory, given, organisation, uses: await usesOf(context, kind, organisation.id) }),
    save: async ({ context }, { id, name }) => {
      await removeOrganisation(context, kind, id);
      return { to: list, done: 'deleted', about: name };
    },
  });
}

/** Who manages external or portal users sees companies and portals, and changes none. @throws ScimError 403 */
function forManagers({ rights }: Visit): void {
  if (!rights.has('users.manage')) throw forbidden('To change companies and portals needs the right users.manage.');
}

const valuesOf = (directory: Directory, given: Given): OrganisationValues => Object.fromEntries(DIRECTORIES[directory].fields.map((field) => [field, given.value(field).trim() || undefined]));

function problemsOf({ translate }: Visit['page'], given: Given): readonly Problem[] {
  const url = given.value('url').trim();
  const isAddress = url === '' || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol));
  return [
    ...(given.value('displayName').trim() === '' ? [{ field: 'displayName', text: translate('console.fault.required') }] : []),
    ...(isAddress ? [] : [{ field: 'url', text: translate('console.directory.url.wrong') }]),
  ];
}
