/** Reading the extensions of a person, whose values have been checked against their schemas. */
import { isComplex, type Attributes, type ComplexValue, type Value } from '../scim/schema.ts';

export const complexAt = (attributes: ComplexValue, name: string): ComplexValue => {
  const value = attributes[name];
  return isComplex(value) ? value : {};
};

export function textAt(attributes: ComplexValue, name: string): string | undefined {
  const value = attributes[name];
  return typeof value === 'string' ? value : undefined;
}

/** The attributes with another extension in them; an empty one is as if it were not there. */
export function withExtension(attributes: Attributes, urn: string, values: Readonly<Record<string, Value | undefined>>): Attributes {
  const present = Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined);
  const others = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== urn));
  return present.length === 0 ? others : { ...others, [urn]: Object.fromEntries(present) };
}
