/**
 * `node --import=tsx scripts/coverage-table.ts` writes docs/scim-coverage.md: every requirement of test/rfc/requirements.json with the tests
 * whose titles name it. `test/rfc/traceability.test.ts` fails where the file says anything else.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
export const COVERAGE_FILE = join(root, 'docs', 'scim-coverage.md');

export interface Requirement {
  readonly id: string;
  /** MUST, SHOULD or MAY; the strongest where a rule has several. */
  readonly level: 'M' | 'S' | 'Y';
  /** RFC (76xx shortened to its last two digits) and section. */
  readonly section: string;
  readonly rule: string;
  /** Follows from the rules, but is not spelled out in the text. */
  readonly derived?: boolean;
  readonly notTested?: string;
}

export interface TestTitle {
  readonly ids: readonly string[];
  readonly file: string;
  /** What follows the ids. */
  readonly text: string;
}

export function readRequirements(): readonly Requirement[] {
  return JSON.parse(readFileSync(join(root, 'test', 'rfc', 'requirements.json'), 'utf8')) as Requirement[];
}

/** A string that begins with an id, and has a colon after the last one, is the title of a test, whether it stands in the call or in a table of rows. */
const TITLE = /(['"`])(R-[A-Z0-9]+-\d+[^:'"`\n]*): ((?:\\.|(?!\1)[^\\])*)\1/g;
const ID = /R-[A-Z0-9]+-\d+/g;

export function titlesIn(source: string, file: string): readonly TestTitle[] {
  return Array.from(source.matchAll(TITLE), ([, , head = '', text = '']) => ({ ids: head.match(ID) ?? [], file, text: readable(text) }));
}

/** What a template fills in stands in the rows of a table. */
const readable = (text: string) => text.replaceAll(/\\(['"`])/g, '$1').replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…');

export function readTitles(): readonly TestTitle[] {
  const folder = join(root, 'test');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts')).sort();
  return files.flatMap((file) => titlesIn(readFileSync(join(folder, file), 'utf8'), `test/${file.replaceAll('\\', '/')}`));
}

const LEVELS = { M: 'MUST', S: 'SHOULD', Y: 'MAY' } as const;
/** Neither a bar nor a tag may end a cell. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');

export function coverageTable(requirements: readonly Requirement[], titles: readonly TestTitle[]): string {
  const testsOf = (id: string) => titles.filter(({ ids }) => ids.includes(id));
  const tested = requirements.filter(({ id }) => testsOf(id).length > 0).length;
  const excused = requirements.filter(({ id, notTested }) => notTested !== undefined && testsOf(id).length === 0).length;
  const rows = requirements.map(({ id, level, section, rule, derived, notTested }) => {
    const tests = testsOf(id).map(({ file, text }) => `${file}: ${text}`);
    const shown = tests.length > 0 ? tests.map(cell).join('<br>') : `*${cell(notTested ?? 'not yet')}*`;
    return `| ${id} | ${LEVELS[level]}${derived === true ? ' (derived)' : ''} | ${cell(section)} | ${cell(rule)} | ${shown} |`;
  });
  return [
    '# What is tested of SCIM',
    '',
    'Made by `scripts/coverage-table.ts` from `test/rfc/requirements.json` and the titles of the tests; do not edit it.',
    'Sections are of RFC 7643 (43), RFC 7644 (44), RFC 9865 (65), RFC 9967 (67), RFC 9944 and of drafts. *Derived*: follows from the rules, but is not spelled out there.',
    '',
    `${requirements.length} requirements: ${tested} tested, ${excused} with a reason why not, ${requirements.length - tested - excused} to come.`,
    '',
    '| Requirement | Level | Section | Rule | Tests, or why there is none |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) writeFileSync(COVERAGE_FILE, coverageTable(readRequirements(), readTitles()));
