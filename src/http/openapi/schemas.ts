/** SCIM schemas as JSON Schemas of the draft that OpenAPI 3.1 speaks: made from the definitions that `/Schemas` prints. */
import type { Registry } from '../../scim/registry.ts';
import { COMMON_ATTRIBUTES, type Attribute, type AttributeDefinition, type ResourceType, type SchemaDefinition } from '../../scim/schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;
/** What a client sends is not what it gets: read-only attributes are in the one, passwords in the other. */
export type Direction = 'request' | 'response';

/** The components that the schemas and resource types of a view make. */
export function schemaComponents(registry: Registry): Readonly<Record<string, JsonSchema>> {
  const written = new Set(registry.resourceTypes.flatMap(urnsOf));
  const definitions = registry.schemaDefinitions.flatMap((definition) => {
    const response: [string, JsonSchema] = [componentOf(definition.id), objectSchema(definition, 'response')];
    return written.has(definition.id) && hasVariants(definition) ? [response, [requestOf(response[0]), objectSchema(definition, 'request')] as const] : [response];
  });
  const types = registry.resourceTypes.flatMap((type) => [
    [safe(type.name), typeSchema(registry, type, 'response')] as const,
    [requestOf(safe(type.name)), typeSchema(registry, type, 'request')] as const,
  ]);
  return Object.fromEntries([...definitions, ...types]);
}

export const refTo = (component: string): JsonSchema => ({ $ref: `#/components/schemas/${component}` });
export const refToUrn = (urn: string) => refTo(componentOf(urn));
export const refToType = ({ name }: ResourceType, direction: Direction) => refTo(direction === 'request' ? requestOf(safe(name)) : safe(name));

/** A component's name has no colons; the part that all URNs of SCIM share says nothing. */
export const componentOf = (urn: string) => safe(urn.replace(/^urn:ietf:params:scim:/, ''));
export const safe = (text: string) => text.replaceAll(/[^A-Za-z0-9._-]/g, '.');
const requestOf = (component: string) => `${component}.request`;
const urnsOf = (type: ResourceType) => [type.schema.urn, ...type.extensions.map(({ schema }) => schema.urn)];

function hasVariants(definition: SchemaDefinition): boolean {
  return JSON.stringify(objectSchema(definition, 'request')) !== JSON.stringify(objectSchema(definition, 'response'));
}

/** Core and common attributes side by side, each extension under its URN: RFC 7643 section 3.3. */
function typeSchema({ schemaDefinitions }: Registry, type: ResourceType, direction: Direction): JsonSchema {
  const refOf = (urn: string) => {
    const definition = schemaDefinitions.find(({ id }) => id === urn);
    return refTo(direction === 'request' && definition && hasVariants(definition) ? requestOf(componentOf(urn)) : componentOf(urn));
  };
  const extensions = type.extensions.map(({ schema }): [string, JsonSchema] => [schema.urn, refOf(schema.urn)]);
  const required = type.extensions.filter((extension) => extension.required && direction === 'request').map(({ schema }) => schema.urn);
  return { allOf: [commonSchema(type, direction), refOf(type.schema.urn), objectOf(Object.fromEntries(extensions), required)] };
}

const COMMON_DESCRIPTIONS: Readonly<Record<string, string>> = {
  schemas: 'The URNs of the schemas whose attributes the resource has',
  id: 'Given by the server, for good',
  externalId: "The client's own identifier; each client has its own",
  meta: 'What the server says about the resource',
};

/** RFC 7643 section 3.1. `schemas` is the server's to answer, but a request says by it what it is. */
function commonSchema({ schema }: ResourceType, direction: Direction): JsonSchema {
  const attributes = COMMON_ATTRIBUTES.map((attribute) => ({ ...definitionOf(attribute), description: COMMON_DESCRIPTIONS[attribute.name] ?? '', required: attribute.returned === 'always' }));
  const common = objectSchema({ attributes }, direction);
  if (direction === 'response') return common;
  const schemas = { type: 'array', items: { type: 'string' }, contains: { const: schema.urn } };
  return { allOf: [common, objectOf({ schemas }, ['schemas'])] };
}

function definitionOf(attribute: Attribute): AttributeDefinition {
  return { ...attribute, description: '', subAttributes: Array.from(attribute.subAttributes.values(), definitionOf) };
}

function objectSchema({ attributes }: { readonly attributes: readonly AttributeDefinition[] }, direction: Direction): JsonSchema {
  const shown = attributes.filter((attribute) => isShown(attribute, direction));
  // A projection can leave out of an answer whatever is not always returned.
  const required = shown.filter((attribute) => attribute.required && (direction === 'request' || attribute.returned === 'always')).map(({ name }) => name);
  const schemas = shown.map((attribute): [string, JsonSchema] => [attribute.name, attributeSchema(attribute, direction)]);
  // Many tools take a property that is called $ref for a reference; as a pattern it is none.
  const pattern = schemas.flatMap(([name, schema]) => (name === '$ref' ? [{ patternProperties: { '^\\$ref$': schema } }] : []));
  return { ...objectOf(Object.fromEntries(schemas.filter(([name]) => name !== '$ref')), required), ...pattern[0] };
}

export const objectOf = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []): JsonSchema =>
  ({ type: 'object', properties, ...(required.length > 0 ? { required } : {}) });

function isShown({ mutability, returned }: AttributeDefinition, direction: Direction): boolean {
  return direction === 'request' ? mutability !== 'readOnly' : mutability !== 'writeOnly' && returned !== 'never';
}

function attributeSchema(attribute: AttributeDefinition, direction: Direction): JsonSchema {
  const { canonicalValues = [], description, multiValued, mutability } = attribute;
  // RFC 7643 section 2.2: canonical values are suggestions, other ones may be refused or not. So they are no `enum`.
  const value = { ...valueSchema(attribute, direction), ...(canonicalValues.length > 0 ? { examples: canonicalValues } : {}) };
  return {
    ...(multiValued ? { type: 'array', items: value } : value),
    ...(description === '' ? {} : { description }),
    ...(mutability === 'readOnly' ? { readOnly: true } : {}),
    ...(mutability === 'writeOnly' ? { writeOnly: true } : {}),
  };
}

function valueSchema(attribute: AttributeDefinition, direction: Direction): JsonSchema {
  switch (attribute.type) {
    case 'complex':
      return objectSchema({ attributes: attribute.subAttributes ?? [] }, direction);
    case 'boolean':
    case 'integer':
    case 'string':
      return { type: attribute.type };
    case 'decimal':
      return { type: 'number' };
    case 'dateTime':
      return { type: 'string', format: 'date-time' };
    case 'binary':
      return { type: 'string', contentEncoding: 'base64' };
    case 'reference':
      return { type: 'string', format: 'uri-reference' };
  }
}
