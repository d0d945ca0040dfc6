/** Rule: every node's type is known. */
import { WeftError } from '../../errors.ts';
import { suggestion } from '../suggest.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function unknownType({ nodes, lookup }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node, descriptor } of nodes.values()) {
    if (descriptor !== undefined) continue;
    const types = Array.from(lookup.catalogue ?? [], ({ type }) => type);
    errors.push(
      new WeftError('graph/unknown-type', { node: id, type: node.type, suggestion: suggestion(node.type, types) }),
    );
  }
  return errors;
}
