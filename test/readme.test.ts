import t from 'tap';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTINGS } from '../src/config.ts';

const root = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const readme = read('README.md');
const PAGES = ['README.md', 'docs/connect-entra.md', 'docs/connect-okta.md'];

t.test('the table of settings is the one of config.ts', (t) => {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = SETTINGS.map(({ name, default: preset, description, secret }) => {
    const value = preset === undefined || preset === '' ? '' : `\`${preset}\``;
    return `| \`${name}\` | ${cell(value)} | ${cell(description)}${secret ? ' Secret.' : ''} |`;
  });
  const expected = ['| setting | default | meaning |', '|---|---|---|', ...rows];
  const written = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(readme)?.[1] ?? '';
  t.same(written.trim().split('\n'), expected);
  t.end();
});

t.test('every npm command that the pages name is there', (t) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const builtIn = new Set(['ci', 'install']);
  const named = PAGES.flatMap((page) => [...read(page).matchAll(/\bnpm (?:run )?([a-z][\w:-]*)/g)].map((match) => match[1] ?? ''));
  t.ok(named.includes('start') && named.includes('test'));
  t.same(named.filter((name) => scripts[name] === undefined && !builtIn.has(name)), []);
  t.end();
});

t.test('every link between the pages leads somewhere', (t) => {
  const slug = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-');
  const anchors = (page: string) => [...read(page).matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1] ?? ''));
  const broken = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : join(page, '..', path);
        return !existsSync(join(root, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
      })
      .map((link) => `${page}: ${link}`),
  );
  t.same(broken, []);
  t.end();
});

t.test('the curl commands of the first sync are the requests the text says', (t) => {
  const block = /## A first sync\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  for (const verb of ['/Users', '/Groups', 'PATCH', 'filter=', '"active"']) t.match(block, verb);
  const bodies = [...block.matchAll(/(?:-d|json) '([^']*(?:'"\$\w+"'[^']*)*)'/g)].map((match) => (match[1] ?? '').replace(/'"\$\w+"'/g, 'id'));
  t.ok(bodies.length >= 4);
  for (const body of bodies) t.ok(typeof JSON.parse(body) === 'object', body);
  t.end();
});
