/**
 * Places nodes in columns from left to right, each to the right of what it reads. Pure.
 * Each node as late as its readers allow, then one barycentre pass per column, so that wires are short and cross little.
 */
import type { Graph } from '../../../src/protocol/index.ts';
import type { Point } from './commands.ts';

export type Size = readonly [number, number];

const GAP_X = 60;
const GAP_Y = 40;
/** Closer than this, the wires between two columns cannot be seen. */
const LEAST_GAP = 30;
const GRID = 20;
/** Rank of what reads nothing: below what continues a row. */
const LAST = 1e9;

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
      y = Math.max(y, highestSource(graph, id, positions) ?? y);
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

/** Whether some nodes lie on or right beside each other, so that the file's places do not do for this editor. */
export function hasOverlap(graph: Graph, sizeOf: (id: string) => Size): boolean {
  const boxes = Object.entries(graph.layout ?? {})
    .map(([id, [x, y]]) => ({ x, y, size: sizeOf(id) }))
    .sort((a, b) => a.x - b.x);
  for (const [index, a] of boxes.entries()) {
    for (let next = index + 1; next < boxes.length; next++) {
      const b = boxes[next] as (typeof boxes)[number];
      if (b.x >= a.x + a.size[0] + LEAST_GAP) break;
      if (b.y < a.y + a.size[1] && a.y < b.y + b.size[1]) return true;
    }
  }
  return false;
}

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}

/** Top of the uppermost node that this one reads: beside it the wire is straight. */
function highestSource(graph: Graph, id: string, positions: Readonly<Record<string, Point>>): number | undefined {
  const tops = Object.values(graph.nodes[id]?.in ?? {}).flatMap(([from]) => positions[from]?.[1] ?? []);
  return tops.length === 0 ? undefined : Math.min(...tops);
}

function layers(graph: Graph): string[][] {
  const earliest = longestPaths(graph, sourcesOf(graph));
  const last = Math.max(0, ...earliest.values());
  const readers = readersOf(graph);
  const fromEnd = longestPaths(graph, readers);
  const columns: string[][] = Array.from({ length: last + 1 }, () => []);
  for (const id of Object.keys(graph.nodes)) {
    // What nobody reads stays right after what it reads; the rest moves towards its readers.
    const isEnd = (readers.get(id) ?? []).length === 0;
    const column = isEnd ? (earliest.get(id) ?? 0) : last - (fromEnd.get(id) ?? 0);
    columns[Math.min(last, Math.max(earliest.get(id) ?? 0, column))]?.push(id);
  }
  return columns;
}

/** Longest path to each node along `before`; on a cycle (the validator tells of it) any number. */
function longestPaths(graph: Graph, before: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const depth = new Map<string, number>();
  const waiting = new Map<string, number>();
  const after = new Map<string, string[]>();
  const ready: string[] = [];
  for (const id of Object.keys(graph.nodes)) {
    const list = before.get(id) ?? [];
    waiting.set(id, list.length);
    if (list.length === 0) ready.push(id);
    for (const other of list) after.set(other, [...(after.get(other) ?? []), id]);
  }
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    depth.set(id, Math.max(0, ...(before.get(id) ?? []).map((other) => (depth.get(other) ?? 0) + 1)));
    for (const next of after.get(id) ?? []) {
      const left = (waiting.get(next) ?? 1) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return depth;
}

function sourcesOf(graph: Graph): Map<string, string[]> {
  return new Map(
    Object.entries(graph.nodes).map(([id, node]) => {
      const links = Object.values(node.in ?? {}).map(([from]) => from);
      return [id, [...new Set(links)].filter((from) => graph.nodes[from] !== undefined)];
    }),
  );
}

function readersOf(graph: Graph): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const [id, sources] of sourcesOf(graph)) {
    for (const from of sources) readers.set(from, [...(readers.get(from) ?? []), id]);
  }
  return readers;
}

function barycentre(graph: Graph, id: string, order: ReadonlyMap<string, number>): number {
  const ranks = Object.values(graph.nodes[id]?.in ?? {})
    .map(([from]) => order.get(from))
    .filter((rank) => rank !== undefined);
  return ranks.length === 0 ? LAST : ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
}
