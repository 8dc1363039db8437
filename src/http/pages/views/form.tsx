/** Forms and their fields. A field's id is its name; its error and its hint stand beside it and are read out with it. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { PageFrame } from './frame.ts';

interface FormProps {
  readonly page: PageFrame;
  readonly action: string;
  /** Sent along unseen; those that are undefined are left out. */
  readonly hidden?: Readonly<Record<string, string | undefined>>;
  readonly class?: string;
  readonly children: Child;
}

interface FieldProps {
  /** Also its id. */
  readonly name: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
  /** Ids of further elements that describe it. */
  readonly describedBy?: string;
}

interface TextFieldProps extends FieldProps {
  readonly value?: string | undefined;
  readonly readonly?: boolean;
}

export function Form({ page, action, hidden = {}, children, ...rest }: FormProps): JSX.Element {
  return (
    <form method="post" action={action} {...rest}>
      <input type="hidden" name="csrf" value={page.csrf} />
      {Object.entries(hidden).map(([name, value]) => value === undefined ? null : <input type="hidden" name={name} value={value} />)}
      {children}
    </form>
  );
}

/** For names, addresses and codes: nothing that a telephone should capitalise or correct. */
export function TextField({ value, readonly = false, ...field }: TextFieldProps): JSX.Element {
  const { name, autocomplete } = field;
  return (
    <Labelled {...field}>
      <input type="text" id={name} name={name} value={value} autocomplete={autocomplete} autocapitalize="none" spellcheck="false" required={!readonly} readonly={readonly} {...describing(field)} />
    </Labelled>
  );
}

/** Never with a value. The button that shows what is typed appears with the script that works it. */
export function PasswordField({ page, ...field }: FieldProps & { readonly page: PageFrame }): JSX.Element {
  const { name, autocomplete } = field;
  const { translate } = page;
  return (
    <Labelled {...field}>
      <div class="password">
        <input type="password" id={name} name={name} autocomplete={autocomplete} autocapitalize="none" spellcheck="false" required {...describing(field)} />
        <button
          type="button" class="reveal" hidden aria-controls={name} aria-label={translate('page.reveal.show.label')} data-reveal={name}
          data-show={translate('page.reveal.show')} data-show-label={translate('page.reveal.show.label')}
          data-hide={translate('page.reveal.hide')} data-hide-label={translate('page.reveal.hide.label')}
        >
          {translate('page.reveal.show')}
        </button>
      </div>
    </Labelled>
  );
}

export const Submit = ({ children }: { readonly children: Child }): JSX.Element => <button type="submit" class="primary">{children}</button>;

function Labelled({ name, label, hint, error, children }: FieldProps & { readonly children: Child }): JSX.Element {
  return (
    <div class={error === undefined ? 'field' : 'field wrong'}>
      <label for={name}>{label}</label>
      {hint !== undefined && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {error !== undefined && <p class="error" id={`${name}-error`}>{error}</p>}
      {children}
    </div>
  );
}

function describing({ name, error, hint, describedBy }: FieldProps) {
  const ids = [error === undefined ? undefined : `${name}-error`, hint === undefined ? undefined : `${name}-hint`, describedBy].filter((id) => id !== undefined);
  return { 'aria-invalid': error === undefined ? undefined : 'true', 'aria-describedby': ids.length === 0 ? undefined : ids.join(' ') } as const;
}
