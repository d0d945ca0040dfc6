/** A graph with what each node's type promises beside it: looked up once, read by every rule. Pure. */

import type { WeftError } from '../../errors.ts';
import type { Graph, GraphNode } from '../../protocol/graph-file.ts';
import type { NodeDescriptor } from '../../protocol/node.ts';
import type { NodeLookup } from '../lookup.ts';

export interface CheckedNode {
  readonly id: string;
  readonly node: GraphNode;
  /** Undefined when the type is unknown: rules about its sockets and parameters then say nothing. */
  readonly descriptor: NodeDescriptor | undefined;
}

export interface CheckedGraph {
  readonly graph: Graph;
  readonly lookup: NodeLookup;
  readonly nodes: ReadonlyMap<string, CheckedNode>;
}

/** One rule: all its errors in a graph. */
export type Rule = (checked: CheckedGraph) => WeftError[];

export function checkedGraph(graph: Graph, lookup: NodeLookup): CheckedGraph {
  const nodes = new Map<string, CheckedNode>();
  for (const id of Object.keys(graph.nodes)) {
    const node = graph.nodes[id]!;
    nodes.set(id, { id, node, descriptor: lookup.node(node.type) });
  }
  return { graph, lookup, nodes };
}
