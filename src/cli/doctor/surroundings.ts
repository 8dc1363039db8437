/** What the process stands on: Node, the disk, and the address that others see. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fail, ok, warn, type Check } from './check.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const NODE = [20, 19] as const;

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  if (major > NODE[0] || (major === NODE[0] && minor >= NODE[1])) return ok('node', version);
  return fail('node', `${version} is too old: install Node.js ${NODE.join('.')} or newer.`);
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export function publicUrlCheck(publicUrl: string): Check {
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === 'https:' || LOOPBACK.test(hostname)) return ok('public url', publicUrl);
  const remedy = 'put a reverse proxy with a certificate in front and set PUBLIC_URL to its address.';
  return warn('public url', `${publicUrl} is not https, so tokens and passwords can be read on their way: ${remedy}`);
}

const GIB = 1024 ** 3;
/** MongoDB itself refuses some work below half a GiB. */
const DISK = { least: GIB / 2, enough: 2 * GIB };

export async function diskCheck(dataDir: string): Promise<Check> {
  if (!existsSync(dataDir)) return fail('disk', `${dataDir} does not exist: start the server once, or set DATA_DIR as the server has it.`);
  const { bavail, bsize } = await statfs(dataDir);
  return spaceCheck(dataDir, bavail * bsize);
}

export function spaceCheck(dataDir: string, bytes: number): Check {
  const text = `${(bytes / GIB).toFixed(1)} GiB are free for ${dataDir}`;
  if (bytes >= DISK.enough) return ok('disk', text);
  return (bytes < DISK.least ? fail : warn)('disk', `${text}: make room, or move DATA_DIR to a larger disk.`);
}

/** In a process of its own: a binary that was made for another machine ends the process that loads it. */
export const HASHING = "import argon2 from 'argon2'; process.exit((await argon2.verify(await argon2.hash('doctor'), 'doctor')) ? 0 : 1);";
const HASHED_WITHIN_MS = 10_000;

export async function hashingCheck(program = HASHING): Promise<Check> {
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], { cwd: root, timeout: HASHED_WITHIN_MS });
    return ok('passwords', 'argon2 hashes');
  } catch {
    const remedy = 'install the packages on this machine ("npm ci --ignore-scripts"), for its own system and processor.';
    return fail('passwords', `argon2 does not hash here, so no password can be set: ${remedy}`);
  }
}
