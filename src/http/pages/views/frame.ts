/** What every page is given, whichever it is: who speaks, in which language, and where its parts lie. */
import type { Translate } from '../../../locales/catalogue.ts';
import { translator } from '../../../locales/translator.ts';
import { oneLine } from '../../../mail/line.ts';
import type { Language } from '../../../policy.ts';

/** Addresses as they go into the page, with the path of PUBLIC_URL: see assetAddresses in ../assets.ts. */
export interface AssetAddresses {
  readonly stylesheet: string;
  readonly script: string;
  readonly theme: string;
  readonly icon: string;
  /** The stylesheet of the console, which holds that of the pages. */
  readonly console: string;
  readonly consoleScript: string;
}

export interface LanguageChoice {
  readonly language: Language;
  /** This same page in that language. */
  readonly address: string;
}

export interface PageFrame {
  readonly language: Language;
  readonly translate: Translate;
  /** The languages on offer, this one included; with one alone there is no switch. */
  readonly languages: readonly LanguageChoice[];
  readonly organisation: string;
  /** Whom people may ask (policy `contact`); empty: "your administrator". */
  readonly contact: string;
  /** `#rrggbb`. */
  readonly color: string;
  /** Goes with every form, in the field `csrf`. */
  readonly csrf: string;
  readonly assets: AssetAddresses;
}

/** Makes the one member that the others decide: texts in the page's language, in which no value turns the direction of what follows it. */
export const pageFrame = (given: Omit<PageFrame, 'translate'>): PageFrame => Object.freeze({ ...given, translate: translator(given.language, oneLine) });

/** "your administrator" where the policy names nobody. */
export const contactOf = ({ contact, translate }: PageFrame): string => oneLine(contact) || translate('page.contact.administrator');
