// npm run conformance: the public suite scim2-tester against the built server. Needs Python 3.11 or newer with its venv module.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startServer } from './started-server.mjs';

const PACKAGES = ['scim2-tester==0.5.2', 'scim2-client[httpx2]==0.13.2', 'scim2-models==0.12.3'];
const PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
const IS_NEW_ENOUGH = 'import sys; sys.exit(sys.version_info < (3, 11))';

try {
  const python = await environment();
  const server = await startServer();
  try {
    process.exitCode = await run(python, [join(import.meta.dirname, 'conformance.py'), server.base], {
      stdio: 'inherit',
      env: { ...process.env, SCIM_TOKEN: server.token },
    });
  } finally {
    await server.stop();
  }
} catch (error) {
  console.error(`conformance: ${error.message}`);
  process.exitCode = 1;
}

/** The Python of a virtual environment that holds PACKAGES, made in the cache directory the first time. */
async function environment() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const folder = join(cache, 'rollcall', 'conformance');
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, 'packages.txt');
  const wanted = PACKAGES.join('\n');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted && (await run(python, ['-c', IS_NEW_ENOUGH])) === 0) return python;

  console.log(`installing ${PACKAGES.join(', ')} in ${folder}`);
  await mkdir(folder, { recursive: true });
  await mustRun(await newEnoughPython(), ['-m', 'venv', '--clear', folder], 'python could not make a virtual environment');
  await mustRun(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES], 'pip could not install scim2-tester');
  await writeFile(stamp, wanted);
  return python;
}

async function newEnoughPython() {
  for (const name of PYTHONS) if ((await run(name, ['-c', IS_NEW_ENOUGH])) === 0) return name;
  throw new Error('scim2-tester needs Python 3.11 or newer on the PATH, and none was found.');
}

async function mustRun(command, args, failure) {
  if ((await run(command, args, { stdio: 'inherit' })) !== 0) throw new Error(`${failure}; its own message is above.`);
}

/** The exit code, or undefined when the command could not be started or was ended by a signal. */
async function run(command, args, options = { stdio: 'ignore' }) {
  const child = spawn(command, args, options);
  try {
    const [code] = await once(child, 'close');
    return code ?? undefined;
  } catch {
    return undefined;
  }
}
