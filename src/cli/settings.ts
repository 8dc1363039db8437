/** A table of settings as people and programs see it: the policies of a tenant, or what is decided for a client. */
import type { SettingsTable, Stored } from '../settings.ts';
import { facts, type Cell } from './lines.ts';

/** For programs: each with its value, its default, and what it may be. */
export const described = (table: SettingsTable, values: Stored) =>
  Object.fromEntries(Object.entries(table).map(([name, { default: preset, allowed, description }]) => [
    name,
    { value: values[name], default: preset, allowed, description },
  ]));

/** For people: three lines each. */
export const describedLines = (table: SettingsTable, values: Stored): string[] =>
  Object.entries(table).flatMap(([name, { default: preset, allowed, description }]) => [
    `${name} = ${JSON.stringify(values[name])}`,
    `    ${description}`,
    `    ${allowed}; default ${JSON.stringify(preset)}`,
  ]);

/** Those that differ from the defaults. */
export function departures(table: SettingsTable, values: Stored): Readonly<Record<string, Cell>> {
  const other = Object.entries(table).filter(([name, { default: preset }]) => JSON.stringify(values[name]) !== JSON.stringify(preset));
  return Object.fromEntries(other.map(([name]) => [name, JSON.stringify(values[name])]));
}

/** After a change: those that were named. */
export const chosenLines = (values: Stored, named: readonly string[]) => facts(Object.fromEntries(named.map((name) => [name, JSON.stringify(values[name])])));
