/** The fields of the console's forms. A field's id is its name; its error and its hint stand beside it and are read out with it. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { ConsoleFrame } from './frame.ts';

interface FieldProps {
  /** Also its id. */
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly required?: boolean;
}

type Kind = 'text' | 'email' | 'date' | 'number' | 'search' | 'url' | 'password';
interface InputProps extends FieldProps {
  readonly type?: Kind;
  readonly value?: string | number | undefined;
  readonly autocomplete?: string;
  readonly min?: string | number;
  readonly max?: string | number;
  readonly autofocus?: boolean;
}

export const Input = ({ type = 'text', value, autocomplete = 'off', min, max, autofocus, ...field }: InputProps): JSX.Element => (
  <Labelled {...field}>
    <input
      type={type === 'email' || type === 'url' ? 'text' : type} {...(type === 'email' || type === 'url' ? { inputmode: type } : {})} id={field.name} name={field.name} value={value} autocomplete={autocomplete}
      required={field.required} autofocus={autofocus} {...(min === undefined ? {} : { min })} {...(max === undefined ? {} : { max })} {...describing(field)}
    />
  </Labelled>
);

export interface Choice {
  readonly value: string;
  readonly text: string;
}

export const Select = ({ choices, value, none, ...field }: FieldProps & { readonly choices: readonly Choice[]; readonly value?: string | undefined; readonly none?: string | undefined }): JSX.Element => (
  <Labelled {...field}>
    <select id={field.name} name={field.name} required={field.required} {...describing(field)}>
      {none !== undefined && <option value="" selected={value === undefined || value === ''}>{none}</option>}
      {choices.map((choice) => <option value={choice.value} selected={choice.value === value}>{choice.text}</option>)}
    </select>
  </Labelled>
);

export const TextArea = ({ value, rows = 8, ...field }: FieldProps & { readonly value?: string | undefined; readonly rows?: number }): JSX.Element => (
  <Labelled {...field}>
    <textarea id={field.name} name={field.name} rows={rows} required={field.required} {...describing(field)}>{value}</textarea>
  </Labelled>
);

export const Check = ({ name, label, checked = false, value = 'on', hint }: { readonly name: string; readonly label: Child; readonly checked?: boolean; readonly value?: string; readonly hint?: string | undefined }): JSX.Element => (
  <div class="check">
    <input type="checkbox" id={idOf(name, value)} name={name} value={value} checked={checked} aria-describedby={hint === undefined ? undefined : `${idOf(name, value)}-hint`} />
    <label for={idOf(name, value)}>{label}</label>
    {hint !== undefined && <p class="hint" id={`${idOf(name, value)}-hint`}>{hint}</p>}
  </div>
);

const idOf = (name: string, value: string) => (value === 'on' ? name : `${name}-${value}`);

/** Several choices of which any number can be ticked. */
export const Checks = ({ name, legend, choices, chosen, hint }: { readonly name: string; readonly legend: string; readonly choices: readonly Choice[]; readonly chosen: readonly string[]; readonly hint?: string }): JSX.Element => (
  <fieldset class="checks">
    <legend>{legend}</legend>
    {hint !== undefined && <p class="hint">{hint}</p>}
    {choices.map(({ value, text }) => <Check name={name} value={value} label={text} checked={chosen.includes(value)} />)}
  </fieldset>
);

/** Saving, and the way back that changes nothing. */
export const Buttons = ({ page, save, cancel, danger = false, name, disabledUntil }: {
  readonly page: ConsoleFrame; readonly save: string; readonly cancel: string; readonly danger?: boolean; readonly name?: string;
  /** The id of a box that must be ticked first: with a script the button waits for it, without one the server asks. */
  readonly disabledUntil?: string;
}): JSX.Element => (
  <div class="buttons">
    <button type="submit" class={danger ? 'primary perilous' : 'primary'} name={name} value={name === undefined ? undefined : 'on'} {...(disabledUntil === undefined ? {} : { 'data-until': disabledUntil })}>{save}</button>
    <a class="secondary" href={cancel} autofocus={danger}>{page.translate('console.cancel')}</a>
  </div>
);

function Labelled({ name, label, hint, error, required = false, children }: FieldProps & { readonly children: Child }): JSX.Element {
  return (
    <div class={error === undefined ? 'field' : 'field wrong'}>
      <label for={name}>{label}{required && <span class="must" aria-hidden="true"> *</span>}</label>
      {hint !== undefined && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {error !== undefined && <p class="error" id={`${name}-error`}>{error}</p>}
      {children}
    </div>
  );
}

function describing({ name, error, hint }: FieldProps) {
  const ids = [error === undefined ? undefined : `${name}-error`, hint === undefined ? undefined : `${name}-hint`].filter((id) => id !== undefined);
  return { 'aria-invalid': error === undefined ? undefined : 'true', 'aria-describedby': ids.length === 0 ? undefined : ids.join(' ') } as const;
}
