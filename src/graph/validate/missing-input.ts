/** Rule: every input that is not optional has a link. */
import { WeftError } from '../../errors.ts';
import { formatSocketType } from '../../protocol/socket.ts';
import { own } from '../own.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function missingInput({ nodes }: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node, descriptor } of nodes.values()) {
    if (descriptor === undefined) continue;
    for (const [socket, spec] of Object.entries(descriptor.inputs)) {
      if (spec.optional === true || own(node.in, socket) !== undefined) continue;
      errors.push(new WeftError('graph/missing-input', { node: id, socket, type: formatSocketType(spec.type) }));
    }
  }
  return errors;
}
