/** Attributes by their path in `storage.json`: read, taken out, put back. On types as registered, where every path is one. */
import { isComplex, type Attributes, type ResourceType, type Value } from '../scim/schema.ts';
import { namedPath } from './models.ts';

export function attributeAt(type: ResourceType, attributes: Attributes, path: string): Value | undefined {
  const { extension, attribute } = namedPath(type, path);
  const holder = extension ? attributes[extension.schema.urn] : attributes;
  return isComplex(holder) ? holder[attribute.name] : undefined;
}

export function withoutAttribute(type: ResourceType, attributes: Attributes, path: string): Attributes {
  const { extension, attribute } = namedPath(type, path);
  const drop = (object: Attributes): Attributes => Object.fromEntries(Object.entries(object).filter(([name]) => name !== attribute.name));
  if (!extension) return drop(attributes);
  const urn = extension.schema.urn;
  const holder: Value | undefined = attributes[urn];
  const kept = isComplex(holder) ? drop(holder) : {};
  const others = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== urn));
  return Object.keys(kept).length === 0 ? others : { ...others, [urn]: kept };
}

export function withAttribute(type: ResourceType, attributes: Attributes, path: string, value: Value): Attributes {
  const { extension, attribute } = namedPath(type, path);
  if (!extension) return { ...attributes, [attribute.name]: value };
  const holder = attributes[extension.schema.urn];
  return { ...attributes, [extension.schema.urn]: { ...(isComplex(holder) ? holder : {}), [attribute.name]: value } };
}

/** The id that a reference attribute leads to. */
export function targetOf(reference: Value | undefined): string | undefined {
  const value = isComplex(reference) ? reference['value'] : undefined;
  return typeof value === 'string' ? value : undefined;
}
