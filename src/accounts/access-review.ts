/**
 * Who may do what, for whoever has to review it: each person's rights and the groups that give them, roles, and the last sign-in. Read page by page, in
 * a number of queries that does not depend on how many people there are.
 */
import { createHash } from 'node:crypto';
import { invalidCursor, invalidValue } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { RIGHTS, type Right } from '../rights.ts';
import { fold } from '../scim/fold.ts';
import { seal, unseal } from '../seal.ts';
import { keysWithRights } from '../store/administrators.ts';
import { unrestricted, type Audience } from '../store/audience.ts';
import { lastSignIns } from '../store/logins.ts';
import { groupsOf, peopleIn, type GroupOf } from '../store/memberships.ts';
import { findMany, findManyBy } from '../store/resources.ts';
import type { Found } from '../store/search-query.ts';
import { readPeopleById } from '../store/walk-people.ts';
import { DAY_MS } from '../time.ts';
import { complexAt, textAt } from './attributes.ts';
import { csvFile, type CsvFormat } from './csv.ts';
import { lastName } from './export-csv.ts';
import { factsOf } from './facts.ts';
import { personOf, type Person } from './people.ts';
import { LISTED } from './people-query.ts';
import { ownRights } from './rights.ts';
import { userType } from './verbs.ts';

export const REVIEWED = ['rights', 'all'] as const;

export interface ReviewQuery {
  /** `rights`: who has a right; `all`: everybody who is not deactivated. */
  readonly people: (typeof REVIEWED)[number];
  /** Those that the caller sees, unless others are named. */
  readonly populations?: readonly Audience[];
  /** Who has not signed in for so many days is dormant. */
  readonly dormantDays: number;
  /** Those alone. A page may hold fewer then, and another one come all the same. */
  readonly dormantOnly: boolean;
}

interface NamedGroup {
  readonly id: string;
  readonly name: string | undefined;
}

export interface ReviewRow extends Pick<Person, 'id' | 'userName' | 'givenName' | 'familyNamePrefix' | 'familyName' | 'displayName' | 'address' | 'status' | 'population'> {
  /** Each with the groups that give it: those that the person is a member of, or that hold one of them. */
  readonly rights: readonly { readonly right: Right; readonly through: readonly NamedGroup[] }[];
  /** With the group that the role is tied to. */
  readonly roles: readonly { readonly role: string; readonly group: NamedGroup | undefined }[];
  readonly groups: readonly (NamedGroup & { readonly direct: boolean })[];
  readonly lastSignInAt: string | undefined;
  /** Undefined for who does not sign in here: by their own provider, not yet, or not at all. */
  readonly dormant: boolean | undefined;
}

/** @throws ScimError 400 invalidCursor */
export async function accessReview(context: Context, query: ReviewQuery, { count, cursor }: { readonly count: number; readonly cursor?: string | undefined }): Promise<{ readonly people: readonly ReviewRow[]; readonly cursor: string | undefined }> {
  const { found, last } = await readFrom(context, query, cursor === undefined ? '' : openCursor(context, query, cursor), count);
  return { people: await rowsOf(context, query, found), cursor: last === undefined ? undefined : sealCursor(context, query, last) };
}

const BATCH = 500;

/** The same as a file, as long as it is. @throws ScimError 429, before the first part */
export async function* exportAccessReview(context: Context, query: ReviewQuery, format: CsvFormat): AsyncGenerator<string> {
  const { people, populations, dormantDays, dormantOnly } = query;
  yield* csvFile<ReviewRow>(context, {
    ...format,
    columns: ['csv.lastName', 'csv.firstName', 'csv.email', 'csv.userName', 'csv.status', 'csv.population', 'csv.rights', 'csv.roles', 'csv.groups', 'csv.lastSignIn', 'csv.dormant', 'csv.id'],
    cells: cellsOf,
    values: { of: 'access-review', people, dormantDays, dormantOnly, ...(populations ? { populations } : {}) },
    batches: () => Promise.resolve(allRows(context, query)),
  });
}

async function* allRows(context: Context, query: ReviewQuery): AsyncGenerator<readonly ReviewRow[]> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const { found, last }: Walked = await readFrom(context, query, after, BATCH);
    yield await rowsOf(context, query, found);
    after = last;
  }
}

function cellsOf(row: ReviewRow): readonly (string | undefined)[] {
  const names = (groups: readonly NamedGroup[]) => groups.map(({ id, name }) => name ?? id).join(', ');
  return [
    lastName(row), row.givenName, row.address, row.userName, row.status, row.population,
    row.rights.map(({ right, through }) => `${right} (${names(through)})`).join('; '),
    row.roles.map(({ role, group }) => (group ? `${role} (${names([group])})` : role)).join('; '),
    names(row.groups.filter(({ direct }) => direct)), row.lastSignInAt, row.dormant === undefined ? undefined : String(row.dormant), row.id,
  ];
}

interface Walked {
  readonly found: readonly Found[];
  /** The id to go on behind; undefined at the end. */
  readonly last: string | undefined;
}

