/** The pages' views in three languages, over harmless and hostile values; what each form sends; errors. */
import t from 'tap';
import { LANGUAGES } from '../../src/policy.ts';
import { pageFaults } from './page-faults.ts';
import { readPage, type Tag } from './read-html.ts';
import { QUIET_VALUES, samples } from './samples.ts';

const HOSTILE = {
  'a script': '<script>alert(1)</script>',
  'quotes': `"><img src=x onerror="alert(1)">' autofocus onfocus='alert(1)`,
  'an entity': '&lt;b&gt; &amp; &#x3c;',
  'a placeholder': '{{organisation}} $t(page.signIn) {{- text}}',
  'the other direction': 'evil\u202Emoc.elpmaxe@nhoj\u2066',
  '300 characters': 'W'.repeat(300),
  'half a character': 'broken \ud83d name',
} as const;

const elements = (html: string) => readPage(html).tags.map(({ name }) => name).join(' ');
const find = (html: string | undefined, wanted: (tag: Tag) => boolean) => readPage(html ?? '').tags.find(wanted);
const ADA = { ...QUIET_VALUES, text: 'ada@example.com' };
const quiet = samples(QUIET_VALUES);

for (const language of LANGUAGES) {
  t.test(`pages in ${language}`, async (t) => {
    for (const [view, html] of Object.entries(samples({ ...QUIET_VALUES, language }))) {
      t.strictSame(pageFaults(html, language), [], view);
      t.notMatch(html, /\bpage\.[a-z]+|mail\.[a-z]+\.|\{\{/i, `${view}: every text is there`);
    }
  });
}

for (const [what, text] of Object.entries(HOSTILE)) {
  t.test(`values that hold ${what}`, async (t) => {
    for (const [view, html] of Object.entries(samples({ ...QUIET_VALUES, organisation: text, contact: text, text }))) {
      t.strictSame(pageFaults(html, 'en'), [], view);
      t.equal(elements(html), elements(quiet[view] ?? ''), `${view}: the elements are those of harmless values`);
      t.notMatch(find(html, ({ name }) => name === 'title')?.text, /[\u202a-\u202e\u2066-\u2069]/, `${view}: nothing turns the title around`);
    }
  });
}

t.test('every form sends what its view says', async (t) => {
  const pages = samples(ADA);
  const fields = (view: string) => readPage(pages[view] ?? '').tags.filter(({ name }) => name === 'input').map(({ attributes }) => attributes.get('name'));
  t.strictSame(fields('signIn'), ['csrf', 'next', 'name', 'password']);
  t.strictSame(fields('forgot'), ['csrf', 'name']);
  t.strictSame(fields('choosePassword-activate'), ['csrf', 'token', 'name', 'password']);
  t.strictSame(fields('choosePassword-renew'), ['csrf', 'token', 'name', 'current', 'password']);
  t.strictSame(fields('secondFactor'), ['csrf', 'code']);
  t.strictSame(fields('secondFactorEnrol'), ['csrf', 'code']);
  t.strictSame(fields('confirmAddress'), ['csrf', 'token']);
  t.match(pages['account'], /name="session" value="2"/, 'a session is ended by its id');
  t.notMatch(pages['account'], /name="session" value="1"/, 'but not the one in use');
});

t.test('errors', async (t) => {
  const pages = samples(ADA);
  const refused = pages['signIn-refused'];
  t.equal(find(refused, ({ name }) => name === 'title')?.text, 'Error: Sign in to ada@example.com – Gemeente Voorbeeld', 'come first in the title');
  t.ok(find(refused, ({ attributes }) => attributes.get('class') === 'errors' && attributes.has('autofocus')), 'the summary has the focus');
  t.equal(find(refused, ({ attributes }) => attributes.get('id') === 'name')?.attributes.get('value'), 'ada@example.com', 'what was typed is kept');
  t.equal(find(refused, ({ attributes }) => attributes.get('id') === 'password')?.attributes.get('aria-describedby'), 'password-error', 'and stand beside their field');

  const reset = pages['choosePassword-reset'] ?? '';
  for (const rule of ['At least 12 characters', 'Without your name', 'No tabs']) t.ok(reset.includes(`New password: ${rule}`), `a broken rule is named: ${rule}`);
  t.match(reset, '3 of the rules above are not met');
  t.match(pages['choosePassword-renew'], 'The present password is not right');
  t.notMatch(pages['choosePassword-activate'], /aria-invalid|class="error/, 'none at first');
  t.notMatch(pages['choosePassword-activate'], /control characters/, 'nor rules that go without saying');
});

t.test('forgotSent says the same whoever asked', async (t) => t.equal(samples(ADA)['forgotSent'], quiet['forgotSent']));
