/**
 * What one run will do: the needed nodes in order, with parameters filled in, links resolved and lists known.
 * The graph has been validated; nothing is checked here again, and nothing runs.
 */
import { fillParams, modelHashes, type NodeLookup, neededNodes, orderGraph } from '../graph/index.ts';
import type { Graph } from '../protocol/graph-file.ts';
import type { AnyNodeDefinition, InputSpec } from '../protocol/node.ts';
import type { ParamValue } from '../protocol/param.ts';

export interface PlannedLink {
  readonly socket: string;
  readonly spec: InputSpec;
  readonly from: string;
  readonly output: string;
  readonly whole: boolean;
}

export interface PlannedNode<S> {
  readonly id: string;
  readonly definition: AnyNodeDefinition<S>;
  readonly params: Readonly<Record<string, ParamValue>>;
  /** `PARAM=HASH` of the models it names. */
  readonly models: readonly string[];
  readonly links: readonly PlannedLink[];
  /** It is called once per item of a list that reaches it. */
  readonly mapped: boolean;
  /** Its outputs are lists: it is mapped, or emits one. */
  readonly isList: boolean;
  /** Emitters whose items it is mapped over. */
  readonly mappedOver: ReadonlySet<string>;
  /** Emitters whose items its outputs are: itself, when it emits. */
  readonly origins: ReadonlySet<string>;
}

export interface Plan<S> {
  readonly graph: Graph;
  readonly nodes: readonly PlannedNode<S>[];
  /** Requested outputs of the graph: name to node and output. */
  readonly outputs: Readonly<Record<string, readonly [string, string]>>;
  /** Sinks that run for their own sake. */
  readonly sinks: readonly string[];
}

const NONE: ReadonlySet<string> = new Set();

/** Yields now and then, so that the caller can let others run while a big graph is planned. */
export function* planRun<S>(
  graph: Graph,
  registry: ReadonlyMap<string, AnyNodeDefinition<S>>,
  lookup: NodeLookup,
  requested: readonly string[] | undefined,
): Generator<void, Plan<S>> {
  const declared = graph.outputs ?? {};
  const outputs =
    requested === undefined ? declared : Object.fromEntries(requested.map((name) => [name, declared[name]!]));
  const sinks =
    requested === undefined
      ? Object.keys(graph.nodes).filter((id) => registry.get(graph.nodes[id]!.type)?.sink === true)
      : [];
  const needed = neededNodes(graph, [...Object.values(outputs).map(([node]) => node), ...sinks]);
  yield;
  const planned = new Map<string, PlannedNode<S>>();
  for (const id of orderGraph(graph).order) {
    if (!needed.has(id)) continue;
    planned.set(id, planNode(graph, id, registry, lookup, planned));
    if (planned.size % 64 === 0) yield;
  }
  return { graph, nodes: [...planned.values()], outputs, sinks };
}

function planNode<S>(
  graph: Graph,
  id: string,
  registry: ReadonlyMap<string, AnyNodeDefinition<S>>,
  lookup: NodeLookup,
  planned: ReadonlyMap<string, PlannedNode<S>>,
): PlannedNode<S> {
  const node = graph.nodes[id]!;
  const definition = registry.get(node.type)!;
  const params = fillParams(definition.params, node.params);
  const links: PlannedLink[] = [];
  let mappedOver = NONE;
  for (const socket in node.in) {
    const [from, output] = node.in[socket]!;
    const spec: InputSpec = definition.inputs[socket]!;
    const whole = spec.whole === true;
    links.push({ socket, spec, from, output, whole });
    const source = planned.get(from)!;
    if (!whole && source.isList) mappedOver = union(mappedOver, source.origins);
  }
  const mapped = mappedOver.size > 0;
  const emits = definition.emitsList === true;
  const origins = emits ? new Set([id]) : mappedOver;
  const models = modelHashes(definition.params, params, lookup);
  return { id, definition, params, models, links, mapped, isList: mapped || emits, mappedOver, origins };
}

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.size === 0) return b;
  return [...b].every((item) => a.has(item)) ? a : new Set([...a, ...b]);
}
