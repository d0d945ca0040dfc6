import { describe, expect, it } from 'vitest';
import { parseGraph, saveGraph } from '../../src/graph/index.ts';
import { randomGraph } from './random-graph.ts';
import { graphOf, zeroShot } from './sample-nodes.ts';

describe('saveGraph', () => {
  it('writes links, points and short parameters on one line', () => {
    const text = saveGraph(
      graphOf(
        {
          pre: { in: { image: ['img', 'image'] }, type: 'preprocess/image', params: { size: 64, flip: true } },
          img: { type: 'source/image', params: { source: 'scene.png' } },
        },
        {
          layout: { pre: [320, 60], img: [40, 60] },
          outputs: { tensor: ['pre', 'tensor'] },
          inputs: { image: { node: 'img', param: 'source' } },
        },
      ),
    );
    expect(text).toBe(`{
  "weft": 1,
  "name": "test",
  "inputs": {
    "image": { "node": "img", "param": "source" }
  },
  "outputs": {
    "tensor": ["pre", "tensor"]
  },
  "nodes": {
    "img": {
      "type": "source/image",
      "params": { "source": "scene.png" }
    },
    "pre": {
      "type": "preprocess/image",
      "params": { "flip": true, "size": 64 },
      "in": {
        "image": ["img", "image"]
      }
    }
  },
  "layout": {
    "img": [40, 60],
    "pre": [320, 60]
  }
}
`);
  });

  it('breaks long lists and leaves out what is empty', () => {
    const texts = Array.from({ length: 30 }, (_, index) => `label ${index}`);
    const text = saveGraph(graphOf({ a: { type: 'source/texts', params: { texts }, in: {} } }, { inputs: {} }));
    expect(text).toContain('\n          "label 0",\n');
    expect(text).not.toContain('"in"');
    expect(text).not.toContain('"inputs"');
    expect(parseGraph(text).nodes.a!.params!.texts).toEqual(texts);
  });

  it('gives back what was parsed, in 300 random graphs, and the same text for the same content', () => {
    for (let seed = 0; seed < 300; seed++) {
      const graph = randomGraph(seed);
      const text = saveGraph(graph);
      expect(parseGraph(text)).toEqual(graph);
      expect(saveGraph(parseGraph(text))).toBe(text);
      const backwards = { ...graph, nodes: Object.fromEntries(Object.entries(graph.nodes).reverse()) };
      expect(saveGraph(backwards)).toBe(text);
    }
  });

  it('keeps the order of declared inputs and outputs, because people see them in it', () => {
    const graph = zeroShot();
    graph.inputs = { zebra: { node: 'img', param: 'source' }, apple: { node: 'labels', param: 'texts' } };
    expect(Object.keys(parseGraph(saveGraph(graph)).inputs!)).toEqual(['zebra', 'apple']);
  });

  it('writes an empty graph that parses', () => {
    expect(parseGraph(saveGraph(graphOf({}))).nodes).toEqual({});
  });
});
