/**
 * Attribute names in filters, PATCH paths, `attributes` and `sortBy`: RFC 7644 section 3.10. The URN itself holds colons and dots, so
 * the longest registered URN is taken first and only the rest is read as attribute and sub-attribute.
 */
import { foldName, type Attribute, type Extension, type ResourceType } from './schema.ts';

export interface AttributePath {
  readonly extension: Extension | undefined;
  readonly attribute: Attribute;
  readonly sub: Attribute | undefined;
}

/** What a name stands for: an attribute, or a whole extension when it is the bare URN. */
export type Named = { readonly kind: 'attribute'; readonly path: AttributePath } | { readonly kind: 'extension'; readonly extension: Extension };

export interface NameOptions {
  /** Finds an unqualified name in the extensions where the core schema lacks it and only one has it (decision 12, Q16). */
  readonly searchExtensions?: () => boolean;
  /** Takes `urn:...:User.manager` for `urn:...:User:manager` (Q19). */
  readonly dotAfterUrn?: () => boolean;
}

/**
 * Resolves a name against a resource type's schema.
 * @param text for instance `userName`, `name.givenName`, `urn:...:enterprise:2.0:User:manager.value`
 * @returns what it names, or undefined where the schema has no such name
 */
export function resolveName(type: ResourceType, text: string, options: NameOptions = {}): Named | undefined {
  const qualified = stripUrn(type, text, options);
  if (qualified === undefined) return resolveUnqualified(type, text, options);
  if (qualified.rest === '') return qualified.extension && { kind: 'extension', extension: qualified.extension };
  const attributes = qualified.extension ? qualified.extension.schema.attributes : type.attributes;
  return attributePath(attributes, qualified.extension, qualified.rest);
}

function resolveUnqualified(type: ResourceType, text: string, options: NameOptions): Named | undefined {
  const core = attributePath(type.attributes, undefined, text);
  if (core) return core;
  const found = type.extensions.flatMap((extension) => attributePath(extension.schema.attributes, extension, text) ?? []);
  return found.length === 1 && options.searchExtensions?.() ? found[0] : undefined;
}

function stripUrn(type: ResourceType, text: string, options: NameOptions): { extension: Extension | undefined; rest: string } | undefined {
  if (!/^urn:/i.test(text)) return undefined;
  const candidates = [{ schema: type.schema, extension: undefined }, ...type.extensions.map((extension) => ({ schema: extension.schema, extension }))]
    .filter(({ schema }) => text.slice(0, schema.urn.length).toLowerCase() === schema.urn.toLowerCase())
    .sort((a, b) => b.schema.urn.length - a.schema.urn.length);
  for (const { schema, extension } of candidates) {
    const separator = text.charAt(schema.urn.length);
    if (separator === '') return { extension, rest: '' };
    if (separator === ':' || (separator === '.' && options.dotAfterUrn?.())) return { extension, rest: text.slice(schema.urn.length + 1) };
  }
  return undefined;
}

function attributePath(attributes: ReadonlyMap<string, Attribute>, extension: Extension | undefined, text: string): Named | undefined {
  const [name = '', subName, ...deeper] = text.split('.');
  const attribute = attributes.get(foldName(name));
  if (!attribute || deeper.length > 0) return undefined;
  if (subName === undefined) return { kind: 'attribute', path: { extension, attribute, sub: undefined } };
  const sub = attribute.subAttributes.get(foldName(subName));
  return sub && { kind: 'attribute', path: { extension, attribute, sub } };
}

/** The canonical spelling of a path, for error texts and audit entries. */
export function pathName({ extension, attribute, sub }: AttributePath): string {
  const name = sub ? `${attribute.name}.${sub.name}` : attribute.name;
  return extension ? `${extension.schema.urn}:${name}` : name;
}
