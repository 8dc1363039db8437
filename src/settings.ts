/**
 * Tables of settings that are kept in the database and changed by people: each has a type, a default, a check and a sentence. The policies of
 * a tenant and the settings of a provisioning client are such tables; the API, the command line and the documentation read the same ones.
 */
import { isIP } from 'node:net';
import { invalidValue, quote } from './errors.ts';
import { isTimeZone } from './time.ts';

/** How people are asked for a value: a box to tick, a number, a choice, some of several, a list with one on each line, a text for each of some names. */
export type Shape =
  | { readonly kind: 'flag' | 'color' | 'timeZone' }
  | { readonly kind: 'number'; readonly least: number; readonly most: number }
  | { readonly kind: 'line'; readonly most: number }
  | { readonly kind: 'one' | 'some'; readonly values: readonly string[] }
  | { readonly kind: 'lines'; readonly of: 'text' | 'number' }
  | { readonly kind: 'texts'; readonly names: readonly string[]; readonly most: number; readonly rows: number };

export interface SettingKind<T> {
  readonly default: T;
  readonly shape: Shape;
  /** What is allowed, for people: `8 to 128`, `one of sso, invite, none`. */
  readonly allowed: string;
  readonly description: string;
  /** @returns the value in its canonical form, or undefined where it is not allowed */
  readonly read: (value: unknown) => T | undefined;
}

export type SettingsTable = Readonly<Record<string, SettingKind<unknown>>>;
export type ValuesOf<Table extends SettingsTable> = { readonly [Name in keyof Table]: Table[Name] extends SettingKind<infer T> ? T : never };

export const flag = (preset: boolean, description: string): SettingKind<boolean> =>
  ({ default: preset, shape: { kind: 'flag' }, description, allowed: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined) });

export const integer = (preset: number, { least, most }: { least: number; most: number }, description: string): SettingKind<number> =>
  ({ default: preset, shape: { kind: 'number', least, most }, description, allowed: `a whole number from ${least} to ${most}`, read: (value) => (Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined) });

export const oneOf = <const T extends string>(preset: NoInfer<T>, values: readonly T[], description: string): SettingKind<T> =>
  ({ default: preset, shape: { kind: 'one', values }, description, allowed: `one of ${values.join(', ')}`, read: (value) => values.find((known) => known === value) });

export const text = (preset: string, most: number, description: string): SettingKind<string> =>
  ({ default: preset, shape: { kind: 'line', most }, description, allowed: `text of at most ${most} characters on one line`, read: (value) => (isLine(value, most) ? value.trim() : undefined) });

interface Element<T> {
  readonly allowed: string;
  readonly read: (value: unknown) => T | undefined;
  /** Where there are only these. */
  readonly values?: readonly string[];
  readonly shape?: Shape;
}

/** A list without repetitions. @param most elements */
export const listOf = <T>(preset: readonly T[], element: Element<T>, most: number, description: string): SettingKind<readonly T[]> => ({
  default: Object.freeze([...preset]),
  shape: element.values ? { kind: 'some', values: element.values } : { kind: 'lines', of: element.shape?.kind === 'number' ? 'number' : 'text' },
  description,
  allowed: `a list of at most ${most}, each ${element.allowed}`,
  read: (value) => {
    if (!Array.isArray(value) || value.length > most) return undefined;
    const read = value.map((one) => element.read(one));
    return read.includes(undefined) ? undefined : [...new Set(read.filter((one) => one !== undefined))];
  },
});

export const color = (preset: string, description: string): SettingKind<string> =>
  ({ default: preset, shape: { kind: 'color' }, description, allowed: 'a colour like #1f4e79', read: (value) => (typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value) ? value.toLowerCase() : undefined) });

export const timeZone = (preset: string, description: string): SettingKind<string> =>
  ({ default: preset, shape: { kind: 'timeZone' }, description, allowed: 'a time zone of the IANA list like Europe/Amsterdam', read: (value) => (isTimeZone(value) && /^[A-Z]/.test(value) ? value : undefined) });

