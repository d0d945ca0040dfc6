/**
 * Parts of a graph that are copied, pasted and duplicated: nodes with the links among them.
 * On the clipboard a fragment is JSON text, so it can be pasted into another window or a mail. Pure.
 */
import { type Graph, type GraphNode, graphNodeSchema, type Link } from '../../../src/protocol/index.ts';
import { type Command, type Point, together } from './commands.ts';
import { freshName } from './names.ts';

export interface Fragment {
  readonly weftFragment: 1;
  readonly nodes: Readonly<Record<string, GraphNode>>;
  readonly layout: Readonly<Record<string, Point>>;
}

export function copyNodes(graph: Graph, ids: Iterable<string>): Fragment {
  const nodes: Record<string, GraphNode> = {};
  const layout: Record<string, Point> = {};
  for (const id of ids) {
    const node = graph.nodes[id];
    if (node === undefined) continue;
    nodes[id] = node;
    layout[id] = graph.layout?.[id] ?? [0, 0];
  }
  return { weftFragment: 1, nodes, layout };
}

export function fragmentText(fragment: Fragment): string {
  return JSON.stringify(fragment);
}

/** What is on the clipboard, if it is a fragment. */
export function parseFragment(text: string): Fragment | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof data !== 'object' || data === null || (data as Fragment).weftFragment !== 1) return undefined;
  const nodes: Record<string, GraphNode> = {};
  const layout: Record<string, Point> = {};
  for (const [id, value] of Object.entries((data as Fragment).nodes ?? {})) {
    const node = graphNodeSchema.safeParse(value);
    if (!node.success) return undefined;
    nodes[id] = node.data;
    const at = (data as Fragment).layout?.[id];
    layout[id] = Array.isArray(at) && at.every(Number.isFinite) && at.length === 2 ? [at[0], at[1]] : [0, 0];
  }
  return { weftFragment: 1, nodes, layout };
}

export interface Paste {
  readonly command: Command;
  /** Names the pasted nodes get. */
  readonly ids: readonly string[];
}

/** Pastes with fresh names; the fragment's top left corner comes to `at`. Links to nodes outside it are kept if those still exist. */
export function pasteFragment(graph: Graph, fragment: Fragment, at: Point): Paste {
  const taken = new Set(Object.keys(graph.nodes));
  const names = new Map<string, string>();
  for (const id of Object.keys(fragment.nodes)) {
    const name = freshName(id.replace(/-\d+$/, ''), taken);
    taken.add(name);
    names.set(id, name);
  }
  const corner = topLeft(Object.values(fragment.layout));
  const steps = [...names].map(([id, name]): Command => {
    const node = fragment.nodes[id] as GraphNode;
    const [x, y] = fragment.layout[id] ?? [0, 0];
    return (current) => ({
      ...current,
      nodes: { ...current.nodes, [name]: relinked(node, names, graph) },
      layout: { ...current.layout, [name]: [Math.round(x - corner[0] + at[0]), Math.round(y - corner[1] + at[1])] },
    });
  });
  return { command: together(...steps), ids: [...names.values()] };
}

export function topLeft(points: readonly Point[]): Point {
  if (points.length === 0) return [0, 0];
  return [Math.min(...points.map(([x]) => x)), Math.min(...points.map(([, y]) => y))];
}

function relinked(node: GraphNode, names: ReadonlyMap<string, string>, graph: Graph): GraphNode {
  if (node.in === undefined) return node;
  const links: Record<string, Link> = {};
  for (const [input, [from, output]] of Object.entries(node.in)) {
    const inside = names.get(from);
    if (inside !== undefined) links[input] = [inside, output];
    else if (graph.nodes[from] !== undefined) links[input] = [from, output];
  }
  const { in: _, ...rest } = node;
  return Object.keys(links).length === 0 ? rest : { ...rest, in: links };
}
