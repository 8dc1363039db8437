/** Query strings, and what lists answer. */
import type { TestApp } from '../helpers/app.ts';

/** Each value encoded; a parameter that is undefined is left out. */
export function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

/** How many resources a list counts, whatever page it shows. */
export async function totalOf(call: TestApp['call'], endpoint: string, filter?: string): Promise<number> {
  const { body } = await call('GET', `${endpoint}${query({ filter, count: 0 })}`);
  return Number(body.totalResults);
}

export const idsOf = (list: { readonly Resources?: readonly { readonly id: string }[] }) => (list.Resources ?? []).map(({ id }) => id);
