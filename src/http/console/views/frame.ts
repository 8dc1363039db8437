/** What every screen of the console is given, beside what a page is: the menu, who looks, in whose words, and how days and numbers are written. */
import { formatDay, formatInstant, formatMoment } from '../../../locales/dates.ts';
import type { TextKey } from '../../../locales/catalogue.ts';
import type { Policy } from '../../../policy.ts';
import type { Right } from '../../../rights.ts';
import type { PageFrame } from '../../pages/views/frame.ts';
import { mayOpen, PLACES, type Place } from '../menu.ts';
import type { Notice } from '../notice.ts';

export type Vocabulary = Policy['vocabulary'];
type KeyOf<Key> = Key extends `console.word.${infer Word}.smp` ? Word : never;
/** What the manuals call differently: each has a text for every vocabulary. */
export type Word = KeyOf<TextKey>;

export interface ConsoleFrame extends PageFrame {
  /** The path of PUBLIC_URL: what every address begins with. */
  readonly base: string;
  /** Where in the menu the screen is. */
  readonly place: Place | undefined;
  /** What the visitor may open. */
  readonly places: readonly Place[];
  readonly rights: ReadonlySet<Right>;
  /** The visitor's. */
  readonly name: string;
  readonly vocabulary: Vocabulary;
  readonly notice: Notice | undefined;
  /** In the words of the manual that the tenant has chosen. */
  readonly word: (word: Word) => string;
  readonly number: (value: number) => string;
  /** Date and time. */
  readonly instant: (at: Date) => string;
  /** The same, short, for tables. */
  readonly moment: (at: Date) => string;
  readonly day: (day: string) => string;
}

export interface Visiting {
  readonly base: string;
  readonly place: Place | undefined;
  readonly rights: ReadonlySet<Right>;
  readonly name: string;
  readonly vocabulary: Vocabulary;
  readonly timeZone: string;
  readonly notice: Notice | undefined;
}

const NUMBERS = { nl: new Intl.NumberFormat('nl-NL'), nb: new Intl.NumberFormat('nb-NO'), en: new Intl.NumberFormat('en-GB') } as const;

export function consoleFrame(page: PageFrame, { timeZone, ...visiting }: Visiting): ConsoleFrame {
  const { language, translate } = page;
  return Object.freeze({
    ...page, ...visiting,
    places: PLACES.filter((place) => mayOpen(place, visiting.rights)),
    word: (word: Word) => translate(`console.word.${word}.${visiting.vocabulary}`),
    number: (value: number) => NUMBERS[language].format(value),
    instant: (at: Date) => formatInstant(at, language, timeZone),
    moment: (at: Date) => formatMoment(at, language, timeZone),
    day: (day: string) => formatDay(day, language),
  });
}
