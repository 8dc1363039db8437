/**
 * What lines of an import would do, or are to do now: each is found its person and becomes the change that a client would ask for over SCIM, so every
 * rule holds (uniqueness, rights, what a change means for a login). Nothing is written here.
 */
import { ScimError } from '../errors.ts';
import { prepareChange } from '../resources/change.ts';
import type { Context } from '../resources/context.ts';
import { newId, prepareCreate } from '../resources/create.ts';
import { patchRequest } from '../resources/patch.ts';
import { fold } from '../scim/fold.ts';
import { isObject, type Json } from '../scim/json.ts';
import { MESSAGE, SCHEMA } from '../scim/urns.ts';
import type { ChangeSet } from '../store/change-set.ts';
import type { StoredResource } from '../store/codec.ts';
import type { ImportDocument, ImportLineDocument, LineOutcome } from '../store/import-documents.ts';
import { linesWithKeys } from '../store/imports.ts';
import { groupsOf, groupType } from '../store/memberships.ts';
import { findManyByExternalId } from '../store/named.ts';
import { findMany, findManyBy } from '../store/resources.ts';
import { textAt } from './attributes.ts';
import { addressOf, userNameOf } from './facts.ts';
import { columnOf, tableOf, type Table } from './import-columns.ts';
import type { Matching, Wish } from './import-fields.ts';
import { askedOf, checkLine, groupsAsked, keysOf, LineFault, spellings, textIn } from './import-rows.ts';
import { membership } from './roles.ts';
import { userType } from './verbs.ts';

export interface Planned {
  readonly line: ImportLineDocument;
  readonly outcome: LineOutcome;
  readonly keys: readonly string[];
  /** Whom it is about: somebody who is there, or will be. */
  readonly person?: string;
  readonly mentions?: readonly string[];
  readonly changeSet?: ChangeSet;
}

/** @param isTrial what is planned will not be written */
export async function planLines(context: Context, document: ImportDocument, lines: readonly ImportLineDocument[], isTrial: boolean): Promise<readonly Planned[]> {
  const table = tableOf(document);
  const plan: Plan = { context, table, isTrial, found: await findPeople(context, table, lines), ...(await findGroups(context, table, lines)), earlier: await earlierLines(context, document, table, lines) };
  return Promise.all(lines.map((line) => planLine(plan, line)));
}

interface Plan {
  readonly context: Context;
  readonly table: Table;
  readonly isTrial: boolean;
  /** By what names them, as `nameFor` writes it. */
  readonly found: ReadonlyMap<string, readonly StoredResource[]>;
  /** By folded name. */
  readonly groups: ReadonlyMap<string, readonly StoredResource[]>;
  /** The ids of the groups of each person. */
  readonly memberOf: (person: string) => Promise<ReadonlySet<string>>;
  /** The line in the file that has a key first. */
  readonly earlier: ReadonlyMap<string, number>;
}

async function planLine(plan: Plan, line: ImportLineDocument): Promise<Planned> {
  const held = line.cells.length === plan.table.width ? keysOf(plan.table, line) : [];
  const twice = held.map((key) => ({ key, first: plan.earlier.get(key) ?? line.line })).find(({ first }) => first < line.line);
  // The first line alone keeps a key, so that a file with one name a million times is not looked through a million times.
  const keys = twice ? [] : held;
  const people = peopleOf(plan, line);
  const [person, ...others] = people;
  const about = others.length > 0 ? { mentions: people.map(({ id }) => id) } : person ? { person: person.id } : {};
  try {
    checkLine(plan.table, line);
    if (twice) throw new LineFault(`Line ${twice.first} is about the same person.`, columnOfKey(plan.table, twice.key));
    checkFound(plan, line, people);
    return { line, keys, ...about, ...(await changeOf(plan, line, person)) };
  } catch (error) {
    return { line, keys, ...about, outcome: refusalOf(plan.table, error) };
  }
}

/** @throws what is no refusal */
export function refusalOf(table: Table, error: unknown): LineOutcome {
  if (error instanceof LineFault) return { kind: 'refuse', reason: error.message, ...(error.column === undefined ? {} : { column: error.column }) };
  if (!(error instanceof ScimError) || error.status >= 500) throw error;
  const column = columnOf(table, error.message);
  return { kind: 'refuse', reason: error.message, ...(column === undefined ? {} : { column }) };
}

