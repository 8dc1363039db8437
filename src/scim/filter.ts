/**
 * Filter text to syntax tree: RFC 7644 section 3.4.2.2 with errata 4690, 7319 and 7322. One pass, depth and number of terms
 * capped before anything is built, errors name the position. What names mean is `resolve.ts`'s business.
 */
import { invalidFilter, quote } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Tolerances } from './tolerances.ts';

export const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Operator = (typeof OPERATORS)[number];
export type Literal = string | number | boolean | null;

export type FilterNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly node: FilterNode }
  | { readonly kind: 'compare'; readonly path: string; readonly operator: Operator; readonly value: Literal }
  | { readonly kind: 'present'; readonly path: string }
  | { readonly kind: 'element'; readonly path: string; readonly node: FilterNode };

export interface FilterOptions {
  readonly limits: Limits;
  readonly tolerances: Tolerances;
}

/**
 * Parses a whole filter.
 * @throws ScimError 400 invalidFilter naming the position, for anything that is not a filter or goes over a limit
 */
export function parseFilter(text: string, options: FilterOptions): FilterNode {
  const parser = new FilterParser(text, 0, options);
  const node = parser.disjunction(false);
  parser.end();
  return node;
}

/** Parses the value filter of a PATCH path. `start` is the position behind `[`; `end` is returned behind `]`. */
export function parseValueFilter(text: string, start: number, options: FilterOptions): { node: FilterNode; end: number } {
  const parser = new FilterParser(text, start, options);
  const node = parser.disjunction(true);
  parser.expect(']');
  return { node, end: parser.position };
}

