/** Queries on one resource type or on all of them: RFC 7644 section 3.4.2. */
import { tooMany } from '../errors.ts';
import { parseFilter } from '../scim/filter.ts';
import type { ListRequest } from '../scim/list-request.ts';
import { planProjection } from '../scim/project.ts';
import { resolveFilter, resolveSort, type ResolveOptions } from '../scim/resolve.ts';
import type { ResourceType } from '../scim/schema.ts';
import { isTimeLimit } from '../store/mongo-errors.ts';
import { listResources, listSorted, type ListQuery, type Page } from '../store/resources.ts';
import { authorize, readOptions, scopeOf, type Context } from './context.ts';
import { present, type Presented } from './present.ts';
import { getStored } from './read.ts';

export interface Listed {
  readonly totalResults: number;
  readonly startIndex: number;
  readonly resources: readonly Presented[];
}

/** @throws ScimError 400 invalidFilter, invalidValue, tooMany; 403 */
export async function list(context: Context, type: ResourceType, request: ListRequest): Promise<Listed> {
  authorize(context, type, 'read');
  const query = queryOf(context, type, request, { tolerances: context.tolerances });
  const page = await inTime(listResources(context.scope, query));
  return { totalResults: page.total, startIndex: request.startIndex, resources: await presentPage(context, request, page) };
}

/** A filter on one resource: the list of it, or of nothing (decision 8). @throws ScimError 404 for an id that does not exist */
export async function listOne(context: Context, type: ResourceType, id: string, request: ListRequest): Promise<Listed> {
  authorize(context, type, 'read');
  await getStored(context, type, id);
  const filter = `id eq ${JSON.stringify(id)} and (${request.filter ?? ''})`;
  return list(context, type, { ...request, filter });
}

/**
 * A query at the root: all types the caller may read, in the order of the registry, or in one common order where it sorts. A name that a
 * type lacks has no value there (R-QUERY-4).
 */
export async function listAll(context: Context, request: ListRequest): Promise<Listed> {
  const types = context.registry.resourceTypes.filter((type) => context.principal.scopes.has(scopeOf(type, 'read')));
  const options: ResolveOptions = { tolerances: context.tolerances, unknown: 'valueless' };
  const queries = types.map((type) => queryOf(context, type, request, options));
  const page = await inTime(request.sortBy === undefined ? oneAfterTheOther(context, queries) : listSorted(context.scope, queries));
  return { totalResults: page.total, startIndex: request.startIndex, resources: await presentPage(context, request, page) };
}

function queryOf(context: Context, type: ResourceType, request: ListRequest, options: ResolveOptions): ListQuery {
  const parsed = request.filter === undefined ? undefined : parseFilter(request.filter, readOptions(context));
  return {
    type,
    filter: parsed && resolveFilter(type, parsed, options),
    sortBy: request.sortBy === undefined ? undefined : resolveSort(type, request.sortBy, options),
    descending: request.descending,
    skip: request.startIndex - 1,
    limit: request.count,
    client: context.principal.client,
  };
}

async function oneAfterTheOther(context: Context, queries: readonly ListQuery[]): Promise<Page> {
  let total = 0;
  const entries: Page['entries'][number][] = [];
  for (const query of queries) {
    const skip = Math.max(query.skip - total, 0);
    const page = await listResources(context.scope, { ...query, skip, limit: query.limit - entries.length });
    entries.push(...page.entries);
    total += page.total;
  }
  return { total, entries };
}

async function presentPage(context: Context, request: ListRequest, { entries }: Page): Promise<readonly Presented[]> {
  const presented = new Map<string, Presented>();
  for (const type of new Set(entries.map((entry) => entry.type))) {
    const projection = planProjection(type, request, context.tolerances);
    const resources = entries.filter((entry) => entry.type === type).map(({ resource }) => resource);
    for (const resource of await present(context, type, resources, projection)) presented.set(resource.id, resource);
  }
  // A projection that contradicts itself is refused on an empty page too.
  for (const type of context.registry.resourceTypes) planProjection(type, request, context.tolerances);
  return entries.flatMap(({ resource }) => presented.get(resource.id) ?? []);
}

/** A query that cannot be answered in time asks for too much (R-QUERY-5). */
async function inTime<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (isTimeLimit(cause)) throw tooMany('The query takes too long. Filter on an indexed attribute, or ask for less.');
    throw cause;
  }
}
