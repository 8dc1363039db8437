/** From a request of the API to who does it, and from its body and query to what is asked. */
import type { FastifyRequest } from 'fastify';
import { insufficientScope, invalidSyntax, invalidValue, quote } from '../../errors.ts';
import { covers, type Right } from '../../rights.ts';
import { isObject } from '../../scim/json.ts';
import type { LogReader, LogRequest } from '../../tenancy/logs.ts';
import type { Doing } from '../../tenancy/doing.ts';
import { callerOf } from '../authenticate.ts';
import { parametersOf } from '../scim/request-context.ts';
import type { Services } from '../services.ts';
import { callerAddress } from '../address.ts';

/** @throws ScimError 403 for a caller without the right */
export function doing(request: FastifyRequest, { store, now, tokens }: Services, right: Right): Doing & { readonly tenant: string } {
  const { principal, audience } = callerOf(request);
  if (!covers(principal.scopes, right)) throw insufficientScope(right);
  const changed = () => {
    tokens.forget();
    store.sessionsEnded();
  };
  return { store, now, by: principal.actor, may: principal.scopes, sees: audience, request: request.id, from: callerAddress(request), changed, tenant: principal.tenant };
}

/** @throws ScimError 403 */
export function logReader(request: FastifyRequest, services: Services, right: Right): LogReader {
  const { tenant } = doing(request, services, right);
  return { store: services.store, tenant, limits: services.config.limits, secretKeys: services.config.secretKeys };
}

/** `filter`, `count`, `cursor`. @throws ScimError 400 */
export const logRequest = (request: FastifyRequest, services: Services): LogRequest => ({ filter: parameter(request, 'filter'), ...pageRequest(request, services) });

/** @throws ScimError 400 */
export const pageRequest = (request: FastifyRequest, services: Services): Omit<LogRequest, 'filter'> => ({ count: countOf(request, services), cursor: parameter(request, 'cursor') });

/** @throws ScimError 400 */
function countOf(request: FastifyRequest, { config: { limits } }: Services): number {
  const count = parameter(request, 'count') ?? String(limits.pageSize);
  if (!/^\d{1,6}$/.test(count) || Number(count) === 0) throw invalidValue('count must be a whole number above 0.');
  return Math.min(Number(count), limits.maxPageSize);
}

/** @throws ScimError 400 for a parameter that is given twice */
export function parameter(request: FastifyRequest, name: string): string | undefined {
  const [value, ...others] = parametersOf(request).get(name) ?? [];
  if (others.length > 0) throw invalidValue(`${name} is given twice.`);
  return value;
}

/** What a body may hold, by the type that JSON gives it. */
type Shape = Readonly<Record<string, 'text' | 'number' | 'flag' | 'object' | 'texts' | 'textOrNull'>>;
interface Types {
  readonly text: string;
  readonly number: number;
  readonly flag: boolean;
  readonly object: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
  readonly textOrNull: string | null;
}

/** The body with the members that `shape` names and no others. @throws ScimError 400 invalidSyntax or invalidValue naming the member */
export function bodyOf<const S extends Shape>({ json = {} }: FastifyRequest, shape: S): { readonly [Name in keyof S]?: Types[S[Name]] } {
  if (!isObject(json)) throw invalidSyntax('The body must be a JSON object.');
  for (const [name, value] of Object.entries(json)) {
    const wanted = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (wanted === undefined) throw invalidValue(`There is no ${quote(name)} here; there are ${Object.keys(shape).join(', ')}.`);
    if (!isOf(wanted, value)) throw invalidValue(`${name} must be ${WORDS[wanted]}.`);
  }
  // Each member was just looked at.
  return json as { readonly [Name in keyof S]?: Types[S[Name]] }; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}

const WORDS = { text: 'text', number: 'a number', flag: 'true or false', object: 'an object', texts: 'a list of texts', textOrNull: 'text or null' };

function isOf(type: Shape[string], value: unknown): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'flag':
      return typeof value === 'boolean';
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'texts':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'textOrNull':
      return value === null || typeof value === 'string';
  }
}

export function pathParameter({ params }: FastifyRequest, name: string): string {
  const value: unknown = typeof params === 'object' && params !== null ? new Map<string, unknown>(Object.entries(params)).get(name) : undefined;
  return typeof value === 'string' ? value : '';
}

/** A filter that is misspelt would give out more people than were meant. */
export function onlyKnown(request: FastifyRequest, known: readonly string[]): void {
  const unknown = [...parametersOf(request).keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidValue(`There is no parameter ${quote(unknown)} here; there are ${known.join(', ')}.`);
}

/** @throws ScimError 400 for another value than these */
export function choice<const T extends string>(request: FastifyRequest, name: string, known: readonly T[]): T | undefined {
  const value = parameter(request, name);
  return value === undefined ? undefined : oneOf(name, value, known);
}

/** @throws ScimError 400 */
export function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw invalidValue(`${name} cannot be ${quote(value)}; it is one of ${known.join(', ')}.`);
  return found;
}

/** What was read before the answer began, so that an error is an error and not half an answer; and then the rest, which ends when nobody reads it. */
export function startingWith(first: IteratorResult<string, unknown>, rest: AsyncGenerator<string>): AsyncIterable<string> {
  let pending: IteratorResult<string, unknown> | undefined = first;
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const next = pending ? Promise.resolve(pending) : rest.next();
        pending = undefined;
        return next;
      },
      return: () => rest.return(undefined),
    }),
  };
}
