/**
 * Random resources and random filters, both generated from the schema, so that a new attribute is covered without a word here. What is
 * generated is valid by construction: a refusal is a finding.
 */
import fc from 'fast-check';
import type { FilterNode, Literal, Operator } from '../../src/scim/filter.ts';
import type { Json } from '../../src/scim/json.ts';
import type { AttributePath } from '../../src/scim/path.ts';
import { isComplex, isList, type Attribute, type ComplexValue, type ResourceType, type Value } from '../../src/scim/schema.ts';

/**
 * One seed for a whole test file. The same in every run, so that nobody's change fails for what it did not do; `ROLLCALL_SEED=random` looks for
 * new counterexamples, a number repeats one. fast-check prints the seed when a property fails.
 */
const { ROLLCALL_SEED = '20261121' } = process.env;
export const seed = ROLLCALL_SEED === 'random' ? Math.floor(Math.random() * 0x7fffffff) : Number(ROLLCALL_SEED);

/**
 * Looks for a counterexample.
 * @returns undefined where there is none, else what was wrong with the smallest one, and the seed that finds it again
 */
export async function counterexample<T>(property: fc.IRawProperty<T>, numRuns: number): Promise<string | undefined> {
  const details = await fc.check(property, { seed, numRuns });
  if (!details.failed) return undefined;
  const { errorInstance } = details;
  const why = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return printable(`run again with ROLLCALL_SEED=${seed}\n${why}\n${(await fc.asyncDefaultReportMessage(details)) ?? ''}`);
}

/** TAP does not survive every character. */
export const printable = (report: string) => report.replace(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Texts that have broken comparisons somewhere: case, composition, width, order of UTF-16, patterns, quoting, line ends. */
const NASTY = [
  '', ' ', 'a', 'A', 'b', 'ab', 'aB', 'Jan', 'JAN', 'jan de Vries', '\uff2a\uff41\uff4e', 'J\u00e4n', 'Ja\u0308n', '\u00e9', 'e\u0301', 'E\u0301', '\u0301',
  '\ufb01n', 'fin', 'stra\u00dfe', 'STRASSE', '\u0130stanbul', '\u0131x', '\u212a', 'k', '\u0391\u03a3', '\u03b1\u03c3', '\u2167', 'viii',
  '\u{1f600}', 'a\u{1f600}', '\u{1f600}\u{1f601}', '\uff01', '\uff01x', '\ue000', '\ud7ff', '\u{10000}', '\u{1d4d0}',
  'a"b', '"', '\\', 'a\\b', '\\n', '\\z', '.*', '.', '^x$', '$', '%', '[x]', '(a|b)', 'a)', '(', '{2}', '+', '?', '|', '$where', '{"$gt":""}', '#', '/',
  'line\nbreak', 'line\n', '\n', '\r\n', '\t', '\u0001', '\u007f', '\u00a0', '\u2028', '\u200d', '\u00ad', '\ufeff', "o'x", 'null', 'true', '5', 'urn:a:b',
] as const;

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');

export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...NASTY), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }).filter(isStorable) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }).filter(isStorable) },
);

const integer = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const decimal = fc.oneof(integer, fc.constantFrom(-0, 0.1, 0.30000000000000004, 1.5, -1.5, 1e300, 5e-324), fc.double({ noNaN: true, noDefaultInfinity: true }));
/** Some stand for the same instant, some differ by less than is stored. */
const dateTime = fc.constantFrom(
  '2026-01-05T09:00:00Z', '2026-01-05T10:00:00+01:00', '2026-01-05T09:00:00.000Z', '2026-01-05T09:00:00.001Z', '2026-01-05T09:00:00.0014Z', '2026-01-05T09:00:00',
  '2025-12-31T23:59:59.999Z', '2026-01-01T00:30:00+02:00', '1969-12-31T23:59:59Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z',
);
const binary = fc.constantFrom('AAAA', 'aaaa', 'QUJD', 'QUJDRA==', 'QUJDRA', 'qujd', '+/+/', '-_-_', 'QQ==');
const reference = fc.oneof(fc.constantFrom('https://a.example/Users/1', 'https://A.example/users/1', 'urn:a:b', '../Users/1', 'https://a.example/?q=.*'), text);

