/** Rule: a run would leave something: the graph has an output or a sink. */
import { WeftError } from '../../errors.ts';
import type { CheckedGraph } from './checked-graph.ts';

export function noOutput({ graph, nodes }: CheckedGraph): WeftError[] {
  if (Object.keys(graph.outputs ?? {}).length > 0) return [];
  for (const { descriptor } of nodes.values()) {
    // A node of unknown type may be a misspelt sink: that error is enough.
    if (descriptor === undefined || descriptor.sink === true) return [];
  }
  return [new WeftError('graph/no-output')];
}
