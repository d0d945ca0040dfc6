/** A small catalogue of node types with every kind of socket and parameter, for tests of the graph layer. */
import { createLookup, type NodeLookup } from '../../src/graph/index.ts';
import type { Graph } from '../../src/protocol/graph-file.ts';
import type { ModelInfo } from '../../src/protocol/model-info.ts';
import type { InputSpec, NodeDescriptor, OutputSpec } from '../../src/protocol/node.ts';
import type { ParamSpec } from '../../src/protocol/param.ts';
import type { SocketType } from '../../src/protocol/socket.ts';

type Sockets = Record<string, SocketType | InputSpec>;

function sockets<T extends InputSpec | OutputSpec>(given: Sockets = {}): Record<string, T> {
  return Object.fromEntries(
    Object.entries(given).map(([name, spec]) => [name, ('kind' in spec ? { type: spec, doc: name } : spec) as T]),
  );
}

export function descriptor(
  type: string,
  parts: {
    params?: Record<string, ParamSpec>;
    inputs?: Sockets;
    outputs?: Sockets;
    sink?: boolean;
    emitsList?: boolean;
  },
): NodeDescriptor {
  const { params = {}, inputs, outputs, ...rest } = parts;
  const text = { title: type, summary: type, doc: type, version: 1 };
  return { type, ...text, params, inputs: sockets<InputSpec>(inputs), outputs: sockets<OutputSpec>(outputs), ...rest };
}

const IMAGE: SocketType = { kind: 'Image' };
const TEXT: SocketType = { kind: 'Text' };
const MODEL: ParamSpec = { kind: 'model', families: ['clip'], default: 'zoo/one', doc: 'The checkpoint.' };
const ENCODED: SocketType = { kind: 'Embedding', space: { param: 'model' } };

export const SAMPLE_NODES: readonly NodeDescriptor[] = [
  descriptor('source/image', {
    params: { source: { kind: 'source', accept: 'image', doc: 'The picture.' } },
    outputs: { image: IMAGE, label: TEXT },
    emitsList: true,
  }),
  descriptor('source/texts', {
    params: { texts: { kind: 'texts', default: ['a'], minItems: 1, maxItems: 3, doc: 'The texts.' } },
    outputs: { text: TEXT },
    emitsList: true,
  }),
  descriptor('preprocess/image', {
    params: {
      size: { kind: 'number', default: 64, min: 1, max: 4096, integer: true, unit: 'pixels', doc: 'Side.' },
      filter: { kind: 'choice', options: ['bicubic', 'bilinear'], default: 'bicubic', doc: 'Resampling.' },
      flip: { kind: 'boolean', default: false, doc: 'Mirror.' },
      mean: { kind: 'numbers', minItems: 3, maxItems: 3, optional: true, doc: 'Per channel.' },
    },
    inputs: { image: IMAGE },
    outputs: { tensor: { kind: 'Tensor', dtype: 'float32', shape: [3, 'size', 'size'] } },
  }),
  descriptor('encode/clip-image', {
    params: { model: MODEL },
    inputs: { tensor: { kind: 'Tensor', dtype: 'float32', shape: [3, 64, 64] } },
    outputs: { embedding: ENCODED },
  }),
  descriptor('encode/clip-text', { params: { model: MODEL }, inputs: { text: TEXT }, outputs: { embedding: ENCODED } }),
  descriptor('head/zero-shot', {
    inputs: {
      image: { kind: 'Embedding', space: { variable: 'S' }, dim: 'd' },
      texts: { type: { kind: 'Embedding', space: { variable: 'S' }, dim: 'd' }, doc: 'texts', whole: true },
    },
    outputs: { scores: { kind: 'Scores' } },
  }),
  descriptor('head/caption', {
    inputs: { image: IMAGE },
    outputs: { caption: { kind: 'Caption' }, answer: { kind: 'Answer' } },
  }),
  descriptor('fuse/concat', {
    inputs: { a: { kind: 'Features', dim: 'd' }, b: { kind: 'Features', dim: 'd' } },
    outputs: { features: { kind: 'Features', dim: 'd' } },
  }),
  descriptor('encode/patches', {
    params: { width: { kind: 'number', integer: true, default: 8, doc: 'Width.' } },
    inputs: { image: IMAGE },
    outputs: { features: { kind: 'Features', dim: 'width' } },
  }),
  descriptor('sink/json', { inputs: { value: { kind: 'Any' } }, sink: true }),
  descriptor('text/join', {
    inputs: { a: TEXT, b: { type: TEXT, doc: 'b', optional: true } },
    outputs: { text: TEXT },
  }),
];

const MODELS: Readonly<Record<string, ModelInfo>> = {
  'zoo/one': { ref: 'zoo/one', family: 'clip', source: 'zoo', space: 'zoo/one@1111', dim: 128, bytes: 1, hash: 'aa11' },
  'zoo/one-copy': {
    ref: 'zoo/one-copy',
    family: 'clip',
    source: 'zoo',
    space: 'zoo/one@1111',
    dim: 128,
    bytes: 1,
    hash: 'aa11',
  },
  'zoo/two': { ref: 'zoo/two', family: 'clip', source: 'zoo', space: 'zoo/two@2222', dim: 128, bytes: 1, hash: 'bb22' },
  'zoo/other': { ref: 'zoo/other', family: 'onnx', source: 'zoo', bytes: 1, hash: 'cc33' },
};

export const SAMPLE_LOOKUP: NodeLookup = createLookup(SAMPLE_NODES, (ref) =>
  Object.hasOwn(MODELS, ref) ? MODELS[ref] : undefined,
);

/** A graph of these nodes; by default it has one output, so that it is complete. */
export function graphOf(nodes: Graph['nodes'], more: Partial<Graph> = {}): Graph {
  return { weft: 1, name: 'test', nodes, ...more };
}

/** The zero-shot graph: valid as it stands. */
export function zeroShot(): Graph {
  return graphOf(
    {
      img: { type: 'source/image', params: { source: 'scene.png' } },
      pre: { type: 'preprocess/image', in: { image: ['img', 'image'] } },
      clip: { type: 'encode/clip-image', in: { tensor: ['pre', 'tensor'] } },
      labels: { type: 'source/texts', params: { texts: ['cat', 'dog'] } },
      text: { type: 'encode/clip-text', in: { text: ['labels', 'text'] } },
      head: { type: 'head/zero-shot', in: { image: ['clip', 'embedding'], texts: ['text', 'embedding'] } },
    },
    {
      inputs: { image: { node: 'img', param: 'source' }, labels: { node: 'labels', param: 'texts' } },
      outputs: { scores: ['head', 'scores'] },
    },
  );
}
