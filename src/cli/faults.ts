/** What a command that failed says: one line with what to do, and whether it was asked wrongly (2) or could not be done (1). */
import { CommanderError, type Command } from 'commander';
import { ScimError, StartError } from '../errors.ts';
import { isMongoError } from '../store/mongo-errors.ts';

export const DONE = 0;
export const FAILED = 1;
export const WRONG_USAGE = 2;

/** Something that a command does not do, and why. */
export class Refused extends Error {}

export interface Fault {
  readonly message: string;
  readonly code: typeof FAILED | typeof WRONG_USAGE;
}

export function faultOf(error: unknown, program: Command, words: readonly string[]): Fault {
  if (error instanceof CommanderError) return { message: `${sentence(error.message)}; see "${nameOf(program, words)} --help".`, code: WRONG_USAGE };
  return { message: oneLine(messageOf(error)), code: FAILED };
}

function messageOf(error: unknown): string {
  if (error instanceof ScimError || error instanceof StartError || error instanceof Refused) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  if (isMongoError(error)) return `MongoDB did not do it (${message}): look with "rollcall doctor", then see whether the change was made before repeating it.`;
  return `A fault inside of Rollcall: ${message}`;
}

/** Commander writes `error: unknown command 'lst'`, and what was perhaps meant on a second line. */
function sentence(message: string): string {
  const text = oneLine(message.replace(/^error: /, '')).replace(/\.$/, '');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

const oneLine = (text: string) => text.trim().replace(/\s*\n\s*/g, ' ');

/** Of the innermost command that the words name: the one whose help says what was wrong. */
function nameOf(program: Command, words: readonly string[]): string {
  const [word = '', ...rest] = words;
  const inner = program.commands.find((command) => command.name() === word);
  return inner === undefined ? program.name() : `${program.name()} ${nameOf(inner, rest)}`;
}

/** Says what is missing and where to look, in place of "not found". */
export async function orMissing<T>(work: Promise<T>, message: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ScimError && error.status === 404 ? new Refused(message) : error;
  }
}
