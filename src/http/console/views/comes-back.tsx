/** What somebody has again once they are active again: L2, L5. */
import type { JSX } from '#jsx/jsx-runtime';
import type { Reactivation } from '../../../accounts/reactivation.ts';
import type { ConsoleFrame } from './frame.ts';
import { rightInWords } from './groups.tsx';
import { Fact, Facts } from './parts.tsx';

const named = (all: readonly { readonly name: string | undefined }[]) => all.flatMap(({ name }) => name ?? []).join(', ');

export const ComesBack = ({ page, back }: { readonly page: ConsoleFrame; readonly back: Reactivation }): JSX.Element => (
  <Facts>
    <Fact page={page} term={page.translate('console.user.groups')}>{named(back.groups)}</Fact>
    <Fact page={page} term={page.translate('console.user.reactivate.rights')}>{back.rights.map((right) => rightInWords(page, right).name).join(', ')}</Fact>
    <Fact page={page} term={page.translate('console.user.roles')}>{back.roles.join(', ')}</Fact>
    <Fact page={page} term={page.translate('console.menu.portals')}>{named(back.portals.map(({ portal }) => portal))}</Fact>
  </Facts>
);
