/** Two-factor authentication (J5): asking for the second factor, setting it up, and the codes for when it is lost. */
import type { JSX } from '#jsx/jsx-runtime';
import { renderPage } from './document.tsx';
import { Form, PasswordField, Submit, TextField } from './form.tsx';
import type { PageFrame } from './frame.ts';
import { QrDrawing, type QrModules } from './qr-drawing.tsx';

export interface SecondFactorProps {
  readonly page: PageFrame;
  /** Takes `code`, from an app or a recovery code, and `csrf`. */
  readonly action: string;
  readonly error?: 'refused' | 'throttled';
}

export function secondFactor({ page, action, error }: SecondFactorProps): string {
  const { translate } = page;
  const wrong = error && translate(`page.secondFactor.${error}`);
  const errors = wrong === undefined ? [] : [{ field: 'code', text: wrong }];
  return renderPage({ page, title: translate('page.secondFactor'), errors, children: (
    <Form page={page} action={action}>
      <TextField name="code" label={translate('page.secondFactor.code')} hint={translate('page.secondFactor.hint')} autocomplete="one-time-code" error={wrong} />
      <Submit>{translate('page.secondFactor.submit')}</Submit>
    </Form>
  ) });
}

export interface SecondFactorBeginProps {
  readonly page: PageFrame;
  /** Takes `current` and `csrf`. */
  readonly action: string;
  readonly isWrong?: boolean;
}

/** Asked of somebody who is signed in and has none: an unwatched browser is not its owner. */
export function secondFactorBegin({ page, action, isWrong = false }: SecondFactorBeginProps): string {
  const { translate } = page;
  const wrong = isWrong ? translate('page.password.current.wrong') : undefined;
  const errors = wrong === undefined ? [] : [{ field: 'current', text: wrong }];
  return renderPage({ page, title: translate('page.secondFactorEnrol'), errors, children: (
    <>
      <p>{translate('page.secondFactorEnrol.text')}</p>
      <Form page={page} action={action}>
        <PasswordField page={page} name="current" label={translate('page.password.current')} autocomplete="current-password" error={wrong} />
        <Submit>{translate('page.secondFactor.submit')}</Submit>
      </Form>
    </>
  ) });
}

export interface SecondFactorEnrolProps {
  readonly page: PageFrame;
  /** Takes `code` and `csrf`. */
  readonly action: string;
  readonly qr: QrModules;
  /** What the drawing says, for those who type it: in Base32, grouped here. */
  readonly secret: string;
  readonly error?: 'refused' | 'throttled';
}

export function secondFactorEnrol({ page, action, qr, secret, error }: SecondFactorEnrolProps): string {
  const { translate } = page;
  const wrong = error && translate(`page.secondFactorEnrol.${error}`);
  const errors = wrong === undefined ? [] : [{ field: 'code', text: wrong }];
  return renderPage({ page, title: translate('page.secondFactorEnrol'), errors, children: (
    <>
      <p>{translate('page.secondFactorEnrol.text')}</p>
      <ol class="steps">
        <li>{translate('page.secondFactorEnrol.app')}</li>
        <li>
          {translate('page.secondFactorEnrol.scan')}
          <QrDrawing modules={qr} label={translate('page.secondFactorEnrol.drawing')} />
          <p class="hint" id="secret-label">{translate('page.secondFactorEnrol.secret')}</p>
          <Copied page={page} id="secret"><code class="secret" id="secret" aria-labelledby="secret-label" role="group">{groupsOfFour(secret).map((group) => <span>{group} </span>)}</code></Copied>
        </li>
        <li>
          <p>{translate('page.secondFactorEnrol.type')}</p>
          <Form page={page} action={action}>
            <TextField name="code" label={translate('page.secondFactorEnrol.code')} autocomplete="one-time-code" error={wrong} />
            <Submit>{translate('page.secondFactorEnrol.submit')}</Submit>
          </Form>
        </li>
      </ol>
    </>
  ) });
}

export interface RecoveryCodesProps {
  readonly page: PageFrame;
  /** Shown this once. */
  readonly codes: readonly string[];
  readonly continueAddress: string;
}

export function recoveryCodes({ page, codes, continueAddress }: RecoveryCodesProps): string {
  const { translate } = page;
  return renderPage({ page, title: translate('page.recoveryCodes'), children: (
    <>
      <p>{translate('page.recoveryCodes.text')}</p>
      <p><strong>{translate('page.recoveryCodes.once')}</strong></p>
      <ol class="codes" id="codes">{codes.map((code) => <li><code>{code}</code></li>)}</ol>
      <Copied page={page} id="codes"><button type="button" hidden data-print>{translate('page.print')}</button></Copied>
      <p class="actions"><a class="primary" href={continueAddress}>{translate('page.recoveryCodes.continue')}</a></p>
    </>
  ) });
}

/** Something to take along, and the buttons for it; they appear with the script that works them. @param id of what is copied */
const Copied = ({ page, id, children }: { readonly page: PageFrame; readonly id: string; readonly children: JSX.Element }): JSX.Element => (
  <div class="take">
    {children}
    <button type="button" hidden data-copy={id} data-copied={page.translate('page.copied')}>{page.translate('page.copy')}</button>
    <span class="quiet" role="status" />
  </div>
);

const groupsOfFour = (secret: string): readonly string[] => secret.replace(/\s+/g, '').match(/.{1,4}/gu) ?? [];
