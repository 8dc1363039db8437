/** A filter whose names are attributes of the schema and whose literals are comparable: what `match` and MongoDB are asked. */
import type { Operator } from './filter.ts';
import type { AttributePath } from './path.ts';
import type { Attribute } from './schema.ts';

export type Comparable = string | number | boolean;

export type ResolvedFilter =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly ResolvedFilter[] }
  | { readonly kind: 'not'; readonly node: ResolvedFilter }
  | { readonly kind: 'compare'; readonly path: AttributePath; readonly operator: Operator; readonly value: Comparable }
  | { readonly kind: 'present'; readonly path: AttributePath }
  /** Holds for one and the same element; the paths inside are sub-attributes of `path.attribute`. */
  | { readonly kind: 'element'; readonly path: AttributePath; readonly node: ResolvedFilter }
  /** An edge exists: to (`members`) or from (`groups`) the resource with this id. Without a value any edge will do. */
  | { readonly kind: 'edge'; readonly attribute: Attribute; readonly value: string | undefined }
  /** For types that lack an attribute which another type of the same query has (R-QUERY-4). */
  | { readonly kind: 'constant'; readonly value: boolean };