/** A text for each of some names; one that is empty is none. @param most characters, and lines: with 1 a text is one line */
export const textsBy = <const T extends string>(names: readonly T[], { most, lines }: { readonly most: number; readonly lines: number }, description: string): SettingKind<Readonly<Partial<Record<T, string>>>> => ({
  default: Object.freeze({}),
  shape: { kind: 'texts', names, most, rows: Math.min(lines, 8) },
  description,
  allowed: `an object with ${names.join(', ')}, each text of at most ${most} characters${lines === 1 ? ' on one line' : ''}`,
  read: (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const given = Object.entries<unknown>({ ...value });
    if (given.some(([name, one]) => !names.some((known) => known === name) || !isText(one, most, lines))) return undefined;
    const kept = names.flatMap((name): [T, string][] => given.flatMap(([other, one]) => (other === name && typeof one === 'string' && one.trim() !== '' ? [[name, one.replaceAll('\r\n', '\n').trim()]] : [])));
    return Object.fromEntries(kept) as Partial<Record<T, string>>; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion -- the names were compared above
  },
});

const isText = (value: unknown, most: number, lines: number): boolean => typeof value === 'string' && value.length <= most && (lines === 1 ? isLine(value, most) : !/[^\P{Cc}\r\n\t]/u.test(value));

/** Element of a list: an address or a network in CIDR form. */
export const network = { allowed: 'an address or a network like 203.0.113.0/24', read: (value: unknown) => (typeof value === 'string' && isNetwork(value) ? value.toLowerCase() : undefined) };
/** Element of a list: what stands in tokens and is compared to the letter (StringOrURI of RFC 7519 section 2). */
export const identifier = (most: number) => ({ allowed: `a name or URI of at most ${most} characters without blanks`, read: (value: unknown) => (typeof value === 'string' && value.length <= most && /^[!-~]+$/.test(value) ? value : undefined) });
/** Element of a list: a name or a sentence. */
export const line = (most: number) => ({ allowed: `text of at most ${most} characters`, read: (value: unknown) => (isLine(value, most) && value.trim() !== '' ? value.trim() : undefined) });
export const choice = <const T extends string>(values: readonly T[]) => ({ values, allowed: `one of ${values.join(', ')}`, read: (value: unknown) => values.find((known) => known === value) });

const isLine = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most && !/\p{Cc}/u.test(value);

export function isNetwork(name: string): boolean {
  const [address = '', bits, ...rest] = name.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}

/** What is kept: only what departs from the defaults, so that a better default reaches everybody who has not chosen. */
export type Stored = Readonly<Record<string, unknown>>;

/** All values: those kept, else the default. A kept value that a later version no longer allows counts as not kept. */
export function valuesOf<const Table extends SettingsTable>(table: Table, stored: Stored): ValuesOf<Table> {
  const values = Object.entries(table).map(([name, kind]) => [name, stored[name] === undefined ? kind.default : (kind.read(stored[name]) ?? kind.default)]);
  // Each value was read by its own kind.
  return Object.freeze(Object.fromEntries(values)) as ValuesOf<Table>; // eslint-disable-line @typescript-eslint/no-unsafe-type-assertion
}

/**
 * What is kept after a change. `null` takes a setting back to its default.
 * @throws ScimError 400 invalidValue naming the setting and what it may be; then nothing has changed
 */
export function changeSettings(table: SettingsTable, stored: Stored, change: Readonly<Record<string, unknown>>): { readonly stored: Stored; readonly changed: readonly string[] } {
  const next = new Map(Object.entries(stored));
  for (const [name, given] of Object.entries(change)) {
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!kind) throw invalidValue(`There is no setting ${quote(name)}; there are ${Object.keys(table).join(', ')}.`);
    const value = given === null ? kind.default : kind.read(given);
    if (value === undefined) throw invalidValue(`${name} must be ${kind.allowed}.`);
    if (isSame(value, kind.default)) next.delete(name);
    else next.set(name, value);
  }
  const changed = Object.keys(change).filter((name) => !isSame(stored[name], next.get(name)));
  return { stored: Object.fromEntries(next), changed };
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
