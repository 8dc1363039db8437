import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Json } from '../../src/scim/json.ts';
import { attributeOf, type AttributeDefinition } from '../../src/scim/schema.ts';
import { defaultTolerances, strictTolerances, Tolerances, type ToleranceName } from '../../src/scim/tolerances.ts';
import { readValue } from '../../src/scim/values.ts';
import { detail, refusal } from './errors.ts';

const definition = (type: AttributeDefinition['type'], more: Partial<AttributeDefinition> = {}): AttributeDefinition => ({ name: 'it', type, multiValued: false, description: '', ...more });

function read(type: AttributeDefinition['type'], json: Json, more: Partial<AttributeDefinition> = {}, tolerances = strictTolerances()) {
  return readValue(attributeOf(definition(type, more)), json, 'it', { limits: { ...DEFAULT_LIMITS, stringLength: 30, valuesPerAttribute: 3 }, tolerances });
}

const ACCEPTED: readonly (readonly [string, AttributeDefinition['type'], Json, Json])[] = [
  ['R-MODEL-3', 'boolean', true, true],
  ['R-MODEL-3', 'boolean', false, false],
  ['R-MODEL-4', 'integer', -7, -7],
  ['R-MODEL-4', 'integer', 0, 0],
  ['R-MODEL-4', 'integer', 9007199254740991, 9007199254740991],
  ['decimal', 'decimal', 1.5, 1.5],
  ['decimal', 'decimal', 3, 3],
  ['R-MODEL-5', 'dateTime', '2024-01-01T00:00:00+02:00', '2023-12-31T22:00:00.000Z'],
  ['R-MODEL-5', 'dateTime', '2024-02-29T23:59:59.123456Z', '2024-02-29T23:59:59.123Z'],
  ['R-MODEL-5', 'dateTime', '2024-01-01T00:00:00', '2024-01-01T00:00:00.000Z'],
  ['R-MODEL-5', 'dateTime', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['R-MODEL-6', 'binary', 'QUI=', 'QUI='],
  ['R-MODEL-6', 'binary', 'QUI', 'QUI'],
  ['R-MODEL-6', 'binary', '-_-_', '-_-_'],
  ['R-MODEL-7', 'reference', 'https://a.example/Users/1', 'https://a.example/Users/1'],
  ['R-MODEL-7', 'reference', '../Users/1', '../Users/1'],
  ['string', 'string', 'Jan', 'Jan'],
  ['R-CHAR-9', 'string', ' aBc ', ' aBc '],
  ['decision 25', 'string', '', ''],
  ['string', 'string', '\u{1f600}"\\\n', '\u{1f600}"\\\n'],
];
for (const [rule, type, json, expected] of ACCEPTED) {
  t.test(`${rule}: ${type} takes ${JSON.stringify(json)}`, async (t) => {
    t.equal(read(type, json), expected);
  });
}

const REFUSED: readonly (readonly [string, AttributeDefinition['type'], Json])[] = [
  ...['true', 'True', 1, 0, 'yes', '', {}, []].map((json) => ['R-MODEL-3', 'boolean', json] as const),
  ...[1.5, '1', true, 1e300, 9007199254740992, [], {}].map((json) => ['R-MODEL-4', 'integer', json] as const),
  ...['1.5', true, {}, []].map((json) => ['decimal', 'decimal', json] as const),
  ...['2024-01-01', '2024-01-01T00:00Z', '2024-02-30T00:00:00Z', '2024-13-01T00:00:00Z', '2024-01-01T24:00:01Z', '2024-01-01 00:00:00Z', 'yesterday', '', '24-01-01T00:00:00Z', '99999-01-01T00:00:00Z', 1704067200, '2024-01-01T00:00:00z ', '9999-12-31T23:59:59-02:00', '2024-01-01T00:00:00+25:00']
    .map((json) => ['R-MODEL-5', 'dateTime', json] as const),
  ...['***', '', 'QUI =', 'Q=UI', 'QU+_', 5].map((json) => ['R-MODEL-6', 'binary', json] as const),
  ...[5, true, {}, ['a'], '1234567890123456789012345678901', 'a\0b', '\ud800'].map((json) => ['string', 'string', json] as const),
  ...[5, true, {}].map((json) => ['R-MODEL-7', 'reference', json] as const),
];
for (const [rule, type, json] of REFUSED) {
  t.test(`${rule}: ${type} refuses ${JSON.stringify(json)}`, async (t) => {
    t.equal(refusal(() => read(type, json)), 'invalidValue');
  });
}

t.test('R-MODEL-10: null, an empty list and an empty object are no value', async (t) => {
  for (const type of ['string', 'boolean', 'integer', 'complex'] as const) t.equal(read(type, null), undefined);
  t.equal(read('string', [], { multiValued: true }), undefined);
  t.equal(read('string', [null], { multiValued: true }), undefined);
  t.equal(read('complex', {}, { subAttributes: [definition('string')] }), undefined);
  t.equal(read('complex', { it: null }, { subAttributes: [definition('string')] }), undefined);
});

const PARTS: Partial<AttributeDefinition> = {
  multiValued: true,
  subAttributes: [definition('string', { name: 'value' }), definition('string', { name: 'type' }), definition('boolean', { name: 'primary' })],
};

t.test('R-MODEL-8: an object where text is expected, deep inside, is refused', async (t) => {
  t.equal(refusal(() => read('complex', [{ value: { a: 1 } }], PARTS)), 'invalidValue');
  t.equal(refusal(() => read('complex', [[{ value: 'a' }]], PARTS)), 'invalidValue');
});

t.test('R-MODEL-1: sub-attributes are found in any case and kept in that of the schema; twice is refused', async (t) => {
  t.same(read('complex', [{ VALUE: 'a', Type: 'b' }], PARTS), [{ value: 'a', type: 'b' }]);
  t.equal(refusal(() => read('complex', [{ VALUE: 'a', value: 'b' }], PARTS)), 'invalidSyntax');
});

t.test('decision 7: unknown sub-attributes are refused strictly, ignored otherwise', async (t) => {
  t.equal(refusal(() => read('complex', [{ value: 'a', nope: 1 }], PARTS)), 'invalidSyntax');
  t.equal(refusal(() => read('complex', [{ value: 'a', __proto__x: 1, constructor: 2 }], PARTS)), 'invalidSyntax');
  t.same(read('complex', [{ value: 'a', nope: 1 }], PARTS, defaultTolerances()), [{ value: 'a' }]);
});

t.test('R-MODEL-14: two primaries are refused strictly; otherwise the first keeps it', async (t) => {
  const two = [{ value: 'a', primary: true }, { value: 'b', primary: true }];
  t.equal(refusal(() => read('complex', two, PARTS)), 'invalidValue');
  t.same(read('complex', two, PARTS, defaultTolerances()), [{ value: 'a', primary: true }, { value: 'b', primary: false }]);
});

t.test('R-MODEL-15: one element per value and type, whatever the case', async (t) => {
  t.same(read('complex', [{ value: 'a', type: 'work' }, { value: 'A', type: 'Work' }, { value: 'a' }], PARTS), [{ value: 'a', type: 'work' }, { value: 'a' }]);
  t.same(read('string', ['a', 'A', 'b'], { multiValued: true }), ['a', 'b']);
  t.same(read('string', ['a', 'A'], { multiValued: true, caseExact: true }), ['a', 'A']);
});

t.test('R-CHAR-2: a sub-attribute that only the server writes is ignored', async (t) => {
  const parts = { subAttributes: [definition('string', { name: 'value' }), definition('string', { name: 'checked', mutability: 'readOnly' })] };
  t.same(read('complex', { value: 'a', checked: 'mine' }, parts), { value: 'a' });
  t.equal(read('complex', { checked: 'mine' }, parts), undefined);
});

t.test('R-PUT-8: required text is not empty', async (t) => {
  t.equal(refusal(() => read('string', '', { required: true })), 'invalidValue');
});

t.test('limits: the number of values, and the length of a text', async (t) => {
  t.same(read('string', ['a', 'b', 'c'], { multiValued: true }), ['a', 'b', 'c']);
  t.equal(refusal(() => read('string', ['a', 'b', 'c', 'd'], { multiValued: true })), 'invalidValue');
  t.equal(read('string', '123456789012345678901234567890'), '123456789012345678901234567890');
});

const TOLERATED: readonly (readonly [ToleranceName, string, AttributeDefinition['type'], Json, Json, Partial<AttributeDefinition>])[] = [
  ['booleanText', 'Q07', 'boolean', 'True', true, {}],
  ['booleanText', 'Q07', 'boolean', 'FALSE', false, {}],
  ['numberAsText', 'Q57', 'string', 12, '12', {}],
  ['numberAsText', 'Q57', 'string', 1.5, '1.5', {}],
  ['singleForMany', 'Q58', 'complex', { value: 'a' }, [{ value: 'a' }], PARTS],
  ['bareMember', 'Q54', 'complex', ['a'], [{ value: 'a' }], PARTS],
  ['bareReference', 'Q16', 'complex', 'a', { value: 'a' }, { ...PARTS, multiValued: false }],
  ['bareReference', 'Q16', 'complex', [{ value: 'a' }], { value: 'a' }, { ...PARTS, multiValued: false }],
  ['packedValue', 'Q18', 'complex', [{ value: '{"value":"r"}' }], [{ value: 'r' }], PARTS],
];
for (const [name, quirk, type, json, expected, more] of TOLERATED) {
  t.test(`${quirk} ${name}: ${type} takes ${JSON.stringify(json)} with this tolerance alone`, async (t) => {
    t.same(read(type, json, more, new Tolerances([name])), expected);
    if (name === 'packedValue') t.same(read(type, [{ value: '{"v"}' }], more, strictTolerances()), [{ value: '{"v"}' }]);
    else t.equal(refusal(() => read(type, json, more, strictTolerances())), 'invalidValue');
  });
}

t.test('a number that was rounded on the way is not taken for text', async (t) => {
  t.equal(refusal(() => read('string', 1e21, {}, defaultTolerances())), 'invalidValue');
});

t.test('an error names the attribute and never the value', async (t) => {
  t.equal(detail(() => read('boolean', 'secret-value')), 'it must be true or false, not a string of another form.');
});
