/** The process of the command `rollcall`; what it does is in `cli/run.ts`. */
import { run } from './cli/run.ts';

for (const stream of [process.stdout, process.stderr]) {
  // `rollcall client list | head -1`: the reader has seen enough.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
// Not process.exit(): what was printed into a pipe may still be on its way.
process.exitCode = await run(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