/** JSON for an attribute, mostly present. */
export function json(attribute: Attribute): fc.Arbitrary<Json> {
  const one = attribute.type === 'complex' ? complex(attribute) : simple(attribute);
  return attribute.multiValued ? fc.array(one, { maxLength: 4 }) : one;
}

function complex(attribute: Attribute): fc.Arbitrary<Json> {
  const subs = [...attribute.subAttributes.values()].filter((sub) => sub.source === 'stored' && sub.mutability !== 'readOnly');
  return fc.record(Object.fromEntries(subs.map((sub) => [sub.name, json(sub)])), { requiredKeys: subs.filter(({ required }) => required).map(({ name }) => name) });
}

function simple({ type, required }: Attribute): fc.Arbitrary<Json> {
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return integer;
    case 'decimal':
      return decimal;
    case 'dateTime':
      return dateTime;
    case 'binary':
      return binary;
    case 'reference':
      return reference.filter((value) => !required || value !== '');
    case 'string':
    case 'complex':
      return text.filter((value) => !required || value !== '');
  }
}

/** The body of a POST, without `schemas`. Names that are unique on the server are left to the caller. */
export function body(type: ResourceType): fc.Arbitrary<Record<string, Json>> {
  const { core, extensions } = writable(type);
  const own = fc.record(Object.fromEntries(core.map((attribute) => [attribute.name, json(attribute)])), { requiredKeys: core.filter(({ required }) => required).map(({ name }) => name) });
  const others = extensions.map(({ urn, attributes }) =>
    fc.option(fc.record(Object.fromEntries(attributes.map((attribute) => [attribute.name, json(attribute)])), { requiredKeys: [] }), { nil: undefined })
      .map((values) => (values ? { [urn]: values as Json } : {})));
  return fc.tuple(own, ...others).map((parts) => Object.assign({}, ...parts) as Record<string, Json>);
}

const isWritable = (attribute: Attribute) =>
  attribute.source === 'stored' && attribute.mutability !== 'readOnly' && attribute.returned !== 'never' && attribute.uniqueness !== 'server';

function writable(type: ResourceType) {
  return {
    core: [...type.schema.attributes.values()].filter(isWritable),
    extensions: type.extensions.map(({ schema }) => ({ urn: schema.urn, attributes: [...schema.attributes.values()].filter(isWritable) })),
  };
}

// ---- names

/** Every attribute and sub-attribute of a type that stands in its documents, the common ones included. */
export function storedPaths(type: ResourceType): readonly AttributePath[] {
  const of = (attributes: Iterable<Attribute>, extension: AttributePath['extension']) => Array.from(attributes).flatMap((attribute) => pathsOf(extension, attribute));
  return [...of(type.attributes.values(), undefined), ...type.extensions.flatMap((extension) => of(extension.schema.attributes.values(), extension))];
}

function pathsOf(extension: AttributePath['extension'], attribute: Attribute): readonly AttributePath[] {
  if (attribute.source !== 'stored' || attribute.returned === 'never') return [];
  const subs = [...attribute.subAttributes.values()].filter((sub) => sub.source === 'stored' && sub.returned !== 'never');
  return [{ extension, attribute, sub: undefined }, ...subs.map((sub) => ({ extension, attribute, sub }))];
}

export const edgeAttributes = (type: ResourceType) => [...type.attributes.values()].filter(({ source }) => source === 'edge');

const anyCase = (name: string) => fc.constantFrom(name, name, name.toLowerCase(), name.toUpperCase(), name.replace(/[a-z]/gi, (c, i: number) => (i % 2 ? c.toUpperCase() : c.toLowerCase())));

