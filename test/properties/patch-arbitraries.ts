/** Random resources and random PATCH operations on them: each as text for the server, and taken apart for the model. */
import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { FilterNode } from '../../src/scim/filter.ts';
import type { Json } from '../../src/scim/json.ts';
import { readResource } from '../../src/scim/read-resource.ts';
import type { Attribute, Attributes, Extension, ResourceType } from '../../src/scim/schema.ts';
import { defaultTolerances } from '../../src/scim/tolerances.ts';
import { print } from '../helpers/arbitraries.ts';
import type { Place, Step, Target, Test } from './patch-model.ts';

export const READ_ONLY = { id: 'own-id', stamp: 'own-stamp', meta: { resourceType: 'User', created: '2026-01-05T09:00:00.000Z', lastModified: '2026-01-05T09:00:00.000Z', version: 'W/"1"' } };

export interface Printed {
  readonly made: Step;
  readonly text: Json;
}


const IGNORED = new Set(['profileUrl', 'nickName', 'userType', 'preferredLanguage', 'locale', 'timezone', 'phoneNumbers', 'ims', 'photos', 'entitlements', 'schemas', 'groups', 'meta', 'id']);

function attributesOf(type: ResourceType): readonly Attribute[] {
  return [...type.attributes.values()].filter(({ name }) => !IGNORED.has(name));
}

const word = fc.constantFrom('a', 'A', 'b', 'work', 'Work', 'home', 'ab');

function value(attribute: Attribute): fc.Arbitrary<Json> {
  const one = attribute.type === 'complex' ? complexValue(attribute) : simpleValue(attribute);
  return attribute.multiValued ? fc.array(one, { maxLength: 3 }) : one;
}

function complexValue(attribute: Attribute): fc.Arbitrary<Json> {
  const subs = [...attribute.subAttributes.values()].filter(({ source }) => source === 'stored');
  const part = (sub: Attribute) => (sub.name === 'primary' ? fc.constantFrom(true, false, false) : sub.required ? value(sub) : fc.oneof({ weight: 9, arbitrary: value(sub) }, { weight: 1, arbitrary: fc.constant(null) }));
  return fc.record(Object.fromEntries(subs.map((sub) => [sub.name, part(sub)])), { requiredKeys: subs.filter(({ required }) => required).map(({ name }) => name) });
}

function simpleValue({ type }: Attribute): fc.Arbitrary<Json> {
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: -1, max: 2 });
    case 'decimal':
      return fc.constantFrom(0, 1.5, -2);
    case 'dateTime':
      return fc.constantFrom('2026-01-05T09:00:00Z', '2026-01-05T10:00:00+01:00', '2026-01-05T09:00:00.5Z');
    case 'binary':
      return fc.constantFrom('QUJD', 'QUI=');
    case 'string':
    case 'reference':
    case 'complex':
      return word;
  }
}

/** What some client has sent somewhere; whether it fits depends on where it goes. */
const junk: fc.Arbitrary<Json> = fc.constantFrom<Json>(true, 'True', 'x', 5, 1.5, null, {}, { value: 'x' }, [{ value: 'x' }], { nope: 1 }, '2024-01-01', '***');
const listJunk: fc.Arbitrary<Json> = fc.constantFrom<Json>([], [null], [5], ['x', 'X'], [{ value: 'x' }, { value: 'X', display: 'again' }], [{ primary: true }, { primary: true, value: 'x' }], [[]]);

function anyValue(attribute: Attribute): fc.Arbitrary<Json> {
  const emptied = attribute.subAttributes.has('$ref') ? [fc.constantFrom<Json>('', { value: '' }, { value: null }, 'x')] : [];
  return fc.oneof({ weight: 7, arbitrary: value(attribute) }, { weight: 1, arbitrary: fc.oneof(junk, ...(attribute.multiValued ? [listJunk] : []), ...emptied) });
}

