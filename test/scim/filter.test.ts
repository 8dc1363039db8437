import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { parseFilter, parseValueFilter, type FilterNode } from '../../src/scim/filter.ts';
import { strictTolerances, Tolerances, type ToleranceName } from '../../src/scim/tolerances.ts';
import { detail, refusal } from './errors.ts';

const parse = (text: string, ...tolerances: ToleranceName[]) => parseFilter(text, { limits: DEFAULT_LIMITS, tolerances: new Tolerances(tolerances) });

/** A tree as text that shows its shape: [or a [and b c]]. */
function shape(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `[${node.kind} ${node.nodes.map(shape).join(' ')}]`;
    case 'not':
      return `[not ${shape(node.node)}]`;
    case 'present':
      return `${node.path}?`;
    case 'compare':
      return `${node.path}:${node.operator}:${JSON.stringify(node.value)}`;
    case 'element':
      return `${node.path}{${shape(node.node)}}`;
  }
}

const READ: readonly (readonly [string, string, string])[] = [
  ['R-FILT-2', 'a eq "b"', 'a:eq:"b"'],
  ...['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'].map((operator) => ['R-FILT-2', `a ${operator} "b"`, `a:${operator}:"b"`] as const),
  ['R-FILT-2', 'a pr', 'a?'],
  ['R-FILT-4', 'USERNAME Eq "bob"', 'USERNAME:eq:"bob"'],
  ['R-FILT-4', 'a PR AND b Pr oR c pR', '[or [and a? b?] c?]'],
  ['R-FILT-5', String.raw`a eq "a\"b\\c\/\u00e9\n"`, `a:eq:${JSON.stringify('a"b\\c/\u00e9\n')}`],
  ['R-FILT-5', String.raw`a eq "\ud83d\ude00"`, 'a:eq:"\u{1f600}"'],
  ['R-FILT-5', 'a eq ""', 'a:eq:""'],
  ['compValue', 'a eq true or a eq false or a eq null', '[or a:eq:true a:eq:false a:eq:null]'],
  ['compValue', 'a eq -1.5e3 or a eq 0', '[or a:eq:-1500 a:eq:0]'],
  ['R-FILT-10', 'a pr or b pr and c pr', '[or a? [and b? c?]]'],
  ['R-FILT-10', '(a pr or b pr) and c pr', '[and [or a? b?] c?]'],
  ['R-FILT-10', 'not (a pr) and b pr', '[and [not a?] b?]'],
  ['R-FILT-10', 'not (a pr and b pr) or c pr', '[or [not [and a? b?]] c?]'],
  ['R-FILT-10', 'a pr and b pr and c pr', '[and a? b? c?]'],
  ['erratum 7319', 'not(a pr)', '[not a?]'],
  ['erratum 7319', 'NOT  ( a pr )', '[not a?]'],
  ['grouping', '((a pr))', 'a?'],
  ['grouping', '(a pr)and(b pr)', '[and a? b?]'],
  ['R-FILT-14', 'emails[type eq "work" and value co "@"]', 'emails{[and type:eq:"work" value:co:"@"]}'],
  ['R-FILT-15', 'emails[type eq "work"] or ims[not (type pr)]', '[or emails{type:eq:"work"} ims{[not type?]}]'],
  ['R-FILT-15', 'not (emails[(type pr or value pr) and primary eq true])', '[not emails{[and [or type? value?] primary:eq:true]}]'],
  ['R-FILT-18', 'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "x"', 'urn:ietf:params:scim:schemas:core:2.0:User:userName:eq:"x"'],
  ['R-MODEL-2', 'members.$ref pr', 'members.$ref?'],
  ['blanks', '  a   eq\t"b"  ', 'a:eq:"b"'],
  ['names', 'not eq "x"', 'not:eq:"x"'],
  ['names', 'and pr and or pr', '[and and? or?]'],
];
for (const [rule, text, expected] of READ) {
  t.test(`${rule}: ${text}`, async (t) => {
    t.equal(shape(parse(text)), expected);
  });
}

