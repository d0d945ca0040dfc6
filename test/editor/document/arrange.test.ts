import { expect, test } from 'vitest';
import { arrange, hasOverlap, isPlaced, type Size } from '../../../editor/src/document/arrange.ts';
import type { Graph } from '../../../src/protocol/index.ts';
import { graph } from '../sample.ts';

const size = (): Size => [200, 100];

test('every node lies right of what it reads and on no other', () => {
  const wide: Graph = {
    ...graph,
    nodes: {
      ...graph.nodes,
      texts: { type: 'source/texts' },
      more: { type: 'sink/table', in: { values: ['scores', 'scores'] } },
    },
  };
  const layout = arrange(wide, size);
  expect(Object.keys(layout).sort()).toEqual(Object.keys(wide.nodes).sort());
  for (const [id, node] of Object.entries(wide.nodes)) {
    for (const [from] of Object.values(node.in ?? {})) expect(layout[from]![0] + 200).toBeLessThan(layout[id]![0]);
  }
  const placed = {
    ...wide,
    layout: Object.fromEntries(Object.entries(layout).map(([id, [x, y]]) => [id, [x, y]])),
  } as Graph;
  expect(hasOverlap(placed, size)).toBe(false);
});

test('a source that is read late stands beside its reader', () => {
  const late: Graph = {
    weft: 1,
    name: 'late',
    nodes: {
      a: { type: 'x' },
      b: { type: 'x', in: { i: ['a', 'o'] } },
      c: { type: 'x', in: { i: ['b', 'o'], j: ['d', 'o'] } },
      d: { type: 'x' },
    },
  };
  const layout = arrange(late, size);
  expect(layout.d![0]).toBe(layout.b![0]);
});

test('a cycle and a link to nowhere do not hang it', () => {
  const odd: Graph = {
    weft: 1,
    name: 'odd',
    nodes: { a: { type: 'x', in: { i: ['b', 'o'] } }, b: { type: 'x', in: { i: ['a', 'o'], j: ['gone', 'o'] } } },
  };
  expect(Object.keys(arrange(odd, size)).sort()).toEqual(['a', 'b']);
});

test('overlap and missing places are noticed', () => {
  expect(isPlaced(graph)).toBe(true);
  expect(isPlaced({ ...graph, layout: { image: [0, 0] } })).toBe(false);
  expect(hasOverlap(graph, size)).toBe(false);
  expect(hasOverlap(graph, () => [400, 100])).toBe(true);
});
