/** A link that no longer counts: which one, why, and what to do about it (S5). */
import { renderPage } from './document.tsx';
import { contactOf, type PageFrame } from './frame.ts';

export interface LinkInvalidProps {
  readonly page: PageFrame;
  readonly purpose: 'activate' | 'reset' | 'address';
  readonly reason: 'expired' | 'used' | 'unknown';
  /** What to do and whom to ask, in the page's language; without it what fits the purpose. */
  readonly whatToDo?: string;
  /** Where the person can ask for another link without help. */
  readonly askAgainAddress?: string;
  /** Where a link was used the person may be through already. */
  readonly signInAddress?: string;
}

export function linkInvalid({ page, purpose, reason, whatToDo, askAgainAddress, signInAddress }: LinkInvalidProps): string {
  const { translate } = page;
  const advice = whatToDo ?? translate(`page.linkInvalid.${purpose}.advice`, { contact: contactOf(page) });
  return renderPage({ page, title: translate(`page.linkInvalid.${reason}`), children: (
    <>
      <p>{translate(`page.linkInvalid.${reason}.text`)}</p>
      <p>{advice}</p>
      {askAgainAddress !== undefined && <p class="actions"><a class="primary" href={askAgainAddress}>{translate('page.linkInvalid.again')}</a></p>}
      {signInAddress !== undefined && <p class="beside"><a href={signInAddress}>{translate('page.toSignIn')}</a></p>}
    </>
  ) });
}
