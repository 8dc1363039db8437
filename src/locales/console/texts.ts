/** The texts of the console, screen by screen: the three languages of a screen stand in one file. */
import { groups } from './groups.ts';
import { shell } from './shell.ts';
import { users } from './users.ts';

export const consoleTexts = {
  en: { ...shell.en, ...users.en, ...groups.en },
  nb: { ...shell.nb, ...users.nb, ...groups.nb },
  nl: { ...shell.nl, ...users.nl, ...groups.nl },
} as const;
