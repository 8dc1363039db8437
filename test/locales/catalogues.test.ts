import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Catalogue } from '../../src/locales/catalogue.ts';
import { en } from '../../src/locales/en.ts';
import { nb } from '../../src/locales/nb.ts';
import { nl } from '../../src/locales/nl.ts';
import { translator } from '../../src/locales/translator.ts';
import { LANGUAGES } from '../../src/policy.ts';

const catalogues: Readonly<Record<string, Catalogue>> = { nl, nb, en };
const keys = Object.keys(en) as (keyof Catalogue)[];
const stem = (key: string) => key.replace(/_(one|other)$/, '');
const placeholders = (text: string) => [...new Set([...text.matchAll(/\{\{(.*?)\}\}/g)].map((match) => match[1]))].sort();

t.test('every language on offer has a text for every key', async (t) => {
  t.same(Object.keys(catalogues).sort(), [...LANGUAGES].sort());
  for (const [language, texts] of Object.entries(catalogues)) {
    t.same(Object.keys(texts).sort(), [...keys].sort(), language);
    t.same(keys.filter((key) => texts[key].trim() !== texts[key] || texts[key] === ''), [], `${language}: no text is empty or has blanks at its ends`);
  }
});

t.test('a text has the same placeholders in every language, and its forms have the same ones', async (t) => {
  for (const key of keys) {
    const wanted = placeholders(en[key]);
    for (const [language, texts] of Object.entries(catalogues)) t.same(placeholders(texts[key]), wanted, `${language} ${key}`);
  }
  for (const key of keys.filter((one) => one.endsWith('_one'))) {
    const other = keys.find((one) => one === `${stem(key)}_other`);
    // "One" may be said without its number.
    const others = (text: string) => placeholders(text).filter((name) => !name?.startsWith('count')).join();
    t.ok(other && others(en[key]) === others(en[other]) && en[other].includes('{{count'), key);
  }
});

t.test('the forms of a text that counts are the ones that the language has', async (t) => {
  for (const language of LANGUAGES) t.same(new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort(), ['one', 'other'], language);
});

t.test('no text is without a use in src', async (t) => {
  const root = join(import.meta.dirname, '..', '..', 'src');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file) && !/locales[\\/](?:(en|nl|nb)\.ts$|console[\\/])/.test(file));
  const code = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  // A key is written out, or made in a template: `mail.${kind}.subject` uses every key of that form.
  const written = new Set([...code.matchAll(/['"`]([a-z][\w-]*(?:\.[\w-]+)+)['"`]/gi)].map((match) => match[1]));
  const made = [...code.matchAll(/`([a-z][\w-]*\.(?:[\w.-]|\$\{[^{}`]*\})*)`/gi)]
    .map((match) => match[1] ?? '')
    .filter((template) => template.includes('${'))
    .map((template) => new RegExp(`^${template.split(/\$\{[^{}]*\}/).map((part) => part.replace(/[.-]/g, '\\$&')).join('[\\w-]+')}$`));
  t.ok(written.size > 20, 'the uses are found at all');
  t.same(keys.map(stem).filter((key) => !written.has(key) && !made.some((pattern) => pattern.test(key))), []);
});

t.test('a wrong key, a missing value and a value of the wrong type do not compile', async (t) => {
  const say = translator('en');
  const all = () => [
    // @ts-expect-error: there is no such key
    say('mail.greetings', { name: 'Jan' }),
    // @ts-expect-error: the forms of a text that counts are no keys
    say('mail.leaveNotice.more_one', { count: 1 }),
    // @ts-expect-error: no value
    say('mail.greeting'),
    // @ts-expect-error: a value of another name
    say('mail.greeting', { user: 'Jan' }),
    // @ts-expect-error: one value of two
    say('mail.tokenExpires.subject', { client: 'Entra' }),
    // @ts-expect-error: count is a number
    say('mail.leaveNotice.more', { count: '1' }),
    // @ts-expect-error: a text without placeholders takes no values
    say('mail.bareLink', { name: 'Jan' }),
  ];
  t.type(all, 'function');
});

t.test('values are filled in as they are, and the form follows the count', async (t) => {
  t.equal(translator('nl')('mail.greeting', { name: '<b>{{name}} $t(mail.bareLink) &' }), 'Hallo <b>{{name}} $t(mail.bareLink) &,');
  t.equal(translator('en')('mail.greeting', { name: 'a\nb' }), 'Hello a\nb,');
  t.equal(translator('en', (value) => value.toUpperCase())('mail.greeting', { name: 'jan' }), 'Hello JAN,');
  const rows = [
    ['nl', 1, 'Vernieuw je wachtwoord binnen 1 dag'], ['nl', 14, 'Vernieuw je wachtwoord binnen 14 dagen'],
    ['nb', 1, 'Forny passordet ditt innen 1 dag'], ['nb', 0, 'Forny passordet ditt innen 0 dager'],
    ['en', 1, 'Renew your password within 1 day'], ['en', 1250, 'Renew your password within 1,250 days'], ['nl', 1250, 'Vernieuw je wachtwoord binnen 1.250 dagen'],
  ] as const;
  for (const [language, count, text] of rows) t.equal(translator(language)('mail.renewalReminder.subject', { count }), text);
});
