/** Rule: every link comes from a node that exists. */
import { WeftError } from '../../errors.ts';
import { suggestion } from '../suggest.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function danglingLink({ nodes }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node } of nodes.values()) {
    for (const [socket, [from]] of Object.entries(node.in ?? {})) {
      if (nodes.has(from)) continue;
      errors.push(
        new WeftError('graph/dangling-link', { node: id, socket, from, suggestion: suggestion(from, nodes.keys()) }),
      );
    }
  }
  return errors;
}
