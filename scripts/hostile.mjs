// npm run hostile -- FILE... [--base URL --token TOKEN] [--cat JSON,FILTER]: hostile lines against the built server, or against the one at URL.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from './started-server.mjs';
import { readLines, runLine } from './testing/hostile.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { base: { type: 'string' }, token: { type: 'string' }, cat: { type: 'string' } },
});
const folder = join(import.meta.dirname, '..', 'test', 'hostile');
const files = positionals.length > 0 ? positionals : [join(folder, 'hostile.jsonl'), join(folder, 'more.jsonl')];

try {
  const categories = values.cat?.toUpperCase().split(',');
  const lines = readLines(...files).filter(({ cat }) => categories === undefined || categories.includes(cat));
  const server = values.base === undefined ? await startServer() : { base: values.base, token: values.token ?? '', stop: () => undefined };
  try {
    process.exitCode = await runAll(lines, server);
  } finally {
    await server.stop();
  }
} catch (error) {
  console.error(`hostile: ${error.message}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

async function runAll(lines, { base, token }) {
  const { origin, pathname } = new URL(base);
  const target = { origin, basePath: pathname.replace(/\/$/, ''), tokens: { tokA: token } };
  const count = { passed: 0, failed: 0, notApplicable: 0 };
  for (const line of lines) {
    const { faults, notApplicable } = await runLine(line, target);
    if (notApplicable !== undefined) {
      count.notApplicable += 1;
      console.log(`${line.id}: not applicable yet: ${notApplicable}`);
    } else if (faults.length > 0) {
      count.failed += 1;
      console.log(`${line.id}: FAILED: ${line.title}${faults.map((fault) => `\n    ${fault}`).join('')}`);
    } else count.passed += 1;
  }
  console.log(`${count.notApplicable} not applicable yet`);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  return count.failed > 0 || count.passed === 0 ? 1 : 0;
}
