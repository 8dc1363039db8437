/** The order in which bulk operations run, and which of them are written together. */
import t from 'tap';
import { executionOrder, nextChunk } from '../../src/scim/bulk-order.ts';

/** `+a(b c)` makes a and refers to b and c, `a` changes it, `-a` deletes it, `-a!` only in one version. */
function operations(text: string) {
  const written = text.match(/[+-]?\w+!?(\([^)]*\))?/g) ?? [];
  return written.map((text, index) => {
    const [, sign = '', key = '', needs = ''] = /^([+-]?)(\w+)!?(?:\(([^)]*)\))?$/.exec(text) ?? [];
    const makes = sign === '+';
    const refersTo = new Set(needs.split(' ').filter((need) => need !== ''));
    // The path refers to what it names.
    if (!makes) refersTo.add(key);
    return { index, key, needs: refersTo, makes, deletes: sign === '-', named: text.includes('!'), text };
  });
}
const texts = (list: readonly { readonly text: string }[]) => list.map(({ text }) => text).join(' ');

for (const [name, asked, order] of [
  ['what needs nothing runs as sent', '+a b -c +d(e)', '+a b -c +d(e)'],
  ['what comes behind what it refers to runs as sent', '+a +b(a) +c(a b)', '+a +b(a) +c(a b)'],
  ['what refers forwards waits', '+a(b) +c +b', '+c +b +a(b)'],
  ['through several steps', '+a(b) +b(c) +c +d', '+c +b(c) +a(b) +d'],
  ['for all that it refers to', '+a(b c) +b +d +c', '+b +d +c +a(b c)'],
  ['a change waits for what it changes', 'a +b +a', '+b +a a'],
  ['changes of one resource stay in order behind one that waits', 'x(a) x -x +a', '+a x(a) x -x'],
  ['changes before it wait as well', 'a -a +a', '+a a -a'],
  ['others do not wait', 'x(a) y +a', 'y +a x(a)'],
  ['to itself is no reason to wait', '+a(a) +b', '+a(a) +b'],
  ['two in a circle run next to each other', '+a(b) +b(a)', '+a(b) +b(a)'],
  ['circles run behind the others', '+a(b) +c +b(a) +d', '+c +d +a(b) +b(a)'],
  ['what points to a circle runs behind it', 'x(a) +a(b) +b(a) a', '+a(b) +b(a) x(a) a'],
  ['a circle of three, whose change is sent first', 'c +a(b) +b(c) +c(a)', '+a(b) +b(c) +c(a) c'],
  ['nothing', '', ''],
] as const) {
  t.test(`R-BULK-11: order: ${name}`, async (t) => {
    const sorted = executionOrder(operations(asked));
    t.equal(texts(sorted), order);
    t.equal(new Set(sorted.map(({ index }) => index)).size, operations(asked).length, 'each once');
  });
}

for (const [name, asked, chunk] of [
  ['different resources', '+a +b c(a)', '+a +b c(a)'],
  ['nothing', '', ''],
  ['not one resource twice', '+a b a c', '+a b'],
  ['not a deletion behind another write', '+a -b', '+a'],
  ['deletions together', '-a -b -c', '-a -b -c'],
  ['nothing else behind a deletion', '-a -b c', '-a -b'],
  ['not a deletion of one version behind another deletion', '-a! -b -c!', '-a! -b'],
] as const) {
  t.test(`R-BULK-11: together: ${name}`, async (t) => {
    t.equal(texts(nextChunk(operations(asked))), chunk);
  });
}

t.test('R-BULK-11: a thousand operations that all wait are ordered quickly', async (t) => {
  const count = 1000;
  const chain = Array.from({ length: count }, (_, index) => (index === count - 1 ? `+n${index}` : `+n${index}(n${index + 1})`)).join(' ');
  const start = performance.now();
  const sorted = executionOrder(operations(chain));
  t.equal(sorted[0]?.key, `n${count - 1}`);
  t.equal(sorted.at(-1)?.key, 'n0');
  t.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
});
