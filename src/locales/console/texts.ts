/** The texts of the console, screen by screen: the three languages of a screen stand in one file. */
import { actions } from './actions.ts';
import { connections } from './connections.ts';
import { leavers } from './leavers.ts';
import { logs } from './logs.ts';
import { mails } from './mails.ts';
import { policies } from './policies.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { users } from './users.ts';

export const consoleTexts = {
  en: { ...shell.en, ...users.en, ...settings.en, ...connections.en, ...actions.en, ...logs.en, ...leavers.en, ...policies.en, ...mails.en },
  nb: { ...shell.nb, ...users.nb, ...settings.nb, ...connections.nb, ...actions.nb, ...logs.nb, ...leavers.nb, ...policies.nb, ...mails.nb },
  nl: { ...shell.nl, ...users.nl, ...settings.nl, ...connections.nl, ...actions.nl, ...logs.nl, ...leavers.nl, ...policies.nl, ...mails.nl },
} as const;
