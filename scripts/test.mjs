// npm test: lint, types, then every test on one MongoDB replica set of its own, compiled beforehand. With files or folders as arguments: those
// tests alone, compiled on the way.
// The last line, `N passed, N failed`, is counted in what tap wrote.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { readJson, readRecord, root, run, updateRecord } from './setup/support.mjs';
import { CHROMIUM, runnable } from './testing/browser-files.mjs';
import { compileTests } from './testing/compile.mjs';
import { countTap } from './testing/count-tap.mjs';

process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK = 'false'; // whichever mongod set-up found is the one meant
const { MongoMemoryReplSet } = await import('mongodb-memory-server');

const TAP = join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
const SECONDS_PER_FILE = 600;
/** Times that no test is about: a busy machine is slow, and no fault. */
const PATIENCE = Object.entries({ connectTimeoutMS: 60_000, serverSelectionTimeoutMS: 60_000, socketTimeoutMS: 60_000, waitQueueTimeoutMS: 60_000 });
const asked = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
const closing = [() => rmSync(folder, { recursive: true, force: true })];
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end(1));

try {
  const { folder, ...checks } = asked.length === 0 ? await checkSources() : { folder: undefined, passed: 0, failed: 0 };
  const { files, ...leftOut } = runnable(testFiles());
  const tests = files.length === 0 ? { passed: 0, failed: 0, skipped: 0 } : await runTests(files, folder);
  const passed = checks.passed + tests.passed;
  const failed = checks.failed + tests.failed + leftOut.failed;
  if (tests.skipped > 0) console.log(`${tests.skipped} skipped`);
  if (leftOut.line !== undefined) console.log(leftOut.line);
  console.log(`${passed} passed, ${failed} failed`);
  await end(failed > 0 || tests.passed === 0 ? 1 : 0);
} catch (error) {
  console.error(error);
  console.log('0 passed, 1 failed');
  await end(1);
}

/** Lint beside types, one core each; one passed or failed each. @returns also where the tests are compiled */
async function checkSources() {
  const lint = run(process.execPath, [join(root, 'node_modules', 'eslint', 'bin', 'eslint.js'), '.']).then(({ code, output }) => tell('lint', code === 0, output));
  const types = compileTests().then(({ folder, output }) => ({ folder, ok: tell('types', folder !== undefined, output) }));
  const [linted, { folder, ok }] = await Promise.all([lint, types]);
  const passed = Number(linted) + Number(ok);
  return { folder, passed, failed: 2 - passed };
}

function tell(name, ok, output) {
  console.log(ok ? `${name}: ok` : `${name}: failed\n${output}`);
  return ok;
}

function testFiles() {
  const under = (path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true }).filter((name) => name.endsWith('.test.ts')).map((name) => join(path, name))
      : [path];
  return (asked.length === 0 ? [join(root, 'test')] : asked).flatMap(under).map((path) => relative(root, path)).sort();
}

/** @param compiled where the files are as JavaScript too; undefined: as they are */
async function runTests(files, compiled) {
  await buildTap();
  const loader = compiled === undefined ? ['--node-arg=--import=tsx'] : [];
  const flags = ['--disable-coverage', '--allow-incomplete-coverage', '--allow-empty-coverage', ...loader, '--jobs=2'];
  const named = compiled === undefined ? files : files.map((file) => file.replace(/\.ts$/, '.js'));
  const args = ['run', ...flags, `--timeout=${SECONDS_PER_FILE}`, '--reporter=tap', ...named];
  const env = { ...process.env, ROLLCALL_TEST_MONGODB_URI: await startMongodb(), ROLLCALL_TEST_CHROMIUM: CHROMIUM };
  const tap = spawn(process.execPath, [TAP, ...args], {
    cwd: compiled ?? root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => void tap.kill());
  const closed = once(tap, 'close');
  const isTold = teller();
  const lines = [];
  for await (const line of createInterface({ input: tap.stdout })) {
    lines.push(line);
    if (isTold(line)) console.log(line);
  }
  const [code] = await closed;
  const count = countTap(lines.join('\n'));
  if (code !== 0 && count.failed === 0) count.failed = 1;
  return count;
}

/** tap generates code for the plugins that package.json names; left to itself its first run after `npm ci` still has the default ones. */
async function buildTap() {
  const plugins = JSON.stringify(readJson(join(root, 'package.json')).tap);
  if (readRecord().tap === plugins) return;
  const { code, output } = await run(process.execPath, [TAP, 'build']);
  if (code !== 0) throw new Error(`tap build failed:\n${output}`);
  updateRecord({ tap: plugins });
}

/** Of all that tap writes a person wants a line per file, and every failure with what it says about itself. */
function teller() {
  let failing = false;
  return (line) => {
    const notOk = /^\s*not ok \d/.test(line) && !/# (TODO|SKIP)/i.test(line);
    const point = notOk || /^\s*ok \d/.test(line);
    // A point with a time sums up others, which were told.
    if (point) failing = notOk && !line.includes('# time=');
    const told = failing || notOk || /^ok \d/.test(line);
    if (/^\s*(\.\.\.$|# Subtest)/.test(line)) failing = false;
    return told;
  };
}

async function startMongodb() {
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: readRecord().mongod },
    replSet: { count: 1, name: 'rollcall', storageEngine: 'wiredTiger', args: ['--setParameter', 'ttlMonitorEnabled=false', '--noscripting', '--networkMessageCompressors', 'disabled'] },
    instanceOpts: [{ dbPath: mkdtempSync(join(folder, 'mongo-')), storageEngine: 'wiredTiger', args: ['--wiredTigerCacheSizeGB', '1'] }],
  });
  closing.push(() => set.stop());
  const uri = new URL(set.getUri());
  for (const [name, value] of PATIENCE) uri.searchParams.set(name, String(value));
  return uri.href;
}

async function end(code) {
  for (const close of closing.splice(0).reverse()) await close();
  process.exit(code);
}
