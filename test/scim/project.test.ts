import t from 'tap';
import { planProjection, type ProjectionRequest } from '../../src/scim/project.ts';
import type { Attributes } from '../../src/scim/schema.ts';
import { defaultTolerances, strictTolerances } from '../../src/scim/tolerances.ts';
import { EXTRA, testRegistry, THING } from '../properties/registry.ts';
import { refusal } from './errors.ts';

const type = testRegistry().type('Thing');
const WHOLE: Attributes = {
  schemas: [THING, EXTRA], id: 't1', externalId: 'e', label: 'l', 'one-string': 's', secret: 'x', onRequest: 'r', kept: 'k',
  part: { string: 'a', value: 'b' }, parts: [{ value: 'a', type: 'work' }, { type: 'home' }],
  meta: { resourceType: 'Thing', created: 'c', lastModified: 'm', location: 'l', version: 'v' },
  [EXTRA]: { 'x-string': 'e', label: 'extra', pieces: [{ value: 'p', type: 'q' }] },
};

function apply(request: Partial<ProjectionRequest>, supplied: readonly string[] = [], tolerances = strictTolerances()): Attributes {
  return planProjection(type, { attributes: undefined, excludedAttributes: undefined, ...request }, tolerances, new Set(supplied)).apply(WHOLE);
}
const only = (...attributes: string[]) => apply({ attributes });
const without = (...excludedAttributes: string[]) => apply({ excludedAttributes });

const ALWAYS = { schemas: [THING, EXTRA], id: 't1', kept: 'k' };
const DEFAULT: Attributes = Object.fromEntries(Object.entries(WHOLE).filter(([name]) => name !== 'secret' && name !== 'onRequest'));

t.test('R-CHAR-6, 7, 8: without a projection: always and default, not request, not never', async (t) => {
  t.same(apply({}), DEFAULT);
});

const ONLY: readonly (readonly [string, readonly string[], Attributes])[] = [
  ['R-ATTR-2', ['label'], { ...ALWAYS, label: 'l' }],
  ['R-ATTR-2: meta is default', ['label', 'meta'], { ...ALWAYS, label: 'l', meta: WHOLE['meta'] ?? '' }],
  ['R-ATTR-6', ['part.string'], { ...ALWAYS, part: { string: 'a' } }],
  ['R-ATTR-6: elements without it go', ['parts.value'], { ...ALWAYS, parts: [{ value: 'a' }] }],
  ['R-ATTR-6: two parts of one', ['parts.value', 'parts.type'], { ...ALWAYS, parts: [{ value: 'a', type: 'work' }, { type: 'home' }] }],
  ['R-ATTR-6: the whole wins over a part', ['parts.value', 'parts'], { ...ALWAYS, parts: WHOLE['parts'] ?? '' }],
  ['R-ATTR-7: any case', ['LABEL'], { ...ALWAYS, label: 'l' }],
  ['R-ATTR-7: the core URN', [`${THING}:label`], { ...ALWAYS, label: 'l' }],
  ['R-ATTR-7: an extension\'s attribute', [`${EXTRA}:label`], { ...ALWAYS, [EXTRA]: { label: 'extra' } }],
  ['R-ATTR-7: an extension\'s sub-attribute', [`${EXTRA.toUpperCase()}:PIECES.VALUE`], { ...ALWAYS, [EXTRA]: { pieces: [{ value: 'p' }] } }],
  ['R-ATTR-7: a bare URN', [EXTRA], { ...ALWAYS, [EXTRA]: WHOLE[EXTRA] ?? '' }],
  ['R-ATTR-8: never and unknown', ['secret', 'nope', 'label.x', 'urn:x:y', '__proto__'], ALWAYS],
  ['R-CHAR-7: request when named', ['onRequest'], { ...ALWAYS, onRequest: 'r' }],
];
for (const [rule, names, expected] of ONLY) {
  t.test(`${rule}: attributes=${names.join(',')}`, async (t) => {
    t.same(only(...names), expected);
  });
}

const drop = (...names: string[]): Attributes => Object.fromEntries(Object.entries(DEFAULT).filter(([name]) => !names.includes(name)));

const WITHOUT: readonly (readonly [string, readonly string[], Attributes])[] = [
  ['R-ATTR-3', ['label', 'part'], drop('label', 'part')],
  ['R-CHAR-5: always stays', ['id', 'kept', 'schemas'], DEFAULT],
  ['R-ATTR-9', ['schemas'], DEFAULT],
  ['R-ATTR-6', ['parts.type'], { ...DEFAULT, parts: [{ value: 'a' }] }],
  ['R-ATTR-6', ['part.string'], { ...DEFAULT, part: { value: 'b' } }],
  ['R-ATTR-6', ['meta.location'], { ...DEFAULT, meta: { resourceType: 'Thing', created: 'c', lastModified: 'm', version: 'v' } }],
  ['R-ATTR-7: a bare URN', [EXTRA], drop(EXTRA)],
  ['R-ATTR-7', [`${EXTRA}:label`], { ...DEFAULT, [EXTRA]: { 'x-string': 'e', pieces: [{ value: 'p', type: 'q' }] } }],
  ['R-ATTR-8', ['nope', 'secret', 'onRequest'], DEFAULT],
];
for (const [rule, names, expected] of WITHOUT) {
  t.test(`${rule}: excludedAttributes=${names.join(',')}`, async (t) => {
    t.same(without(...names), expected);
  });
}

t.test('R-CHAR-7: what a write supplied is shown though it is returned on request only', async (t) => {
  t.same(apply({}, ['onRequest']), { ...DEFAULT, onRequest: 'r' });
  t.same(apply({ excludedAttributes: ['onRequest'] }, ['onRequest']), DEFAULT);
  t.same(apply({}, ['secret']), DEFAULT);
});

t.test('R-ATTR-4: both lists contradict each other', async (t) => {
  t.equal(refusal(() => apply({ attributes: ['label'], excludedAttributes: ['part'] })), 'invalidValue');
});

t.test('Q39: brackets in a projection are cut off for clients that write them', async (t) => {
  t.same(apply({ attributes: ['parts[type eq "work"]'] }, [], defaultTolerances()), { ...ALWAYS, parts: WHOLE['parts'] });
  t.same(apply({ attributes: ['parts[type eq "work"]'] }), ALWAYS);
});

t.test('what is not shown need not be computed', async (t) => {
  const plan = planProjection(type, { attributes: ['label'], excludedAttributes: undefined }, strictTolerances());
  t.equal(plan.shows('label'), true);
  t.equal(plan.shows('parts'), false);
  t.equal(plan.shows('secret'), false);
});
