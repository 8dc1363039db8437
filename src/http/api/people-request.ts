/** What the query of a list of people says. */
import type { FastifyRequest } from 'fastify';
import { STATUSES } from '../../accounts/facts.ts';
import { LISTED, TABS, type PeopleQuery } from '../../accounts/people-query.ts';
import { invalidValue, quote } from '../../errors.ts';
import { parametersOf } from '../scim/request-context.ts';
import type { Services } from '../services.ts';
import { parameter } from './calls.ts';

/** A filter that is misspelt would give out more people than were meant. */
export function onlyKnown(request: FastifyRequest, known: readonly string[]): void {
  const unknown = [...parametersOf(request).keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidValue(`There is no parameter ${quote(unknown)} here; there are ${known.join(', ')}.`);
}

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

export function choice<const T extends string>(request: FastifyRequest, name: string, known: readonly T[]): T | undefined {
  const value = parameter(request, name);
  return value === undefined ? undefined : oneOf(name, value, known);
}

const choices = <T extends string>(request: FastifyRequest, name: string, known: readonly T[]): readonly T[] =>
  (parametersOf(request).get(name) ?? []).map((value) => oneOf(name, value, known));

export function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw invalidValue(`${name} cannot be ${quote(value)}; it is one of ${known.join(', ')}.`);
  return found;
}
