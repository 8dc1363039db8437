/** `readPatch` and `applyPatch` against the naive model: the same result or the same scimType, for random resources and operations. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { ScimError } from '../../src/errors.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { applyPatch } from '../../src/scim/apply-patch.ts';
import { equalValues } from '../../src/scim/equal.ts';
import type { Json } from '../../src/scim/json.ts';
import { readPatch } from '../../src/scim/patch-request.ts';
import { checkRequired } from '../../src/scim/read-resource.ts';
import type { Attributes, ResourceType } from '../../src/scim/schema.ts';
import { defaultTolerances, strictTolerances } from '../../src/scim/tolerances.ts';
import { MESSAGE } from '../../src/scim/urns.ts';
import { counterexample } from '../helpers/arbitraries.ts';
import { READ_ONLY, resource, step } from './patch-arbitraries.ts';
import { patchNaively, Refusal, type Step } from './patch-model.ts';
import { patchRegistry } from './registry.ts';

const RUNS = 2500;
const registry = patchRegistry();

for (const type of [registry.type('User'), registry.type('Device')]) {
  for (const tolerant of [false, true]) {
    t.test(`R-PATCH: PATCH of a ${type.name} does what RFC 7644 section 3.5.2 says, ${tolerant ? 'tolerant' : 'strict'}`, async (t) => {
      const property = fc.property(resource(type), fc.array(step(type), { minLength: 1, maxLength: 6 }), (before, steps) => compare(type, before, steps.map(({ made }) => made), steps.map(({ text }) => text), tolerant));
      t.equal(await counterexample(property, RUNS), undefined);
    });
  }
}

interface Outcome {
  /** The server tells one, the model all that would do. */
  readonly scimTypes?: readonly (string | undefined)[];
  readonly result?: object;
}

function compare(type: ResourceType, before: Attributes, steps: readonly Step[], operations: readonly Json[], tolerant: boolean): void {
  freeze(before);
  const copy = structuredClone(before);
  const expected = outcomeOf(() => patchNaively(type, before, steps, tolerant, READ_ONLY));
  const found = outcomeOf(() => patch(type, before, operations, tolerant));
  const show = () => `${JSON.stringify(before)}\n${JSON.stringify(operations)}\nexpected ${JSON.stringify(expected)}\nfound    ${JSON.stringify(found)}`;
  if (!agrees(found, expected)) throw new Error(`PATCH differs from the model\n${show()}`);
  if (!isDeepStrictEqual(before, copy)) throw new Error(`the input was changed\n${show()}`);
  if (found.result && equalValues(before, found.result as Attributes) !== isDeepStrictEqual(found.result, copy)) throw new Error(`R-PATCH-23: what changed nothing is not told apart\n${show()}`);
}

function patch(type: ResourceType, before: Attributes, Operations: readonly Json[], tolerant: boolean): Attributes {
  const options = { limits: DEFAULT_LIMITS, tolerances: tolerant ? defaultTolerances() : strictTolerances() };
  const request = readPatch(type, { schemas: [MESSAGE.patchOp], Operations }, options);
  const after = applyPatch(before, request.operations, { ...options, readOnly: READ_ONLY });
  checkRequired(type, after);
  return after;
}

function outcomeOf(work: () => object): Outcome {
  try {
    return { result: work() };
  } catch (error) {
    if (error instanceof ScimError) return { scimTypes: [error.scimType] };
    if (error instanceof Refusal) return { scimTypes: error.scimTypes };
    throw error;
  }
}

function agrees(found: Outcome, expected: Outcome): boolean {
  if (found.scimTypes && expected.scimTypes) return found.scimTypes.every((scimType) => expected.scimTypes?.includes(scimType));
  return isDeepStrictEqual(found, expected);
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
}
