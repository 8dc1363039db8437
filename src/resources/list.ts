/** Queries on one resource type or on all of them: RFC 7644 section 3.4.2, pages by cursor RFC 9865. */
import { invalidFilter, tooMany } from '../errors.ts';
import { parseFilter } from '../scim/filter.ts';
import type { ListRequest } from '../scim/list-request.ts';
import { pathName } from '../scim/path.ts';
import { planProjection } from '../scim/project.ts';
import { resolveFilter, type ResolveOptions } from '../scim/resolve.ts';
import type { ResolvedFilter } from '../scim/resolved-filter.ts';
import { resolveSort } from '../scim/resolve-sort.ts';
import type { ResourceType } from '../scim/schema.ts';
import { countResources, readPage, readPageByType, readSortedPage, type Entry, type ListQuery, type Place, type Window } from '../store/list.ts';
import { edgesIn } from '../store/edge-filter.ts';
import { groupType } from '../store/memberships.ts';
import { isTimeLimit } from '../store/mongo-errors.ts';
import { findById } from '../store/resources.ts';
import { sortKeyOf } from '../store/sort.ts';
import { authorize, mayDo, readOptions, scopeOf, type Context } from './context.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { present, type Presented } from './present.ts';
import { getStored } from './read.ts';

export interface Listed {
  readonly totalResults: number;
  /** Undefined on pages by cursor. */
  readonly startIndex: number | undefined;
  readonly nextCursor: string | undefined;
  readonly previousCursor: string | undefined;
  readonly resources: readonly Presented[];
}

/** A list as it can be read: how many there are, and any page of it. */
interface Source {
  /** Where it is asked for: part of what a cursor is bound to. */
  readonly endpoint: string;
  readonly count: () => Promise<number>;
  readonly read: (window: Window) => Promise<readonly Entry[]>;
  readonly placeOf: (entry: Entry) => Place;
}

/** @throws ScimError 400 invalidFilter, invalidValue, tooMany, and for cursors invalidCursor, expiredCursor, invalidCount; 403 */
export async function list(context: Context, type: ResourceType, request: ListRequest): Promise<Listed> {
  authorize(context, type, 'read');
  return listBy(context, type, request, await queryOf(context, type, request, { tolerances: context.tolerances }));
}

function listBy(context: Context, type: ResourceType, request: ListRequest, query: ListQuery): Promise<Listed> {
  const { scope } = context;
  return page(context, request, {
    endpoint: type.endpoint,
    count: () => countResources(scope, query),
    read: (window) => readPage(scope, query, window),
    placeOf: ({ resource }) => ({ key: sortKeyOf(query, resource), id: resource.id, type: type.name }),
  });
}

/** A filter on one resource: the list of it, or of nothing (decision 8). @throws ScimError 404 for an id that does not exist */
export async function listOne(context: Context, type: ResourceType, id: string, request: ListRequest): Promise<Listed> {
  authorize(context, type, 'read');
  await getStored(context, type, id);
  const options: ResolveOptions = { tolerances: context.tolerances };
  const query = await queryOf(context, type, request, options);
  const itself = resolveFilter(type, { kind: 'compare', path: 'id', operator: 'eq', value: id }, options);
  return listBy(context, type, request, { ...query, filter: query.filter ? { kind: 'and', nodes: [itself, query.filter] } : itself });
}

/**
 * A query at the root: all types the caller may read, one after the other, or in one common order where it sorts. A name that a type lacks
 * has no value there (R-QUERY-4).
 */
export async function listAll(context: Context, request: ListRequest): Promise<Listed> {
  const { scope } = context;
  const types = context.registry.resourceTypes.filter((type) => mayDo(context.principal, scopeOf(type, 'read')));
  const options: ResolveOptions = { tolerances: context.tolerances, unknown: 'valueless' };
  const queries = await Promise.all(types.map((type) => queryOf(context, type, request, options)));
  return page(context, request, {
    // A walk ends where the caller may see another set of types (R-CUR-14).
    endpoint: `/${types.map(({ name }) => name).join(',')}`,
    count: async () => (await Promise.all(queries.map((query) => countResources(scope, query)))).reduce((sum, own) => sum + own, 0),
    read: (window) => (request.sortBy === undefined ? readPageByType(scope, queries, window) : readSortedPage(scope, queries, window)),
    placeOf: ({ type, resource }) => {
      const query = queries.find((candidate) => candidate.type === type);
      return { key: query && sortKeyOf(query, resource), id: resource.id, type: type.name };
    },
  });
}

