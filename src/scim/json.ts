/** JSON as it arrives, before any schema is asked. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isObject = (json: Json | undefined): json is JsonObject => typeof json === 'object' && json !== null && !Array.isArray(json);
export const isArray = (json: Json | undefined): json is readonly Json[] => Array.isArray(json);

/** What an error text calls a value: its JSON type, never the value itself, which may be personal or a secret. */
export function kindOf(json: Json | undefined): string {
  if (json === null || json === undefined) return 'null';
  if (Array.isArray(json)) return 'an array';
  return typeof json === 'object' ? 'an object' : `a ${typeof json}`;
}

/**
 * Reads a member of a message by its name in any case (RFC 7643 section 2.1, Q02).
 * @returns the value, or undefined where it is absent
 */
export function member(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  const folded = name.toLowerCase();
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === folded);
  return key === undefined ? undefined : object[key];
}
