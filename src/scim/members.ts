/**
 * Changes of an attribute whose values are edges (`members`). They are never applied to a list: any sequence of them folds into one
 * delta, so that adding one member costs the same in a group of ten and of a million.
 */
import { invalidFilter, invalidValue } from '../errors.ts';
import { match } from './match.ts';
import type { ResolvedFilter } from './resolved-filter.ts';
import { isComplex, type Value } from './schema.ts';

export interface Member {
  readonly id: string;
  /** As the client says; the referenced resource decides. */
  readonly type: string | undefined;
}

export type MemberChange =
  | { readonly kind: 'add'; readonly members: readonly Member[] }
  | { readonly kind: 'replace'; readonly members: readonly Member[] }
  | { readonly kind: 'remove'; readonly ids: readonly string[] }
  | { readonly kind: 'removeWhere'; readonly filter: ResolvedFilter };

/**
 * The net effect: afterwards every id of `added` is a member and none of `removed` is; with `onlyAdded` nobody else is one.
 * `removedWhere` holds filters that need the stored members to be read, in their order; an added member is subject to those behind it.
 */
export interface MemberDelta {
  readonly onlyAdded: boolean;
  readonly added: ReadonlyMap<string, AddedMember>;
  readonly removed: ReadonlySet<string>;
  readonly removedWhere: readonly ResolvedFilter[];
}

/** Reads canonical elements of `members` as references. @throws ScimError 400 invalidValue for an element without id */
export function readMembers(elements: readonly Value[]): readonly Member[] {
  return elements.map((element) => {
    const id = isComplex(element) ? element['value'] : undefined;
    const type = isComplex(element) ? element['type'] : undefined;
    if (typeof id !== 'string' || id === '') throw invalidValue('Each member needs a "value": the id of a user or group.');
    return { id, type: typeof type === 'string' ? type : undefined };
  });
}

export interface AddedMember extends Member {
  /** How many of the filters in `removedWhere` came before the member was added. */
  readonly behind: number;
}

export function foldMemberChanges(changes: readonly MemberChange[]): MemberDelta {
  let onlyAdded = false;
  const added = new Map<string, AddedMember>();
  const removed = new Set<string>();
  let removedWhere: ResolvedFilter[] = [];
  for (const change of changes) {
    switch (change.kind) {
      case 'replace':
        onlyAdded = true;
        added.clear();
        removed.clear();
        removedWhere = [];
        break;
      case 'remove':
        for (const id of change.ids) {
          added.delete(id);
          removed.add(id);
        }
        break;
      case 'removeWhere':
        removedWhere.push(change.filter);
        break;
      case 'add':
        break;
    }
    if (change.kind === 'add' || change.kind === 'replace') {
      for (const member of change.members) {
        removed.delete(member.id);
        added.set(member.id, { ...member, behind: removedWhere.length });
      }
    }
  }
  return { onlyAdded, added, removed, removedWhere };
}

/** A member as a filter in a path sees it. */
export interface MemberView {
  readonly value: string;
  readonly type: string;
  /** The endpoint and the id: `/Users/id`. */
  readonly $ref: string;
  /** Only where a filter asks for it: the member itself must be read for it. */
  readonly display?: string;
}

export const memberMatches = (filter: ResolvedFilter, member: MemberView): boolean => match(filter, { ...member });

/** Whether a later removal in the same request takes an added member back. */
export const isTakenBack = ({ behind }: AddedMember, { removedWhere }: MemberDelta, view: MemberView): boolean =>
  removedWhere.slice(behind).some((filter) => memberMatches(filter, view));

/** Whether the delta can only be computed with the members' names at hand. */
export const asksDisplay = ({ removedWhere }: MemberDelta): boolean => removedWhere.some((filter) => mentions(filter, 'display'));

function mentions(filter: ResolvedFilter, name: string): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.nodes.some((node) => mentions(node, name));
    case 'not':
      return mentions(filter.node, name);
    case 'compare':
    case 'present':
      return filter.path.attribute.name === name;
    case 'element':
    case 'edge':
    case 'constant':
      return false;
  }
}

/**
 * Shortens every `$ref` in a filter to its end, `/Users/id`: the base URL before it may be another's (R-MODEL-19).
 * @throws ScimError 400 invalidFilter for operators that look into the text of the reference
 */
export function withShortReferences(filter: ResolvedFilter): ResolvedFilter {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, nodes: filter.nodes.map(withShortReferences) };
    case 'not':
      return { kind: 'not', node: withShortReferences(filter.node) };
    case 'compare':
      if (filter.path.attribute.name !== '$ref') return filter;
      if (filter.operator !== 'eq' && filter.operator !== 'ne') throw invalidFilter('$ref can be compared by eq and ne only.');
      return { ...filter, value: `/${String(filter.value).split('/').slice(-2).join('/')}` };
    case 'present':
    case 'element':
    case 'edge':
    case 'constant':
      return filter;
  }
}

/** The ids that a filter such as `value eq "a" or value eq "b"` names, or undefined where it asks anything else. */
export function idsNamedBy(filter: ResolvedFilter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const ids = filter.nodes.map(idsNamedBy);
    return ids.every((part) => part !== undefined) ? ids.flat() : undefined;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return undefined;
  return filter.path.attribute.name === 'value' ? [filter.value] : undefined;
}