export function resource(type: ResourceType): fc.Arbitrary<Attributes> {
  const own = attributesOf(type).filter(({ mutability, returned }) => mutability !== 'readOnly' && returned !== 'never');
  const core = fc.record(Object.fromEntries(own.map((attribute) => [attribute.name, stored(attribute)])), { requiredKeys: own.filter(({ required }) => required).map(({ name }) => name) });
  const extensions = type.extensions.map(({ schema }) =>
    fc.record({ [schema.urn]: fc.record(Object.fromEntries(Array.from(schema.attributes.values(), (attribute) => [attribute.name, stored(attribute)])), { requiredKeys: [] }) }, { requiredKeys: [] }));
  return fc.tuple(core, ...extensions).map((parts) => {
    const tolerances = defaultTolerances();
    return readResource(type, { schemas: [type.schema.urn], ...Object.assign({}, ...parts) as Record<string, Json> }, { limits: DEFAULT_LIMITS, tolerances });
  });
}

/** Values without what only the server writes. */
function stored(attribute: Attribute): fc.Arbitrary<Json> {
  const subAttributes = new Map([...attribute.subAttributes].filter(([, { mutability }]) => mutability !== 'readOnly'));
  return value({ ...attribute, subAttributes });
}

export function step(type: ResourceType): fc.Arbitrary<Printed> {
  const op = fc.constantFrom('add', 'add', 'add', 'replace', 'replace', 'replace', 'remove', 'remove', 'Add', 'Replace', 'REMOVE', 'move');
  return fc.oneof({ weight: 4, arbitrary: op.chain((text) => withPath(type, text)) }, { weight: 1, arbitrary: op.chain((text) => withoutPath(type, text)) });
}

function withPath(type: ResourceType, op: string): fc.Arbitrary<Printed> {
  const isRemove = op.toLowerCase() === 'remove';
  return target(type).chain(({ target: aim, path, values }) => {
    const absent = fc.constant<Json | undefined>(undefined);
    const given = isRemove ? fc.oneof({ weight: 4, arbitrary: absent }, { weight: 1, arbitrary: values }) : fc.oneof({ weight: 30, arbitrary: values }, { weight: 1, arbitrary: absent });
    return given.map((json) => ({ made: { op, target: aim, value: json, keys: new Map() }, text: { op, path, ...(json === undefined ? {} : { value: json }) } }));
  });
}

/** Each key once: which of two spellings would win is not defined. */
function withoutPath(type: ResourceType, op: string): fc.Arbitrary<Printed> {
  const entry = keyTarget(type).chain(({ target: aim, path, values }) => values.map((json) => ({ aim, path, json })));
  const entries = fc.uniqueArray(entry, { minLength: 0, maxLength: 3, selector: ({ path }) => path.toLowerCase() });
  const whole = entries.map((list): Printed => {
    const json = Object.fromEntries(list.map(({ path, json: own }) => [path, own]));
    return { made: { op, target: { kind: 'none' }, value: json, keys: new Map(list.map(({ path, aim }) => [path, aim])) }, text: { op, value: json } };
  });
  const wrong = fc.constantFrom<Json>('x', 5, [], null).map((json): Printed => ({ made: { op, target: { kind: 'none' }, value: json, keys: new Map() }, text: { op, value: json } }));
  return fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: wrong });
}

interface Aim {
  readonly target: Target;
  readonly path: string;
  readonly values: fc.Arbitrary<Json>;
}

function target(type: ResourceType): fc.Arbitrary<Aim> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...places(type)).chain((place) => placed(type, place)) },
    { weight: 8, arbitrary: fc.constantFrom(...places(type).filter(isFilterable)).chain((place) => filtered(type, place)) },
    { weight: 1, arbitrary: fc.constantFrom(...type.extensions).map(wholeExtension) },
    { weight: 1, arbitrary: wrongTarget(type) },
  );
}