/** A path as a client may write it: in any case, with its URN or, in the core schema, without. */
export function spelling(type: ResourceType, { extension, attribute, sub }: AttributePath): fc.Arbitrary<string> {
  const name = sub ? `${attribute.name}.${sub.name}` : attribute.name;
  if (extension) return anyCase(`${extension.schema.urn}:${name}`);
  return fc.oneof({ weight: 4, arbitrary: anyCase(name) }, { weight: 1, arbitrary: anyCase(`${type.schema.urn}:${name}`) });
}

// ---- literals

/** Values as the resources hold them, by the spelling of their path. */
export class ValuePool {
  private readonly values = new Map<string, Value[]>();

  add(type: ResourceType, resource: ComplexValue): void {
    for (const path of storedPaths(type)) {
      const list = this.values.get(keyOf(path)) ?? [];
      list.push(...simpleValuesAt(resource, path));
      this.values.set(keyOf(path), list);
    }
  }

  at(path: AttributePath): readonly Value[] {
    return this.values.get(keyOf(path)) ?? [];
  }
}

const keyOf = ({ extension, attribute, sub }: AttributePath) => `${extension?.schema.urn ?? ''}|${attribute.name}|${sub?.name ?? ''}`;

function simpleValuesAt(resource: ComplexValue, { extension, attribute, sub }: AttributePath): readonly Value[] {
  const holder = extension ? resource[extension.schema.urn] : resource;
  const value = isComplex(holder) ? holder[attribute.name] : undefined;
  const elements = value === undefined ? [] : isList(value) ? value : [value];
  return elements.flatMap((element) => (sub ? (isComplex(element) ? (element[sub.name] ?? []) : []) : isComplex(element) ? [] : [element]));
}

/** Texts near one that is stored: the whole, parts of it cut between code points, and other spellings of it. */
function near(stored: readonly string[]): fc.Arbitrary<string> {
  const cut = fc.tuple(fc.constantFrom(...stored), fc.nat(6), fc.nat(6)).map(([value, start, length]) => Array.from(value).slice(start, start + length + 1).join(''));
  const prefix = fc.tuple(fc.constantFrom(...stored), fc.nat(5)).map(([value, length]) => Array.from(value).slice(0, length + 1).join(''));
  const suffix = fc.tuple(fc.constantFrom(...stored), fc.nat(5)).map(([value, length]) => Array.from(value).slice(-length - 1).join(''));
  const respelled = fc.tuple(fc.constantFrom(...stored), fc.constantFrom<(value: string) => string>(
    (value) => value.toUpperCase(), (value) => value.toLowerCase(), (value) => value.normalize('NFD'), (value) => value.normalize('NFKC'), (value) => `${value}\n`, (value) => `${value}a`,
  )).map(([value, change]) => change(value)).filter(isStorable);
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...stored) }, cut, prefix, suffix, respelled);
}

function literal(leaf: Attribute, stored: readonly Value[]): fc.Arbitrary<Literal> {
  const strings = stored.filter((value) => typeof value === 'string');
  const numbers = stored.filter((value) => typeof value === 'number');
  switch (leaf.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'decimal':
      return fc.oneof(decimal, fc.constantFrom(Infinity, -Infinity, 0.5), ...(numbers.length > 0 ? [fc.constantFrom(...numbers)] : []));
    case 'dateTime':
      return fc.oneof(dateTime, ...(strings.length > 0 ? [fc.constantFrom(...strings)] : []));
    case 'string':
    case 'reference':
    case 'binary':
    case 'complex':
      return strings.length > 0 ? fc.oneof({ weight: 4, arbitrary: near(strings) }, { weight: 1, arbitrary: text }) : text;
  }
}

