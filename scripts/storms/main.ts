/**
 * `npm run storms [-- --short] [--only NAME]`: many at once against real servers, and what must not come of it.
 * Closing line: `N passed, N failed`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { creates } from './creates.ts';
import { leavers } from './leavers.ts';
import { links } from './links.ts';
import { lockout } from './lockout.ts';
import { mail } from './mail.ts';
import { startMongod, type Storm } from './place.ts';
import { Report } from './report.ts';
import { starvation } from './starvation.ts';
import { timing } from './timing.ts';

const STORMS: Readonly<Record<string, Storm>> = { lockout, links, creates, mail, leavers, timing, starvation };

const flags = { short: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } } as const;
const { short, only = [] } = parseArgs({ options: flags }).values;
const unknown = only.find((name) => !(name in STORMS));
if (unknown !== undefined) {
  console.error(`no storm ${unknown}; there are: ${Object.keys(STORMS).join(', ')}`);
  process.exit(2);
}

/** A storm that hangs has failed. */
const LONGEST_MS = (short ? 3 : 20) * 60_000;

const report = new Report();
const mongod = await startMongod();
// What was started ends with this process, however that ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
let isOver = true;
for (const [name, storm] of Object.entries(STORMS)) {
  if (!isOver || (only.length > 0 && !only.includes(name))) continue;
  console.log(`-- ${name}`);
  const began = performance.now();
  try {
    isOver = await Promise.race([storm({ mongod, report, short }).then(() => true), delay(LONGEST_MS, false, { ref: false })]);
    // What it has started would be in the way of the next ones.
    if (!isOver) throw new Error(`it was not over within ${LONGEST_MS / 60_000} minutes, so the others are left out`);
  } catch (error) {
    report.check(false, `${name} ended early: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  }
  report.note(`${((performance.now() - began) / 1000).toFixed(1)} s`);
}
await mongod.stop();
process.exit(report.close() ? 0 : 1);
