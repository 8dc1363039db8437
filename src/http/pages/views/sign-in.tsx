/** Signing in, and asking for a new password (S6, J9, P5). Nothing here tells whether an account exists. */
import { Form, PasswordField, Submit, TextField } from './form.tsx';
import type { PageFrame } from './frame.ts';
import { renderPage } from './document.tsx';

export interface SignInProps {
  readonly page: PageFrame;
  /** Takes `name`, `password`, `next` and `csrf`. */
  readonly action: string;
  /** What was typed; empty at first. */
  readonly name: string;
  readonly error?: 'refused' | 'throttled';
  /** Where to go afterwards; sent back as it is. */
  readonly next: string;
  readonly forgotAddress: string;
  /** The name of the portal that was come for. */
  readonly portal?: string;
}

export function signIn({ page, action, name, error, next, forgotAddress, portal }: SignInProps): string {
  const { translate } = page;
  const title = portal === undefined ? translate('page.signIn') : translate('page.signIn.portal', { portal });
  const errors = error === undefined ? [] : [{ field: error === 'refused' ? 'name' : 'password', text: translate(`page.signIn.${error}`) }];
  return renderPage({ page, title, errors, children: (
    <Form page={page} action={action} hidden={{ next }}>
      <TextField name="name" label={translate('page.signIn.name')} value={name} autocomplete="username" error={error === 'refused' ? translate('page.signIn.name.check') : undefined} />
      <PasswordField page={page} name="password" label={translate('page.password')} autocomplete="current-password" error={error && translate('page.signIn.password.again')} />
      <Submit>{translate('page.signIn')}</Submit>
      <p class="beside"><a href={forgotAddress}>{translate('page.signIn.forgotten')}</a></p>
    </Form>
  ) });
}

export interface ForgotProps {
  readonly page: PageFrame;
  /** Takes `name` and `csrf`. */
  readonly action: string;
  readonly name: string;
  readonly portal?: string;
}

export function forgot({ page, action, name, portal }: ForgotProps): string {
  const { translate } = page;
  return renderPage({ page, title: translate('page.forgot'), children: (
    <>
      <p>{portal === undefined ? translate('page.forgot.text') : translate('page.forgot.text.portal', { portal })}</p>
      <Form page={page} action={action}>
        <TextField name="name" label={translate('page.signIn.name')} value={name} autocomplete="username" />
        <Submit>{translate('page.forgot.submit')}</Submit>
      </Form>
    </>
  ) });
}

export interface ForgotSentProps {
  readonly page: PageFrame;
  readonly signInAddress: string;
}

/** Says the same whoever asked, and whether or not a mail was sent. */
export function forgotSent({ page, signInAddress }: ForgotSentProps): string {
  const { translate } = page;
  return renderPage({ page, title: translate('page.forgotSent'), children: (
    <>
      <p>{translate('page.forgotSent.text')}</p>
      <p class="quiet">{translate('page.forgotSent.nothing')}</p>
      <p class="beside"><a href={signInAddress}>{translate('page.toSignIn')}</a></p>
    </>
  ) });
}
