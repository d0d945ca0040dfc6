import { describe, expect, it } from 'vitest';
import { neededNodes, orderGraph, validateGraph } from '../../src/graph/index.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';
import { randomGraph } from './random-graph.ts';
import { graphOf, SAMPLE_LOOKUP } from './sample-nodes.ts';

function chain(length: number): Graph {
  const nodes: Graph['nodes'] = { n0: { type: 'source/texts' } };
  for (let index = 1; index < length; index++)
    nodes[`n${index}`] = { type: 'text/join', in: { a: [`n${index - 1}`, 'text'] } };
  return graphOf(nodes, { outputs: { o: [`n${length - 1}`, 'text'] } });
}

describe('orderGraph', () => {
  it('puts every node after the nodes it reads, in a thousand random graphs', () => {
    for (let seed = 0; seed < 1000; seed++) {
      const graph = randomGraph(seed);
      const { order, cyclic } = orderGraph(graph);
      const place = new Map(order.map((id, index) => [id, index]));
      expect(cyclic).toEqual([]);
      expect([...order].sort()).toEqual(Object.keys(graph.nodes).sort());
      for (const [id, node] of Object.entries(graph.nodes)) {
        for (const [from] of Object.values(node.in ?? {})) expect(place.get(from)!).toBeLessThan(place.get(id)!);
      }
    }
  });

  it('keeps file order among equals and names what is on or behind a cycle', () => {
    const link = (from: string) => ({ type: 'text/join', in: { a: [from, 'text'] as [string, string] } });
    const graph = graphOf({
      z: { type: 'source/texts' },
      a: { type: 'source/texts' },
      x: link('y'),
      y: link('x'),
      behind: link('y'),
    });
    expect(orderGraph(graph)).toEqual({ order: ['z', 'a'], cyclic: ['x', 'y', 'behind'] });
  });

  it('does not overflow the stack on a chain of 100,000 nodes, nor does validation', () => {
    const graph = chain(100_000);
    expect(orderGraph(graph).order).toHaveLength(100_000);
    expect(neededNodes(graph, ['n99999']).size).toBe(100_000);
    expect(validateGraph(graph, SAMPLE_LOOKUP)).toEqual([]);
    graph.nodes.n0 = { type: 'text/join', in: { a: ['n99999', 'text'] } };
    expect(validateGraph(graph, SAMPLE_LOOKUP).map(({ code }) => code)).toEqual(['graph/cycle']);
  });
});

describe('neededNodes', () => {
  it('takes exactly what the targets read', () => {
    const graph = chain(10);
    graph.nodes.aside = { type: 'text/join', in: { a: ['n3', 'text'] } };
    expect([...neededNodes(graph, ['n4'])].sort()).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
    expect([...neededNodes(graph, ['aside', 'gone'])].sort()).toEqual(['aside', 'n0', 'n1', 'n2', 'n3']);
  });
});
