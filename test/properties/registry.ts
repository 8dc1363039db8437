/** The shipped schemas and one resource type that no server has: every attribute type, singular and multi-valued, in every place. */
import { createRegistry, type Registry } from '../../src/scim/registry.ts';
import { readSchemaFolder } from '../../src/scim/schema-files.ts';
import type { AttributeDefinition, AttributeType, SchemaDefinition, StorageEntry } from '../../src/scim/schema.ts';
import { SCHEMAS } from '../helpers/app.ts';

export const THING = 'urn:example:params:scim:schemas:test:2.0:Thing';
/** Begins with the core URN: the longest one must win. */
export const EXTRA = `${THING}:Extra`;

const SIMPLE: readonly AttributeType[] = ['string', 'boolean', 'integer', 'decimal', 'dateTime', 'binary', 'reference'];

const attribute = (name: string, type: AttributeType, more: Partial<AttributeDefinition> = {}): AttributeDefinition => ({ name, type, multiValued: false, description: name, ...more });

/** One attribute of each simple type, and of those with case one each way. */
function ofEachType(prefix: string, more: Partial<AttributeDefinition> = {}): readonly AttributeDefinition[] {
  return [
    ...SIMPLE.map((type) => attribute(`${prefix}${type}`, type, { caseExact: type === 'binary', ...more })),
    attribute(`${prefix}exactString`, 'string', { caseExact: true, ...more }),
    attribute(`${prefix}exactReference`, 'reference', { caseExact: true, ...more }),
  ];
}

const PRIMARY = attribute('primary', 'boolean');
const TYPE = attribute('type', 'string');

export const THING_SCHEMA = {
  id: THING,
  name: 'Thing',
  description: 'A resource type for tests',
  attributes: [
    attribute('label', 'string', { required: true }),
    ...ofEachType('one-'),
    ...ofEachType('many-', { multiValued: true }),
    attribute('part', 'complex', { subAttributes: [...ofEachType(''), attribute('value', 'string')] }),
    attribute('parts', 'complex', { multiValued: true, subAttributes: [...ofEachType(''), attribute('value', 'string'), TYPE, PRIMARY] }),
    attribute('counts', 'complex', { multiValued: true, subAttributes: [attribute('value', 'integer'), TYPE, PRIMARY] }),
    attribute('places', 'complex', { multiValued: true, subAttributes: [attribute('street$', 'string'), attribute('link', 'reference'), TYPE, PRIMARY] }),
    attribute('serial', 'string', { mutability: 'immutable' }),
    attribute('secret', 'string', { returned: 'never', mutability: 'writeOnly' }),
    attribute('onRequest', 'string', { returned: 'request' }),
    attribute('kept', 'string', { returned: 'always' }),
  ],
} as const;

const EXTRA_SCHEMA = {
  id: EXTRA,
  name: 'Extra',
  description: 'Its extension',
  attributes: [
    ...ofEachType('x-'),
    attribute('label', 'string'),
    attribute('pieces', 'complex', { multiValued: true, subAttributes: [attribute('value', 'string', { caseExact: true }), attribute('size', 'decimal'), TYPE, PRIMARY] }),
    attribute('detail', 'complex', { subAttributes: ofEachType('') }),
  ],
} as const;

export const DEVICE = 'urn:example:params:scim:schemas:test:2.0:Device';
export const DEVICE_EXTRA = 'urn:example:params:scim:schemas:test:extra:2.0:Device';

/** Every mutability in every place: what a PATCH may and may not touch. */
const DEVICE_SCHEMA = {
  id: DEVICE,
  name: 'Device',
  description: 'A resource type for tests of PATCH',
  attributes: [
    attribute('label', 'string', { required: true }),
    ...['integer', 'decimal', 'dateTime', 'binary', 'reference', 'boolean'].map((type) => attribute(`one-${type}`, type as AttributeType)),
    attribute('tags', 'string', { multiValued: true }),
    attribute('serial', 'string', { mutability: 'immutable' }),
    attribute('stamp', 'string', { mutability: 'readOnly' }),
    attribute('spec', 'complex', {
      subAttributes: [attribute('kind', 'string', { required: true }), attribute('note', 'string'), attribute('made', 'string', { mutability: 'immutable' }), attribute('checked', 'string', { mutability: 'readOnly' })],
    }),
    attribute('parts', 'complex', {
      multiValued: true,
      subAttributes: [
        attribute('value', 'string'), TYPE, PRIMARY, attribute('display', 'string'), attribute('issued', 'string', { mutability: 'immutable' }), attribute('checked', 'string', { mutability: 'readOnly' }),
      ],
    }),
    attribute('spots', 'complex', { multiValued: true, subAttributes: [attribute('street', 'string'), TYPE, PRIMARY] }),
  ],
} as const;

const DEVICE_EXTRA_SCHEMA = {
  id: DEVICE_EXTRA,
  name: 'DeviceExtra',
  description: 'Its extension',
  attributes: [
    attribute('room', 'string'),
    attribute('floors', 'integer', { multiValued: true }),
    attribute('owner', 'complex', { subAttributes: [attribute('value', 'string', { caseExact: true }), attribute('nick', 'string')] }),
    attribute('sealed', 'string', { mutability: 'immutable' }),
  ],
} as const;

const STORAGE: StorageEntry = {
  collection: 'things', extensions: { [EXTRA]: 'extra' }, unique: [], claims: [], indexes: [{ path: 'parts.string', serves: 'an index on elements' }], edges: {}, computed: [], references: [], defaults: {}, keptWhenOmitted: [], optIn: false, optInExtensions: [], search: undefined,
};

export function testRegistry(): Registry {
  return withType({ name: 'Thing', schema: THING_SCHEMA, extension: EXTRA_SCHEMA, storage: STORAGE });
}

export function patchRegistry(): Registry {
  return withType({ name: 'Device', schema: DEVICE_SCHEMA, extension: DEVICE_EXTRA_SCHEMA, storage: { ...STORAGE, collection: 'devices', extensions: { [DEVICE_EXTRA]: 'extra' }, indexes: [] } });
}

function withType(own: { name: string; schema: SchemaDefinition; extension: SchemaDefinition; storage: StorageEntry }): Registry {
  const { schemas, resourceTypes, storage } = readSchemaFolder(SCHEMAS);
  const { name } = own;
  return createRegistry({
    schemas: [...schemas, own.schema, own.extension],
    resourceTypes: [...resourceTypes, { id: name, name, description: name, endpoint: `/${name}s`, schema: own.schema.id, schemaExtensions: [{ schema: own.extension.id, required: false }] }],
    storage: { ...storage, [name]: own.storage },
  });
}
