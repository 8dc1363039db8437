/**
 * Changes of an attribute whose values are edges (`members`). They are never applied to a list: any sequence of them folds into one
 * delta, so that adding one member costs the same in a group of ten and of a million.
 */
import { invalidValue } from '../errors.ts';
import { match } from './match.ts';
import type { ResolvedFilter } from './resolve.ts';
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
 * `removedWhere` holds filters that need the stored members to be read.
 */
export interface MemberDelta {
  readonly onlyAdded: boolean;
  readonly added: ReadonlyMap<string, Member>;
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

export function foldMemberChanges(changes: readonly MemberChange[]): MemberDelta {
  let onlyAdded = false;
  const added = new Map<string, Member>();
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
        for (const member of added.values()) if (memberMatches(change.filter, member.id, member.type)) added.delete(member.id);
        removedWhere.push(change.filter);
        break;
      case 'add':
        break;
    }
    if (change.kind === 'add' || change.kind === 'replace') {
      for (const member of change.members) {
        removed.delete(member.id);
        added.set(member.id, member);
      }
    }
  }
  return { onlyAdded, added, removed, removedWhere };
}

export function memberMatches(filter: ResolvedFilter, id: string, type: string | undefined): boolean {
  return match(filter, { value: id, ...(type === undefined ? {} : { type }) });
}

/** The ids that a filter such as `value eq "a" or value eq "b"` names, or undefined where it asks anything else. */
export function idsNamedBy(filter: ResolvedFilter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const ids = filter.nodes.map(idsNamedBy);
    return ids.every((part) => part !== undefined) ? ids.flat() : undefined;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return undefined;
  const name = filter.path.attribute.name;
  if (name === 'value') return [filter.value];
  return name === '$ref' ? [filter.value.slice(filter.value.lastIndexOf('/') + 1)] : undefined;
}
