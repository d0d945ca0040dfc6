/** Random graphs of the sample nodes from a seed: valid, acyclic, in shuffled file order. */
import type { Graph, GraphNode } from '../../src/protocol/graph-file.ts';
import { graphOf } from './sample-nodes.ts';

/** Small and repeatable: the multiply-with-carry step of a 32-bit state. */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function randomGraph(seed: number): Graph {
  const random = randomNumbers(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const count = 2 + pick(40);
  const entries: [string, GraphNode][] = [];
  for (let index = 0; index < count; index++) {
    const earlier = (): [string, string] => [`n${pick(index)}`, 'text'];
    if (index === 0 || random() < 0.2) {
      entries.push([`n${index}`, { type: 'source/texts', params: { texts: [`t${pick(5)}`, 'ü "quoted"'] } }]);
    } else {
      const links = random() < 0.5 ? { a: earlier() } : { a: earlier(), b: earlier() };
      entries.push([
        `n${index}`,
        { type: 'text/join', in: links, ...(random() < 0.3 ? { title: `title ${index}` } : {}) },
      ]);
    }
  }
  const shuffled = entries.map((entry) => ({ entry, at: random() })).sort((a, b) => a.at - b.at);
  const layout = Object.fromEntries(entries.map(([id]) => [id, [pick(900), pick(900)] as [number, number]]));
  return graphOf(Object.fromEntries(shuffled.map(({ entry }) => entry)), {
    outputs: { last: [`n${count - 1}`, 'text'] },
    layout,
    groups: [{ title: 'all', bounds: [0, 0, pick(900), 900] }],
  });
}
