/** Choosing a password, for whichever reason (S4, S6, S7, J9), and that it was chosen. */
import { renderPage } from './document.tsx';
import { Form, PasswordField, Submit, TextField } from './form.tsx';
import type { PageFrame } from './frame.ts';
import { RuleList, type PasswordRule } from './password-rules.tsx';

/** `renew`: its time was up, or an administrator asked for it; `change`: its owner wants another. */
export type PasswordPurpose = 'activate' | 'reset' | 'renew' | 'change';

/** What stands in `broken` where the present password was wrong. */
export const CURRENT_WRONG = 'current';

export interface ChoosePasswordProps {
  readonly page: PageFrame;
  readonly purpose: PasswordPurpose;
  /** Takes `password`, `csrf`, and where they are on the page `current` and `token`. */
  readonly action: string;
  /** Of the link that was followed. */
  readonly token?: string;
  readonly rules: readonly PasswordRule[];
  /** Keys of rules, and CURRENT_WRONG. */
  readonly broken: readonly string[];
  /** Whether the present password is asked for. */
  readonly needsCurrent: boolean;
  /** What the person signs in with: shown, and there for password managers. */
  readonly name: string;
}

export function choosePassword({ page, purpose, action, token, rules, broken, needsCurrent, name }: ChoosePasswordProps): string {
  const { translate } = page;
  const wrongCurrent = needsCurrent && broken.includes(CURRENT_WRONG) ? translate('page.password.current.wrong') : undefined;
  const brokenRules = rules.filter(({ key }) => broken.includes(key)).map(({ text }) => text);
  const errors = [
    ...(wrongCurrent === undefined ? [] : [{ field: 'current', text: wrongCurrent }]),
    ...brokenRules.map((rule) => ({ field: 'password', text: translate('page.password.broken', { rule }) })),
  ];
  return renderPage({ page, title: translate(`page.password.${purpose}`), errors, children: (
    <>
      <p>{translate(`page.password.${purpose}.text`)}</p>
      <Form page={page} action={action} hidden={{ token }}>
        <TextField name="name" label={translate('page.account.userName')} value={name} autocomplete="username" readonly />
        {needsCurrent && <PasswordField page={page} name="current" label={translate('page.password.current')} autocomplete="current-password" error={wrongCurrent} />}
        <RuleList page={page} id="rules" field="password" rules={rules} broken={broken} />
        <PasswordField
          page={page} name="password" label={translate('page.password.new')} autocomplete="new-password" describedBy="rules"
          error={brokenRules.length === 0 ? undefined : translate('page.password.brokenRules', { count: brokenRules.length })}
        />
        <Submit>{translate(`page.password.${purpose}.submit`)}</Submit>
      </Form>
    </>
  ) });
}

export interface PasswordSetProps {
  readonly page: PageFrame;
  readonly purpose: PasswordPurpose;
  /** Of the account page for `change`, and wherever somebody goes on without signing in. */
  readonly signInAddress: string;
  /** Whether a locked account was unlocked by it (J9). */
  readonly unlocked?: boolean;
}

export function passwordSet({ page, purpose, signInAddress, unlocked = false }: PasswordSetProps): string {
  const { translate } = page;
  return renderPage({ page, title: translate(`page.passwordSet.${purpose}`), children: (
    <>
      <p>{translate(`page.passwordSet.${purpose}.text`)}</p>
      {unlocked && <p>{translate('page.passwordSet.unlocked')}</p>}
      <p class="actions"><a class="primary" href={signInAddress}>{purpose === 'change' ? translate('page.toAccount') : translate('page.toSignIn')}</a></p>
    </>
  ) });
}
