// What the steps of set-up share: where things are kept, the record of what was done, a lock, and how a command is run.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const root = join(import.meta.dirname, '..', '..');
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'rollcall');
const recordFile = join(root, 'node_modules', '.rollcall-setup.json');

/** Something that the person at the terminal can act on: printed as its sentence, without a stack. */
export class SetupError extends Error {}

export const hash = (...parts) => parts.reduce((sum, part) => sum.update(part).update('\0'), createHash('sha256')).digest('hex');

/** What earlier runs did: `packages` (hash of the lock file), `mongod`, `version`, `source` and `stamp` of the chosen binary. */
export function readRecord() {
  return readJson(recordFile) ?? {};
}

export function updateRecord(change) {
  writeWhole(recordFile, JSON.stringify({ ...readRecord(), ...change }, null, 2));
}

export function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // absent or cut short: the same as never written
  }
}

/** A reader sees the old text or the new one, never a part. */
export function writeWhole(file, text) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

/** One process at a time per name and checkout: two first starts in one folder must not run `npm ci` into each other. */
export async function withLock(name, work) {
  mkdirSync(cache, { recursive: true });
  const lock = join(cache, `${name}-${hash(root).slice(0, 12)}.lock`);
  const draft = `${lock}.${randomUUID()}`;
  writeFileSync(draft, String(process.pid));
  try {
    while (!take(draft, lock)) await delay(100);
    return await work();
  } finally {
    rmSync(draft, { force: true });
    if (holder(lock) === process.pid) rmSync(lock, { force: true });
  }
}

/** A hard link appears whole, with the pid in it, or not at all. */
function take(draft, lock) {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const pid = holder(lock);
  if (pid !== undefined && !alive(pid)) rmSync(lock, { force: true });
  return false;
}

function holder(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return undefined;
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a command; answers {code, output}. `code` is null when it could not be started or was ended. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const text = () => Buffer.concat(output).toString('utf8').trim();
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code, signal) => resolve({ code, output: signal ? `${text()}\nended by ${signal}`.trim() : text() }));
  });
}
