/** The list of people as CSV (J12): every row that matches, in UTF-8 with CRLF (RFC 4180), streamed from one cursor of the database. */
import { translator } from '../locales/translator.ts';
import type { Language } from '../policy.ts';
import { auditOf, type Context } from '../resources/context.ts';
import { inTime } from '../resources/list.ts';
import type { Attributes } from '../scim/schema.ts';
import { SCHEMA } from '../scim/urns.ts';
import { completeAudit, writeAudit } from '../store/audit.ts';
import { findMany } from '../store/resources.ts';
import { withoutInfix } from '../store/search-keys.ts';
import { countFound, readAllFound } from '../store/search.ts';
import type { SearchQuery } from '../store/search-query.ts';
import { complexAt, textAt } from './attributes.ts';
import { csvOf, harmless } from './csv-cells.ts';
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
function lastName({ familyName = '', familyNamePrefix = '' }: Person): string {
  return [withoutInfix(familyName, familyNamePrefix), familyNamePrefix.trim()].filter((part) => part !== '').join(', ');
}

export interface CsvOptions {
  /** The usual ones unless others are named. */
  readonly columns?: readonly Column[];
  /** Of the header. */
  readonly language: Language;
  /** Some spreadsheets take a file without one for something else than UTF-8. */
  readonly bom: boolean;
}

/**
 * Reads as fast as it is read from. The audit entry is written before the first row leaves, and says afterwards how many there were.
 * @throws ScimError 400 invalidValue, 429; before the first part
 */
export async function* exportPeople(context: Context, query: PeopleQuery, options: CsvOptions): AsyncGenerator<string> {
  const { columns = USUAL_COLUMNS } = options;
  const search = searchOf(context, query, ATTRIBUTES);
  const leave = await context.scope.store.exports(context.scope.tenant).enter();
  try {
    const order = await inTime(orderOf(context, search));
    const entry = await writeEntry(context, query, columns);
    let rows = 0;
    let complete = false;
    try {
      let head = headOf(columns, options);
      for await (const found of readAllFound(context.scope, search, order)) {
        rows += found.length;
        yield head + csvOf(found.map((one) => rowOf(columns, personOf(one), one.attributes)));
        head = '';
      }
      if (head !== '') yield head;
      complete = true;
    } finally {
      await completeAudit(context.scope.store, context.scope.tenant, entry, { rows, complete });
    }
  } finally {
    leave();
  }
}

/** Those who were selected, in the order of selection; who is gone or not for the caller to see is left out. */
export async function exportSelected(context: Context, ids: readonly string[], { columns = USUAL_COLUMNS, ...options }: CsvOptions): Promise<string> {
  const found = await findMany(context.scope, userType(context), ids);
  const entry = { ...auditOf(context, 'export', userType(context), '', []), on: { type: 'Tenant', id: context.scope.tenant }, values: { filter: ['selected'], columns, rows: found.size, complete: true } };
  await writeAudit(context.scope.store, context.scope.tenant, [entry], context.now());
  const rows = ids.flatMap((id) => found.get(id) ?? []).map(({ id, audience, attributes }) => rowOf(columns, personOf({ id, audience, attributes }), attributes));
  return headOf(columns, { columns, ...options }) + csvOf(rows);
}

/** Few are sorted; many come in the order of the index, which is that of names where no term is given. */
async function orderOf({ scope }: Context, search: SearchQuery): Promise<'names' | 'keys'> {
  return search.terms.length === 0 || (await countFound(scope, search)) !== undefined ? 'names' : 'keys';
}

/** Which filters there were, not what was searched: that may be somebody's name. */
async function writeEntry(context: Context, query: PeopleQuery, columns: readonly Column[]): Promise<string> {
  const { scope: { store, tenant }, now } = context;
  const { populations = [], tab = '', search = '', roles = [], statuses = [], shown = '', company = '' } = query;
  const filter = Object.entries({ populations, tab, search, roles, statuses, shown, company }).flatMap(([name, { length }]) => (length > 0 ? [name] : []));
  const entry = { ...auditOf(context, 'export', userType(context), '', []), on: { type: 'Tenant', id: tenant }, values: { filter, columns } };
  const [id = ''] = await writeAudit(store, tenant, [entry], now());
  return id;
}

function headOf(columns: readonly Column[], { language, bom }: CsvOptions): string {
  const translate = translator(language);
  return (bom ? '\ufeff' : '') + csvOf([columns.map((column) => translate(`csv.${column}`))]);
}

function rowOf(columns: readonly Column[], person: Person, attributes: Attributes): readonly string[] {
  return columns.map((column) => harmless(cellOf(column, person, attributes)));
}

/** What a column says of somebody. */
export const cellOf = (column: Column, person: Person, attributes: Attributes): string => COLUMNS[column](person, attributes) ?? '';
