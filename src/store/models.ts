/**
 * Mongoose models and indexes, generated from `schemas/`. Mongoose declares collections, types and indexes; reads and writes go through the
 * native collections (a hydrated read costs 1.5 times the processor time, a `save()` 3.5 times: docs/decisions.md).
 */
import mongoose from 'mongoose';
import { resolveName, type AttributePath } from '../scim/path.ts';
import type { Attribute, ResourceType } from '../scim/schema.ts';
import { fieldOf, shortKey } from './fields.ts';
import { SEARCH_INDEXES } from './search-keys.ts';

type Definition = mongoose.SchemaDefinition;

/** `type` is an attribute name in SCIM, so mongoose must not take it for its own word. */
const OPTIONS = { typeKey: '$type', _id: false, id: false, strict: 'throw', autoIndex: false, autoCreate: false, versionKey: false, minimize: false } as const;

const SEARCH = new mongoose.Schema({ st: { $type: String }, r: { $type: [String] }, n: { $type: String }, i: { $type: String }, s: { $type: [String] } }, OPTIONS);

export function defineModel(connection: mongoose.Connection, type: ResourceType): void {
  const attributes = attributesDefinition(type);
  const schema = new mongoose.Schema<Definition>(
    {
      _id: { $type: String, required: true },
      t: { $type: String, required: true },
      v: { $type: Number, required: true },
      created: { $type: String, required: true },
      lastModified: { $type: String, required: true },
      ext: { $type: [new mongoose.Schema({ client: { $type: String }, id: { $type: String } }, OPTIONS)], default: undefined },
      a: { $type: new mongoose.Schema(attributes, OPTIONS) },
      k: { $type: new mongoose.Schema({ ...attributes, schemas: { $type: [String], default: undefined }, ...(type.storage.search ? { _search: { $type: SEARCH } } : {}) }, OPTIONS) },
      p: { $type: String },
      mr: { $type: Number },
      cr: { $type: Number },
      gk: { $type: String },
      mc: { $type: Number },
    },
    { ...OPTIONS, collection: type.storage.collection },
  );
  for (const { fields, options } of indexesOf(type)) schema.index(fields, options);
  connection.model(type.name, schema, type.storage.collection);
}

function attributesDefinition(type: ResourceType): Definition {
  const extensions = type.extensions.map(({ schema }): [string, object] => [shortKey(type, schema.urn), { $type: new mongoose.Schema(definitionOf(schema.attributes), OPTIONS) }]);
  return { ...definitionOf(type.schema.attributes), ...Object.fromEntries(extensions) };
}

/** What is never returned is kept elsewhere, edges are rows of their own, and computed values are not kept at all. */
function definitionOf(attributes: ReadonlyMap<string, Attribute>): Definition {
  const stored = Array.from(attributes.values()).filter((attribute) => attribute.source === 'stored' && attribute.returned !== 'never');
  return Object.fromEntries(stored.map((attribute): [string, object] => {
    const single = attribute.type === 'complex' ? new mongoose.Schema(definitionOf(attribute.subAttributes), OPTIONS) : simpleType(attribute);
    return [attribute.name, attribute.multiValued ? { $type: [single], default: undefined } : { $type: single }];
  }));
}

function simpleType({ type }: Attribute): typeof String | typeof Number | typeof Boolean {
  if (type === 'boolean') return Boolean;
  return type === 'integer' || type === 'decimal' ? Number : String;
}

interface Index {
  readonly fields: Record<string, 1>;
  readonly options: { readonly unique?: boolean; readonly partialFilterExpression?: object };
}

/** Every index starts with the tenant, and ends with the id where pages are read in its order. */
function indexesOf(type: ResourceType): readonly Index[] {
  const holdsMembers = Object.values(type.storage.edges).includes('members');
  return [
    { fields: { t: 1, p: 1, _id: 1 }, options: {} },
    { fields: { t: 1, 'ext.client': 1, 'ext.id': 1 }, options: {} },
    ...type.storage.unique.map(({ path }) => uniqueIndex(type, namedPath(type, path))),
    ...type.storage.indexes.map(({ path }) => ({ fields: { t: 1, [fieldOf(type, namedPath(type, path))]: 1, _id: 1 } as const, options: {} })),
    ...(holdsMembers ? [{ fields: { t: 1, gk: 1 }, options: { unique: true } } as const] : []),
    ...(type.storage.search ? Object.values(SEARCH_INDEXES).map((fields) => ({ fields, options: {} })) : []),
  ];
}

/** Only values are unique: where the attribute may be absent, resources without it are left out. */
function uniqueIndex(type: ResourceType, path: AttributePath): Index {
  const field = fieldOf(type, path);
  const options = path.attribute.required ? {} : { partialFilterExpression: { [field]: { $exists: true } } };
  return { fields: { t: 1, [field]: 1 }, options: { unique: true, ...options } };
}

/** A path of `storage.json`, which the registry has checked. */
export function namedPath(type: ResourceType, path: string): AttributePath {
  const named = resolveName(type, path);
  if (named?.kind !== 'attribute') throw new Error(`${type.name} has no attribute ${path}`);
  return named.path;
}
