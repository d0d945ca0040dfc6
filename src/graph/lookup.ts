/** What the graph layer must be told about the world: node types and models. Pure; no node: imports. */
import type { Graph } from '../protocol/graph-file.ts';
import type { ModelLookup } from '../protocol/model-info.ts';
import type { NodeDescriptor } from '../protocol/node.ts';
import { own } from './own.ts';

export interface NodeLookup {
  readonly node: (type: string) => NodeDescriptor | undefined;
  readonly model: ModelLookup;
  /** Every node type: lets errors suggest names and nodes to put between. */
  readonly catalogue?: Iterable<NodeDescriptor>;
}

export function createLookup(descriptors: Iterable<NodeDescriptor>, model: ModelLookup = () => undefined): NodeLookup {
  const byType = new Map<string, NodeDescriptor>();
  for (const descriptor of descriptors) byType.set(descriptor.type, descriptor);
  return { node: (type) => byType.get(type), model, catalogue: [...byType.values()] };
}

/** Every model that a graph names (defaults included), each once: what a ModelLookup must be prepared for. */
export function modelRefs(graph: Graph, node: NodeLookup['node']): string[] {
  const refs = new Set<string>();
  for (const { type, params } of Object.values(graph.nodes)) {
    const specs = node(type)?.params;
    if (specs === undefined) continue;
    for (const name in specs) {
      const spec = specs[name]!;
      if (spec.kind !== 'model') continue;
      const ref = own(params, name) ?? spec.default;
      if (typeof ref === 'string' && ref !== '') refs.add(ref);
    }
  }
  return [...refs];
}
