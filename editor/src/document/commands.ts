/**
 * What a person does to a graph, as pure functions Graph -> Graph: the old graph is never changed, so history is free.
 * Must not check meaning (checks.ts does) and must not touch the page.
 */
import type { Graph, GraphInput, GraphNode, Link, ParamValue } from '../../../src/protocol/index.ts';
import { freshName, nameForType } from './names.ts';

export type Command = (graph: Graph) => Graph;
export type Point = readonly [number, number];

/** One input of one node. */
export interface InputEnd {
  readonly node: string;
  readonly input: string;
}

/** One output of one node. */
export interface OutputEnd {
  readonly node: string;
  readonly output: string;
}

export function emptyGraph(name = 'untitled'): Graph {
  return { weft: 1, name, nodes: {} };
}

export function addNode(
  id: string,
  type: string,
  at: Point,
  params: Readonly<Record<string, ParamValue>> = {},
): Command {
  return (graph) => ({
    ...graph,
    nodes: { ...graph.nodes, [id]: Object.keys(params).length === 0 ? { type } : { type, params: mutable(params) } },
    layout: { ...graph.layout, [id]: [Math.round(at[0]), Math.round(at[1])] },
  });
}

/** The name `addNode` should use for a new node of this type. */
export function newNodeName(graph: Graph, type: string): string {
  return nameForType(type, new Set(Object.keys(graph.nodes)));
}

/** Removes nodes with every link, graph input and graph output that names them. */
export function removeNodes(ids: Iterable<string>): Command {
  const gone = new Set(ids);
  return (graph) => {
    const nodes: Graph['nodes'] = {};
    for (const [id, node] of Object.entries(graph.nodes)) {
      if (!gone.has(id)) nodes[id] = withLinks(node, (link) => (gone.has(link[0]) ? undefined : link));
    }
    return prune({
      ...graph,
      nodes,
      layout: omit(graph.layout, (id) => gone.has(id)),
      inputs: withTargets(graph.inputs, ({ node }) => !gone.has(node)),
      outputs: omit(graph.outputs, (_, link) => gone.has(link[0])),
    });
  };
}

export function moveNodes(positions: Readonly<Record<string, Point>>): Command {
  return (graph) => {
    const layout = { ...graph.layout };
    for (const [id, [x, y]] of Object.entries(positions)) {
      if (graph.nodes[id] !== undefined) layout[id] = [Math.round(x), Math.round(y)];
    }
    return { ...graph, layout };
  };
}

/** `undefined` goes back to the default. */
export function setParam(id: string, param: string, value: ParamValue | undefined): Command {
  return changeNode(id, (node) => {
    const params = { ...node.params };
    if (value === undefined) delete params[param];
    else params[param] = mutableValue(value);
    return Object.keys(params).length === 0 ? without(node, 'params') : { ...node, params };
  });
}

export function setTitle(id: string, title: string): Command {
  return changeNode(id, (node) => (title.trim() === '' ? without(node, 'title') : { ...node, title: title.trim() }));
}

/** Wires an output into an input; what was wired there is replaced. */
export function connect(from: OutputEnd, to: InputEnd): Command {
  return changeNode(to.node, (node) => ({ ...node, in: { ...node.in, [to.input]: [from.node, from.output] } }));
}

export function disconnect(to: InputEnd): Command {
  return changeNode(to.node, (node) => {
    const rest = omit(node.in, (input) => input === to.input);
    return rest === undefined ? without(node, 'in') : { ...node, in: rest };
  });
}

/** Another id for a node; links, layout and the graph's signature follow. */
export function renameNode(id: string, name: string): Command {
  return (graph) => {
    if (id === name || graph.nodes[id] === undefined || graph.nodes[name] !== undefined) return graph;
    const renamed = (target: ParamTarget) => (target.node === id ? { ...target, node: name } : target);
    const nodes: Graph['nodes'] = {};
    for (const [key, node] of Object.entries(graph.nodes)) {
      nodes[key === id ? name : key] = withLinks(node, (link) => (link[0] === id ? [name, link[1]] : link));
    }
    return prune({
      ...graph,
      nodes,
      layout: mapKeys(graph.layout, id, name),
      inputs: mapValues(graph.inputs, ({ also, ...first }) => ({
        ...renamed(first),
        ...(also === undefined ? {} : { also: also.map(renamed) }),
      })),
      outputs: mapValues(graph.outputs, (link): Link => (link[0] === id ? [name, link[1]] : link)),
    });
  };
}

export function setName(name: string): Command {
  return (graph) => ({ ...graph, name: name.trim() === '' ? 'untitled' : name.trim() });
}