function operators(leaf: Attribute, isVersion: boolean): readonly Operator[] {
  if (isVersion) return ['eq', 'ne'];
  switch (leaf.type) {
    case 'boolean':
      return ['eq', 'ne'];
    case 'binary':
      return ['eq', 'ne', 'co', 'sw', 'ew'];
    case 'integer':
    case 'decimal':
    case 'dateTime':
      return ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
    case 'string':
    case 'reference':
    case 'complex':
      return ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'];
  }
}

// ---- filters

/** Filters on a type: every operator on every attribute, value paths, and, or, not, groups. `ids` are asked for in edges. */
export function filter(type: ResourceType, pool: ValuePool, ids: readonly string[]): fc.Arbitrary<FilterNode> {
  const paths = storedPaths(type);
  const simpleTerms = paths.flatMap((path) => comparisonsOn(type, path, pool));
  const presences = paths.map((path) => spelling(type, path).map((name): FilterNode => ({ kind: 'present', path: name })));
  const elements = paths.filter(({ attribute, sub }) => !sub && attribute.multiValued && attribute.type === 'complex').map((path) => elementFilter(type, path, pool));
  const edges = edgeAttributes(type).map((attribute) => edgeFilter(type, attribute, ids));
  const term = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...simpleTerms) },
    { weight: 2, arbitrary: fc.oneof(...presences) },
    ...(elements.length > 0 ? [{ weight: 3, arbitrary: fc.oneof(...elements) }] : []),
    ...(edges.length > 0 ? [{ weight: 1, arbitrary: fc.oneof(...edges) }] : []),
  );
  return logic(term, 3);
}

function logic(term: fc.Arbitrary<FilterNode>, depth: number): fc.Arbitrary<FilterNode> {
  const { node } = fc.letrec<{ node: FilterNode }>((tie) => ({
    node: fc.oneof(
      { maxDepth: depth, depthSize: 'small' },
      { weight: 4, arbitrary: term },
      { weight: 2, arbitrary: fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((nodes) => ({ kind: 'and' as const, nodes })) },
      { weight: 2, arbitrary: fc.array(tie('node'), { minLength: 2, maxLength: 3 }).map((nodes) => ({ kind: 'or' as const, nodes })) },
      { weight: 2, arbitrary: tie('node').map((node) => ({ kind: 'not' as const, node })) },
    ),
  }));
  return node;
}

/** A multi-valued complex attribute stands for its `value` (R-FILT-13); a singular one can only be asked for its parts. */
function comparisonsOn(type: ResourceType, path: AttributePath, pool: ValuePool): readonly fc.Arbitrary<FilterNode>[] {
  const { attribute, sub } = path;
  const value = attribute.type === 'complex' && !sub ? attribute.subAttributes.get('value') : undefined;
  if (attribute.type === 'complex' && !sub && (!attribute.multiValued || !value)) return [];
  const leaf = sub ?? value ?? attribute;
  const isVersion = attribute.name === 'meta' && sub?.name === 'version';
  return [spelling(type, path).chain((name) => comparison(name, leaf, pool.at(value ? { ...path, sub: value } : path), isVersion))];
}

function comparison(name: string, leaf: Attribute, stored: readonly Value[], isVersion = false): fc.Arbitrary<FilterNode> {
  const withValue = fc.tuple(fc.constantFrom(...operators(leaf, isVersion)), literal(leaf, stored)).map(([operator, value]): FilterNode => ({ kind: 'compare', path: name, operator, value }));
  const withNull = fc.constantFrom<Operator>('eq', 'ne').map((operator): FilterNode => ({ kind: 'compare', path: name, operator, value: null }));
  return fc.oneof({ weight: 9, arbitrary: withValue }, { weight: 1, arbitrary: withNull });
}

