/** A new address: the link in the mail shows what it is about, the button confirms (S10). Opening the page does nothing: mail scanners open links. */
import { renderPage } from './document.tsx';
import { Form, Submit } from './form.tsx';
import type { PageFrame } from './frame.ts';

export interface ConfirmAddressProps {
  readonly page: PageFrame;
  /** Takes `csrf`, and `token` where it is given. */
  readonly action: string;
  readonly newAddress: string;
  /** Of the link that was followed. */
  readonly token?: string;
}

export function confirmAddress({ page, action, newAddress, token }: ConfirmAddressProps): string {
  const { translate } = page;
  return renderPage({ page, title: translate('page.confirmAddress'), children: (
    <>
      <p>{translate('page.confirmAddress.text')}</p>
      <p class="value"><bdi>{newAddress}</bdi></p>
      <p class="quiet">{translate('page.confirmAddress.after')}</p>
      <Form page={page} action={action} hidden={{ token }}>
        <Submit>{translate('page.confirmAddress.submit')}</Submit>
      </Form>
      <p class="quiet">{translate('page.confirmAddress.notYou')}</p>
    </>
  ) });
}

export interface AddressConfirmedProps {
  readonly page: PageFrame;
  readonly signInAddress?: string;
}

export function addressConfirmed({ page, signInAddress }: AddressConfirmedProps): string {
  const { translate } = page;
  return renderPage({ page, title: translate('page.addressConfirmed'), children: (
    <>
      <p>{translate('page.addressConfirmed.text')}</p>
      {signInAddress !== undefined && <p class="actions"><a class="primary" href={signInAddress}>{translate('page.toSignIn')}</a></p>}
    </>
  ) });
}
