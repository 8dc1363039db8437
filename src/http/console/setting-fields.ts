/** From a form to a change of settings, by the table that the API and the command line read too. */
import { createHash } from 'node:crypto';
import type { SettingKind, SettingsTable, Shape } from '../../settings.ts';
import { conflict } from '../../errors.ts';
import type { Given, Problem } from './forms.ts';
import { allowedText } from './views/setting-fields.tsx';
import type { ConsoleFrame } from './views/frame.ts';

export interface SettingsForm {
  readonly table: SettingsTable;
  /** Those that the form has. */
  readonly names: readonly string[];
  /** As they are now. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface SettingsChange {
  readonly change: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** What was shown, in one word: so that a form that is out of date does not take back what somebody else has decided meanwhile. */
export const stampOf = (values: unknown): string => createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22);

/** @throws ScimError 409 */
export function checkStamp(given: Given, values: unknown): void {
  if (given.value('seen') !== stampOf(values)) throw conflict('These settings have been changed by somebody else since the form was opened.');
}

/** Only what departs from what there is. */
export function settingsChange(page: ConsoleFrame, { table, names, values }: SettingsForm, given: Given): SettingsChange {
  const read = names.flatMap((name) => {
    const kind = table[name];
    return kind ? [{ name, kind, value: readSetting(kind, name, given) }] : [];
  });
  return {
    change: Object.fromEntries(read.filter(({ name, value }) => value !== undefined && JSON.stringify(value) !== JSON.stringify(values[name])).map(({ name, value }) => [name, value])),
    problems: read.filter(({ value }) => value === undefined).map(({ name, kind }) => ({ field: name, text: [page.translate('console.setting.wrong'), allowedText(page, kind)].join(' ').trim() })),
  };
}

/** @returns undefined for what is not allowed */
const readSetting = (kind: SettingKind<unknown>, name: string, given: Given): unknown => kind.read(typed(kind.shape, name, given));

function typed(shape: Shape, name: string, given: Given): unknown {
  switch (shape.kind) {
    case 'flag':
      return given.ticked(name);
    case 'number':
      return numberIn(given.value(name));
    case 'texts':
      return Object.fromEntries(shape.names.map((one) => [one, given.value(`${name}.${one}`)]));
    case 'some':
      return given.all(name);
    case 'lines':
      return linesIn(given.value(name)).map((line) => (shape.of === 'number' ? numberIn(line) : line));
    case 'one':
    case 'line':
    case 'color':
    case 'timeZone':
      return given.value(name).trim();
  }
}

export const numberIn = (text: string): number => (/^\d{1,12}$/.test(text.trim()) ? Number(text) : NaN);
const linesIn = (text: string) => text.split(/[\n,]/).map((line) => line.trim()).filter((line) => line !== '');
