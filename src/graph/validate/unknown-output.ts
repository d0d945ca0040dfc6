/** Rule: every link, and every output of the graph, names an output that its node has. */
import { WeftError } from '../../errors.ts';
import { suggestion } from '../suggest.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function unknownOutput(checked: CheckedGraph): WeftError[] {
  const errors: WeftError[] = [];
  for (const { id, node } of checked.nodes.values()) {
    for (const [socket, [from, output]] of Object.entries(node.in ?? {})) {
      const error = check(checked, from, output, `"${id}.${socket}"`, { node: id, socket });
      if (error !== undefined) errors.push(error);
    }
  }
  for (const [name, [from, output]] of Object.entries(checked.graph.outputs ?? {})) {
    const error = check(checked, from, output, `the graph output "${name}"`, { node: from });
    if (error !== undefined) errors.push(error);
  }
  return errors;
}

function check(
  { nodes }: CheckedGraph,
  from: string,
  output: string,
  where: string,
  place: { node: string; socket?: string },
): WeftError | undefined {
  const source = nodes.get(from);
  if (source?.descriptor === undefined || Object.hasOwn(source.descriptor.outputs, output)) return undefined;
  const outputs = Object.keys(source.descriptor.outputs);
  const details = { from, type: source.node.type, where, output, suggestion: suggestion(output, outputs) };
  return new WeftError('graph/unknown-output', { ...details, outputs: outputs.length === 0 ? 'none' : outputs }, place);
}
