import { expect, test } from 'vitest';
import * as commands from '../../../editor/src/document/commands.ts';
import { cleanName, freshName, isName } from '../../../editor/src/document/names.ts';
import type { Graph } from '../../../src/protocol/index.ts';
import { graph } from '../sample.ts';

test('a command never changes the graph it is given', () => {
  const before = JSON.stringify(graph);
  commands.removeNodes(['image'])(graph);
  commands.renameNode('image', 'photo')(graph);
  commands.setParam('image', 'source', 'dog.png')(graph);
  commands.disconnect({ node: 'pixels', input: 'image' })(graph);
  expect(JSON.stringify(graph)).toBe(before);
});

test('a new node is named after its type, then with its family, then with a number', () => {
  let current: Graph = commands.emptyGraph();
  for (const type of ['source/image', 'preprocess/image', 'preprocess/image', 'preprocess/image']) {
    current = commands.addNode(commands.newNodeName(current, type), type, [10.4, 20])(current);
  }
  expect(Object.keys(current.nodes)).toEqual(['image', 'preprocess-image', 'preprocess-image-2', 'preprocess-image-3']);
  expect(current.layout?.image).toEqual([10, 20]);
});

test('removing a node removes its links, its place and what the graph declared of it', () => {
  const left = commands.removeNodes(['image', 'scores'])(graph);
  expect(left).toEqual({
    weft: 1,
    name: 'sample',
    nodes: { pixels: { type: 'preprocess/image' } },
    layout: { pixels: [300, 0] },
  });
});

test('of an input with several targets, the others stay', () => {
  const shared: Graph = {
    ...graph,
    inputs: { model: { node: 'pixels', param: 'model', also: [{ node: 'scores', param: 'model' }] } },
  };
  expect(commands.removeNodes(['pixels'])(shared).inputs).toEqual({ model: { node: 'scores', param: 'model' } });
  expect(commands.inputName(shared, 'scores', 'model')).toBe('model');
  expect(commands.renameNode('scores', 'head')(shared).inputs?.model?.also).toEqual([{ node: 'head', param: 'model' }]);
  expect(commands.toggleInput('scores', 'model')(shared).inputs).toEqual({ model: { node: 'pixels', param: 'model' } });
});

test('renaming a node keeps links, place and signature', () => {
  const renamed = commands.renameNode('image', 'photo')(graph);
  expect(renamed.nodes.pixels?.in).toEqual({ image: ['photo', 'image'] });
  expect(renamed.layout?.photo).toEqual([0, 0]);
  expect(renamed.inputs?.picture?.node).toBe('photo');
  expect(commands.renameNode('image', 'pixels')(graph)).toBe(graph);
});

test('a wire into a wired input replaces it', () => {
  const other = commands.addNode('other', 'source/image', [0, 300])(graph);
  const wired = commands.connect({ node: 'other', output: 'image' }, { node: 'pixels', input: 'image' })(other);
  expect(wired.nodes.pixels?.in).toEqual({ image: ['other', 'image'] });
  expect(commands.disconnect({ node: 'pixels', input: 'image' })(wired).nodes.pixels).toEqual({
    type: 'preprocess/image',
  });
});

test('a parameter set to undefined goes back to its default', () => {
  const changed = commands.setParam('pixels', 'size', 64)(graph);
  expect(changed.nodes.pixels?.params).toEqual({ size: 64 });
  expect(commands.setParam('pixels', 'size', undefined)(changed).nodes.pixels?.params).toBeUndefined();
});

test('results and inputs of the graph are switched on and off', () => {
  const end = { node: 'pixels', output: 'pixels' };
  const shown = commands.toggleOutput(end)(graph);
  expect(shown.outputs).toEqual({ scores: ['scores', 'scores'], pixels: ['pixels', 'pixels'] });
  expect(commands.toggleOutput(end)(shown).outputs).toEqual(graph.outputs);
  const without = commands.toggleInput('image', 'source')(graph);
  expect(without.inputs).toBeUndefined();
  expect(commands.toggleInput('image', 'source')(without).inputs).toEqual({
    image: { node: 'image', param: 'source' },
  });
});

test('names are made allowed and free', () => {
  expect(cleanName('  my first graph! ')).toBe('my-first-graph');
  expect(cleanName('42')).toBe('node');
  expect(freshName('head', new Set(['head', 'head-2']))).toBe('head-3');
  const long = 'x'.repeat(64);
  expect(freshName(long, new Set([long]))).toHaveLength(64);
  expect(isName('a-b_1')).toBe(true);
  expect(isName('1a')).toBe(false);
});
