/**
 * Who set each attribute of a person last, and when: beside the attributes in the same document, so that it is written with them and ends with them.
 * Grouped by who and when, so there are never more entries than attributes, however often they change. `said.ts` remembers what each client asserted.
 */
import type { Actor } from './documents.ts';

export interface Source {
  readonly by: Actor;
  /** Canonical UTC text. */
  readonly at: string;
  /** The import that it came by. */
  readonly import?: string;
}

export interface SourceOf extends Source {
  /** Names of attributes; of extensions their URN. */
  readonly of: readonly string[];
}

/** @param set what is set now, and was something else before. @param present all that there is afterwards: what is taken away has no source */
export function withSource(before: readonly SourceOf[], source: Source, set: readonly string[], present: ReadonlySet<string>): readonly SourceOf[] {
  const now = set.filter((name) => present.has(name));
  const left = before.flatMap(({ of, ...earlier }) => {
    const names = of.filter((name) => present.has(name) && !set.includes(name));
    return names.length === 0 ? [] : [{ ...earlier, of: names }];
  });
  return now.length === 0 ? left : [...left, { ...source, of: now }];
}
