/** Which language somebody is spoken to in. */
import { LANGUAGES, type Language } from '../policy.ts';

export interface LanguageWishes {
  /** Of a link or a form: somebody has just chosen it. */
  readonly asked?: string | undefined;
  /** The SCIM attribute preferredLanguage, written like Accept-Language (RFC 7643 section 4.1.1). */
  readonly preferred?: string | undefined;
  /** The header Accept-Language. */
  readonly accepted?: string | undefined;
  readonly policy: { readonly language: Language; readonly languages: readonly Language[] };
}

/** What we have, by the first part of a language tag: `no` is Norwegian of either kind, and readers of Nynorsk (`nn`) read Bokmål. */
const BY_TAG: ReadonlyMap<string, Language> = new Map<string, Language>([...LANGUAGES.map((language) => [language, language] as const), ['no', 'nb'], ['nn', 'nb']]);
/** Nobody lists more; a header is as long as whoever sends it wants. */
const MOST_RANGES = 50;

/** What was chosen just now, else what the person's account says (J5), else what the browser says; else the policy's default. */
export function chooseLanguage({ asked, preferred, accepted, policy }: LanguageWishes): Language {
  for (const wish of [asked, preferred, accepted]) {
    const found = wish === undefined ? undefined : bestOf(wish, policy);
    if (found) return found;
  }
  return policy.language;
}

interface Range {
  readonly tag: string;
  readonly quality: number;
}

/** RFC 9110 section 12.5.4: the highest q wins, the first among equals; q=0 rules a language out, also from `*`. */
function bestOf(wish: string, { language: preset, languages }: LanguageWishes['policy']): Language | undefined {
  const ranges = wish.split(',', MOST_RANGES).map(readRange).filter((range) => range !== undefined);
  const named = new Set(ranges.map(({ tag }) => BY_TAG.get(tag)));
  const others = [preset, ...languages].filter((language) => !named.has(language));
  return ranges
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => (tag === '*' ? others[0] : BY_TAG.get(tag)))
    .find((language) => language !== undefined && (language === preset || languages.includes(language)));
}

/** `nl`, `nl-BE;q=0.8`, and `nl_BE`, which some clients write in preferredLanguage. What is neither is no wish. */
function readRange(text: string): Range | undefined {
  const [, tag, quality = '1'] = /^\s*([a-z]{1,8}|\*)(?:[-_][a-z0-9_-]{1,40})?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(text) ?? [];
  return tag === undefined ? undefined : { tag: tag.toLowerCase(), quality: Math.min(1, Number(quality)) };
}
