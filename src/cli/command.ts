/** What a command is made of: the words it is called by, what it works with, and what it tells. */
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Doing } from '../tenancy/doing.ts';

export interface Io {
  /** The settings; those of the process where it is left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** What came of a command. */
export interface Output {
  /** With --json: one document. */
  readonly data: unknown;
  /** Without: for people. */
  readonly lines: readonly string[];
  /** It was done but not all is well: the exit code is 1. */
  readonly failed?: boolean;
}

/** What a command on the database works with. */
export interface Session {
  readonly doing: Doing;
  readonly config: Config;
  /** @throws StartError where the server's SECRET_KEY is not known here */
  readonly secretKeys: () => readonly string[];
}

export interface Runtime {
  readonly io: Io;
  /** Runs a command's work on the open database with the arguments and options that commander read, and tells what came of it. */
  readonly onDatabase: <Given extends unknown[]>(work: (session: Session, ...given: Given) => Promise<Output>) => (...given: Given) => Promise<void>;
  readonly tell: (output: Output) => void;
}

/** Adds the commands of one subject to the program. */
export type AddCommands = (program: Command, runtime: Runtime) => void;

/** The commands of one subject: `rollcall tenant ...`. */
export function addGroup(program: Command, name: string, description: string, examples: readonly string[]): Command {
  return withExamples(program.command(name).description(description), examples);
}

/** A command that does something. @param usage its name, and its arguments in the notation of commander */
export function addCommand(parent: Command, usage: string, description: string): Command {
  return parent.command(usage).description(description).option('--json', 'print one JSON document');
}

export const withExamples = (command: Command, examples: readonly string[]) =>
  command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
