/** Rule: no node needs its own result. Cycles that share no node are told each on its own. */
import { WeftError } from '../../errors.ts';
import type { Graph } from '../../protocol/graph-file.ts';
import { orderGraph, sourcesOf } from '../order.ts';
import type { CheckedGraph } from './checked-graph.ts';

/** Nodes of a cycle named in the message. */
const MAX_SHOWN = 12;

export function cycle({ graph }: CheckedGraph): WeftError[] {
  const unseen = new Set(orderGraph(graph).cyclic);
  const told = new Set<string>();
  const errors: WeftError[] = [];
  for (const start of [...unseen]) {
    if (!unseen.has(start)) continue;
    for (const path of findCycles(graph, start, unseen)) {
      if (path.some((id) => told.has(id))) continue;
      for (const id of path) told.add(id);
      const nodes = formatPath([...path, path[0]!]);
      errors.push(new WeftError('graph/cycle', { nodes }, { node: path[0] }));
    }
  }
  return errors;
}

function formatPath(path: readonly string[]): string {
  const names = path.map((id) => `"${id}"`);
  if (names.length > MAX_SHOWN)
    names.splice(MAX_SHOWN / 2, names.length - MAX_SHOWN, `… ${names.length - MAX_SHOWN} more …`);
  return names.join(' > ');
}

/** Walks against the links from `start`, depth first, takes what it visits out of `unseen`, and yields each cycle it closes. */
function* findCycles(graph: Graph, start: string, unseen: Set<string>): Generator<string[]> {
  const path: string[] = [start];
  const onPath = new Map<string, number>([[start, 0]]);
  const left: string[][] = [sourcesOf(graph, start)];
  unseen.delete(start);
  while (path.length > 0) {
    const source = left.at(-1)!.pop();
    if (source === undefined) {
      onPath.delete(path.pop()!);
      left.pop();
    } else if (onPath.has(source)) {
      yield path.slice(onPath.get(source)!).reverse();
    } else if (unseen.has(source)) {
      unseen.delete(source);
      onPath.set(source, path.length);
      path.push(source);
      left.push(sourcesOf(graph, source));
    }
  }
}
