// node_modules as package-lock.json names it.
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hash, readRecord, root, run, SetupError, updateRecord } from './support.mjs';

const folder = join(root, 'node_modules');
const wanted = () => hash(readFileSync(join(root, 'package-lock.json')));
const installed = () => existsSync(folder) && readRecord().packages === wanted();

export async function installPackages({ say, withLock }) {
  if (installed()) return;
  await withLock('packages', async () => {
    if (installed()) return;
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new SetupError('node_modules is a link to another folder, which npm ci would empty: remove the link, then start again.');
    }
    say('installing packages (npm ci)');
    const { code, output } = await npm(['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund']);
    if (code !== 0) throw new SetupError(`npm ci failed, so nothing was started; what it said:\n${output}`);
    updateRecord({ packages: wanted() });
  });
}

function npm(args) {
  // No package here needs an install script (argon2 and esbuild ship binaries), and mongodb-memory-server's would download a mongod.
  const env = { ...process.env, MONGOMS_DISABLE_POSTINSTALL: '1' };
  const self = process.env.npm_execpath;
  return self?.endsWith('.js') ? run(process.execPath, [self, ...args], { env }) : run('npm', args, { env });
}
