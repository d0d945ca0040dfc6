/** A few node types and a graph of them, for tests of the editor's own logic. */
import type { Graph, NodeDescriptor } from '../../src/protocol/index.ts';

const base = { version: 1, doc: '', params: {}, inputs: {}, outputs: {} } as const;

export const descriptors: readonly NodeDescriptor[] = [
  {
    ...base,
    type: 'source/image',
    title: 'Pictures',
    summary: 'Pictures from a file.',
    params: { source: { kind: 'source', accept: 'image', doc: 'Where from.' } },
    outputs: { image: { type: { kind: 'Image' }, doc: '' } },
    emitsList: true,
  },
  {
    ...base,
    type: 'source/texts',
    title: 'Texts',
    summary: 'Labels or sentences.',
    params: { texts: { kind: 'texts', doc: 'One per line.' } },
    outputs: { text: { type: { kind: 'Text' }, doc: '' } },
    emitsList: true,
  },
  {
    ...base,
    type: 'preprocess/image',
    title: 'Preprocess picture',
    summary: 'Resizes a picture.',
    inputs: { image: { type: { kind: 'Image' }, doc: '' } },
    outputs: { pixels: { type: { kind: 'Tensor' }, doc: '' } },
  },
  {
    ...base,
    type: 'head/scores',
    title: 'Scoring',
    summary: 'Scores of a tensor.',
    inputs: { pixels: { type: { kind: 'Tensor' }, doc: '' } },
    outputs: { scores: { type: { kind: 'Scores' }, doc: '' } },
  },
  {
    ...base,
    type: 'sink/table',
    title: 'Table',
    summary: 'Collects results.',
    inputs: { values: { type: { kind: 'Scores' }, doc: '', whole: true } },
    outputs: { table: { type: { kind: 'Table' }, doc: '' } },
    sink: true,
  },
];

export const graph: Graph = {
  weft: 1,
  name: 'sample',
  inputs: { picture: { node: 'image', param: 'source' } },
  outputs: { scores: ['scores', 'scores'] },
  nodes: {
    image: { type: 'source/image', params: { source: 'cat.png' } },
    pixels: { type: 'preprocess/image', in: { image: ['image', 'image'] } },
    scores: { type: 'head/scores', in: { pixels: ['pixels', 'pixels'] } },
  },
  layout: { image: [0, 0], pixels: [300, 0], scores: [600, 0] },
};