function elementFilter(type: ResourceType, path: AttributePath, pool: ValuePool): fc.Arbitrary<FilterNode> {
  const subs = [...path.attribute.subAttributes.values()].filter(({ source, returned }) => source === 'stored' && returned !== 'never');
  const terms = subs.flatMap((sub) => [
    anyCase(sub.name).chain((name) => comparison(name, sub, pool.at({ ...path, sub }))),
    anyCase(sub.name).map((name): FilterNode => ({ kind: 'present', path: name })),
  ]);
  return fc.tuple(spelling(type, path), logic(fc.oneof(...terms), 2)).map(([name, node]) => ({ kind: 'element', path: name, node }));
}

/** The questions that edges answer: is there any, and is this one there. */
function edgeFilter(type: ResourceType, attribute: Attribute, ids: readonly string[]): fc.Arbitrary<FilterNode> {
  const value = attribute.subAttributes.get('value');
  const name = spelling(type, { extension: undefined, attribute, sub: undefined });
  const valueName = spelling(type, { extension: undefined, attribute, sub: value });
  const id = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: text });
  const equals = (path: string, literal: Literal): FilterNode => ({ kind: 'compare', path, operator: 'eq', value: literal });
  return fc.oneof(
    fc.tuple(fc.oneof(name, valueName), id).map(([path, literal]) => equals(path, literal)),
    fc.tuple(name, id).map(([path, literal]): FilterNode => ({ kind: 'element', path, node: equals('value', literal) })),
    fc.oneof(name, valueName).map((path): FilterNode => ({ kind: 'present', path })),
    fc.tuple(fc.oneof(name, valueName), fc.constantFrom<Operator>('eq', 'ne')).map(([path, operator]): FilterNode => ({ kind: 'compare', path, operator, value: null })),
  );
}

// ---- printing

/** Decides, one choice after the other, how a filter is written: blanks, letter case, escapes. */
export type Style = readonly number[];
export const style: fc.Arbitrary<Style> = fc.array(fc.nat(5), { minLength: 1, maxLength: 12 });

/** The text of a filter: RFC 7644 figure 1. `parseFilter` must give the same tree again. */
export function print(node: FilterNode, choices: Style = [0]): string {
  let taken = 0;
  const choose = () => choices[taken++ % choices.length] ?? 0;
  const blank = () => [' ', ' ', ' ', '  ', '\t', ' '][choose()] ?? ' ';
  const gap = () => ['', '', '', ' ', '', '  '][choose()] ?? '';
  const word = (name: string) => [name, name, name.toUpperCase(), name, `${name.charAt(0).toUpperCase()}${name.slice(1)}`, name][choose()] ?? name;
  const group = (inner: FilterNode) => `(${gap()}${write(inner)}${gap()})`;
  const operand = (inner: FilterNode, within: 'and' | 'or'): string => {
    const needed = inner.kind === within || (inner.kind === 'or' && within === 'and');
    return needed || choose() === 5 ? group(inner) : write(inner);
  };
  const write = (inner: FilterNode): string => {
    switch (inner.kind) {
      case 'and':
      case 'or':
        return inner.nodes.map((part) => operand(part, inner.kind)).join(`${blank()}${word(inner.kind)}${blank()}`);
      case 'not':
        return `${word('not')}${gap()}${group(inner.node)}`;
      case 'present':
        return `${inner.path}${blank()}${word('pr')}`;
      case 'compare':
        return `${inner.path}${blank()}${word(inner.operator)}${blank()}${printLiteral(inner.value, choose())}`;
      case 'element':
        return `${inner.path}[${gap()}${write(inner.node)}${gap()}]`;
    }
  };
  return write(node);
}

function printLiteral(value: Literal, choice: number): string {
  if (typeof value === 'number') return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value).replace('+', choice === 5 ? '' : '+')) : `${value < 0 ? '-' : ''}1e999`;
  if (typeof value !== 'string') return String(value);
  const quoted = JSON.stringify(value);
  if (choice === 5) return quoted.replaceAll('/', '\\/');
  return choice === 4 ? quoted.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`) : quoted;
}
