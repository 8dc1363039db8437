/**
 * Schemas as data: the wire form of RFC 7643 section 7 turned into frozen maps that everything else asks. Names are
 * case-insensitive (RFC 7643 section 2.1), so every map is keyed by the lower-cased name; values keep the schema's spelling.
 */

export type AttributeType = 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex';
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
export type Returned = 'always' | 'never' | 'default' | 'request';
export type Uniqueness = 'none' | 'server' | 'global';

/** A value of an attribute as Rollcall holds it: never null, never an empty array or object (RFC 7643 section 2.5). */
export type Value = string | number | boolean | readonly Value[] | ComplexValue;
export interface ComplexValue {
  readonly [name: string]: Value;
}
/** The attributes of one resource in wire shape: schema spelling, an extension's attributes under its URN. */
export type Attributes = ComplexValue;

/** Where the value of an attribute comes from. `edge` values are rows of their own: `members`, `groups`. */
export type Source = 'stored' | 'computed' | 'edge';

export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: Uniqueness;
  readonly source: Source;
  readonly subAttributes: ReadonlyMap<string, Attribute>;
}

/** The wire form of one attribute definition, RFC 7643 section 7. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  readonly mutability?: Mutability;
  readonly returned?: Returned;
  readonly uniqueness?: Uniqueness;
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDefinition[];
}

export interface SchemaDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

export interface Schema {
  readonly urn: string;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Extension {
  readonly schema: Schema;
  readonly required: boolean;
}

export interface ResourceType {
  readonly name: string;
  /** With a leading slash: `/Users`. */
  readonly endpoint: string;
  readonly schema: Schema;
  readonly extensions: readonly Extension[];
  /** The core schema's attributes and the common ones of RFC 7643 section 3.1. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly storage: StorageEntry;
}

/** What `schemas/storage.json` says about one resource type. Paths are written as in a filter. */
export interface StorageEntry {
  readonly collection: string;
  /** Extension URN to the short key under which its attributes are stored: a key with dots cannot be reached by a path. */
  readonly extensions: Readonly<Record<string, string>>;
  readonly unique: readonly { readonly path: string }[];
  readonly claims: readonly { readonly kind: string; readonly path: string }[];
  readonly indexes: readonly { readonly path: string; readonly serves: string }[];
  /** Attributes whose values are edges: what the resource holds (`members`), or what holds it (`memberOf`). */
  readonly edges: Readonly<Record<string, 'members' | 'memberOf'>>;
  /** Attributes that the type's behaviour computes for whoever asks for them: never stored, never filtered. */
  readonly computed: readonly string[];
  /** Whether clients see the type only if it is switched on for them, and the extensions for which that holds. */
  readonly optIn: boolean;
  readonly optInExtensions: readonly string[];
  /** Complex attributes whose `value` is the id of another resource; `$ref` and `display` are computed from it. */
  /** What a POST that does not name the attribute gets (RFC 7644 section 3.3); an explicit null defeats it. */
  readonly defaults: Readonly<Record<string, Value>>;
  /** Attributes that a PUT which does not name them leaves alone. */
  readonly keptWhenOmitted: readonly string[];
  readonly references: readonly StoredReference[];
  /** By what lists find the resources beside filters; undefined: not at all. */
  readonly search: SearchEntry | undefined;
}

export interface StoredReference {
  readonly path: string;
  readonly type: string;
  /** The sub-attribute that shows the target's name. */
  readonly display: string;
  /** The target's attribute that it shows, where that is called otherwise. */
  readonly shows?: string;
}

/** Where the search keys of a resource come from (store/search-keys.ts). Paths as in a filter. */
export interface SearchEntry {
  /** The parts of a person's name. */
  readonly name?: { readonly given: string; readonly infix: string; readonly family: string };
  /** Further whole names: found by each of their words. */
  readonly names: readonly string[];
  /** Found by their beginning: addresses, numbers. */
  readonly texts: readonly string[];
  readonly roles?: string;
  readonly status?: string;
  /** Of people: whose contact person somebody is and in what way, and the customers for whom they have access to a portal. */
  readonly companies?: { readonly contact: string; readonly registered: string; readonly login: string; readonly customer: string };
}

export const foldName = (name: string) => name.toLowerCase();

/** Builds an attribute from its wire form with the defaults of RFC 7643 section 2.2. */
export function attributeOf(definition: AttributeDefinition, source: Source = 'stored'): Attribute {
  return Object.freeze({
    name: definition.name,
    type: definition.type,
    multiValued: definition.multiValued,
    required: definition.required ?? false,
    caseExact: definition.caseExact ?? false,
    mutability: definition.mutability ?? 'readWrite',
    returned: definition.returned ?? 'default',
    uniqueness: definition.uniqueness ?? 'none',
    source,
    subAttributes: attributeMap((definition.subAttributes ?? []).map((sub) => attributeOf(sub, source))),
  });
}

export function attributeMap(attributes: Iterable<Attribute>): ReadonlyMap<string, Attribute> {
  return new Map(Array.from(attributes, (attribute) => [foldName(attribute.name), attribute]));
}

/** RFC 7643 section 3.1. These belong to every resource and stand in no schema; the characteristics given there beat older listings. */
export const COMMON_ATTRIBUTES: readonly Attribute[] = [
  attributeOf({ name: 'schemas', type: 'reference', multiValued: true, description: '', mutability: 'readOnly', returned: 'always' }),
  attributeOf({
    name: 'id', type: 'string', multiValued: false, description: '', caseExact: true, mutability: 'readOnly', returned: 'always', uniqueness: 'global',
  }),
  attributeOf({ name: 'externalId', type: 'string', multiValued: false, description: '', caseExact: true }),
  Object.freeze({
    ...attributeOf({ name: 'meta', type: 'complex', multiValued: false, description: '', mutability: 'readOnly' }),
    subAttributes: attributeMap([
      metaPart('resourceType', 'string', 'stored'),
      metaPart('created', 'dateTime', 'stored'),
      metaPart('lastModified', 'dateTime', 'stored'),
      metaPart('location', 'reference', 'computed'),
      metaPart('version', 'string', 'stored'),
    ]),
  }),
];

function metaPart(name: string, type: AttributeType, source: Source): Attribute {
  return attributeOf({ name, type, multiValued: false, description: '', caseExact: true, mutability: 'readOnly' }, source);
}

export const isComplex = (value: unknown): value is ComplexValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isList = (value: unknown): value is readonly Value[] => Array.isArray(value);
