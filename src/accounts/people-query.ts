/** Which people a list or an export is about: tabs (J1), terms (J2), roles (J3). Typed, for the API and the console alike. */
import { invalidValue, quote } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { cut, searchable } from '../scim/searchable.ts';
import { ACCOUNT_EXTENSION, EXTERNAL_EXTENSION, PORTAL_EXTENSION } from '../scim/urns.ts';
import { POPULATIONS, populationsSeen, type Audience } from '../store/audience.ts';
import { LONGEST_PHRASE, type Shown } from '../store/search-keys.ts';
import { MOST_PIECES, type SearchQuery } from '../store/search-query.ts';
import type { TenantScope } from '../store/store.ts';
import { STATUSES, type Status } from './facts.ts';
import { userType } from './verbs.ts';

export const TABS = ['billed', 'unbilled'] as const;
export type Tab = (typeof TABS)[number];

/** The populations, and the accounts that are for administrators alone. */
export const LISTED: readonly Audience[] = [...POPULATIONS, 'console'];

export interface PeopleQuery {
  /** Employees, unless others are named; of a caller who sees none, and of companies, all that the caller sees. */
  readonly populations?: readonly Audience[];
  /** Undefined: both. */
  readonly tab?: Tab | undefined;
  /** As typed: terms with commas between them. */
  readonly search?: string | undefined;
  /** One of them is enough; none: everybody. */
  readonly roles?: readonly string[];
  readonly statuses?: readonly Status[];
  /** X6, P2: as which they are listed. */
  readonly shown?: Shown | undefined;
  /** Of this company, by its id; with `shown`. */
  readonly company?: string | undefined;
}

const MOST_TERMS = 20;
const MOST_ROLES = 20;

/** What a list shows of somebody. */
export const LIST_ATTRIBUTES = ['userName', 'name', 'displayName', 'emails', 'roles', 'active', ACCOUNT_EXTENSION];

/** @throws ScimError 400 invalidValue for more than one query can hold */
export function searchOf({ scope, tenant }: Pick<Context, 'scope' | 'tenant'>, query: PeopleQuery, attributes: readonly string[] = LIST_ATTRIBUTES): SearchQuery {
  const audiences = different<Audience>(query.populations ?? usualPopulations(scope, query));
  const statuses = statusesIn(query.tab).filter((status) => !query.statuses || query.statuses.includes(status));
  const roles = different(query.roles ?? []);
  if (roles.length > MOST_ROLES) throw invalidValue(`At most ${MOST_ROLES} roles can be asked for at once.`);
  const listed = query.shown && { shown: query.shown, companies: query.company === undefined ? [] : [query.company] };
  const pieces = audiences.length * statuses.length * (listed ? 1 : roles.length);
  if (pieces > MOST_PIECES) throw invalidValue(`Populations, statuses and roles can be combined in at most ${MOST_PIECES} ways; these are ${pieces}. Ask for fewer of one of them.`);
  return { type: userType({ scope }), audiences, statuses, terms: termsIn(query.search ?? ''), roles, listed, byInfix: tenant.policy.infixSorting === 'infix', attributes: listed ? [...attributes, EXTERNAL_EXTENSION, PORTAL_EXTENSION] : attributes };
}

/** Employees, where the caller sees them and the list is not one of others. */
function usualPopulations(scope: TenantScope, { shown }: PeopleQuery): readonly Audience[] {
  const employees = shown ? [] : populationsSeen(scope, ['employee']);
  return employees.length > 0 ? employees : POPULATIONS;
}

const different = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];

/** J1: whoever is not deactivated is billed. */
function statusesIn(tab: Tab | undefined): readonly Status[] {
  if (tab === undefined) return STATUSES;
  return STATUSES.filter((status) => (status === 'deactivated') === (tab === 'unbilled'));
}

/** J2: trimmed, empties ignored. A term that begins with another one finds nothing more. */
export function termsIn(text: string): readonly string[] {
  const terms = different(text.split(',').map(searchable).filter((term) => term !== ''));
  if (terms.length > MOST_TERMS) throw invalidValue(`At most ${MOST_TERMS} names or addresses can be searched at once; these are ${terms.length}.`);
  const long = terms.find((term) => cut(term, LONGEST_PHRASE) !== term);
  if (long !== undefined) throw invalidValue(`A name or address to search is at most ${LONGEST_PHRASE} characters long: ${quote(long)} is longer.`);
  return terms.filter((term) => !terms.some((other) => other !== term && term.startsWith(other)));
}
