/** Rule: every link goes into an input that the node has. */
import { WeftError } from '../../errors.ts';
import { suggestion } from '../suggest.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function unknownInput({ nodes }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node, descriptor } of nodes.values()) {
    if (descriptor === undefined || node.in === undefined) continue;
    for (const socket of Object.keys(node.in)) {
      if (Object.hasOwn(descriptor.inputs, socket)) continue;
      const inputs = Object.keys(descriptor.inputs);
      const details = { node: id, socket, type: node.type, suggestion: suggestion(socket, inputs) };
      errors.push(new WeftError('graph/unknown-input', { ...details, inputs: inputs.length === 0 ? 'none' : inputs }));
    }
  }
  return errors;
}
