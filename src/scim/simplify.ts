import type { ResolvedFilter } from './resolved-filter.ts';

/** The same filter without constants inside: what they decide is decided. A constant that is left is the whole filter. */
export function simplify(filter: ResolvedFilter): ResolvedFilter {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const decides = filter.kind === 'or';
      const nodes = filter.nodes.map(simplify);
      if (nodes.some((node) => node.kind === 'constant' && node.value === decides)) return { kind: 'constant', value: decides };
      const open = nodes.filter((node) => node.kind !== 'constant');
      return open.length === 0 ? { kind: 'constant', value: !decides } : { kind: filter.kind, nodes: open };
    }
    case 'not': {
      const node = simplify(filter.node);
      return node.kind === 'constant' ? { kind: 'constant', value: !node.value } : { kind: 'not', node };
    }
    case 'compare':
    case 'present':
    case 'element':
    case 'edge':
    case 'constant':
      return filter;
  }
}
