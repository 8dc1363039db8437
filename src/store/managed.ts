/** X1: whom the rights to manage external and portal users reach, all of them or those of some companies. */
import { covers } from '../rights.ts';
import { atCompany, LIMITABLE, POPULATIONS, type Limitable, type Population, type Seen } from './audience.ts';

/** A list of companies that a right or a client is limited to has an end. */
export const MOST_COMPANIES = 100;

/** By right: `users.manage` reaches whom its holder sees. */
export const REACHED = { 'externalUsers.manage': ['external', 'contact'], 'portalUsers.manage': ['portal'] } as const satisfies Readonly<Record<string, readonly Limitable[]>>;
export type LimitableRight = keyof typeof REACHED;
export const LIMITABLE_RIGHTS = ['externalUsers.manage', 'portalUsers.manage'] as const satisfies readonly LimitableRight[];

const reachedBy = (rights: ReadonlySet<string>): readonly Limitable[] => LIMITABLE_RIGHTS.filter((right) => covers(rights, right)).flatMap((right) => REACHED[right]);

/** @param companies none: those of all */
export function limitedTo(populations: readonly Population[], companies: readonly string[]): readonly Seen[] {
  if (companies.length === 0) return populations;
  return populations.flatMap((one): readonly Seen[] => {
    const limitable = LIMITABLE.find((population) => population === one);
    return limitable ? companies.map((company) => atCompany(limitable, company)) : [one];
  });
}

/** The populations that a client was given, and those that its rights are about. */
export const withReached = (populations: readonly Population[], rights: ReadonlySet<string>): readonly Population[] => [...new Set([...populations, ...reachedBy(rights)])];

/**
 * Of whom a caller sees, whom they manage: with `users.manage` everybody, else whom their rights are about, and what is for all.
 * @returns undefined for a caller without any of the rights
 */
export function managedOf(audience: readonly Seen[] | undefined, rights: ReadonlySet<string>): { readonly audience: readonly Seen[] | undefined } | undefined {
  if (covers(rights, 'users.manage')) return { audience };
  const reached = reachedBy(rights);
  if (reached.length === 0) return undefined;
  const seen: readonly Seen[] = audience ?? POPULATIONS;
  return { audience: ['all', ...seen.filter((one) => reached.some((population) => one === population || one.startsWith(`${population}@`)))] };
}
