// dist/, compiled when what it is made of changed. It is swapped in whole: a server that starts meanwhile finds the old or the new one.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hash, root, run, SetupError } from './support.mjs';

const dist = join(root, 'dist');
const stampOf = (folder) => join(folder, '.built-from');

export async function build({ say, withLock }) {
  const before = sources();
  if (built() === before) return;
  await withLock('build', async () => {
    const wanted = sources();
    if (built() === wanted) return;
    say('building');
    const fresh = `${dist}.${process.pid}`;
    try {
      await compile(fresh);
      writeFileSync(stampOf(fresh), wanted);
      swap(fresh);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  });
}

async function compile(folder) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', folder]);
  if (code !== 0) throw new SetupError(`The server could not be built:\n${output}`);
  for (const name of filesIn('src', /\.(css|js|svg)$/)) {
    const target = join(folder, name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, 'src', name), target);
  }
}

const filesIn = (folder, kind) => readdirSync(join(root, folder), { recursive: true }).filter((name) => kind.test(name));

function swap(fresh) {
  const old = `${fresh}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

function built() {
  try {
    return readFileSync(stampOf(dist), 'utf8');
  } catch {
    return undefined;
  }
}

/** Contents, not times: a checkout that touches every file changes nothing. The lock file stands for the compiler. */
function sources() {
  const code = filesIn('src', /\.(tsx?|css|js|svg)$/);
  const files = [...code.map((name) => join('src', name)), 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  return hash(...files.sort().flatMap((file) => [file, readFileSync(join(root, file))]));
}
