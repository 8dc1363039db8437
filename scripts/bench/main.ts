/** `npm run bench [-- NAME...]`: the benchmarks by name, all of them without one. */
import { bulk } from './bulk.ts';
import { startBench, type Bench } from './harness.ts';
import { members } from './members.ts';

const BENCHMARKS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { bulk, members };

const names = process.argv.slice(2);
const unknown = names.find((name) => !(name in BENCHMARKS));
if (unknown !== undefined) {
  console.error(`no benchmark ${unknown}; there are: ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(2);
}

const bench = await startBench();
try {
  for (const [name, run] of Object.entries(BENCHMARKS)) if (names.length === 0 || names.includes(name)) await run(bench);
} finally {
  await bench.stop();
}
