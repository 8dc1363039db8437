/** What the files in `schemas/` must look like, checked once at the start: a wrong file stops it with the file and the place. */
import { Ajv, type JSONSchemaType, type ValidateFunction } from 'ajv';
import { StartError } from '../errors.ts';
import type { SchemaDefinition, StorageEntry } from './schema.ts';

export interface ResourceTypeDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly endpoint: string;
  readonly schema: string;
  readonly schemaExtensions: readonly { readonly schema: string; readonly required: boolean }[];
}

/** By resource type; what an entry leaves out is empty. */
export type StorageFile = Readonly<Record<string, Partial<StorageEntry>>>;

const text = { type: 'string', minLength: 1 } as const;
const urn = { type: 'string', pattern: '^urn:[A-Za-z0-9][A-Za-z0-9:._-]*$' } as const;
/** RFC 7643 section 2.1 with erratum 8924: `$ref` must parse. */
const attributeName = { type: 'string', pattern: '^(\\$ref|[A-Za-z][A-Za-z0-9$_-]*)$' } as const;

const attribute = {
  type: 'object',
  required: ['name', 'type', 'multiValued', 'description'],
  additionalProperties: false,
  properties: {
    name: attributeName,
    type: { enum: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference', 'complex'] },
    multiValued: { type: 'boolean' },
    description: { type: 'string' },
    required: { type: 'boolean' },
    caseExact: { type: 'boolean' },
    mutability: { enum: ['readOnly', 'readWrite', 'immutable', 'writeOnly'] },
    returned: { enum: ['always', 'never', 'default', 'request'] },
    uniqueness: { enum: ['none', 'server', 'global'] },
    canonicalValues: { type: 'array', items: text },
    referenceTypes: { type: 'array', items: text, minItems: 1 },
    subAttributes: { type: 'array', items: { $ref: '#/$defs/attribute' } },
  },
  if: { properties: { type: { const: 'complex' } } },
  then: { required: ['subAttributes'] },
} as const;

const schemaFile = {
  $defs: { attribute },
  type: 'object',
  required: ['id', 'name', 'description', 'attributes'],
  properties: { id: urn, name: text, description: { type: 'string' }, attributes: { type: 'array', minItems: 1, items: { $ref: '#/$defs/attribute' } } },
} as const;

const resourceTypeFile = {
  type: 'array',
  items: {
    type: 'object',
    required: ['id', 'name', 'description', 'endpoint', 'schema', 'schemaExtensions'],
    properties: {
      id: text,
      name: text,
      description: { type: 'string' },
      endpoint: { type: 'string', pattern: '^/[A-Za-z][A-Za-z0-9-]*$' },
      schema: urn,
      schemaExtensions: {
        type: 'array',
        items: { type: 'object', required: ['schema', 'required'], properties: { schema: urn, required: { type: 'boolean' } } },
      },
    },
  },
} as const;

const pathList = (...names: string[]) => ({
  type: 'array',
  items: { type: 'object', required: names, properties: Object.fromEntries(names.map((name) => [name, text])) },
});

const search = {
  type: 'object',
  required: ['names', 'texts', 'serves'],
  additionalProperties: false,
  properties: {
    name: { type: 'object', required: ['given', 'infix', 'family'], additionalProperties: false, properties: { given: text, infix: text, family: text } },
    names: { type: 'array', items: text },
    texts: { type: 'array', items: text },
    roles: text,
    status: text,
    companies: { type: 'object', required: ['contact', 'registered', 'login', 'customer'], additionalProperties: false, properties: { contact: text, registered: text, login: text, customer: text } },
    serves: text,
  },
} as const;

const storageFile = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    properties: {
      collection: { type: 'string', pattern: '^[a-z][a-z0-9]*$' },
      extensions: { type: 'object', additionalProperties: { type: 'string', pattern: '^[a-z][A-Za-z0-9]*$' } },
      unique: pathList('path', 'serves'),
      claims: pathList('kind', 'path', 'serves'),
      indexes: pathList('path', 'serves'),
      edges: { type: 'object', additionalProperties: { enum: ['members', 'memberOf'] } },
      computed: { type: 'array', items: text },
      references: pathList('path', 'type', 'display'),
      defaults: { type: 'object' },
      keptWhenOmitted: { type: 'array', items: text },
      optIn: { type: 'boolean' },
      optInExtensions: { type: 'array', items: urn },
      search,
    },
  },
} as const;

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });

// Each schema above describes the type it is compiled for; ajv's own typing cannot express readonly and recursive definitions.
const compile = <T>(schema: object): ValidateFunction<T> => ajv.compile<T>(schema as JSONSchemaType<T>); // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion

export const checkSchema = checker(compile<SchemaDefinition>(schemaFile));
export const checkResourceTypes = checker(compile<readonly ResourceTypeDefinition[]>(resourceTypeFile));
export const checkStorage = checker(compile<StorageFile>(storageFile));

function checker<T>(validate: ValidateFunction<T>): (file: string, content: unknown) => T {
  return (file, content) => {
    if (validate(content)) return content;
    const places = (validate.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message ?? 'is wrong'}`);
    throw new StartError(`${file} is not usable: ${places.join('; ')}.`);
  };
}