/** Shows an output as a result of the graph, or stops showing it. */
export function toggleOutput(from: OutputEnd): Command {
  return (graph) => {
    const shown = outputName(graph, from);
    if (shown !== undefined) return prune({ ...graph, outputs: omit(graph.outputs, (name) => name === shown) });
    const name = freshName(from.output, new Set(Object.keys(graph.outputs ?? {})));
    return { ...graph, outputs: { ...graph.outputs, [name]: [from.node, from.output] } };
  };
}

export function outputName(graph: Graph, from: OutputEnd): string | undefined {
  return Object.entries(graph.outputs ?? {}).find(([, [node, out]]) => node === from.node && out === from.output)?.[0];
}

/** Makes a parameter an input of the graph (`--set`, the API), or stops it. */
export function toggleInput(node: string, param: string): Command {
  return (graph) => {
    const shown = inputName(graph, node, param);
    if (shown !== undefined) {
      const isOther = (target: ParamTarget) => target.node !== node || target.param !== param;
      return prune({ ...graph, inputs: withTargets(graph.inputs, isOther) });
    }
    const taken = new Set(Object.keys(graph.inputs ?? {}));
    const wanted = param === 'source' || param === 'texts' ? node : param;
    return { ...graph, inputs: { ...graph.inputs, [freshName(wanted, taken)]: { node, param } } };
  };
}

export function inputName(graph: Graph, node: string, param: string): string | undefined {
  const isIt = (target: ParamTarget) => target.node === node && target.param === param;
  return Object.entries(graph.inputs ?? {}).find(([, input]) => [input, ...(input.also ?? [])].some(isIt))?.[0];
}

export function setGroups(groups: Graph['groups']): Command {
  return (graph) => prune({ ...graph, groups });
}

/** Several commands as one step of history. */
export function together(...commands: readonly Command[]): Command {
  return (graph) => commands.reduce((result, command) => command(result), graph);
}

function changeNode(id: string, change: (node: GraphNode) => GraphNode): Command {
  return (graph) => {
    const node = graph.nodes[id];
    return node === undefined ? graph : { ...graph, nodes: { ...graph.nodes, [id]: change(node) } };
  };
}

type ParamTarget = Pick<GraphInput, 'node' | 'param'>;

/** Graph inputs with only the targets that are kept; the next target takes the place of a first one that is gone. */
function withTargets(inputs: Graph['inputs'], keep: (target: ParamTarget) => boolean): Graph['inputs'] {
  const result: NonNullable<Graph['inputs']> = {};
  for (const [name, { also = [], ...first }] of Object.entries(inputs ?? {})) {
    const [head, ...rest] = [first, ...also].filter(keep);
    if (head !== undefined) result[name] = rest.length === 0 ? head : { ...head, also: rest };
  }
  return result;
}

function withLinks(node: GraphNode, change: (link: Link) => Link | undefined): GraphNode {
  if (node.in === undefined) return node;
  const links: Record<string, Link> = {};
  for (const [input, link] of Object.entries(node.in)) {
    const changed = change(link);
    if (changed !== undefined) links[input] = changed;
  }
  return Object.keys(links).length === 0 ? without(node, 'in') : { ...node, in: links };
}

function without<K extends keyof GraphNode>(node: GraphNode, key: K): GraphNode {
  const { [key]: _, ...rest } = node;
  return rest as GraphNode;
}

/** Leaves out what is empty, so that a saved graph has no noise. */
function prune(graph: Graph): Graph {
  const { inputs, outputs, layout, groups, ...rest } = graph;
  return {
    ...rest,
    ...(isEmpty(inputs) ? {} : { inputs }),
    ...(isEmpty(outputs) ? {} : { outputs }),
    ...(isEmpty(layout) ? {} : { layout }),
    ...(groups === undefined || groups.length === 0 ? {} : { groups }),
  };
}

function isEmpty(record: object | undefined): boolean {
  return record === undefined || Object.keys(record).length === 0;
}

function omit<T>(
  record: Readonly<Record<string, T>> | undefined,
  drop: (key: string, value: T) => boolean,
): Record<string, T> | undefined {
  const kept = Object.entries(record ?? {}).filter(([key, value]) => !drop(key, value));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function mapKeys<T>(record: Record<string, T> | undefined, from: string, to: string): Record<string, T> | undefined {
  return record && Object.fromEntries(Object.entries(record).map(([key, value]) => [key === from ? to : key, value]));
}

function mapValues<T>(record: Record<string, T> | undefined, change: (value: T) => T): Record<string, T> | undefined {
  return record && Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function mutable(params: Readonly<Record<string, ParamValue>>): NonNullable<GraphNode['params']> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, mutableValue(value)]));
}

function mutableValue(value: ParamValue): string | number | boolean | string[] | number[] {
  return Array.isArray(value) ? [...value] : (value as string | number | boolean);
}
