/** Rule: every parameter given is one that the node has. */
import { WeftError } from '../../errors.ts';
import { suggestion } from '../suggest.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function unknownParameter({ nodes }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node, descriptor } of nodes.values()) {
    if (descriptor === undefined || node.params === undefined) continue;
    for (const param of Object.keys(node.params)) {
      if (Object.hasOwn(descriptor.params, param)) continue;
      const params = Object.keys(descriptor.params);
      const details = { node: id, type: node.type, param, suggestion: suggestion(param, params) };
      errors.push(
        new WeftError('graph/unknown-parameter', { ...details, params: params.length === 0 ? 'none' : params }),
      );
    }
  }
  return errors;
}
