/** Deep equality of values. The order of keys carries no meaning (RFC 7643 section 2.4), that of elements is kept as the client gave it. */
import { isComplex, isList, type Value } from './schema.ts';

export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((element, index) => equalValues(element, b[index]));
  if (!isComplex(a) || !isComplex(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equalValues(a[name], b[name]));
}
