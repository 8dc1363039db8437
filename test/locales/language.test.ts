import t from 'tap';
import { chooseLanguage, type LanguageWishes } from '../../src/locales/language.ts';
import type { Language } from '../../src/policy.ts';

const policy = { language: 'en', languages: ['nl', 'nb', 'en'] } as const;
const choose = (wishes: Partial<LanguageWishes>) => chooseLanguage({ policy, ...wishes });

t.test('RFC 9110 section 12.5.4: the header Accept-Language', async (t) => {
  const rows: readonly (readonly [string, Language])[] = [
    ['nl', 'nl'], ['NL', 'nl'], ['nl-BE', 'nl'], ['nl-BE,nl;q=0.9,en;q=0.8', 'nl'], ['en;q=0.8, nl;q=0.9', 'nl'], ['en;q=0.5,nl;q=0.5', 'en'],
    ['no', 'nb'], ['nn-NO', 'nb'], ['nb-NO', 'nb'], ['nn;q=0.9, en;q=0.1', 'nb'],
    ['fr, de;q=0.9, nb;q=0.1', 'nb'], ['fr', 'en'], ['', 'en'], ['*', 'en'], ['fr, *;q=0.5', 'en'],
    ['en;q=0, nl;q=0.1', 'nl'], ['en;q=0, *', 'nl'], ['nl;q=0', 'en'], ['nl ; q=0.3 , nb ; q=0.4', 'nb'],
  ];
  for (const [accepted, language] of rows) t.equal(choose({ accepted }), language, accepted);
});

t.test('what is no list of languages is no wish, however long', async (t) => {
  for (const accepted of [',', ';;;', 'nl;q=2', 'nl;q=0.1234', 'nl;q=', '../nl', 'nl\r\nX: y', '__proto__', 'constructor', 'a'.repeat(100_000), `${'fr,'.repeat(100_000)}nl`, `nl${'-a'.repeat(50_000)}`]) {
    t.equal(choose({ accepted }), 'en', accepted.slice(0, 20));
  }
});

t.test('J5: the language of the account decides, after what was chosen just now and before the browser', async (t) => {
  t.equal(choose({ asked: 'nb', preferred: 'nl', accepted: 'en' }), 'nb');
  t.equal(choose({ preferred: 'nl', accepted: 'nb' }), 'nl');
  t.equal(choose({ asked: 'fr', preferred: 'xx', accepted: 'nb' }), 'nb');
  t.equal(choose({ asked: undefined, preferred: undefined, accepted: undefined }), 'en');
});

t.test('RFC 7643 section 4.1.1: preferredLanguage is one language or a list, and some clients write an underscore', async (t) => {
  for (const preferred of ['nl', 'nl-NL', 'nl_NL', 'fr;q=0.9, nl;q=0.8', 'da, nl, en;q=0.5']) t.equal(choose({ preferred }), 'nl', preferred);
});

t.test('a language that the tenant does not offer is never chosen, but for its own default', async (t) => {
  const two: LanguageWishes['policy'] = { language: 'nb', languages: ['nl'] };
  t.equal(chooseLanguage({ asked: 'en', preferred: 'en', accepted: 'en', policy: two }), 'nb');
  t.equal(chooseLanguage({ asked: 'en', accepted: 'en, nl;q=0.1', policy: two }), 'nl');
  t.equal(chooseLanguage({ accepted: 'nb, nl', policy: two }), 'nb');
  t.equal(chooseLanguage({ accepted: '*', policy: { language: 'nb', languages: [] } }), 'nb');
});
