/** A new address: the link in the mail shows what it is about, the button confirms (S10). Opening the page does nothing: mail scanners open links. */
import { renderPage } from './document.tsx';
import { Form, PasswordField, Submit, TextField } from './form.tsx';
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

/** Why a new address was not taken. */
export type AddressFault = 'wrong' | 'taken' | 'current';

export interface ChangeAddressProps {
  readonly page: PageFrame;
  /** Takes `address`, `current` and `csrf`. */
  readonly action: string;
  readonly address: string;
  readonly error?: AddressFault;
}

/** Asked by its owner (S10), who shows by the present password that it is them. */
export function changeAddress({ page, action, address, error }: ChangeAddressProps): string {
  const { translate } = page;
  const wrongAddress = error === 'wrong' || error === 'taken' ? translate(`page.changeAddress.${error}`) : undefined;
  const wrongCurrent = error === 'current' ? translate('page.password.current.wrong') : undefined;
  const errors = [{ field: 'address', text: wrongAddress }, { field: 'current', text: wrongCurrent }].flatMap(({ field, text }) => (text === undefined ? [] : [{ field, text }]));
  return renderPage({ page, title: translate('page.changeAddress'), errors, children: (
    <>
      <p>{translate('page.changeAddress.text')}</p>
      <Form page={page} action={action}>
        <TextField name="address" label={translate('page.changeAddress.address')} value={address} autocomplete="email" error={wrongAddress} />
        <PasswordField page={page} name="current" label={translate('page.password.current')} autocomplete="current-password" error={wrongCurrent} />
        <Submit>{translate('page.changeAddress.submit')}</Submit>
      </Form>
    </>
  ) });
}
