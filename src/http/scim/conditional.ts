/** `If-Match` and `If-None-Match`: RFC 7644 section 3.14. */
import type { Precondition } from '../../resources/change.ts';

/** An absent header and `*` let any version pass: that the resource exists is asked anyway. What is no tag matches no version. */
export function preconditionOf(ifMatch: string | undefined): Precondition {
  return ifMatch === undefined || ifMatch.trim() === '*' ? 'any' : { matches: tagsIn(ifMatch) };
}

export function noneMatches(ifNoneMatch: string | undefined): (version: number) => boolean {
  if (ifNoneMatch === undefined) return () => false;
  return ifNoneMatch.trim() === '*' ? () => true : tagsIn(ifNoneMatch);
}

/** Decision 27: weak and strong tags are the same if what they quote is; a version is never given twice. */
function tagsIn(header: string): (version: number) => boolean {
  const tags = new Set(Array.from(header.matchAll(/(?:W\/)?"([^"]*)"/g), ([, tag]) => tag));
  return (version) => tags.has(String(version));
}
