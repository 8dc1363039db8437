/** Lists of people, and the same as a file: `users.manage`; who manages external or portal users has those. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { COLUMN_NAMES, exportPeople, type CsvOptions } from '../../accounts/export-csv.ts';
import { getCompany } from '../../accounts/companies.ts';
import { LISTED, type PeopleQuery } from '../../accounts/people-query.ts';
import { listNotActivated } from '../../accounts/not-activated.ts';
import { listPeople } from '../../accounts/people.ts';
import { LANGUAGES, type Policy } from '../../policy.ts';
import type { Context } from '../../resources/context.ts';
import { SHOWN } from '../../store/search-keys.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { choice, oneOf, onlyKnown, pageRequest, parameter, startingWith } from './calls.ts';
import { managing, managingTheirs } from './managing.ts';
import { choices, queryOf } from './people-request.ts';

const FILTERS = ['population', 'tab', 'search', 'role', 'status', 'show', 'company'];

export function peopleRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/users', {
    GET: async (request) => {
      const context = managingTheirs(request, services);
      onlyKnown(request, [...FILTERS, 'count', 'cursor']);
      return listPeople(context, await ofCompany(context, request, services), pageRequest(request, services));
    },
  });
  path(app, '/users/not-activated', {
    GET: (request) => {
      const context = managing(request, services);
      onlyKnown(request, ['population', 'count', 'cursor']);
      const populations = choices(request, 'population', LISTED);
      return listNotActivated(context, populations.length > 0 ? { populations } : {}, pageRequest(request, services));
    },
  });
  path(app, '/users/export', {
    GET: async (request, reply) => {
      const context = managingTheirs(request, services);
      onlyKnown(request, [...FILTERS, 'columns', 'language', 'bom']);
      const [query, options] = [await ofCompany(context, request, services), optionsOf(request, context.tenant.policy)];
      reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="people-${context.now().toISOString().slice(0, 10)}.csv"`);
      if (request.method === 'HEAD') return reply.send();
      const parts = exportPeople(context, query, options);
      return reply.send(Readable.from(startingWith(await parts.next(), parts)));
    },
  });
}

/** X6: `show` and `company` make it a list of a company's people. @throws ScimError 400, 404 */
async function ofCompany(context: Context, request: FastifyRequest, services: Services): Promise<PeopleQuery> {
  const [company, shown] = [parameter(request, 'company'), choice(request, 'show', SHOWN)];
  if (company !== undefined) await getCompany(context, company);
  return { ...queryOf(request, services), company, shown: shown ?? (company === undefined ? undefined : 'contacts') };
}

function optionsOf(request: FastifyRequest, { language }: Policy): CsvOptions {
  const names = parameter(request, 'columns')?.split(',').map((name) => name.trim());
  return {
    ...(names ? { columns: [...new Set(names.map((name) => oneOf('columns', name, COLUMN_NAMES)))] } : {}),
    language: choice(request, 'language', LANGUAGES) ?? language,
    bom: choice(request, 'bom', ['true', 'false']) === 'true',
  };
}

