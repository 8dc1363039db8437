/** Companies and their people (X2, X6, P2): for who manages external users, portal users, or everybody. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { setOpen } from '../../accounts/closing.ts';
import { getCompany, listCompanies, recentCompanies } from '../../accounts/companies.ts';
import { listPeople, type PeoplePage } from '../../accounts/people.ts';
import type { Context } from '../../resources/context.ts';
import { SHOWN } from '../../store/search-keys.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { choice, onlyKnown, pageRequest, parameter, pathParameter } from './calls.ts';
import { managing, managingExternal, managingPortal, managingTheirs } from './managing.ts';
import { queryOf } from './people-request.ts';

const FILTERS = ['search', 'role', 'status', 'count', 'cursor'];
/** X6. */
const OF_CONTACTS = SHOWN.filter((shown) => shown !== 'portal');

export function companyRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/companies', {
    GET: async (request) => {
      const context = managingTheirs(request, services);
      onlyKnown(request, ['search', 'recent', 'count', 'cursor']);
      if (choice(request, 'recent', ['true', 'false']) === 'true') return { companies: await recentCompanies(context) };
      return listCompanies(context, queryOf(request, services).search, pageRequest(request, services));
    },
  });
  path(app, '/companies/:id', { GET: (request) => getCompany(managingTheirs(request, services), pathParameter(request, 'id')) });
  for (const [paths, type] of [['companies', 'Company'], ['portals', 'Portal']] as const) for (const [verb, open] of [['close', false], ['open', true]] as const) {
    path(app, `/${paths}/:id/${verb}`, {
      POST: async (request, reply) => {
        await setOpen(managing(request, services), type, pathParameter(request, 'id'), open);
        return reply.code(204).send();
      },
    });
  }
  path(app, '/companies/:id/people', {
    GET: (request) => companyList(managingExternal(request, services), request, services, 'contacts', pathParameter(request, 'id')),
  });
  path(app, '/companies/:id/portal-users', {
    GET: (request) => companyList(managingPortal(request, services), request, services, 'portal', pathParameter(request, 'id')),
  });
}

/** @param usual as which people are listed who are listed at all. @param of the company of the path, else the one that the request names, else those of all. @throws ScimError 400, 404 */
export async function companyList(context: Context, request: FastifyRequest, services: Services, usual: (typeof SHOWN)[number], of: string | undefined): Promise<PeoplePage> {
  const own = usual === 'portal' ? [] : ['show'];
  onlyKnown(request, [...own, ...FILTERS, ...(of === undefined ? ['company'] : [])]);
  const company = of ?? parameter(request, 'company');
  if (company !== undefined) await getCompany(context, company);
  const shown = usual === 'portal' ? 'portal' : (choice(request, 'show', OF_CONTACTS) ?? usual);
  return listPeople(context, { ...queryOf(request, services), shown, company }, pageRequest(request, services));
}
