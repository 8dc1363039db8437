/** Settings as fields of a form and as facts: each by its type, so that a new one of the table needs a label and nothing else. */
import type { JSX } from '#jsx/jsx-runtime';
import type { SettingKind, SettingsTable } from '../../../settings.ts';
import type { Given } from '../forms.ts';
import { Check, Input, Select, TextArea } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Fact } from './parts.tsx';

/** Values that have a word of their own. */
const WORDS = [
  'nl', 'nb', 'en', 'smp', 'injixo', 'superoffice', 'outsmart', 'accounts', 'people', 'familyName', 'infix', 'last', 'firstGone', 'resource', 'empty', 'sso', 'invite', 'none', 'permanent', 'hide', 'refuse', 'adopt', 'ask',
  'employee', 'external', 'portal', 'contact', 'generic', 'entra', 'okta', 'google', 'authentik', 'jumpcloud', 'onelogin', 'ping', 'sailpoint', 'hr',
] as const;

/** What a choice is called; one that has no word is called as it is. */
export function wordOf({ translate }: ConsoleFrame, value: string): string {
  const known = WORDS.find((word) => word === value);
  return known ? translate(`console.choice.${known}`) : value;
}

interface SettingProps {
  readonly page: ConsoleFrame;
  readonly name: string;
  readonly kind: SettingKind<unknown>;
  readonly label: string;
  /** As it is now. */
  readonly value: unknown;
}

type Say = (value: string) => string;

export function SettingField({ page, name, kind, label, value, given, say = (one) => wordOf(page, one) }: SettingProps & { readonly given: Given; readonly say?: Say }): JSX.Element {
  const { shape } = kind;
  const error = given.problem(name);
  const hint = hintOf(page, kind, say);
  const field = { name, label, hint, error };
  const text = given.value(name, asTyped(value));
  switch (shape.kind) {
    case 'flag':
      return <Check name={name} label={label} checked={given.ticked(name, value === true)} />;
    case 'number':
      return <Input {...field} type="number" value={text} min={shape.least} max={shape.most} />;
    case 'one':
      return <Select {...field} value={text} choices={shape.values.map((one) => ({ value: one, text: say(one) }))} />;
    case 'some': {
      const chosen = given.isSent ? given.all(name) : listed(value);
      return (
        <fieldset class="checks" id={name}>
          <legend>{label}</legend>
          {error !== undefined && <p class="error">{error}</p>}
          {shape.values.map((one) => <Check name={name} value={one} label={say(one)} checked={chosen.includes(one)} />)}
        </fieldset>
      );
    }
    case 'texts': {
      const texts = byName(value);
      return (
        <fieldset id={name}>
          <legend>{label}</legend>
          <p class="hint">{hint}</p>
          {error !== undefined && <p class="error">{error}</p>}
          {shape.names.map((one) => {
            const each = { name: `${name}.${one}`, label: say(one), value: given.value(`${name}.${one}`, asTyped(texts.get(one))) };
            return shape.rows === 1 ? <Input {...each} /> : <TextArea {...each} rows={shape.rows} />;
          })}
        </fieldset>
      );
    }
    case 'lines':
      return <TextArea {...field} rows={3} value={text} />;
    case 'line':
    case 'color':
    case 'timeZone':
      return <Input {...field} value={text} />;
  }
}

export const SettingFact = ({ page, kind, label, value }: Omit<SettingProps, 'name'>): JSX.Element => <Fact page={page} term={label}>{settingText(page, kind, value)}</Fact>;

/** Empty for nothing. */
export function settingText(page: ConsoleFrame, { shape }: SettingKind<unknown>, value: unknown, say: Say = (one) => wordOf(page, one)): string {
  if (shape.kind === 'flag') return page.translate(value === true ? 'console.setting.yes' : 'console.setting.no');
  if (typeof value === 'number') return page.number(value);
  if (shape.kind === 'texts') return [...byName(value).keys()].map(say).join(', ');
  if (Array.isArray(value)) return listed(value).map((one) => (shape.kind === 'some' ? say(one) : one)).join(', ');
  return shape.kind === 'one' ? say(asTyped(value)) : asTyped(value);
}

/** What is allowed, as a sentence; empty where nothing has to be said. */
export function allowedText({ translate, number }: ConsoleFrame, { shape }: SettingKind<unknown>): string {
  switch (shape.kind) {
    case 'number':
      return translate('console.setting.range', { least: number(shape.least), most: number(shape.most) });
    case 'line':
      return translate('console.setting.line', { most: number(shape.most) });
    case 'texts':
      return translate('console.setting.texts', { most: number(shape.most) });
    case 'color':
      return translate('console.setting.color');
    case 'timeZone':
      return translate('console.setting.timeZone');
    case 'lines':
      return translate('console.setting.lines');
    case 'flag':
    case 'one':
    case 'some':
      return '';
  }
}

function hintOf(page: ConsoleFrame, kind: SettingKind<unknown>, say: Say): string {
  if (kind.shape.kind === 'texts') return allowedText(page, kind);
  const preset = settingText(page, kind, kind.default, say) || page.translate('console.setting.empty');
  return `${allowedText(page, kind)} ${page.translate('console.setting.default', { value: preset })}`.trim();
}

const byName = (value: unknown): ReadonlyMap<string, unknown> => new Map(Object.entries({ ...(typeof value === 'object' ? value : {}) }));
const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const asTyped = (value: unknown): string => (Array.isArray(value) ? value.join('\n') : typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** The entries of a table that have these names. */
export const kindsOf = (table: SettingsTable, names: readonly string[]): readonly { readonly name: string; readonly kind: SettingKind<unknown> }[] =>
  names.flatMap((name) => (table[name] ? [{ name, kind: table[name] }] : []));