const NAME = /[A-Za-z0-9_$:.-]+/y;
const BLANKS = /[ \t]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SINGLE_QUOTED = /'[^']*'/y;
const BARE = /[^\s()[\]"']+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

class FilterParser {
  position: number;
  private depth = 0;
  private terms = 0;
  private readonly text: string;
  private readonly options: FilterOptions;

  constructor(text: string, position: number, options: FilterOptions) {
    if (text.length > options.limits.filterLength) throw invalidFilter(`The filter is longer than ${options.limits.filterLength} characters.`);
    this.text = text;
    this.position = position;
    this.options = options;
  }

  /** Precedence, lowest first: or, and, not (R-FILT-10). */
  disjunction(insideBrackets: boolean): FilterNode {
    return this.joined('or', () => this.joined('and', () => this.term(insideBrackets)));
  }

  private joined(word: 'and' | 'or', operand: () => FilterNode): FilterNode {
    const first = operand();
    const nodes = [first];
    while (this.keyword(word)) nodes.push(operand());
    return nodes.length === 1 ? first : { kind: word, nodes };
  }

  private term(insideBrackets: boolean): FilterNode {
    this.blanks();
    if (this.take('(')) return this.group(insideBrackets);
    const start = this.position;
    const path = this.name();
    const afterName = this.position;
    if (path.toLowerCase() === 'not') {
      this.blanks();
      if (this.take('(')) return { kind: 'not', node: this.group(insideBrackets) };
      this.position = afterName;
    }
    if (this.take('[')) return this.valuePath(path, start, insideBrackets);
    return this.comparison(path);
  }

  private group(insideBrackets: boolean): FilterNode {
    const node = this.nested(() => this.disjunction(insideBrackets));
    this.expect(')');
    return node;
  }

  /** Erratum 7322: no value path within a value path. */
  private valuePath(path: string, start: number, insideBrackets: boolean): FilterNode {
    if (insideBrackets) throw this.fault('a value path cannot stand inside another one', start);
    const node = this.nested(() => this.disjunction(true));
    this.expect(']');
    return this.trailing(path, node);
  }

  /** Q33, Entra: `emails[type eq "work"].value eq "x"` means `emails[type eq "work" and value eq "x"]`; so does it without `.value`. */
  private trailing(path: string, node: FilterNode): FilterNode {
    const start = this.position;
    const sub = this.take('.') ? this.name() : this.operatorAhead() ? 'value' : undefined;
    if (sub === undefined) return { kind: 'element', path, node };
    if (!this.options.tolerances.use('attributeAfterValuePath')) throw this.fault('nothing may follow "]" but "and", "or" or the end', start);
    return { kind: 'element', path, node: { kind: 'and', nodes: [node, this.comparison(sub)] } };
  }

  private comparison(path: string): FilterNode {
    if (++this.terms > this.options.limits.filterTerms) throw invalidFilter(`The filter has more than ${this.options.limits.filterTerms} comparisons.`);
    this.requireBlank(`an operator after ${quote(path)}`);
    const start = this.position;
    const word = this.name().toLowerCase();
    if (word === 'pr') return { kind: 'present', path };
    const operator = OPERATORS.find((known) => known === word);
    if (!operator) throw this.fault(`${quote(word)} is no operator; known: ${OPERATORS.join(', ')}, pr`, start);
    const value = this.literal();
    if (typeof value === 'string' && !isStorable(value)) throw this.fault('the value is not valid Unicode text', start);
    return { kind: 'compare', path, operator, value };
  }

  private literal(): Literal {
    const before = this.position;
    this.blanks();
    const quoted = this.match(STRING);
    if (quoted !== undefined) {
      // Decision 26: `eq"x"` breaks the grammar, though the RFC's own examples have it.
      if (before === this.position - quoted.length && !this.options.tolerances.use('bareFilterValue')) throw this.fault('a blank is missing before the value', before);
      return decodeString(quoted) ?? this.refuse('the text is not a valid JSON string', this.position - quoted.length);
    }
    const start = this.position;
    const single = this.match(SINGLE_QUOTED);
    if (single !== undefined && this.options.tolerances.use('bareFilterValue')) return single.slice(1, -1);
    const word = single === undefined ? this.match(BARE) : undefined;
    if (word === undefined || before === start) throw this.fault('a value in double quotes, a number, true, false or null is expected', start);
    return this.bareWord(word, start);
  }

  private bareWord(word: string, start: number): Literal {
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null') return null;
    if (NUMBER.test(word)) return Number(word);
    if (this.options.tolerances.use('bareFilterValue')) return word;
    throw this.fault('text must stand in double quotes', start);
  }

  private name(): string {
    const name = this.match(NAME);
    if (name === undefined) throw this.fault('an attribute name or operator is expected');
    return name;
  }

  private keyword(word: string): boolean {
    const start = this.position;
    const blank = this.blanks();
    const found = this.match(NAME);
    // A parenthesis or bracket may stand right before or after the word.
    if (found?.toLowerCase() === word && (blank || /[)\]]/.test(this.text.charAt(start - 1)))) return true;
    this.position = start;
    return false;
  }

  private operatorAhead(): boolean {
    const start = this.position;
    this.blanks();
    const word = this.match(NAME)?.toLowerCase();
    this.position = start;
    return OPERATORS.some((operator) => operator === word) || word === 'pr';
  }

  private nested<T>(parse: () => T): T {
    if (++this.depth > this.options.limits.filterDepth) throw invalidFilter(`The filter is nested deeper than ${this.options.limits.filterDepth} levels.`);
    const result = parse();
    this.depth--;
    return result;
  }

  private blanks(): boolean {
    return (this.match(BLANKS) ?? '') !== '';
  }

  private requireBlank(expected: string): void {
    if (!this.blanks()) throw this.fault(`${expected} is expected`);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  private take(character: string): boolean {
    if (this.text.charAt(this.position) !== character) return false;
    this.position++;
    return true;
  }

  expect(character: string): void {
    this.blanks();
    if (!this.take(character)) throw this.fault(`"${character}" is expected`);
  }

  end(): void {
    this.blanks();
    if (this.position < this.text.length) throw this.fault('"and", "or" or the end is expected');
  }

  private refuse(what: string, position: number): never {
    throw this.fault(what, position);
  }

  private fault(what: string, position = this.position) {
    return invalidFilter(`Filter, position ${position + 1}: ${what}.`);
  }
}

function decodeString(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

/** No stored text holds them, and neither MongoDB nor UTF-8 could carry them. */
const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');
