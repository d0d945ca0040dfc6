/**
 * Follows types through a graph: what each output really carries, and which links do not fit.
 * Pure; no node: imports. Only finds mismatches; the rules in validate/ put them into words.
 */
import type { Graph } from '../protocol/graph-file.ts';
import type { NodeDescriptor } from '../protocol/node.ts';
import type { SocketType } from '../protocol/socket.ts';
import type { NodeLookup } from './lookup.ts';
import { orderGraph } from './order.ts';
import { own } from './own.ts';
import { checkParam } from './params.ts';
import { type Bindings, type Mismatch, matchSocket, substitute } from './socket-match.ts';

export interface LinkMismatch {
  readonly mismatch: Mismatch;
  readonly node: string;
  readonly socket: string;
  readonly from: string;
  readonly output: string;
  /** What the socket takes, given the node's other links and parameters. */
  readonly expected: SocketType;
  readonly received: SocketType;
}

export interface ResolvedTypes {
  /** By node, then output. Nodes of unknown type are absent. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, SocketType>>>;
  readonly mismatches: readonly LinkMismatch[];
}

/** Nodes on a cycle, or behind one, are looked at last, in file order: what they read of each other is unknown. */
export function resolveTypes(graph: Graph, lookup: NodeLookup): ResolvedTypes {
  const outputs = new Map<string, Record<string, SocketType>>();
  const mismatches: LinkMismatch[] = [];
  const { order, cyclic } = orderGraph(graph);
  for (const id of [...order, ...cyclic]) {
    const node = graph.nodes[id]!;
    const descriptor = lookup.node(node.type);
    if (descriptor === undefined) continue;
    const bindings = bindingsOf(descriptor, node.params, lookup);
    for (const [socket, spec] of Object.entries(descriptor.inputs)) {
      const link = own(node.in, socket);
      if (link === undefined) continue;
      const [from, output] = link;
      const received = own(outputs.get(from), output);
      if (received === undefined) continue;
      const expected = substitute(spec.type, bindings);
      const mismatch = matchSocket(spec.type, received, bindings);
      if (mismatch !== undefined) mismatches.push({ mismatch, node: id, socket, from, output, expected, received });
    }
    const resolved: Record<string, SocketType> = {};
    for (const output in descriptor.outputs)
      resolved[output] = resolveOutput(descriptor, output, node.params, lookup, bindings);
    outputs.set(id, resolved);
  }
  return { outputs, mismatches };
}

function bindingsOf(
  descriptor: NodeDescriptor,
  params: Graph['nodes'][string]['params'],
  lookup: NodeLookup,
): Bindings {
  const dims = new Map<string, number>();
  for (const [name, spec] of Object.entries(descriptor.params)) {
    // A dimension named like a whole-number parameter is that parameter.
    if (spec.kind !== 'number' || spec.integer !== true) continue;
    const value = own(params, name) ?? spec.default;
    // A wrong value is the parameter's error, not also that of every socket it sizes.
    if (typeof value === 'number' && checkParam(spec, value) === undefined) dims.set(name, value);
  }
  return { dims, spaces: new Map(), spaceOf: (param) => modelOf(descriptor, param, params, lookup)?.space };
}

function resolveOutput(
  descriptor: NodeDescriptor,
  output: string,
  params: Graph['nodes'][string]['params'],
  lookup: NodeLookup,
  bindings: Bindings,
): SocketType {
  const declared = descriptor.outputs[output]!.type;
  const resolved = substitute(declared, bindings);
  if (resolved.kind !== 'Embedding' || typeof resolved.dim === 'number') return resolved;
  if (declared.kind !== 'Embedding' || typeof declared.space !== 'object' || !('param' in declared.space))
    return resolved;
  const dim = modelOf(descriptor, declared.space.param, params, lookup)?.dim;
  return dim === undefined ? resolved : { ...resolved, dim };
}

function modelOf(
  descriptor: NodeDescriptor,
  param: string,
  params: Graph['nodes'][string]['params'],
  lookup: NodeLookup,
): ReturnType<NodeLookup['model']> {
  const spec = own(descriptor.params, param);
  if (spec?.kind !== 'model') return undefined;
  const ref = own(params, param) ?? spec.default;
  return typeof ref === 'string' ? lookup.model(ref) : undefined;
}
