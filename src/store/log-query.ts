/** Reading a log: newest first, by a filter on a few flat attributes, page after page by the place of the last entry. */
import type { mongo } from 'mongoose';
import { invalidFilter, quote } from '../errors.ts';
import type { FilterNode, Literal, Operator } from '../scim/filter.ts';
import { condition } from './compile-filter.ts';
import type { AuditDocument, ProvisioningDocument } from './documents.ts';
import type { Store, TenantScope } from './store.ts';

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

const inOrder = { sort: { at: -1, _id: -1 } } as const;

const reads: { readonly [Name in keyof Logs]: (store: Store, filter: Query, options: mongo.FindOptions) => Promise<readonly Logs[Name][]> } = {
  audit: ({ collections }, filter, options) => collections.audit.find(filter, options).toArray(),
  provisioning: ({ collections }, filter, options) => collections.provisioning.find(filter, options).toArray(),
};

/** The newest first. @throws ScimError 400 invalidFilter */
export async function readLog<Name extends keyof Logs>({ tenant, store }: TenantScope, name: Name, query: LogQuery): Promise<readonly Logs[Name][]> {
  return reads[name](store, queryOf(tenant, query, FIELDS[name]), { ...inOrder, limit: query.limit, maxTimeMS: store.limits.operationMs });
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
      return { [field]: conditionOn(node.operator, valueOf(type, node.value, node.path)) };
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

const TEXT_ONLY: readonly Operator[] = ['co', 'sw', 'ew'];

function conditionOn(operator: Operator, value: string | number | Date): object {
  if (TEXT_ONLY.includes(operator) && typeof value !== 'string') throw invalidFilter(`${operator} compares text alone.`);
  return condition(operator, value);
}

function queryOf(tenant: string, { own, filter, place }: LogQuery, fields: LogFields): Query {
  const conditions = [
    ...(filter ? [compileLogFilter(filter, fields, tenant)] : []),
    ...(place ? [{ $or: [{ t: tenant, at: { $lt: new Date(place.at) } }, { t: tenant, at: new Date(place.at), _id: { $lt: place.id } }] }] : []),
  ];
  return { t: tenant, ...own, ...(conditions.length > 0 ? { $and: conditions } : {}) };
}
