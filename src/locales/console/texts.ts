/** The texts of the console, screen by screen: the three languages of a screen stand in one file. */
import { connections } from './connections.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { users } from './users.ts';

export const consoleTexts = {
  en: { ...shell.en, ...users.en, ...settings.en, ...connections.en },
  nb: { ...shell.nb, ...users.nb, ...settings.nb, ...connections.nb },
  nl: { ...shell.nl, ...users.nl, ...settings.nl, ...connections.nl },
} as const;