function keyTarget(type: ResourceType): fc.Arbitrary<Aim> {
  const named = places(type).filter(({ attribute, sub, unqualified }) => !unqualified && (sub === undefined || attribute.mutability !== 'readOnly'));
  // What one element in place of a list means is settled for values that have a path of their own.
  const forKey = (aim: Aim): Aim => ({ ...aim, values: aim.values.filter((json) => !isSingleObject(aim.target, json)) });
  const echoes = [['id', 'own-id'], ['id', 'other'], ['meta', READ_ONLY.meta], ['meta', { version: 'W/"1"' }], ['meta', { version: 'W/"2"' }]] as const;
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...named).chain((place) => placed(type, place)).map(forKey) },
    { weight: 1, arbitrary: fc.constantFrom(...type.extensions).map(wholeExtension) },
    { weight: 1, arbitrary: fc.constantFrom(...echoes).map(([path, json]): Aim => ({ target: { kind: 'place', place: placeOf(type, path) }, path, values: fc.constant(json) })) },
    { weight: 1, arbitrary: fc.constantFrom('nope', 'urn:example:none:nope', `${type.schema.urn}:nope`).map((path): Aim => ({ target: { kind: 'wrong', scimType: 'invalidPath' }, path, values: junk })) },
  );
}

function isSingleObject(aim: Target, json: Json): boolean {
  return aim.kind === 'place' && aim.place.attribute.multiValued && typeof json === 'object' && json !== null && !Array.isArray(json);
}

function placeOf(type: ResourceType, name: string): Place {
  const attribute = type.attributes.get(name);
  if (!attribute) throw new Error(name);
  return { extension: undefined, attribute, sub: undefined, test: undefined, unqualified: false };
}

function places(type: ResourceType): readonly Place[] {
  const of = (extension: Extension | undefined, attribute: Attribute): readonly Place[] => {
    const place: Place = { extension, attribute, sub: undefined, test: undefined, unqualified: false };
    const subs = [...attribute.subAttributes.values()].filter(({ source }) => source === 'stored');
    const all = [place, ...subs.map((sub) => ({ ...place, sub }))];
    return extension ? [...all, ...all.map((one) => ({ ...one, unqualified: true }))] : all;
  };
  return [...attributesOf(type).flatMap((attribute) => of(undefined, attribute)), ...type.extensions.flatMap((extension) => Array.from(extension.schema.attributes.values()).flatMap((attribute) => of(extension, attribute)))];
}

const anyCase = (text: string) => fc.constantFrom(text, text, text.toLowerCase(), text.toUpperCase());
const isFilterable = ({ attribute, sub, unqualified }: Place) => attribute.multiValued && attribute.type === 'complex' && !sub && !unqualified;

function placed(type: ResourceType, place: Place): fc.Arbitrary<Aim> {
  const { attribute, sub } = place;
  return spelled(type, place, sub ? `${attribute.name}.${sub.name}` : attribute.name).map((path) => ({ target: { kind: 'place', place }, path, values: anyValue(sub ?? attribute) }));
}

function spelled(type: ResourceType, { extension, unqualified }: Place, name: string): fc.Arbitrary<string> {
  if (extension) return anyCase(unqualified ? name : `${extension.schema.urn}:${name}`);
  return fc.oneof({ weight: 3, arbitrary: anyCase(name) }, { weight: 1, arbitrary: anyCase(`${type.schema.urn}:${name}`) });
}

function filtered(type: ResourceType, place: Place): fc.Arbitrary<Aim> {
  const { attribute } = place;
  const subs = [...attribute.subAttributes.values()];
  return fc.tuple(spelled(type, place, attribute.name), test(attribute), fc.option(fc.constantFrom(...subs), { nil: undefined })).map(([name, own, sub]): Aim => ({
    target: { kind: 'place', place: { ...place, test: own, sub } },
    path: `${name}[${print(nodeOf(own))}]${sub ? `.${sub.name}` : ''}`,
    values: sub ? anyValue(sub) : anyValue({ ...attribute, multiValued: false }),
  }));
}

