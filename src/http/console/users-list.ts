/** `/console/users`: J1 (tabs), J2 (search), J3 (roles), J12 (export). The filter is in the address, so that a list can be sent to a colleague. */
import type { FastifyInstance } from 'fastify';
import { STATUSES } from '../../accounts/facts.ts';
import { LISTED, TABS, type PeopleQuery, type Tab } from '../../accounts/people-query.ts';
import { findPeople } from '../../accounts/people.ts';
import { invalidValue } from '../../errors.ts';
import type { Parameters } from '../../scim/list-request.ts';
import { POPULATIONS } from '../../store/audience.ts';
import { countPeopleOf } from '../../store/people-counts.ts';
import { parametersOf } from '../scim/request-context.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { screen, type Visit } from './visit.ts';
import { countedIn, usersScreen, type UsersFilter } from './views/users.tsx';

const PAGE = 50;
/** Statuses are counted up to here, of everybody: beside what a search has found the counts would say nothing. */
const MOST_COUNTED = 1000;

export function usersList(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/users', screen(parts, 'users', showList));
}

async function showList(visit: Visit) {
  const { request, reply, context, page } = visit;
  const parameters = parametersOf(request);
  const filter = filterIn(parameters);
  const cursor = parameters.get('cursor')?.[0];
  const [found, around] = await Promise.all([
    findPeople(context, queryOf(filter), { count: PAGE, cursor }),
    countPeopleOf(context.scope, filter.population === 'console' ? 'employee' : filter.population, filter.search === '' ? countedIn(filter) : [], MOST_COUNTED),
  ]);
  return sendPage(reply, usersScreen({ page, filter, found, around, mostCounted: MOST_COUNTED, isFirst: cursor === undefined, person: visit.person }));
}

/** What is no choice of the filter is as if it were not there: an address may be old. */
export function filterIn(parameters: Parameters): UsersFilter {
  const one = <T extends string>(name: string, known: readonly T[]): T | undefined => known.find((value) => value === parameters.get(name)?.[0]);
  const population = one('population', LISTED.filter((audience) => audience === 'console' || POPULATIONS.some((known) => known === audience))) ?? 'employee';
  return {
    tab: one<Tab>('tab', TABS) ?? 'billed',
    population: POPULATIONS.find((known) => known === population) ?? 'console',
    search: parameters.get('search')?.[0]?.slice(0, 4096) ?? '',
    roles: (parameters.get('role') ?? []).filter((role) => role.trim() !== ''),
    status: one('status', STATUSES),
  };
}

/** @throws ScimError 400 for more than one query can hold */
export function queryOf({ tab, population, search, roles, status }: UsersFilter): PeopleQuery {
  if (roles.length > 20) throw invalidValue('At most 20 roles can be asked for at once.');
  return { populations: [population], tab, search, roles, ...(status === undefined ? {} : { statuses: [status] }) };
}