function checkFound({ table }: Plan, line: ImportLineDocument, people: readonly StoredResource[]): void {
  const column = (table.indexes.get(table.matchBy) ?? -1) + 1;
  if (people.length > 1) throw new LineFault(`Several people have this ${table.matchBy}.`, column);
  const isNamed = textIn(table, line, table.matchBy) !== '';
  if (table.matchBy === 'id' && isNamed && people.length === 0) throw new LineFault('There is nobody with this id.', column);
  if (table.matchBy !== 'id' && !isNamed) throw new LineFault(`The cell is empty by which the person is found: ${table.matchBy}.`, column);
}

const columnOfKey = ({ indexes }: Table, key: string) => [...indexes].flatMap(([field, index]) => (key.startsWith(`${field}|`) ? [index + 1] : []))[0];

async function changeOf(plan: Plan, line: ImportLineDocument, person: StoredResource | undefined): Promise<Pick<Planned, 'outcome' | 'person' | 'changeSet'>> {
  const { context, table, isTrial } = plan;
  const { wishes, changed } = askedOf(context, table, line, person);
  const id = person?.id ?? newId();
  const own = person ? await change(context, person, wishes, isTrial) : await prepareCreate(context, userType(context), id, newBody(table, line, wishes));
  const joined = await joins(plan, line, id, person);
  const [first, ...rest] = [...(own ? [own] : []), ...joined];
  if (!first) return { outcome: { kind: 'same' } };
  const fields = [...(own ? changed : []), ...(joined.length > 0 ? ['groups'] : [])];
  return { person: id, outcome: { kind: person ? 'change' : 'create', changed: fields }, changeSet: rest.length === 0 ? first : { ...first, also: [...(first.also ?? []), ...rest] } };
}

/** On the version that was looked at: whoever changes the person meanwhile is not undone. */
async function change(context: Context, person: StoredResource, wishes: readonly Wish[], isTrial: boolean): Promise<ChangeSet | undefined> {
  if (wishes.length === 0) return undefined;
  const Operations = wishes.map(({ path, value }): Json => (value === undefined ? { op: 'remove', path } : { op: 'replace', path, value }));
  const request = patchRequest(context, userType(context), person.id, { schemas: [MESSAGE.patchOp], Operations }, { matches: (version) => version === person.version });
  return prepareChange(context, { ...request, isTrial });
}

/** Somebody new is called by their address where the file has no user names. */
function newBody(table: Table, line: ImportLineDocument, wishes: readonly Wish[]): Json {
  const userName = textIn(table, line, 'userName') || textIn(table, line, 'email');
  if (userName === '') throw new LineFault('Somebody new needs a user name or an e-mail address.', (table.indexes.get('userName') ?? table.indexes.get('email') ?? -1) + 1 || undefined);
  const body: Record<string, Json> = { schemas: [SCHEMA.user], userName };
  for (const { path, value } of wishes) {
    if (value === undefined) continue;
    const [, holder = path, name] = /^(urn:.*):(\w+)$/.exec(path) ?? /^(\w+)\.(\w+)$/.exec(path) ?? [];
    const held = body[holder];
    body[holder] = name === undefined ? value : { ...(isObject(held) ? held : {}), [name]: value };
  }
  return body;
}

/** Memberships that there are not yet; nobody leaves a group by an import. */
async function joins({ context, table, groups, memberOf }: Plan, line: ImportLineDocument, id: string, person: StoredResource | undefined): Promise<readonly ChangeSet[]> {
  const asked = groupsAsked(table, line);
  if (asked.length === 0) return [];
  const column = (table.indexes.get('groups') ?? 0) + 1;
  const wanted = asked.map((name) => {
    const [group, another] = groups.get(fold(name)) ?? [];
    if (!group) throw new LineFault(`There is no group ${JSON.stringify(name)}.`, column);
    if (another) throw new LineFault(`There are several groups ${JSON.stringify(name)}.`, column);
    return group.id;
  });
  const held = person ? await memberOf(id) : new Set<string>();
  try {
    const changeSets = await Promise.all(wanted.filter((group) => !held.has(group)).map((group) => membership(context, group, id, 'join')));
    return changeSets.flatMap((changeSet) => changeSet ?? []);
  } catch (error) {
    throw error instanceof ScimError && error.status < 500 ? new LineFault(error.message, column) : error;
  }
}

