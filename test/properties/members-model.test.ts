/** Changes of members fold into one delta. Applied to any set of members it must leave what a list, changed step by step, would hold. */
import fc from 'fast-check';
import t from 'tap';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Json } from '../../src/scim/json.ts';
import { foldMemberChanges, isTakenBack, memberMatches, type MemberDelta, type MemberView } from '../../src/scim/members.ts';
import { readPatch } from '../../src/scim/patch-request.ts';
import { defaultTolerances } from '../../src/scim/tolerances.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { counterexample } from '../helpers/arbitraries.ts';
import { testRegistry } from './registry.ts';

const RUNS = 10_000;
const group = testRegistry().type('Group');

/** Everybody there is. Letter case of ids matters, that of types and names does not. */
const EVERYBODY: readonly MemberView[] = [
  ...['u1', 'u2', 'U1', 'u10'].map((value, index): MemberView => ({ value, type: 'User', $ref: `/Users/${value}`, ...(index === 1 ? {} : { display: ['Jan', '', 'jan', 'Piet'][index] ?? '' }) })),
  ...['g1', 'g2'].map((value): MemberView => ({ value, type: 'Group', $ref: `/Groups/${value}`, display: value })),
];
const ids = EVERYBODY.map(({ value }) => value);

interface Step {
  readonly operation: Json;
  readonly apply: (members: readonly string[]) => readonly string[];
}

t.test('R-PATCH-5, 20, 22, 37, 38, 40: one delta does what the operations do one after the other', async (t) => {
  const property = fc.property(fc.subarray(ids), fc.array(step(), { minLength: 1, maxLength: 7 }), (before, steps) => {
    const request = readPatch(group, { schemas: [MESSAGE.patchOp], Operations: steps.map(({ operation }) => operation) }, { limits: DEFAULT_LIMITS, tolerances: defaultTolerances() });
    const found = applied(foldMemberChanges(request.members), before);
    const expected = steps.reduce<readonly string[]>((members, { apply }) => apply(members), before);
    if ([...found].sort().join() !== [...new Set(expected)].sort().join()) throw new Error(`${before.join()} after ${JSON.stringify(steps.map(({ operation }) => operation))}\nis ${found.join()}, should be ${expected.join()}`);
  });
  t.equal(await counterexample(property, RUNS), undefined);
});

/** What the words over `MemberDelta` say. */
function applied(delta: MemberDelta, before: readonly string[]): readonly string[] {
  return EVERYBODY.filter((view) => {
    const added = delta.added.get(view.value);
    if (added) return !isTakenBack(added, delta, view);
    if (!before.includes(view.value) || delta.onlyAdded || delta.removed.has(view.value)) return false;
    return !delta.removedWhere.some((filter) => memberMatches(filter, view));
  }).map(({ value }) => value);
}

function step(): fc.Arbitrary<Step> {
  const some = fc.subarray(ids, { minLength: 1, maxLength: 3 });
  const path = fc.constantFrom('members', 'MEMBERS', `${group.schema.urn}:members`);
  const add = fc.tuple(path, listed(), fc.boolean()).map(([name, list, pathless]): Step => ({
    operation: pathless ? { op: 'add', value: { members: list.json } } : { op: 'add', path: name, value: list.json },
    apply: (members) => [...members, ...list.ids],
  }));
  const replace = fc.tuple(path, listed()).map(([name, list]): Step => ({ operation: { op: 'replace', path: name, value: list.json }, apply: () => list.ids }));
  const clear = fc.constantFrom<Json>({ op: 'remove', path: 'members' }, { op: 'replace', path: 'members', value: [] }, { op: 'replace', path: 'members', value: null }).map((operation): Step => ({ operation, apply: () => [] }));
  const removeListed = some.map((gone): Step => ({ operation: { op: 'remove', path: 'members', value: gone.map((value) => ({ value })) }, apply: (members) => members.filter((id) => !gone.includes(id)) }));
  const removeWhere = question().map(({ text, holds }): Step => ({ operation: { op: 'remove', path: `members[${text}]` }, apply: (members) => members.filter((id) => !holds(viewOf(id))) }));
  return fc.oneof({ weight: 4, arbitrary: add }, { weight: 1, arbitrary: replace }, { weight: 1, arbitrary: clear }, { weight: 2, arbitrary: removeListed }, { weight: 4, arbitrary: removeWhere });
}

/** Elements with and without their type. */
function listed(): fc.Arbitrary<{ readonly ids: readonly string[]; readonly json: Json }> {
  return fc.tuple(fc.subarray(ids, { minLength: 1, maxLength: 3 }), fc.boolean()).map(([named, typed]) => ({
    ids: named,
    json: named.map((value) => (typed ? { value, type: viewOf(value).type } : { value })),
  }));
}

function viewOf(id: string): MemberView {
  const found = EVERYBODY.find(({ value }) => value === id);
  if (!found) throw new Error(id);
  return found;
}

interface Question {
  readonly text: string;
  readonly holds: (view: MemberView) => boolean;
}

function question(): fc.Arbitrary<Question> {
  const id = fc.constantFrom(...ids);
  const term = fc.oneof<fc.Arbitrary<Question>[]>(
    id.map((own) => ({ text: `value eq "${own}"`, holds: ({ value }) => value === own })),
    id.map((own) => ({ text: `$ref eq "https://scim.example/scim/v2${viewOf(own).$ref}"`, holds: ({ value }) => value === own })),
    id.map((own) => ({ text: `value ne "${own}"`, holds: ({ value }) => value !== own })),
    fc.constantFrom('User', 'user', 'Group').map((own) => ({ text: `type eq "${own}"`, holds: ({ type }) => type.toLowerCase() === own.toLowerCase() })),
    fc.constantFrom('Jan', 'piet').map((own) => ({ text: `display eq "${own}"`, holds: ({ display }) => display?.toLowerCase() === own.toLowerCase() })),
    fc.constant({ text: 'display pr', holds: ({ display }: MemberView) => display !== undefined && display !== '' }),
    fc.constant({ text: 'value sw "u1"', holds: ({ value }: MemberView) => value.startsWith('u1') }),
  );
  const not = term.map(({ text, holds }): Question => ({ text: `not (${text})`, holds: (view) => !holds(view) }));
  const pair = fc.tuple(term, term);
  return fc.oneof(
    { weight: 4, arbitrary: term },
    { weight: 1, arbitrary: not },
    { weight: 1, arbitrary: pair.map(([a, b]): Question => ({ text: `${a.text} and ${b.text}`, holds: (view) => a.holds(view) && b.holds(view) })) },
    { weight: 1, arbitrary: pair.map(([a, b]): Question => ({ text: `${a.text} or ${b.text}`, holds: (view) => a.holds(view) || b.holds(view) })) },
  );
}
