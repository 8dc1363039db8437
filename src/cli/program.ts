/** Every command of `rollcall`. A new subject is a file of its own with an `AddCommands`, and a line in SUBJECTS. */
import { readFileSync } from 'node:fs';
import { Command, type OutputConfiguration } from 'commander';
import { addAdminCommands } from './admin.ts';
import { addClientCommands } from './client.ts';
import { withExamples, type AddCommands, type Runtime } from './command.ts';
import { addDoctor } from './doctor.ts';
import { addKeyCommands } from './keys.ts';
import { addSeatCommands } from './seats.ts';
import { addTenantCommands } from './tenant.ts';
import { addTokenCommands } from './token.ts';

const SUBJECTS: readonly AddCommands[] = [addTenantCommands, addClientCommands, addTokenCommands, addKeyCommands, addAdminCommands, addSeatCommands, addDoctor];

export function buildProgram(runtime: Runtime, output: OutputConfiguration): Command {
  const program = new Command('rollcall')
    .description('Administers a Rollcall server: run it where the server runs, with the same settings.')
    .version(version(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // Nothing here ends the process: `run` answers the exit code.
    .exitOverride()
    .configureOutput(output);
  for (const addCommands of SUBJECTS) addCommands(program, runtime);
  return withExamples(program, ['rollcall tenant list', 'rollcall client create entra --scope users:write groups:write', 'rollcall doctor']);
}

function version(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}
