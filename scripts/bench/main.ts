/**
 * `npm run bench [-- NAME...] [--people N] [--database URI]`: the benchmarks by name, all of them without one. Lists are measured among N people,
 * 1,000,000 unless given, which takes a quarter of an hour to make; on a MongoDB that is given they are kept for the next run.
 */
import { parseArgs } from 'node:util';
import { bulk } from './bulk.ts';
import { consoleList } from './console.ts';
import { openCrowd, type Crowd } from './crowd.ts';
import { exportAll } from './export.ts';
import { startBench, startDatabase, type Bench, type Database } from './harness.ts';
import { members } from './members.ts';
import { search } from './search.ts';

const BENCHMARKS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { bulk, members };
const LISTS: Readonly<Record<string, (crowd: Crowd) => Promise<void>>> = { search, export: exportAll, console: consoleList };

const { positionals: names, values: { people, database } } = parseArgs({
  allowPositionals: true, options: { people: { type: 'string', default: '1000000' }, database: { type: 'string' } },
});
const unknown = names.find((name) => !(name in BENCHMARKS) && !(name in LISTS));
if (unknown !== undefined) {
  console.error(`no benchmark ${unknown}; there are: ${[...Object.keys(BENCHMARKS), ...Object.keys(LISTS)].join(', ')}`);
  process.exit(2);
}

const chosen = <Run>(all: Readonly<Record<string, Run>>): readonly Run[] => Object.entries(all).flatMap(([name, run]) => (names.length === 0 || names.includes(name) ? [run] : []));

async function runBenchmarks(mongod: Database): Promise<void> {
  const runs = chosen(BENCHMARKS);
  if (runs.length === 0) return;
  const bench = await startBench(mongod);
  try {
    for (const run of runs) await run(bench);
  } finally {
    await bench.stop();
  }
}

async function runLists(mongod: Database): Promise<void> {
  const runs = chosen(LISTS);
  if (runs.length === 0) return;
  const crowd = await openCrowd(mongod.uri, Number(people));
  try {
    for (const run of runs) await run(crowd);
  } finally {
    await crowd.close();
  }
}

// What was started ends with this process, however that ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const mongod = await startDatabase(database);
try {
  await runBenchmarks(mongod);
  await runLists(mongod);
} finally {
  await mongod.stop();
}