async function findGroups(context: Context, table: Table, lines: readonly ImportLineDocument[]): Promise<Pick<Plan, 'groups' | 'memberOf'>> {
  const names = [...new Set(lines.flatMap((line) => (line.cells.length === table.width ? groupsAsked(table, line).map(fold) : [])))];
  const type = groupType(context.scope);
  const found = names.length === 0 ? [] : await findManyBy(context.scope, type, 'displayName', names);
  const byName = groupedBy(found, ({ attributes }) => fold(textAt(attributes, 'displayName') ?? ''));
  return { groups: byName, memberOf: async (person) => new Set(((await groupsOf(context.scope, [person])).get(person) ?? []).filter(({ direct }) => direct).map(({ group }) => group.id)) };
}

/** Everybody whom one of the lines may be about, in one query. */
async function findPeople(context: Context, table: Table, lines: readonly ImportLineDocument[]): Promise<ReadonlyMap<string, readonly StoredResource[]>> {
  const { scope, principal } = context;
  const type = userType(context);
  const { matchBy } = table;
  const names = [...new Set(lines.flatMap((line) => spellings(table, line, matchBy)))];
  const folded = [...new Set(names.map(fold))];
  const found = names.length === 0 ? [] : await {
    id: async () => [...(await findMany(scope, type, names)).values()],
    userName: () => findManyBy(scope, type, 'userName', folded),
    // Only the one address by which a person is called.
    email: () => findByAddress(context, folded),
    externalId: () => findManyByExternalId(scope, type, principal.client, names),
  }[matchBy]();
  return groupedBy(found, (person) => nameOf(context, person, matchBy));
}

/** An address may be that of thousands: then each is looked up alone, and some of its people are enough to know that they are several. */
async function findByAddress({ scope }: Context, addresses: readonly string[]): Promise<readonly StoredResource[]> {
  const type = userType({ scope });
  const together = await findManyBy(scope, type, 'emails.value', addresses, MOST_TOGETHER);
  if (together.length < MOST_TOGETHER) return together;
  return (await Promise.all(addresses.map((address) => findManyBy(scope, type, 'emails.value', [address], MOST_OF_ONE)))).flat();
}

const MOST_TOGETHER = 1000;
const MOST_OF_ONE = 20;

function groupedBy(resources: readonly StoredResource[], nameOf: (resource: StoredResource) => string): ReadonlyMap<string, readonly StoredResource[]> {
  const groups = new Map<string, StoredResource[]>();
  for (const resource of resources) groups.set(nameOf(resource), [...(groups.get(nameOf(resource)) ?? []), resource]);
  return groups;
}

function nameOf({ principal }: Context, person: StoredResource, matchBy: Matching): string {
  switch (matchBy) {
    case 'id':
      return person.id;
    case 'userName':
      return fold(userNameOf(person.attributes));
    case 'email':
      return fold(addressOf(person.attributes) ?? '');
    case 'externalId':
      return person.externalIds.find(({ client }) => client === principal.client)?.id ?? '';
  }
}

function peopleOf({ found, table }: Plan, line: ImportLineDocument): readonly StoredResource[] {
  const { matchBy } = table;
  const people = spellings(table, line, matchBy).flatMap((text) => found.get(matchBy === 'userName' || matchBy === 'email' ? fold(text) : text) ?? []);
  return [...new Map(people.map((person) => [person.id, person])).values()];
}

/** The first line with each key, among those before and these. */
async function earlierLines({ scope }: Context, { _id }: ImportDocument, table: Table, lines: readonly ImportLineDocument[]): Promise<ReadonlyMap<string, number>> {
  const [first] = lines;
  const keys = lines.flatMap((line) => (line.cells.length === table.width ? keysOf(table, line) : []));
  const known = first && keys.length > 0 ? await linesWithKeys(scope, _id, first.number, keys) : [];
  const all = [...known.map((line) => ({ line: line.line, keys: line.keys ?? [] })), ...lines.map((line) => ({ line: line.line, keys: line.cells.length === table.width ? keysOf(table, line) : [] }))];
  const earliest = new Map<string, number>();
  for (const { line, keys: held } of all) for (const key of held) earliest.set(key, Math.min(line, earliest.get(key) ?? line));
  return earliest;
}
