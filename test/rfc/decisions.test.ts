/** The register of decisions: each of the 27 is taken, and a test carries its number. */
import t from 'tap';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_TOLERANCES, strictTolerances } from '../../src/scim/tolerances.ts';
import { patchBody, startApp, userBody } from '../helpers/app.ts';
import { refused } from './expectations.ts';

const root = join(import.meta.dirname, '..', '..');
const app = await startApp(t, import.meta.url);
const { call, tokens } = app;

t.test('every decision is in the register once, and in a test', async (t) => {
  const numbers = Array.from({ length: 27 }, (_, index) => index + 1);
  const rows = [...readFileSync(join(root, 'docs', 'decisions.md'), 'utf8').matchAll(/^\| (\d+) \| \S/gm)].map(([, number]) => Number(number));
  t.same(rows, numbers);
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts')).map((file) => readFileSync(join(root, 'test', file), 'utf8')).join('\n');
  t.same(numbers.filter((number) => !new RegExp(`\\b(?:D-|decision )${number}\\b`).test(tests)), []);
});

t.test('D-9: a quirk is a switch, on by default, and the preset strict has none on', async (t) => {
  for (const name of ALL_TOLERANCES) t.equal(strictTolerances().use(name), false, name);
  const { body } = await call('POST', '/Users', userBody({ active: true }));
  const quirky = patchBody({ op: 'Replace', path: 'active', value: 'False' });
  refused(t, await call('PATCH', `/Users/${body.id}`, quirky), 400, 'invalidSyntax');
  t.equal((await call('GET', `/Users/${body.id}`)).body.active, true);
  t.equal((await call('PATCH', `/Users/${body.id}`, quirky, { token: tokens.tolerant })).body.active, false);
});

t.test('D-21: another version in the path is invalidVers', async (t) => {
  for (const path of ['/scim/v9/Users', '/scim/v1', '/t/default/scim/v3/Groups']) refused(t, await call('GET', path), 400, 'invalidVers');
});

t.test('D-24: clients look people up by GET', async (t) => {
  const { body } = await call('POST', '/Users', userBody({ emails: [{ value: 'd24@example.com' }] }));
  const found = await call('GET', `/Users?filter=${encodeURIComponent('emails.value eq "d24@example.com"')}`);
  t.same([found.status, found.body.Resources[0].id], [200, body.id]);
});
