/**
 * Resolved filter to a MongoDB query. For every document it must keep what `match` keeps: `test/properties/filter-contract.test.ts`.
 * Values enter as values, never as operators; text becomes a pattern only escaped.
 */
import type { mongo } from 'mongoose';
import type { Operator } from '../scim/filter.ts';
import type { AttributePath } from '../scim/path.ts';
import { versionIn } from '../scim/resolve.ts';
import type { Comparable, ResolvedFilter } from '../scim/resolved-filter.ts';
import { simplify } from '../scim/simplify.ts';
import type { Attribute, ResourceType } from '../scim/schema.ts';
import type { ResourceDocument } from './documents.ts';
import { fieldOf } from './fields.ts';

export type Query = mongo.Filter<ResourceDocument>;
type EdgeFilter = Extract<ResolvedFilter, { kind: 'edge' }>;

export interface CompileContext {
  readonly type: ResourceType;
  readonly tenant: string;
  /** Whose externalId is meant. */
  readonly client: string;
  /** Answers the edges, which have been looked up before: a condition on the resource itself. */
  readonly edge: (edge: EdgeFilter) => Query;
}

/** The query with the tenant in it, and in each branch of every `or`: hoisted above, a branch would be scanned across tenants. */
export function compileFilter(filter: ResolvedFilter, context: CompileContext): Query {
  return branch(simplify(filter), context);
}

const branch = (filter: ResolvedFilter, context: CompileContext): Query => ({ t: context.tenant, $and: [compile(filter, context)] });

/** MongoDB answers this without looking. Only as a whole query: negated, inside an `or` and sorted it gave a wrong answer (6.0.5). */
const NOTHING: Query = { _id: { $in: [] } };

/** The same for use inside a query: versions begin at 1. */
const NONE: Query = { v: { $lt: 0 } };

/** An answer about edges as a condition on the resource: one of these ids, or of these group keys. */
export const among = (field: '_id' | 'gk', values: readonly string[]): Query => (values.length === 0 ? NONE : { [field]: { $in: [...values] } });

function compile(filter: ResolvedFilter, context: CompileContext): Query {
  switch (filter.kind) {
    case 'and':
      return { $and: filter.nodes.map((node) => compile(node, context)) };
    case 'or':
      return { $or: filter.nodes.map((node) => branch(node, context)) };
    case 'not':
      return { $nor: [compile(filter.node, context)] };
    case 'compare':
      return compileComparison(filter.path, filter.operator, filter.value, context);
    case 'present':
      return compilePresence(filter.path, context);
    case 'element':
      return { [fieldOf(context.type, filter.path)]: { $elemMatch: compileElement(filter.node) } };
    case 'edge':
      return context.edge(filter);
    case 'constant':
      return filter.value ? {} : NOTHING;
  }
}

function compileComparison(path: AttributePath, operator: Operator, value: Comparable, context: CompileContext): Query {
  if (isCommon(path, 'externalId')) return externalId(context, operator, value);
  if (isCommon(path, 'meta') && path.sub?.name === 'version') return version(operator, value);
  const field = fieldOf(context.type, path);
  if (!path.attribute.multiValued) return { [field]: condition(operator, value) };
  // A condition on an array field holds per bound, not per element: $gte and $lt may be met by two different ones. So $elemMatch.
  if (operator === 'eq') return { [field]: value };
  const list = fieldOf(context.type, { ...path, sub: undefined });
  const some = { [list]: { $elemMatch: path.sub ? { [path.sub.name]: condition(operator, value) } : condition(operator, value) } };
  return operator === 'ne' ? { $or: [{ t: context.tenant, [list]: { $exists: false } }, { t: context.tenant, ...some }] } : some;
}

const isCommon = ({ extension, attribute }: AttributePath, name: string) => !extension && attribute.name === name;

/** A client sees only the externalId that it gave itself; `ne` also holds for resources without one. */
function externalId({ client }: CompileContext, operator: Operator, value: Comparable): Query {
  if (operator === 'ne') return { $nor: [{ ext: { $elemMatch: { client, id: value } } }] };
  const some: Query = { ext: { $elemMatch: { client, id: condition(operator, value) } } };
  // Only `eq` may use the index on client and id: with a pattern, MongoDB 6.0.5 takes the half that the index cannot answer out of the
  // element and into the branches of an `or` beside it, where `id` is nothing. Negated twice it means the same and is left alone.
  return operator === 'eq' ? some : { $nor: [{ $nor: [some] }] };
}

function version(operator: Operator, value: Comparable): Query {
  const number = versionIn(String(value)) ?? 0;
  return operator === 'ne' ? { v: { $ne: number } } : { v: number };
}

/** An operator as MongoDB writes it; text becomes a pattern only escaped. */
export function condition(operator: Operator, value: Comparable | Date): object {
  switch (operator) {
    case 'eq':
      return { $eq: value };
    case 'ne':
      return { $ne: value };
    case 'co':
      return { $regex: escapePattern(value) };
    // An anchored pattern uses the index. A range would end at "\uffff" and lose emoji.
    case 'sw':
      return { $regex: `^${escapePattern(value)}` };
    // `$` would also match before a final line break.
    case 'ew':
      return { $regex: `${escapePattern(value)}\\z` };
    case 'gt':
      return { $gt: value };
    case 'ge':
      return { $gte: value };
    case 'lt':
      return { $lt: value };
    case 'le':
      return { $lte: value };
  }
}

/** Text as a pattern that matches it and nothing else. */
export const escapePattern = (value: Comparable | Date) => String(value).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Nothing empty is stored but text, and empty text is not present (decision 25). */
function compilePresence(path: AttributePath, context: CompileContext): Query {
  const { attribute, sub } = path;
  if (isCommon(path, 'externalId')) return externalId(context, 'gt', '');
  const field = fieldOf(context.type, { ...path, sub: undefined });
  const parts = sub ? [sub] : storedParts(attribute);
  if (attribute.multiValued) {
    return { [field]: parts.length > 0 ? { $elemMatch: { $or: parts.map((part) => ({ [part.name]: presence(part) })) } } : presence(attribute) };
  }
  if (parts.length === 0) return { [field]: presence(attribute) };
  return { $or: parts.map((part) => ({ t: context.tenant, [`${field}.${part.name}`]: presence(part) })) };
}

const storedParts = (attribute: Attribute) => Array.from(attribute.subAttributes.values()).filter((part) => part.source === 'stored' && part.returned !== 'never');

const isText = ({ type }: Attribute) => type === 'string' || type === 'reference' || type === 'binary';

function presence(attribute: Attribute): object {
  if (attribute.multiValued) return { $elemMatch: isText(attribute) ? { $gt: '' } : { $exists: true } };
  return isText(attribute) ? { $gt: '' } : { $exists: true };
}

/** Inside one element the paths are the element's own. */
function compileElement(filter: ResolvedFilter): Query {
  switch (filter.kind) {
    case 'and':
      return { $and: filter.nodes.map(compileElement) };
    case 'or':
      return { $or: filter.nodes.map(compileElement) };
    case 'not':
      return { $nor: [compileElement(filter.node)] };
    case 'compare':
      return { [filter.path.attribute.name]: condition(filter.operator, filter.value) };
    case 'present':
      return { [filter.path.attribute.name]: presence(filter.path.attribute) };
    case 'constant':
      return filter.value ? {} : { $nor: [{}] };
    case 'element':
    case 'edge':
      throw new Error(`a ${filter.kind} filter cannot stand in a value path`);
  }
}
