/** Reads what is given on the command line: whole numbers, and settings as name=value. */
import { InvalidArgumentError } from 'commander';
import type { Stored } from '../settings.ts';

export const wholeNumber = (least: number, most: number) => (text: string): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least || value > most) throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  return value;
};

/** One of several name=value, added to those before it. */
export function pair(text: string, before: Stored = {}): Stored {
  const [, name = '', value = ''] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (name === '') throw new InvalidArgumentError('It must be name=value.');
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: valueOf(value) };
}

/** Whether `[name=value...]` was given: where it was not, commander hands over an empty list. */
export const isGiven = (pairs: Stored) => Object.keys(pairs).length > 0;

/** JSON where it is JSON, else text; nothing is null, which takes a setting back to its default. */
function valueOf(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
