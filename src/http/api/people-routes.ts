/** Lists of people, and the same as a file: `users.manage`. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { COLUMN_NAMES, exportPeople, type CsvOptions } from '../../accounts/export-csv.ts';
import { STATUSES } from '../../accounts/facts.ts';
import { LISTED, TABS, type PeopleQuery } from '../../accounts/people-query.ts';
import { listNotActivated } from '../../accounts/not-activated.ts';
import { listPeople } from '../../accounts/people.ts';
import { invalidValue } from '../../errors.ts';
import { LANGUAGES, type Policy } from '../../policy.ts';
import { parametersOf } from '../scim/request-context.ts';
import { path } from '../scim/routes.ts';
import type { Services } from '../services.ts';
import { managing } from './account-routes.ts';
import { choice, oneOf, onlyKnown, pageRequest, parameter, startingWith } from './calls.ts';

const FILTERS = ['population', 'tab', 'search', 'role', 'status'];

export function peopleRoutes(app: FastifyInstance, services: Services): void {
  path(app, '/users', {
    GET: (request) => {
      const context = managing(request, services);
      onlyKnown(request, [...FILTERS, 'count', 'cursor']);
      return listPeople(context, queryOf(request, services), pageRequest(request, services));
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
      const context = managing(request, services);
      onlyKnown(request, [...FILTERS, 'columns', 'language', 'bom']);
      const [query, options] = [queryOf(request, services), optionsOf(request, context.tenant.policy)];
      reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="people-${context.now().toISOString().slice(0, 10)}.csv"`);
      if (request.method === 'HEAD') return reply.send();
      const parts = exportPeople(context, query, options);
      return reply.send(Readable.from(startingWith(await parts.next(), parts)));
    },
  });
}

function queryOf(request: FastifyRequest, { config: { limits } }: Services): PeopleQuery {
  const populations = choices(request, 'population', LISTED);
  const statuses = choices(request, 'status', STATUSES);
  const roles = parametersOf(request).get('role') ?? [];
  const search = parameter(request, 'search');
  if (roles.some((role) => role.trim() === '')) throw invalidValue('role must name a role.');
  if (search !== undefined && search.length > limits.filterLength) throw invalidValue(`search is at most ${limits.filterLength} characters long.`);
  return {
    ...(populations.length > 0 ? { populations } : {}),
    tab: choice(request, 'tab', TABS),
    search, roles,
    ...(statuses.length > 0 ? { statuses } : {}),
  };
}

function optionsOf(request: FastifyRequest, { language }: Policy): CsvOptions {
  const names = parameter(request, 'columns')?.split(',').map((name) => name.trim());
  return {
    ...(names ? { columns: [...new Set(names.map((name) => oneOf('columns', name, COLUMN_NAMES)))] } : {}),
    language: choice(request, 'language', LANGUAGES) ?? language,
    bom: choice(request, 'bom', ['true', 'false']) === 'true',
  };
}

export const choices = <T extends string>(request: FastifyRequest, name: string, known: readonly T[]): readonly T[] =>
  (parametersOf(request).get(name) ?? []).map((value) => oneOf(name, value, known));
