/**
 * Places nodes in columns from left to right, each to the right of what it reads. Pure.
 * Longest-path layering, then one barycentre pass per column, so that wires cross little.
 */
import type { Graph } from '../../../src/protocol/index.ts';
import type { Point } from './commands.ts';

export type Size = readonly [number, number];

const GAP_X = 80;
const GAP_Y = 40;
const GRID = 20;

/** Positions for every node; `sizeOf` gives width and height of each in canvas units. */
export function arrange(graph: Graph, sizeOf: (id: string) => Size, origin: Point = [0, 0]): Record<string, Point> {
  const columns = layers(graph);
  const order = new Map<string, number>();
  const positions: Record<string, Point> = {};
  let x = origin[0];
  for (const column of columns) {
    const sorted = [...column].sort((a, b) => barycentre(graph, a, order) - barycentre(graph, b, order));
    let y = origin[1];
    let width = 0;
    for (const [index, id] of sorted.entries()) {
      order.set(id, index);
      const [w, h] = sizeOf(id);
      positions[id] = [snap(x), snap(y)];
      y += h + GAP_Y;
      width = Math.max(width, w);
    }
    x += width + GAP_X;
  }
  return positions;
}

/** Whether the file says where every node is. */
export function isPlaced(graph: Graph): boolean {
  return Object.keys(graph.nodes).every((id) => graph.layout?.[id] !== undefined);
}

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}

function layers(graph: Graph): string[][] {
  const depth = new Map<string, number>();
  const visiting = new Set<string>();
  const depthOf = (id: string): number => {
    const known = depth.get(id);
    if (known !== undefined) return known;
    if (visiting.has(id)) return 0; // a cycle: the validator tells, the picture must only not hang
    visiting.add(id);
    const sources = Object.values(graph.nodes[id]?.in ?? {})
      .map(([from]) => from)
      .filter((from) => graph.nodes[from] !== undefined);
    const result = sources.length === 0 ? 0 : 1 + Math.max(...sources.map(depthOf));
    visiting.delete(id);
    depth.set(id, result);
    return result;
  };
  const columns: string[][] = [];
  for (const id of Object.keys(graph.nodes)) {
    const index = depthOf(id);
    const column = columns[index] ?? [];
    columns[index] = column;
    column.push(id);
  }
  return Array.from(columns, (column) => column ?? []);
}

function barycentre(graph: Graph, id: string, order: ReadonlyMap<string, number>): number {
  const ranks = Object.values(graph.nodes[id]?.in ?? {})
    .map(([from]) => order.get(from))
    .filter((rank) => rank !== undefined);
  return ranks.length === 0 ? 0 : ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
}
