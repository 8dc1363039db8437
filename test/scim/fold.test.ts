import fc from 'fast-check';
import t from 'tap';
import { compareCodePoints, fold, identifierFault } from '../../src/scim/fold.ts';
import { counterexample, printable, text } from '../helpers/arbitraries.ts';

t.test('R-FILT-24, R-I18N: variants of one text fold to the same form', async (t) => {
  const rows: readonly (readonly [string, string])[] = [
    ['BOB', 'bob'], ['\u00e9', 'e\u0301'], ['\u00c9', 'E\u0301'], ['\uff22\uff4f\uff42', 'bob'], ['\ufb01n', 'FIN'], ['\u212a', 'k'], ['\u2167', 'viii'], ['\u0130', 'i\u0307'],
  ];
  for (const [one, other] of rows) t.ok(fold(one) === fold(other), printable(JSON.stringify([one, other])));
});

t.test('R-FILT-24: texts that are different stay different', async (t) => {
  const rows: readonly (readonly [string, string])[] = [['a', 'a\0'], ['\u0131', 'i'], ['stra\u00dfe', 'strasse'], ['a', 'a '], ['a', 'a\u200d'], ['o', '\u00f8'], ['\u03c3', '\u03c2']];
  for (const [one, other] of rows) t.ok(fold(one) !== fold(other), printable(JSON.stringify([one, other])));
});

t.test('folding what can be an identifier a second time changes nothing', async (t) => {
  const anything = fc.oneof(text, fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }));
  const property = fc.property(anything, (own) => {
    if (identifierFault(own) === undefined && fold(fold(own)) !== fold(own)) throw new Error(JSON.stringify(own));
  });
  t.equal(await counterexample(property, 20_000), undefined);
});

t.test('folding every single character a second time changes nothing, or it is refused in identifiers', async (t) => {
  const unstable: string[] = [];
  for (let point = 1; point <= 0x10ffff; point++) {
    const own = point >= 0xd800 && point <= 0xdfff ? 'x' : String.fromCodePoint(point);
    if (fold(fold(own)) !== fold(own) && identifierFault(own) === undefined) unstable.push(point.toString(16));
  }
  t.same(unstable, []);
});

t.test('identifiers that two people would confuse, or that cannot be compared, are refused', async (t) => {
  for (const own of [' jan', 'jan ', 'jan\u00a0', 'j\0an', 'j\nan', 'j\u200dan', 'j\u00adan', '\u202ejan', 'jan\ue000', 'jan\u2028', '\ufeffjan', '', '\u0378']) {
    t.ok(identifierFault(own), printable(JSON.stringify(own)));
  }
  for (const own of ['jan', 'Jan de Vries', 'jan@example.com', "o'brien", '\u00c9mile', '\u5f20\u4f1f', '\u{1f600}', 'a.b+c_d-e', 'DOMAIN\\jan', '"', '$where']) {
    t.equal(identifierFault(own), undefined, printable(JSON.stringify(own)));
  }
});

t.test('R-SORT-6: the order by code point is the order of the UTF-8 bytes', async (t) => {
  const anything = fc.oneof(text, fc.string({ unit: 'binary', maxLength: 5 }).filter((own) => own.isWellFormed()));
  const property = fc.property(anything, anything, fc.string({ unit: 'grapheme', maxLength: 3 }), (a, b, prefix) => {
    const found = Math.sign(compareCodePoints(prefix + a, prefix + b));
    const expected = Buffer.compare(Buffer.from(prefix + a), Buffer.from(prefix + b));
    if (found !== expected) throw new Error(`${JSON.stringify(prefix + a)} ${JSON.stringify(prefix + b)}: ${found}, should be ${expected}`);
  });
  t.equal(await counterexample(property, 20_000), undefined);
});

t.test('R-SORT-6: an emoji comes after the last character of the basic plane', async (t) => {
  t.ok(compareCodePoints('\u{1f600}', '\uff01') > 0);
  t.ok(compareCodePoints('\ue000', '\ud7ff') > 0);
  t.ok(compareCodePoints('a', 'a\u{1f600}') < 0);
  t.equal(compareCodePoints('\u{1f600}', '\u{1f600}'), 0);
});
