/** The texts of the console, screen by screen: the three languages of a screen stand in one file. */
import { actions } from './actions.ts';
import { companies } from './companies.ts';
import { connections } from './connections.ts';
import { external } from './external.ts';
import { groups } from './groups.ts';
import { hidden } from './hidden.ts';
import { imports } from './imports.ts';
import { leavers } from './leavers.ts';
import { logs } from './logs.ts';
import { mails } from './mails.ts';
import { matches } from './matches.ts';
import { policies } from './policies.ts';
import { portalUsers } from './portal-users.ts';
import { review } from './review.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { users } from './users.ts';

export const consoleTexts = {
  en: { ...shell.en, ...users.en, ...groups.en, ...companies.en, ...external.en, ...portalUsers.en, ...connections.en, ...settings.en, ...actions.en, ...logs.en, ...leavers.en, ...policies.en, ...mails.en, ...imports.en, ...review.en, ...matches.en, ...hidden.en },
  nb: { ...shell.nb, ...users.nb, ...groups.nb, ...companies.nb, ...external.nb, ...portalUsers.nb, ...connections.nb, ...settings.nb, ...actions.nb, ...logs.nb, ...leavers.nb, ...policies.nb, ...mails.nb, ...imports.nb, ...review.nb, ...matches.nb, ...hidden.nb },
  nl: { ...shell.nl, ...users.nl, ...groups.nl, ...companies.nl, ...external.nl, ...portalUsers.nl, ...connections.nl, ...settings.nl, ...actions.nl, ...logs.nl, ...leavers.nl, ...policies.nl, ...mails.nl, ...imports.nl, ...review.nl, ...matches.nl, ...hidden.nl },
} as const;
