/**
 * Order of nodes by their links, and which of them a set of outputs needs. Pure; no node: imports.
 * Iterative throughout: a chain as long as memory allows does not overflow the stack. Dangling links are ignored.
 */
import type { Graph } from '../protocol/graph-file.ts';
import { own } from './own.ts';

export interface GraphOrder {
  /** Every node after the nodes it reads; ties in file order. */
  readonly order: readonly string[];
  /** Nodes on a cycle or behind one, in file order. */
  readonly cyclic: readonly string[];
}

export function orderGraph(graph: Graph): GraphOrder {
  const ids = Object.keys(graph.nodes);
  const waiting = new Map<string, number>();
  const readers = new Map<string, string[]>();
  for (const id of ids) {
    const sources = sourcesOf(graph, id);
    waiting.set(id, sources.length);
    for (const source of sources) {
      const list = readers.get(source);
      if (list === undefined) readers.set(source, [id]);
      else list.push(id);
    }
  }
  const order = ids.filter((id) => waiting.get(id) === 0);
  for (let next = 0; next < order.length; next++) {
    for (const reader of readers.get(order[next]!) ?? []) {
      const left = waiting.get(reader)! - 1;
      waiting.set(reader, left);
      if (left === 0) order.push(reader);
    }
  }
  return { order, cyclic: order.length === ids.length ? [] : ids.filter((id) => waiting.get(id)! > 0) };
}

/** Existing nodes that `id` reads, each once. */
export function sourcesOf(graph: Graph, id: string): string[] {
  const links = own(graph.nodes, id)?.in;
  if (links === undefined) return [];
  const sources: string[] = [];
  for (const input in links) {
    const source = links[input]![0];
    if (Object.hasOwn(graph.nodes, source) && !sources.includes(source)) sources.push(source);
  }
  return sources;
}

/** The nodes that `targets` need, themselves included. */
export function neededNodes(graph: Graph, targets: Iterable<string>): Set<string> {
  const needed = new Set<string>();
  const stack = [...targets];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (needed.has(id) || !Object.hasOwn(graph.nodes, id)) continue;
    needed.add(id);
    stack.push(...sourcesOf(graph, id));
  }
  return needed;
}
