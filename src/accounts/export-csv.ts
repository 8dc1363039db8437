/** The list of people as CSV (J12): every row that matches, streamed from one cursor of the database. */
import { auditOf, type Context } from '../resources/context.ts';
import { inTime } from '../resources/list.ts';
import type { Attributes } from '../scim/schema.ts';
import { SCHEMA } from '../scim/urns.ts';
import { writeAudit } from '../store/audit.ts';
import { findMany } from '../store/resources.ts';
import { withoutInfix } from '../store/search-keys.ts';
import { countFound, readAllFound } from '../store/search.ts';
import type { Found, SearchQuery } from '../store/search-query.ts';
import { complexAt, textAt } from './attributes.ts';
import { csvFile, csvText, type CsvFormat } from './csv.ts';
import { personOf, type Person } from './people.ts';
import { LIST_ATTRIBUTES, searchOf, type PeopleQuery } from './people-query.ts';
import { userType } from './verbs.ts';

type Cell = (person: Person, attributes: Attributes) => string | undefined;

const COLUMNS = {
  lastName,
  firstName: ({ givenName }) => givenName,
  email: ({ address }) => address,
  userName: ({ userName }) => userName,
  displayName: ({ displayName }) => displayName,
  status: ({ status }) => status,
  roles: ({ roles }) => roles.join(', '),
  population: ({ population }) => population,
  employeeNumber: (_, attributes) => textAt(complexAt(attributes, SCHEMA.enterpriseUser), 'employeeNumber'),
  department: (_, attributes) => textAt(complexAt(attributes, SCHEMA.enterpriseUser), 'department'),
  title: (_, attributes) => textAt(attributes, 'title'),
  language: (_, attributes) => textAt(attributes, 'preferredLanguage'),
  leaveDate: ({ leaveDate }) => leaveDate,
  id: ({ id }) => id,
} as const satisfies Readonly<Record<string, Cell>>;

export type Column = keyof typeof COLUMNS;
export const isColumn = (name: string): name is Column => Object.hasOwn(COLUMNS, name);
export const COLUMN_NAMES = Object.keys(COLUMNS).filter(isColumn);
const USUAL_COLUMNS: readonly Column[] = ['lastName', 'firstName', 'email'];
const ATTRIBUTES = [...LIST_ATTRIBUTES, SCHEMA.enterpriseUser, 'title', 'preferredLanguage'];

/** "Berg, van der"; an infix that stands in the family name as well is not repeated (S2). */
export function lastName({ familyName = '', familyNamePrefix = '' }: Pick<Person, 'familyName' | 'familyNamePrefix'>): string {
  return [withoutInfix(familyName, familyNamePrefix), familyNamePrefix.trim()].filter((part) => part !== '').join(', ');
}

/** What a column says of somebody. */
export const cellOf = (column: Column, person: Person, attributes: Attributes): string => COLUMNS[column](person, attributes) ?? '';

export interface CsvOptions extends CsvFormat {
  /** The usual ones unless others are named. */
  readonly columns?: readonly Column[];
}

/** @throws ScimError 400 invalidValue, 429; before the first part */
export async function* exportPeople(context: Context, query: PeopleQuery, { columns = USUAL_COLUMNS, ...format }: CsvOptions): AsyncGenerator<string> {
  const search = searchOf(context, query, ATTRIBUTES);
  yield* csvFile(context, {
    ...format, ...rowsWith(columns),
    values: { filter: filtersOf(query), columns },
    batches: async () => readAllFound(context.scope, search, await inTime(orderOf(context, search))),
  });
}

function rowsWith(columns: readonly Column[]) {
  return {
    columns: columns.map((column) => `csv.${column}` as const),
    cells: (found: Found) => {
      const person = personOf(found);
      return columns.map((column) => cellOf(column, person, found.attributes));
    },
  };
}

/** Those who were selected, in the order of selection; who is gone or not for the caller to see is left out. */
export async function exportSelected(context: Context, ids: readonly string[], { columns = USUAL_COLUMNS, ...format }: CsvOptions): Promise<string> {
  const found = await findMany(context.scope, userType(context), ids);
  const entry = { ...auditOf(context, 'export', userType(context), '', []), on: { type: 'Tenant', id: context.scope.tenant }, values: { filter: ['selected'], columns, rows: found.size, complete: true } };
  await writeAudit(context.scope.store, context.scope.tenant, [entry], context.now());
  return csvText(ids.flatMap((id) => found.get(id) ?? []), { ...format, ...rowsWith(columns) });
}

/** Few are sorted; many come in the order of the index, which is that of names where no term is given. */
async function orderOf({ scope }: Context, search: SearchQuery): Promise<'names' | 'keys'> {
  return search.terms.length === 0 || (await countFound(scope, search)) !== undefined ? 'names' : 'keys';
}

/** Which filters there were, not what was searched: that may be somebody's name. */
function filtersOf(query: PeopleQuery): readonly string[] {
  const { populations = [], tab = '', search = '', roles = [], statuses = [], shown = '', company = '' } = query;
  return Object.entries({ populations, tab, search, roles, statuses, shown, company }).flatMap(([name, { length }]) => (length > 0 ? [name] : []));
}