const REFUSED: readonly (readonly [string, string, number])[] = [
  ['R-FILT-1', '', 1], ['R-FILT-1', '   ', 4], ['R-FILT-1', 'userName eq', 12], ['R-FILT-1', 'userName', 9], ['R-FILT-1', 'eq "x"', 4], ['R-FILT-1', '(a pr', 6], ['R-FILT-1', 'a pr)', 5],
  ['R-FILT-1', 'userName eq bob', 13], ['R-FILT-1', "userName eq 'x'", 13], ['R-FILT-1', 'a eq "b" and', 13], ['R-FILT-1', 'not title pr', 5], ['R-FILT-1', 'a pr b pr', 6], ['R-FILT-1', 'a eq "b', 6],
  ['R-FILT-1', 'a eq "b" "c"', 10], ['R-FILT-1', '()', 2], ['R-FILT-1', 'a eq [', 6], ['R-FILT-1', 'emails[]', 8], ['R-FILT-1', 'emails[type pr', 15], ['R-FILT-1', 'emails[type pr]x', 16], ['R-FILT-1', 'a pr and or b pr', 13],
  ['R-FILT-3', 'userName regex "x"', 10], ['R-FILT-3', 'userName == "x"', 10],
  ['R-FILT-5', String.raw`a eq "\x"`, 6], ['R-FILT-5', 'a eq "line\nbreak"', 6], ['R-FILT-5', String.raw`a eq "\u12"`, 6],
  ['compValue', 'a eq TRUE', 6], ['compValue', 'a eq Null', 6], ['compValue', 'a eq 01', 6], ['compValue', 'a eq .5', 6], ['compValue', 'a eq 1.', 6], ['compValue', 'a eq +1', 6], ['compValue', 'a eq NaN', 6],
  ['errata 4690 and 7322', 'emails[emails[type pr]]', 8], ['decision 26', 'a eq"x"', 5], ['Q33', 'emails[type eq "work"].value eq "x"', 23], ['names', '"a" eq "b"', 1], ['names', 'é eq "b"', 1],
];
for (const [rule, text, position] of REFUSED) {
  t.test(`${rule}: refused at position ${position}: ${JSON.stringify(text)}`, async (t) => {
    t.equal(refusal(() => parse(text)), 'invalidFilter');
    t.match(detail(() => parse(text)), new RegExp(`^Filter, position ${position}: `));
  });
}

t.test('text that no resource can hold is refused', async (t) => {
  t.equal(refusal(() => parse(String.raw`a eq "\ud800"`)), 'invalidFilter');
  t.equal(refusal(() => parse(String.raw`a eq "\u0000"`)), 'invalidFilter');
});

t.test('R-FILT-25: length, depth and number of terms are limited', async (t) => {
  const deep = (levels: number) => `${'('.repeat(levels)}a pr${')'.repeat(levels)}`;
  const many = (terms: number) => Array.from({ length: terms }, () => 'a pr').join(' or ');
  t.equal(shape(parse(deep(20))), 'a?');
  t.equal(refusal(() => parse(deep(21))), 'invalidFilter');
  t.equal(refusal(() => parse('('.repeat(4000))), 'invalidFilter');
  t.equal(refusal(() => parse('not('.repeat(1000))), 'invalidFilter');
  t.ok(parse(many(100)));
  t.equal(refusal(() => parse(many(101))), 'invalidFilter');
  t.ok(parse(`a eq "${'b'.repeat(4089)}"`));
  t.equal(refusal(() => parse(`a eq "${'b'.repeat(4090)}"`)), 'invalidFilter');
});

const TOLERATED: readonly (readonly [ToleranceName, string, string, string])[] = [
  ['bareFilterValue', 'Q32', 'a eq bob', 'a:eq:"bob"'],
  ['bareFilterValue', 'Q32', "a eq 'b c'", 'a:eq:"b c"'],
  ['bareFilterValue', 'Q32', 'a eq"b"', 'a:eq:"b"'],
  ['bareFilterValue', 'Q10', 'a eq True', 'a:eq:"True"'],
  ['attributeAfterValuePath', 'Q33', 'emails[type eq "work"].value eq "x"', 'emails{[and type:eq:"work" value:eq:"x"]}'],
  ['attributeAfterValuePath', 'Q33', 'emails[type eq "work"] eq "x" and a pr', '[and emails{[and type:eq:"work" value:eq:"x"]} a?]'],
  ['attributeAfterValuePath', 'Q33', 'emails[type eq "a" or type eq "b"].value pr', 'emails{[and [or type:eq:"a" type:eq:"b"] value?]}'],
];
for (const [name, quirk, text, expected] of TOLERATED) {
  t.test(`${quirk}: ${text} with ${name} alone`, async (t) => {
    t.equal(shape(parse(text, name)), expected);
    t.equal(refusal(() => parse(text)), 'invalidFilter');
  });
}

t.test('a value filter in a path ends behind its bracket', async (t) => {
  const { node, end } = parseValueFilter('emails[type eq "]"].value', 7, { limits: DEFAULT_LIMITS, tolerances: strictTolerances() });
  t.equal(shape(node), 'type:eq:"]"');
  t.equal(end, 19);
});