async function queryOf(context: Context, type: ResourceType, request: ListRequest, options: ResolveOptions): Promise<ListQuery> {
  const parsed = request.filter === undefined ? undefined : parseFilter(request.filter, readOptions(context));
  if (parsed) context.report.filtered(parsed);
  const filter = parsed && resolveFilter(type, parsed, options);
  if (filter) refuseUnreadable(context, filter);
  return {
    type,
    filter: filter && (await withoutUnseen(context, type, filter)),
    sortBy: request.sortBy === undefined ? undefined : resolveSort(type, request.sortBy, options),
    descending: request.descending,
    client: context.principal.client,
  };
}

/** A filter cannot ask for what the caller may not read: groups by their members, people by their groups. */
function refuseUnreadable({ scope, principal }: Context, filter: ResolvedFilter): void {
  const groups = groupType(scope);
  if (edgesIn(filter).length > 0 && !mayDo(principal, scopeOf(groups, 'read'))) throw invalidFilter(`Memberships can be filtered with the scope ${scopeOf(groups, 'read')} only.`);
}

/** Nobody is found by a reference to somebody whom the caller does not see. */
async function withoutUnseen(context: Context, type: ResourceType, filter: ResolvedFilter): Promise<ResolvedFilter> {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { ...filter, nodes: await Promise.all(filter.nodes.map((node) => withoutUnseen(context, type, node))) };
    case 'not':
      return { ...filter, node: await withoutUnseen(context, type, filter.node) };
    case 'compare': {
      const path = pathName(filter.path);
      const reference = type.storage.references.find((candidate) => `${candidate.path}.value` === path);
      if (!reference || filter.operator !== 'eq' || !context.scope.audience) return filter;
      const seen = await findById(context.scope, context.scope.store.registry.type(reference.type), String(filter.value));
      return seen ? filter : { kind: 'constant', value: false };
    }
    case 'present':
    case 'element':
    case 'edge':
    case 'constant':
      return filter;
  }
}

async function page(context: Context, request: ListRequest, source: Source): Promise<Listed> {
  // A projection that contradicts itself is refused on an empty page too.
  for (const type of context.registry.resourceTypes) planProjection(type, request, context.tolerances);
  return inTime(request.cursor === undefined ? pageByIndex(context, request, source) : pageByCursor(context, request, source, request.cursor));
}

async function pageByIndex(context: Context, request: ListRequest, source: Source): Promise<Listed> {
  const skip = request.startIndex - 1;
  const entries = await source.read({ kind: 'index', skip, limit: request.count });
  // A page that is not full knows the total without counting.
  const isLast = entries.length < request.count && (entries.length > 0 || skip === 0);
  return {
    totalResults: isLast ? skip + entries.length : await source.count(),
    startIndex: request.startIndex,
    nextCursor: undefined,
    previousCursor: undefined,
    resources: await presentPage(context, request, entries),
  };
}

/** One resource more than asked is read, to know whether there is a page behind. */
async function pageByCursor(context: Context, request: ListRequest, source: Source, given: string): Promise<Listed> {
  const cursor = given === '' ? undefined : openCursor(context, request, source.endpoint, given);
  const count = cursor?.count ?? request.count;
  const backwards = cursor?.backwards ?? false;
  const total = cursor?.total ?? (await source.count());
  const found = count === 0 ? [] : await source.read({ kind: 'keyset', place: cursor?.place, backwards, limit: count + 1 });
  const hasMore = found.length > count;
  const entries = backwards ? found.slice(hasMore ? 1 : 0) : found.slice(0, count);
  const seal = (place: Place | undefined, back: boolean) => sealCursor(context, request, source.endpoint, { place, backwards: back, count, total });
  const first = entries[0] && source.placeOf(entries[0]);
  const last = entries.at(-1);
  return {
    totalResults: total,
    startIndex: undefined,
    // Where everything before a page has been deleted, what follows is the start.
    nextCursor: hasMore || backwards ? seal(last && source.placeOf(last), false) : undefined,
    previousCursor: first && (backwards ? hasMore : cursor?.place !== undefined) ? seal(first, true) : undefined,
    resources: await presentPage(context, request, entries),
  };
}

async function presentPage(context: Context, request: ListRequest, entries: readonly Entry[]): Promise<readonly Presented[]> {
  const presented = new Map<string, Presented>();
  for (const type of new Set(entries.map((entry) => entry.type))) {
    const projection = planProjection(type, request, context.tolerances);
    const resources = entries.filter((entry) => entry.type === type).map(({ resource }) => resource);
    for (const resource of await present(context, type, resources, projection)) presented.set(resource.id, resource);
  }
  return entries.flatMap(({ resource }) => presented.get(resource.id) ?? []);
}

/** A query that cannot be answered in time asks for too much (R-QUERY-5). */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (isTimeLimit(cause)) throw tooMany('The query takes too long. Filter on an indexed attribute, or ask for less.');
    throw cause;
  }
}
