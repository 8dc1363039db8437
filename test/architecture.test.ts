import t from 'tap';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

/** The parts of src, top to bottom. A file imports its own part and lower rows: never a higher one, nor another part of its row. */
const ROWS = [
  ['cli'],
  ['main'],
  ['app'],
  ['http', 'worker'],
  ['accounts'],
  ['tenancy'],
  ['resources'],
  ['store'],
  ['mail'],
  ['locales', 'log'],
  ['config'],
  ['scim'],
  ['gate', 'limits', 'seal', 'policy', 'remembered'],
  ['rights', 'settings'],
  ['errors', 'time'],
];
const PACKAGES = [
  { name: /^(mongoose|mongodb|bson)($|\/)/, only: /^(store\/|store\.ts$)/ },
  { name: /^nodemailer($|\/)/, only: /^mail\// },
  { name: /^i18next($|\/)/, only: /^locales\// },
  { name: /^commander($|\/)/, only: /^cli(\/|\.ts$)/ },
  { name: /^(fastify|fastify-.*|@fastify\/.*|light-my-request)($|\/)/, only: /^(http\/|app\.ts$)/ },
  { name: /^commander($|\/)/, only: /^cli\// },
];

const root = join(import.meta.dirname, '..', 'src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
  .map((file) => file.split(sep).join('/'));
const part = (file: string) => file.split('/')[0]?.replace(/\.tsx?$/, '') ?? '';
const row = (file: string) => ROWS.findIndex((parts) => parts.includes(part(file)));

/** `import ... from 'x'`, `export ... from 'x'`, `import 'x'` and `import('x')`, outside of comment lines. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}
const imports = files.flatMap((file) => importsOf(file).map((name) => ({ file, name })));
const local = imports.flatMap(({ file, name }) =>
  name.startsWith('.') ? [{ file, target: relative(root, join(root, dirname(file), name)).split(sep).join('/') }] : [],
);
const told = (found: readonly { file: string; name?: string; target?: string }[]) =>
  found.map(({ file, name, target }) => `${file} imports ${name ?? target ?? ''}`);

t.ok(local.length > 20, 'the import statements are found at all');
t.same(files.filter((file) => row(file) === -1), [], 'every file belongs to a part that has a row');
t.same(
  told(local.filter(({ file, target }) => !target.startsWith('..') && part(file) !== part(target) && row(file) >= row(target))),
  [],
  'imports run one way',
);
t.same(told(local.filter(({ target }) => target.startsWith('..'))), [], 'nothing outside of src is imported');
for (const { name: pattern, only } of PACKAGES) {
  const wrong = imports.filter(({ file, name }) => pattern.test(name) && !only.test(file));
  t.same(told(wrong), [], `${pattern.source} is imported under ${only.source} alone`);
}
const impure = imports.filter(({ file, name }) => part(file) === 'scim' && isBuiltin(name));
t.same(
  told(impure.filter(({ file, name }) => file !== 'scim/schema-files.ts' || !['node:fs', 'node:path', 'node:url'].includes(name))),
  [],
  'scim is pure: only the schema files are read',
);
t.same(files.filter((file) => /(^|\/)(utils|helpers|common)(\/|\.ts$)/.test(file)), [], 'no file is in a drawer without a name');