/** In the order of ids, by index: of all, or of the members of the groups that give rights. */
async function readFrom(context: Context, query: ReviewQuery, after: string, count: number): Promise<Walked> {
  const { scope } = context;
  const populations = query.populations ?? LISTED;
  if (query.people === 'all') {
    const found = await readPeopleById(scope, populations, after, count + 1);
    return { found: found.slice(0, count).filter(isReviewed), last: found.length > count ? found[count - 1]?.id : undefined };
  }
  const keys = [...(await keysWithRights(scope, RIGHTS))];
  const ids = await peopleIn(scope, keys, after, count + 1);
  const people = await findMany(scope, userType(context), ids.slice(0, count));
  const found = ids.flatMap((id) => people.get(id) ?? []).filter(({ audience }) => populations.some((one) => one === audience));
  return { found: found.filter(isReviewed), last: ids.length > count ? ids[count - 1] : undefined };
}

/** Who is deactivated can do nothing; what comes back with them is shown before they do (J10). */
const isReviewed = ({ attributes }: Pick<Found, 'attributes'>) => factsOf(attributes).active;

async function rowsOf(context: Context, query: ReviewQuery, found: readonly Found[]): Promise<readonly ReviewRow[]> {
  const scope = unrestricted(context.scope);
  const ids = found.map(({ id }) => id);
  const [groups, signIns, tied] = await Promise.all([groupsOf(scope, ids), lastSignIns(scope, ids), tiedGroups(context, found)]);
  const before = new Date(context.now().getTime() - query.dormantDays * DAY_MS);
  const rows = found.map((one) => rowOf(one, groups.get(one.id) ?? [], signIns.get(one.id), tied, before));
  return query.dormantOnly ? rows.filter(({ dormant }) => dormant === true) : rows;
}

const named = ({ group: { id, attributes } }: GroupOf): NamedGroup => ({ id, name: textAt(attributes, 'displayName') });

function rowOf(found: Found, groups: readonly GroupOf[], signedIn: Date | undefined, tied: ReadonlyMap<string, NamedGroup>, before: Date): ReviewRow {
  const { id, userName, givenName, familyNamePrefix, familyName, displayName, address, status, population, roles } = personOf(found);
  const rights = RIGHTS.map((right) => ({ right, through: groups.filter(({ group }) => ownRights(group.attributes).includes(right)).map(named) })).filter(({ through }) => through.length > 0);
  const { signInMethod, activatedAt } = factsOf(found.attributes);
  const since = signInMethod === 'password' && activatedAt !== undefined ? (signedIn ?? new Date(activatedAt)) : undefined;
  return {
    id, userName, givenName, familyNamePrefix, familyName, displayName, address, status, population, rights,
    roles: roles.map((role) => ({ role, group: tied.get(fold(role)) })),
    groups: groups.map((one) => ({ ...named(one), direct: one.direct })),
    lastSignInAt: signedIn?.toISOString(),
    dormant: since && since <= before,
  };
}

/** The groups of roles that are tied to one, by folded role. */
async function tiedGroups(context: Context, found: readonly Found[]): Promise<ReadonlyMap<string, NamedGroup>> {
  const names = [...new Set(found.flatMap((one) => personOf(one).roles.map(fold)))];
  if (names.length === 0) return new Map();
  const scope = unrestricted(context.scope);
  const { registry } = scope.store;
  const roles = await findManyBy(scope, registry.type('Role'), 'displayName', names);
  const groupIn = (attributes: Found['attributes']) => textAt(complexAt(attributes, 'group'), 'value');
  const groups = await findMany(scope, registry.type('Group'), roles.flatMap(({ attributes }) => groupIn(attributes) ?? []));
  return new Map(roles.flatMap(({ attributes }) => {
    const group = groups.get(groupIn(attributes) ?? '');
    return group ? [[fold(textAt(attributes, 'displayName') ?? ''), { id: group.id, name: textAt(group.attributes, 'displayName') }] as const] : [];
  }));
}

/** @throws ScimError 400 invalidValue */
export function readDormantDays(text: string | undefined): number {
  if (text === undefined) return 90;
  if (!/^\d{1,4}$/.test(text) || Number(text) === 0) throw invalidValue('days must be a whole number from 1 to 9999.');
  return Number(text);
}

/** The caller and the query are part of it: what it was made for is all that it opens. */
function purposeOf({ principal: { tenant, actor } }: Context, { people, populations }: ReviewQuery): string {
  return `access-review ${createHash('sha256').update(JSON.stringify([tenant, actor, people, populations ?? []])).digest('base64url')}`;
}

const sealCursor = (context: Context, query: ReviewQuery, last: string) => seal(context.secretKeys, purposeOf(context, query), last);

function openCursor(context: Context, query: ReviewQuery, cursor: string): string {
  const last = unseal(context.secretKeys, purposeOf(context, query), cursor);
  if (last === undefined) throw invalidCursor('The cursor is not one of this query.');
  return last;
}
