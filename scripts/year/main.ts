/**
 * `npm run year [-- --short] [--seed N] [--people N] [--days N]`: a year of an organisation with three clients against a real server with a clock of its
 * own, and a model beside it that says at the end, and some days before, what there ought to be. Closing line: `N passed, N failed`.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startMongod } from '../storms/place.ts';
import { Report } from '../storms/report.ts';
import { Random } from './random.ts';
import { Year, type Measure } from './year.ts';

const flags = { short: { type: 'boolean', default: false }, seed: { type: 'string' }, people: { type: 'string' }, days: { type: 'string' }, pace: { type: 'string' } } as const;
const { short, seed: given, people, days, pace } = parseArgs({ options: flags }).values;
const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
const usual: Measure = short
  ? { people: 120, days: 60, groups: 8, pace: 4, every: { comparison: 25, restart: 28, kill: 15, outage: 20 } }
  : { people: 5000, days: 365, groups: 40, pace: 1, every: { comparison: 60, restart: 30, kill: 20, outage: 25 } };
const measure = { ...usual, people: Number(people ?? usual.people), days: Number(days ?? usual.days), pace: Number(pace ?? usual.pace) };

console.log(`seed ${seed}: ${measure.people} people, ${measure.days} days`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const report = new Report();
const mongod = await startMongod();
const began = performance.now();
try {
  await Year.live(mongod, measure, new Random(seed), report);
} catch (error) {
  report.check(false, `the year ended early: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
}
report.note(`seed ${seed}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
await mongod.stop();
process.exit(report.close() ? 0 : 1);
