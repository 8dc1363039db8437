/** The texts of the console, screen by screen: the three languages of a screen stand in one file. */
import { shell } from './shell.ts';
import { users } from './users.ts';

export const consoleTexts = {
  en: { ...shell.en, ...users.en },
  nb: { ...shell.nb, ...users.nb },
  nl: { ...shell.nl, ...users.nl },
} as const;
