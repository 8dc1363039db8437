/** Reads the words of a command, runs it, and answers the exit code; the codes are those of docs/command-line.md. */
import { CommanderError } from 'commander';
import { v7 as uuid } from 'uuid';
import { loadConfig, type Config } from '../config.ts';
import { createLog } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Doing } from '../tenancy/doing.ts';
import type { Io, Output, Runtime, Session } from './command.ts';
import { DONE, FAILED, faultOf, WRONG_USAGE } from './faults.ts';
import { knownSecretKeys, openDatabase, requireCurrent } from './open.ts';
import { buildProgram } from './program.ts';

/** @param words without the name of the program */
export async function run(words: readonly string[], io: Io): Promise<number> {
  const isJson = words.includes('--json');
  let help = '';
  let code = DONE;
  const tell = ({ data, lines, failed = false }: Output) => {
    io.out(`${isJson ? JSON.stringify(data, null, 2) : lines.join('\n')}\n`);
    if (failed) code = FAILED;
  };
  const program = buildProgram({ io, tell, onDatabase: onDatabase(io, tell) }, {
    writeOut: io.out,
    // Where a word is missing, the help of the command it belongs to.
    writeErr: (text) => (help += text),
    outputError: () => undefined,
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return DONE;
    if (help !== '' && !isJson) {
      io.err(help);
      return WRONG_USAGE;
    }
    const fault = faultOf(error, program, words);
    io.err(`${isJson ? JSON.stringify({ error: fault.message }) : fault.message}\n`);
    return fault.code;
  }
}

/** The database is closed before anything is told: what is printed has been done, and nothing is left running. */
const onDatabase = ({ env }: Io, tell: Runtime['tell']): Runtime['onDatabase'] => (work) => async (...given) => {
  const config = loadConfig(env);
  // What goes wrong is told in one line; a log beside it would be a second voice.
  const opened = await openDatabase(config, createLog({ level: 'silent' }));
  let output: Output;
  try {
    await requireCurrent(opened.store);
    output = await work(sessionOf(config, opened.store), ...given);
  } finally {
    await opened.close();
  }
  tell(output);
};

function sessionOf(config: Config, store: Store): Session {
  const doing: Doing = {
    store,
    now: () => new Date(),
    by: { kind: 'system', id: 'command line' },
    may: undefined,
    request: uuid(),
    from: undefined,
    changed: () => undefined,
  };
  return { doing, config, secretKeys: () => knownSecretKeys(config) };
}