function test(attribute: Attribute): fc.Arbitrary<Test> {
  const subs = [...attribute.subAttributes.values()].filter(({ mutability }) => mutability === 'readWrite');
  const term = fc.constantFrom(...subs).chain((sub): fc.Arbitrary<Test> => {
    if (sub.type === 'boolean') return fc.tuple(fc.constantFrom('eq' as const, 'ne' as const), fc.boolean()).map(([kind, literal]) => ({ kind, sub, literal }));
    const equals = fc.tuple(fc.constantFrom('eq' as const, 'eq' as const, 'eq' as const, 'ne' as const, 'sw' as const), sub.type === 'binary' ? fc.constant('QUJD') : word).map(([kind, literal]): Test => ({ kind, sub, literal }));
    return fc.oneof({ weight: 4, arbitrary: equals }, { weight: 1, arbitrary: fc.constant<Test>({ kind: 'pr', sub }) });
  });
  const pair = fc.tuple(term, term).filter(([a, b]) => !('sub' in a && 'sub' in b && a.sub === b.sub));
  return fc.oneof(
    { weight: 6, arbitrary: term },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('and' as const, 'or' as const), pair).map(([kind, tests]): Test => ({ kind, tests })) },
    { weight: 1, arbitrary: term.map((own): Test => ({ kind: 'not', test: own })) },
  );
}

function nodeOf(own: Test): FilterNode {
  switch (own.kind) {
    case 'and':
    case 'or':
      return { kind: own.kind, nodes: own.tests.map(nodeOf) };
    case 'not':
      return { kind: 'not', node: nodeOf(own.test) };
    case 'pr':
      return { kind: 'present', path: own.sub.name };
    case 'eq':
    case 'ne':
    case 'sw':
      return { kind: 'compare', path: own.sub.name, operator: own.kind, value: own.literal };
  }
}

function wholeExtension(extension: Extension): Aim {
  const attributes = [...extension.schema.attributes.values()];
  const values = fc.record({ ...Object.fromEntries(attributes.map((attribute) => [attribute.name, anyValue(attribute).filter((json) => !isSingleObject({ kind: 'place', place: { extension, attribute, sub: undefined, test: undefined, unqualified: false } }, json))])), nope: fc.constant(1) }, { requiredKeys: [] });
  return { target: { kind: 'extension', extension }, path: extension.schema.urn, values: fc.oneof({ weight: 9, arbitrary: values }, { weight: 1, arbitrary: fc.constantFrom<Json>('x', []) }) };
}

function wrongTarget(type: ResourceType): fc.Arbitrary<Aim> {
  const many = places(type).find(isFilterable)?.attribute.name ?? '';
  const simple = type.schema.attributes.has('username') ? 'userName' : 'label';
  const rows: readonly (readonly [string, 'invalidPath' | 'invalidFilter' | 'mutability'])[] = [
    ['nope', 'invalidPath'], ['name.givenName.x', 'invalidPath'], [`${many}[0]`, 'invalidPath'], [`/${many}/0`, 'invalidPath'], [`${many}[type eq "work"`, 'invalidPath'],
    [`${many}[type eq "work"].nope`, 'invalidPath'], [`${many}[type eq "work"]type`, 'invalidPath'], [`${simple}[value eq "x"]`, 'invalidPath'], [`${many}[nope eq "x"]`, 'invalidFilter'],
    [`${many}[type eq 5]`, 'invalidFilter'], ['urn:example:none:title', 'invalidPath'], ['id', 'mutability'], ['meta', 'mutability'], ['meta.created', 'mutability'],
  ];
  return fc.constantFrom(...rows).map(([path, scimType]): Aim => ({ target: { kind: 'wrong', scimType }, path, values: junk }));
}
