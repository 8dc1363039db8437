/** What the query of a list of people says. */
import type { FastifyRequest } from 'fastify';
import { STATUSES } from '../../accounts/facts.ts';
import { LISTED, TABS, type PeopleQuery } from '../../accounts/people-query.ts';
import { invalidValue } from '../../errors.ts';
import { parametersOf } from '../scim/request-context.ts';
import type { Services } from '../services.ts';
import { choice, oneOf, parameter } from './calls.ts';

export function queryOf(request: FastifyRequest, { config: { limits } }: Services): PeopleQuery {
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

export const choices = <T extends string>(request: FastifyRequest, name: string, known: readonly T[]): readonly T[] =>
  (parametersOf(request).get(name) ?? []).map((value) => oneOf(name, value, known));
