import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createLookup, hashText, signCall, signGraph, signItem, signList } from '../../src/graph/index.ts';
import type { Graph, GraphNode } from '../../src/protocol/graph-file.ts';
import { randomGraph, randomNumbers } from './random-graph.ts';
import { SAMPLE_LOOKUP, SAMPLE_NODES, zeroShot } from './sample-nodes.ts';

const sign = (graph: Graph): string => signGraph(graph, SAMPLE_LOOKUP);

function withNode(graph: Graph, id: string, change: Partial<GraphNode>): Graph {
  const node = { type: 'none', ...graph.nodes[id], ...change };
  return { ...graph, nodes: { ...graph.nodes, [id]: node } };
}

describe('hashText', () => {
  it('is SHA-256 of the text in UTF-8', () => {
    for (const text of ['', 'abc', 'ümläut 🧵', 'x'.repeat(1000)]) {
      expect(hashText(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });
});

describe('signGraph', () => {
  it('does not depend on layout, groups, titles, names of nodes, name and order of the file', () => {
    for (let seed = 0; seed < 100; seed++) {
      const graph = randomGraph(seed);
      const random = randomNumbers(seed + 1);
      const rename = (id: string): string => `other-${id}`;
      const nodes = Object.entries(graph.nodes).map(([id, node]) => {
        const links = Object.entries(node.in ?? {}).map(
          ([socket, [from, output]]) => [socket, [rename(from), output]] as const,
        );
        const renamed = {
          ...node,
          title: `${random()}`,
          ...(node.in === undefined ? {} : { in: Object.fromEntries(links) }),
        };
        return [rename(id), renamed] as const;
      });
      const [from, output] = graph.outputs!.last!;
      const changed = {
        ...graph,
        name: 'another',
        description: 'words',
        nodes: Object.fromEntries([...nodes].reverse()),
        outputs: { last: [rename(from), output] },
        layout: {},
        groups: [],
      } as unknown as Graph;
      expect(sign(changed)).toBe(sign(graph));
    }
  });

  it.each<[string, (graph: Graph) => Graph]>([
    ['a parameter', (graph) => withNode(graph, 'pre', { params: { size: 65 } })],
    ['a list', (graph) => withNode(graph, 'labels', { params: { texts: ['dog', 'cat'] } })],
    ['a link', (graph) => withNode(graph, 'text', { in: { text: ['img', 'label'] } })],
    ['a type', (graph) => withNode(graph, 'text', { type: 'encode/clip-image' })],
    ['a model', (graph) => withNode(graph, 'text', { params: { model: 'zoo/two' } })],
    ['the name of an output', (graph) => ({ ...graph, outputs: { score: ['head', 'scores'] } })],
    ['the source of an output', (graph) => ({ ...graph, outputs: { scores: ['clip', 'embedding'] } })],
    ['another output', (graph) => ({ ...graph, outputs: { ...graph.outputs, more: ['clip', 'embedding'] } })],
    ['a sink', (graph) => withNode(graph, 'save', { type: 'sink/json', in: { value: ['head', 'scores'] } })],
  ])('changes with %s', (_, change) => {
    expect(sign(change(zeroShot()))).not.toBe(sign(zeroShot()));
  });

  it('does not care whether a default is written down', () => {
    const graph = zeroShot();
    graph.nodes.pre!.params = { filter: 'bicubic', size: 64 };
    expect(sign(graph)).toBe(sign(zeroShot()));
  });

  it('changes with the version of a node and the contents of a model', () => {
    const newer = SAMPLE_NODES.map((node) => (node.type === 'preprocess/image' ? { ...node, version: 2 } : node));
    expect(signGraph(zeroShot(), createLookup(newer, SAMPLE_LOOKUP.model))).not.toBe(sign(zeroShot()));
    const retrained = createLookup(SAMPLE_NODES, (ref) => {
      const info = SAMPLE_LOOKUP.model(ref);
      return info === undefined ? undefined : { ...info, hash: 'retrained' };
    });
    expect(signGraph(zeroShot(), retrained)).not.toBe(sign(zeroShot()));
  });
});

describe('signatures of calls, items and lists', () => {
  it('do not depend on the order in which links are told', () => {
    const a = ['a', 'sig-a', 'out'] as const;
    const b = ['b', 'sig-b', 'out'] as const;
    expect(signCall('p', [a, b])).toBe(signCall('p', [b, a]));
  });

  it('tell everything apart', () => {
    const signatures = [
      signCall('p', []),
      signCall('p', [['a', 's', 'o']]),
      signCall('p', [['b', 's', 'o']]),
      signCall('p', [['a', 's', 'p']]),
      signCall('p', [['a', 't', 'o']]),
      signCall('q', [['a', 's', 'o']]),
      signItem('p', 'k', 'f'),
      signItem('p', 'f', 'k'),
      signItem('p', 'kf', ''),
      signList(['s']),
      signList(['s', 's']),
      signList([]),
    ];
    expect(new Set(signatures).size).toBe(signatures.length);
  });
});
