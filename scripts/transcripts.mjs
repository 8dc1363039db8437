// npm run transcripts: what identity providers are known to send (test/idp), replayed against the built server.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replay, summary } from './replay.mjs';
import { startServer } from './started-server.mjs';

const folder = join(import.meta.dirname, '..', 'test', 'idp');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => join(folder, name));

try {
  const server = await startServer();
  try {
    const total = await replay({ base: server.base, token: server.token, files, verbose: process.argv.includes('--verbose') });
    console.log(summary(total));
    process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
  } finally {
    await server.stop();
  }
} catch (error) {
  console.error(`transcripts: ${error.message}`);
  process.exitCode = 1;
}
