/** Reading a log: newest first, by a filter on a few flat attributes, page after page by the place of the last entry. */
import type { mongo } from 'mongoose';
import { invalidFilter, quote } from '../errors.ts';
import type { FilterNode, Literal, Operator } from '../scim/filter.ts';
import type { AuditDocument, ProvisioningDocument } from './documents.ts';
import type { TenantScope } from './store.ts';

/** Attribute name to field and type. Names are case-insensitive, as in SCIM. */
type LogFields = Readonly<Record<string, { readonly field: string; readonly type: 'text' | 'instant' | 'number' }>>;

const AUDIT_FIELDS: LogFields = {
  at: { field: 'at', type: 'instant' },
  action: { field: 'action', type: 'text' },
  by: { field: 'by.id', type: 'text' },
  bykind: { field: 'by.kind', type: 'text' },
  on: { field: 'on.id', type: 'text' },
  ontype: { field: 'on.type', type: 'text' },
  request: { field: 'request', type: 'text' },
  changed: { field: 'changed', type: 'text' },
  refused: { field: 'refused', type: 'text' },
};

const PROVISIONING_FIELDS: LogFields = {
  at: { field: 'at', type: 'instant' },
  client: { field: 'client', type: 'text' },
  method: { field: 'method', type: 'text' },
  endpoint: { field: 'endpoint', type: 'text' },
  status: { field: 'status', type: 'number' },
  outcome: { field: 'outcome', type: 'text' },
  request: { field: 'request', type: 'text' },
  on: { field: 'operations.id', type: 'text' },
  tolerance: { field: 'tolerances', type: 'text' },
};

export interface Logs {
  readonly audit: AuditDocument;
  readonly provisioning: ProvisioningDocument;
}
const FIELDS: Readonly<Record<keyof Logs, LogFields>> = { audit: AUDIT_FIELDS, provisioning: PROVISIONING_FIELDS };

/** Whose entries alone are meant. */
export interface LogOwner {
  readonly client?: string;
}

export interface LogQuery {
  readonly own: LogOwner;
  readonly filter: FilterNode | undefined;
  readonly place: LogPlace | undefined;
  readonly limit: number;
}

export interface LogPlace {
  readonly at: string;
  readonly id: string;
}

type Query = mongo.Document;

/** The newest first. @throws ScimError 400 invalidFilter */
export async function readLog<Name extends keyof Logs>({ tenant, store }: TenantScope, name: Name, query: LogQuery): Promise<readonly Logs[Name][]> {
  const filter = queryOf(tenant, query, FIELDS[name]);
  // Each log's collection holds its own documents.
  const collection = store.collections[name] as unknown as mongo.Collection<{ _id: string; at: Date }>; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
  const found = await collection.find(filter, { maxTimeMS: store.limits.operationMs }).sort({ at: -1, _id: -1 }).limit(query.limit).toArray();
  return found as unknown as readonly Logs[Name][]; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}

function compileLogFilter(node: FilterNode, fields: LogFields, tenant: string): Query {
  switch (node.kind) {
    case 'and':
    case 'or':
      return { [`$${node.kind}`]: node.nodes.map((inner) => ({ t: tenant, $and: [compileLogFilter(inner, fields, tenant)] })) };
    case 'not':
      return { $nor: [compileLogFilter(node.node, fields, tenant)] };
    case 'present':
      return { [fieldOf(fields, node.path).field]: { $exists: true, $ne: [] } };
    case 'compare': {
      const { field, type } = fieldOf(fields, node.path);
      return { [field]: condition(node.operator, valueOf(type, node.value, node.path)) };
    }
    case 'element':
      throw invalidFilter(`${node.path} has no parts to filter by.`);
  }
}

function fieldOf(fields: LogFields, path: string): LogFields[string] {
  const name = path.toLowerCase();
  const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!found) throw invalidFilter(`There is no ${quote(path)} in this log; there are ${Object.keys(fields).join(', ')}.`);
  return found;
}

function valueOf(type: LogFields[string]['type'], value: Literal, path: string): string | number | Date {
  if (type === 'number' && typeof value === 'number') return value;
  if (type === 'text' && typeof value === 'string') return value;
  const instant = type === 'instant' && typeof value === 'string' ? new Date(value) : undefined;
  if (instant && !Number.isNaN(instant.getTime())) return instant;
  throw invalidFilter(`${path} must be compared with ${{ text: 'text', number: 'a number', instant: 'an instant like 2026-11-21T09:00:00Z' }[type]}.`);
}

function condition(operator: Operator, value: string | number | Date): object {
  const pattern = () => {
    if (typeof value !== 'string') throw invalidFilter(`${operator} compares text alone.`);
    return value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  };
  switch (operator) {
    case 'eq':
      return { $eq: value };
    case 'ne':
      return { $ne: value };
    case 'gt':
      return { $gt: value };
    case 'ge':
      return { $gte: value };
    case 'lt':
      return { $lt: value };
    case 'le':
      return { $lte: value };
    case 'co':
      return { $regex: pattern() };
    case 'sw':
      return { $regex: `^${pattern()}` };
    case 'ew':
      return { $regex: `${pattern()}\\z` };
  }
}

function queryOf(tenant: string, { own, filter, place }: LogQuery, fields: LogFields): Query {
  const conditions = [
    ...(filter ? [compileLogFilter(filter, fields, tenant)] : []),
    ...(place ? [{ $or: [{ t: tenant, at: { $lt: new Date(place.at) } }, { t: tenant, at: new Date(place.at), _id: { $lt: place.id } }] }] : []),
  ];
  return { t: tenant, ...own, ...(conditions.length > 0 ? { $and: conditions } : {}) };
}
